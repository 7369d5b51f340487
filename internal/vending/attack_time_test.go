package vending_test

import (
	"slices"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// TestAttackTimeAndAudience sends correctly signed tokens of another time or
// for another audience.
func TestAttackTimeAndAudience(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "GitHub Actions", nil)
	s.works(t)
	now := s.Now()
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	// Tokens just inside the limits.
	for _, claims := range []vendingtest.Claims{
		{"exp": at(-15 * time.Second), "iat": at(-5 * time.Minute)},
		{"iat": at(15 * time.Second)},
		{"nbf": at(15 * time.Second)},
		{"nbf": nil},
		{"iat": at(-10 * time.Minute)},
		{"aud": []string{vendingtest.Audience}},
	} {
		s.vends(t, s.token(t, claims), vending.Request{})
	}
	s.quiet(t)
	for name, c := range map[string]struct {
		changes timed
		reason  string
	}{
		"over": {
			timed{"exp": fromNow(-time.Minute), "iat": fromNow(-5 * time.Minute)},
			"expired at",
		},
		"over by a day": {timed{
			"exp": fromNow(-24 * time.Hour), "iat": fromNow(-25 * time.Hour),
			"nbf": nil,
		}, "expired at"},
		"over before it began": {
			timed{"iat": fromNow(20 * time.Second), "exp": fromNow(10 * time.Second)},
			"before it is issued",
		},
		"over before it may be used": {
			timed{"nbf": fromNow(20 * time.Second), "exp": fromNow(10 * time.Second)},
			"before it becomes valid",
		},
		"without an end":              {timed{"exp": nil}, `"exp" isn't a whole number`},
		"an end in words":             {timed{"exp": "9999999999"}, `"exp" isn't a whole number`},
		"an end with a fraction":      {timed{"exp": float64(at(time.Minute)) + 0.5}, `"exp" isn't a whole number`},
		"an end with an exponent":     {timed{"exp": 1e300}, `"exp" isn't a whole number`},
		"an end beyond all calendars": {timed{"exp": int64(1) << 62}, `"exp" isn't a whole number`},
		"an end below zero":           {timed{"exp": -1}, `"exp" isn't a whole number`},
		"an end that is true":         {timed{"exp": true}, `"exp" isn't a whole number`},
		"an end in a list":            {timed{"exp": []int64{at(time.Minute)}}, `"exp" isn't a whole number`},
		"without a beginning":         {timed{"iat": nil}, `"iat" isn't a whole number`},
		"a beginning in words":        {timed{"iat": "now"}, `"iat" isn't a whole number`},
		"of the future":               {timed{"iat": fromNow(time.Minute)}, "in the future"},
		"too old, and not over": {
			timed{"iat": fromNow(-11 * time.Minute), "nbf": nil},
			"accepts tokens for 10m0s",
		},
		"a year old, and not over": {timed{
			"iat": fromNow(-365 * 24 * time.Hour), "nbf": nil,
			"exp": fromNow(365 * 24 * time.Hour),
		}, "accepts tokens for 10m0s"},
		"not to be used yet":          {timed{"nbf": fromNow(time.Minute)}, "isn't valid before"},
		"to be used some time":        {timed{"nbf": "yesterday"}, `"nbf" isn't a whole number`},
		"for somebody else":           {timed{"aud": "https://other.example.com"}, "another audience"},
		"for GitHub's own":            {timed{"aud": "https://github.com/acme"}, "another audience"},
		"for AWS":                     {timed{"aud": "sts.amazonaws.com"}, "another audience"},
		"for nobody":                  {timed{"aud": nil}, "audience (aud)"},
		"for an empty name":           {timed{"aud": ""}, "audience (aud)"},
		"for an empty list":           {timed{"aud": []string{}}, "audience (aud)"},
		"for an empty name of a list": {timed{"aud": []string{"", vendingtest.Audience}}, "audience (aud)"},
		"for a list with a number":    {timed{"aud": []any{vendingtest.Audience, 1}}, "audience (aud)"},
		"for an object":               {timed{"aud": map[string]string{"0": vendingtest.Audience}}, "audience (aud)"},
		"for us with a slash":         {timed{"aud": vendingtest.Audience + "/"}, "another audience"},
		"for us in capitals":          {timed{"aud": "HTTPS://WINDLASS.EXAMPLE.COM"}, "another audience"},
		"for who begins like us":      {timed{"aud": vendingtest.Audience + ".evil.example.com"}, "another audience"},
		"for two in one text": {
			timed{"aud": vendingtest.Audience + ",https://other.example.com"},
			"another audience",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.refuses(t, s.token(t, c.changes.at(s.Now())), vending.Request{}, c.reason)
		})
	}
}

// TestAttackAudienceOfOthers sends tokens that were also issued for another
// service, whose operator could send them here.
func TestAttackAudienceOfOthers(t *testing.T) {
	t.Parallel()
	several := map[string][]string{
		"first":          {vendingtest.Audience, "https://other.example.com"},
		"last":           {"https://other.example.com", vendingtest.Audience},
		"ours twice":     {vendingtest.Audience, vendingtest.Audience},
		"among a dozens": append(slices.Repeat([]string{"https://other.example.com"}, 24), vendingtest.Audience),
	}
	for name, audience := range several {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stageOf(t, "GitHub Actions", nil)
			s.works(t)
			s.refuses(t, s.token(t, vendingtest.Claims{"aud": audience}), vending.Request{},
				"audiences, and the provider accepts one")
			yes := true
			if _, err := s.Providers.Update(t.Context(), s.Actor, vendingtest.Workspace, s.provider.ID,
				provider.Change{MultipleAudiences: &yes}); err != nil {
				t.Fatal(err)
			}
			s.vends(t, s.token(t, vendingtest.Claims{"aud": audience}), vending.Request{})
			s.refuses(t, s.token(t, vendingtest.Claims{"aud": []string{
				"https://a.example.com",
				"https://b.example.com",
			}}), vending.Request{}, "another audience")
		})
	}
}

// A provider that accepts several audiences doesn't open another one of its
// issuer.
func TestAttackAudienceThroughAnotherProvider(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "GitHub Actions", nil)
	lax := presets()["GitHub Actions"].provider
	lax.Name, lax.MultipleAudiences = "lax", true
	s.MustProvider(t, lax)
	token := s.token(t, vendingtest.Claims{"aud": []string{vendingtest.Audience, "https://other.example.com"}})
	s.refuses(t, token, vending.Request{Grant: s.grant.ID}, "")
}

// timed is claims with times from now, whenever now is: a case may wait long
// for its turn.
type (
	timed   vendingtest.Claims
	fromNow time.Duration
)

func (c timed) at(now time.Time) vendingtest.Claims {
	out := vendingtest.Claims{}
	for name, value := range c {
		if d, ok := value.(fromNow); ok {
			value = now.Add(time.Duration(d)).Unix()
		}
		out[name] = value
	}
	return out
}
