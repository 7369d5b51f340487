package webidentity_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/windlass-io/windlass/internal/sandbox/webidentity"
)

var epoch = time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)

// sign signs claims under a key's ID, with further headers.
func sign(
	t *testing.T,
	algorithm jose.SignatureAlgorithm,
	key any,
	id string,
	claims map[string]any,
	headers map[string]any,
) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithHeader("kid", id)
	for name, value := range headers {
		options.WithHeader(jose.HeaderKey(name), value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

func newRSA(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newEC(t *testing.T, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestVerify(t *testing.T) {
	t.Parallel()
	rsaKey, other, p256, p384 := newRSA(t, 2048), newRSA(t, 2048), newEC(t, elliptic.P256()), newEC(t, elliptic.P384())
	keys := known{"rsa": &rsaKey.PublicKey, "p256": &p256.PublicKey, "p384": &p384.PublicKey}
	claims := func(change string, value any) map[string]any {
		all := map[string]any{
			"iss": "https://ci.example.com",
			"sub": "build",
			"aud": "a",
			"iat": epoch.Unix(),
			"exp": epoch.Unix() + 600,
		}
		if change != "" {
			all[change] = value
		}
		return all
	}
	for name, test := range map[string]struct {
		token string
		valid bool
	}{
		"RS256":                 {sign(t, jose.RS256, rsaKey, "rsa", claims("", nil), nil), true},
		"RS512":                 {sign(t, jose.RS512, rsaKey, "rsa", claims("", nil), nil), true},
		"ES256":                 {sign(t, jose.ES256, p256, "p256", claims("", nil), nil), true},
		"ES384":                 {sign(t, jose.ES384, p384, "p384", claims("", nil), nil), true},
		"PS256":                 {sign(t, jose.PS256, rsaKey, "rsa", claims("", nil), nil), false},
		"HS256":                 {sign(t, jose.HS256, make([]byte, 32), "rsa", claims("", nil), nil), false},
		"another key, same ID":  {sign(t, jose.RS256, other, "rsa", claims("", nil), nil), false},
		"unknown key":           {sign(t, jose.RS256, other, "other", claims("", nil), nil), false},
		"a key of another kind": {sign(t, jose.RS256, rsaKey, "p256", claims("", nil), nil), false},
		"its own key in a header": {sign(t, jose.RS256, other, "rsa", claims("", nil),
			map[string]any{"jwk": jose.JSONWebKey{Key: &other.PublicKey}}), false},
		"expired":              {sign(t, jose.RS256, rsaKey, "rsa", claims("exp", epoch.Unix()-600), nil), false},
		"no expiry":            {sign(t, jose.RS256, rsaKey, "rsa", claims("exp", nil), nil), false},
		"an expiry in words":   {sign(t, jose.RS256, rsaKey, "rsa", claims("exp", "tomorrow"), nil), false},
		"no time of issue":     {sign(t, jose.RS256, rsaKey, "rsa", claims("iat", nil), nil), false},
		"issued in the future": {sign(t, jose.RS256, rsaKey, "rsa", claims("iat", epoch.Unix()+3600), nil), false},
		"no subject":           {sign(t, jose.RS256, rsaKey, "rsa", claims("sub", ""), nil), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token, err := webidentity.Parse(test.token)
			if err == nil {
				err = token.Verify(t.Context(), keys, epoch)
			}
			if test.valid != (err == nil) {
				t.Errorf("got %v, want valid: %t", err, test.valid)
			}
		})
	}
	if _, err := webidentity.Parse(
		sign(t, jose.RS256, rsaKey, "rsa", claims("", nil), map[string]any{"b64": true, "crit": []string{"b64"}}),
	); err == nil {
		t.Error("a token with a critical extension is parsed")
	}
}

// TestRemoteKeys fetches a key set in which only some keys can verify tokens.
func TestRemoteKeys(t *testing.T) {
	t.Parallel()
	good, curve := newRSA(t, 2048), newEC(t, elliptic.P521())
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: &good.PublicKey, KeyID: "rsa", Use: "sig"},
		{Key: &curve.PublicKey, KeyID: "ec"},
		{Key: &newRSA(t, 2048).PublicKey, KeyID: "encryption", Use: "enc"},
		{Key: &newRSA(t, 1024).PublicKey, KeyID: "short"},
		{Key: make([]byte, 32), KeyID: "secret"},
	}}
	fetches := 0
	var issuer string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/openid-configuration":
			_ = json.NewEncoder(w).Encode(map[string]string{"issuer": issuer, "jwks_uri": issuer + "/keys"})
		case "/keys":
			fetches++
			_ = json.NewEncoder(w).Encode(set)
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	issuer = server.URL
	remote := &webidentity.Remote{Client: server.Client(), Now: func() time.Time { return epoch }}
	for _, step := range []struct {
		fresh bool
		want  int
	}{{false, 1}, {false, 1}, {true, 2}} {
		keys, err := remote.Keys(t.Context(), issuer, step.fresh)
		if err != nil {
			t.Fatal(err)
		}
		if len(keys) != 2 || !good.PublicKey.Equal(keys["rsa"]) ||
			!curve.PublicKey.Equal(keys["ec"]) {
			t.Errorf("keys: %v", keys)
		}
		if fetches != step.want {
			t.Errorf("fetches = %d, want %d", fetches, step.want)
		}
	}
	for _, address := range []string{
		issuer + "/elsewhere", "http://issuer.example.com", "ftp://localhost",
		"https://[::1",
	} {
		if _, err := remote.Keys(t.Context(), address, false); !errors.Is(err, webidentity.ErrUnreachable) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
