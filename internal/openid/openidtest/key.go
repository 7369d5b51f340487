package openidtest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// Key is a key pair that signs tokens with RS256.
type Key struct {
	Private *rsa.PrivateKey
	ID      string // its thumbprint (RFC 7638)
}

// NewKey generates a key pair of 2048 bits.
func NewKey(t testing.TB) Key {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatalf("generating a key: %v", err)
	}
	thumbprint, err := (&jose.JSONWebKey{Key: &private.PublicKey}).Thumbprint(crypto.SHA256)
	if err != nil {
		t.Fatalf("computing the thumbprint of a key: %v", err)
	}
	return Key{Private: private, ID: base64.RawURLEncoding.EncodeToString(thumbprint)}
}

// Sign returns a token with these claims in compact form.
func (k Key) Sign(t testing.TB, claims map[string]any) string {
	t.Helper()
	token, err := k.sign(claims)
	if err != nil {
		t.Fatalf("signing a token: %v", err)
	}
	return token
}

func (k Key) sign(claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	key := jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: k.Private, KeyID: k.ID}}
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// Set returns the key set (RFC 7517) with the public key.
func (k Key) Set() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{
		Key: &k.Private.PublicKey, KeyID: k.ID, Algorithm: string(jose.RS256), Use: "sig",
	}}}
}

// JSON returns [Key.Set] as JSON.
func (k Key) JSON(t testing.TB) []byte {
	t.Helper()
	text, err := json.Marshal(k.Set())
	if err != nil {
		t.Fatalf("encoding a key set: %v", err)
	}
	return text
}
