package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestRefusalsNameTheNextStep checks the reason and the hint of errors of the data
// API: each names what is wrong and what to do instead.
func TestRefusalsNameTheNextStep(t *testing.T) { //nolint:tparallel // the cases share a dataset
	t.Parallel()
	o := listen(t, nil)
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token, parameterColumns)
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/views", o.token, `{"name":"top","sql":"select sym from ticks"}`)
	var reader struct{ Token string }
	o.must(t, &reader, http.MethodPost, "/v1/workspaces/main/tokens", o.token,
		`{"name":"reader","kind":"publishable","scopes":[{"action":"data.read","dataset":"ticks"}]}`)
	const data, ws = "/v1/data/main/ticks", "/v1/workspaces/main"
	repeat := func(text string, n int) string { return strings.TrimSuffix(strings.Repeat(text+",", n), ",") }
	for name, c := range map[string]struct {
		method, path, token, body, media string
		status                           int
		reason, hint                     string
	}{
		"conditions": {
			path: data + "?and=(" + repeat("v.eq.1", 101) + ")", status: 400, reason: "too_many", hint: "in.(",
		},
		"depth": {
			path:   data + "?and=" + strings.Repeat("(and", 8) + "(v.eq.1)" + strings.Repeat(")", 8),
			status: 400, reason: "too_many", hint: "Nest it less",
		},
		"list": {
			path: data + "?v=in.(" + repeat("1", 1001) + ")", status: 400, reason: "too_many",
			hint: "several requests",
		},
		"names": {
			path: data + "?select=" + selectMany(501), status: 400, reason: "too_many", hint: "all columns",
		},
		"order": {
			path: data + "?order=" + repeat("v", 17), status: 400, reason: "too_many", hint: "index order",
		},
		"totals": {
			path: data + "?select=sym,count()&order=v", status: 400, reason: "unknown_column",
			hint: "sym, count",
		},
		"long":     {path: data + "?note=eq." + strings.Repeat("x", 64<<10), status: 414, hint: "fewer values"},
		"no route": {path: "/v1", status: 404, hint: "/docs"},
		"stable":   {path: "/stable", status: 404, hint: "/docs"},
		"scope": {
			path: ws + "/query?sql=select+1", token: reader.Token, status: 403, reason: "scope", hint: "scope",
		},
		"media type": {
			method: "POST", path: ws + "/query", body: "select 1", media: "text/plain", status: 415,
			hint: "application/sql",
		},
		"empty SQL": {
			method: "POST", path: ws + "/query", body: `{"sql":" "}`, status: 400, reason: "sql_syntax",
			hint: "SELECT",
		},
		"format": {
			path: ws + "/query?sql=select+1&format=xml", status: 400, reason: "invalid_value",
			hint: "arrow and parquet",
		},
		"a name": {
			method: "POST", path: ws + "/views", body: `{"name":"TICKS","sql":"select 1 as a"}`,
			status: 409, hint: "share their names",
		},
		"a name of a view": {
			method: "POST", path: ws + "/datasets", body: strings.Replace(parameterColumns, "ticks", "Top", 1),
			status: 409, hint: "share their names",
		},
		"a day":     {path: ws + "/usage?from=soon", status: 422, hint: ""},
		"a dataset": {path: ws + "/usage?dataset=nope", status: 422, hint: "ID"},
		"a token":   {path: ws + "/usage?token=nope", status: 422, hint: "ID"},
		"a role": {
			method: "POST", path: "/v1/aws-onboarding/main", body: `{"arnrole":"x"}`, status: 400, hint: "arn:aws:iam",
		},
		"an External ID": {
			method: "POST", path: "/v1/aws-onboarding/main", body: `{"arnrole":"arn:aws:iam::111122223333:role/a","externalId":"abc"}`,
			status: 400, hint: "",
		},
		"a member": {
			method: "POST", path: "/v1/aws-onboarding/main", body: `{"role":"x"}`, status: 400,
			reason: "invalid_body", hint: "spelling",
		},
	} {
		t.Run(name, func(t *testing.T) {
			method, token := "GET", o.token
			if c.method != "" {
				method = c.method
			}
			if c.token != "" {
				token = c.token
			}
			media := "application/json"
			if c.media != "" {
				media = c.media
			}
			got := o.ask(t, nil, method, c.path, token, strings.NewReader(c.body), "Content-Type: "+media)
			var p struct{ Reason, Detail, Hint string }
			if err := json.Unmarshal([]byte(got.text), &p); err != nil {
				t.Fatalf("%d %v: %.200s", got.status, err, got.text)
			}
			if got.status != c.status || p.Reason != c.reason || p.Detail == "" || !strings.Contains(p.Hint, c.hint) {
				t.Errorf("%d %+v, want %d %s %q", got.status, p, c.status, c.reason, c.hint)
			}
		})
	}
}

