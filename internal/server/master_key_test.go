package server_test

import (
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/server"
)

// The master key is changed while a service runs: sealed secrets stay
// readable, new ones use the new key, and then the old key can be removed.
func TestMasterKeyIsChangedUnderARunningService(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	t.Cleanup(func() { _ = s.Close() })
	start, err := s.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s.Handler())
	t.Cleanup(web.Close)
	token, err := os.ReadFile(start.TokenFile)
	if err != nil {
		t.Fatal(err)
	}
	api, err := client.New(client.Config{
		URL: web.URL, Token: strings.TrimSpace(string(token)),
		Workspace: start.Workspace,
	})
	if err != nil {
		t.Fatal(err)
	}
	add := func(name string) {
		t.Helper()
		if _, err := api.AddCredential(t.Context(),
			client.CredentialSpec{
				Name: name, AccessKeyID: "AKIAIOSFODNN7EXAMPLE",
				SecretAccessKey: "secretsecretsecret",
			}); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "master.key")
	lines := func() []string {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Fields(string(text))
	}

	add("before")
	first := lines()[0]
	if n, err := server.RotateMasterKey(t.Context(), settingsOf(t, dir, ""), ""); n != 1 || err != nil {
		t.Fatalf("%d wrapped again, %v", n, err)
	}
	if got := lines(); len(got) != 2 || got[1] != first || got[0] == first {
		t.Fatalf("the file has %d keys", len(got))
	}
	add("between")
	if n, err := server.FinishMasterKey(t.Context(), settingsOf(t, dir, "")); n != 1 || err != nil {
		t.Fatalf("%d taken out, %v", n, err)
	}
	if got := lines(); len(got) != 1 || got[0] == first {
		t.Fatalf("the file has %d keys", len(got))
	}
	add("after")
	if n, err := server.RotateMasterKey(t.Context(), settingsOf(t, dir, ""), ""); n != 3 || err != nil {
		t.Errorf("with the old key gone, %d of 3 opened: %v", n, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}

	for address, code := range map[string]problem.Code{
		"aws-kms://arn:aws:kms:eu-west-1:111122223333:alias/x": problem.Invalid, "gcp-kms://x": problem.Invalid,
		"hcvault://h/x": problem.Invalid,
		"hcvault+http://127.0.0.1:1/transit/keys/windlass": problem.Refused,
	} {
		if _, err := server.RotateMasterKey(t.Context(), settingsOf(t, dir, ""), address); !problem.Is(err, code) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if len(lines()) != 2 {
		t.Error("a key that cannot be used was put into the file")
	}
	given := settingsOf(t, dir, strings.Repeat("3", 64)+","+strings.Join(lines(), ","))
	if n, err := server.RotateMasterKey(t.Context(), given, ""); n != 3 || err != nil {
		t.Errorf("to a key of the settings: %d, %v", n, err)
	}
	if _, err := server.FinishMasterKey(t.Context(), given); !problem.Is(err, problem.Conflict) {
		t.Errorf("taking a key out of the settings: %v", err)
	}
}

func settingsOf(t *testing.T, dir, masterKey string) server.Config {
	t.Helper()
	env := map[string]string{"WINDLASS_MASTER_KEY": masterKey}
	settings, err := config.Load(config.Sources{
		Getenv: func(name string) string { return env[name] },
		Flags:  map[string]string{"dir": dir},
	})
	if err != nil {
		t.Fatal(err)
	}
	return server.Config{
		Settings: settings, AWS: credentials.NewStaticCredentialsProvider("AKIA", "secret", ""),
		Logger: slog.New(slog.DiscardHandler), Now: time.Now,
	}
}
