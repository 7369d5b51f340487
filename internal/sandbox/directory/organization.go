package directory

import (
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/iam"
)

// The prefixes of IDs in AWS Organizations.
const (
	OrganizationID = "o-"
	RootID         = "r-"
	UnitID         = "ou-"
	ControlID      = "p-"
	HandshakeID    = "h-"
)

// NewOrganizationID returns a new ID of AWS Organizations with n random characters.
func NewOrganizationID(prefix string, n int) string { return prefix + strings.ToLower(random32(n)) }

// Organization is an AWS organization: accounts in a tree of organizational
// units, and policies that limit them.
type Organization struct {
	ID         string // "o-…"
	Root       string // "r-…"
	Management string // account ID
	Types      []iam.Kind
	Created    time.Time
}

// ARN returns the ARN of something in the organization: of a kind such as "ou", by its ID.
func (o *Organization) ARN(kind, id string) string {
	return "arn:aws:organizations::" + o.Management + ":" + kind + "/" + o.ID + "/" + id
}

// Enabled reports whether the policies of a kind are enabled.
func (o *Organization) Enabled(kind iam.Kind) bool { return slices.Contains(o.Types, kind) }

// Unit is an organizational unit.
type Unit struct {
	Organization string
	ID           string // "ou-…"
	Name         string
	Parent       string // the root's ID or a unit's
}

// Member is an account of an organization. The management account is one, too.
type Member struct {
	Organization string
	Account      string
	Parent       string // the root's ID or a unit's
	Joined       time.Time
}

// Handshake invites an account to an organization.
type Handshake struct {
	ID           string // "h-…"
	Organization string
	Account      string
	State        string // "OPEN", "ACCEPTED", "DECLINED", "CANCELED", "EXPIRED"
	Notes        string
	Requested    time.Time
	Expires      time.Time
}

// ControlPolicy is a service control policy or a resource control policy.
type ControlPolicy struct {
	Organization string
	ID           string // "p-…"
	Name         string
	Description  string
	Managed      bool // AWS's own, which allows everything
	Kind         iam.Kind
	Document     *Document
	Targets      []string // the root, units and accounts, in the order in which it was attached
}

// Attached reports whether the policy is attached to a target.
func (p *ControlPolicy) Attached(target string) bool { return slices.Contains(p.Targets, target) }

// OrganizationOf returns the organization of an account, or nil.
func (tx *Tx) OrganizationOf(account string) *Organization {
	member := tx.Members.Get("", account)
	if member == nil {
		return nil
	}
	return tx.Organizations.Get("", member.Organization)
}

// Above returns the IDs from the organization's root to a parent, both included.
func (tx *Tx) Above(o *Organization, parent string) []string {
	var path []string
	for id := parent; id != o.Root; {
		unit := tx.Units.Get(o.ID, id)
		if unit == nil {
			return nil
		}
		path = append(path, id)
		id = unit.Parent
	}
	path = append(path, o.Root)
	slices.Reverse(path)
	return path
}

// attached returns the policies of a kind that are attached to a target, by ID.
func (tx *Tx) attached(o *Organization, kind iam.Kind, target string) []*ControlPolicy {
	var found []*ControlPolicy
	for policy := range tx.Controls.All(o.ID) {
		if policy.Kind == kind && policy.Attached(target) {
			found = append(found, policy)
		}
	}
	return found
}
