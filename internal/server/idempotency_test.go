package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// send sends a body with headers.
func (o *outside) send(t *testing.T, method, path, token, body string, header ...string) answer {
	t.Helper()
	return o.ask(t, nil, method, path, token, strings.NewReader(body),
		append(header, "Content-Type: application/json")...)
}

// TestIdempotencyKey checks that a repeated request of any kind gets the
// first one's response and does nothing.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	const ws = "/v1/workspaces/main"
	dataset := `{"name":"wells","columns":[{"name":"id","type":"integer","required":true,"allow_null":false}],"index":{"key":"id","unique":true}}`
	for i, c := range []struct{ path, body string }{
		{ws + "/datasets", dataset},
		{ws + "/datasets/wells/rows", `[{"id":1}]`},
		{"/v1/data/main/wells?wait=true", `[{"id":2}]`},
		{"/v1/record/main/wells", `[{"id":3}]`},
		{ws + "/tokens", `{"kind":"secret","name":"mine","scopes":[{"action":"load"}]}`},
		{ws + "/datasets", `{"name":"wells"}`}, // a refusal
		{ws + "/query", `{"sql":"select count(*) as n from wells"}`},
	} {
		key := fmt.Sprintf("Idempotency-Key: key-%d", i)
		first := o.send(t, http.MethodPost, c.path, o.token, c.body, key)
		second := o.send(t, http.MethodPost, c.path, o.token, c.body, key)
		if first.status >= 500 || first.header.Get("Idempotency-Replayed") != "" {
			t.Fatalf("%s: %d %s", c.path, first.status, first.text)
		}
		if second.status != first.status || second.text != first.text ||
			second.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s: %d %s, then %d %s %v", c.path, first.status, first.text, second.status, second.text,
				second.header)
		}
		for _, name := range []string{"Location", "Content-Type"} {
			if first.header.Get(name) != second.header.Get(name) {
				t.Errorf("%s: %s is %q, then %q", c.path, name, first.header.Get(name), second.header.Get(name))
			}
		}
		query := map[bool]string{true: "&", false: "?"}[strings.Contains(c.path, "?")] + "x=1"
		for _, change := range []struct{ path, body string }{{c.path, c.body + " "}, {c.path + query, c.body}} {
			other := o.send(t, http.MethodPost, change.path, o.token, change.body, key)
			if other.status != http.StatusUnprocessableEntity || !strings.Contains(other.text, "idempotency_mismatch") {
				t.Errorf("%s with another request: %d %s", change.path, other.status, other.text)
			}
		}
	}
	var tokens struct{ Items []struct{ Name string } }
	o.must(t, &tokens, http.MethodGet, ws+"/tokens", o.token, "")
	made := 0
	for _, token := range tokens.Items {
		if token.Name == "mine" {
			made++
		}
	}
	if made != 1 {
		t.Errorf("%d tokens were made", made)
	}
}

// TestIdempotencyKeyAtOnce: of many equal requests at the same time one is served.
func TestIdempotencyKeyAtOnce(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	var wait sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for range 8 {
		wait.Go(func() {
			got := o.send(t, http.MethodPost, "/v1/workspaces/main/tokens", o.token,
				`{"kind":"secret","name":"one","scopes":[{"action":"load"}]}`,
				"Idempotency-Key: same")
			mu.Lock()
			defer mu.Unlock()
			statuses[got.status]++
		})
	}
	wait.Wait()
	if statuses[http.StatusCreated]+statuses[http.StatusConflict] != 8 || statuses[http.StatusCreated] == 0 {
		t.Errorf("the statuses are %v", statuses)
	}
	if got := o.call(t, http.MethodGet, "/v1/workspaces/main/tokens", o.token, ""); strings.Count(got.text,
		`"name":"one"`) != 1 {
		t.Errorf("the tokens are %s", got.text)
	}
}

