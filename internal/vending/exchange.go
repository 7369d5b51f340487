package vending

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Exchange gives credentials for an ID token. Every refusal is the same
// problem, [Refused]; when the audit or the state does not answer, it is one
// of code unavailable, and for an address with very many tokens that nobody
// vouches for one of code rate_limited.
func (s *Service) Exchange(ctx context.Context, presented Presented, ask Ask) (Vended, error) {
	a := &attempt{ask: ask, text: presented.Token.Reveal(), now: s.config.Now(), requestID: presented.RequestID, address: presented.Address}
	for _, step := range s.steps() {
		if err := step.ask(ctx, a); err != nil {
			return Vended{}, s.denied(ctx, a, err)
		}
	}
	if err := s.spend(ctx, a); err != nil {
		return Vended{}, s.denied(ctx, a, err)
	}
	return s.vend(ctx, a)
}

// VendFor gives credentials to a member who is signed in, from a grant for
// members.
func (s *Service) VendFor(ctx context.Context, actor access.Actor, workspace string, ask Ask) (Vended, error) {
	a := &attempt{ask: ask, now: s.config.Now(), requestID: actor.RequestID, address: actor.Address, workspace: workspace, member: true, as: actor, user: actor.ID}
	if actor.Kind != access.Member && actor.Kind != access.Personal {
		return Vended{}, problem.New(problem.Forbidden, "Only a member who is signed in has credentials of their own.").
			WithHint("Sign in, or exchange an ID token at /v1/ci/credentials.")
	}
	if err := s.chooseForMember(ctx, a); err != nil {
		return Vended{}, s.deniedMember(ctx, a, actor, err)
	}
	if err := s.scope(ctx, a); err != nil {
		return Vended{}, s.deniedMember(ctx, a, actor, err)
	}
	return s.vend(ctx, a)
}

func (s *Service) chooseForMember(ctx context.Context, a *attempt) error {
	grants, err := s.config.Store.GrantsOf(ctx, a.workspace, provider.Members)
	if err != nil {
		return err
	}
	for _, g := range grants {
		a.verdicts = append(a.verdicts, g.MatchMember(a.user, a.now))
	}
	return s.one(ctx, a)
}

// deniedMember records why a member gets nothing, and tells them: they are in
// their own workspace. Who is not is told by the one door.
func (s *Service) deniedMember(ctx context.Context, a *attempt, actor access.Actor, err error) error {
	var r *refusal
	if !errors.As(err, &r) {
		return err
	}
	resource := access.Resource{Workspace: a.workspace, Kind: "grant", ID: a.grant.ID}
	if actor.Workspace != a.workspace {
		return s.config.Checker.Check(ctx, actor, access.GrantUse, resource)
	}
	decision := access.Decision{Time: s.config.Now(), Actor: actor, Action: access.GrantUse, Resource: resource, Reason: r.Error()}
	if err := s.config.Recorder.Record(ctx, decision); err != nil {
		return problem.Wrap(err, problem.Unavailable, "The audit could not record this, so it was not done.")
	}
	return problem.New(problem.Forbidden, "%s", r.reason).WithHint("%s", r.hint)
}

// spend counts the exchange before anything is minted, so that two nodes, or a
// crash in between, give no token more than its grant does.
func (s *Service) spend(ctx context.Context, a *attempt) error {
	err := s.config.Store.SpendToken(ctx, Spent{
		Workspace: a.workspace, Fingerprint: fingerprint(a.token), Most: a.grant.Exchanges,
		Until: a.token.ExpiresAt.Add(2 * idtoken.Leeway), Now: a.now,
	})
	if errors.Is(err, ErrSpent) {
		return refuse("spend", "A job that needs more than one exchange asks for a fresh token, or the grant allows more exchanges.", "The token was exchanged before, %d times.", a.grant.Exchanges)
	}
	return err
}

