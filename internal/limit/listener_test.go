package limit_test

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/clientaddr"
	"github.com/windlass-io/windlass/internal/limit"
)

// TestAttackFloodConnections opens more connections than are allowed, and
// checks that excess ones are closed and that a freed slot is used again.
func TestAttackFloodConnections(t *testing.T) {
	t.Parallel()
	proxy, err := clientaddr.Parse("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		config limit.ListenerConfig
		open   int
	}{
		"per address":      {limit.ListenerConfig{Connections: 100, PerAddress: 3}, 3},
		"altogether":       {limit.ListenerConfig{Connections: 4, PerAddress: 100}, 4},
		"off":              {limit.ListenerConfig{}, 10},
		"a trusted proxy":  {limit.ListenerConfig{Connections: 100, PerAddress: 3, Proxies: proxy}, 10},
		"proxy altogether": {limit.ListenerConfig{Connections: 5, PerAddress: 3, Proxies: proxy}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var hits atomic.Int32
			tc.config.Hit = func(limit.Hit) { hits.Add(1) }
			address, accepted := greet(t, tc.config)
			var open int
			for range 10 {
				if greeted(t, address) {
					open++
				}
			}
			if open != tc.open || int(hits.Load()) != 10-tc.open {
				t.Errorf("%d connections are open and %d were refused, want %d open", open, hits.Load(), tc.open)
			}
			first := <-accepted
			_ = first.Close()
			_ = first.Close() // closing it twice frees nothing more
			if !greeted(t, address) {
				t.Error("a free place is not used again")
			}
			if open < 10 && greeted(t, address) {
				t.Error("one place was freed twice")
			}
		})
	}
}

// greet runs a server that greets every connection it accepts and keeps it.
func greet(t *testing.T, config limit.ListenerConfig) (address string, accepted chan net.Conn) {
	t.Helper()
	inner, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := limit.Listener(inner, config)
	t.Cleanup(func() { _ = listener.Close() })
	accepted = make(chan net.Conn, 100)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("!"))
			accepted <- conn
		}
	}()
	return inner.Addr().String(), accepted
}

// greeted opens a connection and reports whether the server keeps it open.
func greeted(t *testing.T, address string) bool {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, err = io.ReadFull(conn, make([]byte, 1))
	return err == nil
}
