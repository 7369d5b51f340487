package server_test

import (
	"bytes"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/windlass-io/windlass/internal/server"
)

// TestAttackBucketOnThisMachine loads from a bucket whose endpoint is on this
// machine. Windlass connects only if the settings allow private endpoints, or if
// the operator's own aws_endpoint is that address. The proxy of the environment
// is never used.
func TestAttackBucketOnThisMachine(t *testing.T) {
	var requests, proxied atomic.Int64
	bucket := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		_, _ = w.Write([]byte(`<ListBucketResult><Name>acme-data</Name></ListBucketResult>`))
	}))
	t.Cleanup(bucket.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		proxied.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	dir := t.TempDir()
	var token string
	for i, tc := range []struct {
		name      string
		flags     map[string]string
		connected bool
	}{
		{"allowed", map[string]string{"allow_private_endpoints": "true"}, true}, // makes the source
		{"refused", nil, false},
		{"the operator's own address", map[string]string{"aws_endpoint": bucket.URL}, true},
		{"refused again", nil, false},
	} {
		func() {
			s, err := server.Open(t.Context(), configOf(flagged(t, dir, maps.Clone(tc.flags)), server.Config{}))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			if i == 0 {
				token = endpointSource(t, s, bucket.URL)
			}
			before := requests.Load()
			status, text := within(t, s, http.MethodGet, "/v1/workspaces/main/sources/src/objects", token, "")
			if got := requests.Load() > before; got != tc.connected {
				t.Errorf("%s: connected %t, answer %d %s", tc.name, got, status, text)
			}
			if !tc.connected && !strings.Contains(text, "Windlass can't connect to 127.0.0.1.") {
				t.Errorf("%s: %d %s", tc.name, status, text)
			}
		}()
	}
	if proxied.Load() > 0 {
		t.Errorf("the proxy got %d requests", proxied.Load())
	}
}

// endpointSource creates a source with an endpoint, and returns the first token.
func endpointSource(t *testing.T, s *server.Server, endpoint string) (token string) {
	t.Helper()
	start, err := s.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(start.TokenFile)
	if err != nil {
		t.Fatal(err)
	}
	token = strings.TrimSpace(string(text))
	for path, body := range map[string]string{
		"credentials": `{"name":"key","access_key_id":"AKIAIOSFODNN7EXAMPLE","region":"us-east-1","endpoint":"` + endpoint +
			`","secret_access_key":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}`,
	} {
		if status, answer := within(t, s, http.MethodPost, "/v1/workspaces/main/"+path, token, body); status >= 300 {
			t.Fatalf("%s: %d %s", path, status, answer)
		}
	}
	if status, answer := within(t, s, http.MethodPost, "/v1/workspaces/main/sources", token,
		`{"name":"src","credential":"key","bucket":"acme-data","pattern":"*"}`); status >= 300 {
		t.Fatalf("the source: %d %s", status, answer)
	}
	return token
}

// within calls a service that doesn't listen.
func within(t *testing.T, s *server.Server, method, path, token, body string) (status int, text string) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	s.Handler().ServeHTTP(answer, request)
	return answer.Code, answer.Body.String()
}

// lockedBuffer is a buffer for many goroutines.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// TestAttackSecretsInTexts sends secrets everywhere a client might by
// mistake, and checks that no log line, response, audit entry or security
// event has one.
func TestAttackSecretsInTexts(t *testing.T) {
	t.Parallel()
	log := &lockedBuffer{}
	config := configOf(flagged(t, t.TempDir(), nil), server.Config{})
	config.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	config.AWS = credentials.NewStaticCredentialsProvider("AKIA", "secret", "")
	s, err := server.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	start, err := s.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(start.TokenFile)
	if err != nil {
		t.Fatal(err)
	}
	valid := strings.TrimSpace(string(file))
	const key, password = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "correct horse battery"
	secrets := []string{valid, "sk_0123456789abcdef0123456789abcdef", key, password, start.SignIn.Reveal()[len(start.SignIn.Reveal())-20:]}
	var answers strings.Builder
	for _, secret := range secrets {
		for _, tc := range []struct{ method, path, token, body string }{
			{"GET", "/v1/whoami", secret, ""},
			{"GET", "/v1/data/main/prices?token=" + secret, "", ""},
			{"GET", "/v1/data/main/prices?nothing=" + secret, valid, ""},
			{"GET", "/v1/workspaces/main/audit?action=" + secret, valid, ""},
			{"POST", "/v1/login/session", "", `{"device":"` + secret + `"}`},
			{"POST", "/v1/login/session", "", `{"` + secret + `":1}`},
			{"POST", "/v1/ci/credentials", secret, `{"token":"` + secret + `"}`},
			{"POST", tokens, valid, `{"kind":"` + secret + `"}`},
			{"POST", "/v1/workspaces/main/credentials", valid, `{"secret_access_key":"` + secret + `"}`},
			{"POST", "/v1/workspaces/main/credentials", valid, `{"name":1,"access_key_id":"A","secret_access_key":"` + secret + `"}`},
			{"GET", "/sign-in/link/" + strings.ReplaceAll(secret, " ", "%20"), "", ""},
		} {
			_, text := within(t, s, tc.method, strings.ReplaceAll(tc.path, " ", "%20"), tc.token, tc.body)
			if !strings.HasPrefix(tc.path, "/sign-in/") { // a page that submits the link has it
				answers.WriteString(text)
			}
		}
	}
	for _, path := range []string{"/v1/workspaces/main/audit?limit=1000", "/v1/workspaces/main/security"} {
		_, text := within(t, s, http.MethodGet, path, valid, "")
		answers.WriteString(text)
	}
	for _, secret := range secrets {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log has the secret %s", secret)
		}
		if strings.Contains(answers.String(), secret) {
			t.Errorf("an answer has the secret %s", secret)
		}
	}
}
