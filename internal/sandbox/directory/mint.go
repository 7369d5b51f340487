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

// NewID makes the unique ID of a thing: 21 characters.
func NewID(prefix string) string { return prefix + random32(17) }

// NewKeyID makes an access key ID: 20 characters.
func NewKeyID(prefix string) string { return prefix + random32(16) }

// NewSecret makes a secret access key: 40 characters.
func NewSecret() string { return base64.StdEncoding.EncodeToString(random(30)) }

// NewToken makes a session token: 256 characters.
func NewToken() string { return base64.StdEncoding.EncodeToString(random(192)) }

func random32(n int) string { return base32.StdEncoding.EncodeToString(random(n))[:n] }

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}
