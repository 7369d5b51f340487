package config

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/dial"
)

// DialPolicy returns which addresses Windlass connects to when a member names
// them.
func (c *Config) DialPolicy() dial.Policy {
	allowed, _ := parseBlocks(c.DialAllow)
	return dial.Policy{AllowPrivate: c.AllowPrivateEndpoints, Allow: allowed}
}

// DialProxy returns the proxy for connections to addresses that members name,
// nil if there is none.
func (c *Config) DialProxy() *url.URL {
	if c.EgressProxy == "" {
		return nil
	}
	proxy, _ := url.Parse(c.EgressProxy)
	return proxy
}

func (c *Config) checkNetwork(add func(name, message string)) {
	if _, wrong := parseBlocks(c.DialAllow); wrong != "" {
		add("dial_allow", "has "+wrong+", which isn't an address block such as 64:ff9b::/96")
	}
	if c.EgressProxy == "" {
		return
	}
	u, err := url.Parse(c.EgressProxy)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		add("egress_proxy", "isn't an address such as http://proxy.example.com:3128")
	}
}

// parseBlocks parses a list of CIDRs. wrong is the first invalid one. IPv4 is
// written as IPv4: an IPv4-mapped block would match nothing.
func parseBlocks(list string) (blocks []netip.Prefix, wrong string) {
	for text := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		block, err := netip.ParsePrefix(text)
		if err != nil || block.Addr().Is4In6() {
			return nil, text
		}
		blocks = append(blocks, block.Masked())
	}
	return blocks, ""
}

// OnAllAddresses returns the port of a listener on all addresses of the machine, such
// as ":8080" or "0.0.0.0:8080".
func OnAllAddresses(listen string) (port string, ok bool) {
	host, port, err := net.SplitHostPort(listen)
	ip := net.ParseIP(host)
	return port, err == nil && (host == "" || ip != nil && ip.IsUnspecified())
}

// isLoopback reports whether an address is on this machine by its name alone.
func isLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.Unmap().IsLoopback() || strings.EqualFold(u.Hostname(), "localhost")
}
