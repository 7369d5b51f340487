package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
)

// MaxAskBytes limits the body of an exchange.
const MaxAskBytes = 16 << 10

// CIAsk describes the credentials to exchange a token for. Members can only
// restrict the grant's permissions.
type CIAsk struct {
	Workspace       string         `json:"workspace,omitempty" maxLength:"64" doc:"Name or ID; required if providers of several workspaces accept the token."`
	Grant           string         `json:"grant,omitempty" maxLength:"64" doc:"Name or ID; required if several grants match the token."`
	Prefix          string         `json:"prefix,omitempty" maxLength:"1024" doc:"A prefix inside one of the grant's."`
	Actions         []grant.Action `json:"actions,omitempty" maxItems:"4" doc:"list, read, write, delete; those of the grant by default."`
	DurationSeconds int            `json:"duration_seconds,omitempty" minimum:"900" maximum:"43200" doc:"Default: the grant's maximum."`
}

// CICredentials has short-lived credentials, and what they allow.
type CICredentials struct {
	AccessKeyID     string         `json:"access_key_id"`
	SecretAccessKey string         `json:"secret_access_key"`
	SessionToken    string         `json:"session_token"`
	Expiration      time.Time      `json:"expiration"`
	Workspace       string         `json:"workspace"`
	Grant           string         `json:"grant" doc:"ID."`
	GrantName       string         `json:"grant_name"`
	Bucket          string         `json:"bucket"`
	Prefix          string         `json:"prefix,omitempty" doc:"Set if there is exactly one."`
	Prefixes        []string       `json:"prefixes"`
	Actions         []grant.Action `json:"actions"`
	Region          string         `json:"region,omitempty"`
	Endpoint        string         `json:"endpoint,omitempty" doc:"The bucket's endpoint, if it isn't on AWS."`
	SessionName     string         `json:"session_name"`
	SourceIdentity  string         `json:"source_identity"`
}

func (a *API) ciRoutes() {
	const tag = "CI access"
	exchange := operation("exchange-token", "POST /v1/ci/credentials", tag, "Exchange an ID token for credentials")
	exchange.Description = "The bearer token is the job's OIDC token. Every refusal has the same response; the " +
		"audit log has the reason under the request ID. A token can be exchanged once, unless its grant allows more."
	exchange.Security = []map[string][]string{} // no API token
	registry := a.huma.OpenAPI().Components.Schemas
	document := func(of reflect.Type) map[string]*huma.MediaType {
		return map[string]*huma.MediaType{"application/json": {Schema: registry.Schema(of, true, of.Name())}}
	}
	exchange.RequestBody = &huma.RequestBody{Content: document(reflect.TypeFor[CIAsk]())}
	exchange.Responses = map[string]*huma.Response{
		"200": {Description: "Credentials", Content: document(reflect.TypeFor[CICredentials]())},
		"403": {Description: "The token was not exchanged"},
	}
	a.open(exchange, a.exchangeToken)
	explain := operation("explain-token", "POST /v1/ci/explain", tag,
		"Explain what an exchange of a token would return, step by step, without using it up")
	explain.DefaultStatus = http.StatusOK
	route(a, explain, a.explainToken)
}

// open registers an operation that needs no API token and writes its own
// answer. handle may only return an error before it has written anything.
func (a *API) open(op huma.Operation, handle func(http.ResponseWriter, *http.Request) error) {
	a.huma.OpenAPI().AddOperation(&op)
	a.mux.HandleFunc(op.Method+" "+op.Path, func(w http.ResponseWriter, r *http.Request) {
		err := visitOf(r.Context()).Anonymous()
		if err == nil {
			err = handle(w, r)
		}
		if err != nil {
			a.writeError(w, r, err)
		}
	})
}

