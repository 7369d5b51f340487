package server_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestQueryStrings sends query strings that Go's parser drops parts of: a condition
// never gets lost, and errors name parameters as the documentation writes them.
func TestQueryStrings(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token, parameterColumns)
	o.write(t, tick("A", 1, 1), tick("A", 2, 2), tick("B", 1, 3))
	const data = "/v1/data/main/"
	for _, tc := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "ticks/A;B?batchSeparator=;&last=1&filter=sym", "", 200, `[{"sym":"A"},{"sym":"B"}]`},
		{"GET", "ticks?sym=eq.A;B", "", 200, `[]`},
		{"GET", "ticks?limit=1;last=2", "", 400, "limit"},
		{"GET", "ticks?last=%zz", "", 400, "malformed escape"},
		{"DELETE", "ticks/A?from=2024-01-02;", "", 400, "2024-01-02;"},
		{"DELETE", "ticks/A?from=%zz2024-01-02", "", 400, "malformed escape"},
		{"DELETE", "ticks/A?dry_run=true;&from=2024-01-01", "", 400, "dry_run"},
		{"GET", "ticks?count=exact&select=sym", "", 200, `[{"sym":"A"},{"sym":"A"},{"sym":"B"}]`},
		{"POST", "ticks?duplicateKeyHandling=maybe", "[]", 400, "duplicateKeyHandling is"},
		{"POST", "ticks?maximumvalidationerrors=x", "[]", 400, "maximumValidationErrors is"},
		{"GET", "ticks?queryID=a&order=sym", "", 400, "queryId can't be combined"},
		{"POST", "bad-name", `[{"a":1}]`, 400, "bad-name"},
		{"POST", "_system_x", `[{"a":1}]`, 400, "_system"},
	} {
		for _, bearer := range []bool{true, false} {
			path, token := data+tc.path, o.token
			if !bearer {
				separator := "?"
				if strings.Contains(path, "?") {
					separator = "&"
				}
				path, token = path+separator+"token="+o.token, ""
			}
			got := o.ask(t, nil, tc.method, path, token, strings.NewReader(tc.body), "Content-Type: application/json")
			if got.status != tc.status || !strings.Contains(got.text, tc.want) {
				t.Errorf("%s %s, bearer %t: %d %s, want %d %s", tc.method, tc.path, bearer, got.status, got.text,
					tc.status, tc.want)
			}
		}
	}
}
