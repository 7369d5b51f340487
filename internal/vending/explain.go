package vending

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
)

// Explanation is the result of a token's exchange, step by step.
type Explanation struct {
	Accepted bool
	Reason   string // of the first refusal; empty when accepted
	Hint     string // the next step
	Checks   []Check
	Token    *ReadToken      // nil when the token can't be parsed
	Provider string          // ID; empty until a provider verified the token
	Grants   []grant.Verdict // of every grant of the provider
	Session  *Session        // nil unless accepted
}

// Check is one step and its result.
type Check struct {
	Code   string `json:"code"`   // "read", "trust", "verify", "grant", "scope", "spend"
	Status string `json:"status"` // "pass", "fail", "skip"
	Detail string `json:"detail"`
}

// ReadToken is the content of a token. Don't trust it unless the check
// "verify" passed.
type ReadToken struct {
	Issuer, Subject, Algorithm, KeyID, ID string
	Audience                              []string
	IssuedAt, NotBefore, ExpiresAt        time.Time // NotBefore may be zero
	Claims                                map[string]string
}

// Session is the session that Windlass would request from AWS, without the
// External ID.
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

// steps lists the steps of an explanation in order, with the detail of a
// passed check.
var steps = []struct{ code, passed string }{
	{"read", "The token is well formed."},
	{"trust", "A provider of the workspace has its issuer and audience."},
	{"verify", "The signature matches the issuer's key, and the token hasn't expired."},
	{"grant", "One grant accepts the token."},
	{"scope", "The integration covers what the grant allows."},
	{"spend", "The token can be exchanged."},
}

// Explain evaluates a token as [Service.Exchange] would, and returns the
// result of every step and of every grant. It doesn't exchange the token and
// doesn't call AWS.
func (s *Service) Explain(
	ctx context.Context, actor access.Actor, workspace string, token secret.String, request Request,
) (Explanation, error) {
	resource := access.Resource{Workspace: workspace, Kind: "grant"}
	if err := s.config.Checker.Check(ctx, actor, access.GrantRead, resource); err != nil {
		return Explanation{}, err
	}
	request.Workspace = ""
	e, err := s.evaluate(ctx, exchange{
		request: request, text: strings.TrimSpace(token.Reveal()), workspace: workspace, now: s.config.Now(),
	})
	if err == nil {
		err = s.checkSpent(ctx, e)
	}
	var r *refusal
	if err != nil && !errors.As(err, &r) {
		return Explanation{}, err
	}
	explanation := Explanation{
		Accepted: r == nil, Checks: checks(r), Token: content(e.token), Provider: e.provider().ID,
		Grants: e.choice.verdicts,
	}
	if r != nil {
		explanation.Reason, explanation.Hint = r.reason, r.hint
	} else {
		explanation.Session = e.session()
	}
	return explanation, nil
}

// checks returns the result of every step, given the refusal; nil if there was
// none.
func checks(r *refusal) []Check {
	var out []Check
	refused := false
	for _, step := range steps {
		switch {
		case refused:
			out = append(out, Check{step.code, "skip", "An earlier step refused the token."})
		case r != nil && r.step == step.code:
			refused = true
			out = append(out, Check{step.code, "fail", r.reason})
		default:
			out = append(out, Check{step.code, "pass", step.passed})
		}
	}
	return out
}

func content(t *idtoken.Token) *ReadToken {
	if t == nil {
		return nil
	}
	out := &ReadToken{
		Issuer: t.Issuer, Subject: t.Subject, Algorithm: t.Algorithm, KeyID: t.KeyID, ID: t.ID,
		Audience: slices.Clone(t.Audience), IssuedAt: t.IssuedAt, NotBefore: t.NotBefore, ExpiresAt: t.ExpiresAt,
		Claims: map[string]string{},
	}
	for name, value := range t.Claims {
		out.Claims[name] = value.Show()
	}
	return out
}

func (e *evaluation) session() *Session {
	a := &e.order.assume
	session := &Session{
		Policy: a.Policy, RoleARN: string(a.RoleARN), SessionName: a.SessionName, SourceIdentity: a.SourceIdentity,
		Tags: a.Tags, Seconds: int(a.Duration.Seconds()), Bucket: e.choice.grant.Bucket, Actions: e.order.actions,
	}
	for _, l := range e.order.locations {
		session.Prefixes = append(session.Prefixes, l.Prefix)
	}
	return session
}
