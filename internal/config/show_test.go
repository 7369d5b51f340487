package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/windlass-io/windlass/internal/config"
)

func TestShow(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "windlass.toml")
	if err := os.WriteFile(name, []byte("upload_bytes = \"1GiB\"\nloads = 3\nmaster_key = \"secret\"\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"WINDLASS_HTTP_READ_IDLE": "90s", "WINDLASS_LOADS": "4", "WINDLASS_OIDC_SECRET": "secret"}
	values, err := config.Show(config.Sources{
		File: name, Getenv: func(n string) string { return env[n] },
		Flags: map[string]string{"token_rate": "600"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]string{}
	for _, v := range values {
		got[v.Name] = [2]string{v.Value, string(v.Origin)}
	}
	for name, want := range map[string][2]string{
		"upload_bytes":       {"1GiB", "file"},
		"loads":              {"4", "environment"},
		"http_read_idle":     {"90s", "environment"},
		"token_rate":         {"600", "flag"},
		"http_body_bytes":    {"1MiB", "default"},
		"drain_timeout":      {"20s", "default"},
		"http_idle_timeout":  {"2m", "default"},
		"spool_bytes":        {"0", "default"},
		"streams":            {"2000", "default"},
		"master_key":         {"[redacted]", "file"},
		"oidc_secret":        {"[redacted]", "environment"},
		"vault_token":        {"", "default"},
		"unpacked_bytes":     {"1024GiB", "default"},
		"max_members":        {"1000", "default"},
		"stream_concurrency": {"50", "default"},
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	if len(values) != len(config.Fields()) {
		t.Errorf("%d of %d settings are shown", len(values), len(config.Fields()))
	}
}
