package directory

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

// place is where an account is in its organization, and the policies that apply to it.
type place struct {
	organization string             // ID
	path         string             // "o-…/r-…/ou-…/"
	service      [][]*ControlPolicy // by level from the root; nil for the management account
	resource     []*ControlPolicy   // of all levels; nil for the management account
}

// organizationKinds are the kinds of records that determine places.
var organizationKinds = []string{"organization/", "unit/", "member/", "control/"}

// reorganizes reports whether the transaction changes an organization.
func (tx *Tx) reorganizes() bool {
	return slices.ContainsFunc(tx.records, func(r journal.Record) bool {
		key := strings.TrimPrefix(r.Key, Prefix)
		return slices.ContainsFunc(organizationKinds, func(kind string) bool { return strings.HasPrefix(key, kind) })
	})
}

// publishPlaces computes the place of every account. The caller holds the lock.
func (d *Directory) publishPlaces() {
	tx, places := d.begin(), map[string]*place{}
	for member := range tx.Members.Every() {
		if o := tx.Organizations.Get("", member.Organization); o != nil {
			places[member.Account] = tx.place(o, member)
		}
	}
	d.places.Store(&places)
}

func (tx *Tx) place(o *Organization, member *Member) *place {
	path := tx.Above(o, member.Parent)
	p := &place{organization: o.ID, path: o.ID + "/" + strings.Join(path, "/") + "/"}
	if member.Account == o.Management {
		return p
	}
	for _, target := range append(path, member.Account) {
		if o.Enabled(iam.ServiceControl) {
			p.service = append(p.service, tx.attached(o, iam.ServiceControl, target))
		}
		if o.Enabled(iam.ResourceControl) {
			p.resource = append(p.resource, tx.attached(o, iam.ResourceControl, target)...)
		}
	}
	return p
}

// Guardrails are the policies of organizations that limit a request, and what its
// condition keys say about them. The zero value is that of accounts without an
// organization.
type Guardrails struct {
	service  [][]*ControlPolicy
	resource []*ControlPolicy

	PrincipalOrg, ResourceOrg   string // IDs, or empty
	PrincipalPath, ResourcePath string // "o-…/r-…/ou-…/", or empty
}

// Guardrails returns the policies that limit a caller of one account at a resource of
// another, without delay after a change. Either account may be empty. It can be called
// within a transaction.
func (d *Directory) Guardrails(caller, resource string) Guardrails {
	return guardrails(d.places.Load(), caller, resource)
}

// Guardrails is [Directory.Guardrails] as of the transaction's begin.
func (tx *Tx) Guardrails(caller, resource string) Guardrails {
	return guardrails(tx.places, caller, resource)
}

func guardrails(places *map[string]*place, caller, resource string) Guardrails {
	var g Guardrails
	if places == nil {
		return g
	}
	if p := (*places)[caller]; p != nil {
		g.PrincipalOrg, g.PrincipalPath, g.service = p.organization, p.path, p.service
	}
	if p := (*places)[resource]; p != nil {
		g.ResourceOrg, g.ResourcePath, g.resource = p.organization, p.path, p.resource
	}
	return g
}

// LimitsCaller reports whether service control policies limit the caller.
func (g *Guardrails) LimitsCaller() bool { return len(g.service) > 0 }

// Limit adds the guardrails to a request's policies.
func (g *Guardrails) Limit(policies *iam.Policies) {
	g.LimitCaller(policies)
	for _, policy := range g.resource {
		policies.ResourceControl = append(policies.ResourceControl, policy.Document.Compiled())
	}
}

// LimitCaller adds the service control policies to a request's policies.
func (g *Guardrails) LimitCaller(policies *iam.Policies) {
	for _, level := range g.service {
		compiled := []*iam.Compiled{}
		for _, policy := range level {
			compiled = append(compiled, policy.Document.Compiled())
		}
		policies.ServiceControl = append(policies.ServiceControl, compiled)
	}
}

// Title returns the name of one of the guardrails, or "".
func (g *Guardrails) Title(kind iam.Kind, index int) string {
	policies := g.resource
	if kind == iam.ServiceControl {
		policies = slices.Concat(g.service...)
	}
	if index < 0 || index >= len(policies) {
		return ""
	}
	return policies[index].Name
}
