package directory

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
)

// The prefixes of unique IDs. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes.
const (
	UserID      = "AIDA"
	RoleID      = "AROA"
	GroupID     = "AGPA"
	PolicyID    = "ANPA"
	ProfileID   = "AIPA"
	LongTermKey = "AKIA"
	SessionKey  = "ASIA"
)

// NewID returns a new unique ID of 21 characters.
func NewID(prefix string) string { return prefix + random32(17) }

// NewKeyID returns a new access key ID of 20 characters.
func NewKeyID(prefix string) string { return prefix + random32(16) }

// NewSecret returns a new secret access key of 40 characters.
func NewSecret() string { return base64.StdEncoding.EncodeToString(random(30)) }

// NewToken returns a new session token of 256 characters.
func NewToken() string { return base64.StdEncoding.EncodeToString(random(192)) }

func random32(n int) string { return base32.StdEncoding.EncodeToString(random(n))[:n] }

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}
