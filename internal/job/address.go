package job

import (
	"net"
	"net/url"

	"github.com/windlass-io/windlass/internal/problem"
)

// SecureURL reads an address that an ID token is sent to: https, or this
// machine's own.
func SecureURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, problem.New(problem.Invalid, "An address such as https://windlass.example.com is expected.")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return nil, problem.New(problem.Invalid, "An ID token is not sent to %s over plain HTTP: whoever listens could use it.", u.Host).
			WithHint("Use its https address.")
	}
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