func (a *API) exchangeToken(w http.ResponseWriter, r *http.Request) error {
	if err := tooLarge(r, MaxAskBytes); err != nil {
		return err
	}
	ask, err := readAsk(w, r)
	if err != nil {
		return err
	}
	from := door.From(r.Context())
	vended, err := a.config.Services.Vending.Exchange(r.Context(),
		vending.Presented{Token: bearerOf(r), RequestID: from.ID, Address: from.Address}, ask.domain())
	if err != nil {
		return countRefusedCI(r.Context(), err)
	}
	text, err := json.Marshal(toCredentials(vended)) //nolint:gosec // G117: the call is meant to return credentials
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text)
	return nil
}

// bearerOf returns the ID token of a request. It returns none if there are
// two, or if the token is sent in another way.
func bearerOf(r *http.Request) secret.String {
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return secret.String{}
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "bearer") {
		return secret.String{}
	}
	return secret.New(token)
}

// readAsk reads the body, which may be empty. It rejects unknown members,
// because a misspelled restriction would allow more than intended.
func readAsk(w http.ResponseWriter, r *http.Request) (CIAsk, error) {
	var ask CIAsk
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, MaxAskBytes))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&ask)
	if errors.Is(err, io.EOF) {
		return ask, nil
	}
	if err == nil {
		_, err = decoder.Token()
	}
	if tooMuch := overLimit(err); tooMuch != nil {
		return CIAsk{}, tooMuch
	}
	if !errors.Is(err, io.EOF) {
		return CIAsk{}, problem.New(problem.Invalid, "The body of the exchange isn't valid.").
			WithHint(`Send nothing, or a JSON object with "workspace", "grant", "prefix", "actions" and "duration_seconds", each optional.`)
	}
	if len(ask.Workspace) > 64 || len(ask.Grant) > 64 || len(ask.Prefix) > 1024 || len(ask.Actions) > 4 ||
		ask.DurationSeconds < 0 {
		return CIAsk{}, problem.New(problem.Invalid, "A member of the body is too long.")
	}
	return ask, nil
}

func (c *CIAsk) domain() vending.Request {
	return vending.Request{
		Workspace: c.Workspace, Grant: c.Grant, Prefix: c.Prefix, Actions: c.Actions,
		Duration: seconds(c.DurationSeconds),
	}
}

func toCredentials(v vending.Vended) CICredentials {
	out := CICredentials{
		AccessKeyID: v.Keys.AccessKeyID, SecretAccessKey: v.Keys.SecretAccessKey.Reveal(),
		SessionToken: v.Keys.SessionToken.Reveal(), Expiration: v.Keys.Expires,
		Workspace: v.Workspace, Grant: v.Grant.ID, GrantName: v.Grant.Name, Bucket: v.Bucket,
		Prefixes: append([]string{}, v.Prefixes...), Actions: v.Actions,
		Region: v.Region, Endpoint: v.Endpoint, SessionName: v.SessionName, SourceIdentity: v.SourceIdentity,
	}
	if len(v.Prefixes) == 1 {
		out.Prefix = v.Prefixes[0]
	}
	return out
}

type explainTokenInput struct {
	Body struct {
		Token string `json:"token" maxLength:"16384" doc:"The ID token. It isn't stored."`
		CIAsk
	}
}

// CIExplanation is the result that an exchange of a token would have.
type CIExplanation struct {
	Accepted bool        `json:"accepted"`
	Reason   string      `json:"reason,omitempty" doc:"The reason of the first failed check."`
	Hint     string      `json:"hint,omitempty"`
	Checks   []ciCheck   `json:"checks"`
	Token    *ciToken    `json:"token,omitempty" doc:"The token's claims; trustworthy only if the check verify passes."`
	Provider string      `json:"provider,omitempty" doc:"ID of the provider that accepts it."`
	Grants   []ciVerdict `json:"grants"`
	Session  *ciSession  `json:"session,omitempty" doc:"The role session that Windlass would request from AWS."`
}