func selectMany(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("n%d:v", i)
	}
	return strings.Join(names, ",")
}

// TestPlatformRefusesUnknownRoutes checks that a client of the platform gets a short
// text for a path without a route.
func TestPlatformRefusesUnknownRoutes(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	got := o.send(t, http.MethodGet, "/v1/sql-query/main?sqlQuery=x&token="+o.token, "", "")
	if got.status != 404 || got.text != "There is no /v1/sql-query/main. The routes are described at /docs." {
		t.Errorf("%d %s", got.status, got.text)
	}
	got = o.send(t, http.MethodGet, "/v1/workspaces/none?token="+o.token, "", "")
	if !strings.HasPrefix(got.text, "{") {
		t.Errorf("a route that isn't the platform's: %s", got.text)
	}
	var made struct{ Token string }
	o.must(t, &made, http.MethodPost, "/v1/workspaces/main/tokens", o.token,
		`{"name":"page","kind":"publishable","scopes":[{"action":"data.read","dataset":"*"}],"allowed_referers":["example.com"]}`)
	got = o.send(t, http.MethodGet, "/v1/data/main/x?token="+made.Token, "", "")
	if got.status != 401 || !strings.HasPrefix(got.text, "Denied Referer. ") {
		t.Errorf("%d %s", got.status, got.text)
	}
}

// TestPreferWait checks how long uploads, loads and changes are waited for.
func TestPreferWait(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	const upload, ws = "/v1/data/main/wells", "/v1/workspaces/main"
	for prefer, want := range map[string]struct {
		status  int
		applied string
	}{
		"wait=20":                {200, "wait=20"},
		"wait=100":               {200, "wait=60"},
		"respond-async, wait=20": {200, "wait=20"},
		"wait=0":                 {202, "wait=0"},
		"respond-async, wait=0":  {202, "respond-async, wait=0"},
		"wait=soon":              {200, ""},
	} {
		got := o.send(t, http.MethodPost, upload, o.token, `[{"id":1}]`, "Prefer: "+prefer)
		place := got.header.Get("Location")
		if got.status != want.status || got.header.Get("Preference-Applied") != want.applied ||
			(place != "") != (want.status == 202) {
			t.Errorf("%s: %d %v %s", prefer, got.status, got.header, got.text)
		}
		if place == "" {
			continue
		}
		var load struct{ State string }
		read := o.send(t, http.MethodGet, place, o.token, "", "Prefer: wait=30")
		if err := json.Unmarshal([]byte(read.text), &load); err != nil || load.State != "loaded" ||
			read.header.Get("Preference-Applied") != "wait=30" {
			t.Errorf("%s: %d %s %v", prefer, read.status, read.text, read.header)
		}
	}
	changes := ws + "/datasets/wells/changes"
	began := time.Now()
	got := o.send(t, http.MethodGet, changes, o.token, "", "Prefer: wait=1")
	if took := time.Since(began); took < time.Second || got.status != 200 ||
		got.header.Get("Preference-Applied") != "wait=1" {
		t.Errorf("changes: %d %v after %v", got.status, got.header, took)
	}
}