// TestAttackIdempotencyKey checks that neither another token nor the same one
// after its revocation gets the response, and that malformed keys are refused.
func TestAttackIdempotencyKey(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	const path = "/v1/workspaces/main/tokens"
	var other struct{ ID, Token string }
	o.must(t, &other, http.MethodPost, path, o.token,
		`{"kind":"secret","name":"other","scopes":[{"action":"load"},{"action":"manage"}]}`)
	body := `{"kind":"secret","name":"mine","scopes":[{"action":"load"}]}`
	mine := o.send(t, http.MethodPost, path, o.token, body, "Idempotency-Key: k")
	theirs := o.send(t, http.MethodPost, path, other.Token, body, "Idempotency-Key: k")
	if theirs.header.Get("Idempotency-Replayed") != "" || theirs.text == mine.text {
		t.Errorf("another token got %s", theirs.text)
	}
	if got := o.send(t, http.MethodPost, path, "", body, "Idempotency-Key: k"); got.status != http.StatusUnauthorized {
		t.Errorf("without a token: %d %s", got.status, got.text)
	}
	for name, header := range map[string][]string{
		"empty": {"Idempotency-Key: "}, "long": {"Idempotency-Key: " + strings.Repeat("k", 256)},
		"not ASCII": {"Idempotency-Key: schlüssel"},
	} {
		if got := o.send(t, http.MethodPost, path, o.token, body, header...); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
}

// TestConditionalEdits: an edit with the ETag of an older state is refused.
func TestConditionalEdits(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	const ws = "/v1/workspaces/main"
	made := o.call(t, http.MethodPost, ws+"/datasets", o.token,
		`{"name":"wells","columns":[{"name":"id","type":"integer","required":true,"allow_null":false}],"index":{"key":"id","unique":true}}`)
	place := made.header.Get("Location")
	if made.status != http.StatusCreated || !strings.HasPrefix(place, ws+"/datasets/ds_") {
		t.Fatalf("the dataset is at %q: %d %s", place, made.status, made.text)
	}
	first := o.call(t, http.MethodGet, place, o.token, "").header.Get("ETag")
	if len(first) < 10 || first[0] != '"' {
		t.Fatalf("the ETag is %q", first)
	}
	o.must(t, nil, http.MethodPost, ws+"/datasets/wells/rows", o.token, `[{"id":1}]`)
	if got := o.call(t, http.MethodGet, place, o.token, "").header.Get("ETag"); got != first {
		t.Errorf("a write changed the ETag")
	}
	edit := func(method, tag, body string) answer {
		return o.send(t, method, place, o.token, body, "If-Match: "+tag)
	}
	if got := edit(http.MethodPatch, first, `{"title":"a"}`); got.status != http.StatusOK {
		t.Fatalf("an edit with the ETag: %d %s", got.status, got.text)
	}
	for _, method := range []string{http.MethodPatch, http.MethodDelete} {
		got := edit(method, first, `{"title":"b"}`)
		if got.status != http.StatusPreconditionFailed || !strings.Contains(got.text, "etag_changed") {
			t.Errorf("%s with an old ETag: %d %s", method, got.status, got.text)
		}
	}
	second := o.call(t, http.MethodGet, place, o.token, "").header.Get("ETag")
	for _, c := range []struct { // in this order: an edit that succeeds changes the tag
		tag    string
		status int
	}{
		{"W/" + second, http.StatusPreconditionFailed},
		{`"x"`, http.StatusPreconditionFailed},
		{`"x", ` + second, http.StatusOK},
		{"*", http.StatusOK},
	} {
		if got := edit(http.MethodPatch, c.tag, `{"title":"a"}`); got.status != c.status {
			t.Errorf("If-Match: %s: %d %s", c.tag, got.status, got.text)
		}
	}
	if got := o.send(t, http.MethodPatch, ws+"/datasets/none", o.token, `{"title":"b"}`,
		"If-Match: *"); got.status != http.StatusNotFound {
		t.Errorf("of what isn't there: %d %s", got.status, got.text)
	}
}

// TestConditionalEditsAtOnce checks that only one of several concurrent edits
// with the same ETag takes effect.
func TestConditionalEditsAtOnce(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	made := o.call(t, http.MethodPost, "/v1/workspaces/main/datasets", o.token,
		`{"name":"wells","columns":[{"name":"id","type":"integer","required":true,"allow_null":false}],"index":{"key":"id","unique":true}}`)
	place := made.header.Get("Location")
	tag := o.call(t, http.MethodGet, place, o.token, "").header.Get("ETag")
	var wait sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for i := range 8 {
		wait.Go(func() {
			got := o.send(t, http.MethodPatch, place, o.token, fmt.Sprintf(`{"title":"t%d"}`, i), "If-Match: "+tag)
			mu.Lock()
			defer mu.Unlock()
			statuses[got.status]++
		})
	}
	wait.Wait()
	if statuses[http.StatusOK] != 1 || statuses[http.StatusConflict]+statuses[http.StatusPreconditionFailed] != 7 {
		t.Errorf("the statuses are %v", statuses)
	}
}

// TestPreferMinimal checks that the response to a change has no document, unless
// that shows something that no later request returns.
func TestPreferMinimal(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	const ws, minimal = "/v1/workspaces/main", "Prefer: return=minimal"
	made := o.send(t, http.MethodPost, ws+"/datasets", o.token,
		`{"name":"wells","columns":[{"name":"id","type":"integer","required":true,"allow_null":false}],"index":{"key":"id","unique":true}}`, minimal)
	if made.status != http.StatusCreated || made.text != "" || made.header.Get("Location") == "" ||
		made.header.Get("Preference-Applied") != "return=minimal" {
		t.Errorf("creating: %d %s %v", made.status, made.text, made.header)
	}
	place := made.header.Get("Location")
	if got := o.send(t, http.MethodPatch, place, o.token, `{"title":"a"}`, minimal); got.status != 204 ||
		got.text != "" {
		t.Errorf("editing: %d %s", got.status, got.text)
	}
	if got := o.send(t, http.MethodPatch, place, o.token, `{"name":""}`, minimal); got.status != 422 ||
		!strings.Contains(got.text, "name") {
		t.Errorf("a refusal: %d %s", got.status, got.text)
	}
	if got := o.send(t, http.MethodPost, ws+"/tokens", o.token,
		`{"kind":"secret","name":"mine","scopes":[{"action":"load"}]}`,
		minimal); !strings.Contains(got.text, `"token":`) {
		t.Errorf("a token: %d %s", got.status, got.text)
	}
	written := o.send(t, http.MethodPost, ws+"/datasets/wells/rows", o.token, `[{"id":"x"}]`, minimal)
	if !strings.Contains(written.text, `"results":[]`) || written.header.Get("Preference-Applied") != "return=minimal" {
		t.Errorf("rows: %s", written.text)
	}
}

// TestPreferAsync checks that the response to an upload has its load before the
// rows are stored.
func TestPreferAsync(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	got := o.send(t, http.MethodPost, "/v1/data/main/wells", o.token, `[{"id":1}]`, "Prefer: respond-async",
		"Idempotency-Key: async")
	place := got.header.Get("Location")
	if got.status != http.StatusAccepted || got.header.Get("Preference-Applied") != "respond-async" {
		t.Fatalf("%d %s %v", got.status, got.text, got.header)
	}
	var load struct{ ID, Dataset string }
	if o.must(t, &load, http.MethodGet, place, o.token, ""); !strings.HasSuffix(place, load.ID) {
		t.Errorf("%s is the load %+v", place, load)
	}
	again := o.send(t, http.MethodPost, "/v1/data/main/wells", o.token, `[{"id":1}]`, "Prefer: respond-async",
		"Idempotency-Key: async")
	if again.status != http.StatusAccepted || again.text != got.text || again.header.Get("Location") != place {
		t.Errorf("again: %d %s", again.status, again.text)
	}
}
