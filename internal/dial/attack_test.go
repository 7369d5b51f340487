package dial_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/problem"
)

// host is a name of the certificate of httptest's servers.
const host = "files.example.com"

var here = netip.MustParseAddr("127.0.0.1")

// server counts the requests that reach it, over TLS on 127.0.0.1.
type server struct {
	*httptest.Server
	hits atomic.Int64
	port string
}

func serve(t testing.TB, handler http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.hits.Add(1)
		handler(w, r)
	}))
	t.Cleanup(s.Close)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	_, s.port, _ = net.SplitHostPort(s.Listener.Addr().String())
	return s
}

func (s *server) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

func (s *server) at(host string) string { return "https://" + net.JoinHostPort(host, s.port) }

func ok(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("content")) }

// onlyHere allows the one loopback address at which a test's server is.
func onlyHere() dial.Policy {
	return dial.Policy{Allow: []netip.Prefix{netip.PrefixFrom(here, 32)}}
}

// refusals records refused connections.
type refusals struct {
	mu   sync.Mutex
	list []string
}

func (r *refusals) on(_ context.Context, host, address, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, host+" "+address+" "+reason)
}

func (r *refusals) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.list, "\n")
}

// TestAttackNameOfLoopback resolves public names to addresses in Windlass's
// own network, and checks that nothing is connected and the refusal is
// reported.
func TestAttackNameOfLoopback(t *testing.T) {
	t.Parallel()
	s := serve(t, ok)
	if err := get(t, dial.New(dial.Config{
		Policy: onlyHere(), RootCAs: s.roots(),
		Resolver: newZone().set(host, []netip.Addr{here}).resolver(),
	}).Client(dial.URLSource), s.at(host)); err != nil {
		t.Fatalf("the baseline: %v", err)
	}
	for _, address := range []string{
		"127.0.0.1", "::1", "::ffff:127.0.0.1", "127.3.2.1", "0.0.0.0", "::",
		"64:ff9b::7f00:1", "2002:7f00:1::", "::7f00:1", "10.0.0.1", "169.254.169.254", "fd00:ec2::254", "fe80::1",
	} {
		for _, use := range dial.Uses() {
			if use == dial.AWS && address == "10.0.0.1" {
				continue // a VPC endpoint
			}
			t.Run(address+" for "+string(use), func(t *testing.T) {
				t.Parallel()
				var seen refusals
				var tried attempts
				guard := dial.New(dial.Config{
					RootCAs: s.roots(), Resolver: newZone().set(host, []netip.Addr{netip.MustParseAddr(address)}).
							resolver(), OnRefused: seen.on, Control: tried.control,
				})
				err := get(t, guard.Client(use), s.at(host))
				if !problem.Is(err, problem.Refused) || !strings.Contains(seen.String(), host) {
					t.Errorf("got %v, reported %q", err, seen.String())
				}
				if list := tried.sorted(); len(list) > 0 {
					t.Errorf("connected %v", list)
				}
			})
		}
	}
	t.Cleanup(func() {
		if n := s.hits.Load(); n != 1 {
			t.Errorf("%d requests arrived", n-1)
		}
	})
}

