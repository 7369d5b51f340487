// Package origin decides which web pages may use a publishable token: by the
// Origin of their requests (Fetch Standard) and by the Referer.
package origin

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/problem"
)

// Any is the pattern that every origin matches.
const Any = "*"

// Most is the most patterns of a list.
const Most = 50

// maxPattern is the most bytes of a pattern: a scheme, the longest host and a path.
const maxPattern = 512

// maxShown is the most bytes of an entry in a finding.
const maxShown = 100

// Rules are the parsed lists of a token. The zero value denies every origin and
// doesn't require a Referer.
type Rules struct {
	any      bool
	origins  []pattern
	referers []pattern
}

// pattern is one entry of a list.
type pattern struct {
	scheme string // empty: http or https
	host   string // in lower case; with below, the end of matching names
	below  bool   // one or more labels come before host
	port   string // empty: the scheme's own; "*": any
	path   string // of a referer: a prefix
}

// Parse parses the lists of a token: origins such as "https://app.example.com",
// "https://*.example.com" and "*", and referers such as "example.com/app". The
// findings name each entry that isn't valid.
func Parse(origins, referers []string) (*Rules, []problem.Finding) {
	r := &Rules{}
	var findings []problem.Finding
	add := func(path, entry, fault string) {
		if fault != "" {
			findings = append(findings, problem.Finding{Path: path, Message: entry + " " + fault})
		}
	}
	if len(origins) > Most {
		add("allowed_origins", "the list", "has more than 50 entries")
	}
	if len(referers) > Most {
		add("allowed_referers", "the list", "has more than 50 entries")
	}
	for _, text := range origins[:min(len(origins), Most)] {
		if text == Any {
			r.any = true
			continue
		}
		p, fault := parseOrigin(text)
		add("allowed_origins", clip.Quote(text, maxShown), fault)
		r.origins = append(r.origins, p)
	}
	for _, text := range referers[:min(len(referers), Most)] {
		p, fault := parseReferer(text)
		add("allowed_referers", clip.Quote(text, maxShown), fault)
		r.referers = append(r.referers, p)
	}
	return r, findings
}

// AllowsEvery reports whether every origin may use the token.
func (r *Rules) AllowsEvery() bool { return r.any }

// AllowsOrigin reports whether a page of an origin may use the token. "null",
// the origin of a sandboxed page, matches only "*".
func (r *Rules) AllowsOrigin(origin string) bool {
	if r.any {
		return true
	}
	scheme, host, port, ok := splitOrigin(origin)
	if !ok {
		return false
	}
	for i := range r.origins {
		if p := &r.origins[i]; p.matches(scheme, host, port) {
			return true
		}
	}
	return false
}

// HasReferers reports whether requests need a Referer.
func (r *Rules) HasReferers() bool { return len(r.referers) > 0 }

// AllowsReferer reports whether a page with this address may use the token.
func (r *Rules) AllowsReferer(referer string) bool {
	if len(r.referers) == 0 {
		return true
	}
	u, err := url.Parse(referer)
	if err != nil || u.Opaque != "" {
		return false
	}
	host, path := strings.ToLower(u.Hostname()), u.EscapedPath()
	if path == "" {
		path = "/"
	}
	for i := range r.referers {
		if p := &r.referers[i]; p.matches(u.Scheme, host, u.Port()) && strings.HasPrefix(path, p.path) {
			return true
		}
	}
	return false
}

// AllowsRefererOrigin reports whether the origin of a page with this address may
// use the token: for requests that scripts in old pages send without an Origin.
func (r *Rules) AllowsRefererOrigin(referer string) bool {
	if r.any {
		return true
	}
	u, err := url.Parse(referer)
	return err == nil && u.Host != "" && r.AllowsOrigin(strings.ToLower(u.Scheme+"://"+u.Host))
}

