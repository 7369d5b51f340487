package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// pageToken creates a publishable token that reads every dataset.
func (o *outside) pageToken(t *testing.T, pages string) (id, text string) {
	t.Helper()
	var made struct{ ID, Token string }
	o.must(t, &made, http.MethodPost, "/v1/workspaces/main/tokens", o.token,
		`{"kind":"publishable","name":"site","scopes":[{"action":"data.read","dataset":"*"}]`+pages+`}`)
	return made.ID, made.Token
}

// TestAttackPages sends requests like the pages of other sites.
func TestAttackPages(t *testing.T) {
	t.Parallel()
	o := listen(t, map[string]string{"public_url": "https://windlass.example.com"})
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token,
		`{"name":"prices","columns":[{"name":"symbol","type":"string","required":false,"allow_null":true},`+
			`{"name":"price","type":"number","required":false,"allow_null":true}]}`)
	o.must(t, nil, http.MethodPost, "/v1/data/main/prices?wait=true", o.token, `[{"symbol":"A","price":1}]`)
	_, every := o.pageToken(t, "")
	_, listed := o.pageToken(t, `,"allowed_origins":["https://app.example.com","https://*.example.org"]`)
	_, none := o.pageToken(t, `,"allowed_origins":[]`)
	_, referred := o.pageToken(t, `,"allowed_referers":["app.example.com/shop"]`)

	const evil, app = "Origin: https://evil.test", "Origin: https://app.example.com"
	for name, tt := range map[string]struct {
		token, query string
		header       []string
		status       int
		allow        string // Access-Control-Allow-Origin
		reason       string
	}{
		"no page":               {every, "", nil, 200, "", ""},
		"every page":            {every, "", []string{evil}, 200, "*", ""},
		"every page, sandboxed": {every, "", []string{"Origin: null"}, 200, "*", ""},
		"a listed page":         {listed, "", []string{app}, 200, "https://app.example.com", ""},
		"a page below a listed name": {
			listed, "",
			[]string{"Origin: https://a.example.org"},
			200,
			"https://a.example.org", "",
		},
		"a program with a page's token": {listed, "", nil, 200, "", ""},
		"another page":                  {listed, "", []string{evil}, 403, "*", "origin_denied"},
		"a sandboxed page":              {listed, "", []string{"Origin: null"}, 403, "*", "origin_denied"},
		"another port":                  {listed, "", []string{app + ":8443"}, 403, "*", "origin_denied"},
		"a longer name":                 {listed, "", []string{app + ".evil.test"}, 403, "*", "origin_denied"},
		"no page may":                   {none, "", []string{app}, 403, "*", "origin_denied"},
		"a secret token":                {o.token, "", []string{app}, 403, "*", "origin_denied"},
		"a secret token, own page":      {o.token, "", []string{"Origin: https://windlass.example.com"}, 200, "*", ""},
		"a listed token, own page":      {listed, "", []string{"Origin: https://windlass.example.com"}, 200, "*", ""},
		"an unknown token": {
			"pk_" + strings.Repeat("0", 32), "", []string{app}, 401, "*", "token_invalid",
		},
		"a script, no referer": {listed, "callback=f", nil, 403, "", "origin_denied"},
		"a script, listed referer": {
			listed, "callback=f",
			[]string{"Referer: https://app.example.com/x"},
			200, "",
			"",
		},
		"a script, another referer": {
			listed, "callback=f",
			[]string{"Referer: https://evil.test/"},
			403, "",
			"origin_denied",
		},
		"a script, another case": {listed, "CALLBACK=f", nil, 403, "", "origin_denied"},
		"a referer": {
			referred, "",
			[]string{"Referer: https://app.example.com/shop/1"},
			200, "",
			"",
		},
		"no referer": {referred, "", nil, 401, "", "referer_denied"},
		"another referer": {
			referred, "",
			[]string{"Referer: https://evil.test/app.example.com/shop"},
			401, "", "referer_denied",
		},
		"another path": {
			referred, "",
			[]string{"Referer: https://app.example.com/"},
			401, "",
			"referer_denied",
		},
	} {
		got := o.ask(t, nil, http.MethodGet, "/v1/data/main/prices?"+tt.query, tt.token, nil, tt.header...)
		var problem struct{ Reason string }
		if tt.status != http.StatusOK {
			_ = json.Unmarshal([]byte(got.text), &problem)
		}
		if got.status != tt.status || got.header.Get("Access-Control-Allow-Origin") != tt.allow ||
			problem.Reason != tt.reason {
			t.Errorf("%s: %d, open to %q, reason %q: %.200s", name, got.status,
				got.header.Get("Access-Control-Allow-Origin"), problem.Reason, got.text)
		}
		if got.header.Get("Access-Control-Allow-Credentials") != "" || !strings.Contains(
			strings.Join(got.header.Values("Vary"), ","), "Origin") {
			t.Errorf("%s: %v", name, got.header)
		}
	}

	var events struct {
		Items []struct{ Kind string }
	}
	o.must(t, &events, http.MethodGet, "/v1/security?kind=token.origin", o.session(t, o.signIn(t, o.link)), "")
	if len(events.Items) == 0 {
		t.Error("the security log has no denied page")
	}
}

