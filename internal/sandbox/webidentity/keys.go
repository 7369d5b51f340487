package webidentity

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	maxDocument = 256 << 10 // maximum size of a discovery document or a key set
	maxKeys     = 100
	maxIssuers  = 1000
	minRSA      = 2048 // minimum bits of a modulus
	maxRSA      = 16384
	keepKeys    = 5 * time.Minute
)

// Remote fetches keys through OpenID Connect Discovery and keeps them for five
// minutes. It is safe for concurrent use.
type Remote struct {
	Client *http.Client     // required; its timeout limits each fetch
	Now    func() time.Time // required

	mu   sync.Mutex
	kept map[string]keySet
}

type keySet struct {
	keys map[string]crypto.PublicKey
	at   time.Time
}

// Keys returns the public keys of an issuer by ID.
func (r *Remote) Keys(ctx context.Context, issuer string, fresh bool) (map[string]crypto.PublicKey, error) {
	r.mu.Lock()
	set, ok := r.kept[issuer]
	r.mu.Unlock()
	if ok && !fresh && r.Now().Sub(set.at) < keepKeys {
		return set.keys, nil
	}
	keys, err := r.fetch(ctx, issuer)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil || len(r.kept) >= maxIssuers {
		r.kept = map[string]keySet{}
	}
	r.kept[issuer] = keySet{keys, r.Now()}
	return keys, nil
}

func (r *Remote) fetch(ctx context.Context, issuer string) (map[string]crypto.PublicKey, error) {
	var discovery struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := r.get(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", &discovery); err != nil {
		return nil, err
	}
	if discovery.Issuer != issuer {
		return nil, fmt.Errorf("%w: its discovery document names the issuer %q", ErrUnreachable, discovery.Issuer)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := r.get(ctx, discovery.Keys, &set); err != nil {
		return nil, err
	}
	keys := map[string]crypto.PublicKey{}
	for _, text := range set.Keys[:min(len(set.Keys), maxKeys)] {
		if id, key := publicKey(text); key != nil {
			keys[id] = key
		}
	}
	return keys, nil
}

func (r *Remote) get(ctx context.Context, address string, v any) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && !localhost(u) {
		return fmt.Errorf("%w: %q isn't an HTTPS URL", ErrUnreachable, address)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	response, err := r.Client.Do(request)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: %s responded %s", ErrUnreachable, address, response.Status)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxDocument)).Decode(v); err != nil {
		return fmt.Errorf("%w: reading %s: %w", ErrUnreachable, address, err)
	}
	return nil
}

func localhost(u *url.URL) bool {
	host := u.Hostname()
	return u.Scheme == "http" && (host == "localhost" || host == "127.0.0.1" || host == "::1")
}

// publicKey parses a JSON Web Key. It returns a nil key for one that can't
// verify a token's signature.
func publicKey(text json.RawMessage) (id string, _ crypto.PublicKey) {
	var parsed jose.JSONWebKey
	if parsed.UnmarshalJSON(text) != nil || parsed.Use != "" && parsed.Use != "sig" {
		return "", nil
	}
	switch key := parsed.Public().Key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < minRSA || bits > maxRSA || key.E < 3 {
			return "", nil
		}
		return parsed.KeyID, key
	case *ecdsa.PublicKey:
		return parsed.KeyID, key
	default:
		return "", nil
	}
}
