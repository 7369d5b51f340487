package dial_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/problem"
)

// read gets an address and counts the bytes of its body.
func read(t testing.TB, client *http.Client, address string) (int, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	return int(n), err
}

func TestAllowedBlocks(t *testing.T) {
	t.Parallel()
	prefixes := func(list ...string) (out []netip.Prefix) {
		for _, p := range list {
			out = append(out, netip.MustParsePrefix(p))
		}
		return out
	}
	for _, c := range []struct {
		address string
		allow   []netip.Prefix
		reason  string
	}{
		{"64:ff9b::808:808", prefixes("64:ff9b::/96"), ""},
		{"64:ff9b::7f00:1", prefixes("64:ff9b::/96"), "Loopback"},
		{"64:ff9b::a00:1", prefixes("64:ff9b::/96"), "Private-Use"},
		{"64:ff9b::a00:1", prefixes("64:ff9b::/96", "10.0.0.0/8"), ""},
		{"64:ff9b::a9fe:a9fe", prefixes("64:ff9b::/96", "169.254.0.0/16"), "cloud metadata"},
		{"64:ff9b:1::808:808", prefixes("64:ff9b:1::/96"), ""},
		{"64:ff9b:1::7f00:1", prefixes("64:ff9b:1::/96"), "Loopback"},
		{"64:ff9b:1:808:8:800::", prefixes("64:ff9b:1::/48"), ""},
		{"64:ff9b:1:7f00:0:100::", prefixes("64:ff9b:1::/48"), "Loopback"},
		{"64:ff9b:1:a9fe:a9:fe00::", prefixes("64:ff9b:1::/48"), "cloud metadata"},
		{"64:ff9b:1::a9fe:a9fe", prefixes("64:ff9b:1::/48"), "cloud metadata"},
		{"2002:a00:1::1", prefixes("2002::/16"), "Private-Use"},
		{"2002:808:808::1", prefixes("2002::/16"), ""},
		{"2001:0:4136:e378:8000:63bf:80ff:fffe", prefixes("2001::/32"), "Loopback"},
		{"169.254.169.254", prefixes("0.0.0.0/0"), "cloud metadata"},
		{"169.254.1.1", prefixes("169.254.0.0/16"), ""},
		{"::ffff:10.0.0.1", prefixes("10.0.0.0/24"), ""},
		{"10.0.1.1", prefixes("10.0.0.0/24"), "Private-Use"},
		{"fe80::1%eth0", prefixes("fe80::/10"), ""},
		{"fd00:ec2::254", prefixes("::/0"), "cloud metadata"},
	} {
		if got := (dial.Policy{Allow: c.allow}).Judge(netip.MustParseAddr(c.address)); got != c.reason {
			t.Errorf("%s with %v: got %q, want %q", c.address, c.allow, got, c.reason)
		}
	}
	if got := (dial.Policy{}).Judge(netip.Addr{}); got == "" {
		t.Error("the zero address is allowed")
	}
}

func TestEndpointSpelling(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"https://S3.Example.NET./":         "https://s3.example.net",
		"HTTPS://s3.example.net:9000":      "https://s3.example.net:9000",
		"https://[2606:4700:0::1111]:8443": "https://[2606:4700::1111]:8443",
		"https://s3.example.net:443/":      "https://s3.example.net:443",
	} {
		if got, err := (dial.Policy{}).Endpoint(value); got != want || err != nil {
			t.Errorf("%s: got %q %v", value, got, err)
		}
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"https://example.com/a/b?c=d&e=%2F":                "",
		"https://example.com":                              "",
		"https://example.com?x":                            "",
		"https://example.com/#x":                           "path",
		"https://example.com/a b":                          "path",
		"https://example.com/%zz":                          "path",
		"https://example.com/ü":                            "path",
		"https://example.com\\@127.0.0.1/":                 "userinfo",
		"https://example.com\\.localhost/":                 "host syntax",
		"https://example.com\n.net/":                       "host syntax",
		"https://127.0.0.1/a":                              "Loopback",
		"https://\u212aubernetes.example.com/":             "host syntax", // the Kelvin sign
		"javascript:alert(1)":                              "scheme",
		"https://example.com:/x":                           "port",
		"https://example.com:0443/x":                       "port",
		"https://" + strings.Repeat("a.", 140) + "b":       "host syntax",
		"https://example.com/" + strings.Repeat("a", 3000): "length",
	} {
		err := (dial.Policy{}).URL(value)
		var fault *dial.EndpointError
		if errors.As(err, &fault) != (want != "") || fault != nil && fault.Reason != want {
			t.Errorf("%s: got %v, want %q", value, err, want)
		}
	}
}

