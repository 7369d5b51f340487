// Package accesstest has decisions that tests of access share: one case a line
// in testdata/cases.json, over every role, kind of token and action.
package accesstest

import (
	_ "embed"
	"encoding/json"
	"testing"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

//go:embed testdata/cases.json
var document []byte

// Case is a decision: who acts, on what, and the expected outcome.
type Case struct {
	ID    string `json:"id"`
	Actor struct {
		Kind      string      `json:"kind"` // "session" is [access.Member]
		Role      access.Role `json:"role"`
		Scopes    []string    `json:"scopes"`
		Operator  bool        `json:"operator"`
		Component string      `json:"component"`
		Maker     string      `json:"maker"` // "removed": the token's maker has left
		Expired   bool        `json:"expired"`
		Revoked   bool        `json:"revoked"`
	} `json:"actor"`
	Action   access.Action `json:"action"`
	Resource struct {
		Kind      string      `json:"kind"`
		Name      string      `json:"name"`
		Workspace string      `json:"workspace"` // "other": another one
		Self      bool        `json:"self"`
		Role      access.Role `json:"role"`
		Own       bool        `json:"own"`
		MakerRole access.Role `json:"maker_role"`
		NewKind   access.Kind `json:"new_kind"`
		NewScopes []string    `json:"new_scopes"`
	} `json:"resource"`
	Expect string       `json:"expect"`
	Code   problem.Code `json:"code"`
}

// Cases returns every case.
func Cases(t testing.TB) []Case {
	t.Helper()
	var cases []Case
	if err := json.Unmarshal(document, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// Kind returns the kind of the case's actor.
func (c *Case) Kind() access.Kind {
	if c.Actor.Kind == "session" {
		return access.Member
	}
	return access.Kind(c.Actor.Kind)
}

// Scopes returns the scopes of the case's token.
func (c *Case) Scopes(t testing.TB) []access.Scope {
	t.Helper()
	return Scopes(t, c.Actor.Scopes...)
}

// Scopes parses scopes.
func Scopes(t testing.TB, texts ...string) []access.Scope {
	t.Helper()
	var scopes []access.Scope
	for _, text := range texts {
		scope, err := access.ParseScope(text)
		if err != nil {
			t.Fatal(err)
		}
		scopes = append(scopes, scope)
	}
	return scopes
}

// On returns the case's resource, for an actor with this workspace and member
// ID.
func (c *Case) On(t testing.TB, workspace, member string) access.Resource {
	t.Helper()
	r := access.Resource{
		Workspace: workspace, Kind: c.Resource.Kind, ID: c.Resource.Name, Role: c.Resource.Role,
		NewKind: c.Resource.NewKind, NewScopes: Scopes(t, c.Resource.NewScopes...),
	}
	if c.Resource.Workspace == "other" {
		r.Workspace = "ws_other"
	}
	switch r.Kind {
	case "member":
		if r.ID = "mem_other"; c.Resource.Self {
			r.ID, r.Role = member, c.Actor.Role
		}
	case "token":
		if r.Maker, r.Role = "mem_other", c.Resource.MakerRole; c.Resource.Own {
			r.Maker, r.Role = member, c.Actor.Role
		}
	}
	return r
}

// Check reports a case whose outcome is not the expected one.
func (c *Case) Check(t testing.TB, err error) {
	t.Helper()
	var got problem.Code
	if err != nil {
		got = problem.From(err).Code
	}
	if allowed := err == nil; allowed != (c.Expect == "allow") || got != c.Code {
		t.Errorf("%s: %s by %+v on %+v: %v; want %s %s", c.ID, c.Action, c.Actor, c.Resource, err, c.Expect, c.Code)
	}
}

// Fresh returns a person who just signed in.
func Fresh(actor access.Actor) access.Actor {
	actor.Fresh = true
	return actor
}
