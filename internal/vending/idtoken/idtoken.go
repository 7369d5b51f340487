// Package idtoken parses ID tokens strictly. It accepts the compact form only,
// limits sizes, requires each member once and in its exact case, allows
// asymmetric algorithms only, and rejects header members that point to a key.
// It rejects whatever two parsers could interpret differently.
//
//	Parse   parses a token; its content isn't trusted yet
//	Verify  verifies the signature with one of the issuer's keys
//	Check   validates the times
package idtoken

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/windlass-io/windlass/internal/clip"
)

// Limits of a token.
const (
	MaxBytes   = 16 << 10 // of the compact form
	maxHeader  = 2 << 10  // decoded
	maxKeyID   = 512
	maxMembers = 200 // of an object, or items of a list
	maxDepth   = 6
)

// Token is a parsed token. Don't trust its claims before [Token.Verify].
type Token struct {
	Algorithm string
	KeyID     string
	Issuer    string
	Subject   string   // empty when there is none
	Audience  []string // one or more
	IssuedAt  time.Time
	NotBefore time.Time // zero when there is none
	ExpiresAt time.Time
	ID        string // "jti"; empty when there is none
	Claims    map[string]Value

	compact string
	signed  string // header and payload, as they were signed
}

// FaultError explains why a token is invalid. It is for the audit and for
// explanations, not for the caller who sent the token.
type FaultError struct {
	Code   string // "form", "signature", "time", "claim"
	Detail string // sentences that quote nothing of the token but names of members
}

// Error returns the detail.
func (f *FaultError) Error() string { return f.Detail }