// TestAttackLocalNames uses names that the machine itself resolves.
func TestAttackLocalNames(t *testing.T) {
	t.Parallel()
	s := serve(t, ok)
	guard := dial.New(dial.Config{RootCAs: s.roots()})
	for _, name := range []string{
		"localhost", "localhost.", "LOCALHOST", "a.localhost", "127.1", "2130706433",
		"0x7f000001", "0177.0.0.1", "127.0.0.1.", "[::1]", "[::ffff:7f00:1]",
	} {
		if err := get(t, guard.Client(dial.URLSource), "https://"+name+":"+s.port); !problem.Is(err, problem.Refused) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if n := s.hits.Load(); n > 0 {
		t.Errorf("%d requests arrived", n)
	}
}

// TestAttackRebinding changes the address of a name between two requests, and
// checks that each connection is judged by its own address.
func TestAttackRebinding(t *testing.T) {
	t.Parallel()
	s := serve(t, ok)
	public := netip.MustParseAddr("93.184.216.34")
	names := newZone().set(host, []netip.Addr{public}, []netip.Addr{here}, []netip.Addr{here, public})
	var tried attempts
	guard := dial.New(dial.Config{RootCAs: s.roots(), Resolver: names.resolver(), Control: tried.control})
	for range 3 {
		if err := get(t, guard.Client(dial.URLSource), s.at(host)); !problem.Is(err, problem.Refused) {
			t.Errorf("got %v", err)
		}
	}
	if got := fmt.Sprint(tried.sorted()); got != fmt.Sprint([]string{public.String(), public.String()}) {
		t.Errorf("connected %s", got)
	}
	if n := s.hits.Load(); n > 0 {
		t.Errorf("%d requests arrived", n)
	}
}

// TestAttackRedirect redirects into Windlass's own network, by address and by
// name.
func TestAttackRedirect(t *testing.T) {
	t.Parallel()
	inner := serve(t, ok)
	for name, target := range map[string]string{
		"address":          "https://127.0.0.2:" + inner.port,
		"name":             inner.at("inside.example.com"),
		"metadata":         "https://169.254.169.254/latest/meta-data/",
		"without TLS":      "http://files.example.com:" + inner.port,
		"user information": "https://a:b@files.example.com:" + inner.port,
		"a low port":       "https://files.example.com:22/",
		"another scheme":   "gopher://127.0.0.1:6379/_FLUSHALL",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outer := serve(t, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, target,
					http.StatusFound)
			})
			guard := dial.New(dial.Config{
				Policy: onlyHere(), RootCAs: outer.roots(),
				Resolver: newZone().set(host, []netip.Addr{here}).set("inside.example.com",
					[]netip.Addr{netip.MustParseAddr("127.0.0.2")}).resolver(),
			})
			if err := get(t, guard.Client(dial.URLSource), outer.at(host)); !problem.Is(err, problem.Refused) {
				t.Errorf("got %v", err)
			}
			if outer.hits.Load() != 1 {
				t.Errorf("%d requests", outer.hits.Load())
			}
		})
	}
	t.Cleanup(func() {
		if n := inner.hits.Load(); n > 0 {
			t.Errorf("%d requests arrived", n)
		}
	})
}

// TestAttackPortScan connects to hosts and ports that are unreachable for
// different reasons, and checks that all errors have the same text and the log
// has the cause.
func TestAttackPortScan(t *testing.T) {
	t.Parallel()
	open := serve(t, ok)
	speaking, err := net.Listen("tcp", "127.0.0.1:0") // as an SSH server does
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = speaking.Close() })
	go func() {
		for {
			conn, err := speaking.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("SSH-2.0-OpenSSH_9.9\r\n"))
			_ = conn.Close()
		}
	}()
	plain := httptest.NewServer(http.HandlerFunc(ok))
	t.Cleanup(plain.Close)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // the handshake never ends
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	port := func(address string) string { _, p, _ := net.SplitHostPort(address); return p }

	for name, c := range map[string]struct{ address, port, cause string }{
		"an address that is refused":           {"127.0.0.2", open.port, "Loopback"},
		"a name that isn't known":              {"", open.port, "no such host"},
		"a port without a service":             {"127.0.0.1", "1", "refused"},
		"a certificate that isn't valid":       {"127.0.0.1", open.port, "certificate"},
		"a service without TLS":                {"127.0.0.1", port(plain.Listener.Addr().String()), "TLS"},
		"a service that speaks something else": {"127.0.0.1", port(speaking.Addr().String()), "tls"},
		"a service that says nothing":          {"127.0.0.1", port(silent.Addr().String()), "deadline"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			names := newZone()
			if c.address != "" {
				names.set(host, []netip.Addr{netip.MustParseAddr(c.address)})
			}
			var log bytes.Buffer
			policy := onlyHere()
			policy.AllowPrivate = c.port == "1" // every port
			guard := dial.New(dial.Config{
				Policy: policy, Resolver: names.resolver(),
				Logger: slog.New(slog.NewTextHandler(&log, nil)),
			})
			err := get(t, guard.Client(dial.JWKS), "https://"+net.JoinHostPort(host, c.port))
			found := problem.From(err)
			if found.Code != problem.Refused || found.Message != "Windlass can't connect to files.example.com." ||
				found.Hint != "The host must be public and have a valid certificate. Your operator finds the cause in the log under this request ID." {
				t.Errorf("got %q %q %q", found.Code, found.Message, found.Hint)
			}
			var outer *url.Error
			if !errors.As(err, &outer) || outer.Err.Error() != found.Message {
				t.Errorf("the client adds words: %v", err)
			}
			if !strings.Contains(log.String(), c.cause) || !strings.Contains(log.String(), "host="+host) {
				t.Errorf("the log has no cause %q: %s", c.cause, log.String())
			}
		})
	}
}