// vend asks the one door, assumes the role and records what came of it. What
// cannot be recorded is not handed out.
func (s *Service) vend(ctx context.Context, a *attempt) (Vended, error) {
	actor := a.actor()
	resource := access.Resource{Workspace: a.workspace, Kind: "grant", ID: a.grant.ID}
	if err := s.config.Checker.Check(ctx, actor, access.GrantUse, resource); err != nil {
		return Vended{}, err
	}
	session, err := s.config.Roles.Assume(ctx, a.request)
	if err != nil {
		if noteErr := s.note(ctx, a, "AWS gave no session: "+reasonOf(err), object.Keys{}, ""); noteErr != nil {
			return Vended{}, noteErr
		}
		return Vended{}, Refused()
	}
	if err := s.stands(ctx, a); err != nil {
		return Vended{}, s.denied(ctx, a, err)
	}
	if err := s.note(ctx, a, "Credentials were vended.", session.Keys, session.RequestID); err != nil {
		return Vended{}, err
	}
	return s.vended(a, session.Keys), nil
}

// stands says whether the grant is still as it was: what was revoked while AWS
// was asked is not handed out.
func (s *Service) stands(ctx context.Context, a *attempt) error {
	now, err := s.config.Store.Grant(ctx, a.workspace, a.grant.ID)
	if err == nil && now.Version != a.grant.Version {
		return refuse("assume", "", "The grant was revoked or changed while the role was assumed.")
	}
	return refusing("assume", err)
}

func (s *Service) vended(a *attempt, keys object.Keys) Vended {
	v := Vended{
		Keys: keys, Workspace: a.workspace, Grant: a.grant, Bucket: a.grant.Bucket, Actions: a.actions,
		Region: a.integration.Region, Endpoint: a.integration.Endpoint, SessionName: a.request.SessionName, SourceIdentity: a.request.SourceIdentity,
	}
	if v.Endpoint == "" {
		v.Endpoint = s.config.Endpoint
	}
	for _, l := range a.locations {
		v.Prefixes = append(v.Prefixes, l.Prefix)
	}
	return v
}

// note keeps what came of an exchange: the credentials by a hash of their ID,
// never themselves.
func (s *Service) note(ctx context.Context, a *attempt, reason string, keys object.Keys, awsRequest string) error {
	actor := a.actor()
	entry := audit.Entry{
		Workspace: a.workspace, Time: s.config.Now(), Actor: audit.Actor{Kind: actor.Kind, ID: actor.ID, Name: actor.Name},
		Action: string(access.GrantUse), Resource: audit.Resource{Workspace: a.workspace, Kind: "grant", ID: a.grant.ID},
		Reason: reason, RequestID: a.requestID, Address: a.address, Detail: a.detail(),
	}
	if awsRequest != "" {
		entry.AWSRequestIDs = []string{awsRequest}
	}
	if keys.AccessKeyID != "" {
		sum := sha256.Sum256([]byte(keys.AccessKeyID))
		entry.Detail["access_key_id_sha256"], entry.Detail["expires_at"] = hex.EncodeToString(sum[:]), keys.Expires.UTC().Format(time.RFC3339)
	}
	if err := s.config.Recorder.Note(ctx, entry); err != nil {
		return problem.Wrap(err, problem.Unavailable, "The audit could not record this, so nothing was handed out.").WithHint("Try again in a moment.")
	}
	return nil
}

func (a *attempt) detail() map[string]string {
	detail := map[string]string{
		"integration": a.integration.ID, "session_name": a.request.SessionName, "source_identity": a.request.SourceIdentity,
		"actions": join(a.actions), "provider": a.grant.Provider,
	}
	if len(a.locations) > 0 {
		places := make([]string, len(a.locations))
		for i, l := range a.locations {
			places[i] = l.String()
		}
		detail["locations"] = strings.Join(places, " ")
	}
	if a.user != "" {
		detail["user"] = a.user
	}
	return detail
}

func join(actions []grant.Action) string {
	out := make([]string, len(actions))
	for i, a := range actions {
		out[i] = string(a)
	}
	return strings.Join(out, " ")
}

// reasonOf tells AWS's refusal in the audit. It names the role and what AWS
// said, which holds no secret.
func reasonOf(err error) string {
	var f *object.Failure
	if errors.As(err, &f) {
		return f.Code + ": " + f.Message
	}
	var known *problem.Error
	if errors.As(err, &known) {
		return known.Message
	}
	return "it did not answer"
}