// TestAWS uses a VPC endpoint that serves AWS's own host.
func TestAWS(t *testing.T) {
	t.Parallel()
	for address, allowed := range map[string]bool{
		"10.0.0.7": true, "100.64.3.4": true, "fd12::1": true,
		"52.216.1.1": true, "127.0.0.1": false, "169.254.169.254": false, "fd00:ec2::254": false,
	} {
		var tried attempts
		name := "bucket.s3.eu-west-1.amazonaws.com"
		guard := dial.New(dial.Config{Resolver: newZone().set(name, []netip.Addr{netip.MustParseAddr(address)}).
			resolver(), Control: tried.control})
		if err := get(t, guard.Client(dial.AWS), "https://"+name+"/key"); !problem.Is(err, problem.Refused) {
			t.Errorf("%s: got %v", address, err)
		}
		if got := len(tried.sorted()) > 0; got != allowed {
			t.Errorf("%s: connected %t", address, got)
		}
	}
}

func TestCancelledIsNotRefused(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://example.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := dial.New(dial.Config{Resolver: newZone().resolver()}).Client(dial.URLSource).Do(request)
	if err == nil {
		_ = response.Body.Close()
	}
	if !errors.Is(err, context.Canceled) || problem.Is(err, problem.Refused) {
		t.Errorf("got %v", err)
	}
}

// TestEnvironmentProxyIsNotUsed can't be parallel: it sets the environment.
func TestEnvironmentProxyIsNotUsed(t *testing.T) {
	var hits atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	t.Cleanup(proxy.Close)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, proxy.URL)
	}
	s := serve(t, ok)
	guard := dial.New(dial.Config{
		Policy: onlyHere(), RootCAs: s.roots(),
		Resolver: newZone().set(host, []netip.Addr{here}).resolver(),
	})
	for _, use := range []dial.Use{dial.Endpoint, dial.JWKS, dial.Webhook, dial.URLSource} {
		if err := get(t, guard.Client(use), s.at(host)); err != nil {
			t.Errorf("%s: %v", use, err)
		}
	}
	if hits.Load() > 0 {
		t.Error("the proxy was asked")
	}
}

// tunnels is an HTTP proxy that supports only CONNECT, and connects every name
// to one address.
type tunnels struct {
	to     string
	asked  atomic.Pointer[http.Request]
	status int
}

func (p *tunnels) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.asked.Store(r)
	if r.Method != http.MethodConnect || p.status != 0 {
		w.WriteHeader(max(p.status, http.StatusMethodNotAllowed))
		return
	}
	out, err := net.Dial("tcp", p.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	in, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(in, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
	_, _ = io.Copy(in, out)
	_ = in.Close()
}

func TestProxy(t *testing.T) {
	t.Parallel()
	s := serve(t, ok)
	for name, c := range map[string]struct {
		answers []string
		status  int
		reaches bool
		asked   bool
	}{
		"a public name":      {[]string{"93.184.216.34"}, 0, true, true},
		"a name of loopback": {[]string{"127.0.0.2"}, 0, false, false},
		// the proxy would choose
		"one public, one private":      {[]string{"93.184.216.34", "10.0.0.1"}, 0, false, false},
		"an unknown name":              {nil, 0, false, false},
		"the proxy refuses the tunnel": {[]string{"93.184.216.34"}, http.StatusForbidden, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handler := &tunnels{to: s.Listener.Addr().String(), status: c.status}
			proxy := httptest.NewServer(handler)
			t.Cleanup(proxy.Close)
			at, err := url.Parse(proxy.URL)
			if err != nil {
				t.Fatal(err)
			}
			at.User = url.UserPassword("windlass", "pass word")
			var answers []netip.Addr
			for _, a := range c.answers {
				answers = append(answers, netip.MustParseAddr(a))
			}
			names := newZone()
			if answers != nil {
				names.set(host, answers)
			}
			guard := dial.New(dial.Config{Proxy: at, RootCAs: s.roots(), Resolver: names.resolver()})
			err = get(t, guard.Client(dial.URLSource), s.at(host))
			if c.reaches != (err == nil) || !c.reaches && !problem.Is(err, problem.Refused) {
				t.Errorf("got %v", err)
			}
			asked := handler.asked.Load()
			if (asked != nil) != c.asked {
				t.Fatalf("asked %v", asked)
			}
			if asked != nil && (asked.Host != host+":"+s.port ||
				asked.Header.Get("Proxy-Authorization") != "Basic d2luZGxhc3M6cGFzcyB3b3Jk") {
				t.Errorf("CONNECT %s with %v", asked.Host, asked.Header)
			}
		})
	}
}