// TestAttackPreflight sends preflight requests for every kind of route,
// without a token.
func TestAttackPreflight(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	for path, methods := range map[string]string{
		"/v1/data/main/prices":          "GET, HEAD, POST, DELETE",
		"/v1/workspaces/main/tokens":    "GET, HEAD, POST",
		"/v1/workspaces/main/tokens/t1": "GET, HEAD, PATCH, DELETE",
		"/v1/nothing":                   "",
	} {
		got := o.ask(t, nil, http.MethodOptions, path, "", nil, "Origin: https://evil.test",
			"Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization")
		status := http.StatusNoContent
		if methods == "" {
			status = http.StatusNotFound
		}
		if got.status != status || got.header.Get("Access-Control-Allow-Origin") != "*" ||
			got.header.Get("Access-Control-Allow-Methods") != methods {
			t.Errorf("%s: %d %v", path, got.status, got.header)
		}
	}
}

// TestTokenPages sets, changes and refuses lists of pages.
func TestTokenPages(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	id, text := o.pageToken(t, `,"allowed_origins":["https://app.example.com"]`)
	const tokens = "/v1/workspaces/main/tokens"
	person := o.session(t, o.signIn(t, o.link))
	if got := o.call(t, http.MethodPatch, tokens+"/"+id, o.token,
		`{"allowed_origins":["*"]}`); got.status != http.StatusForbidden {
		t.Errorf("a token opens a token: %d %s", got.status, got.text)
	}
	var changed struct {
		Origins  []string `json:"allowed_origins"`
		Referers []string `json:"allowed_referers"`
	}
	o.must(t, &changed, http.MethodPatch, tokens+"/"+id, person,
		`{"allowed_origins":["https://b.example"],"allowed_referers":["b.example"]}`)
	if len(changed.Origins) != 1 || changed.Origins[0] != "https://b.example" || len(changed.Referers) != 1 {
		t.Errorf("changed to %+v", changed)
	}
	for origin, want := range map[string]int{
		"https://b.example":       http.StatusOK,
		"https://app.example.com": http.StatusForbidden,
	} {
		got := o.ask(t, nil, http.MethodGet, "/v1/whoami", text, nil, "Origin: "+origin, "Referer: "+origin+"/")
		if got.status != want {
			t.Errorf("%s after the change: %d %s", origin, got.status, got.text)
		}
	}
	for name, body := range map[string]string{
		"a path":       `{"kind":"publishable","name":"x","scopes":[{"action":"data.read","dataset":"*"}],"allowed_origins":["https://a.example/x"]}`,
		"plain HTTP":   `{"kind":"publishable","name":"x","scopes":[{"action":"data.read","dataset":"*"}],"allowed_origins":["http://a.example"]}`,
		"a secret":     `{"kind":"secret","name":"x","allowed_origins":["https://a.example"]}`,
		"a bad rule":   `{"kind":"publishable","name":"x","scopes":[{"action":"data.read","dataset":"*"}],"allowed_referers":["a b"]}`,
		"too many":     `{"kind":"publishable","name":"x","scopes":[{"action":"data.read","dataset":"*"}],"allowed_origins":["*"` + strings.Repeat(`,"*"`, 50) + `]}`,
		"an empty one": `{"kind":"publishable","name":"x","scopes":[{"action":"data.read","dataset":"*"}],"allowed_origins":[""]}`,
	} {
		got := o.call(t, http.MethodPost, tokens, o.token, body)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, "allowed_") {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
}
