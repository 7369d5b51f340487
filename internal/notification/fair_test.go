package notification_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/notification/webhook"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// TestChangedWhileSending changes an address while the old one answers 410 Gone: the
// destination stays enabled, and the event goes to the new address.
func TestChangedWhileSending(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o, before, after := openOffice(t, s), newReceiver(t), newReceiver(t)
		o.create(t, notification.Draft{Name: "ops", Kind: notification.Webhook, URL: before.URL})
		before.answer = func(w http.ResponseWriter, r *http.Request) {
			_, err := o.Update(r.Context(), o.admin, o.workspace, "ops", notification.Change{URL: &after.URL})
			if err != nil {
				t.Error(err)
			}
			w.WriteHeader(http.StatusGone)
		}
		o.end(t, "orders", failed)
		o.send(t)
		found, err := o.Get(t.Context(), o.admin, o.workspace, "ops")
		if err != nil || !found.Enabled || !found.FailingSince.IsZero() {
			t.Errorf("%+v, %v", found, err)
		}
		if got := o.deliveries(t, "ops"); len(after.all()) != 1 || got[0].State != notification.Sent {
			t.Errorf("%d requests at the new address, %+v", len(after.all()), got)
		}
	})
}

// TestQuietWeeks has one failure, weeks without events, and one more failure: the
// destination stays enabled.
func TestQuietWeeks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o, r := openOffice(t, s), newReceiver(t)
		o.create(t, notification.Draft{Name: "ops", Kind: notification.Webhook, URL: r.URL})
		r.answers(503)
		o.end(t, "orders", failed)
		for range 10 {
			o.send(t)
			o.clock.advance(27 * time.Hour)
		}
		on := true
		if _, err := o.Update(t.Context(), o.admin, o.workspace, "ops", notification.Change{Enabled: &on}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			o.end(t, "orders", failed)
			due := o.clock.Now()
			o.send(t)
			found, err := o.Get(t.Context(), o.admin, o.workspace, "ops")
			if err != nil || !found.Enabled || !found.FailingSince.Equal(due) {
				t.Fatalf("%+v, %v", found, err)
			}
			_, err = s.DB().ExecContext(t.Context(), `UPDATE notification_delivery SET state = 'failed', ended_at = 1,
				next_at = 0`)
			if err != nil {
				t.Fatal(err)
			}
			o.clock.advance(14 * 24 * time.Hour)
		}
	})
}

// TestTurns has one workspace with very many slow addresses: another one's event is sent
// meanwhile.
func TestTurns(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		release := make(chan struct{})
		slow := newReceiver(t)
		slow.answer = func(http.ResponseWriter, *http.Request) { <-release }
		o := openOffice(t, s, func(c *notification.Config) { c.Most = 400 })
		for i := range 300 {
			o.create(t, notification.Draft{Name: fmt.Sprint("slow", i), Kind: notification.Webhook, URL: slow.URL})
		}
		o.end(t, "orders", failed)
		o.clock.advance(time.Second)
		quick, r := *o, newReceiver(t)
		quick.workspace = storetest.Workspace(t, s, "quick")
		quick.admin.Workspace = quick.workspace
		quick.loads = 1000
		quick.create(t, notification.Draft{Name: "ops", Kind: notification.Webhook, URL: r.URL})
		quick.end(t, "orders", failed)
		o.Tick(t.Context())
		for deadline := time.Now().Add(10 * time.Second); len(r.all()) == 0; {
			if time.Now().After(deadline) {
				t.Fatal("the other workspace's event waits")
			}
			time.Sleep(time.Millisecond)
		}
		if got := len(slow.all()); got > 4 {
			t.Errorf("%d requests of one workspace at once", got)
		}
		close(release)
		o.Wait()
	})
}

// TestAttackTests removes and creates a destination to send more tests.
func TestAttackTests(t *testing.T) {
	t.Parallel()
	o, r := openOffice(t, storetest.Open(t)), newReceiver(t)
	sent := 0
	for range 70 {
		o.create(t, notification.Draft{Name: "ops", Kind: notification.Webhook, URL: r.URL})
		if _, err := o.Test(t.Context(), o.admin, o.workspace, "ops"); err == nil {
			sent++
		} else if !problem.Is(err, problem.RateLimited) {
			t.Fatal(err)
		}
		if err := o.Remove(t.Context(), o.admin, o.workspace, "ops"); err != nil {
			t.Fatal(err)
		}
	}
	if sent != 60 || len(r.all()) != 60 {
		t.Errorf("%d tests and %d requests, want 60", sent, len(r.all()))
	}
}

// TestLeaked rotates a key twice within a day because it leaked: only the last one signs.
func TestLeaked(t *testing.T) {
	t.Parallel()
	o, r := openOffice(t, storetest.Open(t)), newReceiver(t)
	o.create(t, notification.Draft{Name: "ops", Kind: notification.Webhook, URL: r.URL})
	if _, err := o.Rotate(t.Context(), o.admin, o.workspace, "ops", false); err != nil {
		t.Fatal(err)
	}
	made, err := o.Rotate(t.Context(), o.admin, o.workspace, "ops", true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Test(t.Context(), o.admin, o.workspace, "ops"); err != nil {
		t.Fatal(err)
	}
	header := r.all()[0].header
	if got := header.Get("Webhook-Signature"); strings.Contains(got, " ") ||
		got != signature(made.Secret, header, r.all()[0].body) {
		t.Errorf("signed %q", got)
	}
}

// TestRecoveredIntegration has a destination that wants recoveries alone: it is told of
// the recovery from a failure that nobody was told of.
func TestRecoveredIntegration(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o, r := openOffice(t, s), newReceiver(t)
		o.create(t, notification.Draft{
			Name: "ops", Kind: notification.Webhook, URL: r.URL, Events: []string{"integration.recovered"},
		})
		i := integration.Integration{
			ID: "int_1", Workspace: o.workspace, Name: "aws", State: integration.Unverified, Version: 1,
			ExternalID: "x", CreatedAt: o.clock.Now(), EditedAt: o.clock.Now(),
		}
		if err := s.InsertIntegration(t.Context(), i); err != nil {
			t.Fatal(err)
		}
		for _, state := range []integration.State{integration.Verified, integration.Failing, integration.Verified} {
			i.State, i.Version = state, i.Version+1
			if state == integration.Verified {
				i.VerifiedAt = o.clock.Now()
			}
			if err := s.SaveIntegration(t.Context(), i, o.clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		o.send(t)
		if got := r.all(); len(got) != 1 || !strings.Contains(got[0].body, "integration.recovered") {
			t.Errorf("%+v", got)
		}
		found, err := o.Deliveries(t.Context(), o.admin, o.workspace, "ops", paging.Request{Limit: 10})
		if err != nil || len(found.Items) != 1 {
			t.Errorf("%+v, %v", found, err)
		}
	})
}

func signature(key secret.String, header http.Header, body string) string {
	return webhook.Signature(
		[]secret.String{key},
		header.Get("Webhook-Id"),
		header.Get("Webhook-Timestamp"),
		[]byte(body),
	)
}
