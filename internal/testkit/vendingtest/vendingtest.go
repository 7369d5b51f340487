// Package vendingtest sets up vending for tests: the sandbox with a customer's
// role for vending, an OIDC issuer, two workspaces with the real audit, and the
// REST API.
package vendingtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/attempt"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry/metrics"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/jwks"
	"github.com/windlass-io/windlass/internal/vending/provider"
	"github.com/windlass-io/windlass/internal/vending/rolepolicy"
)

// The fixtures. The API also accepts "demo" for the first workspace.
const (
	Workspace = doctortest.Workspace
	Other     = "ws_2"
	Bucket    = doctortest.Bucket
	Audience  = "https://windlass.example.com"
)

// World is a running service with its environment.
type World struct {
	*doctortest.World
	secrets
	Integration  integration.Integration // verified, for vending, readwrite on ci/ and daily/
	Audit        *audit.Service
	Recorder     *audit.Recorder
	Checker      *access.RecordingChecker
	Providers    *provider.Service
	Grants       *grant.Service
	Vending      *vending.Service
	Integrations grantIntegrations
	Issuer       *Issuer
	URL          string // of the API
	Written      *Written
	Metrics      *metrics.Metrics
	OtherActor   access.Actor // of the workspace [Other]
}

// Written collects everything that was logged, and every refusal.
type Written struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write appends a line.
func (w *Written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

// String returns everything that was written.
func (w *Written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// Option changes the configuration of vending.
type Option func(*vending.Config)

// Start returns a world that ends with the test. The test fails if a secret was
// written anywhere.
func Start(t testing.TB, options ...Option) *World {
	t.Helper()
	w := &World{World: doctortest.Start(t), Written: &Written{}, Issuer: StartIssuer(t)}
	w.Issuer.signed = w.hideToken
	w.OtherActor = w.OtherWorkspace(t, Other)
	for key, body := range map[string]string{
		"ci/app/a.txt": "app", "ci/app-old/b.txt": "old",
		"ci/other/c.txt": "other",
	} {
		w.AWS.MustPut(t, w.AWS.Customer.Keys, Bucket, key, body)
	}
	w.Integration = w.MustVend(t)
	w.build(options)
	w.serve(t)
	t.Cleanup(func() { w.keepsSecrets(t) })
	return w
}

// MustVend creates a verified integration for vending.
func (w *World) MustVend(t testing.TB) integration.Integration {
	t.Helper()
	made := w.MustConnect(t, w.MustReserve(t, func(d *integration.Draft) {
		d.Locations = []object.Location{{Bucket: Bucket, Prefix: "ci/"}, {Bucket: Bucket, Prefix: doctortest.Prefix}}
		d.Access, d.Vending = integration.ReadWrite, true
	}))
	w.Settle()
	w.MustVerify(t, made)
	w.Hide(string(made.ExternalID))
	return w.MustGet(t, made)
}

func (w *World) build(options []Option) {
	w.Recorder = audit.NewRecorder(w.Store)
	w.Checker = access.NewChecker(w.Recorder, w.Now)
	w.Audit = audit.New(audit.Config{Store: w.Store, Checker: w.Checker})
	w.Integrations = grantIntegrations{w.World.Integrations, w}
	local := dial.Policy{AllowPrivate: true} // the issuers are on this machine
	keys := dial.New(dial.Config{Policy: local}).Client(dial.JWKS)
	w.Providers = provider.New(provider.Config{
		Checker: w.Checker, Store: w.Store, Audience: Audience, Endpoints: local,
		Now: w.Now,
	})
	w.Grants = grant.New(grant.Config{
		Checker: w.Checker, Store: w.Store, Providers: w.Store,
		Integrations: w.Integrations, Now: w.Now,
	})
	attempts := attempt.New(w.Store, w.steps())
	config := vending.Config{
		Checker: w.Checker, Recorder: w.Recorder, Store: w.Store, Workspaces: names{},
		Keys:   jwks.New(jwks.Config{Client: keys, Now: w.Now}),
		Grants: w.Grants, Providers: w.Providers, Integrations: w.Integrations, Roles: w.Roles,
		Revoker: rolepolicy.New(rolepolicy.Config{Region: w.AWS.Region, Endpoint: w.AWS.URL}), Endpoint: w.AWS.URL,
		Now: w.Now,
		Shed: func(ctx context.Context, address string) error {
			return attempts.Take(ctx, attempt.Bucket{
				Name: attempt.Name("ci", address), Size: 500,
				Every: time.Second / 5,
			})
		},
	}
	for _, option := range options {
		option(&config)
	}
	w.Vending = vending.New(config)
}

// steps returns a clock that only [World.Advance] moves, so that the
// remaining attempts of a test don't depend on its speed.
func (w *World) steps() func() time.Time {
	start := w.Now().Add(-w.Advanced())
	return func() time.Time { return start.Add(w.Advanced()) }
}

func (w *World) serve(t testing.TB) {
	t.Helper()
	var err error
	w.Metrics = metrics.New("test")
	handler, err := api.New(api.Config{
		Version: "test", Authenticator: names{}, Workspaces: names{}, Now: w.Now, Observe: w.Metrics.Request,
		Logger: slog.New(slog.NewJSONHandler(w.Written, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Services: api.Services{
			Audit: w.Audit, Grants: w.Grants, Providers: w.Providers, Vending: w.Vending,
			Integrations: w.World.Integrations,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler.Handler())
	t.Cleanup(server.Close)
	w.URL = server.URL
}

// names resolves two workspaces, and authenticates a token of each.
type names struct{}

// Resolve returns the ID of a workspace.
func (names) Resolve(_ context.Context, name string) (string, error) {
	switch name {
	case "demo", Workspace:
		return Workspace, nil
	case "other", Other:
		return Other, nil
	}
	return "", access.Missing("workspace", name)
}

// Authenticate returns the actor of a token.
func (names) Authenticate(_ context.Context, text string) (access.Actor, error) {
	switch text {
	case "sk_right":
		return doctortest.Token(Workspace), nil
	case "sk_other":
		return doctortest.Token(Other), nil
	}
	return access.Actor{}, problem.New(problem.Unauthenticated, "This token is not known.")
}

// grantIntegrations adapts integrations to grants and vending, as the server
// does.
type grantIntegrations struct {
	*integration.Service
	world *World
}

// Reach returns what an integration allows.
func (g grantIntegrations) Reach(
	ctx context.Context, actor access.Actor, workspace, idOrName string,
) (grant.Reach, error) {
	found, err := g.Get(ctx, actor, workspace, idOrName)
	return grant.Reach{
		Integration: found.ID, Locations: found.Locations,
		Writes: found.Access == integration.ReadWrite, Vends: found.Vending,
	}, err
}

// Find returns an integration in any state.
func (g grantIntegrations) Find(ctx context.Context, workspace, id string) (integration.Integration, error) {
	return g.world.Store.Integration(ctx, workspace, id)
}

// MustProvider creates a provider with the issuer's keys.
func (w *World) MustProvider(t testing.TB, draft provider.Draft) provider.Provider {
	t.Helper()
	draft.JWKSURL = first(draft.JWKSURL, w.Issuer.JWKSURL)
	made, err := w.Providers.Create(t.Context(), w.Actor, Workspace, draft)
	if err != nil {
		t.Fatalf("adding a provider: %v %v", err, problem.From(err).Findings)
	}
	return made
}

// MustGrant creates a grant on the integration, by default to list and read
// ci/app/.
func (w *World) MustGrant(t testing.TB, draft grant.Draft) grant.Grant {
	t.Helper()
	draft.Name, draft.Integration = first(draft.Name, "app"), first(draft.Integration, w.Integration.ID)
	if draft.Prefixes == nil {
		draft.Prefixes = []string{"ci/app/"}
	}
	made, _, err := w.Grants.Create(t.Context(), w.Actor, Workspace, draft)
	if err != nil {
		t.Fatalf("making a grant: %v %v", err, problem.From(err).Findings)
	}
	return made
}

// Answer is a response of the API.
type Answer struct {
	Status      int
	Header      http.Header
	Body        string
	Credentials api.CICredentials // when Status is 200
}

// Post sends a request to the API with these Authorization headers.
func (w *World) Post(t testing.TB, path, body string, authorization ...string) Answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header["Authorization"] = authorization
	for _, header := range authorization {
		w.hideToken(strings.TrimPrefix(header, "Bearer "))
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := Answer{Status: response.StatusCode, Header: response.Header, Body: string(text)}
	if answer.Status == http.StatusOK {
		_ = json.Unmarshal(text, &answer.Credentials)
	}
	if answer.Status >= http.StatusBadRequest {
		_, _ = w.Written.Write(text) // a refusal must not contain a secret either
	}
	w.Hide(answer.Credentials.AccessKeyID, answer.Credentials.SecretAccessKey, answer.Credentials.SessionToken)
	return answer
}

// Exchange exchanges a token. body is the body of the request.
func (w *World) Exchange(t testing.TB, token, body string) Answer {
	t.Helper()
	return w.Post(t, "/v1/ci/credentials", body, "Bearer "+token)
}

// S3 returns an SDK client with vended credentials.
func (w *World) S3(c api.CICredentials) *s3.Client {
	return w.AWS.S3(aws.Credentials{
		AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey,
		SessionToken: c.SessionToken,
	},
		func(o *s3.Options) { o.RetryMaxAttempts = 1 })
}

// Entries returns the workspace's audit entries of one action, newest first.
func (w *World) Entries(t testing.TB, workspace string, action access.Action) []audit.Entry {
	t.Helper()
	found, err := w.Audit.List(t.Context(), access.Actor{Kind: access.System, ID: access.Setup}, workspace,
		audit.Filter{Action: string(action)}, paging.Request{Limit: 1000})
	if err != nil {
		t.Fatalf("reading the audit: %v", err)
	}
	return found.Items
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
