package e2e

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/e2e/browsertest"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

// studio is a service whose clock and connection to AWS a test controls, and
// a customer with a bucket.
type studio struct {
	*rig
	t     *testing.T
	api   *client.Client
	page  *browsertest.Page
	clock *clock
	gate  *gate
}

func newStudio(t *testing.T) *studio {
	t.Helper()
	s := &studio{t: t, clock: &clock{}, gate: &gate{open: make(chan struct{})}}
	s.rig = newRig(t, func(r *rig) { r.now, r.carry = s.clock.Now, s.gate.carry })
	t.Cleanup(s.gate.release) // or the service waits for held requests before it ends
	api, err := client.New(client.Config{URL: s.URL, Token: s.Token, Workspace: "harbour"})
	if err != nil {
		t.Fatal(err)
	}
	s.api = api
	s.Customer.Fill("harbour-exports", harbourObjects)
	return s
}

// clock is the service's: it can be moved, and stopped.
type clock struct {
	offset atomic.Int64
	mu     sync.Mutex
	frozen time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.frozen.IsZero() {
		return c.frozen
	}
	return time.Now().Add(time.Duration(c.offset.Load()))
}

// stop stops the clock, so that nothing becomes due.
func (c *clock) stop(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = at
}

// settle moves the clock on to where IAM has spread every edit.
func (c *clock) passSpreading() { c.offset.Add(int64(integration.SpreadingFor)) }

// gate delays requests to AWS.
type gate struct {
	mu   sync.Mutex
	held func(*http.Request) bool // nil: none
	once sync.Once
	open chan struct{}
}

func (g *gate) hold(which func(*http.Request) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = which
}

func (g *gate) release() { g.once.Do(func() { close(g.open) }) }

func (g *gate) carry(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		held := g.held != nil && g.held(r)
		g.mu.Unlock()
		if held {
			select {
			case <-g.open:
			case <-r.Context().Done():
			}
		}
		next.ServeHTTP(w, r)
	})
}

// make creates an integration for a role that was created according to the
// guide, so its trust policy still has the placeholder.
func (s *studio) make(prefix string) client.Integration {
	s.t.Helper()
	made, err := s.api.CreateIntegration(s.t.Context(), client.IntegrationSpec{
		Name: "Sales exports", RoleARN: s.Customer.CreateRole("windlass-reader"),
		Locations: []client.Location{{Bucket: "harbour-exports", Prefix: prefix}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.Customer.PutPolicy("windlass-reader", string(made.Setup.PermissionPolicy))
	return made
}

// connect follows all steps of the documents.
func (s *studio) connect(prefix string) client.Integration {
	s.t.Helper()
	made := s.make(prefix)
	s.Customer.EditTrust("windlass-reader", string(made.Setup.TrustPolicy))
	return made
}

// verify verifies an integration, and checks its state.
func (s *studio) verify(i client.Integration, want string) {
	s.t.Helper()
	run, err := s.api.Verify(s.t.Context(), i.ID, true)
	if err != nil || run.State != want {
		s.t.Fatalf("it is %s, want %s: %v\n%+v", run.State, want, err, run.Checks)
	}
}

// fault breaks AWS.
func (s *studio) fault(f fault.Fault) {
	s.t.Helper()
	if _, err := s.AWS.Faults().Add(f); err != nil {
		s.t.Fatal(err)
	}
}

func pathOf(i client.Integration) string { return "/sources/integrations/" + i.ID }
