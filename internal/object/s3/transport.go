package s3

import (
	"net"
	"net/http"
	"time"
)

// NewTransport returns a transport for the address that the operator configured
// in place of AWS's, to share between all its buckets. It keeps enough idle
// connections for parallel reading and bounds each wait but the body's. All
// other addresses are for package dial.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     false, // many connections carry more than many streams of one
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		DisableCompression:    true, // read an object's bytes as stored
		ReadBufferSize:        64 << 10,
	}
}
