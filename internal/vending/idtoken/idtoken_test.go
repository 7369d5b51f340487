package idtoken_test

import (
	"errors"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/openid/openidtest"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
)

// All faults of a part are reported, in a fixed order.
func TestParseReportsAllFaults(t *testing.T) {
	t.Parallel()
	const header, payload = `{"alg":"RS256","kid":"1"}`, `{"iss":"a","aud":"b","iat":1,"exp":2}`
	for name, c := range map[string]struct{ header, payload, code, want string }{
		"a valid token": {header, payload, "", ""},
		"a header": {
			`{"typ":"at+jwt","jwk":{},"crit":["x"],"alg":"none"}`, payload, "form",
			`The header member "crit" isn't allowed. The header member "jwk" isn't allowed. ` +
				`The algorithm "none" isn't supported. The header has no valid key ID (kid). ` +
				`The token has type "at+jwt", not JWT.`,
		},
		"an empty header": {
			`{}`, payload, "form",
			"The header has no algorithm (alg). The header has no valid key ID (kid).",
		},
		"a payload": {
			header, `{"jti":"","sub":1,"exp":"2","iat":1.5,"nbf":null,"aud":[]}`, "claim",
			`The claim "sub" isn't a nonempty string. The claim "jti" isn't a nonempty string. ` +
				`The token has no issuer (iss). The audience (aud) is neither a string nor a list of strings. ` +
				`The claim "iat" isn't a whole number of seconds. The claim "nbf" isn't a whole number of seconds. ` +
				`The claim "exp" isn't a whole number of seconds.`,
		},
		"an empty payload": {
			header, `{}`, "claim",
			`The token has no issuer (iss). The audience (aud) is neither a string nor a list of strings. ` +
				`The claim "iat" isn't a whole number of seconds. The claim "exp" isn't a whole number of seconds.`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := idtoken.Parse(b64(c.header) + "." + b64(c.payload) + ".AAAA")
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var fault *idtoken.FaultError
			if !errors.As(err, &fault) || fault.Code != c.code || fault.Detail != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	key := openidtest.NewKey(t)
	now := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for name, c := range map[string]struct {
		issued, expires int64
		want            string
	}{
		"valid":                     {at(0), at(time.Minute), ""},
		"expired within the leeway": {at(-time.Minute), at(-29 * time.Second), ""},
		"expired": {
			at(-time.Minute), at(-30 * time.Second),
			"The token expired at 2026-11-22T09:29:30Z.",
		},
		"from the future": {
			at(31 * time.Second), at(time.Minute),
			"The token was issued in the future, at 2026-11-22T09:30:31Z.",
		},
		"expired when issued": {at(0), at(0), "The token expires (exp) before it is issued (iat)."},
		"too old": {
			at(-time.Hour - 31*time.Second), at(time.Minute),
			"The token was issued at 2026-11-22T08:29:29Z. The provider accepts tokens for 1h0m0s.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token, err := idtoken.Parse(key.Sign(t, map[string]any{
				"iss": "a", "aud": "b", "iat": c.issued,
				"exp": c.expires,
			}))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if err := token.Check(now, time.Hour); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	key, other := openidtest.NewKey(t), openidtest.NewKey(t)
	token, err := idtoken.Parse(key.Sign(t, map[string]any{"iss": "a", "aud": "b", "iat": 1, "exp": 2}))
	if err != nil {
		t.Fatal(err)
	}
	if err := token.Verify(parsed(t, key)); err != nil {
		t.Error(err)
	}
	if err := token.Verify(parsed(t, other)); err == nil {
		t.Error("a key with another ID verifies the token")
	}
	other.ID = key.ID
	if err := token.Verify(parsed(t, other)); err == nil {
		t.Error("another key with the same ID verifies the token")
	}
}

// parsed returns the public key as [idtoken.ParseKeySet] does.
func parsed(t *testing.T, key openidtest.Key) idtoken.Key {
	t.Helper()
	set, err := idtoken.ParseKeySet(key.JSON(t))
	if err != nil || len(set) != 1 {
		t.Fatalf("%d keys, %v", len(set), err)
	}
	return set[key.ID]
}
