package vending_test

import (
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending"
)

// TestAttackIssuer sends tokens that another party could have issued, signed
// with the stored keys of the only provider.
func TestAttackIssuer(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "CircleCI v2", nil)
	s.works(t)
	s.quiet(t)
	const none = "No provider has the issuer"
	otherOrg := strings.Replace(vendingtest.CircleOrg, "8f4d", "0000", 1)
	fetched := s.Issuer.Requests.Load()
	t.Cleanup(func() {
		if n := s.Issuer.Requests.Load(); n != fetched {
			t.Errorf("the keys were fetched %d times more", n-fetched)
		}
	})
	for name, c := range map[string]struct {
		issuer any
		reason string
	}{
		"a stranger":                {"https://evil.example.com", none},
		"an issuer of this machine": {"http://127.0.0.1:1/", none},
		"the metadata service":      {"http://169.254.169.254/latest/meta-data", none},
		"another organization":      {"https://oidc.circleci.com/org/" + otherOrg, none},
		"the shared issuer":         {"https://oidc.circleci.com", none},
		"a slash behind":            {vendingtest.CircleIssuer + "/", none},
		"without TLS":               {strings.Replace(vendingtest.CircleIssuer, "https", "http", 1), none},
		"in capitals":               {strings.ToUpper(vendingtest.CircleIssuer), none},
		"a host in capitals":        {strings.Replace(vendingtest.CircleIssuer, "oidc", "OIDC", 1), none},
		"a user in the address":     {strings.Replace(vendingtest.CircleIssuer, "https://", "https://evil@", 1), none},
		"a longer host": {
			strings.Replace(vendingtest.CircleIssuer, ".com", ".com.evil.example.com", 1),
			none,
		},
		"a port":                    {strings.Replace(vendingtest.CircleIssuer, ".com", ".com:443", 1), none},
		"a way around":              {strings.Replace(vendingtest.CircleIssuer, "/org/", "/x/../org/", 1), none},
		"an escaped slash":          {strings.Replace(vendingtest.CircleIssuer, "/org/", "%2Forg/", 1), none},
		"a query":                   {vendingtest.CircleIssuer + "?", none},
		"a fragment":                {vendingtest.CircleIssuer + "#", none},
		"a letter that looks alike": {strings.Replace(vendingtest.CircleIssuer, "circleci", "circl\u0435ci", 1), none},
		"SQL":                       {vendingtest.CircleIssuer + "' OR '1'='1", none},
		"a wildcard":                {"https://oidc.circleci.com/org/%", none},
		"NUL behind":                {vendingtest.CircleIssuer + "\x00", none},
		"no issuer":                 {nil, "has no issuer"},
		"an empty issuer":           {"", "isn't a nonempty string"},
		"a list of issuers":         {[]string{vendingtest.CircleIssuer}, "isn't a nonempty string"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.refuses(t, s.token(t, vendingtest.Claims{"iss": c.issuer}), vending.Request{}, c.reason)
		})
	}
}

// TestAttackKeys uses keys that the issuer has removed, and causes more
// fetches than are allowed.
func TestAttackKeys(t *testing.T) {
	t.Parallel()
	t.Run("a key that was removed", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		s.works(t)
		old := s.token(t, nil)
		s.Issuer.Rotate(t)
		s.Advance(5 * time.Minute)
		s.refuses(t, old, vending.Request{}, "no key with the token's key ID")
		s.works(t) // with the new key
	})
	t.Run("a new key is taken within a minute", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		s.works(t)
		s.Issuer.Rotate(t)
		token := s.token(t, nil)
		s.refuses(t, token, vending.Request{}, "no key with the token's key ID")
		s.Advance(time.Minute)
		s.vends(t, token, vending.Request{})
	})
	t.Run("many unknown keys", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		s.works(t)
		s.Advance(time.Minute)
		done := make(chan bool)
		for range 40 {
			go func() {
				defer func() { done <- true }()
				token := s.forged(t, s.header(t, map[string]any{"kid": "unknown"}), s.payload(t, nil, ""))
				if _, _, err := s.exchange(t, token, vending.Request{}); err == nil {
					t.Error("the attack succeeds")
				}
			}()
		}
		for range 40 {
			<-done
		}
		if n := s.Issuer.Requests.Load(); n != 2 {
			t.Errorf("the keys were fetched %d times, not twice in two minutes", n)
		}
	})
	t.Run("an issuer that doesn't respond", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		s.Issuer.Down.Store(true)
		for range 10 {
			s.refuses(t, s.token(t, nil), vending.Request{}, "keys can't be fetched")
		}
		if n := s.Issuer.Requests.Load(); n != 1 {
			t.Errorf("it was asked %d times in a minute", n)
		}
		s.Issuer.Down.Store(false)
		s.Advance(time.Minute)
		s.works(t)
	})
	t.Run("keys that are too old", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		s.works(t)
		s.Issuer.Down.Store(true)
		s.Advance(59 * time.Minute)
		s.works(t) // they are valid for an hour
		s.Advance(time.Minute)
		s.refuses(t, s.token(t, nil), vending.Request{}, "keys can't be fetched")
	})
}
