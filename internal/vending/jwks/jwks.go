// Package jwks fetches and caches the key sets of issuers. It fetches each
// provider's key set address at most once a minute.
//
// Customers choose the addresses, so requests go through a client of package
// dial.
package jwks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
)

const (
	fetchGap     = time.Minute     // between two requests to the same address
	freshFor     = 5 * time.Minute // how long a key that its issuer removed is still accepted
	staleFor     = time.Hour       // how long a set is used while its issuer is down
	maxAddresses = 1000            // in the cache
	userAgent    = "windlass"
)

// Config configures a [Cache]. Every field without "optional" is required.
type Config struct {
	Client *http.Client // for [dial.JWKS]
	Now    func() time.Time
	// Observe is called with the outcome of each fetch: ok, failed, or kept if it
	// failed and the previous set stays. Optional.
	Observe func(outcome string)
}

// Cache caches key sets by address. It is safe for concurrent use.
type Cache struct {
	client *http.Client
	now    func() time.Time
	count  func(outcome string)
	flight singleflight.Group

	mu      sync.Mutex
	entries map[string]entry
}

type entry struct {
	keys  idtoken.KeySet
	at    time.Time // of the last successful fetch; zero: none
	tried time.Time // of the last fetch
	err   error     // of the last fetch
}

// New returns an empty cache.
func New(config Config) *Cache {
	count := config.Observe
	if count == nil {
		count = func(string) {}
	}
	return &Cache{now: config.Now, count: count, entries: map[string]entry{}, client: config.Client}
}

// Key returns the key with this ID from the set at an address. It fetches the
// set when the set isn't cached, is older than five minutes, or lacks the key;
// but at most once a minute. When the address is down, a cached set is used
// for an hour. If the set lacks the key, the error is a [*idtoken.FaultError].
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
	case e.at.IsZero() || now.Sub(e.at) >= staleFor:
		return idtoken.Key{}, fmt.Errorf("fetching %s: %w", address, e.err)
	case !found:
		return idtoken.Key{}, &idtoken.FaultError{
			Code: "signature", Detail: "The issuer's key set has no key with the token's key ID.",
		}
	}
	return key, nil
}

func (c *Cache) entry(address string) entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries[address]
}

// refresh fetches a set once for all concurrent callers, and returns the new
// entry. The fetch continues when one of the callers gives up.
func (c *Cache) refresh(ctx context.Context, address string) (entry, error) {
	result := c.flight.DoChan(address, func() (any, error) {
		e := c.entry(address)
		if now := c.now(); now.Sub(e.tried) >= fetchGap { // another call may have ended just now
			keys, err := c.fetch(context.WithoutCancel(ctx), address)
			e.tried, e.err = now, err
			switch {
			case err == nil:
				e.keys, e.at = keys, now
				c.count("ok")
			case e.at.IsZero():
				c.count("failed")
			default:
				c.count("kept")
			}
			c.store(address, e)
		}
		return e, nil
	})
	select {
	case <-ctx.Done():
		return entry{}, ctx.Err()
	case r := <-result:
		return r.Val.(entry), nil
	}
}

// store stores an entry. When the cache is full, it drops the entry that was
// fetched longest ago.
func (c *Cache) store(address string, e entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.entries[address]; !known && len(c.entries) >= maxAddresses {
		oldest := ""
		for a, other := range c.entries {
			if oldest == "" || other.tried.Before(c.entries[oldest].tried) {
				oldest = a
			}
		}
		delete(c.entries, oldest)
	}
	c.entries[address] = e
}

func (c *Cache) fetch(ctx context.Context, address string) (idtoken.KeySet, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("creating the request: %w", err)
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	request.Header.Set("User-Agent", userAgent)
	response, err := c.client.Do(request)
	if err != nil {
		return nil, unwrapProblem(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s returned %s", address, response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, idtoken.MaxKeySetBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", address, err)
	}
	return idtoken.ParseKeySet(text)
}

// unwrapProblem returns the problem in err, if there is one. The HTTP client
// puts the address in front, which would repeat it.
func unwrapProblem(err error) error {
	var refused *problem.Error
	if errors.As(err, &refused) {
		return refused
	}
	return err
}
