package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/sandboxtest"
)

// slowAWS starts a sandbox whose STS takes seconds to respond to AssumeRole.
func slowAWS(t *testing.T) *sandboxtest.Server {
	t.Helper()
	aws := sandboxtest.Start(t)
	aws.Break(t, "slow,action=AssumeRole,delay=6s")
	return aws
}

// verify begins a verification that lasts, and returns the path of its events.
func (o *outside) verify(t *testing.T) (path string) {
	t.Helper()
	var made struct{ ID string }
	o.must(t, &made, http.MethodPost, "/v1/workspaces/main/integrations", o.token,
		`{"role_arn":"arn:aws:iam::111122223333:role/r","locations":[{"bucket":"acme-data"}]}`)
	var begun struct{ ID string }
	path = "/v1/workspaces/main/integrations/" + made.ID + "/verifications"
	o.must(t, &begun, http.MethodPost, path, o.token, "")
	return path + "/" + begun.ID + "/events"
}

// follow opens an event stream; the caller closes it.
func (o *outside) follow(t *testing.T, path, token string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// TestAttackLimitsOfStreams opens one event stream more than a token and a node
// may have.
func TestAttackLimitsOfStreams(t *testing.T) {
	t.Parallel()
	for setting, limited := range map[string]string{"stream_concurrency": "this token", "streams": "another token"} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			o := listenTo(t, slowAWS(t), map[string]string{setting: "1"})
			path := o.verify(t)
			first := o.follow(t, path, o.token)
			defer first.Body.Close()
			if first.StatusCode != http.StatusOK {
				t.Fatalf("the first stream: %s", first.Status)
			}
			var minted struct{ Token string }
			o.must(t, &minted, http.MethodPost, tokens, o.token, `{"kind":"secret","name":"t","scopes":[{"action":"manage"}]}`)
			for name, token := range map[string]string{"this token": o.token, "another token": minted.Token} {
				want := http.StatusOK
				if name == limited || name == "this token" {
					want = http.StatusTooManyRequests
				}
				got := o.follow(t, path, token)
				defer got.Body.Close()
				if got.StatusCode != want {
					text, _ := io.ReadAll(io.LimitReader(got.Body, 300))
					t.Errorf("a second stream with %s: %s %s, want %d", name, got.Status, text, want)
				}
			}
		})
	}
}

// TestAttackRevokedInAStream checks that an event stream ends when its token is
// revoked, even if the watched work hasn't ended.
func TestAttackRevokedInAStream(t *testing.T) {
	t.Parallel()
	o := listenTo(t, slowAWS(t), map[string]string{})
	var minted struct{ ID, Token string }
	o.must(t, &minted, http.MethodPost, tokens, o.token, `{"kind":"secret","name":"t","scopes":[{"action":"manage"}]}`)
	stream := o.follow(t, o.verify(t), minted.Token)
	defer stream.Body.Close()
	got := o.call(t, http.MethodDelete, tokens+"/"+minted.ID+"?confirm=t", o.token, "")
	if got.status != http.StatusNoContent {
		t.Fatalf("revoking: %d %s", got.status, got.text)
	}
	text, err := io.ReadAll(stream.Body)
	if err != nil || strings.Contains(string(text), "event: end") {
		t.Errorf("the stream went on until the verification's end: %s, %v", text, err)
	}
}
