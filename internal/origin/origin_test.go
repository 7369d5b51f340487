package origin_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/origin"
)

func TestAllowsOrigin(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		list    string // separated by blanks
		origin  string
		allowed bool
	}{
		"any":                           {"*", "https://a.example", true},
		"any, of a sandboxed page":      {"*", "null", true},
		"an empty list":                 {"", "https://a.example", false},
		"equal":                         {"https://app.example.com", "https://app.example.com", true},
		"in another case":               {"https://APP.example.com", "https://app.example.com", true},
		"the scheme's own port":         {"https://app.example.com:443", "https://app.example.com", true},
		"a port":                        {"https://app.example.com:8443", "https://app.example.com:8443", true},
		"another port":                  {"https://app.example.com", "https://app.example.com:8443", false},
		"another scheme":                {"https://app.example.com", "http://app.example.com", false},
		"a name that only begins alike": {"https://example.com", "https://example.com.evil.test", false},
		"a name that only ends alike":   {"https://example.com", "https://evilexample.com", false},
		"user information":              {"https://example.com", "https://example.com@evil.test", false},
		"a subdomain":                   {"https://*.example.com", "https://app.example.com", true},
		"a deeper subdomain":            {"https://*.example.com", "https://a.b.example.com", true},
		"not the apex":                  {"https://*.example.com", "https://example.com", false},
		"an empty label":                {"https://*.example.com", "https://.example.com", false},
		"below, ends alike":             {"https://*.example.com", "https://evilexample.com", false},
		"a list's null":                 {"https://app.example.com", "null", false},
		"localhost":                     {"http://localhost:3000", "http://localhost:3000", true},
		"localhost, any port":           {"http://localhost:*", "http://localhost:5173", true},
		"localhost, any port, none":     {"http://localhost:*", "http://localhost", true},
		"an IPv6 loopback":              {"http://[::1]:*", "http://[::1]:5173", true},
		"the second of a list":          {"https://a.example https://b.example", "https://b.example", true},
		"a path":                        {"https://a.example", "https://a.example/", false},
		"isn't an origin":               {"https://a.example", "a.example", false},
		"empty":                         {"https://a.example", "", false},
		"a file":                        {"https://a.example", "file://", false},
		"an extension":                  {"https://a.example", "chrome-extension://a.example", false},
	} {
		rules, findings := origin.Parse(strings.Fields(tt.list), nil)
		if len(findings) > 0 {
			t.Errorf("%s: %v", name, findings)
			continue
		}
		if got := rules.AllowsOrigin(tt.origin); got != tt.allowed {
			t.Errorf("%s: %q allows %q: %t", name, tt.list, tt.origin, got)
		}
	}
}

func TestParseFindings(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "app.example.com", "https://", "https://app.example.com/", "https://app.example.com/x", "https://a b",
		"https://app.example.com?x", "https://app.example.com#x", "https://u@app.example.com", "ftp://app.example.com",
		"http://app.example.com", "http://*.localhost", "https://app.example.com:*", "https://app.example.com:0",
		"https://app.example.com:99999", "https://app.example.com:", "https://*", "https://a.*.com", "https://*.*.com",
		"https://-a.com", "https://a..com", "https://bücher.example", "https://[::1", "https://[::1]x",
		"https://*.[::1]",
		"https://*.10.0.0.1", "null", "HTTPS://app.example.com",
	} {
		if _, findings := origin.Parse([]string{text}, nil); len(findings) != 1 ||
			findings[0].Path != "allowed_origins" {
			t.Errorf("%q: %v", text, findings)
		}
	}
	for _, text := range []string{
		"", "ftp://a.example", "a.example?x", "a.example#x", "a.example/*/x", "a b",
		"a.example:*",
	} {
		if _, findings := origin.Parse(nil, []string{text}); len(findings) != 1 ||
			findings[0].Path != "allowed_referers" {
			t.Errorf("%q: %v", text, findings)
		}
	}
	many := make([]string, origin.Most+1)
	for i := range many {
		many[i] = "https://a.example"
	}
	if _, findings := origin.Parse(many, nil); len(findings) != 1 {
		t.Errorf("51 origins: %v", findings)
	}
}

func TestAllowsReferer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		list, referer string
		allowed       bool
	}{
		"no list":                     {"", "", true},
		"none sent":                   {"example.com", "", false},
		"https":                       {"example.com", "https://example.com/a", true},
		"http":                        {"example.com", "http://example.com/a", true},
		"a scheme":                    {"https://example.com", "http://example.com/a", false},
		"the origin alone":            {"example.com", "https://example.com", true},
		"a path's beginning":          {"example.com/app", "https://example.com/app/1?x=1", true},
		"a path's beginning, starred": {"example.com/app*", "https://example.com/apple", true},
		"another path":                {"example.com/app", "https://example.com/other", false},
		"a path, the origin alone":    {"example.com/app", "https://example.com/", false},
		"a subdomain":                 {"*.example.com", "https://app.example.com/", true},
		"not the apex":                {"*.example.com", "https://example.com/", false},
		"a longer name":               {"example.com", "https://example.com.evil.test/", false},
		"a name in the path":          {"example.com", "https://evil.test/example.com", false},
		"a name in the user":          {"example.com", "https://example.com@evil.test/", false},
		"an address":                  {"192.0.2.1", "http://192.0.2.1/", true},
		"an address and port":         {"192.0.2.1:8080", "http://192.0.2.1:8080/", true},
		"another port":                {"example.com", "https://example.com:8443/", false},
		"an IPv6 address":             {"[2001:db8::1]", "http://[2001:db8::1]/", true},
		"in upper case":               {"example.com", "https://EXAMPLE.com/", true},
		"the second":                  {"a.example b.example", "https://b.example/", true},
		"not an address":              {"example.com", "example.com", false},
		"a script":                    {"example.com", "javascript://example.com/", false},
	} {
		rules, findings := origin.Parse(nil, strings.Fields(tt.list))
		if len(findings) > 0 {
			t.Errorf("%s: %v", name, findings)
			continue
		}
		if got := rules.AllowsReferer(tt.referer); got != tt.allowed {
			t.Errorf("%s: %q allows %q: %t", name, tt.list, tt.referer, got)
		}
	}
}

// FuzzParse checks that a list without * never allows an origin of another host.
func FuzzParse(f *testing.F) {
	f.Add("https://*.example.com", "https://a.example.com")
	f.Add("http://[::1]:*", "http://[::1]:1")
	f.Add("https://example.com", "https://example.com@evil.test")
	f.Fuzz(func(t *testing.T, entry, from string) {
		rules, findings := origin.Parse([]string{entry}, nil)
		if len(findings) > 0 || entry == origin.Any || !rules.AllowsOrigin(from) {
			return
		}
		u, err := url.Parse(from)
		if err != nil || u.User != nil || u.Path != "" {
			t.Fatalf("%q allows %q, which is not an origin", entry, from)
		}
		_, host, _ := strings.Cut(strings.ToLower(entry), "://")
		host = strings.TrimPrefix(host, "*")
		if i := strings.LastIndex(host, ":"); i > strings.LastIndex(host, "]") {
			host = host[:i]
		}
		got := strings.ToLower(u.Hostname())
		if !strings.HasSuffix(got, strings.Trim(host, "[]")) && !strings.Contains(host, "[") {
			t.Fatalf("%q allows %q", entry, from)
		}
	})
}
