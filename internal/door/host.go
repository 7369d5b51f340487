package door

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Local reports whether the Host of a request names this machine: localhost, a
// loopback address, or the address that the connection came in on. A web page
// whose own name was pointed at this machine (DNS rebinding) has another Host.
func Local(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return false
	}
	return address.Unmap().IsLoopback() || address.Unmap() == cameIn(r)
}

// cameIn returns the address of this machine that a connection was made to.
func cameIn(r *http.Request) netip.Addr {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return netip.Addr{}
	}
	address, err := netip.ParseAddrPort(local.String())
	if err != nil {
		return netip.Addr{}
	}
	return address.Addr().Unmap()
}
