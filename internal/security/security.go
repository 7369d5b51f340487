// Package security keeps the security log: attacks, and actions that affect who
// has access. It is one chain for the whole instance.
//
//	Log      records events and folds those that repeat
//	Service  lists and verifies entries, for operators and owners
//
// No entry contains a secret, a query or the text of a token: Subject and Actor
// are IDs, and Reason is a fixed sentence.
package security

import (
	"net/netip"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/clip"
)

// Kind is the kind of an event.
type Kind string

// The kinds of event.
const (
	SignInFailed            Kind = "signin.failed"
	SignInLimited           Kind = "signin.limited"
	SignInSucceeded         Kind = "signin.succeeded"
	LinkCreated             Kind = "link.created"
	LinkInvalid             Kind = "link.invalid"
	IdentityLinked          Kind = "identity.linked"
	IdentityUnlinked        Kind = "identity.unlinked"
	DeviceNew               Kind = "device.new"
	TokenUnknown            Kind = "token.unknown"
	TokenEnded              Kind = "token.ended" // expired, revoked, or its maker has left
	TokenOrigin             Kind = "token.origin"
	ExchangeUnknownProvider Kind = "exchange.unknown_provider"
	ExchangeRefused         Kind = "exchange.refused"
	DialRefused             Kind = "dial.refused"
	ProxyUntrusted          Kind = "proxy.untrusted"
	CSRFRefused             Kind = "csrf.refused"
	LimitHit                Kind = "limit.hit"
	RoleChanged             Kind = "role.changed"
	TokenMinted             Kind = "token.minted"
	TokenAdopted            Kind = "token.adopted"
	BackupMade              Kind = "backup.made"
	BackupRestored          Kind = "backup.restored"
	KeyRotated              Kind = "key.rotated"
	NodeRefused             Kind = "node.refused"
)

// Kinds returns every kind, in the order of the documentation.
func Kinds() []Kind {
	return []Kind{
		SignInFailed, SignInLimited, SignInSucceeded, LinkCreated, LinkInvalid, IdentityLinked, IdentityUnlinked,
		DeviceNew,
		TokenUnknown, TokenEnded, TokenOrigin, ExchangeUnknownProvider, ExchangeRefused, DialRefused, ProxyUntrusted,
		CSRFRefused,
		LimitHit, RoleChanged, TokenMinted, TokenAdopted, BackupMade, BackupRestored, KeyRotated, NodeRefused,
	}
}

// Known reports whether k is one of the kinds.
func (k Kind) Known() bool { return slices.Contains(Kinds(), k) }

// Event is one thing that happened.
type Event struct {
	Kind      Kind
	Address   string // the client's IP address; empty outside a request
	Subject   string // ID of the member, token or provider it concerns; never text that a stranger sent
	Actor     string // ID of the actor, if there is one
	Workspace string // workspace ID; empty if it concerns none
	Method    string // of a sign-in: password, link or oidc
	Reason    string // one sentence
	RequestID string
}

// Many is the address of the entries that collect events beyond the open
// windows.
const Many = "many"

// Entry is an event, or several that were folded into one.
type Entry struct {
	Seq       int64     `json:"seq"`    // place in the chain, from 1
	Window    string    `json:"window"` // "sec_…"; a later entry of the same window replaces this one
	Kind      Kind      `json:"kind"`
	Address   string    `json:"address,omitempty"` // an IPv4 address, an IPv6 /64, or "many"
	Subject   string    `json:"subject,omitempty"`
	Actor     string    `json:"actor,omitempty"`
	Workspace string    `json:"workspace,omitempty"`
	Method    string    `json:"method,omitempty"`
	Reason    string    `json:"reason,omitempty"`     // of the last event
	RequestID string    `json:"request_id,omitempty"` // of the last event
	Count     int64     `json:"count"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Hash      string    `json:"hash"` // 64 hexadecimal digits, over the entry and the hash before it
}

// Network returns the network that attempts are counted by: an IPv4 address
// itself, and the /64 of an IPv6 address. Text that isn't an address is returned
// shortened.
func Network(address string) string {
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		if prefix, err := netip.ParsePrefix(address); err == nil && prefix.Bits() == 64 && prefix.Addr().Is6() {
			return prefix.Masked().String()
		}
		return clip.To(address, 64)
	}
	parsed = parsed.Unmap().WithZone("")
	if parsed.Is4() {
		return parsed.String()
	}
	prefix, err := parsed.Prefix(64)
	if err != nil {
		return parsed.String()
	}
	return prefix.String()
}
