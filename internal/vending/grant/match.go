package grant

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Verdict is a grant held against a token.
type Verdict struct {
	Grant    Grant
	Accepted bool
	Reason   string    // the first thing that speaks against it; empty when accepted
	Findings []Finding // everything that was asked, in order
	User     string    // the user's unchanging ID; empty when the token tells none
}

// Finding is one question and its answer.
type Finding struct {
	Claim    string   `json:"claim,omitempty"`
	Operator string   `json:"operator"` // of a condition; else "validity", "users", "forks", "ssh_reruns", "pull_requests", "organization"
	Values   []string `json:"values,omitempty"`
	Got      string   `json:"got,omitempty"`
	Met      bool     `json:"met"`
	Reason   string   `json:"reason"`
}

// Match holds a verified token of the provider to the grant. It asks
// everything, also after the first no: an explanation wants all of it.
func (g *Grant) Match(p *provider.Provider, t *idtoken.Token, now time.Time) Verdict {
	v := Verdict{Grant: *g}
	v.User = user(p, t)
	v.add(g.valid(now))
	if p.ID != g.Provider || p.Workspace != g.Workspace {
		v.add(Finding{Operator: "provider", Reason: "The grant is for another provider's tokens."})
	}
	v.organization(p, t)
	for _, c := range g.Conditions {
		v.add(c.hold(p, t))
	}
	for _, flag := range []provider.Flag{provider.Forks, provider.SSHReruns, provider.PullRequests} {
		v.guard(g, p, t, flag)
	}
	if len(g.Users) > 0 || g.UsesUser() {
		v.add(g.users(v.User))
	}
	v.conclude()
	return v
}

// MatchMember holds a member who is signed in to a grant for members.
func (g *Grant) MatchMember(member string, now time.Time) Verdict {
	v := Verdict{Grant: *g, User: member}
	v.add(g.valid(now))
	if !g.ForMembers() {
		v.add(Finding{Operator: "provider", Reason: "The grant is for tokens of a provider, not for members."})
	}
	v.add(g.users(member))
	v.conclude()
	return v
}

func (v *Verdict) add(f Finding) { v.Findings = append(v.Findings, f) }

func (v *Verdict) conclude() {
	v.Accepted = true
	for _, f := range v.Findings {
		if !f.Met {
			v.Accepted, v.Reason = false, f.Reason
			return
		}
	}
}

func (g *Grant) valid(now time.Time) Finding {
	f := Finding{Operator: "validity", Met: true, Reason: "The grant is valid."}
	switch {
	case !g.RevokedAt.IsZero():
		f.Met, f.Reason = false, "The grant is revoked."
	case !g.NotBefore.IsZero() && now.Before(g.NotBefore):
		f.Met, f.Reason = false, "The grant is not valid yet."
	case !g.NotAfter.IsZero() && !now.Before(g.NotAfter):
		f.Met, f.Reason = false, "The grant is not valid any more."
	}
	return f
}

func (g *Grant) users(id string) Finding {
	f := Finding{Operator: "users", Got: id, Met: g.For(id), Reason: "The grant is for this user."}
	switch {
	case id == "":
		f.Met, f.Reason = false, "The grant is for users, and the token tells none."
	case !f.Met:
		f.Reason = "The grant is for other users."
	}
	return f
}

// user gives the user's ID, where it is one that does not change.
func user(p *provider.Provider, t *idtoken.Token) string {
	claim, ok := p.Of(provider.User)
	if !ok || !claim.Unchanging {
		return ""
	}
	value, _ := claim.Value(t)
	return value.Text
}

// organization holds every claim that names the organization by its ID to the
// provider's own.
func (v *Verdict) organization(p *provider.Provider, t *idtoken.Token) {
	if p.Organization == "" {
		return
	}
	f := Finding{Operator: "organization", Values: []string{p.Organization}, Reason: "The token names no organization."}
	for _, c := range p.Claims {
		if c.Role != provider.Organization || !c.Unchanging {
			continue
		}
		value, found := c.Value(t)
		if !found {
			if _, given := t.Claims[c.Name]; !given && c.From == "" {
				continue
			}
		}
		f.Claim, f.Got, f.Met = c.Name, value.Text, value.Text == p.Organization
		if !f.Met {
			f.Reason = "The token is of another organization."
			break
		}
		f.Reason = "The token is of the provider's organization."
	}
	v.add(f)
}

func (v *Verdict) guard(g *Grant, p *provider.Provider, t *idtoken.Token, flag provider.Flag) {
	for _, guard := range p.Guards {
		if guard.Flag != flag {
			continue
		}
		reason, raised := guard.Raised(p, t)
		if !raised {
			continue
		}
		f := Finding{Claim: guard.Claim, Operator: string(flag), Met: g.Allows(flag), Reason: reason + " The grant lets in " + words(flag) + "."}
		if !f.Met {
			f.Reason = reason + " The grant does not let in " + words(flag) + "."
		}
		v.add(f)
		return
	}
}

func words(flag provider.Flag) string {
	switch flag {
	case provider.Forks:
		return "forks"
	case provider.SSHReruns:
		return "reruns with SSH"
	case provider.PullRequests:
		return "pull requests"
	}
	return string(flag)
}

// hold asks one condition of a token.
func (c *Condition) hold(p *provider.Provider, t *idtoken.Token) Finding {
	f := Finding{Claim: c.Claim, Operator: string(c.Operator), Values: c.Values}
	claim, declared := p.Claim(c.Claim)
	value, found := claim.Value(t)
	switch {
	case !declared:
		f.Reason = fmt.Sprintf("The provider declares no claim %q.", c.Claim)
		return f
	case !found:
		f.Reason = fmt.Sprintf("The token has no claim %q of kind %s.", c.Claim, claim.Kind)
		return f
	}
	f.Got = value.Show()
	if f.Met = slices.ContainsFunc(texts(value), c.accepts); f.Met {
		f.Reason = fmt.Sprintf("The claim %q is as the grant wants it.", c.Claim)
	} else {
		f.Reason = fmt.Sprintf("The claim %q is not as the grant wants it.", c.Claim)
	}
	return f
}

// texts gives what of a value is held to the condition's values.
func texts(v idtoken.Value) []string {
	if v.Kind == idtoken.List {
		return v.List
	}
	return []string{v.Show()}
}

func (c *Condition) accepts(text string) bool {
	if text == "" {
		return false
	}
	if c.Operator == Glob {
		return slices.ContainsFunc(c.Values, func(pattern string) bool { return globs(pattern, text) })
	}
	return slices.Contains(c.Values, text)
}

// globs matches a whole text, segment by segment: "*" is any text without "/",
// empty not included where it is the whole segment. No other character of a
// pattern means anything but itself.
func globs(pattern, text string) bool {
	patterns, segments := strings.Split(pattern, "/"), strings.Split(text, "/")
	if len(patterns) != len(segments) {
		return false
	}
	for i, p := range patterns {
		if segments[i] == "" {
			return false
		}
		if ok, err := path.Match(literal.Replace(p), segments[i]); err != nil || !ok {
			return false
		}
	}
	return true
}

// literal takes from path.Match what is more than "*".
var literal = strings.NewReplacer(`\`, `\\`, `?`, `\?`, `[`, `\[`, `]`, `\]`)
