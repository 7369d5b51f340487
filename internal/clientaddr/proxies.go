package clientaddr

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// Proxies has the peers whose X-Forwarded-For is trusted. The zero value
// trusts nobody.
type Proxies struct {
	networks []netip.Prefix
	unix     bool // peers on a Unix socket are trusted
}

// Parse parses a list such as "10.0.0.0/8, 192.0.2.7, unix". An empty list
// trusts nobody.
func Parse(list string) (Proxies, error) {
	var p Proxies
	for part := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		if part == "unix" {
			p.unix = true
			continue
		}
		network, err := parseNetwork(part)
		if err != nil {
			return Proxies{}, problem.New(problem.Invalid, "%q isn't a network.", part).
				WithHint(`Use addresses or networks in CIDR form, such as 10.0.0.0/8, or "unix" for peers on a Unix socket.`)
		}
		p.networks = append(p.networks, network)
	}
	return p, nil
}

func parseNetwork(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	if network.Addr().Is4In6() && network.Bits() >= 96 {
		network = netip.PrefixFrom(network.Addr().Unmap(), network.Bits()-96)
	}
	return network.Masked(), nil
}

// Contains reports whether an address belongs to a trusted proxy.
func (p Proxies) Contains(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	return slices.ContainsFunc(p.networks, func(n netip.Prefix) bool { return n.Contains(addr) })
}

// Resolve returns the client of a request. When the peer is trusted, it reads
// X-Forwarded-For from the right, skips trusted entries and takes the first
// other one. An invalid entry ends the search at the last valid one. It uses
// X-Forwarded-Proto only if the peer is trusted, and ignores the header
// Forwarded.
func (p Proxies) Resolve(r *http.Request) Client { return p.resolve(r, peerOf(r)) }

func (p Proxies) resolve(r *http.Request, c Client) Client {
	if !p.trusts(c) {
		return c
	}
	c.Proxied = true
	c.Addr = p.walk(c.Addr, r.Header.Values("X-Forwarded-For"))
	if proto := last(r.Header.Values("X-Forwarded-Proto")); proto != "" {
		c.HTTPS = strings.EqualFold(proto, "https")
	}
	return c
}

// trusts reports whether a peer is a trusted proxy.
func (p Proxies) trusts(peer Client) bool {
	if peer.Addr.IsValid() {
		return p.Contains(peer.Addr)
	}
	return p.unix && (peer.peer == "" || peer.peer == "@" || strings.HasPrefix(peer.peer, "/"))
}

// walk reads the entries of X-Forwarded-For from the right, starting at
// the peer.
func (p Proxies) walk(peer netip.Addr, values []string) netip.Addr {
	good := peer
	for _, value := range slices.Backward(values) {
		entries := strings.Split(value, ",")
		for _, entry := range slices.Backward(entries) {
			addr, err := netip.ParseAddr(strings.TrimSpace(entry))
			if err != nil || addr.Zone() != "" {
				return good
			}
			good = addr.Unmap()
			if !p.Contains(good) {
				return good
			}
		}
	}
	return good
}

// last returns the entry that the nearest proxy wrote.
func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	value := values[len(values)-1]
	return strings.TrimSpace(value[strings.LastIndexByte(value, ',')+1:])
}

// Handler resolves the client of each request before next sees it. untrusted,
// optional, is called at most once an hour with the peer of a request that
// carries X-Forwarded-For although its peer isn't trusted: without the setting
// all clients behind that proxy share one address.
func (p Proxies) Handler(next http.Handler, now func() time.Time,
	untrusted func(r *http.Request, peer string),
) http.Handler {
	var once hourly
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer := peerOf(r)
		if untrusted != nil && r.Header.Get("X-Forwarded-For") != "" && !p.trusts(peer) && once.first(now()) {
			untrusted(r, peer.String())
		}
		if client := p.resolve(r, peer); client != peer { // without a value in the context, Of returns the peer
			r = r.WithContext(with(r.Context(), client))
		}
		next.ServeHTTP(w, r)
	})
}

// hourly reports the first event of an hour.
type hourly struct {
	mu   sync.Mutex
	next time.Time
}

func (h *hourly) first(now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.Before(h.next) {
		return false
	}
	h.next = now.Add(time.Hour)
	return true
}
