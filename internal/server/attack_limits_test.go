package server_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/sandboxtest"
)

const (
	datasets = "/v1/workspaces/main/datasets"
	tokens   = "/v1/workspaces/main/tokens"
	oneRow   = `{"k":"a"}`
	keyed    = `,"columns":[{"name":"k","type":"string","required":true,"allow_null":false}],"index":{"key":"k"}}`
	prices   = `{"name":"prices"` + keyed
)

// TestAttackLimitsOfSizes sends and requests more than the limits allow.
func TestAttackLimitsOfSizes(t *testing.T) {
	t.Parallel()
	o := listen(t, map[string]string{
		"http_header_bytes": "8KiB", "http_body_bytes": "4KiB", "upload_bytes": "64KiB",
		"answer_memory": "1KiB", "answer_spool": "8KiB",
	})
	o.must(t, nil, http.MethodPost, datasets, o.token, prices)
	big := func(n int) string { return fmt.Sprintf(`{"name":"a","columns":[],"title":%q}`, strings.Repeat("x", n)) }
	var rows strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&rows, "{\"k\":\"key%028d\"}\n", i)
	}
	o.must(t, nil, http.MethodPost, "/v1/data/main/prices", o.token, rows.String())
	for name, tc := range map[string]struct {
		method, path, body string
		header             string
		status             int
	}{
		"headers":           {"GET", "/v1/whoami", "", "X: " + strings.Repeat("x", 9<<10), 431},
		"a path":            {"GET", "/v1/whoami?a=" + strings.Repeat("x", 64<<10), "", "", 414},
		"a document":        {"POST", datasets, big(5 << 10), "", 413},
		"an upload":         {"POST", "/v1/data/main/prices", strings.Repeat(oneRow+"\n", 7000), "", 413},
		"an answer":         {"GET", "/v1/data/main/prices?last=1000", "", "Accept-Encoding: identity", 413},
		"a page":            {"GET", datasets + "?limit=1001", "", "", 422},
		"a cursor":          {"GET", datasets + "?cursor=" + strings.Repeat("x", 513), "", "", 422},
		"pairs":             {"GET", "/v1/data/main/prices/" + strings.Repeat("k,", 2000) + "k", "", "", 413},
		"a name":            {"POST", datasets, `{"name":"` + strings.Repeat("n", 256) + `"` + keyed, "", 422},
		"a sign-in command": {"POST", "/v1/login", `{"name":"` + strings.Repeat("n", 5<<10) + `"}`, "", 413},
	} {
		for _, chunked := range []bool{false, true} {
			if chunked && tc.body == "" {
				continue
			}
			var body io.Reader = strings.NewReader(tc.body)
			if chunked {
				body = io.MultiReader(body) // net/http doesn't see its length
			}
			header := []string{"Content-Type: application/json"}
			if tc.header != "" {
				header = append(header, tc.header)
			}
			if got := o.ask(t, nil, tc.method, tc.path, o.token, body, header...); got.status != tc.status {
				t.Errorf("%s (chunked %t): %d, want %d: %.300s", name, chunked, got.status, tc.status, got.text)
			}
		}
	}
}

// TestAttackLimitsOfForms sends the console a form that is too long.
func TestAttackLimitsOfForms(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	owner := o.signIn(t, o.link)
	got := o.form(t, owner, "/members/invite", url.Values{"email": {strings.Repeat("x", 257<<10)}})
	if got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a form of 257 KiB: %d %.300s", got.status, got.text)
	}
}

