package vending_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending"
)

// TestAttackForm sends tokens that aren't compact, signed and unambiguous.
func TestAttackForm(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "GitHub Actions", nil)
	s.works(t)
	s.quiet(t)
	parts := func(t *testing.T) []string { return strings.Split(s.token(t, nil), ".") }
	rejoin := func(change func(parts []string) []string) func(*testing.T) string {
		return func(t *testing.T) string { return strings.Join(change(parts(t)), ".") }
	}
	for name, c := range map[string]struct {
		token  func(*testing.T) string
		reason string
	}{
		"none":               {func(*testing.T) string { return "" }, "no token"},
		"not a token":        {func(*testing.T) string { return "sk_0123456789abcdef0123456789abcdef" }, "1 part,"},
		"two parts":          {rejoin(func(p []string) []string { return p[:2] }), "2 parts"},
		"four parts":         {rejoin(func(p []string) []string { return append(p, p[2]) }), "4 parts"},
		"an encrypted token": {rejoin(func(p []string) []string { return append(p, p[2], p[2]) }), "5 parts"},
		"JSON serialization": {func(t *testing.T) string {
			p := parts(t)
			return text(t, map[string]string{"protected": p[0], "payload": p[1], "signature": p[2]})
		}, "1 part,"},
		"a dot behind":   {func(t *testing.T) string { return s.token(t, nil) + "." }, "4 parts"},
		"a space before": {func(t *testing.T) string { return " " + s.token(t, nil) }, "Part 1"},
		"a line feed inside": {
			rejoin(func(p []string) []string { p[1] = p[1][:20] + "\n" + p[1][20:]; return p }),
			"Part 2",
		},
		"a line feed behind": {func(t *testing.T) string { return s.token(t, nil) + "\n" }, "Part 3"},
		"padding":            {rejoin(func(p []string) []string { p[2] += "=="; return p }), "Part 3"},
		"the other alphabet": {rejoin(func(p []string) []string { p[2] = "+/" + p[2][2:]; return p }), "Part 3"},
		"bits left over":     {func(t *testing.T) string { return leftOver(t, s) }, "Part 3"},
		"too long": {func(t *testing.T) string {
			return s.token(t,
				vendingtest.Claims{"more": strings.Repeat("x", 16<<10)})
		}, "limit is 16384"},
		"a header too long": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"x5t": strings.Repeat("x", 3000)}), s.payload(t, nil, ""))
		}, "limit is 2048"},
		"no JSON": {
			func(t *testing.T) string { return s.forged(t, s.header(t, nil), "sub=admin") },
			"isn't a JSON object",
		},
		"a list": {
			func(t *testing.T) string { return s.forged(t, s.header(t, nil), "["+s.payload(t, nil, "")+"]") },
			"isn't a JSON object",
		},
		"cut off": {func(t *testing.T) string {
			p := s.payload(t, nil, "")
			return s.forged(t, s.header(t, nil), p[:len(p)-1])
		}, "isn't JSON"},
		"something behind": {func(t *testing.T) string {
			return s.forged(t, s.header(t, nil),
				s.payload(t, nil, "")+"{}")
		}, "after the JSON object"},
		"no UTF-8": {func(t *testing.T) string {
			return s.forged(t, s.header(t, nil),
				s.payload(t, nil, "\"x\":\"\xff\","))
		}, "isn't UTF-8"},
		"half a surrogate pair": {func(t *testing.T) string {
			return s.forged(t, s.header(t, nil),
				s.payload(t, nil, `"x":"\ud800",`))
		}, "isn't valid Unicode"},
		"two issuers": {func(t *testing.T) string {
			return s.forged(t, s.header(t, nil), s.payload(t, nil, `"iss":"https://evil.example.com",`))
		}, "twice"},
		"two audiences": {func(t *testing.T) string {
			return s.forged(t, s.header(t, nil), s.payload(t, nil, `"aud":"https://other.example.com",`))
		}, "twice"},
		"two repositories": {func(t *testing.T) string {
			return s.forged(t, s.header(t, nil), s.payload(t, nil, `"repository_id":"75",`))
		}, "twice"},
		"an escaped second name": {func(t *testing.T) string {
			return s.forged(t, s.header(t, nil), s.payload(t, nil, `"\u0069ss":"https://evil.example.com",`))
		}, "twice"},
		"a second name in capitals": {func(t *testing.T) string {
			return s.forged(t, s.header(t, nil), s.payload(t, nil, `"Repository_ID":"75",`))
		}, "two spellings"},
		"an issuer in capitals": {func(t *testing.T) string {
			return s.forged(t, s.header(t, nil), s.payload(t, vendingtest.Claims{"iss": nil},
				`"ISS":"https://token.actions.githubusercontent.com",`))
		}, "wrong case"},
		"two members inside": {func(t *testing.T) string {
			return s.forged(t, s.header(t, nil), s.payload(t, nil, `"x":{"a":1,"a":2},`))
		}, "twice"},
		"deeply nested": {func(t *testing.T) string {
			return s.forged(t, s.header(t, nil), s.payload(t, nil, `"x":`+strings.Repeat("[", 50)+strings.Repeat("]",
				50)+","))
		}, "levels deep"},
		"too many members": {func(t *testing.T) string {
			return s.forged(t, s.header(t, nil),
				s.payload(t, nil, many(300)))
		}, "more than 200 members"},
		"too long a list": {func(t *testing.T) string {
			return s.token(t,
				vendingtest.Claims{"x": make([]string, 300)})
		}, "more than 200 items"},
		"alg none": {func(t *testing.T) string {
			return b64([]byte(s.header(t, map[string]any{"alg": "none"}))) + "." + b64([]byte(s.payload(t, nil, ""))) +
				"."
		}, "no signature"},
		"alg none, signed": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"alg": "none"}), s.payload(t, nil, ""))
		}, `"none"`},
		"alg NoNe": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"alg": "NoNe"}), s.payload(t, nil, ""))
		}, `"NoNe"`},
		"no alg": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"alg": nil}), s.payload(t, nil, ""))
		}, "algorithm"},
		"alg rs256": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"alg": "rs256"}), s.payload(t, nil, ""))
		}, `"rs256"`},
		"HS256 with the public key": {func(t *testing.T) string { return hs256(t, s, false) }, `"HS256"`},
		"HS256 with the key set":    {func(t *testing.T) string { return hs256(t, s, true) }, `"HS256"`},
		"RS512, which is not allowed": {
			func(t *testing.T) string { return rs512(t, s) },
			"doesn't allow the token's algorithm",
		},
		"PS256, which is not allowed": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"alg": "PS256"}), s.payload(t, nil, ""))
		}, "doesn't allow the token's algorithm"},
		"ES256 with a key of its own": {
			func(t *testing.T) string { return es256(t, s) },
			"doesn't allow the token's algorithm",
		},
		"no key ID": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"kid": nil}), s.payload(t, nil, ""))
		}, "no valid key ID"},
		"an empty key ID": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"kid": ""}), s.payload(t, nil, ""))
		}, "no valid key ID"},
		"a number for a key ID": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"kid": 1}), s.payload(t, nil, ""))
		}, "isn't a string"},
		"an unknown key ID": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"kid": "another"}), s.payload(t, nil, ""))
		}, "no key with the token's key ID"},
		"a path for a key ID": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"kid": "../../dev/null"}), s.payload(t, nil, ""))
		}, "no key with the token's key ID"},
		"a key in the header":        {func(t *testing.T) string { return ownKey(t, s, "jwk") }, `"jwk"`},
		"an address of keys":         {func(t *testing.T) string { return ownKey(t, s, "jku") }, `"jku"`},
		"a certificate":              {func(t *testing.T) string { return ownKey(t, s, "x5c") }, `"x5c"`},
		"an address of certificates": {func(t *testing.T) string { return ownKey(t, s, "x5u") }, `"x5u"`},
		"critical members": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"crit": []string{"exp"}}), s.payload(t, nil, ""))
		}, `"crit"`},
		"an unencoded payload": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"b64": false}), s.payload(t, nil, ""))
		}, `"b64"`},
		"compression": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"zip": "DEF"}), s.payload(t, nil, ""))
		}, `"zip"`},
		"a token in a token": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"cty": "JWT"}), s.payload(t, nil, ""))
		}, `"cty"`},
		"an access token": {func(t *testing.T) string {
			return s.forged(t, s.header(t, map[string]any{"typ": "at+jwt"}), s.payload(t, nil, ""))
		}, "not JWT"},
		"two algorithms": {func(t *testing.T) string {
			return s.forged(t, `{"alg":"none",`+s.header(t, nil)[1:], s.payload(t, nil, ""))
		}, "twice"},
		"another's signature": {
			func(t *testing.T) string { return ownKey(t, s, "") },
			"doesn't match the issuer's key",
		},
		"another token's signature": {func(t *testing.T) string {
			p := parts(t)
			return p[0] + "." + p[1] + "." +
				parts(t)[2]
		}, "doesn't match the issuer's key"},
		"one bit of the signature": {
			rejoin(func(p []string) []string { p[2] = flip(p[2]); return p }),
			"doesn't match the issuer's key",
		},
		"half a signature": {
			rejoin(func(p []string) []string { p[2] = p[2][:len(p[2])/8*4]; return p }),
			"doesn't match the issuer's key",
		},
		"another payload": {func(t *testing.T) string {
			p := parts(t)
			return p[0] + "." + b64([]byte(s.payload(t, vendingtest.Claims{"actor_id": "1"}, ""))) + "." + p[2]
		}, "doesn't match the issuer's key"},
		"another header": {func(t *testing.T) string {
			p := parts(t)
			return b64([]byte(s.header(t, map[string]any{"x5t": "abc"}))) + "." + p[1] + "." + p[2]
		}, "doesn't match the issuer's key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.refuses(t, c.token(t), vending.Request{}, c.reason)
		})
	}
}

