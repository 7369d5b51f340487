package door_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/windlass-io/windlass/internal/door"
)

// TestAttackRebinding sends the Host headers of web pages whose names resolve
// to this machine.
func TestAttackRebinding(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost:9090": true, "bucket.localhost:9090": true, "localhost.": true,
		"127.0.0.1:9090": true, "127.8.8.8": true, "[::1]:9090": true, "[::1]": true, "[::ffff:127.0.0.1]:1": true,
		"192.0.2.5:9090": true,
		"":               false, "evil.example.com:9090": false, "localhost.example.com": false, "notlocalhost": false,
		"192.0.2.6:9090":        false,
		"127.0.0.1.example.com": false, "0x7f000001": false, "0.0.0.0": false, "2130706433": false,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey,
			net.Addr(&net.TCPAddr{IP: net.IPv4(192, 0, 2, 5), Port: 9090})))
		r.Host = host
		if got := door.Local(r); got != want {
			t.Errorf("%q is local: %v", host, got)
		}
	}
}
