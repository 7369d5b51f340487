package webidentity

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	maxDocument = 256 << 10 // bytes of a discovery document or a key set
	maxKeys     = 100
	keepKeys    = 5 * time.Minute
	maxIssuers  = 1000
)

// Remote fetches keys as OpenID Connect Discovery says, and keeps them for a
// while. It is safe for concurrent use.
type Remote struct {
	Client *http.Client     // required; its timeout is the patience
	Now    func() time.Time // required

	mu   sync.Mutex
	kept map[string]keySet
}

type keySet struct {
	keys map[string]crypto.PublicKey
	at   time.Time
}

// Keys gives the public keys of an issuer by their IDs.
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
		return nil, fmt.Errorf("%w: its discovery document is of issuer %q", ErrUnreachable, discovery.Issuer)
	}
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := r.get(ctx, discovery.Keys, &set); err != nil {
		return nil, err
	}
	keys := map[string]crypto.PublicKey{}
	for i, k := range set.Keys {
		if key := k.public(); key != nil && i < maxKeys {
			keys[k.ID] = key
		}
	}
	return keys, nil
}

func (r *Remote) get(ctx context.Context, address string, v any) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && !localhost(u) {
		return fmt.Errorf("%w: %q is no address over HTTPS", ErrUnreachable, address)
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
		return fmt.Errorf("%w: %s answers %s", ErrUnreachable, address, response.Status)
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

// jwk is a public key as RFC 7517 writes it.
type jwk struct {
	Kind  string `json:"kty"`
	ID    string `json:"kid"`
	Use   string `json:"use"`
	Curve string `json:"crv"`
	N     string `json:"n"`
	E     string `json:"e"`
	X     string `json:"x"`
	Y     string `json:"y"`
}

// public gives the key, nil when it is of no use here.
func (k jwk) public() crypto.PublicKey {
	if k.Use != "" && k.Use != "sig" {
		return nil
	}
	switch k.Kind {
	case "RSA":
		n, e := number(k.N), number(k.E)
		if n.BitLen() < 2048 || n.BitLen() > 16384 || !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 {
			return nil
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}
	case "EC":
		curve := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[k.Curve]
		if curve == nil {
			return nil
		}
		key, err := ecdsa.ParseUncompressedPublicKey(curve, point(curve, k.X, k.Y))
		if err != nil {
			return nil
		}
		return key
	}
	return nil
}

func number(text string) *big.Int {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) > 4096 {
		return new(big.Int)
	}
	return new(big.Int).SetBytes(raw)
}

// point writes a point of a curve as SEC 1 does, uncompressed; nil when a
// coordinate is too long.
func point(curve elliptic.Curve, x, y string) []byte {
	size := (curve.Params().BitSize + 7) / 8
	nx, ny := number(x), number(y)
	if nx.BitLen() > size*8 || ny.BitLen() > size*8 {
		return nil
	}
	out := make([]byte, 1+2*size)
	out[0] = 4
	nx.FillBytes(out[1 : 1+size])
	ny.FillBytes(out[1+size:])
	return out
}