// TestForgedIsGood checks that the tokens of TestAttackForm are refused
// because of their difference, and not because of how they are generated.
func TestForgedIsGood(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "GitHub Actions", nil)
	s.vends(t, s.forged(t, s.header(t, nil), s.payload(t, nil, "")), vending.Request{})
	s.vends(t, s.forged(t, s.header(t, map[string]any{"typ": nil, "x5t": "abc"}), s.payload(t, nil, `"x":[[[1]]],`)),
		vending.Request{})
}

func many(n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(`"x` + rand.Text() + `":1,`)
	}
	return b.String()
}

// leftOver returns a token whose encoded signature has unused bits set.
func leftOver(t *testing.T, s *stage) string {
	t.Helper()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	token := s.token(t, nil)
	last := strings.IndexByte(alphabet, token[len(token)-1])
	if last%4 != 0 { // 256 bytes leave 4 bits of the last character
		t.Fatalf("the signature ends with %c", token[len(token)-1])
	}
	return token[:len(token)-1] + string(alphabet[last+1])
}

func flip(signature string) string {
	b, _ := base64.RawURLEncoding.DecodeString(signature)
	b[10] ^= 1
	return b64(b)
}

// hs256 signs with the issuer's public key as if it were a secret.
func hs256(t *testing.T, s *stage, set bool) string {
	t.Helper()
	key, _ := s.Issuer.Key(t)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	secret := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	if set {
		secret, _ = json.Marshal(map[string]string{"n": b64(key.N.Bytes())})
	}
	input := b64([]byte(s.header(t, map[string]any{"alg": "HS256"}))) + "." + b64([]byte(s.payload(t, nil, "")))
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(input))
	return input + "." + b64(mac.Sum(nil))
}

