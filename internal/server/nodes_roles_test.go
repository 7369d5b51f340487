package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// TestRoles runs a node that serves and one that loads: a load that is started on the
// first runs on the second, which serves nothing. When the second ends, the first
// reports that no node runs loads.
func TestRoles(t *testing.T) {
	t.Parallel()
	address := storetest.Address(t)
	box := sandboxtest.Start(t)
	keys := box.Customer.Keys
	box.MustBucket(t, keys, "acme-data")
	box.MustPut(t, keys, "acme-data", "a.csv", "id,v\na,1\n")
	flags := map[string]string{
		"database": address(), "rows": address(), "master_key": strings.Repeat("ab", 32), "aws_endpoint": box.URL,
		"roles": "schedule, serve",
	}
	serving := listenWith(t, flags, server.Config{})
	api := clientAt(t, serving, serving.token)
	key, err := api.AddCredential(t.Context(), client.CredentialSpec{
		AccessKeyID: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = api.CreateSource(t.Context(), client.SourceSpec{
		Name: "src", Credential: key.ID, Bucket: "acme-data", Pattern: "*.csv",
	})
	if err != nil {
		t.Fatal(err)
	}
	started, err := api.StartLoad(t.Context(), client.LoadSpec{Source: "src", Dataset: "d"})
	if err != nil {
		t.Fatal(err)
	}
	if status, text, found := ready(t, serving.server.Handler()); status != http.StatusOK ||
		found.Status != "degraded" || !strings.Contains(text, "no node runs loads") {
		t.Errorf("without a node that loads: %d %s", status, text)
	}

	flags["roles"] = "load"
	loading := openWith(t, t.TempDir(), flags, server.Config{})
	at, stop := runUntil(t, loading)
	ended, err := api.WaitLoad(t.Context(), started.ID, nil)
	if err != nil || ended.State != "loaded" {
		t.Fatalf("%+v, %v", ended, err)
	}
	if status, text, found := ready(t, serving.server.Handler()); status != http.StatusOK || found.Status != "ready" {
		t.Errorf("with a node that loads: %d %s", status, text)
	}
	other := &outside{server: loading, url: "http://" + at, host: at}
	for path, want := range map[string]int{
		"/readyz": http.StatusOK, "/healthz": http.StatusOK, "/": http.StatusServiceUnavailable,
		"/sign-in": http.StatusServiceUnavailable, "/v1/whoami": http.StatusServiceUnavailable,
	} {
		if got := other.call(t, http.MethodGet, path, serving.token, ""); got.status != want {
			t.Errorf("%s at the node that loads: %d, want %d", path, got.status, want)
		}
	}
	all, err := server.Nodes(t.Context(), configOf(flagged(t, t.TempDir(), flags), server.Config{}))
	if err != nil || len(all) != 2 || strings.Join(all[0].Roles, " ") != "load" ||
		strings.Join(all[1].Roles, " ") != "serve schedule" {
		t.Errorf("nodes %+v, %v", all, err)
	}
	stop()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if _, _, found := ready(t, serving.server.Handler()); found.Status == "degraded" {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the node isn't degraded though nobody runs loads")
		}
	}
}
