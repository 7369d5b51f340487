package vending

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/vending/idtoken"
)

// ErrSpent says that a token was exchanged as often as it may be.
var ErrSpent = errors.New("the token was exchanged as often as its grant allows")

// Spent is one exchange of a token.
type Spent struct {
	Workspace   string
	Fingerprint string    // see fingerprint
	Most        int       // exchanges that the grant allows one token
	Until       time.Time // when no clock takes the token any more
	Now         time.Time
}

// fingerprint tells an issuer's tokens apart: by their ID where they have one,
// else by what was signed.
func fingerprint(t *idtoken.Token) string {
	if t.ID == "" {
		return t.Fingerprint()
	}
	sum := sha256.Sum256([]byte("jti\x00" + t.Issuer + "\x00" + t.ID))
	return hex.EncodeToString(sum[:])
}
