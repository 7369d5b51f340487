package jwks_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/openid/openidtest"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/jwks"
)

// good is a key set of one key, and the key's ID.
func good(t *testing.T) (set, id string) {
	t.Helper()
	key := openidtest.NewKey(t)
	return string(key.JSON(t)), key.ID
}

func serve(t *testing.T, handler http.HandlerFunc) (address string, hits *atomic.Int64) {
	t.Helper()
	hits = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, hits
}

// client is a guarded client, which may call addresses of this machine.
func client(private bool) *http.Client {
	return dial.New(dial.Config{Policy: dial.Policy{AllowPrivate: private}}).Client(dial.JWKS)
}

// TestAttackAddress uses a provider whose key set's address is in the
// service's own machine or network, and checks that nothing is sent there.
func TestAttackAddress(t *testing.T) {
	t.Parallel()
	set, id := good(t)
	address, hits := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(set)) })
	if _, err := jwks.New(jwks.Config{Client: client(true), Now: time.Now}).Key(t.Context(), address, id); err != nil {
		t.Fatalf("the baseline: %v", err)
	}
	port := address[strings.LastIndexByte(address, ':'):]
	for _, host := range []string{
		"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1.2.3", "0.0.0.0", "[::]",
		"10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "[fd00:ec2::254]", "[fe80::1]", "100.64.0.1",
		"[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "255.255.255.255",
	} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			_, err := jwks.New(jwks.Config{Client: client(false), Now: time.Now}).Key(t.Context(), "http://"+host+port,
				id)
			if !problem.Is(err, problem.Refused) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Cleanup(func() {
		if n := hits.Load(); n != 1 {
			t.Errorf("%d requests arrived", n-1)
		}
	})
}

// TestAttackAnswer responds with something that isn't a key set, or with an
// unusable one.
func TestAttackAnswer(t *testing.T) {
	t.Parallel()
	set, id := good(t)
	elsewhere, reached := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(set)) })
	modulus := set[strings.Index(set, `"n":"`)+5:]
	modulus = modulus[:strings.IndexByte(modulus, '"')]
	key := func(members string) string { return fmt.Sprintf(`{"keys":[{"kid":%q,%s}]}`, id, members) }
	rsa := `"kty":"RSA","n":"` + modulus + `","e":"AQAB"`
	for name, c := range map[string]struct {
		status int
		body   string
		reason string
	}{
		"the baseline":         {200, key(rsa), ""},
		"a redirect":           {302, "", "redirects"},
		"an error":             {500, set, "500"},
		"no JSON":              {200, "<html>", "reading a key set"},
		"nothing":              {200, "", "reading a key set"},
		"too much":             {200, `{"x":"` + strings.Repeat("x", 300<<10) + `"}`, "more than"},
		"too many keys":        {200, `{"keys":[` + strings.Repeat("{},", 200) + `{}]}`, "at most"},
		"no keys":              {200, `{"keys":[]}`, "no key with the token's key ID"},
		"a secret":             {200, key(`"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"`), "no key with the token's key ID"},
		"a key for encryption": {200, key(rsa + `,"use":"enc"`), "no key with the token's key ID"},
		"a weak key": {
			200, key(`"kty":"RSA","n":"` + modulus[:170] + `","e":"AQAB"`),
			"no key with the token's key ID",
		},
		"an exponent of one": {
			200, key(`"kty":"RSA","n":"` + modulus + `","e":"AQ"`),
			"no key with the token's key ID",
		},
		"two keys of one ID": {
			200, strings.Replace(key(rsa), "]}", `,{"kid":"`+id+`",`+rsa+"}]}", 1),
			"no key with the token's key ID",
		},
		"a key of an empty ID":  {200, `{"keys":[{"kid":"",` + rsa + `}]}`, "no key with the token's key ID"},
		"a key off its curve":   {200, key(`"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"`), "no key with the token's key ID"},
		"a key of unknown kind": {200, key(`"kty":"XYZ"`), "no key with the token's key ID"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", elsewhere)
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			})
			_, err := jwks.New(jwks.Config{Client: client(true), Now: time.Now}).Key(t.Context(), address, id)
			if c.reason == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.reason) {
				t.Errorf("got %v, want %q", err, c.reason)
			}
			var fault *idtoken.FaultError
			if errors.As(err, &fault) != (c.reason == "no key with the token's key ID") {
				t.Errorf("%v is of another kind", err)
			}
		})
	}
	t.Cleanup(func() {
		if reached.Load() != 0 {
			t.Error("a redirect was followed")
		}
	})
}
