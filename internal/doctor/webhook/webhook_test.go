package webhook_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/doctor/webhook"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/problem"
)

func turn(url string) doctor.Turn {
	return doctor.Turn{
		Integration: integration.Integration{
			ID: "int_1", Name: "acme", State: integration.Insecure,
			Reason: "It lets anyone in.", ExternalID: "0123456789abcdef0123456789abcdef", WebhookURL: url,
		},
		Was:          integration.Verified,
		Verification: doctor.Verification{ID: "ver_1", EndedAt: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)},
	}
}

// client is a guarded client, which may call addresses of this machine.
func client(private bool) *http.Client {
	return dial.New(dial.Config{Policy: dial.Policy{AllowPrivate: private}}).Client(dial.Webhook)
}

func TestNotify(t *testing.T) {
	t.Parallel()
	var got webhook.Turn
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil || r.Method != http.MethodPost {
			t.Errorf("%s: %v", r.Method, err)
		}
	}))
	t.Cleanup(server.Close)
	if err := webhook.New(client(true)).Notify(t.Context(), turn(server.URL)); err != nil {
		t.Fatal(err)
	}
	want := webhook.Turn{
		Event: "integration.state", Integration: "int_1", Name: "acme", State: "insecure",
		Was: "verified", Reason: "It lets anyone in.", Verification: "ver_1", At: turn("").Verification.EndedAt,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := webhook.New(client(false)).Notify(t.Context(), turn("")); err != nil {
		t.Errorf("without an address: %v", err)
	}
}

func TestNotifyCallsNoPrivateAddress(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter,
		*http.Request,
	) {
		t.Error("it was called")
	}))
	t.Cleanup(server.Close)
	for _, url := range []string{
		server.URL, strings.Replace(server.URL, "127.0.0.1", "localhost", 1),
		"http://169.254.169.254/", "http://[::1]:1/", "http://10.0.0.1/", "http://100.64.0.1/",
	} {
		if err := webhook.New(client(false)).Notify(t.Context(), turn(url)); !problem.Is(err, problem.Refused) {
			t.Errorf("%s: got %v", url, err)
		}
	}
}

func TestNotifyFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter,
		*http.Request,
	) {
		t.Error("the redirect was followed")
	}))
	t.Cleanup(inner.Close)
	outer := httptest.NewServer(http.RedirectHandler(inner.URL, http.StatusTemporaryRedirect))
	t.Cleanup(outer.Close)
	if err := webhook.New(client(true)).Notify(t.Context(), turn(outer.URL)); !problem.Is(err, problem.Refused) ||
		!strings.Contains(err.Error(), "redirect") {
		t.Errorf("got %v", err)
	}
}
