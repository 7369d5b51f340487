package idtoken_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/openid/openidtest"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
)

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// FuzzParse compares the parser with another, lax one: an accepted text is a
// compact token in its only encoding, and both parse the same members.
func FuzzParse(f *testing.F) {
	const header = `{"alg":"RS256","kid":"1","typ":"JWT"}`
	for _, payload := range []string{
		`{"iss":"https://a.example.com","aud":"b","iat":1,"exp":2}`,
		`{"iss":"https://a.example.com","aud":["b","c"],"iat":1,"exp":2,"x":{"y":[true,null,1.5]},"sub":"s","jti":"j","nbf":1}`,
		`{"iss":"a","iss":"b","aud":"c","iat":1,"exp":2}`, `{"ISS":"a","aud":"c","iat":1,"exp":2}`,
		`{"iss":"\ud800","aud":"c","iat":1,"exp":2}`, `[]`, `{`, ``,
	} {
		f.Add(b64(header) + "." + b64(payload) + ".AAAA")
	}
	f.Add(b64(`{"alg":"none","kid":"1"}`) + "." + b64(`{}`) + ".")
	f.Add("a.b.c.d.e")
	f.Fuzz(func(t *testing.T, text string) {
		token, err := idtoken.Parse(text)
		if err != nil {
			var fault *idtoken.FaultError
			if !errors.As(err, &fault) || token != nil {
				t.Fatalf("%v is no fault", err)
			}
			if len(text) > 40 && strings.Contains(err.Error(), text) {
				t.Errorf("the fault tells the token")
			}
			return
		}
		parts := strings.Split(text, ".")
		payload, err := base64.RawURLEncoding.DecodeString(parts[1])
		if err != nil || len(parts) != 3 || b64(string(payload)) != parts[1] {
			t.Fatalf("not in its one spelling: %v", err)
		}
		var lax struct {
			Issuer   string   `json:"iss"`
			Subject  string   `json:"sub"`
			ID       string   `json:"jti"`
			Expires  int64    `json:"exp"`
			IssuedAt int64    `json:"iat"`
			Audience audience `json:"aud"`
		}
		if err := json.Unmarshal(payload, &lax); err != nil {
			t.Fatalf("another reader: %v", err)
		}
		if lax.Issuer != token.Issuer || lax.Subject != token.Subject || lax.ID != token.ID ||
			lax.Expires != token.ExpiresAt.Unix() || lax.IssuedAt != token.IssuedAt.Unix() {
			t.Errorf("another reader has %+v, this one %+v", lax, token)
		}
		if diff := cmp.Diff([]string(lax.Audience), token.Audience); diff != "" {
			t.Errorf("audience (-another +this)\n%s", diff)
		}
		if len(token.Fingerprint()) != 64 {
			t.Error("no fingerprint")
		}
		_ = token.Check(time.Unix(1, 0), time.Hour)
	})
}

type audience []string

// UnmarshalJSON parses a string or a list.
func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

// FuzzParseKeySet checks that parsing any key set doesn't panic, and that no
// accepted key can verify with another algorithm than its own.
func FuzzParseKeySet(f *testing.F) {
	pair := openidtest.NewKey(f)
	set := pair.JSON(f)
	f.Add(string(set))
	f.Add(`{"keys":[{"kty":"EC","crv":"P-256","kid":"1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`)
	f.Add(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},{"kty":"oct","kid":"2","k":"AAAA"}]}`)
	f.Add(`{"keys":[{},null,1]}`)
	token := pair.Sign(f, map[string]any{"iss": "a", "aud": "b", "iat": 1, "exp": 2})
	parsed, err := idtoken.Parse(token)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := idtoken.ParseKeySet([]byte(text))
		if err != nil {
			return
		}
		for id, key := range keys {
			if id == "" {
				t.Error("a key without an ID is kept")
			}
			if parsed.Verify(key) == nil && text != string(set) && !strings.Contains(text, "AQAB") {
				t.Error("another key verifies")
			}
		}
	})
}
