package limit

import (
	"net"
	"net/netip"
	"sync"

	"github.com/windlass-io/windlass/internal/clientaddr"
)

// ReasonConnections is the reason of a connection that is closed immediately.
const ReasonConnections = "connections"

// ListenerConfig limits the connections of a listener.
type ListenerConfig struct {
	Connections int // altogether; 0: any number
	PerAddress  int // from one IPv4 address or IPv6 /64; 0: any number
	// Proxies aren't limited, because their connections are those of many clients.
	Proxies clientaddr.Proxies
	// Hit, optional, is called for each connection that is closed immediately.
	Hit func(Hit)
}

// Listener returns a listener that closes the connections beyond its limits. It
// never makes a client wait: connections within the limits are accepted,
// however many others there are.
func Listener(inner net.Listener, config ListenerConfig) net.Listener {
	return &listener{
		Listener: inner, config: config, all: NewSlots(config.Connections),
		addresses: NewSlots(config.PerAddress),
	}
}

type listener struct {
	net.Listener
	config         ListenerConfig
	all, addresses *Slots
}

// Accept returns the next connection within the bounds.
func (l *listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if counted := l.admit(conn); counted != nil {
			return counted, nil
		}
		_ = conn.Close() // nothing was sent
	}
}

// admit counts a connection. It returns nil if the connection exceeds a limit.
func (l *listener) admit(conn net.Conn) net.Conn {
	address := l.address(conn)
	slot, ok := l.all.Acquire("")
	if !ok {
		l.hit("connections", address)
		return nil
	}
	if address == "" {
		return &counted{Conn: conn, slot: slot}
	}
	ofAddress, ok := l.addresses.Acquire(address)
	if !ok {
		slot.Release()
		l.hit("connections from your address", address)
		return nil
	}
	return &counted{Conn: conn, slot: slot, ofAddress: ofAddress}
}

// address returns the bucket of a connection's other end; empty for a proxy and
// for a peer without an IP address.
func (l *listener) address(conn net.Conn) string {
	peer, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil || l.config.Proxies.Contains(peer.Addr()) {
		return ""
	}
	return clientaddr.KeyOf(peer.Addr())
}

func (l *listener) hit(limit, address string) {
	if l.config.Hit != nil {
		l.config.Hit(Hit{Reason: ReasonConnections, Limit: limit, Address: address})
	}
}

// counted is a connection that stops counting when it is closed.
type counted struct {
	net.Conn
	once            sync.Once
	slot, ofAddress Slot
}

// Close closes the connection.
func (c *counted) Close() error {
	c.once.Do(func() { c.ofAddress.Release(); c.slot.Release() })
	return c.Conn.Close()
}
