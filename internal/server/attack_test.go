package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/server"
)

// tried is a service that listens, with the text of its first token.
type tried struct {
	*httptest.Server
	token string
}

// try runs a service that trusts proxies on this machine, so that a test has
// clients at many addresses.
func try(t *testing.T, flags map[string]string) *tried {
	t.Helper()
	flags["trusted_proxies"] = "127.0.0.1"
	s := openWith(t, t.TempDir(), flags, server.Config{})
	t.Cleanup(func() { _ = s.Close() })
	start, err := s.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(start.TokenFile)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s.Handler())
	t.Cleanup(web.Close)
	return &tried{web, strings.TrimSpace(string(text))}
}

// call sends a request and returns the status and the text.
func (s *tried) call(t *testing.T, method, path, token, address, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("X-Forwarded-For", address)
	request.Header.Set("Accept-Encoding", "identity") // the limits count sent bytes
	if strings.HasPrefix(body, "{") {
		request.Header.Set("Content-Type", "application/json")
	}
	client := &http.Client{Timeout: 2 * time.Minute}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// publish creates a dataset of n rows, each of size bytes, and a publishable token
// that reads it.
func (s *tried) publish(t *testing.T, n, size int) (token string) {
	t.Helper()
	must := func(status int, text string) string {
		if status >= 300 {
			t.Fatalf("%d %s", status, text)
		}
		return text
	}
	must(s.call(t, http.MethodPost, "/v1/workspaces/main/datasets", s.token, "203.0.113.99",
		`{"name":"big","columns":[{"name":"k","type":"string","required":true,"allow_null":false},{"name":"text","type":"string","required":false,"allow_null":true}],"index":{"key":"k"}}`))
	var rows bytes.Buffer
	for i := range n {
		fmt.Fprintf(&rows, `{"k":"k%d","text":"%s"}`+"\n", i, strings.Repeat("x", size))
	}
	must(s.call(t, http.MethodPost, "/v1/data/main/big", s.token, "203.0.113.99", rows.String()[:rows.Len()-1]))
	var minted struct{ Token string }
	text := must(s.call(t, http.MethodPost, "/v1/workspaces/main/tokens", s.token, "203.0.113.99",
		`{"kind":"publishable","name":"page","scopes":[{"action":"data.read","dataset":"big"}]}`))
	if err := json.Unmarshal([]byte(text), &minted); err != nil {
		t.Fatal(err)
	}
	return minted.Token
}

// stall opens a connection, sends a request, and receives only one byte of
// the response.
func (s *tried) stall(t *testing.T, path, token, address string) (firstByte func() error) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	_ = conn.SetReadDeadline(time.Now().Add(2 * time.Minute))
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nX-Forwarded-For: %s\r\n\r\n", path, token, address); err != nil {
		t.Fatal(err)
	}
	return func() error {
		_, err := io.ReadFull(conn, make([]byte, 1))
		return err
	}
}

// TestAttackSlowReaders has many clients of a publishable token request more
// than a socket buffers, and receive nothing. Their rows are streamed from
// the engine, which has 8 readers. Another client's read must still work, and
// the memory stay limited.
func TestAttackSlowReaders(t *testing.T) {
	s := try(t, map[string]string{"http_write_idle": "1h"}) // no client is disconnected while the test runs
	token := s.publish(t, 4200, 2000)
	const path = "/v1/data/main/big,big,big?limit=1000&offset=3150" // 6 MB; offset and limit over 4,096 rows: a stream
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var begun []func() error
	for i := range 12 {
		begun = append(begun, s.stall(t, path, token, fmt.Sprintf("203.0.113.%d", i%4)))
	}
	for i, first := range begun {
		if err := first(); err != nil {
			t.Fatalf("client %d got no answer: %v", i, err)
		}
	}
	status, text := s.call(t, http.MethodGet, "/v1/data/main/big?limit=1000&offset=3150", token, "203.0.113.200", "")
	if status != http.StatusOK || !strings.HasSuffix(text, "]") {
		t.Errorf("another client: %d with %d bytes", status, len(text))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapInuse) - int64(before.HeapInuse); grown > 48<<20 {
		t.Errorf("the heap grew by %d MiB for 12 answers of 6 MB", grown>>20)
	}
}

// TestAttackSlowReadersOneAddress has one address receive nothing. Beyond its
// share it must be refused, while another address can read with the same
// token.
func TestAttackSlowReadersOneAddress(t *testing.T) {
	s := try(t, map[string]string{"token_concurrency": "5"})
	token := s.publish(t, 1000, 4000)
	var begun []func() error
	for range 5 {
		begun = append(begun, s.stall(t, "/v1/data/main/big,big,big?limit=1000", token, "203.0.113.1"))
	}
	for _, first := range begun {
		if err := first(); err != nil {
			t.Fatal(err)
		}
	}
	if status, text := s.call(t, http.MethodGet, "/v1/data/main/big", token, "203.0.113.1",
		""); status != http.StatusTooManyRequests {
		t.Errorf("the sixth request of an address: %d %s", status, text)
	}
	if status, text := s.call(t, http.MethodGet, "/v1/data/main/big", token, "203.0.113.2",
		""); status != http.StatusOK {
		t.Errorf("another address: %d %s", status, text)
	}
}

// TestAttackFloodBytes reads more than the token's limit for an hour.
func TestAttackFloodBytes(t *testing.T) {
	t.Parallel()
	s := try(t, map[string]string{"publishable_bytes": "100KiB"})
	token := s.publish(t, 100, 4000)
	for i, want := range []int{200, 429} {
		if status, text := s.call(t, http.MethodGet, "/v1/data/main/big?limit=100", token, "203.0.113.1",
			""); status != want {
			t.Errorf("request %d: %d %.200s", i, status, text)
		}
	}
	if status, _ := s.call(t, http.MethodGet, "/v1/whoami", s.token, "203.0.113.1", ""); status != http.StatusOK {
		t.Errorf("the secret token: %d", status)
	}
}