// rs512 is signed well, by the issuer's key.
func rs512(t *testing.T, s *stage) string {
	t.Helper()
	key, _ := s.Issuer.Key(t)
	input := b64([]byte(s.header(t, map[string]any{"alg": "RS512"}))) + "." + b64([]byte(s.payload(t, nil, "")))
	sum := sha512.Sum512([]byte(input))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA512, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + b64(signature)
}

func es256(t *testing.T, s *stage) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	input := b64([]byte(s.header(t, map[string]any{"alg": "ES256"}))) + "." + b64([]byte(s.payload(t, nil, "")))
	sum := sha256.Sum256([]byte(input))
	r, v, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + b64(append(r.FillBytes(make([]byte, 32)), v.FillBytes(make([]byte, 32))...))
}

// ownKey is signed by a key of the attacker's, under the issuer's key ID, with
// the key in a member of the header.
func ownKey(t *testing.T, s *stage, member string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]any{
		"jwk": map[string]string{"kty": "RSA", "n": b64(key.N.Bytes()), "e": "AQAB"}, "jku": s.Issuer.JWKSURL,
		"x5c": []string{"MIIB"}, "x5u": "https://evil.example.com/cert.pem",
	}
	changes := map[string]any{}
	if member != "" {
		changes[member] = values[member]
	}
	input := b64([]byte(s.header(t, changes))) + "." + b64([]byte(s.payload(t, nil, "")))
	return input + "." + b64(signRS256(t, key, input))
}
