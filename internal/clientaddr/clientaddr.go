// Package clientaddr finds the address of the client that sent a request. It
// is the one place that reads X-Forwarded-For and X-Forwarded-Proto; the API,
// the console, the audit and the limits all use it.
//
// [Proxies.Handler] runs before everything else, and stores a client that isn't the
// peer in the request's context. [Of] returns the client.
package clientaddr

import (
	"context"
	"net"
	"net/http"
	"net/netip"
)

// Client identifies the client of a request.
type Client struct {
	Addr  netip.Addr // without zone; invalid if the peer has no IP address, as on a Unix socket
	HTTPS bool       // the client came over TLS, to this process or to a trusted proxy
	// Proxied reports that the request came through a trusted proxy.
	Proxied bool
	peer    string // host part of RemoteAddr, when Addr is invalid
}

// String returns the client's address as the log and the audit show it.
func (c Client) String() string {
	if c.Addr.IsValid() {
		return c.Addr.String()
	}
	return c.peer
}

// Key returns the name of the bucket that the client's attempts and requests
// are counted in: its IPv4 address, or the /64 of its IPv6 address.
func (c Client) Key() string {
	if !c.Addr.IsValid() {
		return c.peer
	}
	return KeyOf(c.Addr)
}

// KeyOf returns the bucket of an address: the address itself for IPv4, the /64
// network for IPv6.
func KeyOf(addr netip.Addr) string {
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	network, err := addr.Prefix(64)
	if err != nil {
		return addr.String()
	}
	return network.String()
}

type clientKey struct{}

// Of returns the client of a request: the one that [Proxies.Handler] found,
// or the peer if the request didn't pass through it.
func Of(r *http.Request) Client {
	if c, ok := r.Context().Value(clientKey{}).(Client); ok {
		return c
	}
	return peerOf(r)
}

// with returns a context that carries the client of its request.
func with(ctx context.Context, c Client) context.Context {
	return context.WithValue(ctx, clientKey{}, c)
}

// peerOf returns the other end of the connection.
func peerOf(r *http.Request) Client {
	c := Client{HTTPS: r.TLS != nil}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		c.peer = host
		return c
	}
	c.Addr = addr.Unmap().WithZone("")
	return c
}
