package webidentity_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/webidentity"
)

// known has public keys without known private keys.
type known map[string]crypto.PublicKey

func (k known) Keys(context.Context, string, bool) (map[string]crypto.PublicKey, error) {
	return k, nil
}

// FuzzToken parses arbitrary tokens. An unsigned token must never verify.
func FuzzToken(f *testing.F) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	keys := known{"": &private.PublicKey, "ec": &curve.PublicKey, "text": "no key"}
	now := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	claims := `{"iss":"https://issuer.example.com","sub":"s","aud":["a"],"azp":"a","iat":1769817600,"exp":1769821200}`
	f.Add(`{"alg":"RS256"}`, claims, "signature")
	f.Add(`{"alg":"ES256","kid":"ec"}`, claims, string(make([]byte, 64)))
	f.Add(`{"alg":"none"}`, claims, "")
	f.Add(`{"alg":"HS256","kid":"text"}`, claims, "signature")
	f.Add(`{"alg":"RS256","crit":["exp"]}`, `{"aud":7,"exp":1e300,"iat":-1}`, "")
	f.Add(`[]`, `null`, "")
	f.Fuzz(func(t *testing.T, header, claims, signature string) {
		text := ""
		for i, part := range []string{header, claims, signature} {
			if i > 0 {
				text += "."
			}
			text += base64.RawURLEncoding.EncodeToString([]byte(part))
		}
		for _, text := range []string{text, header, header + "." + claims + "." + signature} {
			token, err := webidentity.Parse(text)
			if err != nil {
				continue
			}
			if err := token.Verify(t.Context(), keys, now); err == nil {
				t.Errorf("a token that nobody signed is believed: %q", text)
			}
		}
	})
}
