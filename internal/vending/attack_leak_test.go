package vending_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
)

// full is a recorder whose disk is full for some entries.
type full struct {
	vending.Recorder
	record, note bool
}

func (f *full) Record(ctx context.Context, d access.Decision) error {
	if f.record {
		return errors.New("disk full")
	}
	return f.Recorder.Record(ctx, d)
}

func (f *full) Note(ctx context.Context, e audit.Entry) error {
	if f.note {
		return errors.New("disk full")
	}
	return f.Recorder.Note(ctx, e)
}

// TestAttackAudit vends while nothing can be recorded, and checks that no
// credentials are returned, and that no request is sent that must be recorded
// first.
func TestAttackAudit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*vending.Config, *full)
		asked  bool // AWS
		good   bool // the token
	}{
		"the decision": {
			func(c *vending.Config, f *full) { f.record = true; c.Checker = access.NewChecker(f, c.Now) },
			false, true,
		},
		"what was done": {func(_ *vending.Config, f *full) { f.note = true }, true, true},
		"a refusal":     {func(_ *vending.Config, f *full) { f.record = true }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := &full{}
			s := stageOf(t, "CircleCI v1", nil, func(config *vending.Config) {
				broken.Recorder, config.Recorder = config.Recorder, broken
				c.change(config, broken)
			})
			token := s.token(t, nil)
			if !c.good {
				token = s.token(t, vendingtest.Claims{"aud": "x"})
			}
			before := s.Carrier.Calls()
			answer := s.Exchange(t, token, "")
			if answer.Status != http.StatusServiceUnavailable || answer.Credentials.AccessKeyID != "" ||
				strings.Contains(answer.Body, "access_key") {
				t.Errorf("answers %d %s", answer.Status, answer.Body)
			}
			if asked := s.Carrier.Calls() != before; asked != c.asked {
				t.Errorf("AWS was asked: %v", asked)
			}
		})
	}
}

// TestAttackFlood sends more invalid tokens than the audit log may record. A
// valid token from the same address is still accepted.
func TestAttackFlood(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "CircleCI v1", nil)
	limited := 0
	for range 520 {
		if _, _, err := s.exchange(t, "x", vending.Request{}); problem.Is(err, problem.RateLimited) {
			limited++
		}
	}
	if limited == 0 {
		t.Error("all of it was recorded")
	}
	s.works(t)
	s.Advance(time.Minute)
	s.refuses(t, "x", vending.Request{}, "1 part,")
}

// TestAttackDoor sends the token in other ways than as the only bearer token.
func TestAttackDoor(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "CircleCI v1", nil)
	s.works(t)
	const path = "/v1/ci/credentials"
	for name, c := range map[string]struct {
		answer func() vendingtest.Answer
		status int
	}{
		"no header": {func() vendingtest.Answer { return s.Post(t, path, "") }, 403},
		"two tokens": {func() vendingtest.Answer {
			return s.Post(t, path, "", "Bearer "+s.token(t, nil), "Bearer "+s.token(t, nil))
		}, 403},
		"two in one header": {func() vendingtest.Answer {
			return s.Post(t, path, "", "Bearer "+s.token(t, nil)+", Bearer "+s.token(t, nil))
		}, 403},
		"another scheme": {
			func() vendingtest.Answer { return s.Post(t, path, "", "Basic "+s.token(t, nil)) },
			403,
		},
		"no scheme": {func() vendingtest.Answer { return s.Post(t, path, "", s.token(t, nil)) }, 403},
		"two spaces": {func() vendingtest.Answer {
			return s.Post(t, path, "",
				"Bearer  "+s.token(t, nil))
		}, 403},
		"in the query": {
			func() vendingtest.Answer { return s.Post(t, path+"?token="+s.token(t, nil), "") },
			403,
		},
		"in the body": {func() vendingtest.Answer {
			return s.Post(t, path, `{"token":"`+s.token(t, nil)+
				`"}`)
		}, 422},
		"a token of the API": {func() vendingtest.Answer { return s.Post(t, path, "", "Bearer sk_right") }, 403},
		"a member that is unknown": {func() vendingtest.Answer {
			return s.Exchange(t, s.token(t, nil),
				`{"prefx":"ci/app/a/"}`)
		}, 422},
		"two documents": {func() vendingtest.Answer { return s.Exchange(t, s.token(t, nil), `{}{}`) }, 422},
		"a list":        {func() vendingtest.Answer { return s.Exchange(t, s.token(t, nil), `[]`) }, 422},
		"a long body": {func() vendingtest.Answer {
			return s.Exchange(t, s.token(t, nil), `{"grant":"`+strings.Repeat("x", 20<<10)+`"}`)
		}, 413},
		"a long grant": {func() vendingtest.Answer {
			return s.Exchange(t, s.token(t, nil), `{"grant":"`+strings.Repeat("x", 100)+`"}`)
		}, 422},
		"a fraction of a second": {func() vendingtest.Answer {
			return s.Exchange(t, s.token(t, nil),
				`{"duration_seconds":1e99}`)
		}, 422},
		"an explanation without a token": {func() vendingtest.Answer {
			return s.Post(t, "/v1/ci/explain",
				`{"token":"x"}`)
		}, 401},
		"an explanation with the ID token": {func() vendingtest.Answer {
			return s.Post(t, "/v1/ci/explain", `{"token":"x"}`, "Bearer "+s.token(t, nil))
		}, 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := c.answer()
			if answer.Status != c.status || strings.Contains(answer.Body, "access_key") ||
				answer.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("answers %d %s, Cache-Control %q", answer.Status, answer.Body,
					answer.Header.Get("Cache-Control"))
			}
		})
	}
}

