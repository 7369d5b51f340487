package console

import (
	"time"
)

func fixtureTokens() []tokenView {
	return []tokenView{
		{
			ID: "tok_1", Name: "dashboard", Hint: "pk_…cdef", Type: "publishable", Scope: "read STOCKS",
			Maker: "ada@example.com", State: "active", CreatedAt: fixtureTime,
			LastUsed: fixtureTime.Add(-2 * time.Minute), MayAdopt: true,
		},
		{
			ID: "tok_2", Name: "importer", Hint: "sk_…9ab2", Type: "secret", Scope: "write every dataset, load, manage",
			Maker: "ada@example.com", State: "expiring", CreatedAt: fixtureTime.Add(-90 * time.Hour),
			LastUsed: fixtureTime.Add(-time.Hour), ExpiresAt: fixtureTime.Add(100 * time.Hour), MayAdopt: true,
		},
		{
			ID: "tok_3", Name: "laptop", Hint: "mk_…77aa", Type: "personal", Scope: "What its maker can do",
			Maker: "bob@example.com", State: "unused", CreatedAt: fixtureTime,
			ExpiresAt: fixtureTime.Add(2000 * time.Hour),
		},
		{
			ID: "tok_4", Name: "ada-laptop", Hint: "cs_…0112", Type: "session", Scope: "What its maker can do",
			Maker: "ada@example.com", State: "expired", CreatedAt: fixtureTime.Add(-400 * time.Hour),
			ExpiresAt: fixtureTime.Add(-time.Hour),
		},
	}
}

func fixtureSessions() []browserView {
	return []browserView{
		{
			ID: "ses_1", Browser: "Firefox on Linux", Address: "203.0.113.7", BeganAt: fixtureTime.Add(-time.Hour),
			SeenAt: fixtureTime, Current: true,
		},
		{
			ID: "ses_2", Browser: "Safari on iPhone", Address: "2001:db8:85a3::8a2e:370:7334",
			BeganAt: fixtureTime.Add(-50 * time.Hour), SeenAt: fixtureTime.Add(-3 * time.Hour),
		},
	}
}
