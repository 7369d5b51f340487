package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// stock calls the service as the platform's stock client does: with the token in
// the query and a Content-Type that isn't always one.
type stock struct {
	*outside
	base string // "/v1" or "/stable"
}

func (s *stock) send(t *testing.T, method, path, body string, header ...string) answer {
	t.Helper()
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	header = append([]string{"Content-Type: undefined"}, header...)
	return s.ask(t, nil, method, s.base+path+separator+"token="+s.token, "", strings.NewReader(body), header...)
}

// get returns the response to a call that must succeed.
func get[T any](t *testing.T, s *stock, method, path, body string) (out T) {
	t.Helper()
	got := s.send(t, method, path, body)
	if got.status != http.StatusOK {
		t.Fatalf("%s %s: %d %s", method, path, got.status, got.text)
	}
	if err := json.Unmarshal([]byte(got.text), &out); err != nil {
		t.Fatalf("%s %s: %v in %s", method, path, err, got.text)
	}
	return out
}

// object is a JSON object.
type object = map[string]any

// same compares a value with JSON.
func same(t *testing.T, what string, got any, want string) {
	t.Helper()
	var wanted any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	is, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	was, err := json.Marshal(wanted)
	if err != nil {
		t.Fatal(err)
	}
	if string(is) != string(was) {
		t.Errorf("%s is %s, want %s", what, is, was)
	}
}

const stockDataset = `{"dataset":{"datasetId":"QUOTES","title":"Quotes","description":"Closing prices",
	"schema":{"type":"object","properties":{"symbol":{"type":"string"},"day":{"type":"string","format":"date"},
		"close":{"type":"number"},"volume":{"type":"integer"}},"required":["symbol"]},
	"columnMapping":{"key":"symbol","date":"day"},"source":"test","email":"a@example.com","smartLinkAttributes":[]}}`

func TestPlatformDatasets(t *testing.T) {
	t.Parallel()
	s := &stock{listen(t, nil), "/v1"}
	same(t, "the first list", get[[]any](t, s, http.MethodGet, "/datasets/MAIN", ""), `[]`)
	same(t, "creating", get[object](t, s, http.MethodPost, "/datasets/main", stockDataset),
		`{"success":true,"message":"Dataset has been created","datasetId":"QUOTES"}`)
	made := get[object](t, s, http.MethodGet, "/datasets/MAIN/quotes", "")
	same(t, "schema", made["schema"], `{"type":"object","required":["symbol","day"],"properties":{
		"close":{"type":"number","nullable":true},"day":{"type":"string","format":"date","nullable":false},
		"symbol":{"type":"string","nullable":false},"volume":{"type":"integer","nullable":true}}}`)
	same(t, "columnMapping", made["columnMapping"], `{"key":"symbol","date":"day"}`)
	same(t, "records and keys", []any{made["records"], made["keys"]}, `[0,0]`)
	if date, ok := made["date"].(float64); !ok || date < 1e12 {
		t.Errorf("date is %v", made["date"])
	}

	same(t, "patching", get[object](t, s, http.MethodPatch, "/datasets/main/QUOTES", `{"title":"Prices"}`),
		`{"success":true,"message":"Dataset has been updated","datasetId":"QUOTES"}`)
	made = get[object](t, s, http.MethodGet, "/datasets/main/QUOTES", "")
	same(t, "after a patch", []any{made["title"], made["description"]}, `["Prices","Closing prices"]`)
	sent, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	get[object](t, s, http.MethodPost, "/datasets/main/QUOTES", string(sent)) // as it was read
	get[object](t, s, http.MethodPost, "/datasets/main/QUOTES", `{"dataset":{"description":"Only this"}}`)
	made = get[object](t, s, http.MethodGet, "/datasets/main/QUOTES", "")
	same(t, "after a replacement", []any{made["title"], made["description"]}, `["","Only this"]`)

	same(t, "renaming", get[object](t, s, http.MethodPut, "/datasets/main/quotes/CLOSES", ""),
		`{"success":true,"message":"Dataset has been renamed","datasetId":"CLOSES"}`)
	if got := s.send(t, http.MethodGet, "/datasets/main/QUOTES", ""); got.status != http.StatusNotFound {
		t.Errorf("the old name: %d %s", got.status, got.text)
	}
	get[object](t, s, http.MethodPost, "/data/main/closes?wait=true", `[{"symbol":"AAPL","day":"2024-02-29","close":1.5,"volume":7}]`)
	second := strings.Replace(stockDataset, "QUOTES", "OTHER", 1)
	get[object](t, s, http.MethodPost, "/datasets/main", second)
	for path, want := range map[string]string{
		"/datasets/main":                     "CLOSES OTHER",
		"/datasets/main?limit=1":             "CLOSES",
		"/datasets/main?last=1":              "OTHER",
		"/datasets/main?sort=DESC":           "OTHER CLOSES",
		"/datasets/main?from=2100-01-01":     "",
		"/datasets/main?to=2100-01-01":       "CLOSES OTHER",
		"/data":                              "CLOSES OTHER",
		"/data/MAIN":                         "CLOSES OTHER",
		"/datasets/main?offset=1&cacheTTL=5": "OTHER",
	} {
		var names []string
		for _, d := range get[[]object](t, s, http.MethodGet, path, "") {
			names = append(names, d["datasetId"].(string))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s lists %q, want %q", path, got, want)
		}
	}
	made = get[object](t, s, http.MethodGet, "/datasets/main/closes", "")
	same(t, "records", made["records"], `1`)
	same(t, "deleting", get[object](t, s, http.MethodDelete, "/datasets/main/Closes", ""),
		`{"success":true,"message":"Dataset has been deleted","datasetId":"CLOSES"}`)
	if got := s.send(t, http.MethodGet, "/datasets/main/CLOSES", ""); got.status != http.StatusNotFound {
		t.Errorf("after deleting: %d %s", got.status, got.text)
	}
}

