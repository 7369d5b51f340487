package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox"
)

const callRegion = "us-east-1"

// callRig is a sandbox with an address and a clock that can be set. It
// records the status of its last response.
type callRig struct {
	box    *sandbox.Sandbox
	url    string
	dir    string       // with the settings of the programs that call
	ahead  atomic.Int64 // of the true time, in nanoseconds
	status atomic.Int64
}

func newCallRig(t *testing.T) *callRig {
	t.Helper()
	rig := &callRig{dir: t.TempDir()}
	// The sandbox validates the parameters, not the aws command.
	if err := os.WriteFile(filepath.Join(rig.dir, "config"), []byte("[default]\nparameter_validation = false\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	box, err := sandbox.Open(t.Context(), sandbox.Config{Now: func() time.Time {
		return time.Now().
			Add(time.Duration(rig.ahead.Load()))
	}})
	if err != nil {
		t.Fatal(err)
	}
	rig.box = box
	rig.url = serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		noted := &notedWriter{w, http.StatusOK}
		box.ServeHTTP(noted, r)
		rig.status.Store(int64(noted.status))
	}))
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	return rig
}

// serveHandler serves on loopback until the test ends.
func serveHandler(t *testing.T, handler http.Handler) string {
	t.Helper()
	listener := listen(t)
	web := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = web.Serve(listener) }()
	t.Cleanup(func() {
		_ = web.Close()
		<-ended
	})
	return "http://" + listener.Addr().String()
}

type notedWriter struct {
	http.ResponseWriter
	status int
}

func (w *notedWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *notedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// accounts returns the roots' credentials, by the names of their accounts.
func (r *callRig) accounts() map[string]any {
	kept := map[string]any{}
	for _, account := range r.box.Accounts() {
		kept[account.Name] = map[string]any{
			"AccessKeyId": account.RootAccessKeyID, "SecretAccessKey": account.RootSecretAccessKey.Reveal(),
			"Account": account.ID,
		}
	}
	return kept
}

// identity returns the environment variables with the caller's credentials.
func (who actor) identity() map[string]string {
	return map[string]string{
		"AWS_ACCESS_KEY_ID": who.AccessKeyID, "AWS_SECRET_ACCESS_KEY": who.SecretAccessKey,
		"AWS_SESSION_TOKEN": who.SessionToken,
	}
}

// environment returns the environment of a program that calls AWS.
func (r *callRig) environment() []string {
	return append(os.Environ(), "AWS_ENDPOINT_URL="+r.url, "AWS_REGION="+callRegion, "AWS_DEFAULT_REGION="+callRegion,
		"AWS_MAX_ATTEMPTS=1",
		"AWS_CONFIG_FILE="+filepath.Join(r.dir, "config"), "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(r.dir, "none"),
		"AWS_PROFILE=default", "AWS_PAGER=", "AWS_CA_BUNDLE=",
		"AWS_EC2_METADATA_DISABLED=true")
}
