package job

import (
	"errors"
	"net"
	"net/url"

	"github.com/windlass-io/windlass/internal/problem"
)

// errPlain is the cause of the refusal to send a token over plain HTTP.
var errPlain = errors.New("plain HTTP")

// SecureURL parses an address that a token is sent to: https, or this
// machine's own.
func SecureURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, problem.New(problem.Invalid, "The server's address must look like https://windlass.example.com.")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return nil, problem.Wrap(errPlain, problem.Invalid,
			"Windlass doesn't send a token to %s over plain HTTP, because others could read and use it.", u.Host).
			WithHint("Use its https address.")
	}
	return u, nil
}

// IsPlain reports whether err refuses an address because it is plain HTTP.
func IsPlain(err error) bool { return errors.Is(err, errPlain) }

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
