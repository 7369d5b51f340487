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

// Verdict is the result of a grant for a token or a member.
type Verdict struct {
	Grant    Grant
	Accepted bool
	Reason   string    // of the first finding that isn't met; empty when accepted
	Findings []Finding // all of them, in order
	User     string    // the user's permanent ID; empty when the token has none
}

// Finding is the result of one comparison.
type Finding struct {
	Claim string `json:"claim,omitempty"`
	// Operator is that of a condition, or one of "validity", "provider",
	// "organization", "users", "forks", "ssh_reruns" and "pull_requests".
	Operator string   `json:"operator"`
	Values   []string `json:"values,omitempty"`
	Got      string   `json:"got,omitempty"`
	Met      bool     `json:"met"`
	Reason   string   `json:"reason"`
}

// Match evaluates the grant for a verified token of the provider. It evaluates
// everything, also after the first finding that isn't met, because an
// explanation shows all findings.
func (g *Grant) Match(p *provider.Provider, t *idtoken.Token, now time.Time) Verdict {
	v := Verdict{Grant: *g}
	v.User = userID(p, t)
	v.add(g.checkValidity(now))
	if p.ID != g.Provider || p.Workspace != g.Workspace {
		v.add(Finding{Operator: "provider", Reason: "The grant is for another provider's tokens."})
	}
	v.checkOrganization(p, t)
	for _, c := range g.Conditions {
		v.add(c.check(p, t))
	}
	for _, flag := range []provider.Flag{provider.Forks, provider.SSHReruns, provider.PullRequests} {
		v.checkFlag(g, p, t, flag)
	}
	if len(g.Users) > 0 || g.UsesUser() {
		v.add(g.checkUser(v.User))
	}
	v.conclude()
	return v
}

// MatchMember evaluates a grant for members for a member.
func (g *Grant) MatchMember(member string, now time.Time) Verdict {
	v := Verdict{Grant: *g, User: member}
	v.add(g.checkValidity(now))
	if !g.ForMembers() {
		v.add(Finding{Operator: "provider", Reason: "The grant is for tokens of a provider, not for members."})
	}
	v.add(g.checkUser(member))
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

func (g *Grant) checkValidity(now time.Time) Finding {
	f := Finding{Operator: "validity", Met: true, Reason: "The grant is valid."}
	switch {
	case !g.RevokedAt.IsZero():
		f.Met, f.Reason = false, "The grant is revoked."
	case !g.NotBefore.IsZero() && now.Before(g.NotBefore):
		f.Met, f.Reason = false, "The grant isn't valid yet."
	case !g.NotAfter.IsZero() && !now.Before(g.NotAfter):
		f.Met, f.Reason = false, "The grant has expired."
	}
	return f
}

func (g *Grant) checkUser(id string) Finding {
	f := Finding{Operator: "users", Got: id, Met: g.For(id), Reason: "The grant is for this user."}
	switch {
	case id == "":
		f.Met, f.Reason = false, "The grant is for certain users, and the token has no user."
	case !f.Met:
		f.Reason = "The grant is for other users."
	}
	return f
}

// userID returns the user's permanent ID, or "" if the token has none.
func userID(p *provider.Provider, t *idtoken.Token) string {
	claim, ok := p.Of(provider.User)
	if !ok || !claim.Unchanging {
		return ""
	}
	value, _ := claim.Value(t)
	return value.Text
}

// checkOrganization compares every claim with an organization ID with the
// provider's organization.
func (v *Verdict) checkOrganization(p *provider.Provider, t *idtoken.Token) {
	if p.Organization == "" {
		return
	}
	f := Finding{Operator: "organization", Values: []string{p.Organization}, Reason: "The token has no organization."}
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
			f.Reason = "The token belongs to another organization."
			break
		}
		f.Reason = "The token belongs to the provider's organization."
	}
	v.add(f)
}

// checkFlag adds a finding if a guard detects the flag in the token.
func (v *Verdict) checkFlag(g *Grant, p *provider.Provider, t *idtoken.Token, flag provider.Flag) {
	for _, guard := range p.Guards {
		if guard.Flag != flag {
			continue
		}
		reason, detected := guard.Detect(p, t)
		if !detected {
			continue
		}
		f := Finding{Claim: guard.Claim, Operator: string(flag), Met: g.Allows(flag)}
		f.Reason = reason + " The grant allows " + plural(flag) + "."
		if !f.Met {
			f.Reason = reason + " The grant doesn't allow " + plural(flag) + "."
		}
		v.add(f)
		return
	}
}

func plural(flag provider.Flag) string {
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

// check compares a token's claim with the condition.
func (c *Condition) check(p *provider.Provider, t *idtoken.Token) Finding {
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
		f.Reason = fmt.Sprintf("The claim %q matches the grant.", c.Claim)
	} else {
		f.Reason = fmt.Sprintf("The claim %q doesn't match the grant.", c.Claim)
	}
	return f
}

// texts returns the texts to compare: the items of a list, or the value.
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
		return slices.ContainsFunc(c.Values, func(pattern string) bool { return matches(pattern, text) })
	}
	return slices.Contains(c.Values, text)
}

// matches reports whether a pattern matches the whole text, segment by
// segment. "*" matches any text without "/", but not an empty segment. All
// other characters match themselves.
func matches(pattern, text string) bool {
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

// literal escapes the special characters of path.Match except "*".
var literal = strings.NewReplacer(`\`, `\\`, `?`, `\?`, `[`, `\[`, `]`, `\]`)
