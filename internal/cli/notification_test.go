package cli_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/notification/webhook"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// notifying runs an API with notifications, and returns its address.
func notifying(t testing.TB) string {
	t.Helper()
	s := storetest.Open(t)
	workspace := storetest.Workspace(t, s, "demo")
	recorder := audit.NewRecorder(s)
	sealer, err := seal.New(secret.New(strings.Repeat("ab", 32)))
	if err != nil {
		t.Fatal(err)
	}
	policy := dial.Policy{AllowPrivate: true}
	client := dial.New(dial.Config{Policy: policy}).Client(dial.Notification)
	handler, err := api.New(api.Config{
		Version: "test", Authenticator: clerk{workspace}, Workspaces: clerk{workspace},
		Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		Services: api.Services{Notifications: notification.New(notification.Config{
			Checker: access.NewChecker(recorder, time.Now), Store: s, Sealer: sealer, CheckURL: policy.URL,
			Carriers: map[notification.Kind]notification.Carrier{
				notification.Webhook: webhook.NewSigned(client), notification.Slack: webhook.NewSlack(client),
			},
			Record: recorder.Record, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(handler.Handler())
	t.Cleanup(web.Close)
	return web.URL
}

// TestNotificationScripts runs scripts against a service with notifications, and an
// address that receives them.
func TestNotificationScripts(t *testing.T) {
	t.Parallel()
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/500" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(hook.Close)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/notification",
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, "WINDLASS_URL="+notifying(env.T().(testing.TB)), "WINDLASS_TOKEN=sk_right",
				"WINDLASS_WORKSPACE=demo", "HOME="+env.WorkDir, "HOOK="+hook.URL)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status(t, noInput),
		},
	})
}
