// Package token manages the API tokens of a workspace. A token has a maker: it
// can do at most what the maker can do now, narrowed by its scopes, and it ends
// when the maker leaves. Its text is shown once; only a hash is stored.
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

// Kind is the kind of a token.
type Kind string

// The kinds.
const (
	Secret      Kind = "secret"      // sk_: does what its scopes allow; for servers
	Publishable Kind = "publishable" // pk_: reads the datasets its scopes name; for web pages
	Personal    Kind = "personal"    // mk_: does what its maker may do, in their name
	Session     Kind = "session"     // cs_: a person's session of the command line, from windlass login
)

// Bounds.
const (
	MaxCacheSeconds = 86_400
	MaxScopes       = 200
	MaxPerWorkspace = 1000 // that are not revoked, by default
)

// digits is the number of hexadecimal digits after the prefix: 128 random bits.
const digits = 32

// Token is an API token, without its text.
type Token struct {
	ID        string // "tok_…"
	Workspace string // workspace ID
	Kind      Kind
	Name      string
	Tail      string // the text's last four digits
	Hash      Hash
	Scopes    []access.Scope // a personal token may have none
	Maker     string         // member ID: the token can do at most what they can, and ends when they leave
	MakerName string         // their e-mail address; empty in the results of Authenticate
	Parent    string         // ID of the secret token that created it; empty: a person did
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	UsedAt    time.Time // to about a minute; zero: never
	RevokedAt time.Time // zero: it is not
	// Publishable: the web pages that may use it, by the Origin and by the Referer of their requests;
	// package origin has the forms.
	AllowedOrigins, AllowedReferers []string
	// Publishable: how long clients and caches may store its responses.
	CacheSeconds int
	Limits       access.Limits // how much the token may use

	Review bool // from before tokens had makers, and not reviewed since
}

// Hash is the SHA-256 of a token. A token has 128 random bits, so that no
// slower hash is needed.
type Hash [sha256.Size]byte

// HashOf hashes the text of a token.
func HashOf(text string) Hash { return sha256.Sum256([]byte(text)) }

// String returns the hash in hexadecimal digits, the form that is stored.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ParseHash parses the form that [Hash.String] returns.
func ParseHash(text string) (Hash, error) {
	var h Hash
	n, err := hex.Decode(h[:], []byte(text))
	if err != nil || n != len(h) {
		return Hash{}, problem.New(problem.Internal, "The stored hash of a token is damaged.")
	}
	return h, nil
}

// mint returns a new token's text.
func mint(kind Kind) secret.String {
	var b [digits / 2]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never returns an error
	return secret.New(prefixes[kind] + hex.EncodeToString(b[:]))
}

var prefixes = map[Kind]string{Secret: "sk_", Publishable: "pk_", Personal: "mk_", Session: "cs_"}

// WellFormed reports whether a text has the form of a token.
func WellFormed(text string) bool {
	for _, prefix := range prefixes {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			return len(rest) == digits && strings.Trim(rest, "0123456789abcdef") == ""
		}
	}
	return false
}
