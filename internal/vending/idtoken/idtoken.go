// Package idtoken reads ID tokens strictly: compact form only, bounded, every
// member once and in its exact case, no algorithm that is not asymmetric, and
// nothing that tells the reader where to find a key. What two readers could
// understand differently is refused.
//
//	Parse   reads a token; nothing in it is true yet
//	Verify  holds the signature to one of the issuer's keys
//	Check   holds the times to the clock
package idtoken

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Bounds of a token.
const (
	MaxBytes   = 16 << 10 // of the compact form
	maxHeader  = 2 << 10  // decoded
	maxKeyID   = 512
	maxMembers = 200 // of an object, or items of a list
	maxDepth   = 6
)

// Token is a token that was read. Its claims are true only after
// [Token.Verify].
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

// FaultError is what is wrong with a token. It is for the audit and for
// explanations: the caller who brought the token is not told.
type FaultError struct {
	Code   string // "form", "signature", "time", "claim"
	Detail string // one sentence, without any part of the token but names of members
}

// Error gives the detail.
func (f *FaultError) Error() string { return f.Detail }

func fault(code, format string, args ...any) error {
	return &FaultError{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Algorithms are those that a provider may allow: all are asymmetric.
func Algorithms() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

// headerMembers are those that a header may have. Everything that names a key
// or a place to find one, and everything that changes how the rest is read, is
// not among them.
var headerMembers = []string{"alg", "kid", "typ", "x5t", "x5t#S256"}

// Parse reads the compact form of a token (RFC 7519, section 3; RFC 7515,
// section 7.1). Its errors are [*FaultError].
func Parse(text string) (*Token, error) {
	if len(text) > MaxBytes {
		return nil, fault("form", "The token has %d bytes; at most %d are read.", len(text), MaxBytes)
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil, fault("form", "The token is not in compact form: it has %d parts, not 3.", len(parts))
	}
	var decoded [3][]byte
	for i, part := range parts {
		b, err := decode(part)
		if err != nil {
			return nil, fault("form", "Part %d of the token is not base64url without padding.", i+1)
		}
		decoded[i] = b
	}
	if len(decoded[2]) == 0 {
		return nil, fault("form", "The token has no signature.")
	}
	t := &Token{compact: text, signed: parts[0] + "." + parts[1]}
	if err := t.readHeader(decoded[0]); err != nil {
		return nil, err
	}
	if err := t.readPayload(decoded[1]); err != nil {
		return nil, err
	}
	return t, nil
}

// decode reads base64url as RFC 7515 has it: no padding, no white space, and
// zeros in the bits that are left over, so that each text has one spelling.
func decode(part string) ([]byte, error) {
	if part != "" && strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return nil, base64.CorruptInputError(0)
	}
	if strings.ContainsAny(part, "\r\n") {
		return nil, base64.CorruptInputError(0)
	}
	return base64.RawURLEncoding.Strict().DecodeString(part)
}

func (t *Token) readHeader(text []byte) error {
	if len(text) > maxHeader {
		return fault("form", "The token's header has %d bytes; at most %d are read.", len(text), maxHeader)
	}
	members, err := object(text, "header")
	if err != nil {
		return err
	}
	for name, value := range members {
		if !slices.Contains(headerMembers, name) {
			return fault("form", "The token's header has the member %q, which is not read.", bounded(name))
		}
		if value.Kind != String {
			return fault("form", "The token's header member %q is not a string.", name)
		}
	}
	t.Algorithm, t.KeyID = members["alg"].Text, members["kid"].Text
	if !slices.Contains(Algorithms(), t.Algorithm) {
		return fault("form", "The token's algorithm %q is not one that is read.", bounded(t.Algorithm))
	}
	if t.KeyID == "" || len(t.KeyID) > maxKeyID {
		return fault("form", "The token's header names no key (kid).")
	}
	if typ, given := members["typ"]; given && !strings.EqualFold(typ.Text, "JWT") {
		return fault("form", "The token is of type %q, not JWT.", bounded(typ.Text))
	}
	return nil
}

func (t *Token) readPayload(text []byte) (err error) {
	if t.Claims, err = object(text, "payload"); err != nil {
		return err
	}
	for name, into := range map[string]*string{"iss": &t.Issuer, "sub": &t.Subject, "jti": &t.ID} {
		value, given := t.Claims[name]
		if given && (value.Kind != String || value.Text == "") {
			return fault("claim", "The claim %q is not a string with something in it.", name)
		}
		*into = value.Text
	}
	if t.Issuer == "" {
		return fault("claim", "The token names no issuer (iss).")
	}
	switch audience := t.Claims["aud"]; {
	case audience.Kind == String && audience.Text != "":
		t.Audience = []string{audience.Text}
	case audience.Kind == List && len(audience.List) > 0 && !slices.Contains(audience.List, ""):
		t.Audience = audience.List
	default:
		return fault("claim", "The token's audience (aud) is neither a string nor a list of strings.")
	}
	for name, into := range map[string]*time.Time{"exp": &t.ExpiresAt, "iat": &t.IssuedAt, "nbf": &t.NotBefore} {
		value, given := t.Claims[name]
		if !given && name == "nbf" {
			continue
		}
		seconds, ok := value.seconds()
		if !ok {
			return fault("claim", "The claim %q is not a whole number of seconds.", name)
		}
		*into = time.Unix(seconds, 0).UTC()
	}
	return nil
}

// Verify holds the signature to the key, which must be for the token's
// algorithm. Its errors are [*FaultError].
func (t *Token) Verify(key Key) error {
	if key.id != t.KeyID || !key.fits(t.Algorithm) {
		return fault("signature", "The key %q is not for the algorithm %s.", bounded(t.KeyID), t.Algorithm)
	}
	parsed, err := jose.ParseSignedCompact(t.compact, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(t.Algorithm)})
	if err != nil {
		return fault("form", "The token is not a signed one.")
	}
	if _, err := parsed.Verify(key.public); err != nil {
		return fault("signature", "The signature is not that of the issuer's key %q.", bounded(t.KeyID))
	}
	return nil
}

// Fingerprint tells tokens apart: 64 hexadecimal digits. It is over what was
// signed, so that another spelling of the signature is the same token.
func (t *Token) Fingerprint() string {
	sum := sha256.Sum256([]byte(t.signed))
	return hex.EncodeToString(sum[:])
}

// bounded cuts what a token says to what a sentence bears.
func bounded(s string) string { return s[:min(len(s), 80)] }
