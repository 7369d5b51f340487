package config_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/problem"
)

func TestPrecedence(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "windlass.toml")
	if err := os.WriteFile(name, []byte("listen = \"127.0.0.1:1\"\naws_region = \"eu-west-1\"\nloads = 3\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"WINDLASS_AWS_REGION": "eu-north-1", "WINDLASS_LOADS": "4"}
	got, err := config.Load(config.Sources{
		File: name, Getenv: func(n string) string { return env[n] },
		Flags: map[string]string{"loads": "5"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Listen != "127.0.0.1:1" || got.AWSRegion != "eu-north-1" || got.Loads != 5 || got.Memory < 256<<20 {
		t.Errorf("file, environment, flag, default: got %q %q %d %d", got.Listen, got.AWSRegion, got.Loads,
			got.Memory)
	}
	if got.PublicURL != "http://127.0.0.1:1" || got.Database != filepath.Join("windlass-data", "windlass.db") {
		t.Errorf("derived: got %q %q", got.PublicURL, got.Database)
	}
}

// TestPublicURL derives where people reach the service from where it listens.
func TestPublicURL(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		"127.0.0.1:1":        "http://127.0.0.1:1",
		"10.1.2.3:8080":      "http://10.1.2.3:8080",
		"0.0.0.0:8080":       "http://localhost:8080",
		"[::]:8080":          "http://localhost:8080",
		":8080":              "http://localhost:8080",
		"unix:/run/w/w.sock": "http://localhost",
	} {
		got, err := config.Load(config.Sources{
			Getenv: func(string) string { return "" }, Flags: map[string]string{"listen": listen},
		})
		if err != nil || got.PublicURL != want {
			t.Errorf("listening at %s: public URL %q, %v; want %q", listen, got.PublicURL, err, want)
		}
	}
}

func TestWrongValues(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, value, path string }{
		{"memory", "1", "memory"},
		{"loads", "0", "loads"},
		{"history_keep", "1", "history_keep"},
		{"history_days", "0", "history_days"},
		{"log_format", "xml", "log_format"},
		{"public_url", "nowhere", "public_url"},
		{"tls_cert", "cert.pem", "tls_key"},
		{"http_redirect", ":80", "http_redirect"},
		{"admin_listen", "9180", "admin_listen"},
		{"acme_directory", "nowhere", "acme_directory"},
		{"trusted_proxies", "proxy.example.com", "trusted_proxies"},
		{"token_concurrency", "-1", "token_concurrency"},
		{"http_connections", "0", "http_connections"},
		{"http_read_idle", "0", "http_read_idle"},
		{"http_min_rate", "0", "http_min_rate"},
		{"max_members", "0", "max_members"},
		{"token_rate", "-1", "token_rate"},
		{"aws_endpoint", ":", "aws_endpoint"},
		{"template_url", "https://example.com/role.yaml", "template_url"},
		{"dial_allow", "64:ff9b::/96, 10.0.0.0", "dial_allow"},
		{"dial_allow", "::ffff:10.0.0.0/104", "dial_allow"},
		{"egress_proxy", "socks5://proxy.example.com", "egress_proxy"},
		{"egress_proxy", "proxy.example.com:3128", "egress_proxy"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(config.Sources{
				Getenv: func(string) string { return "" },
				Flags:  map[string]string{tc.name: tc.value},
			})
			e := problem.From(err)
			if e.Code != problem.Invalid || len(e.Findings) != 1 || e.Findings[0].Path != tc.path {
				t.Errorf("got %v %v", err, e.Findings)
			}
		})
	}
}

func TestUnknownSetting(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "windlass.toml")
	if err := os.WriteFile(name, []byte("lisen = \"x\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(config.Sources{File: name, Getenv: func(string) string { return "" }})
	if e := problem.From(err); e.Code != problem.Invalid || len(e.Findings) != 1 || e.Findings[0].Path != "lisen" {
		t.Errorf("got %v", err)
	}
}

func TestSizesAndTimes(t *testing.T) {
	t.Parallel()
	got, err := config.Load(config.Sources{Getenv: func(string) string { return "" }, Flags: map[string]string{
		"upload_bytes": "3GiB", "http_body_bytes": "2048", "http_min_rate": "1KiB", "http_read_idle": "2m",
		"drain_timeout": "1d", "admin_listen": "off",
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got.UploadBytes != 3<<30 || got.HTTPBodyBytes != 2048 || got.HTTPMinRate != 1<<10 ||
		got.HTTPHeaderBytes != 64<<10 ||
		got.PublishableBytes != 2<<30 {
		t.Errorf("sizes: %d %d %d %d %d", got.UploadBytes, got.HTTPBodyBytes, got.HTTPMinRate, got.HTTPHeaderBytes,
			got.PublishableBytes)
	}
	if got.HTTPReadIdle.Or(0) != 2*time.Minute || got.DrainTimeout.Or(0) != 24*time.Hour ||
		got.HTTPWriteIdle.Or(0) != 30*time.Second || got.AdminAddress() != "" {
		t.Errorf("times: %d %d %d, admin %q", got.HTTPReadIdle, got.DrainTimeout, got.HTTPWriteIdle, got.AdminAddress())
	}
	for name, value := range map[string]string{
		"upload_bytes": "3GB", "http_body_bytes": "-1", "http_read_idle": "soon",
		"drain_timeout": "-1s",
	} {
		if _, err := config.Load(config.Sources{
			Getenv: func(string) string { return "" },
			Flags:  map[string]string{name: value},
		}); err == nil {
			t.Errorf("%s=%s is taken", name, value)
		}
	}
}
