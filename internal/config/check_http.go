package config

import (
	"net"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/clientaddr"
)

// OwnTLS reports whether the service itself serves TLS.
func (c *Config) OwnTLS() bool { return c.TLSCert != "" || c.ACMEDomains != "" }

// Domains returns the names to request certificates for.
func (c *Config) Domains() []string {
	return strings.FieldsFunc(c.ACMEDomains, func(r rune) bool { return r == ',' || r == ' ' })
}

// UnixPrefix begins the address of a Unix socket, as in unix:/run/windlass.sock.
const UnixPrefix = "unix:"

// onSocket reports whether the service listens on a Unix socket.
func (c *Config) onSocket() bool { return strings.HasPrefix(c.Listen, UnixPrefix) }

// off reports whether an address setting is off.
func off(address string) bool { return address == "" || address == "off" }

// AdminAddress returns the address of the admin listener; or "" if it is off.
func (c *Config) AdminAddress() string {
	if off(c.AdminListen) {
		return ""
	}
	return c.AdminListen
}

// RedirectAddress returns the address that redirects to HTTPS; or "" if it is
// off.
func (c *Config) RedirectAddress() string {
	if off(c.HTTPRedirect) {
		return ""
	}
	return c.HTTPRedirect
}

// checkHTTP validates the settings of listeners, TLS and limits.
func (c *Config) checkHTTP(add func(name, message string)) {
	for _, s := range [][2]string{
		{"listen", c.Listen},
		{"admin_listen", c.AdminAddress()},
		{"http_redirect", c.RedirectAddress()},
	} {
		if path, ok := strings.CutPrefix(s[1], UnixPrefix); ok && path != "" && s[0] != "http_redirect" {
			continue
		}
		if _, _, err := net.SplitHostPort(s[1]); s[1] != "" && err != nil {
			add(s[0], "must be off or an address such as 127.0.0.1:9180")
		}
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		add("tls_key", "and tls_cert must be set together, or neither")
	}
	if c.TLSCert != "" && c.ACMEDomains != "" {
		add("acme_domains", "can't be used with tls_cert: choose one")
	}
	if u, err := url.Parse(c.ACMEDirectory); c.ACMEDirectory != "" && (err != nil || u.Host == "") {
		add("acme_directory", "isn't an address such as https://acme.example.com/directory")
	}
	if c.RedirectAddress() != "" && !c.OwnTLS() {
		add("http_redirect", "needs tls_cert or acme_domains")
	}
	if _, err := clientaddr.Parse(c.TrustedProxies); err != nil {
		add("trusted_proxies", `isn't a list of networks such as 10.0.0.0/8, or "unix"`)
	}
	c.checkLimits(add)
}
