package sample

import (
	"time"

	"github.com/windlass-io/windlass/internal/console/view"
)

// Tokens returns tokens: one of each kind and state.
func Tokens() []view.Token {
	return []view.Token{
		{
			ID: "tok_1", Name: "dashboard", Hint: "pk_…cdef", Type: "publishable", Scope: "read STOCKS",
			Maker: "ada@example.com", State: "active", CreatedAt: Time,
			LastUsed: Time.Add(-2 * time.Minute), MayAdopt: true,
		},
		{
			ID: "tok_2", Name: "importer", Hint: "sk_…9ab2", Type: "secret", Scope: "write every dataset, load, manage",
			Maker: "ada@example.com", State: "expiring", CreatedAt: Time.Add(-90 * time.Hour),
			LastUsed: Time.Add(-time.Hour), ExpiresAt: Time.Add(100 * time.Hour), MayAdopt: true,
		},
		{
			ID: "tok_3", Name: "laptop", Hint: "mk_…77aa", Type: "personal", Scope: "What its maker can do",
			Maker: "bob@example.com", State: "unused", CreatedAt: Time,
			ExpiresAt: Time.Add(2000 * time.Hour),
		},
		{
			ID: "tok_4", Name: "ada-laptop", Hint: "cs_…0112", Type: "session", Scope: "What its maker can do",
			Maker: "ada@example.com", State: "expired", CreatedAt: Time.Add(-400 * time.Hour),
			ExpiresAt: Time.Add(-time.Hour),
		},
	}
}

// Browsers returns the browsers that a member is signed in with.
func Browsers() []view.Browser {
	return []view.Browser{
		{
			ID: "ses_1", Browser: "Firefox on Linux", Address: "203.0.113.7", BeganAt: Time.Add(-time.Hour),
			SeenAt: Time, Current: true,
		},
		{
			ID: "ses_2", Browser: "Safari on iPhone", Address: "2001:db8:85a3::8a2e:370:7334",
			BeganAt: Time.Add(-50 * time.Hour), SeenAt: Time.Add(-3 * time.Hour),
		},
	}
}
