// Package doctortest sets up the doctor for tests: the sandbox with the
// service's and a customer's account, a store, integrations, and the doctor,
// connected as the server does.
package doctortest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/s3"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// The customer's resources.
const (
	Workspace = "ws_1"
	Bucket    = "acme-data"
	Prefix    = "daily/"
	RoleName  = "reader"
)

// World is a running doctor with its environment. Its clock is the system's
// plus [World.Advance]; AWS uses the system's clock.
type World struct {
	AWS          *sandboxtest.Server
	Keys         aws.Credentials // the service's own
	Principal    string          // ARN
	Store        *store.Store
	Roles        *assume.Caller
	Integrations *integration.Service
	Credentials  *credential.Service
	Doctor       *doctor.Service
	Actor        access.Actor // a secret token of [Workspace]
	Decisions    *Decisions
	Turns        *Turns
	Carrier      *Carrier // of every call to AWS

	offset atomic.Int64
}

// Option changes the configuration.
type Option func(*Parts)

// Parts contains the configurations of the world's services.
type Parts struct {
	Integration integration.Config
	Doctor      doctor.Config
	Assume      assume.Config
}

// Start returns a world that ends with the test. The customer has [Bucket] with
// an object under [Prefix] and another outside it.
func Start(t testing.TB, options ...Option) *World {
	t.Helper()
	w := &World{
		AWS: sandboxtest.Start(t), Store: storetest.Open(t), Decisions: &Decisions{}, Turns: &Turns{},
		Carrier: &Carrier{}, Actor: Token(Workspace),
	}
	w.mustWorkspace(t, Workspace)
	w.Keys, w.Principal = w.AWS.MustUser(t, w.AWS.Service, "windlass",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Resource":"*"}]}`)
	w.AWS.MustBucket(t, w.AWS.Customer.Keys, Bucket)
	w.AWS.MustPut(t, w.AWS.Customer.Keys, Bucket, Prefix+"prices.csv", "a,b\n1,2\n")
	w.AWS.MustPut(t, w.AWS.Customer.Keys, Bucket, "private/salaries.csv", "who,what\n")
	w.build(options)
	t.Cleanup(w.Doctor.Stop)
	return w
}

// Token returns the actor of a secret token of a workspace.
func Token(workspace string) access.Actor {
	return access.Actor{
		Kind: access.Secret, ID: "tok_" + workspace, Name: "test token", Workspace: workspace,
		Member: "mem_1", Role: access.Owner, Scopes: append(access.AllScopes(),
			access.Scope{Action: access.ScopeAudit}),
	}
}

func (w *World) build(options []Option) {
	config := w.AWS.Config(w.Keys)
	w.Carrier.inner = http.DefaultTransport
	config.HTTPClient = &http.Client{Transport: w.Carrier}
	checker := access.NewChecker(w.Decisions, w.Now)
	parts := Parts{
		Assume: assume.Config{
			AWS: config, Endpoint: w.AWS.URL, HTTPClient: &http.Client{Transport: w.Carrier},
			MaxBackoff: time.Millisecond, Now: w.Now,
		},
		Integration: integration.Config{
			Checker: checker, Store: w.Store, Endpoint: w.AWS.URL, Endpoints: dial.Policy{AllowPrivate: true},
			Random: rand.Reader, Now: w.Now,
		},
		Doctor: doctor.Config{
			Checker: checker, Store: w.Store, Recorder: w.Decisions, Notifier: w.Turns, Random: rand.Reader,
			Logger: slog.New(slog.DiscardHandler), Now: w.Now,
			Open: func(access object.Access) object.Bucket {
				return s3.Open(access, s3.Config{
					Transport: w.Carrier, Attempts: 2, MaxBackoff: time.Millisecond,
					Timeout: 10 * time.Second,
				})
			},
		},
	}
	for _, option := range options {
		option(&parts)
	}
	w.Roles = assume.New(parts.Assume)
	parts.Integration.Roles, parts.Doctor.Roles = w.Roles, w.Roles
	w.Integrations = integration.New(parts.Integration)
	parts.Doctor.Integrations = w.Integrations
	sealer, err := seal.New(secret.New(strings.Repeat("0", 64)))
	if err != nil {
		panic(err) // the key is a constant
	}
	w.Credentials = credential.New(credential.Config{
		Checker: checker, Store: w.Store, Sealer: sealer, Endpoint: w.AWS.URL,
		Endpoints: dial.Policy{AllowPrivate: true}, Now: w.Now,
	})
	parts.Doctor.Credentials = w.Credentials
	w.Doctor = doctor.New(parts.Doctor)
}

// Now returns the world's time.
func (w *World) Now() time.Time { return time.Now().Add(time.Duration(w.offset.Load())) } //nolint:forbidigo // AWS's signatures need the true time

// Advance advances the world's clock, but not AWS's.
func (w *World) Advance(d time.Duration) { w.offset.Add(int64(d)) }

// Advanced returns how far the clock is ahead.
func (w *World) Advanced() time.Duration { return time.Duration(w.offset.Load()) }

// Settle advances the clock until IAM has propagated every change.
func (w *World) Settle() { w.Advance(integration.SpreadingFor) }

func (w *World) mustWorkspace(t testing.TB, id string) {
	t.Helper()
	if _, err := w.Store.DB().ExecContext(t.Context(),
		"INSERT INTO workspace (id, name, created_at) VALUES ($1, $1, 0)", id); err != nil {
		t.Fatalf("making a workspace: %v", err)
	}
}

// OtherWorkspace creates another workspace, and returns an actor of it.
func (w *World) OtherWorkspace(t testing.TB, id string) access.Actor {
	t.Helper()
	w.mustWorkspace(t, id)
	return Token(id)
}

// MustReserve reserves an integration for [Bucket] and [Prefix].
func (w *World) MustReserve(t testing.TB, changes ...func(*integration.Draft)) integration.Integration {
	t.Helper()
	draft := integration.Draft{Name: "acme", Locations: []object.Location{{Bucket: Bucket, Prefix: Prefix}}}
	for _, change := range changes {
		change(&draft)
	}
	i, err := w.Integrations.Create(t.Context(), w.Actor, Workspace, draft)
	if err != nil {
		t.Fatalf("reserving: %v", err)
	}
	return i
}

// MustConnect creates the role with the printed documents and sets its ARN, as
// a customer does.
func (w *World) MustConnect(t testing.TB, i integration.Integration) integration.Integration {
	t.Helper()
	documents, err := i.Documents()
	if err != nil {
		t.Fatalf("printing documents: %v", err)
	}
	var policies []string
	if documents.Permission != nil {
		policies = append(policies, string(documents.Permission))
	}
	return w.MustGiveRole(t, i, w.AWS.MustRole(t, w.AWS.Customer, RoleName, string(documents.Trust), policies...))
}

// MustGiveRole sets the role ARN of an integration.
func (w *World) MustGiveRole(t testing.TB, i integration.Integration, roleARN string) integration.Integration {
	t.Helper()
	edited, err := w.Integrations.Update(t.Context(), w.Actor, i.Workspace, i.ID, integration.Change{RoleARN: &roleARN})
	if err != nil {
		t.Fatalf("giving the role ARN: %v", err)
	}
	return edited.Integration
}

// MustVerify verifies an integration and waits for the result.
func (w *World) MustVerify(t testing.TB, i integration.Integration, documents ...doctor.Documents) doctor.Verification {
	t.Helper()
	order := doctor.Order{}
	for _, d := range documents {
		order.Documents = d
	}
	v, err := w.Doctor.Verify(t.Context(), w.Actor, i.Workspace, i.ID, order)
	if err != nil {
		t.Fatalf("verifying: %v", err)
	}
	if v, err = w.Doctor.Wait(t.Context(), w.Actor, i.Workspace, i.ID, v.ID); err != nil {
		t.Fatalf("waiting for the verification: %v", err)
	}
	return v
}

// MustGet returns the current state of an integration.
func (w *World) MustGet(t testing.TB, i integration.Integration) integration.Integration {
	t.Helper()
	got, err := w.Integrations.Get(t.Context(), w.Actor, i.Workspace, i.ID)
	if err != nil {
		t.Fatalf("getting the integration: %v", err)
	}
	return got
}

// MustPolicy replaces a role's inline policy.
func (w *World) MustPolicy(t testing.TB, name, document string) {
	t.Helper()
	_, err := w.AWS.IAM(w.AWS.Customer.Keys).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String(RoleName), PolicyName: &name, PolicyDocument: &document,
	})
	if err != nil {
		t.Fatalf("putting a policy on the role: %v", err)
	}
}

