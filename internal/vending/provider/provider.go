// Package provider defines the OIDC issuers whose tokens a workspace accepts:
// where their keys are, which audience their tokens must have, and what their
// claims mean. Presets describe common CI services.
package provider

import (
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/vending/idtoken"
)

// Kind is the CI service of an issuer.
type Kind string

// The kinds. Each except Custom has a preset.
const (
	CircleCI  Kind = "circleci"
	GitHub    Kind = "github"
	GitLab    Kind = "gitlab"
	Buildkite Kind = "buildkite"
	Terraform Kind = "terraform" // HCP Terraform, formerly Terraform Cloud
	Custom    Kind = "custom"
)

// Members replaces the provider ID in grants for members of the workspace.
const Members = "members"

// Limits.
const (
	MaxPerWorkspace = 50 // providers, without removed ones, by default
	MaxClaims       = 100
	minAge          = time.Minute
	maxAge          = 24 * time.Hour
)

// Provider is an issuer whose tokens a workspace accepts.
type Provider struct {
	ID         string // "prv_…"
	Workspace  string // ID
	Name       string // unique in the workspace, except among removed providers
	Kind       Kind
	Issuer     string        // exactly as in the token's "iss"
	JWKSURL    string        // address of the issuer's key set
	Audience   string        // the token's "aud"
	Algorithms []string      // at least one of [idtoken.Algorithms]
	MaxAge     time.Duration // a token is accepted this long after its "iat"
	// MultipleAudiences accepts tokens whose "aud" lists others besides
	// Audience. Each of them could use the token here.
	MultipleAudiences bool
	Shared            bool   // many customers share the issuer, so its signature doesn't identify one
	Organization      string // required value of every unchanging claim with role [Organization]; empty: any
	Claims            []Claim
	Guards            []Guard
	Version           int64 // increases with every change
	CreatedAt         time.Time
	RemovedAt         time.Time // zero unless removed
}

// Role is the meaning of a claim.
type Role string

// The roles.
const (
	Organization Role = "organization" // the customer
	Project      Role = "project"      // the repository, pipeline or workspace
	User         Role = "user"         // the person who started the job
	Context      Role = "context"      // a context or an environment of the job
	Subject      Role = "subject"      // several of these in one text
	Ref          Role = "ref"          // a branch or tag; a glob may match only these
	Job          Role = "job"          // the run; part of session names
	Event        Role = "event"        // what started the job
	Plain        Role = ""             // anything else
)

// Claim describes a claim of a provider's tokens.
type Claim struct {
	Name string       `json:"name"`
	Kind idtoken.Kind `json:"kind"` // string, boolean or list
	Role Role         `json:"role,omitempty"`
	// Unchanging means that the value is a permanent ID. A name can be given up
	// and taken by a stranger.
	Unchanging bool `json:"unchanging,omitempty"`
	// Instead is the unchanging claim to use in place of this one.
	Instead string `json:"instead,omitempty"`
	// From and Form define a claim that is part of another. Form is compared
	// with the text of From by segments between slashes: "*" matches any
	// segment, and "{}" is the value. Further segments are ignored.
	From string `json:"from,omitempty"`
	Form string `json:"form,omitempty"`
}

// Flag is a risk that a grant must allow explicitly.
type Flag string

// The flags.
const (
	Forks        Flag = "forks"         // code of a fork
	SSHReruns    Flag = "ssh_reruns"    // a job that a person can enter
	PullRequests Flag = "pull_requests" // code that isn't merged
)

// Guard detects a flag by the value of a claim.
type Guard struct {
	Flag   Flag     `json:"flag"`
	Claim  string   `json:"claim"`
	Values []string `json:"values,omitempty"` // any of them, as text
	// Prefixes and Contains are for strings.
	Prefixes []string `json:"prefixes,omitempty"`
	Contains string   `json:"contains,omitempty"`
	// Required detects the flag in tokens without the claim, too.
	Required bool `json:"required,omitempty"`
}

// Claim returns the claim with this name.
func (p *Provider) Claim(name string) (Claim, bool) {
	i := slices.IndexFunc(p.Claims, func(c Claim) bool { return c.Name == name })
	if i < 0 {
		return Claim{}, false
	}
	return p.Claims[i], true
}

// Of returns the first claim with this role, preferring an unchanging one.
func (p *Provider) Of(role Role) (Claim, bool) {
	for _, unchanging := range []bool{true, false} {
		for _, c := range p.Claims {
			if c.Role == role && c.Unchanging == unchanging {
				return c, true
			}
		}
	}
	return Claim{}, false
}

// Value returns the claim's value in a token. A value of another kind counts as
// missing.
func (c *Claim) Value(t *idtoken.Token) (value idtoken.Value, found bool) {
	if c.From == "" {
		value, found = t.Claims[c.Name]
		if value.Kind != c.Kind {
			return idtoken.Value{}, false
		}
		return value, found
	}
	whole := t.Claims[c.From]
	if whole.Kind != idtoken.String {
		return idtoken.Value{}, false
	}
	part, found := part(whole.Text, c.Form)
	return idtoken.Value{Kind: idtoken.String, Text: part}, found
}

func part(text, form string) (found string, ok bool) {
	segments := strings.Split(text, "/")
	for i, want := range strings.Split(form, "/") {
		if i >= len(segments) || segments[i] == "" {
			return "", false
		}
		switch want {
		case "*":
		case "{}":
			found = segments[i]
		case segments[i]:
		default:
			return "", false
		}
	}
	return found, found != ""
}

// Takes reports whether the provider's audience is in this list.
func (p *Provider) Takes(audience []string) bool { return slices.Contains(audience, p.Audience) }

// TakesAlone reports whether the provider accepts a token with these
// audiences.
func (p *Provider) TakesAlone(audience []string) bool {
	return len(audience) == 1 || p.MultipleAudiences
}

// Detect reports whether the token has the guard's flag, and why.
func (g *Guard) Detect(p *Provider, t *idtoken.Token) (reason string, detected bool) {
	claim, known := p.Claim(g.Claim)
	value, given := t.Claims[g.Claim]
	switch {
	case !given && g.Required:
		return "The token has no claim " + g.Claim + ".", true
	case !given:
		return "", false
	case !known || value.Kind != claim.Kind:
		return "The claim " + g.Claim + " has the wrong kind.", true
	}
	text := value.Show()
	if slices.Contains(g.Values, text) ||
		slices.ContainsFunc(g.Prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) }) ||
		g.Contains != "" && strings.Contains(text, g.Contains) {
		return "The claim " + g.Claim + " is " + text + ".", true
	}
	return "", false
}
