package s3

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// NewTransport makes a transport to share between all buckets. It keeps
// enough idle connections for parallel reading and bounds each wait but the
// body's. It does not connect to link-local addresses: an endpoint is a
// customer's word, and the machine's own credentials are served there.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: refuseLinkLocal}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     false, // many connections carry more than many streams of one
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		DisableCompression:    true, // an object's bytes are wanted as they are stored
		ReadBufferSize:        64 << 10,
	}
}

// metadataV6 is where AWS serves a machine's credentials over IPv6.
var metadataV6 = netip.MustParseAddr("fd00:ec2::254")

func refuseLinkLocal(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("reading the address %q: %w", address, err)
	}
	ip := to.Addr().Unmap().WithZone("")
	if ip.IsLinkLocalUnicast() || ip == metadataV6 {
		return fmt.Errorf("%s is a link-local address: buckets are not reached there", ip)
	}
	return nil
}
