package load_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/s3"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/sandboxtest"
)

// declared is integrations as sources see them.
type declared struct{ *integration.Service }

func (d declared) Declared(ctx context.Context, actor access.Actor, workspace,
	idOrName string,
) (string, []object.Location, error) {
	found, err := d.Get(ctx, actor, workspace, idOrName)
	return found.ID, found.Locations, err
}

// clockwork is an AWS and a service that go by one clock, which a test moves.
// The service is itself a role's session, so that the sessions it asks for are
// chained, and end after an hour.
type clockwork struct {
	aws    *sandboxtest.Server
	offset atomic.Int64
	inner  http.RoundTripper

	mu     sync.Mutex
	own    aws.Credentials // the service's own session
	ends   time.Time       // by the clock
	chain  []string        // durations of the sessions requested with an External ID
	tokens []string        // session tokens that objects were read with, each once
}

func (c *clockwork) now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

// RoundTrip records the requested and used sessions.
func (c *clockwork) RoundTrip(request *http.Request) (*http.Response, error) {
	c.mu.Lock()
	if token := request.Header.Get("X-Amz-Security-Token"); token != "" && request.Method == http.MethodGet &&
		!slices.Contains(c.tokens, token) {
		c.tokens = append(c.tokens, token)
	}
	c.mu.Unlock()
	if request.Method == http.MethodPost {
		form, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		request = request.Clone(request.Context())
		request.Body = io.NopCloser(bytes.NewReader(form))
		c.mu.Lock()
		if strings.Contains(string(form), "ExternalId=") {
			c.chain = append(c.chain, string(form))
		}
		c.mu.Unlock()
	}
	return c.inner.RoundTrip(request)
}

// identity returns the service's own session, which is requested again when it
// has expired by this clock. The SDK's cache uses the real time, so the session
// is given to it as already expired.
func (c *clockwork) identity(user aws.Credentials, role string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.now().After(c.ends.Add(-5 * time.Minute)) {
			out, err := sts.NewFromConfig(c.aws.Config(user)).
				AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("service")})
			if err != nil {
				return aws.Credentials{}, err
			}
			c.own = aws.Credentials{
				AccessKeyID:     *out.Credentials.AccessKeyId,
				SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken,
				CanExpire: true,
			}
			c.ends = *out.Credentials.Expiration
		}
		return c.own, nil
	})
}

// A load continues when its session ends: the next object is read with a new
// session.
func TestLoadOutlivesAChainedSession(t *testing.T) {
	t.Parallel()
	c := &clockwork{inner: http.DefaultTransport}
	c.aws = sandboxtest.Start(t, sandboxtest.WithClock(c.now))
	c.aws.MustBucket(t, c.aws.Customer.Keys, "acme-data")
	const objects = 6
	for n := range objects {
		c.aws.MustPut(t, c.aws.Customer.Keys, "acme-data", "in/"+string(rune('a'+n)), "id,name\n"+string(rune('1'+n))+
			",x\n")
	}
	h, integrations := c.connect(t)

	var read atomic.Int32
	reads := func(b object.Bucket) object.Bucket {
		return &before{Bucket: b, read: func() {
			if read.Add(1) == objects/2 {
				c.offset.Add(int64(2 * time.Hour)) // both sessions have ended by now
			}
		}}
	}
	checker := access.NewChecker(audit.NewRecorder(h.store), time.Now)
	h.sources = source.New(source.Config{
		Checker: checker, Store: h.store, Integrations: declared{integrations}, Credentials: way{}, Ledger: h.rows,
		Now: c.now,
		Open: func(a object.Access) object.Bucket {
			return reads(s3.Open(a, s3.Config{Transport: c, MaxBackoff: time.Millisecond}))
		},
	})
	h.loads = load.New(load.Config{Checker: checker, Store: h.store, Sources: h.sources, Rejects: h.rows, Now: c.now})
	h.loader = load.NewLoader(load.LoaderConfig{
		Checker: checker, Sources: h.sources, Datasets: h.datasets, Schemas: h.store, Feeds: h.store,
		Rows: h.rows, Now: c.now,
	})

	made, err := h.sources.Create(t.Context(), owner, workspaceID,
		source.Draft{
			IntegrationID: "acme", Bucket: "acme-data", Pattern: "in/*",
			Format: source.Format{Name: source.CSV},
		})
	if err != nil {
		t.Fatal(err)
	}
	done := h.mustLoad(t, load.Order{Source: made.ID, Dataset: "LONG"})
	if h.count(t, "LONG") != objects {
		t.Errorf("%d rows are loaded, want %d: %+v", h.count(t, "LONG"), objects, done)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.tokens) != 2 || len(c.chain) < 2 {
		t.Fatalf("objects were read with %d sessions of %d that were asked for, want 2", len(c.tokens), len(c.chain))
	}
	for _, form := range c.chain {
		if !strings.Contains(form, "DurationSeconds=3600") {
			t.Errorf("a chained session lasts an hour: %s", form)
		}
	}
}

