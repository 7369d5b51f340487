package server_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/server"
)

// selfSigned writes a certificate for localhost with this serial number.
func selfSigned(t *testing.T, dir string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: der},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// run serves on a free port until the test ends.
func run(t *testing.T, s *server.Server) (address string) {
	t.Helper()
	address, _ = runUntil(t, s)
	return address
}

// runUntil serves until stop is called, or the test ends, and closes the service.
func runUntil(t *testing.T, s *server.Server) (address string, stop func()) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, listener) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		_ = s.Close()
	})
	t.Cleanup(stop)
	return listener.Addr().String(), stop
}

// TestTLS serves over TLS from files, sets HSTS, refuses old versions, and uses
// a certificate that replaced the first one.
func TestTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	selfSigned(t, dir, 1)
	address := run(t, openWith(t, t.TempDir(), map[string]string{
		"listen": "127.0.0.1:443", "tls_cert": filepath.Join(dir, "cert.pem"), "tls_key": filepath.Join(dir, "key.pem"),
	}, server.Config{}))
	get := func(settings *tls.Config) (*http.Response, error) {
		settings.InsecureSkipVerify = true // the test looks at the serial number itself
		transport := &http.Transport{TLSClientConfig: settings, ForceAttemptHTTP2: true}
		defer transport.CloseIdleConnections()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := transport.RoundTrip(request)
		if err == nil {
			_ = response.Body.Close()
		}
		return response, err
	}
	response, err := get(&tls.Config{}) //nolint:bodyclose // the helper get closes it
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != 200 || response.ProtoMajor != 2 ||
		response.Header.Get("Strict-Transport-Security") == "" ||
		response.TLS.PeerCertificates[0].SerialNumber.Int64() != 1 {
		t.Errorf("%s %s %v", response.Proto, response.Status, response.Header)
	}
	if _, err := get(&tls.Config{MaxVersion: tls.VersionTLS11}); err == nil { //nolint:bodyclose // the helper get closes it
		t.Error("TLS 1.1 is accepted")
	}
	selfSigned(t, dir, 2)
	deadline := time.Now().Add(30 * time.Second)
	for {
		response, err := get(&tls.Config{}) //nolint:bodyclose // the helper get closes it
		if err != nil {
			t.Fatal(err)
		}
		if response.TLS.PeerCertificates[0].SerialNumber.Int64() == 2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the new certificate isn't used")
		}
		time.Sleep(200 * time.Millisecond)
	}
	if err := os.WriteFile(filepath.Join(dir, "cert.pem"), []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1200 * time.Millisecond)
	if response, err := get(&tls.Config{}); err != nil || response.TLS.PeerCertificates[0].SerialNumber.Int64() != 2 { //nolint:bodyclose // the helper get closes it
		t.Errorf("a broken file ends TLS: %v", err)
	}
}

func TestBrokenCertificate(t *testing.T) {
	t.Parallel()
	settings := flagged(t, t.TempDir(), map[string]string{"tls_cert": "missing.pem", "tls_key": "missing.pem"})
	_, err := server.Open(t.Context(), configOf(settings, server.Config{}))
	if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), "missing.pem") {
		t.Errorf("got %v", err)
	}
}

// TestACME checks the certificate manager's settings: a private folder, and
// only the configured names.
func TestACME(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "acme"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := openWith(t, dir, map[string]string{
		"acme_domains": "windlass.example.com", "acme_directory": "http://127.0.0.1:1/directory",
		"public_url": "https://windlass.example.com",
	}, server.Config{})
	info, err := os.Stat(filepath.Join(dir, "acme"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v: %v", info.Mode(), err)
	}
	address := run(t, s)
	_, err = (&tls.Dialer{Config: &tls.Config{ServerName: "other.example.com"}}).DialContext(t.Context(), "tcp",
		address)
	if err == nil {
		t.Error("another name gets a certificate")
	}
	for path, want := range map[string]struct {
		status   int
		location string
	}{
		"/docs?a=b":                           {http.StatusMovedPermanently, "https://windlass.example.com/docs?a=b"},
		"/.well-known/acme-challenge/unknown": {http.StatusNotFound, ""},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Host = "windlass.example.com"
		if path == "/docs?a=b" {
			r.Host = "evil.example.com" // the redirect doesn't repeat it
		}
		s.RedirectHandler().ServeHTTP(w, r)
		if w.Code != want.status || w.Header().Get("Location") != want.location {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Location"))
		}
	}
}

func flagged(t testing.TB, dir string, flags map[string]string) config.Config {
	t.Helper()
	all := map[string]string{"dir": dir, "memory": "256MiB", "threads": "1"}
	for name, value := range flags {
		all[name] = value
	}
	settings, err := config.Load(config.Sources{Getenv: func(string) string { return "" }, Flags: all})
	if err != nil {
		t.Fatal(err)
	}
	return settings
}
