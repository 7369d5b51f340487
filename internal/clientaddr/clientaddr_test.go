package clientaddr_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/clientaddr"
)

// TestAttackForwardedFor checks that a client can't choose its own address:
// the nearest address that isn't a trusted proxy's counts.
func TestAttackForwardedFor(t *testing.T) {
	t.Parallel()
	const proxies = "10.0.0.0/8, 192.0.2.7,2001:db8:aaaa::/48 unix"
	for name, tc := range map[string]struct {
		trusted, peer string
		forwarded     []string
		want          string
	}{
		"no proxy":                          {"", "198.51.100.9:1", nil, "198.51.100.9"},
		"nobody is trusted":                 {"", "198.51.100.9:1", []string{"203.0.113.1"}, "198.51.100.9"},
		"the peer is not a proxy":           {proxies, "198.51.100.9:1", []string{"203.0.113.1"}, "198.51.100.9"},
		"one proxy":                         {proxies, "10.1.2.3:1", []string{"203.0.113.1"}, "203.0.113.1"},
		"single address":                    {proxies, "192.0.2.7:1", []string{"203.0.113.1"}, "203.0.113.1"},
		"beside the single address":         {proxies, "192.0.2.8:1", []string{"203.0.113.1"}, "192.0.2.8"},
		"the client forged an entry":        {proxies, "10.1.2.3:1", []string{"127.0.0.1, 203.0.113.1"}, "203.0.113.1"},
		"the client forged a trusted entry": {proxies, "10.1.2.3:1", []string{"10.0.0.1, 203.0.113.1"}, "203.0.113.1"},
		"the client forged a header": {
			proxies, "10.1.2.3:1",
			[]string{"127.0.0.1", "203.0.113.1"},
			"203.0.113.1",
		},
		"two proxies": {proxies, "10.1.2.3:1", []string{"203.0.113.1, 10.9.9.9"}, "203.0.113.1"},
		"two proxies, two headers": {
			proxies, "10.1.2.3:1",
			[]string{"203.0.113.1", "10.9.9.9"},
			"203.0.113.1",
		},
		"all entries are trusted": {proxies, "10.1.2.3:1", []string{"10.4.4.4, 10.5.5.5"}, "10.4.4.4"},
		"no header":               {proxies, "10.1.2.3:1", nil, "10.1.2.3"},
		"empty header":            {proxies, "10.1.2.3:1", []string{""}, "10.1.2.3"},
		"not an address":          {proxies, "10.1.2.3:1", []string{"203.0.113.1, unknown"}, "10.1.2.3"},
		"not an address after a proxy": {
			proxies, "10.1.2.3:1",
			[]string{"203.0.113.1, _hidden, 10.9.9.9"},
			"10.9.9.9",
		},
		"an address with a port": {proxies, "10.1.2.3:1", []string{"203.0.113.1:80"}, "10.1.2.3"},
		"an empty entry":         {proxies, "10.1.2.3:1", []string{"203.0.113.1,,10.9.9.9"}, "10.9.9.9"},
		"a zone":                 {proxies, "10.1.2.3:1", []string{"fe80::1%eth0"}, "10.1.2.3"},
		"IPv6": {
			proxies, "[2001:db8:aaaa::1]:1",
			[]string{"2001:db8:bbbb::5"},
			"2001:db8:bbbb::5",
		},
		"IPv4 mapped into IPv6": {
			proxies, "[::ffff:10.1.2.3]:1",
			[]string{"::ffff:203.0.113.1, ::ffff:10.9.9.9"},
			"203.0.113.1",
		},
		"Unix socket":                     {proxies, "@", []string{"203.0.113.1"}, "203.0.113.1"},
		"Unix socket that is not trusted": {"10.0.0.0/8", "@", []string{"203.0.113.1"}, "@"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trusted, err := clientaddr.Parse(tc.trusted)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.RemoteAddr, r.Header["X-Forwarded-For"] = tc.peer, tc.forwarded
			r.Header.Set("Forwarded", "for=8.8.8.8;proto=https")
			if got := trusted.Resolve(r); got.String() != tc.want || got.HTTPS {
				t.Errorf("the client is %s (HTTPS %v), want %s", got, got.HTTPS, tc.want)
			}
		})
	}
}

func TestAttackForwardedProto(t *testing.T) {
	t.Parallel()
	trusted, err := clientaddr.Parse("10.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		peer  string
		tls   bool
		proto []string
		want  bool
	}{
		"from a proxy":                {"10.0.0.1:1", false, []string{"https"}, true},
		"from anyone":                 {"192.0.2.1:1", false, []string{"https"}, false},
		"the nearest proxy counts":    {"10.0.0.1:1", false, []string{"https, http"}, false},
		"the last header counts":      {"10.0.0.1:1", false, []string{"http", "HTTPS"}, true},
		"the proxy came over TLS":     {"10.0.0.1:1", true, nil, true},
		"the client came over HTTP":   {"10.0.0.1:1", true, []string{"http"}, false},
		"TLS without a proxy":         {"192.0.2.1:1", true, []string{"http"}, true},
		"something else from a proxy": {"10.0.0.1:1", false, []string{"gopher"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.RemoteAddr, r.Header["X-Forwarded-Proto"] = tc.peer, tc.proto
			if tc.tls {
				r.TLS = &tls.ConnectionState{}
			}
			if got := trusted.Resolve(r).HTTPS; got != tc.want {
				t.Errorf("HTTPS is %v", got)
			}
		})
	}
}

// TestAttackForwardedForUntrusted checks that a proxy that isn't configured is
// reported once an hour, however many requests it forwards.
func TestAttackForwardedForUntrusted(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	var reported []string
	var seen clientaddr.Client
	handler := clientaddr.Proxies{}.Handler(
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = clientaddr.Of(r) }),
		func() time.Time { return now },
		func(_ *http.Request, peer string) { reported = append(reported, peer) })
	for _, after := range []time.Duration{0, time.Minute, time.Hour, time.Minute} {
		now = now.Add(after)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = "192.0.2.1:4711"
		r.Header.Set("X-Forwarded-For", "203.0.113.1")
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	if len(reported) != 2 || reported[0] != "192.0.2.1" || seen.String() != "192.0.2.1" {
		t.Errorf("reported %q, the client is %s", reported, seen)
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	for peer, want := range map[string]string{
		"192.0.2.1:80":                 "192.0.2.1",
		"[::ffff:192.0.2.1]:80":        "192.0.2.1",
		"[2001:db8:1:2:3:4:5:6]:80":    "2001:db8:1:2::/64",
		"[2001:db8:1:2:ffff::1%x]:443": "2001:db8:1:2::/64",
		"@":                            "@",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = peer
		if got := clientaddr.Of(r).Key(); got != want {
			t.Errorf("%s is counted as %s, want %s", peer, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for list, ok := range map[string]bool{
		"": true, "unix": true, "10.0.0.0/8,::1/128": true, "10.0.0.1": true,
		"10.0.0.0/33": false, "proxy.example.com": false, "10.0.0.0-10.0.0.9": false, "fe80::1%eth0": false,
		"Unix": false,
	} {
		if _, err := clientaddr.Parse(list); (err == nil) != ok {
			t.Errorf("%q: %v", list, err)
		}
	}
}