// before runs a function before each reading.
type before struct {
	object.Bucket
	read func()
}

func (b *before) Read(ctx context.Context, key string, options object.ReadOptions) (io.ReadCloser, object.Info, error) {
	b.read()
	return b.Bucket.Read(ctx, key, options)
}

// connect creates the service's own role, an integration, its role, and a
// house to load into. This AWS refuses ended sessions.
func (c *clockwork) connect(t *testing.T) (*house, *integration.Service) {
	t.Helper()
	user, userARN := c.aws.MustUser(t, c.aws.Service, "base",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`)
	role := c.aws.MustRole(t, c.aws.Service, "windlass",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+userARN+
			`"},"Action":"sts:AssumeRole"}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`)
	h := build(t, doors{})
	config := aws.Config{Region: c.aws.Region, Credentials: c.identity(user, role)}
	roles := assume.New(assume.Config{
		AWS: config, Endpoint: c.aws.URL, HTTPClient: &http.Client{Transport: c},
		MaxBackoff: time.Millisecond, Now: c.now,
	})
	integrations := integration.New(integration.Config{
		Checker: access.NewChecker(audit.NewRecorder(h.store), time.Now), Store: h.store, Roles: roles,
		Endpoint: c.aws.URL, Endpoints: dial.Policy{AllowPrivate: true}, Random: rand.Reader, Now: c.now,
	})
	i, err := integrations.Create(t.Context(), owner, workspaceID,
		integration.Draft{Name: "acme", Locations: []object.Location{{Bucket: "acme-data", Prefix: "in/"}}})
	if err != nil {
		t.Fatal(err)
	}
	documents, err := i.Documents()
	if err != nil {
		t.Fatal(err)
	}
	arn := c.aws.MustRole(t, c.aws.Customer, "reader", string(documents.Trust), string(documents.Permission))
	edited, err := integrations.Update(t.Context(), owner, workspaceID, i.ID, integration.Change{RoleARN: &arn})
	if err != nil {
		t.Fatal(err)
	}
	verdict := integration.Verdict{Revision: edited.Integration.Revision, State: integration.Verified}
	if _, _, err := integrations.Conclude(t.Context(), workspaceID, i.ID, verdict); err != nil {
		t.Fatal(err)
	}
	return h, integrations
}

// Two hours later, this AWS refuses an old session, so the sessions of the test
// above would have ended.
func TestEndedSessionsAreRefused(t *testing.T) {
	t.Parallel()
	c := &clockwork{inner: http.DefaultTransport}
	c.aws = sandboxtest.Start(t, sandboxtest.WithClock(c.now))
	c.aws.MustBucket(t, c.aws.Customer.Keys, "acme-data")
	_, integrations := c.connect(t)
	reach, err := integrations.Access(t.Context(), owner, workspaceID, "acme", "acme-data")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := reach.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.offset.Add(int64(2 * time.Hour))
	old := reach
	old.Keys = func(context.Context) (object.Keys, error) {
		return object.Keys{
			AccessKeyID: keys.AccessKeyID, SecretAccessKey: secret.New(keys.SecretAccessKey.Reveal()),
			SessionToken: keys.SessionToken,
		}, nil
	}
	var failure *object.Failure
	if _, err := s3.Open(old, s3.Config{MaxBackoff: time.Millisecond}).List(t.Context(), "in/", "", 1); !errors.As(err,
		&failure) || failure.Code != "ExpiredToken" {
		t.Errorf("an old session: got %v, want ExpiredToken", err)
	}
	if _, err := s3.Open(reach, s3.Config{MaxBackoff: time.Millisecond}).List(t.Context(), "in/", "", 1); err != nil {
		t.Errorf("a new one: %v", err)
	}
}
