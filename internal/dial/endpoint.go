package dial

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/clip"
)

// Limits of saved addresses, in bytes.
const (
	maxEndpoint = 256
	maxURL      = 2048
	maxHost     = 253 // RFC 1035, section 2.3.4, without the final dot
	maxLabel    = 63
)

// EndpointError is the first fault of an address that a member tries to save.
type EndpointError struct {
	Value  string
	Reason string // for the log and tests: "scheme", "userinfo", "path", "port", "host syntax", a registry's name, …
	Detail string // the problem and the next step: "must begin with https://."
}

// Error returns the fault as a sentence.
func (e *EndpointError) Error() string {
	const most = 80
	return clip.Quote(e.Value, most) + " " + e.Detail
}

// Endpoint validates the address of an S3-compatible service before it is
// saved: scheme, host and port, nothing else. It returns the address in
// normal form: scheme and host in lower case, without a final dot or slash.
// The error is an [*EndpointError] with the first fault, in the order scheme,
// user information, path, port, host.
func (p Policy) Endpoint(value string) (string, error) {
	parts, fault := p.check(value, maxEndpoint, func(rest string) bool { return rest == "" || rest == "/" })
	if fault != nil {
		return "", fault
	}
	return parts.scheme + "://" + parts.authority(), nil
}

// URL validates an address that may have a path and a query: of a webhook, a
// key set, or a source. Its error is as in [Policy.Endpoint].
func (p Policy) URL(value string) error {
	if _, fault := p.check(value, maxURL, printsWithoutFragment); fault != nil {
		return fault
	}
	return nil
}

// fault is [EndpointError] without the value; its zero value means no fault.
type fault struct{ reason, detail string }

var (
	faultScheme   = fault{"scheme", "must begin with https://."}
	faultUserInfo = fault{"userinfo", "must not contain a user name or a password."}
	faultPath     = fault{"path", "must have a scheme, a host and a port only. Remove the path, query or fragment."}
	faultURLPath  = fault{"path", "must not have a fragment, spaces or characters outside ASCII. Percent-encode them."}
	faultPort     = fault{"port", "must use port 443 or a port from 1024 to 65535."}
	faultHost     = fault{"host syntax", "must name a host such as s3.example.com. Write international names as xn--."}
	faultZone     = fault{"zone", "must not have an IPv6 zone."}
	faultNumber   = fault{"number as host", "has a host that is a number but not an IPv4 address such as 192.0.2.1."}
	faultSpecial  = fault{"special-use name", "has a host that exists only in a local network. " + askOperator}
	faultLabel    = fault{"single label", "has a host without a domain. " + askOperator}
)

const askOperator = "Use a public host, or ask your operator to set allow_private_endpoints."

// parts has the parts of an address.
type parts struct {
	scheme string
	host   string // in lower case, without brackets or a final dot
	port   string // empty: the scheme's
}

func (p parts) authority() string {
	host := p.host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p.port != "" {
		host += ":" + p.port
	}
	return host
}

// check splits an address and returns its first fault. It doesn't use
// net/url, which unescapes the host before it can be checked.
func (p Policy) check(value string, most int, fitting func(rest string) bool) (parts, error) {
	fail := func(f fault) (parts, error) {
		return parts{}, &EndpointError{Value: value, Reason: f.reason, Detail: f.detail}
	}
	scheme, after, found := strings.Cut(value, "://")
	scheme = strings.ToLower(scheme) // no letter outside ASCII becomes one of http
	if !found || !p.allowsScheme(scheme) {
		return fail(faultScheme)
	}
	authority, rest := after, ""
	if i := strings.IndexAny(after, "/?#"); i >= 0 {
		authority, rest = after[:i], after[i:]
	}
	host, port, hasPort := splitPort(authority)
	switch {
	case strings.Contains(authority, "@"):
		return fail(faultUserInfo)
	case !fitting(rest) && most == maxEndpoint:
		return fail(faultPath)
	case !fitting(rest):
		return fail(faultURLPath)
	case hasPort && !p.allowsPort(port):
		return fail(faultPort)
	case len(value) > most:
		return fail(fault{"length", "must be at most " + strconv.Itoa(most) + " bytes."})
	}
	host, f := p.checkHost(host)
	if f != (fault{}) {
		return fail(f)
	}
	return parts{scheme, host, port}, nil
}