// TestAttackHeaders redirects to another origin and back, and checks that the
// source's own headers and the Referer aren't sent there.
func TestAttackHeaders(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		chain []string
		kept  bool
	}{
		"the same origin": {[]string{"https://a.example.com/x?sig=1", "https://a.example.com:443/y"}, true},
		"another host":    {[]string{"https://a.example.com/x?sig=1", "https://b.example.com/y"}, false},
		"a host below":    {[]string{"https://example.com/x?sig=1", "https://a.example.com/y"}, false},
		"another port":    {[]string{"https://a.example.com/x?sig=1", "https://a.example.com:8443/y"}, false},
		"away and back": {[]string{
			"https://a.example.com/x?sig=1", "https://b.example.com/y",
			"https://a.example.com/z",
		}, false},
		"a final dot": {[]string{"https://a.example.com/x?sig=1", "https://a.example.com./y"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			way := &headers{hops: hops{chain: c.chain}}
			client := *dial.New(dial.Config{}).Client(dial.URLSource)
			client.Transport = way
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.chain[0], nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"Authorization", "Cookie", "X-Api-Key", "Range"} {
				request.Header.Set(name, "v")
			}
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			for _, name := range []string{"Authorization", "Cookie", "X-Api-Key"} {
				if got := way.last.Get(name) != ""; got != c.kept {
					t.Errorf("%s: sent %t", name, got)
				}
			}
			if way.last.Get("Range") == "" || way.last.Get("Referer") != "" {
				t.Errorf("headers: %v", way.last)
			}
		})
	}
}

type headers struct {
	hops
	last http.Header
}

func (h *headers) RoundTrip(r *http.Request) (*http.Response, error) {
	h.last = r.Header.Clone()
	return h.hops.RoundTrip(r)
}

// TestAttackAnswer responds with a too large body and too large headers.
func TestAttackAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		use           dial.Use
		body, headers int
		code          problem.Code
	}{
		"a key set":             {dial.JWKS, dial.MaxKeySetBytes, 0, ""},
		"a long key set":        {dial.JWKS, dial.MaxKeySetBytes + 1, 0, problem.TooLarge},
		"a discovery":           {dial.Discovery, dial.MaxDiscoveryBytes, 0, ""},
		"a long discovery":      {dial.Discovery, dial.MaxDiscoveryBytes + 1, 0, problem.TooLarge},
		"a file":                {dial.URLSource, 1 << 20, 0, ""},
		"the headers of a file": {dial.URLSource, 1, 20 << 10, problem.Refused},
		"headers of a key set":  {dial.JWKS, 1, 20 << 10, problem.Refused},
		"headers of an object":  {dial.Endpoint, 1, 20 << 10, problem.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Long", strings.Repeat("x", c.headers))
				_, _ = w.Write(bytes.Repeat([]byte("x"), c.body))
			})
			guard := dial.New(dial.Config{
				Policy: onlyHere(), RootCAs: s.roots(),
				Resolver: newZone().set(host, []netip.Addr{here}).resolver(),
			})
			n, err := read(t, guard.Client(c.use), s.at(host))
			if c.code == "" && (err != nil || n != c.body) || c.code != "" && !problem.Is(err, c.code) || n > c.body {
				t.Errorf("read %d bytes: %v", n, err)
			}
		})
	}
}

// TestAttackWebhookAnswer checks that an endless response of a webhook isn't read.
func TestAttackWebhookAnswer(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<16)); err != nil {
				return
			}
		}
	})
	guard := dial.New(dial.Config{
		Policy: onlyHere(), RootCAs: s.roots(),
		Resolver: newZone().set(host, []netip.Addr{here}).resolver(),
	})
	if n, err := read(t, guard.Client(dial.Webhook), s.at(host)); err != nil || n != 0 {
		t.Errorf("read %d bytes: %v", n, err)
	}
}
