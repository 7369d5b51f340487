package door

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Local reports whether the Host of a request names this machine: localhost, a
// loopback address, or the address that received the connection. With DNS
// rebinding, a web page's requests have another Host.
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
	return address.Unmap().IsLoopback() || address.Unmap() == localAddress(r)
}

// localAddress returns the address of this machine that received a request.
func localAddress(r *http.Request) netip.Addr {
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