func (p Policy) allowsScheme(scheme string) bool {
	return scheme == "https" || scheme == "http" && p.AllowPrivate
}

func (p Policy) allowsPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || strconv.FormatUint(n, 10) != port {
		return false
	}
	return n == 443 || n >= 1024 || p.AllowPrivate && n > 0
}

// printsWithoutFragment reports whether a path and query need no escaping.
func printsWithoutFragment(rest string) bool {
	return !strings.ContainsFunc(rest, func(r rune) bool { return r <= ' ' || r > '~' || r == '#' }) &&
		validEscapes(rest)
}

func validEscapes(s string) bool {
	for i := range len(s) {
		if s[i] == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// splitPort splits an authority at the colon before its port.
func splitPort(authority string) (host, port string, found bool) {
	i := strings.LastIndexByte(authority, ':')
	if i < 0 || strings.IndexByte(authority[i:], ']') >= 0 || strings.HasPrefix(authority, "[") &&
		!strings.Contains(authority, "]") {
		return authority, "", false
	}
	return authority[:i], authority[i+1:], true
}

// checkHost returns a host in its one spelling, or its fault.
func (p Policy) checkHost(host string) (string, fault) {
	if strings.HasPrefix(host, "[") {
		return p.checkIPv6(host)
	}
	host = strings.TrimSuffix(host, ".")
	if !validName(host) { // before ToLower, which makes ASCII of some other letters
		return "", faultHost
	}
	host = strings.ToLower(host)
	last := host[strings.LastIndexByte(host, '.')+1:]
	if isNumber(last) {
		address, err := netip.ParseAddr(host) // dotted decimal without leading zeros only
		if err != nil {
			return "", faultNumber
		}
		return host, p.checkAddress(address)
	}
	switch {
	case p.AllowPrivate:
	case isSpecialUse(host):
		return "", faultSpecial
	case last == host:
		return "", faultLabel
	}
	return host, fault{}
}

func (p Policy) checkIPv6(host string) (string, fault) {
	inner, found := strings.CutSuffix(host[1:], "]")
	if strings.Contains(inner, "%") {
		return "", faultZone
	}
	address, err := netip.ParseAddr(inner)
	if !found || err != nil || !address.Is6() {
		return "", faultHost
	}
	return address.String(), p.checkAddress(address)
}

func (p Policy) checkAddress(address netip.Addr) fault {
	name := p.Judge(address)
	if name == "" {
		return fault{}
	}
	return fault{name, "has an address that Windlass blocks (" + name + "). " + askOperator}
}

// validName reports whether a name has the syntax of a host name (RFC 1123,
// section 2.1).
func validName(name string) bool {
	if len(name) > maxHost {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, func(r rune) bool { return !isNameCharacter(r) }) {
			return false
		}
	}
	return true
}

func isNameCharacter(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-'
}

// isNumber reports whether a last label makes the host a number.
//
// https://url.spec.whatwg.org/#ends-in-a-number-checker
func isNumber(label string) bool {
	if strings.Trim(label, "0123456789") == "" {
		return true
	}
	digits, isHexadecimal := strings.CutPrefix(label, "0x")
	return isHexadecimal && strings.Trim(digits, "0123456789abcdef") == ""
}

// isSpecialUse reports whether no public DNS knows a name.
//
// https://www.iana.org/assignments/special-use-domain-names; internal: ICANN,
// resolution 2024.07.29.06
func isSpecialUse(host string) bool {
	for _, domain := range []string{"localhost", "local", "internal", "home.arpa", "test", "invalid", "onion", "alt"} {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return true
		}
	}
	return false
}
