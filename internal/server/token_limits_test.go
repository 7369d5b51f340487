package server_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// TestTokenLimits uses tokens up to their limits.
func TestTokenLimits(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	owner := o.session(t, o.signIn(t, o.link))
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token, parameterColumns)
	o.write(t, tick("A", 1, 1), tick("B", 1, 2), tick("C", 1, 3))
	type minted struct {
		ID, Token string
		Limits    map[string]int
	}
	mint := func(kind, limits string) (made minted) {
		t.Helper()
		o.must(t, &made, http.MethodPost, "/v1/workspaces/main/tokens", owner, `{"name":"t","kind":"`+kind+
			`","scopes":[{"action":"data.read","dataset":"ticks"}],"limits":`+limits+`}`)
		return made
	}
	read := func(token, query string) answer {
		t.Helper()
		return o.ask(t, nil, http.MethodGet, "/v1/data/main/ticks"+query, token, nil)
	}
	rate := mint("secret", `{"requests_per_minute":3}`)
	if rate.Limits["requests_per_minute"] != 3 {
		t.Errorf("the token's limits are %v", rate.Limits)
	}
	for i := range 3 {
		got := read(rate.Token, "")
		if policy, left := got.header.Get("RateLimit-Policy"), got.header.Get("RateLimit"); got.status != http.StatusOK ||
			policy != `"minute";q=3;w=60` ||
			!strings.HasPrefix(left, `"minute";r=`+strconv.Itoa(2-i)+";t=") {
			t.Errorf("request %d: %d %s %s", i, got.status, policy, left)
		}
	}
	over := func(what, reason string, got answer) {
		t.Helper()
		wait, err := strconv.Atoi(got.header.Get("Retry-After"))
		if got.status != http.StatusTooManyRequests || err != nil || wait < 1 ||
			!strings.Contains(got.text, `"reason":"`+reason+`"`) {
			t.Errorf("%s: %d, Retry-After %q: %s", what, got.status, got.header.Get("Retry-After"), got.text)
		}
	}
	over("requests a minute", "rate", read(rate.Token, ""))
	over("another route", "rate", o.ask(t, nil, http.MethodGet, "/v1/whoami", rate.Token, nil))

	for _, c := range []struct {
		limits string
		sent   int // requests until the limit is reached
	}{
		{`{"rows_per_day":4}`, 2},
		{`{"bytes_per_day":1}`, 1},
		{`{"requests_per_month":3}`, 3},
	} {
		used := mint("publishable", c.limits)
		for range c.sent {
			if got := read(used.Token, "?last=2"); got.status != http.StatusOK {
				t.Errorf("%s: %d %s", c.limits, got.status, got.text)
			}
		}
		over(c.limits, "quota", read(used.Token, "?last=2"))
		got := o.ask(t, nil, http.MethodGet, "/v1/data/main/ticks?token="+used.Token, "", nil)
		if got.status != http.StatusTooManyRequests || strings.HasPrefix(got.text, "{") {
			t.Errorf("%s with ?token=: %d %s", c.limits, got.status, got.text)
		}
		if got := o.ask(t, nil, http.MethodGet, "/v1/whoami", used.Token, nil); got.status != http.StatusOK {
			t.Errorf("%s: a request that isn't for rows: %d %s", c.limits, got.status, got.text)
		}
		o.must(t, nil, http.MethodPatch, "/v1/workspaces/main/tokens/"+used.ID, owner, `{"limits":{}}`)
		if got := read(used.Token, "?last=2"); got.status != http.StatusOK {
			t.Errorf("%s without limits: %d %s", c.limits, got.status, got.text)
		}
	}
	got := o.call(t, http.MethodPost, "/v1/workspaces/main/tokens", owner,
		`{"name":"t","kind":"secret","limits":{"rows_per_day":-1}}`)
	if got.status != http.StatusUnprocessableEntity {
		t.Errorf("a negative limit: %d %s", got.status, got.text)
	}
	var parent minted
	o.must(
		t,
		&parent,
		http.MethodPost,
		"/v1/workspaces/main/tokens",
		owner,
		`{"name":"p","kind":"secret","scopes":[{"action":"manage"},{"action":"data.read","dataset":"*"}],"limits":{"rows_per_day":9}}`,
	)
	for _, c := range []struct{ method, path, body, text string }{
		{
			http.MethodPost, "", `{"name":"c","kind":"publishable","scopes":[{"action":"data.read","dataset":"ticks"}]}`,
			"A token with limits can't create tokens",
		},
		{http.MethodPatch, "/" + parent.ID, `{"limits":{}}`, "A token can't do this"},
	} {
		got := o.call(t, c.method, "/v1/workspaces/main/tokens"+c.path, parent.Token, c.body)
		if got.status != http.StatusForbidden || !strings.Contains(got.text, c.text) {
			t.Errorf("%s with a token that has limits: %d %s", c.method, got.status, got.text)
		}
	}
}

// TestTokenLimitsOfStreams reads more rows in one stream than a token may: the stream
// ends with the reason quota, and the rows count while it lasts.
func TestTokenLimitsOfStreams(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	owner := o.session(t, o.signIn(t, o.link))
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token, parameterColumns)
	var made struct{ ID, Token string }
	o.must(t, &made, http.MethodPost, "/v1/workspaces/main/tokens", owner, `{"name":"t","kind":"secret",
		"scopes":[{"action":"data.read","dataset":"ticks"}],"limits":{"rows_per_day":3}}`)
	s := o.changes(t, changesOf, made.Token)
	ready := s.next(t, "ready")
	o.write(t, tick("A", 1, 1), tick("B", 1, 2))
	s.next(t, "rows")
	var report struct{ Items []struct{ Rows int64 } }
	o.must(t, &report, http.MethodGet, "/v1/workspaces/main/usage?token="+made.ID, owner, "")
	if len(report.Items) != 1 || report.Items[0].Rows != 2 {
		t.Errorf("while the stream lasts, the usage is %+v", report)
	}
	o.write(t, tick("C", 1, 3), tick("D", 1, 4))
	s.next(t, "rows")
	if e := s.next(t, "end"); e.data != `{"reason":"quota"}` {
		t.Errorf("the stream ended with %s", e.data)
	}
	got := o.ask(t, nil, http.MethodGet, changesOf+"?wait=5&cursor="+ready.id, made.Token, nil)
	if got.status != http.StatusTooManyRequests || !strings.Contains(got.text, `"reason":"quota"`) {
		t.Errorf("another request: %d %s", got.status, got.text)
	}
	o.must(t, nil, http.MethodPatch, "/v1/workspaces/main/tokens/"+made.ID, owner, `{"limits":{}}`)
	o.must(t, &report, http.MethodGet, "/v1/workspaces/main/usage?token="+made.ID, owner, "")
	if len(report.Items) != 1 || report.Items[0].Rows != 4 {
		t.Errorf("after the stream, the usage is %+v", report)
	}
}