// Every refusal has the same status, headers and body.
func TestRefusalsReadAlike(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "GitHub Actions", nil)
	spent := s.token(t, nil)
	if first := s.Exchange(t, spent, ""); first.Status != http.StatusOK {
		t.Fatalf("the baseline answers %d %s", first.Status, first.Body)
	}
	var want map[string]any
	for name, answer := range map[string]vendingtest.Answer{
		"no token": s.Post(t, "/v1/ci/credentials", ""), "no form": s.Exchange(t, "x.y.z", ""),
		"issuer":    s.Exchange(t, s.token(t, vendingtest.Claims{"iss": "https://x.example.com"}), ""),
		"audience":  s.Exchange(t, s.token(t, vendingtest.Claims{"aud": "x"}), ""),
		"over":      s.Exchange(t, s.token(t, vendingtest.Claims{"exp": 1}), ""),
		"signature": s.Exchange(t, s.token(t, nil)[:600]+"AAAA", ""),
		"grant":     s.Exchange(t, s.token(t, vendingtest.Claims{"repository_id": "75"}), ""),
		"fork":      s.Exchange(t, s.token(t, vendingtest.Claims{"event_name": "workflow_run"}), ""),
		"spent":     s.Exchange(t, spent, ""), "no such grant": s.Exchange(t, s.token(t, nil), `{"grant":"x"}`),
		"no such workspace": s.Exchange(t, s.token(t, nil), `{"workspace":"x"}`),
		"prefix":            s.Exchange(t, s.token(t, nil), `{"prefix":"ci/other/"}`),
		"action":            s.Exchange(t, s.token(t, nil), `{"actions":["delete"]}`),
		"duration":          s.Exchange(t, s.token(t, nil), `{"duration_seconds":43200}`),
	} {
		var got map[string]any
		if err := json.Unmarshal([]byte(answer.Body), &got); err != nil {
			t.Fatalf("%s: %s", name, answer.Body)
		}
		if got["request_id"] == "" || answer.Status != http.StatusForbidden ||
			answer.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s answers %d %s", name, answer.Status, answer.Body)
		}
		delete(got, "request_id")
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s reads otherwise:\n%s", name, diff)
		}
	}
}

// TestNothingLeaks sends good and bad tokens, revokes and explains. As in every
// test of this package, the world searches everything that was written for
// tokens, keys and the External ID. This test also checks that there was
// something to search.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "GitHub Actions", func(d *grant.Draft) { d.Tags = []string{"ref", "actor"} })
	s.Hide(s.Keys.SecretAccessKey)
	exchange := func(token, body string, status int) {
		answer := s.Exchange(t, token, body)
		if answer.Status != status {
			t.Errorf("answers %d %s", answer.Status, answer.Body)
		}
		if status != http.StatusOK && strings.Contains(answer.Body, string(s.Integration.ExternalID)) {
			t.Error("a refusal tells the External ID")
		}
	}
	for _, changes := range []vendingtest.Claims{
		{"aud": "x"},
		{"iss": "https://x.example.com"},
		{"exp": 1},
		{"repository_id": "75"},
		{"event_name": "pull_request"},
		{"actor_id": "../x"},
		{"sub": strings.Repeat("x", 4000)},
	} {
		status := http.StatusForbidden
		if changes["sub"] != nil || changes["actor_id"] != nil {
			status = http.StatusOK // no matter of this grant
		}
		exchange(s.token(t, changes), "", status)
	}
	good := s.token(t, nil)
	exchange(good, "", http.StatusOK)
	exchange(good, "", http.StatusForbidden)
	exchange(s.token(t, nil)+"x", `{"prefix":"ci/app/"}`, http.StatusForbidden)
	exchange(s.forged(t, s.header(t, map[string]any{"kid": "unknown"}), s.payload(t, nil, "")), "",
		http.StatusForbidden)
	explained := s.Post(t, "/v1/ci/explain", `{"token":"`+s.token(t, nil)+`"}`, "Bearer sk_right")
	if explained.Status != http.StatusOK || strings.Contains(explained.Body, string(s.Integration.ExternalID)) ||
		!strings.Contains(explained.Body, `"accepted":true`) {
		t.Errorf("explained: %d %s", explained.Status, explained.Body)
	}
	documents, _ := s.Integration.Documents()
	s.AWS.MustTrust(t, s.AWS.Customer, doctortest.RoleName,
		strings.Replace(string(documents.Trust), string(s.Integration.ExternalID), strings.Repeat("0", 32), 1))
	exchange(s.token(t, nil), "", http.StatusForbidden)
	if _, _, err := s.Vending.Revoke(t.Context(), s.Actor, vendingtest.Workspace,
		vending.Target{Grant: s.grant.ID, Apply: true}, impact.Waived()); err != nil {
		t.Fatal(err)
	}
	exchange(s.token(t, nil), "", http.StatusForbidden)

	written := s.Everything(t)
	if !strings.Contains(written, "/v1/ci/credentials") || !strings.Contains(written, s.grant.ID) ||
		!strings.Contains(written, "http_server_request_duration") {
		t.Fatalf("what was written is not here:\n%.2000s", written)
	}
}
