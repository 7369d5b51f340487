// Package jwks has the public keys of issuers: fetched over HTTPS from the one
// address that a provider names, at most once a minute, and kept for a while.
//
// A customer chose the address, so it is called by a client of package dial.
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
	fetchGap  = time.Minute     // between two fetches of one address, whatever is asked for
	freshFor  = 5 * time.Minute // a key that its issuer removed is taken no longer
	keptFor   = time.Hour       // while the issuer does not answer
	maxKept   = 1000            // addresses
	userAgent = "windlass"
)

// Config is what a [Cache] needs.
type Config struct {
	Client *http.Client // for [dial.JWKS]
	Now    func() time.Time
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

// New returns a cache. It fetches nothing yet.
func New(config Config) *Cache {
	return &Cache{now: config.Now, kept: map[string]entry{}, client: config.Client}
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
		return nil, told(err)
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

// told returns what the transport says, without the words that the client puts
// before it: they repeat the address.
func told(err error) error {
	var refused *problem.Error
	if errors.As(err, &refused) {
		return refused
	}
	return err
}
