package vending_test

import (
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/vendingtest"
)

// TestAttackTimeAndAudience brings well signed tokens of another time, or for
// somebody else.
func TestAttackTimeAndAudience(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "GitHub Actions", nil)
	s.works(t)
	now := s.Now()
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	// What is at the edge, and good.
	for _, claims := range []vendingtest.Claims{
		{"exp": at(-15 * time.Second), "iat": at(-5 * time.Minute)},
		{"iat": at(15 * time.Second)},
		{"nbf": at(15 * time.Second)},
		{"nbf": nil},
		{"iat": at(-10 * time.Minute)},
		{"aud": []string{"https://other.example.com", vendingtest.Audience}},
	} {
		s.vends(t, s.token(t, claims), vending.Ask{})
	}
	s.quiet(t)
	for name, c := range map[string]struct {
		changes vendingtest.Claims
		reason  string
	}{
		"over":                        {vendingtest.Claims{"exp": at(-time.Minute), "iat": at(-5 * time.Minute)}, "ended at"},
		"over by a day":               {vendingtest.Claims{"exp": at(-24 * time.Hour), "iat": at(-25 * time.Hour), "nbf": nil}, "ended at"},
		"over before it began":        {vendingtest.Claims{"iat": at(20 * time.Second), "exp": at(10 * time.Second)}, "before it begins"},
		"over before it may be used":  {vendingtest.Claims{"nbf": at(20 * time.Second), "exp": at(10 * time.Second)}, "before it may be used"},
		"without an end":              {vendingtest.Claims{"exp": nil}, `"exp" is not a whole number`},
		"an end in words":             {vendingtest.Claims{"exp": "9999999999"}, `"exp" is not a whole number`},
		"an end with a fraction":      {vendingtest.Claims{"exp": float64(at(time.Minute)) + 0.5}, `"exp" is not a whole number`},
		"an end with an exponent":     {vendingtest.Claims{"exp": 1e300}, `"exp" is not a whole number`},
		"an end beyond all calendars": {vendingtest.Claims{"exp": int64(1) << 62}, `"exp" is not a whole number`},
		"an end below zero":           {vendingtest.Claims{"exp": -1}, `"exp" is not a whole number`},
		"an end that is true":         {vendingtest.Claims{"exp": true}, `"exp" is not a whole number`},
		"an end in a list":            {vendingtest.Claims{"exp": []int64{at(time.Minute)}}, `"exp" is not a whole number`},
		"without a beginning":         {vendingtest.Claims{"iat": nil}, `"iat" is not a whole number`},
		"a beginning in words":        {vendingtest.Claims{"iat": "now"}, `"iat" is not a whole number`},
		"of the future":               {vendingtest.Claims{"iat": at(time.Minute)}, "in the future"},
		"too old, and not over":       {vendingtest.Claims{"iat": at(-11 * time.Minute), "nbf": nil}, "taken for 10m0s"},
		"a year old, and not over":    {vendingtest.Claims{"iat": at(-365 * 24 * time.Hour), "nbf": nil, "exp": at(365 * 24 * time.Hour)}, "taken for 10m0s"},
		"not to be used yet":          {vendingtest.Claims{"nbf": at(time.Minute)}, "not be used before"},
		"to be used some time":        {vendingtest.Claims{"nbf": "yesterday"}, `"nbf" is not a whole number`},
		"for somebody else":           {vendingtest.Claims{"aud": "https://other.example.com"}, "another audience"},
		"for GitHub's own":            {vendingtest.Claims{"aud": "https://github.com/acme"}, "another audience"},
		"for AWS":                     {vendingtest.Claims{"aud": "sts.amazonaws.com"}, "another audience"},
		"for nobody":                  {vendingtest.Claims{"aud": nil}, "audience (aud)"},
		"for an empty name":           {vendingtest.Claims{"aud": ""}, "audience (aud)"},
		"for an empty list":           {vendingtest.Claims{"aud": []string{}}, "audience (aud)"},
		"for an empty name of a list": {vendingtest.Claims{"aud": []string{"", vendingtest.Audience}}, "audience (aud)"},
		"for a list with a number":    {vendingtest.Claims{"aud": []any{vendingtest.Audience, 1}}, "audience (aud)"},
		"for an object":               {vendingtest.Claims{"aud": map[string]string{"0": vendingtest.Audience}}, "audience (aud)"},
		"for us with a slash":         {vendingtest.Claims{"aud": vendingtest.Audience + "/"}, "another audience"},
		"for us in capitals":          {vendingtest.Claims{"aud": "HTTPS://WINDLASS.EXAMPLE.COM"}, "another audience"},
		"for who begins like us":      {vendingtest.Claims{"aud": vendingtest.Audience + ".evil.example.com"}, "another audience"},
		"for two in one text":         {vendingtest.Claims{"aud": vendingtest.Audience + ",https://other.example.com"}, "another audience"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.refuses(t, s.token(t, c.changes), vending.Ask{}, c.reason)
		})
	}
}