func fault(code, format string, args ...any) error {
	return &FaultError{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Algorithms returns the algorithms that a provider may allow. All are
// asymmetric.
func Algorithms() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

// headerMembers lists the allowed members of a header. Members that contain or
// point to a key, or that change how the payload is parsed, aren't allowed.
var headerMembers = []string{"alg", "kid", "typ", "x5t", "x5t#S256"}

// Parse parses the compact form of a token (RFC 7519, section 3; RFC 7515,
// section 7.1). Errors are [*FaultError].
func Parse(text string) (*Token, error) {
	if len(text) > MaxBytes {
		return nil, fault("form", "The token has %d bytes. The limit is %d.", len(text), MaxBytes)
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil, fault("form", "The token isn't in compact form: it has %s, not 3.", count(len(parts), "part"))
	}
	var decoded [3][]byte
	for i, part := range parts {
		b, err := decode(part)
		if err != nil {
			return nil, fault("form", "Part %d of the token isn't base64url without padding.", i+1)
		}
		decoded[i] = b
	}
	if len(decoded[2]) == 0 {
		return nil, fault("form", "The token has no signature.")
	}
	t := &Token{compact: text, signed: parts[0] + "." + parts[1]}
	if err := t.parseHeader(decoded[0]); err != nil {
		return nil, err
	}
	if err := t.parsePayload(decoded[1]); err != nil {
		return nil, err
	}
	return t, nil
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// decode decodes base64url as in RFC 7515: without padding and white space,
// and with zeros in unused bits. Each value has exactly one encoding.
func decode(part string) ([]byte, error) {
	if part != "" && strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return nil, base64.CorruptInputError(0)
	}
	if strings.ContainsAny(part, "\r\n") {
		return nil, base64.CorruptInputError(0)
	}
	return base64.RawURLEncoding.Strict().DecodeString(part)
}

func (t *Token) parseHeader(text []byte) error {
	if len(text) > maxHeader {
		return fault("form", "The token's header has %d bytes. The limit is %d.", len(text), maxHeader)
	}
	members, err := object(text, "header")
	if err != nil {
		return err
	}
	t.Algorithm, t.KeyID = members["alg"].Text, members["kid"].Text
	var faults faultList
	for _, name := range slices.Sorted(maps.Keys(members)) {
		switch {
		case !slices.Contains(headerMembers, name):
			faults.add("The header member %s isn't allowed.", quoted(name))
		case members[name].Kind != String:
			faults.add("The header member %q isn't a string.", name)
		}
	}
	if members["alg"].Kind == String && !slices.Contains(Algorithms(), t.Algorithm) {
		faults.add("The algorithm %s isn't supported.", quoted(t.Algorithm))
	}
	if _, given := members["alg"]; !given {
		faults.add("The header has no algorithm (alg).")
	}
	if t.KeyID == "" || len(t.KeyID) > maxKeyID {
		faults.add("The header has no valid key ID (kid).")
	}
	if typ := members["typ"]; typ.Kind == String && !strings.EqualFold(typ.Text, "JWT") {
		faults.add("The token has type %s, not JWT.", quoted(typ.Text))
	}
	return faults.err("form")
}

func (t *Token) parsePayload(text []byte) (err error) {
	if t.Claims, err = object(text, "payload"); err != nil {
		return err
	}
	var faults faultList
	for _, c := range []struct {
		name string
		into *string
	}{{"iss", &t.Issuer}, {"sub", &t.Subject}, {"jti", &t.ID}} {
		value, given := t.Claims[c.name]
		if given && (value.Kind != String || value.Text == "") {
			faults.add("The claim %q isn't a nonempty string.", c.name)
		}
		*c.into = value.Text
	}
	if _, given := t.Claims["iss"]; !given {
		faults.add("The token has no issuer (iss).")
	}
	switch audience := t.Claims["aud"]; {
	case audience.Kind == String && audience.Text != "":
		t.Audience = []string{audience.Text}
	case audience.Kind == List && len(audience.List) > 0 && !slices.Contains(audience.List, ""):
		t.Audience = audience.List
	default:
		faults.add("The audience (aud) is neither a string nor a list of strings.")
	}
	for _, c := range []struct {
		name string
		into *time.Time
	}{{"iat", &t.IssuedAt}, {"nbf", &t.NotBefore}, {"exp", &t.ExpiresAt}} {
		value, given := t.Claims[c.name]
		if !given && c.name == "nbf" {
			continue
		}
		seconds, ok := value.seconds()
		if !ok {
			faults.add("The claim %q isn't a whole number of seconds.", c.name)
			continue
		}
		*c.into = time.Unix(seconds, 0).UTC()
	}
	return faults.err("claim")
}

// faultList collects the faults of one part of a token.
type faultList []string

func (l *faultList) add(format string, args ...any) { *l = append(*l, fmt.Sprintf(format, args...)) }

// err returns all faults as one error; nil when there are none.
func (l faultList) err(code string) error {
	if len(l) == 0 {
		return nil
	}
	return &FaultError{Code: code, Detail: strings.Join(l, " ")}
}

// Verify verifies the signature with the key, which must be for the token's
// algorithm. Errors are [*FaultError].
func (t *Token) Verify(key Key) error {
	if key.id != t.KeyID || !key.fits(t.Algorithm) {
		return fault("signature", "The issuer's key %s isn't for the algorithm %s.", quoted(t.KeyID), t.Algorithm)
	}
	parsed, err := jose.ParseSignedCompact(t.compact, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(t.Algorithm)})
	if err != nil {
		return fault("form", "The token isn't a signed token.")
	}
	if _, err := parsed.Verify(key.public); err != nil {
		return fault("signature", "The signature doesn't match the issuer's key %s.", quoted(t.KeyID))
	}
	return nil
}

// Fingerprint returns 64 hexadecimal digits that identify the token. They are
// a hash of the signed content, so another encoding of the signature has the
// same fingerprint.
func (t *Token) Fingerprint() string {
	sum := sha256.Sum256([]byte(t.signed))
	return hex.EncodeToString(sum[:])
}

// quoted quotes text of a token, clipped to 80 bytes.
func quoted(s string) string { return clip.Quote(s, 80) }
