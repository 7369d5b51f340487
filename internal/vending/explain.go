package vending

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/vending/grant"
)

// Explanation tells what would come of a token, step by step.
type Explanation struct {
	Accepted bool
	Reason   string // the first no; empty when accepted
	Hint     string // the next step
	Checks   []Check
	Token    *ReadToken      // nil when it cannot be read
	Provider string          // ID; empty until one took the token
	Grants   []grant.Verdict // every grant of the provider
	Session  *Session        // nil unless accepted
}

// Check is one step and its answer.
type Check struct {
	Code   string `json:"code"`   // "read", "trust", "verify", "grant", "scope", "spend"
	Status string `json:"status"` // "pass", "fail", "skip"
	Detail string `json:"detail"`
}

// ReadToken is what a token says of itself. It may say anything until the
// check "verify" passes.
type ReadToken struct {
	Issuer, Subject, Algorithm, KeyID, ID string
	Audience                              []string
	IssuedAt, NotBefore, ExpiresAt        time.Time // NotBefore zero when not said
	Claims                                map[string]string
}

// Session is what would be asked of AWS, without the External ID.
type Session struct {
	Policy         string // JSON
	RoleARN        string
	SessionName    string
	SourceIdentity string
	Tags           map[string]string
	Seconds        int
	Bucket         string
	Prefixes       []string
	Actions        []grant.Action
}

var passed = map[string]string{
	"read":   "The token can be read.",
	"trust":  "A provider of the workspace has its issuer and audience.",
	"verify": "The signature is that of the issuer's key, and the token is not over.",
	"grant":  "One grant lets it in.",
	"scope":  "The integration opens what the grant gives.",
	"spend":  "The token may be exchanged.",
}

// Explain tells an admin of the workspace what would come of a token, and what
// each grant says of it. It spends nothing, and asks nothing of AWS.
func (s *Service) Explain(ctx context.Context, actor access.Actor, workspace string, token secret.String, ask Ask) (Explanation, error) {
	if err := s.config.Checker.Check(ctx, actor, access.GrantRead, access.Resource{Workspace: workspace, Kind: "grant"}); err != nil {
		return Explanation{}, err
	}
	a := &attempt{ask: ask, text: strings.TrimSpace(token.Reveal()), now: s.config.Now(), workspace: workspace}
	a.ask.Workspace = ""
	var e Explanation
	steps := append(s.steps(), step{"spend", s.spendable})
	for i, step := range steps {
		err := step.ask(ctx, a)
		var r *refusal
		if err != nil && !errors.As(err, &r) {
			return Explanation{}, err
		}
		if r == nil {
			e.Checks = append(e.Checks, Check{step.code, "pass", passed[step.code]})
			continue
		}
		e.Reason, e.Hint = r.reason, r.hint
		e.Checks = append(e.Checks, Check{step.code, "fail", r.reason})
		for _, rest := range steps[i+1:] {
			e.Checks = append(e.Checks, Check{rest.code, "skip", "A step before it said no."})
		}
		break
	}
	e.Accepted, e.Grants, e.Provider = e.Reason == "", a.verdicts, a.provider.ID
	e.Token = a.told()
	if e.Accepted {
		e.Session = a.session()
	}
	return e, nil
}

// spendable says whether the token could be exchanged once more.
func (s *Service) spendable(ctx context.Context, a *attempt) error {
	n, err := s.config.Store.TokenSpent(ctx, a.workspace, fingerprint(a.token))
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err == nil && n >= a.grant.Exchanges {
		return refuse("spend", "Ask the CI service for a fresh token, or let the grant allow more exchanges.", "The token was exchanged %d times already.", n)
	}
	return err
}

func (a *attempt) told() *ReadToken {
	t := a.token
	if t == nil {
		return nil
	}
	told := &ReadToken{
		Issuer: t.Issuer, Subject: t.Subject, Algorithm: t.Algorithm, KeyID: t.KeyID, ID: t.ID, Audience: slices.Clone(t.Audience), IssuedAt: t.IssuedAt, NotBefore: t.NotBefore, ExpiresAt: t.ExpiresAt,
		Claims: map[string]string{},
	}
	for name, value := range t.Claims {
		told.Claims[name] = value.Show()
	}
	return told
}

func (a *attempt) session() *Session {
	session := &Session{
		Policy: a.request.Policy, RoleARN: string(a.request.RoleARN), SessionName: a.request.SessionName, SourceIdentity: a.request.SourceIdentity,
		Tags: a.request.Tags, Seconds: int(a.request.Duration.Seconds()), Bucket: a.grant.Bucket, Actions: a.actions,
	}
	for _, l := range a.locations {
		session.Prefixes = append(session.Prefixes, l.Prefix)
	}
	return session
}
