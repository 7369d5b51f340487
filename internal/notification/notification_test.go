package notification_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/notification/webhook"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// TestWebhook lets two nodes with one state send events of failures: each once, signed,
// with a body that describes the failure and has no values.
func TestWebhook(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o, r := openOffice(t, s), newReceiver(t)
		made := o.create(t, notification.Draft{Name: "ops", Kind: notification.Webhook, URL: r.URL + "/hook"})
		second := notification.New(o.config)
		const loads = 12
		for i := range loads {
			o.end(t, "orders"+strconv.Itoa(i), failed)
			o.end(t, "fine", succeeded)
		}
		o.end(t, "orders1", func(l *load.Load) { failed(l); l.DryRun = true })
		o.send(t, o.Service, second)
		got := r.all()
		seen := map[string]bool{}
		for _, one := range got {
			id, at := one.header.Get("Webhook-Id"), one.header.Get("Webhook-Timestamp")
			if seen[id] {
				t.Errorf("%s was sent twice", id)
			}
			seen[id] = true
			want := webhook.Signature([]secret.String{made.Secret}, id, at, []byte(one.body))
			if one.header.Get("Webhook-Signature") != want || !strings.HasPrefix(id, "evt_") {
				t.Errorf("signature %q of %s, want %q", one.header.Get("Webhook-Signature"), id, want)
			}
		}
		if len(got) != loads {
			t.Fatalf("%d requests, want %d", len(got), loads)
		}
		var body struct {
			Type, Timestamp string
			Data            struct {
				Workspace, URL string
				Load           struct{ ID, State, Code, Reason, Hint, Dataset string }
			}
		}
		if err := json.Unmarshal([]byte(got[0].body), &body); err != nil {
			t.Fatal(err)
		}
		if body.Type != "load.failed" || body.Timestamp != "2026-01-31T06:00:05Z" || body.Data.Workspace != "acme" ||
			body.Data.URL != "https://windlass.example.com/loads/"+body.Data.Load.ID ||
			body.Data.Load.Code != "denied" ||
			body.Data.Load.Reason != "AWS refused the call." {
			t.Errorf("body %s", got[0].body)
		}
		for _, d := range o.deliveries(t, "ops") {
			if d.State != notification.Sent || d.Attempts != 1 || d.Status != 200 {
				t.Errorf("delivery %+v", d)
			}
		}
	})
}

// TestSignature checks the example of the specification.
func TestSignature(t *testing.T) {
	t.Parallel()
	got := webhook.Signature(
		[]secret.String{secret.New("whsec_d2luZGxhc3MtZXhhbXBsZS1zZWNyZXQtMjQ=")},
		"evt_1",
		"1769839205",
		[]byte(`{"type":"load.failed","timestamp":"2026-01-31T06:00:05Z","data":{"load":{"id":"load_1"}}}`),
	)
	if got != "v1,ZVKToEi1BSextOxSIMefOgtV9D5G66A+FNsIc7LtWj8=" {
		t.Error(got)
	}
}

