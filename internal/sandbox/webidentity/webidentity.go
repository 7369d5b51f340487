// Package webidentity checks the ID tokens of OpenID Connect providers as STS
// does: issuer, signature, times.
package webidentity

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"math/big"
	"strings"
	"time"
)

// MaxToken is the longest token, in bytes.
const MaxToken = 20_000

// skew is how far a token's times may be from ours.
const skew = 5 * time.Minute

// Claims are what a token says, and what was asked of it.
type Claims struct {
	Issuer   string
	Subject  string
	Audience []string
	Party    string // azp
	Methods  []string
	Expires  time.Time
	Issued   time.Time
	All      map[string]any
}

// ExpiredError is a token that was good once.
type ExpiredError struct{ Now, Expires time.Time }

// Error tells the times.
func (e *ExpiredError) Error() string {
	return fmt.Sprintf("Token expired: current date/time %d must be before the expiration date/time %d", e.Now.Unix(), e.Expires.Unix())
}

// InvalidError is a token that is not one, or not this provider's.
type InvalidError struct{ Reason string }

// Error gives the reason, in a form for the caller.
func (e *InvalidError) Error() string { return e.Reason }

func invalid(reason string) error { return &InvalidError{reason} }

type header struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	Critical  []any  `json:"crit"`
}

// Token is a token that was read and not checked.
type Token struct {
	Claims    Claims
	header    header
	signed    string
	signature []byte
}

// Parse reads a token. Nothing that it says may be believed before
// [Token.Verify] has answered nil.
func Parse(text string) (*Token, error) {
	parts := strings.Split(text, ".")
	if len(text) > MaxToken || len(parts) != 3 {
		return nil, malformed()
	}
	t := &Token{signed: parts[0] + "." + parts[1]}
	if err := decode(parts[0], &t.header); err != nil {
		return nil, malformed()
	}
	if err := decode(parts[1], &t.Claims.All); err != nil {
		return nil, malformed()
	}
	var err error
	if t.signature, err = base64.RawURLEncoding.DecodeString(parts[2]); err != nil || len(t.header.Critical) > 0 {
		return nil, malformed()
	}
	t.Claims.read()
	return t, nil
}

func malformed() error {
	return invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
}

func decode(part string, v any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, v)
}

func (c *Claims) read() {
	c.Issuer, _ = c.All["iss"].(string)
	c.Subject, _ = c.All["sub"].(string)
	c.Party, _ = c.All["azp"].(string)
	c.Audience, c.Methods = list(c.All["aud"]), list(c.All["amr"])
	c.Expires, c.Issued = moment(c.All["exp"]), moment(c.All["iat"])
}

func moment(claim any) time.Time {
	if seconds, ok := claim.(float64); ok && seconds > 0 && seconds < 1<<40 {
		return time.Unix(int64(seconds), 0).UTC()
	}
	return time.Time{}
}

func list(claim any) []string {
	switch v := claim.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, item := range v {
			if s, ok := item.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// Keys gives a provider's keys.
type Keys interface {
	// Keys gives the public keys of an issuer by their IDs. fresh asks for them
	// anew, as when a key is not known.
	Keys(ctx context.Context, issuer string, fresh bool) (map[string]crypto.PublicKey, error)
}

// Verify checks a token's signature, its times, and that the claims are there
// that every token must have.
func (t *Token) Verify(ctx context.Context, keys Keys, now time.Time) error {
	key, err := t.key(ctx, keys)
	if err != nil {
		return err
	}
	if !t.signedBy(key) {
		return invalid("The ID Token's signature could not be verified.")
	}
	switch c := &t.Claims; {
	case c.Expires.IsZero():
		return invalid("Missing a required claim: exp.")
	case now.After(c.Expires.Add(skew)):
		return &ExpiredError{now, c.Expires}
	case c.Issued.IsZero():
		return invalid("Missing a required claim: iat.")
	case c.Subject == "":
		return invalid("Missing a required claim: sub.")
	case c.Issued.After(now.Add(skew)):
		return invalid("The ID Token was issued in the future.")
	}
	return nil
}

func (t *Token) key(ctx context.Context, keys Keys) (crypto.PublicKey, error) {
	for _, fresh := range []bool{false, true} {
		known, err := keys.Keys(ctx, t.Claims.Issuer, fresh)
		if err != nil {
			return nil, err
		}
		if key, ok := known[t.header.KeyID]; ok {
			return key, nil
		}
	}
	return nil, invalid("Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements")
}

// signedBy checks the signature by the algorithm that the header names, which
// must be of the key's own kind: "none" and a shared secret are none.
func (t *Token) signedBy(key crypto.PublicKey) bool {
	if len(t.header.Algorithm) != 5 {
		return false
	}
	var h hash.Hash
	var kind crypto.Hash
	switch t.header.Algorithm[2:] {
	case "256":
		h, kind = sha256.New(), crypto.SHA256
	case "384":
		h, kind = sha512.New384(), crypto.SHA384
	case "512":
		h, kind = sha512.New(), crypto.SHA512
	default:
		return false
	}
	h.Write([]byte(t.signed))
	sum := h.Sum(nil)
	switch public := key.(type) {
	case *rsa.PublicKey:
		return t.header.Algorithm[:2] == "RS" && rsa.VerifyPKCS1v15(public, kind, sum, t.signature) == nil
	case *ecdsa.PublicKey:
		size := (public.Curve.Params().BitSize + 7) / 8
		if t.header.Algorithm[:2] != "ES" || len(t.signature) != 2*size {
			return false
		}
		r, s := new(big.Int).SetBytes(t.signature[:size]), new(big.Int).SetBytes(t.signature[size:])
		return ecdsa.Verify(public, sum, r, s)
	}
	return false
}

// ErrUnreachable is a provider that does not answer as it must.
var ErrUnreachable = errors.New("the identity provider does not answer")
