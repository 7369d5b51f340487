// Package provider is the OIDC issuers whose tokens a workspace takes, as
// data: where their keys are, who their tokens must be for, and what their
// claims mean. Presets know those of the usual CI services.
package provider

import (
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/vending/idtoken"
)

// Kind is which service the issuer is.
type Kind string

// The kinds. Each but Custom has a preset.
const (
	CircleCI  Kind = "circleci"
	GitHub    Kind = "github"
	GitLab    Kind = "gitlab"
	Buildkite Kind = "buildkite"
	Terraform Kind = "terraform" // HCP Terraform, once Terraform Cloud
	Custom    Kind = "custom"
)

// Members stands where a provider's ID stands, in a grant for members who are
// signed in to the workspace.
const Members = "members"

// Bounds.
const (
	MaxPerWorkspace = 50 // providers that are not removed, by default
	MaxClaims       = 100
	minAge          = time.Minute
	maxAge          = 24 * time.Hour
)

// Provider is an issuer whose tokens a workspace takes.
type Provider struct {
	ID         string // "prv_…"
	Workspace  string // workspace ID
	Name       string // unique among those of the workspace that are not removed
	Kind       Kind
	Issuer     string        // exactly as in the token's "iss"
	JWKSURL    string        // where the issuer's keys are; the only address that is ever asked
	Audience   string        // the token's "aud"
	Algorithms []string      // at least one of [idtoken.Algorithms]
	MaxAge     time.Duration // a token is taken for this long after its "iat"
	// MultipleAudiences accepts tokens whose "aud" lists others besides
	// Audience. Each of them could use the token here.
	MultipleAudiences bool
	Shared            bool   // the issuer has many customers: its signature says nothing of whose job it is
	Organization      string // value of every unchanging claim of role [Organization] in a token; empty: any
	Claims            []Claim
	Guards            []Guard
	Version           int64 // counts changes
	CreatedAt         time.Time
	RemovedAt         time.Time // zero unless removed
}

// Role is what a claim tells.
type Role string

// The roles.
const (
	Organization Role = "organization" // whose job it is
	Project      Role = "project"      // which repository, pipeline or workspace
	User         Role = "user"         // who set the job off
	Context      Role = "context"      // what the job was given: a context, an environment
	Subject      Role = "subject"      // several of these in one text
	Ref          Role = "ref"          // branch or tag: the only claims that a glob may match
	Job          Role = "job"          // the one run; told in session names, tells nobody apart
	Event        Role = "event"        // how it was set off
	Plain        Role = ""             // something else
)

// Claim is a claim of a provider's tokens.
type Claim struct {
	Name string       `json:"name"`
	Kind idtoken.Kind `json:"kind"` // string, boolean or list
	Role Role         `json:"role,omitempty"`
	// Unchanging says that the value is an ID: it is never given to another.
	// A name can be given up and taken by a stranger.
	Unchanging bool `json:"unchanging,omitempty"`
	// Instead names the unchanging claim to match on in the place of this one.
	Instead string `json:"instead,omitempty"`
	// From and Form make a claim of a part of another: the text of From, cut at
	// each "/", is Form segment by segment, where "*" is any segment and "{}"
	// the one that is meant. What follows the form is of no matter.
	From string `json:"from,omitempty"`
	Form string `json:"form,omitempty"`
}

// Flag is what a grant can let in that is shut out by default.
type Flag string

// The flags.
const (
	Forks        Flag = "forks"         // code of somebody who has a fork
	SSHReruns    Flag = "ssh_reruns"    // a job that a person can enter
	PullRequests Flag = "pull_requests" // code that nobody has merged
)

// Guard tells from a claim that a flag is up.
type Guard struct {
	Flag   Flag     `json:"flag"`
	Claim  string   `json:"claim"`
	Values []string `json:"values,omitempty"` // any of them, as text
	// Prefixes and Contains are for strings.
	Prefixes []string `json:"prefixes,omitempty"`
	Contains string   `json:"contains,omitempty"`
	// Required says that a token without the claim cannot be told from one
	// with the flag up.
	Required bool `json:"required,omitempty"`
}

// Claim gives the claim of this name.
func (p *Provider) Claim(name string) (Claim, bool) {
	i := slices.IndexFunc(p.Claims, func(c Claim) bool { return c.Name == name })
	if i < 0 {
		return Claim{}, false
	}
	return p.Claims[i], true
}

// Of gives the first claim of a role; of several, one that does not change.
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

// Value gives what a token says of the claim. It is not there, too, when the
// token has it as another kind.
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

// Takes reports whether a token with this audience is for the provider.
func (p *Provider) Takes(audience []string) bool { return slices.Contains(audience, p.Audience) }

// TakesAlone reports whether the provider accepts as many audiences as the
// token has.
func (p *Provider) TakesAlone(audience []string) bool {
	return len(audience) == 1 || p.MultipleAudiences
}

// Raised gives the guards of a flag that a token sets off, with the reason.
func (g *Guard) Raised(p *Provider, t *idtoken.Token) (reason string, raised bool) {
	claim, known := p.Claim(g.Claim)
	value, given := t.Claims[g.Claim]
	switch {
	case !given && g.Required:
		return "The token does not say " + g.Claim + ".", true
	case !given:
		return "", false
	case !known || value.Kind != claim.Kind:
		return "The claim " + g.Claim + " is of another kind than it should be.", true
	}
	text := value.Show()
	if slices.Contains(g.Values, text) ||
		slices.ContainsFunc(g.Prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) }) ||
		g.Contains != "" && strings.Contains(text, g.Contains) {
		return "The claim " + g.Claim + " is " + text + ".", true
	}
	return "", false
}
