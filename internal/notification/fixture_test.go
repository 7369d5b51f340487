package notification_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/notification/webhook"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"),
		goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"),
		goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"))
}

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// office is a workspace with notifications, on one or more nodes.
type office struct {
	*notification.Service // of the first node

	store     *store.Store
	config    notification.Config
	clock     *clock
	workspace string
	admin     access.Actor
	loads     int
}

// openOffice opens a workspace; change changes the settings of its service.
func openOffice(t *testing.T, s *store.Store, change ...func(*notification.Config)) *office {
	t.Helper()
	now := &clock{now: time.Date(2026, 1, 31, 6, 0, 5, 0, time.UTC)}
	workspace := storetest.Workspace(t, s, "acme")
	recorder := audit.NewRecorder(s)
	sealer, err := seal.New(secret.New(strings.Repeat("ab", 32)))
	if err != nil {
		t.Fatal(err)
	}
	policy := dial.Policy{AllowPrivate: true}
	client := dial.New(dial.Config{Policy: policy}).Client(dial.Notification)
	config := notification.Config{
		Checker: access.NewChecker(recorder, now.Now), Store: s, Sealer: sealer, CheckURL: policy.URL,
		Carriers: map[notification.Kind]notification.Carrier{
			notification.Webhook: webhook.NewSigned(client), notification.Slack: webhook.NewSlack(client),
		},
		Record: recorder.Record, PublicURL: "https://windlass.example.com", Logger: slog.New(slog.DiscardHandler),
		Now: now.Now,
	}
	for _, c := range change {
		c(&config)
	}
	return &office{
		Service: notification.New(config), store: s, config: config, clock: now, workspace: workspace,
		admin: access.Actor{
			Kind: access.Member, ID: "mem_1", Name: "admin@example.com", Workspace: workspace, Member: "mem_1",
			Role: access.Admin,
		},
	}
}

func (o *office) create(t *testing.T, draft notification.Draft) notification.Created {
	t.Helper()
	made, err := o.Create(t.Context(), o.admin, o.workspace, draft)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// end runs a load of a dataset to an end.
func (o *office) end(t *testing.T, dataset string, end func(*load.Load)) {
	t.Helper()
	o.loads++
	now := o.clock.Now()
	made := load.Load{
		ID: fmt.Sprintf("load_%d", o.loads), Kind: load.Objects, Workspace: o.workspace, SourceID: "src_1",
		Dataset: dataset, FeedID: "feed_" + dataset, Duplicates: engine.Ignore, MaxRejected: -1, State: load.Queued,
		CreatedAt: now,
	}
	storetest.Load(t, o.store, made)
	running, err := o.store.ClaimLoad(t.Context(), load.Claim{
		Worker: "w", Now: now, Until: now.Add(time.Minute), Crashes: 3, PerWorkspace: 100,
	})
	if err != nil {
		t.Fatal(err)
	}
	running.EndedAt = now
	end(&running)
	if err := o.store.SaveLoad(t.Context(), nil, running, "w", now); err != nil {
		t.Fatal(err)
	}
}

func failed(l *load.Load) {
	l.State, l.Code, l.Fault, l.Hint = load.Failed, load.CodeDenied, "AWS refused the call.", "Verify the integration."
}

func succeeded(l *load.Load) {
	l.State, l.Outcome, l.Progress.Rows = load.Loaded, load.Complete, 7
}

// send sends all deliveries that are due.
func (o *office) send(t *testing.T, services ...*notification.Service) {
	t.Helper()
	if len(services) == 0 {
		services = []*notification.Service{o.Service}
	}
	for {
		due, err := o.store.DueDeliveries(t.Context(), o.clock.Now(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(due) == 0 {
			return
		}
		for _, s := range services {
			s.Tick(t.Context())
		}
		for _, s := range services {
			s.Wait()
		}
	}
}

func (o *office) deliveries(t *testing.T, id string) []notification.Delivery {
	t.Helper()
	found, err := o.Deliveries(t.Context(), o.admin, o.workspace, id, paging.Request{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return found.Items
}

// received is a request that a receiver got.
type received struct {
	header http.Header
	body   string
}

// receiver is a real HTTP server that stores the requests.
type receiver struct {
	*httptest.Server

	mu     sync.Mutex
	got    []received
	answer http.HandlerFunc
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		r.mu.Lock()
		r.got = append(r.got, received{request.Header, string(body)})
		answer := r.answer
		r.mu.Unlock()
		if answer != nil {
			answer(w, request)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) all() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received{}, r.got...)
}

// answers sets the receiver's further responses.
func (r *receiver) answers(status int, header ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "the answer")
	}
}

// openOfficeIn returns the same workspace with other settings.
func openOfficeIn(t *testing.T, of *office, change func(*notification.Config)) *office {
	t.Helper()
	other := *of
	change(&other.config)
	other.Service = notification.New(other.config)
	return &other
}

// newReceiverTLS returns an HTTPS server, for its certificate.
func newReceiverTLS(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	return server
}
