// Package webidentity verifies the ID tokens of OpenID Connect providers as STS
// does: issuer, signature, times.
package webidentity

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// MaxToken is the maximum length of a token in bytes.
const MaxToken = 20_000

// skew is the maximum difference between a token's times and ours.
const skew = 5 * time.Minute

// ErrUnreachable is returned for a provider that doesn't respond or doesn't
// follow the protocol.
var ErrUnreachable = errors.New("the identity provider can't be reached")

// Claims are the claims of a token. All has every claim.
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

// ExpiredError is returned for an expired token.
type ExpiredError struct{ Now, Expires time.Time }

// Error returns STS's message, with both times.
func (e *ExpiredError) Error() string {
	return fmt.Sprintf("Token expired: current date/time %d must be before the expiration date/time %d",
		e.Now.Unix(), e.Expires.Unix())
}

// InvalidError is returned for text that isn't a token of the provider.
type InvalidError struct{ Reason string }

// Error returns the reason in STS's words.
func (e *InvalidError) Error() string { return e.Reason }

func invalid(reason string) error { return &InvalidError{reason} }

// algorithms returns the signature algorithms that STS accepts.
func algorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}
}

// Token is a parsed token whose signature hasn't been verified.
type Token struct {
	Claims Claims
	signed *jose.JSONWebSignature // nil for an algorithm that STS doesn't accept
}

// Parse parses a token. Don't trust its claims before [Token.Verify] has
// returned nil.
func Parse(text string) (*Token, error) {
	parts := strings.Split(text, ".")
	if len(text) > MaxToken || len(parts) != 3 {
		return nil, malformed()
	}
	signed, err := jose.ParseSignedCompact(text, algorithms())
	var unexpected *jose.ErrUnexpectedSignatureAlgorithm
	if err != nil && !errors.As(err, &unexpected) {
		return nil, malformed()
	}
	if signed != nil && signed.Signatures[0].Protected.ExtraHeaders["crit"] != nil {
		return nil, malformed() // STS supports no extensions
	}
	t := &Token{signed: signed}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &t.Claims.All) != nil {
		return nil, malformed()
	}
	t.Claims.read()
	return t, nil
}

func malformed() error {
	return invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
}

func (c *Claims) read() {
	c.Issuer, _ = c.All["iss"].(string)
	c.Subject, _ = c.All["sub"].(string)
	c.Party, _ = c.All["azp"].(string)
	c.Audience, c.Methods = stringList(c.All["aud"]), stringList(c.All["amr"])
	c.Expires, c.Issued = unixTime(c.All["exp"]), unixTime(c.All["iat"])
}

// validAt reports whether the token is valid at a time by its claim nbf, if it has
// one. A value that isn't a number is never valid.
func (c *Claims) validAt(now time.Time) bool {
	claim, given := c.All["nbf"]
	seconds, isNumber := claim.(float64)
	return !given || isNumber && seconds <= float64(now.Unix())
}

func unixTime(claim any) time.Time {
	if seconds, ok := claim.(float64); ok && seconds > 0 && seconds < 1<<40 {
		return time.Unix(int64(seconds), 0).UTC()
	}
	return time.Time{}
}

func stringList(claim any) []string {
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

// Keys returns the keys of providers.
type Keys interface {
	// Keys returns the public keys of an issuer by ID. With fresh it fetches
	// them again, as when a token names an unknown key.
	Keys(ctx context.Context, issuer string, fresh bool) (map[string]crypto.PublicKey, error)
}

// Verify verifies a token's signature and times, and checks that it has the
// claims that every token must have.
func (t *Token) Verify(ctx context.Context, keys Keys, now time.Time) error {
	if err := t.verifySignature(ctx, keys); err != nil {
		return err
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
	case !c.validAt(now.Add(skew)):
		return invalid("The ID Token is not valid yet.")
	}
	return nil
}

func (t *Token) verifySignature(ctx context.Context, keys Keys) error {
	unverified := invalid("The ID Token's signature could not be verified.")
	if t.signed == nil {
		return unverified
	}
	key, err := findKey(ctx, keys, t.Claims.Issuer, t.signed.Signatures[0].Protected.KeyID)
	if err != nil {
		return err
	}
	if _, err := t.signed.Verify(key); err != nil {
		return unverified
	}
	return nil
}

func findKey(ctx context.Context, keys Keys, issuer, id string) (crypto.PublicKey, error) {
	for _, fresh := range []bool{false, true} {
		known, err := keys.Keys(ctx, issuer, fresh)
		if err != nil {
			return nil, err
		}
		if key, ok := known[id]; ok {
			return key, nil
		}
	}
	return nil, invalid("Couldn't retrieve verification key from your identity provider,  " +
		"please reference AssumeRoleWithWebIdentity documentation for requirements")
}
