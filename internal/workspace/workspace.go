// Package workspace manages workspaces and their members, and signs members in.
package workspace

import (
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

// Workspace owns integrations, datasets and everything else. Its name never
// changes, because it is part of the addresses that apps read.
type Workspace struct {
	ID        string // "ws_…"
	Name      string // lower case
	CreatedAt time.Time
}

// The length of a name, in characters.
const (
	minName = 2
	maxName = 63
)

// ParseName validates a workspace's name: 2 to 63 letters and digits, starting
// with a letter. It returns the name in lower case.
func ParseName(s string) (string, error) {
	name := strings.ToLower(s)
	ok := len(name) >= minName && len(name) <= maxName && name[0] >= 'a' && name[0] <= 'z'
	for i := 0; ok && i < len(name); i++ {
		ok = name[i] >= 'a' && name[i] <= 'z' || name[i] >= '0' && name[i] <= '9'
	}
	if !ok || len(name) != len(s) {
		return "", problem.New(problem.Invalid, "The name of the workspace is invalid.").
			WithHint("Use %d to %d letters a to z and digits, starting with a letter.", minName, maxName)
	}
	return name, nil
}

// Member is a person of a workspace.
type Member struct {
	ID           string // "mem_…"
	Workspace    string // workspace ID
	Email        string // lower case
	Role         access.Role
	PasswordHash string // argon2id in PHC form; empty: there is none
	Identity     Identity
	CreatedAt    time.Time
	SignedInAt   time.Time // zero: never
	SecuredAt    time.Time // sessions that began earlier have ended; zero: none has
	Operator     bool      // an owner of the home workspace; not stored
}

// Actor returns the member as an actor. The caller adds the request's ID and
// address.
func (m *Member) Actor() access.Actor {
	return access.Actor{
		Kind: access.Member, ID: m.ID, Name: m.Email, Workspace: m.Workspace, Member: m.ID, Role: m.Role,
		Operator: m.Operator,
	}
}

// maxEmail is the longest address, in bytes (RFC 5321, section 4.5.3.1.3).
const maxEmail = 254

// ParseEmail validates the basic form of an e-mail address: one @ with text on
// both sides, and only printable characters. It returns the address in lower
// case.
func ParseEmail(s string) (string, error) {
	email := strings.ToLower(strings.TrimSpace(s))
	local, domain, _ := strings.Cut(email, "@")
	bad := strings.ContainsFunc(email, func(r rune) bool {
		return r <= ' ' || r >= 0x7f ||
			strings.ContainsRune(`<>,;:"\()[]`, r)
	})
	if bad || local == "" || domain == "" || len(email) > maxEmail || strings.Contains(domain, "@") {
		return "", problem.New(problem.Invalid, "The e-mail address doesn't have the form name@example.com.")
	}
	return email, nil
}

// ParseRole parses a role. "user" is the former name of editor.
func ParseRole(role access.Role) (access.Role, error) {
	if role == "user" {
		return access.Editor, nil
	}
	if !role.Valid() {
		return "", problem.New(problem.Invalid, "The role %q is unknown. Use viewer, editor, admin or owner.", role).
			WithFindings(problem.Finding{Path: "role", Message: "isn't viewer, editor, admin or owner"})
	}
	return role, nil
}