// TestAttackLimitsOfTime sends and receives too slowly, and checks that the
// service ends each connection.
func TestAttackLimitsOfTime(t *testing.T) {
	t.Parallel()
	const soon = "200ms"
	for name, tc := range map[string]struct {
		setting string
		send    func(o *outside) string
		answer  string // the bytes before the end
	}{
		"headers that don't end": {
			"http_header_timeout",
			func(*outside) string { return "GET /healthz HTTP/1.1\r\nHost: x\r\nX: " },
			"",
		},
		"a body that doesn't end": {
			"http_read_idle",
			func(o *outside) string { return o.head(datasets, "Content-Length: 100") + "{" },
			"HTTP/1.1 408",
		},
		"an upload that doesn't end": {
			"http_read_idle",
			func(o *outside) string { return o.head("/v1/data/main/prices", "Content-Length: 100") + "{" },
			"HTTP/1.1 408",
		},
		"chunks that don't end": {
			"http_read_idle",
			func(o *outside) string { return o.head(datasets, "Transfer-Encoding: chunked") + "5\r\n{" },
			"HTTP/1.1 408",
		},
		"no second request": {
			"http_idle_timeout",
			func(*outside) string { return "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" },
			"HTTP/1.1 200",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := listen(t, map[string]string{tc.setting: soon})
			o.must(t, nil, http.MethodPost, datasets, o.token, prices)
			conn := o.dial(t)
			if _, err := io.WriteString(conn, tc.send(o)); err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(conn) // ends when the service closes the connection
			if errors.Is(err, os.ErrDeadlineExceeded) || !strings.HasPrefix(string(text), tc.answer) ||
				tc.answer == "" && len(text) > 0 && !strings.HasPrefix(string(text), "HTTP/1.1 4") {
				t.Errorf("the service sends %.200q, %v", text, err)
			}
		})
	}
}

// TestAttackLimitsOfStop stops a service while a client sends nothing more.
func TestAttackLimitsOfStop(t *testing.T) {
	t.Parallel()
	o := listen(t, map[string]string{"drain_timeout": "200ms"})
	o.hold(t, o.head(datasets, "Expect: 100-continue", "Content-Length: 100"))
	// The cleanup of listen waits for the service, which waits for a body for 30 s.
}

// head returns the head of a POST with the first token.
func (o *outside) head(path string, lines ...string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n%s\r\n\r\n",
		path, o.token, strings.Join(lines, "\r\n"))
}

// dial opens a connection.
func (o *outside) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", o.host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(25 * time.Second))
	return conn
}

// hold keeps a request open: the service waits for the rest of its body.
func (o *outside) hold(t *testing.T, head string) {
	t.Helper()
	conn := o.dial(t)
	if _, err := io.WriteString(conn, head); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		t.Fatalf("the service sends %q, %v", line, err)
	}
}

// TestAttackLimitsAtOnce opens one more concurrent request than a limit allows.
func TestAttackLimitsAtOnce(t *testing.T) {
	t.Parallel()
	const wait = "Expect: 100-continue\r\nContent-Length: 100"
	for name, tc := range map[string]struct {
		setting string
		held    func(o *outside) string
		refused func(t *testing.T, o *outside) answer
		allowed func(t *testing.T, o *outside) answer
	}{
		"a token": {
			"token_concurrency",
			func(o *outside) string { return o.head(datasets, wait) },
			func(t *testing.T, o *outside) answer { return o.call(t, "GET", "/v1/whoami", o.token, "") },
			func(t *testing.T, o *outside) answer { return o.call(t, "POST", "/v1/login", "", `{}`) },
		},
		"an address without a token": {
			"address_concurrency",
			func(*outside) string { return "POST /v1/login HTTP/1.1\r\nHost: x\r\n" + wait + "\r\n\r\n" },
			func(t *testing.T, o *outside) answer { return o.call(t, "POST", "/v1/login", "", `{}`) },
			func(t *testing.T, o *outside) answer { return o.call(t, "GET", "/v1/whoami", o.token, "") },
		},
		"a workspace": {
			"workspace_concurrency",
			func(o *outside) string { return o.head(datasets, wait) },
			func(t *testing.T, o *outside) answer { return o.call(t, "GET", "/v1/whoami", o.token, "") },
			func(t *testing.T, o *outside) answer { return o.call(t, "POST", "/v1/login", "", `{}`) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := listen(t, map[string]string{tc.setting: "1", "drain_timeout": "100ms"})
			o.hold(t, tc.held(o))
			got := tc.refused(t, o)
			if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") == "" {
				t.Errorf("one more: %d %v %s", got.status, got.header, got.text)
			}
			if got := tc.allowed(t, o); got.status >= 300 {
				t.Errorf("somebody else: %d %s", got.status, got.text)
			}
		})
	}
}