// List lists a prefix with these keys, one key at most.
func (w *World) List(t testing.TB, keys object.Keys, bucket, prefix string) error {
	t.Helper()
	_, err := w.open(keys, bucket).List(t.Context(), prefix, "", 1)
	return err
}

// Put writes an empty object with these keys.
func (w *World) Put(t testing.TB, keys object.Keys, bucket, key string) error {
	t.Helper()
	return w.open(keys, bucket).Put(t.Context(), key, nil)
}

func (w *World) open(keys object.Keys, bucket string) object.Bucket {
	return s3.Open(object.Access{
		Bucket: bucket, Endpoint: w.AWS.URL, Keys: func(context.Context) (object.Keys, error) { return keys, nil },
	}, s3.Config{Attempts: 1})
}

// Dependents depend on any integration.
type Dependents []impact.Stop

// IntegrationDependents returns all of them.
func (d Dependents) IntegrationDependents(context.Context, string, string) ([]impact.Stop, error) {
	return d, nil
}

// Decisions records decisions.
type Decisions struct {
	mu   sync.Mutex
	kept []access.Decision
}

// Record records a decision.
func (d *Decisions) Record(_ context.Context, decision access.Decision) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept = append(d.kept, decision)
	return nil
}

// All returns the decisions in order.
func (d *Decisions) All() []access.Decision {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]access.Decision(nil), d.kept...)
}

// Turns records notifications.
type Turns struct {
	mu   sync.Mutex
	kept []doctor.Turn
}

// Notify records a turn.
func (t *Turns) Notify(_ context.Context, turn doctor.Turn) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, turn)
	return nil
}

// All returns the turns in order.
func (t *Turns) All() []doctor.Turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]doctor.Turn(nil), t.kept...)
}

// Carrier sends the requests to AWS, counts them, and can fail them.
type Carrier struct {
	inner http.RoundTripper
	calls atomic.Int64

	mu   sync.Mutex
	fail func(*http.Request) (*http.Response, error)
}

// Calls returns the number of requests so far.
func (c *Carrier) Calls() int { return int(c.calls.Load()) }

// Fail sets a function that responds instead of AWS. If it returns nil, the
// request goes to AWS. A nil function removes it.
func (c *Carrier) Fail(answer func(*http.Request) (*http.Response, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail = answer
}

// RoundTrip sends a request.
func (c *Carrier) RoundTrip(request *http.Request) (*http.Response, error) {
	c.calls.Add(1)
	c.mu.Lock()
	fail := c.fail
	c.mu.Unlock()
	if fail != nil {
		if response, err := fail(request); response != nil || err != nil {
			return response, err
		}
	}
	return c.inner.RoundTrip(request)
}
