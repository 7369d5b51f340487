package vending_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// stage is a world in which one kind of token is exchanged, until one thing is
// different.
type stage struct {
	*vendingtest.World
	provider provider.Provider
	grant    grant.Grant
	claims   func(time.Time) vendingtest.Claims
}

// stageOf builds a stage on a preset, with changes to the grant.
func stageOf(t *testing.T, name string, change func(*grant.Draft), options ...vendingtest.Option) *stage {
	t.Helper()
	p := presets()[name]
	s := &stage{World: vendingtest.Start(t, options...), claims: p.claims}
	s.provider = s.MustProvider(t, p.provider)
	draft := grant.Draft{Provider: s.provider.ID, Conditions: []grant.Condition{p.condition}}
	if change != nil {
		change(&draft)
	}
	s.grant = s.MustGrant(t, draft)
	return s
}

// fresh is claims as a job has them now; no two are the same token.
func (s *stage) fresh() vendingtest.Claims {
	claims := s.claims(s.Now())
	claims["test-nonce"] = rand.Text()
	return claims
}

// token returns a valid token with changed claims; nil removes a claim.
func (s *stage) token(t *testing.T, changes vendingtest.Claims) string {
	t.Helper()
	return s.Issuer.Sign(t, s.fresh().With(changes))
}

// quiet checks at the test's end that no request was sent to AWS after this call.
func (s *stage) quiet(t *testing.T) {
	t.Helper()
	before := s.Carrier.Calls()
	t.Cleanup(func() {
		if n := s.Carrier.Calls() - before; n != 0 {
			t.Errorf("AWS was called %d times by what was refused", n)
		}
	})
}

// exchange exchanges a token, in a request that the audit log identifies.
func (s *stage) exchange(t *testing.T, token string,
	ask vending.Request,
) (vended vending.Vended, request string, err error) {
	t.Helper()
	request = "req_" + rand.Text()
	vended, err = s.Vending.Exchange(t.Context(), vending.Presented{
		Token: secret.New(token), RequestID: request,
		Address: "192.0.2.1",
	}, ask)
	s.Hide(vended.Keys.AccessKeyID, vended.Keys.SecretAccessKey.Reveal(), vended.Keys.SessionToken.Reveal())
	return vended, request, err
}

// works checks that the unchanged stage vends, without which a refusal would
// prove nothing.
func (s *stage) works(t *testing.T) vending.Vended {
	t.Helper()
	return s.vends(t, s.token(t, nil), vending.Request{})
}

func (s *stage) vends(t *testing.T, token string, ask vending.Request) vending.Vended {
	t.Helper()
	vended, request, err := s.exchange(t, token, ask)
	if err != nil {
		t.Fatalf("refused: %v %q", err, s.entry(t, request).Reason)
	}
	return vended
}

// refuses checks that a token gets nothing: the common refusal as the
// response, and this reason in the audit log.
func (s *stage) refuses(t *testing.T, token string, ask vending.Request, reason string) {
	t.Helper()
	_, request, err := s.exchange(t, token, ask)
	if err == nil {
		t.Fatal("the attack succeeds")
	}
	if diff := cmp.Diff(vending.Refused(), problem.From(err),
		cmpopts.IgnoreFields(problem.Error{}, "Cause")); diff != "" {
		t.Errorf("refused in other words:\n%s", diff)
	}
	if entry := s.entry(t, request); entry.Outcome != audit.Denied || !strings.Contains(entry.Reason, reason) {
		t.Errorf("the audit says %s: %q, want %q", entry.Outcome, entry.Reason, reason)
	}
}

// entry returns the last entry about an exchange, in the chain of any
// workspace or of none.
func (s *stage) entry(t *testing.T, request string) audit.Entry {
	t.Helper()
	for _, workspace := range []string{vendingtest.Workspace, vendingtest.Other, ""} {
		for _, e := range s.Entries(t, workspace, access.GrantUse) {
			if e.RequestID == request {
				return e
			}
		}
	}
	t.Fatal("the audit has no entry of the exchange")
	return audit.Entry{}
}

// forged returns a token with this header and payload unchanged, signed with
// the issuer's own key.
func (s *stage) forged(t *testing.T, header, payload string) string {
	t.Helper()
	key, _ := s.Issuer.Key(t)
	input := b64([]byte(header)) + "." + b64([]byte(payload))
	return input + "." + b64(signRS256(t, key, input))
}

func signRS256(t *testing.T, key *rsa.PrivateKey, input string) []byte {
	t.Helper()
	sum := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// header is the header of a good token with changes.
func (s *stage) header(t *testing.T, changes map[string]any) string {
	t.Helper()
	_, id := s.Issuer.Key(t)
	members := map[string]any{"alg": "RS256", "kid": id, "typ": "JWT"}
	for name, value := range changes {
		if value == nil {
			delete(members, name)
		} else {
			members[name] = value
		}
	}
	return text(t, members)
}

// payload returns the payload of a valid token, with text inserted after its "{".
func (s *stage) payload(t *testing.T, changes vendingtest.Claims, more string) string {
	t.Helper()
	return "{" + more + text(t, s.fresh().With(changes))[1:]
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