func (p *pattern) matches(scheme, host, port string) bool {
	if p.scheme != scheme && (p.scheme != "" || scheme != "http" && scheme != "https") {
		return false
	}
	if p.port != "*" && withoutDefault(scheme, p.port) != withoutDefault(scheme, port) {
		return false
	}
	if p.below {
		sub, ok := strings.CutSuffix(host, "."+p.host)
		return ok && sub != "" && validName(sub)
	}
	return host == p.host
}

// withoutDefault drops a scheme's own port, as browsers do.
func withoutDefault(scheme, port string) string {
	if scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		return ""
	}
	return port
}

// splitOrigin splits an origin as a browser sends it.
func splitOrigin(text string) (scheme, host, port string, ok bool) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme+"://"+u.Host != text || u.Scheme != "http" && u.Scheme != "https" {
		return "", "", "", false
	}
	return u.Scheme, strings.ToLower(u.Hostname()), u.Port(), true
}

func parseOrigin(text string) (pattern, string) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || scheme != "https" && scheme != "http" {
		return pattern{}, `isn't an origin: write "https://", the host and, if needed, the port`
	}
	if strings.ContainsAny(rest, "/?#") {
		return pattern{}, "has more than a scheme, a host and a port"
	}
	p, fault := parseHost(rest)
	p.scheme = scheme
	local := p.host == "localhost" || p.host == "127.0.0.1" || p.host == "::1"
	switch {
	case fault != "":
	case scheme == "http" && (!local || p.below):
		fault = "has http: only localhost, 127.0.0.1 and [::1] may"
	case p.port == "*" && scheme != "http":
		fault = "has any port: only localhost, 127.0.0.1 and [::1] with http may"
	}
	return p, fault
}

func parseReferer(text string) (pattern, string) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		scheme, rest = "", text
	}
	if ok && scheme != "https" && scheme != "http" {
		return pattern{}, "has a scheme other than https and http"
	}
	if strings.ContainsAny(rest, "?#") {
		return pattern{}, "has a query or a fragment, which a Referer pattern can't have"
	}
	host, path, _ := strings.Cut(rest, "/")
	p, fault := parseHost(host)
	if p.port == "*" {
		fault = "has any port: leave the port out, or name one"
	}
	p.scheme, p.path = scheme, "/"+strings.TrimSuffix(path, "*")
	if strings.Contains(p.path, "*") {
		fault = "has a * inside its path: the path is a prefix"
	}
	return p, fault
}

// parseHost parses a host, such as "*.example.com:8443" or "[::1]".
func parseHost(text string) (p pattern, fault string) {
	const notHost = "doesn't have a valid host"
	if len(text) > maxPattern {
		return p, "is too long"
	}
	rest, below := strings.CutPrefix(strings.ToLower(text), "*.")
	p.below = below
	if inner, ok := strings.CutPrefix(rest, "["); ok {
		address, after, found := strings.Cut(inner, "]")
		parsed, err := netip.ParseAddr(address)
		if !found || err != nil || !parsed.Is6() || parsed.Zone() != "" || below {
			return p, notHost
		}
		p.host, rest = parsed.String(), after
		if rest == "" {
			return p, ""
		}
		rest, found = strings.CutPrefix(rest, ":")
		if !found {
			return p, notHost
		}
		p.port = rest
		return p, portFault(rest)
	}
	host, port, hasPort := strings.Cut(rest, ":")
	p.host, p.port = host, port
	if _, err := netip.ParseAddr(host); err == nil && below || !validName(host) {
		return p, notHost
	}
	if hasPort {
		return p, portFault(port)
	}
	return p, ""
}

func portFault(port string) string {
	if port == "*" {
		return ""
	}
	n := 0
	for _, c := range []byte(port) {
		if c < '0' || c > '9' || n > 65535 {
			return "doesn't have a valid port"
		}
		n = n*10 + int(c-'0')
	}
	if n < 1 || n > 65535 || port[0] == '0' {
		return "doesn't have a valid port"
	}
	return ""
}

// validName reports whether labels of letters, digits and inner hyphens are
// joined by dots. Names in other scripts are written in Punycode.
func validName(name string) bool {
	if name == "" || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}
