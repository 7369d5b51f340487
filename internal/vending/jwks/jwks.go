// Package jwks has the public keys of issuers: fetched over HTTPS from the one
// address that a provider names, at most once a minute, and kept for a while.
//
// An address is a customer's word, so it is called as a stranger would call
// it: not on the service's own machine or network, whatever its name stands
// for at that moment; without a redirect, a proxy or a cookie; and its answer
// is bounded.
package jwks

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/windlass-io/windlass/internal/vending/idtoken"
)

const (
	timeout   = 5 * time.Second // of one fetch, all together
	fetchGap  = time.Minute     // between two fetches of one address, whatever is asked for
	freshFor  = 5 * time.Minute // a key that its issuer removed is taken no longer
	keptFor   = time.Hour       // while the issuer does not answer
	maxKept   = 1000            // addresses
	userAgent = "windlass"
)

// Config is what a [Cache] needs.
type Config struct {
	Private bool // also fetch from the own machine and network, and without TLS; off for a service that strangers use
	Now     func() time.Time
}

// Cache keeps the key sets of addresses. It may be used from many goroutines
// at once.
type Cache struct {
	client *http.Client
	now    func() time.Time
	flight singleflight.Group

	mu   sync.Mutex
	kept map[string]entry
}

type entry struct {
	keys  idtoken.KeySet
	at    time.Time // of the last fetch that worked; zero: none
	tried time.Time // of the last fetch
	err   error     // of the last fetch
}

// New makes a cache. It fetches nothing yet.
func New(config Config) *Cache {
	dialer := &net.Dialer{Timeout: timeout}
	if !config.Private {
		dialer.Control = refusePrivate
	}
	return &Cache{
		now: config.Now, kept: map[string]entry{},
		client: &http.Client{
			Timeout: timeout,
			Transport: &http.Transport{
				DialContext: dialer.DialContext, TLSHandshakeTimeout: timeout, ForceAttemptHTTP2: true,
				DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Key gives the key with this ID of the set at an address. The set is fetched
// when it is not known, older than five minutes, or without the key; but never
// twice in a minute. While the address does not answer, a set is good for an
// hour. A key that is not in the set is a [*idtoken.FaultError].
func (c *Cache) Key(ctx context.Context, address, keyID string) (idtoken.Key, error) {
	e := c.entry(address)
	now := c.now()
	key, found := e.keys[keyID]
	if (!found || now.Sub(e.at) >= freshFor) && now.Sub(e.tried) >= fetchGap {
		var err error
		if e, err = c.refresh(ctx, address); err != nil {
			return idtoken.Key{}, err
		}
		key, found = e.keys[keyID]
	}
	switch {
	case e.at.IsZero() || now.Sub(e.at) >= keptFor:
		return idtoken.Key{}, fmt.Errorf("fetching %s: %w", address, e.err)
	case !found:
		return idtoken.Key{}, &idtoken.FaultError{Code: "signature", Detail: "The issuer has no key of the ID that the token names, or not any more."}
	}
	return key, nil
}

func (c *Cache) entry(address string) entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept[address]
}

// refresh fetches once for all who wait, and gives what is known then. The
// fetch goes on when one of those who wait gives up.
func (c *Cache) refresh(ctx context.Context, address string) (entry, error) {
	answer := c.flight.DoChan(address, func() (any, error) {
		e := c.entry(address)
		if now := c.now(); now.Sub(e.tried) >= fetchGap { // another may have been quicker
			keys, err := c.fetch(context.WithoutCancel(ctx), address)
			e.tried, e.err = now, err
			if err == nil {
				e.keys, e.at = keys, now
			}
			c.keep(address, e)
		}
		return e, nil
	})
	select {
	case <-ctx.Done():
		return entry{}, ctx.Err()
	case a := <-answer:
		return a.Val.(entry), nil
	}
}

func (c *Cache) keep(address string, e entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.kept[address]; !known && len(c.kept) >= maxKept {
		oldest := ""
		for a, other := range c.kept {
			if oldest == "" || other.tried.Before(c.kept[oldest].tried) {
				oldest = a
			}
		}
		delete(c.kept, oldest)
	}
	c.kept[address] = e
}

func (c *Cache) fetch(ctx context.Context, address string) (idtoken.KeySet, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("making the request: %w", err)
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	request.Header.Set("User-Agent", userAgent)
	response, err := c.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, idtoken.MaxKeySetBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", address, err)
	}
	return idtoken.ParseKeySet(text)
}

// refusePrivate judges the address that is called, after its name was looked
// up: a name that stands for another address a moment later is judged again.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("reading the address %q: %w", address, err)
	}
	ip := to.Addr().Unmap()
	if !Public(ip) {
		return fmt.Errorf("%s is on the service's own machine or network", ip)
	}
	return nil
}

// Public says whether an address is one that a stranger could call.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, block := range reserved {
		if block.Contains(ip) {
			return false
		}
	}
	return true
}

// reserved are blocks that are nobody's on the internet, or lead back into the
// own network: RFC 6598 (some clouds' metadata), RFC 6890, the IPv6 forms that
// hold an IPv4 address (RFC 6052, RFC 3056, RFC 4380), and AWS's own metadata.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}