// TestAttackLimitsOfConnections opens one connection more than a limit allows.
func TestAttackLimitsOfConnections(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"http_connections", "address_connections"} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			o := listen(t, map[string]string{setting: "2"})
			greet := func() error {
				conn := o.dial(t)
				if _, err := io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
					return err
				}
				_, err := io.ReadFull(conn, make([]byte, 1))
				return err
			}
			for i := range 2 {
				if err := greet(); err != nil {
					t.Fatalf("connection %d: %v", i, err)
				}
			}
			if err := greet(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the third connection: %v", err)
			}
		})
	}
}

// TestAttackLimitsOfRates sends one request more than a rate allows.
func TestAttackLimitsOfRates(t *testing.T) {
	t.Parallel()
	o := listen(t, map[string]string{"token_rate": "12", "publishable_rate": "6"}) // bursts of 2 and 1
	draft := `{"kind":"publishable","name":"t","scopes":[{"action":"data.read","dataset":"*"}]}`
	var made struct{ Token string }
	o.must(t, &made, http.MethodPost, tokens, o.token, draft)
	for _, tc := range []struct {
		token, policy string
		status        int
	}{
		{o.token, `"minute";q=12;w=60`, 200},
		{o.token, `"minute";q=12;w=60`, 429},
		{made.Token, `"minute";q=6;w=60`, 200},
		{made.Token, `"minute";q=6;w=60`, 429},
	} {
		got := o.call(t, http.MethodGet, "/v1/whoami", tc.token, "")
		if got.status != tc.status || got.header.Get("RateLimit-Policy") != tc.policy ||
			!strings.HasPrefix(got.header.Get("RateLimit"), `"minute";r=0;t=`) ||
			(tc.status == 429) != (got.header.Get("Retry-After") != "") {
			t.Errorf("%s: %d %v, want %d", tc.policy, got.status, got.header, tc.status)
		}
	}
}

// TestAttackLimitsOfCounts adds one thing more than a workspace may have.
func TestAttackLimitsOfCounts(t *testing.T) {
	t.Parallel()
	o := listenTo(t, sandboxtest.Start(t), map[string]string{
		"max_members": "2", "max_tokens": "3", "max_keys": "1", "max_sources": "1", "max_datasets": "1",
		"max_providers": "1", "max_schedules": "1", "max_integrations": "1",
		"max_grants": "1", "max_notifications": "1", "allow_private_endpoints": "true",
	})
	owner := o.session(t, o.signIn(t, o.link))
	const key = `"access_key_id":"AKIAIOSFODNN7EXAMPLE","secret_access_key":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"`
	for _, tc := range []struct{ path, body string }{
		{"members", `{"email":"%s@example.com","role":"viewer"}`},
		{"tokens", `{"kind":"personal","name":"%s"}`}, // the others are first-token and the command's session
		{"credentials", `{"name":"%s",` + key + `}`},
		{"sources", `{"name":"%s","credential":"a","bucket":"acme-data","pattern":"%[1]s/*"}`},
		{"datasets", `{"name":"%s"` + keyed},
		{"schedules", `{"name":"%s","source":"a","dataset":"a","every":"1h"}`},
		{"notifications", `{"name":"%s","kind":"webhook","url":"https://example.com/hook"}`},
		{"providers", `{"name":"%s","kind":"gitlab"}`},
		{"integrations", `{"name":"%s","vending":true,"role_arn":"arn:aws:iam::111122223333:role/r",` +
			`"locations":[{"bucket":"acme-data","prefix":"in/"}]}`},
		{"grants", `{"name":"%s","provider":"members","users":["*"],"integration":"a"}`},
	} {
		path := "/v1/workspaces/main/" + tc.path
		if got := o.call(t, http.MethodPost, path, owner, fmt.Sprintf(tc.body, "a")); got.status >= 300 {
			t.Errorf("the first of %s: %d %s", tc.path, got.status, got.text)
		}
		if got := o.call(t, http.MethodPost, path, owner, fmt.Sprintf(tc.body, "b")); got.status != 413 {
			t.Errorf("one more of %s: %d %s", tc.path, got.status, got.text)
		}
	}
}