// TestRetries lets an address fail until the attempts are used up, and then sends the
// event again by hand.
func TestRetries(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o, r := openOffice(t, s), newReceiver(t)
		o.create(t, notification.Draft{Name: "ops", Kind: notification.Webhook, URL: r.URL})
		o.end(t, "orders", failed)
		r.answers(503, "Retry-After", "600")
		o.send(t)
		d := o.deliveries(t, "ops")[0]
		if wait := d.NextAt.Sub(o.clock.Now()); d.State != notification.Waiting || wait != 10*time.Minute ||
			d.Status != 503 || d.Answer != "the answer" || d.Fault != "The address returned 503 Service Unavailable." {
			t.Errorf("after the first attempt: %+v", d)
		}
		r.answers(302, "Location", "http://169.254.169.254/")
		waits := []time.Duration{300, 1800, 7200, 18000, 36000, 50400, 72000, 86400}
		for i, want := range waits {
			o.clock.advance(d.NextAt.Sub(o.clock.Now()))
			o.send(t)
			d = o.deliveries(t, "ops")[0]
			want *= time.Second
			if wait := d.NextAt.Sub(o.clock.Now()); wait < want*9/10 || wait > want*11/10 || d.Attempts != i+2 {
				t.Errorf("attempt %d: wait %s, want about %s", d.Attempts, wait, want)
			}
		}
		o.clock.advance(27 * time.Hour)
		o.send(t)
		if d = o.deliveries(t, "ops")[0]; d.State != notification.Failed || d.Attempts != 10 || d.EndedAt.IsZero() {
			t.Errorf("after all attempts: %+v", d)
		}
		ids := map[string]bool{}
		for _, one := range r.all() {
			ids[one.header.Get("Webhook-Id")+one.body] = true
		}
		if len(ids) != 1 || len(r.all()) != 10 {
			t.Errorf("%d requests with %d bodies", len(r.all()), len(ids))
		}
		r.answers(200)
		if _, err := o.Retry(t.Context(), o.admin, o.workspace, "ops", d.ID); err != nil {
			t.Fatal(err)
		}
		o.send(t)
		if d = o.deliveries(t, "ops")[0]; d.State != notification.Sent {
			t.Errorf("after a retry: %+v", d)
		}
		if _, err := o.Retry(t.Context(), o.admin, o.workspace, "ops", d.ID); !problem.Is(err, problem.Conflict) {
			t.Errorf("a retry of one that was sent: %v", err)
		}
		if found, _ := o.Get(t.Context(), o.admin, o.workspace, "ops"); !found.FailingSince.IsZero() {
			t.Errorf("it still fails: %+v", found)
		}
	})
}

