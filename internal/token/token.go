// Package token is the API tokens of a workspace: what a program shows to be
// let in. A token is seen once, when it is minted; what is kept is its hash.
package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// Kind is what a token is good for.
type Kind string

// The kinds.
const (
	Secret      Kind = "secret"      // sk_: everything in its workspace
	Publishable Kind = "publishable" // pk_: reads what its scopes name; may stand in a web page
	Personal    Kind = "personal"    // mk_: whatever its member may do, and in their name
)

// Bounds.
const (
	MaxName         = 100
	MaxScopes       = 200
	MaxPerWorkspace = 1000 // that are not revoked
)

// digits is how many hexadecimal digits follow the prefix: 128 random bits.
const digits = 32

// Token is an API token, without the token itself.
type Token struct {
	ID        string // "tok_…"
	Workspace string // workspace ID
	Kind      Kind
	Name      string
	Tail      string // the token's last four digits, to tell it from others
	Hash      Hash
	Scopes    []access.Scope // Publishable only
	Member    string         // Personal only: the member's ID
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	UsedAt    time.Time // to about a minute; zero: never
	RevokedAt time.Time // zero: it is not
}

// Hash is the SHA-256 of a token. A token has 128 random bits, so that no
// slower hash is needed.
type Hash [sha256.Size]byte

// HashOf hashes the text of a token.
func HashOf(text string) Hash { return sha256.Sum256([]byte(text)) }

// String gives the hash in hexadecimal digits, as it is kept.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ParseHash reads what [Hash.String] gave.
func ParseHash(text string) (Hash, error) {
	var h Hash
	n, err := hex.Decode(h[:], []byte(text))
	if err != nil || n != len(h) {
		return Hash{}, problem.New(problem.Internal, "A kept hash of a token is damaged.")
	}
	return h, nil
}

// mint makes the text of a token.
func mint(kind Kind) secret.String {
	var b [digits / 2]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails: it ends the program instead
	return secret.New(prefixes[kind] + hex.EncodeToString(b[:]))
}

var prefixes = map[Kind]string{Secret: "sk_", Publishable: "pk_", Personal: "mk_"}

// WellFormed says whether a text could be a token.
func WellFormed(text string) bool {
	for _, prefix := range prefixes {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			return len(rest) == digits && strings.Trim(rest, "0123456789abcdef") == ""
		}
	}
	return false
}

// actor is who comes with this token; of a personal one its member does.
func (t *Token) actor() access.Actor {
	kind := access.Secret
	if t.Kind == Publishable {
		kind = access.Publishable
	}
	return access.Actor{Kind: kind, ID: t.ID, Name: t.Name, Workspace: t.Workspace, Scopes: t.Scopes}
}

// valid says whether the token lets anyone in now.
func (t *Token) valid(now time.Time) bool {
	return t.RevokedAt.IsZero() && (t.ExpiresAt.IsZero() || now.Before(t.ExpiresAt))
}