type ciToken struct {
	Issuer    string            `json:"issuer"`
	Subject   string            `json:"subject,omitempty"`
	Audience  []string          `json:"audience"`
	Algorithm string            `json:"algorithm"`
	KeyID     string            `json:"key_id"`
	ID        string            `json:"id,omitempty"`
	IssuedAt  time.Time         `json:"issued_at"`
	NotBefore time.Time         `json:"not_before,omitzero"`
	ExpiresAt time.Time         `json:"expires_at"`
	Claims    map[string]string `json:"claims"`
}

type ciCheck struct {
	Code   string `json:"code" enum:"read,trust,verify,grant,scope,spend"`
	Status string `json:"status" enum:"pass,fail,skip"`
	Detail string `json:"detail"`
}

type ciFinding struct {
	Claim    string   `json:"claim,omitempty"`
	Operator string   `json:"operator" doc:"The operator of a condition, or the kind of check: validity, users, organization, forks, ssh_reruns, pull_requests."`
	Values   []string `json:"values,omitempty"`
	Got      string   `json:"got,omitempty"`
	Met      bool     `json:"met"`
	Reason   string   `json:"reason"`
}

type ciVerdict struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Accepted   bool        `json:"accepted"`
	Reason     string      `json:"reason,omitempty"`
	Conditions []ciFinding `json:"conditions"`
}

type ciSession struct {
	Policy          json.RawMessage   `json:"policy"`
	RoleARN         string            `json:"role_arn"`
	SessionName     string            `json:"session_name"`
	SourceIdentity  string            `json:"source_identity"`
	Tags            map[string]string `json:"tags"`
	DurationSeconds int               `json:"duration_seconds"`
	Bucket          string            `json:"bucket"`
	Prefixes        []string          `json:"prefixes"`
	Actions         []grant.Action    `json:"actions"`
}

func (a *API) explainToken(ctx context.Context, call Call, in *explainTokenInput) (*noStore[CIExplanation], error) {
	found, err := a.config.Services.Vending.Explain(ctx, call.Actor, call.Actor.Workspace, secret.New(in.Body.Token),
		in.Body.domain())
	return &noStore[CIExplanation]{CacheControl: "no-store", Body: toExplanation(found)}, err
}

// noStore is an answer that caches must not store.
type noStore[T any] struct {
	CacheControl string `header:"Cache-Control"`
	Body         T
}

func toExplanation(e vending.Explanation) CIExplanation {
	out := CIExplanation{
		Accepted: e.Accepted, Reason: e.Reason, Hint: e.Hint, Checks: []ciCheck{},
		Provider: e.Provider, Grants: []ciVerdict{},
	}
	for _, c := range e.Checks {
		out.Checks = append(out.Checks, ciCheck(c))
	}
	if t := e.Token; t != nil {
		out.Token = &ciToken{
			Issuer: t.Issuer, Subject: t.Subject, Audience: t.Audience, Algorithm: t.Algorithm, KeyID: t.KeyID,
			ID:       t.ID,
			IssuedAt: t.IssuedAt, NotBefore: t.NotBefore, ExpiresAt: t.ExpiresAt, Claims: t.Claims,
		}
	}
	for _, v := range e.Grants {
		verdict := ciVerdict{
			ID: v.Grant.ID, Name: v.Grant.Name, Accepted: v.Accepted, Reason: v.Reason,
			Conditions: []ciFinding{},
		}
		for _, f := range v.Findings {
			verdict.Conditions = append(verdict.Conditions, ciFinding(f))
		}
		out.Grants = append(out.Grants, verdict)
	}
	if s := e.Session; s != nil {
		out.Session = &ciSession{
			Policy: json.RawMessage(s.Policy), RoleARN: s.RoleARN, SessionName: s.SessionName,
			SourceIdentity: s.SourceIdentity, Tags: s.Tags,
			DurationSeconds: s.Seconds, Bucket: s.Bucket, Prefixes: s.Prefixes, Actions: s.Actions,
		}
	}
	return out
}