// TestDisabled uses addresses that respond with 410, and that fail for five days.
// They are disabled, waiting deliveries fail, and the audit log records it.
func TestDisabled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o, r := openOffice(t, s), newReceiver(t)
		o.create(t, notification.Draft{Name: "gone", Kind: notification.Webhook, URL: r.URL, Datasets: []string{"a"}})
		o.create(
			t,
			notification.Draft{Name: "broken", Kind: notification.Webhook, URL: r.URL, Datasets: []string{"B"}},
		)
		r.answers(410)
		o.end(t, "a", failed)
		o.end(t, "A", failed)
		o.send(t)
		found, err := o.Get(t.Context(), o.admin, o.workspace, "gone")
		if err != nil || found.Enabled || found.DisabledReason != "The address responded with 410 Gone." {
			t.Errorf("%+v, %v", found, err)
		}
		if got := o.deliveries(t, "gone"); len(r.all()) != 1 || got[0].Fault != "The notification was disabled." {
			t.Errorf("%d requests, %+v", len(r.all()), got)
		}
		r.answers(500)
		for range 6 {
			o.end(t, "b", failed)
			o.send(t)
			o.clock.advance(25 * time.Hour)
		}
		found, err = o.Get(t.Context(), o.admin, o.workspace, "broken")
		if err != nil || found.Enabled ||
			found.DisabledReason != "Every delivery failed for five days: The address returned 500 Internal Server Error." {
			t.Errorf("%+v, %v", found, err)
		}
		var n int
		err = s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM audit WHERE lines LIKE '%notification.update%'
			AND lines LIKE '%It was disabled. %'`).Scan(&n)
		if err != nil || n != 2 {
			t.Errorf("the audit has %d, %v", n, err)
		}
		on := true
		if found, err = o.Update(t.Context(), o.admin, o.workspace, "gone", notification.Change{Enabled: &on}); err != nil ||
			!found.Enabled ||
			found.DisabledReason != "" ||
			!found.FailingSince.IsZero() {
			t.Errorf("enabled again: %+v, %v", found, err)
		}
	})
}

// TestRestart stops a node while an address responds, and lets another one lose its
// claim: the event is sent again with the same ID.
func TestRestart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o, r := openOffice(t, s), newReceiver(t)
		o.create(t, notification.Draft{Name: "ops", Kind: notification.Webhook, URL: r.URL})
		arrived, release := make(chan struct{}), make(chan struct{})
		r.answer = func(http.ResponseWriter, *http.Request) { close(arrived); <-release }
		o.end(t, "orders", failed)
		ctx, stop := t.Context(), make(chan struct{})
		running, cancel := context.WithCancel(ctx)
		go func() { defer close(stop); o.Keep(running) }()
		<-arrived
		if due, err := s.DueDeliveries(ctx, o.clock.Now(), 10); err != nil || len(due) != 0 {
			t.Errorf("another node sees %v, %v", due, err)
		}
		cancel()
		<-stop
		close(release)
		r.answers(200)
		d := o.deliveries(t, "ops")[0]
		if d.State != notification.Waiting || d.Attempts != 0 {
			t.Errorf("after the stop: %+v", d)
		}
		// A node that dies keeps its claim for a minute.
		if _, err := s.ClaimDelivery(ctx, d.ID, "dead", o.clock.Now(), o.clock.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		second := notification.New(o.config)
		o.send(t, second)
		if got := len(r.all()); got != 1 {
			t.Errorf("%d requests while the claim lasts", got)
		}
		o.clock.advance(time.Minute)
		o.send(t, second)
		all := r.all()
		if len(all) != 2 || all[0].header.Get("Webhook-Id") != all[1].header.Get("Webhook-Id") {
			t.Errorf("%d requests", len(all))
		}
		err := s.FinishDelivery(ctx, "dead", notification.Result{
			Delivery: notification.Delivery{ID: d.ID, State: notification.Failed}, Now: o.clock.Now(),
		})
		if d = o.deliveries(t, "ops")[0]; err != nil || d.State != notification.Sent {
			t.Errorf("a node without its claim changed it: %+v, %v", d, err)
		}
	})
}

// TestSlack sends text to people: repeated events are omitted and counted, markup is
// escaped, and the address is never shown.
func TestSlack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o, r := openOffice(t, s), newReceiver(t)
		made := o.create(
			t,
			notification.Draft{Name: "team", Kind: notification.Slack, URL: r.URL + "/services/T0/B0/s3cr3t"},
		)
		if made.Address != r.URL+"/…" || !made.Secret.IsZero() {
			t.Errorf("it shows %q and a key", made.Address)
		}
		end := func(n int) {
			for range n {
				o.end(t, "orders", func(l *load.Load) {
					failed(l)
					l.Fault = "<!channel> & more"
					for range 300 {
						l.Problems = append(
							l.Problems,
							load.Problem{Key: strings.Repeat("k", 400), Code: load.CodeDenied},
						)
					}
				})
			}
			o.send(t)
		}
		end(100)
		o.clock.advance(notification.FirstPause)
		end(3)
		o.clock.advance(notification.FirstPause)
		end(1)
		o.clock.advance(notification.FirstPause)
		end(1)
		got := r.all()
		if len(got) != 3 {
			t.Fatalf("%d messages, want 3", len(got))
		}
		var texts []string
		for _, one := range got {
			var message map[string]string
			if err := json.Unmarshal([]byte(one.body), &message); err != nil || len(message) != 1 {
				t.Fatalf("%s, %v", one.body, err)
			}
			if n := len([]rune(message["text"])); n > 3000 {
				t.Errorf("%d characters", n)
			}
			texts = append(texts, message["text"])
		}
		if !strings.HasPrefix(texts[0], "Load of orders failed\n&lt;!channel&gt; &amp; more\n") ||
			!strings.HasSuffix(texts[0], "\nhttps://windlass.example.com/loads/load_1") {
			t.Errorf("first:\n%s", texts[0])
		}
		if !strings.HasPrefix(texts[1], "Load of orders failed (99 more since the last message)\n") ||
			!strings.HasPrefix(texts[2], "Load of orders failed (3 more since the last message)\n") {
			t.Errorf("second and third:\n%.90s\n%.90s", texts[1], texts[2])
		}
		dump, err := json.Marshal(o.deliveries(t, "team"))
		if err != nil || strings.Contains(string(dump), "s3cr3t") {
			t.Error("deliveries have the secret address")
		}
	})
}

// TestRotate signs by the old and the new key for a day.
func TestRotate(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	o, r := openOffice(t, s), newReceiver(t)
	made := o.create(t, notification.Draft{Name: "ops", Kind: notification.Webhook, URL: r.URL})
	rotated, err := o.Rotate(t.Context(), o.admin, o.workspace, "ops", false)
	if err != nil || rotated.Secret.IsZero() || rotated.Secret.Equal(made.Secret) {
		t.Fatalf("%v", err)
	}
	if _, err := o.Rotate(t.Context(), o.admin, o.workspace, "ops", false); !problem.Is(err, problem.Conflict) ||
		!strings.Contains(err.Error(), "2026-02-01T06:00:05Z") {
		t.Errorf("rotated again within a day: %v", err)
	}
	for _, keys := range [][]secret.String{{rotated.Secret, made.Secret}, {rotated.Secret}} {
		if d, err := o.Test(t.Context(), o.admin, o.workspace, "ops"); err != nil || d.State != notification.Sent {
			t.Fatalf("%+v, %v", d, err)
		}
		got := r.all()
		last := got[len(got)-1]
		want := webhook.Signature(keys, last.header.Get("Webhook-Id"), last.header.Get("Webhook-Timestamp"),
			[]byte(last.body))
		if last.header.Get("Webhook-Signature") != want {
			t.Errorf("signed %q, want %q", last.header.Get("Webhook-Signature"), want)
		}
		o.clock.advance(24 * time.Hour)
	}
	var sealed string
	if err := s.DB().QueryRowContext(t.Context(), "SELECT sealed || address FROM notification").Scan(&sealed); err != nil ||
		strings.Contains(sealed, "whsec_") {
		t.Errorf("the state has a key in plain text: %v", err)
	}
}

// TestTests limits how often a test is sent, and never retries one.
func TestTests(t *testing.T) {
	t.Parallel()
	o, r := openOffice(t, storetest.Open(t)), newReceiver(t)
	o.create(t, notification.Draft{Name: "ops", Kind: notification.Webhook, URL: r.URL})
	r.answers(500)
	for range 20 {
		if d, err := o.Test(t.Context(), o.admin, o.workspace, "ops"); err != nil || d.State != notification.Failed {
			t.Fatalf("%+v, %v", d, err)
		}
	}
	if _, err := o.Test(t.Context(), o.admin, o.workspace, "ops"); !problem.Is(err, problem.RateLimited) {
		t.Errorf("the test of number 21: %v", err)
	}
	o.clock.advance(time.Hour)
	o.send(t)
	if n := len(r.all()); n != 20 {
		t.Errorf("%d requests", n)
	}
	if found, _ := o.Get(t.Context(), o.admin, o.workspace, "ops"); !found.FailingSince.IsZero() {
		t.Error("a failed test counts as a failure of the address")
	}
}

// TestHostileAddresses refuses addresses inside the service's own network when they are
// saved, and when they are called.
func TestHostileAddresses(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	strict := dial.Policy{}
	o := openOffice(t, s, func(c *notification.Config) {
		client := dial.New(dial.Config{Policy: strict}).Client(dial.Notification)
		c.CheckURL = strict.URL
		c.Carriers[notification.Webhook] = webhook.NewSigned(client)
	})
	for _, url := range []string{
		"http://example.com/", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest/",
		"https://2130706433/",
		"https://localhost/", "https://10.0.0.1:8080/", "https://user:pw@example.com/", "https://example.com/#f",
		"ftp://example.com",
		"https://[::ffff:127.0.0.1]/", "https://internal/", "javascript:alert(1)", "",
		"https://example.com/" + strings.Repeat("a", 3000),
	} {
		for _, kind := range []notification.Kind{notification.Webhook, notification.Slack} {
			_, err := o.Create(t.Context(), o.admin, o.workspace, notification.Draft{Kind: kind, URL: url})
			if !problem.Is(err, problem.Invalid) || url != "" && strings.Contains(err.Error(), url) {
				t.Errorf("%s %s: %v", kind, url, err)
			}
		}
	}
	r := newReceiver(t)
	loose := openOfficeIn(t, o, func(c *notification.Config) { c.CheckURL = func(string) error { return nil } })
	loose.create(t, notification.Draft{Name: "old", Kind: notification.Webhook, URL: r.URL})
	d, err := o.Test(t.Context(), o.admin, o.workspace, "old")
	if err != nil || d.State != notification.Failed || d.Fault != "Windlass can't connect to 127.0.0.1." ||
		len(r.all()) != 0 {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestGiantAnswers stores the first kilobyte of an endless response, without control
// characters.
func TestGiantAnswers(t *testing.T) {
	t.Parallel()
	o, r := openOffice(t, storetest.Open(t)), newReceiver(t)
	o.create(t, notification.Draft{Name: "ops", Kind: notification.Webhook, URL: r.URL})
	r.answer = func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(500)
		_, _ = io.WriteString(w, "\x1b[31m\x00")
		for range 1 << 14 {
			if _, err := io.WriteString(w, strings.Repeat("é", 512)); err != nil {
				return
			}
		}
	}
	d, err := o.Test(t.Context(), o.admin, o.workspace, "ops")
	if err != nil || d.Status != 500 || len(d.Answer) > notification.MaxAnswer ||
		!strings.HasPrefix(d.Answer, "[31mé") {
		t.Errorf("%d bytes of %d, %v", len(d.Answer), d.Status, err)
	}
}

// TestInvalid checks that a notification that can't be sent is refused with
// the path of the fault.
func TestInvalid(t *testing.T) {
	t.Parallel()
	o := openOffice(t, storetest.Open(t))
	for path, draft := range map[string]notification.Draft{
		"kind":     {Kind: "pager", URL: "http://a.example/"},
		"to":       {Kind: notification.Webhook, URL: "http://a.example/", To: []string{"a@b.example"}},
		"events":   {Kind: notification.Webhook, URL: "http://a.example/", Events: []string{"load.exploded"}},
		"name":     {Kind: notification.Webhook, URL: "http://a.example/", Name: "a\nb"},
		"datasets": {Kind: notification.Webhook, URL: "http://a.example/", Datasets: []string{"a/b"}},
	} {
		_, err := o.Create(t.Context(), o.admin, o.workspace, draft)
		if found := problem.From(err).Findings; !problem.Is(err, problem.Invalid) || len(found) != 1 ||
			found[0].Path != path {
			t.Errorf("%s: %v %v", path, err, found)
		}
	}
	email := notification.Draft{Kind: notification.Email, To: []string{"a@b.example"}}
	if _, err := o.Create(t.Context(), o.admin, o.workspace, email); err == nil ||
		!strings.Contains(err.Error(), "the operator must set smtp_url") {
		t.Errorf("e-mail without a server: %v", err)
	}
	for _, pattern := range []string{"*", "l*", "test", "notification.test", "load."} {
		_, err := o.Create(t.Context(), o.admin, o.workspace, notification.Draft{
			Kind: notification.Webhook, URL: "http://a.example/", Events: []string{pattern},
		})
		if pattern == "*" && err != nil || pattern != "*" && err == nil {
			t.Errorf("%s: %v", pattern, err)
		}
	}
	editor := o.admin
	editor.Role = access.Editor
	_, err := o.Create(
		t.Context(),
		editor,
		o.workspace,
		notification.Draft{Kind: notification.Webhook, URL: "http://a.example/"},
	)
	if !problem.Is(err, problem.Forbidden) {
		t.Errorf("an editor creates one: %v", err)
	}
}