func TestPlatformRefusals(t *testing.T) {
	t.Parallel()
	s := &stock{listen(t, nil), "/v1"}
	get[object](t, s, http.MethodPost, "/datasets/main", stockDataset)
	for _, c := range []struct {
		method, path, body string
		status             int
		words              string
	}{
		{http.MethodPost, "/datasets/main", stockDataset, 409, "QUOTES"},
		{http.MethodPost, "/datasets/main", strings.Replace(stockDataset, "QUOTES", "_systemX", 1), 400, "_system"},
		{http.MethodPost, "/datasets/main", strings.Replace(stockDataset, `"title"`, `"titel"`, 1), 400, `"titel"`},
		{http.MethodPost, "/datasets/main", strings.Replace(stockDataset, `"key"`, `"primary"`, 1), 400, `"primary"`},
		{http.MethodPost, "/datasets/main", `[object Object]`, 400, "JSON.stringify"},
		{http.MethodPost, "/datasets/main", `{"datasetId":"A","schema":{"properties":{"a":{"type":"money"}}}}`, 400, "money"},
		{http.MethodPost, "/datasets/main", `{"datasetId":"A"}`, 400, "columns"},
		{http.MethodGet, "/datasets/main?lst=1", "", 400, "lst"},
		{http.MethodGet, "/datasets/main?limit=0", "", 400, "limit"},
		{http.MethodGet, "/datasets/other", "", 404, "other"},
		{http.MethodGet, "/datasets/main/nothing", "", 404, "nothing"},
		{http.MethodGet, "/index/main/QUOTES", "", 404, "/v1/index"},
		{http.MethodGet, "/sql-query/main", "", 404, "/v1/sql-query"},
		{http.MethodGet, "/data/main/QUOTES?transforms=[]", "", 400, "transforms"},
		{http.MethodPut, "/datasets/main", "{}", 405, "PUT"},
	} {
		got := s.send(t, c.method, c.path, c.body)
		if got.status != c.status || !strings.Contains(got.text, c.words) {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, got.status, got.text)
		}
		if kind := got.header.Get("Content-Type"); c.status != 405 && !strings.HasPrefix(c.path, "/index") &&
			!strings.HasPrefix(c.path, "/sql") && (kind != "text/plain; charset=utf-8" || len([]rune(got.text)) > 300) {
			t.Errorf("%s %s: %s %s", c.method, c.path, kind, got.text)
		}
	}
	json := s.send(t, http.MethodGet, "/datasets/main/nothing", "", "Accept: application/json")
	if json.status != 404 || !strings.HasPrefix(json.text, `{"success":false,"message":"`) ||
		!strings.Contains(json.text, `"code":"not_found"`) {
		t.Errorf("as JSON: %d %s", json.status, json.text)
	}
	bearer := s.call(t, http.MethodGet, "/v1/datasets/main/nothing?token=sk_wrong", s.token, "")
	if bearer.status != 404 || bearer.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("with a bearer token: %d %s", bearer.status, bearer.text)
	}
	for _, path := range []string{"/v1/datasets/main", "/stable/datasets/main?token=sk_wrong"} {
		got := s.ask(t, nil, http.MethodGet, path, "", nil)
		if got.status != 401 || got.header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: %d %s", path, got.status, got.text)
		}
	}
	if got := s.ask(t, nil, http.MethodGet, "/stable/datasets/main?token=", "", nil); got.status != 401 ||
		!strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") {
		t.Errorf("an empty token: %d %s %s", got.status, got.header.Get("Content-Type"), got.text)
	}
	if got := s.ask(t, nil, http.MethodGet, "/v1/workspaces/main/datasets?token="+s.token, "", nil); got.status != 401 {
		t.Errorf("a token in the query of another route: %d %s", got.status, got.text)
	}
}

func TestPlatformPaths(t *testing.T) {
	t.Parallel()
	s := &stock{listen(t, nil), "/stable"}
	get[object](t, s, http.MethodPost, "/datasets/main", stockDataset)
	get[object](t, s, http.MethodPost, "/data/main/QUOTES", `[{"symbol":"a/b","day":"2024-02-29"}]`)
	for _, path := range []string{"/data/main/quotes/a%2Fb", "/query/MAIN/QUOTES/a%2fb?limit=1&"} {
		rows := get[[]object](t, s, http.MethodGet, path, "")
		if len(rows) != 1 || rows[0]["day"] != "2024-02-29" {
			t.Errorf("%s: %v", path, rows)
		}
	}
	for _, path := range []string{"/v1/openapi-doc", "/stable/openapi-doc", "/v1/platform/swagger-json"} {
		got := s.ask(t, nil, http.MethodGet, path, "", nil)
		if got.status != http.StatusOK || !json.Valid([]byte(got.text)) ||
			!strings.Contains(got.text, `"openapi":"3.1`) {
			t.Errorf("%s: %d %.100s", path, got.status, got.text)
		}
	}
	for _, path := range []string{"/stable/workspaces/main/datasets", "/stable/", "/v1/nothing"} {
		got := s.ask(t, nil, http.MethodGet, path, s.token, nil)
		if got.status != http.StatusNotFound || got.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", path, got.status, got.text)
		}
	}
}
