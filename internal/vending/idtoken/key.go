package idtoken

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// Limits of a key set.
const (
	MaxKeySetBytes = 256 << 10
	maxKeys        = 100
	minRSABits     = 2048
	maxRSABits     = 8192
)

// Key is a public key of an issuer.
type Key struct {
	id        string
	algorithm string // empty: any that fits the key
	public    crypto.PublicKey
}

// KeySet contains the public keys of an issuer by ID.
type KeySet map[string]Key

// ParseKeySet parses a JSON Web Key Set (RFC 7517, section 5). It skips keys
// that can't be used: those without an ID, for encryption, symmetric, private
// or weak, and those with an ID that another key has too.
func ParseKeySet(text []byte) (KeySet, error) {
	if len(text) > MaxKeySetBytes {
		return nil, fmt.Errorf("reading a key set: it has more than %d bytes", MaxKeySetBytes)
	}
	var raw struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("reading a key set: %w", err)
	}
	if len(raw.Keys) > maxKeys {
		return nil, fmt.Errorf("reading a key set: it has %d keys, at most %d are allowed", len(raw.Keys), maxKeys)
	}
	set := KeySet{}
	seen := map[string]int{}
	for _, text := range raw.Keys {
		var jwk jose.JSONWebKey
		if err := jwk.UnmarshalJSON(text); err != nil {
			continue // an unknown kind of key
		}
		seen[jwk.KeyID]++
		if isUsable(&jwk) {
			set[jwk.KeyID] = Key{id: jwk.KeyID, algorithm: jwk.Algorithm, public: jwk.Key}
		}
	}
	for id, n := range seen {
		if n > 1 {
			delete(set, id)
		}
	}
	return set, nil
}

func isUsable(k *jose.JSONWebKey) bool {
	if k.KeyID == "" || len(k.KeyID) > maxKeyID || (k.Use != "" && k.Use != "sig") || !k.IsPublic() || !k.Valid() {
		return false
	}
	switch public := k.Key.(type) {
	case *rsa.PublicKey:
		return public.N.BitLen() >= minRSABits && public.N.BitLen() <= maxRSABits && public.E > 2 && public.E%2 == 1
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return true
	}
	return false
}

// fits reports whether the key is for signatures with the algorithm.
func (k Key) fits(algorithm string) bool {
	if k.algorithm != "" && k.algorithm != algorithm {
		return false
	}
	switch public := k.public.(type) {
	case *rsa.PublicKey:
		return algorithm[:2] == "RS" || algorithm[:2] == "PS"
	case *ecdsa.PublicKey:
		return algorithm == map[int]string{256: "ES256", 384: "ES384", 521: "ES512"}[public.Curve.Params().BitSize]
	case ed25519.PublicKey:
		return algorithm == "EdDSA"
	}
	return false
}
