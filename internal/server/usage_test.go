package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/usage"
)

// lines requests a report.
func (v *views) lines(t *testing.T, query string) []usage.Line {
	t.Helper()
	var report struct{ Items []usage.Line }
	v.must(t, &report, http.MethodGet, "/v1/workspaces/main/usage?"+query, v.token, "")
	return report.Items
}

// TestUsage counts what tokens do, by day, token, dataset and kind.
func TestUsage(t *testing.T) {
	t.Parallel()
	v := openViews(t)
	id := v.create(t, daily)
	v.must(
		t,
		nil,
		http.MethodPost,
		"/v1/workspaces/main/datasets",
		v.token,
		strings.Replace(wellsDraft, "wells", "empty", 1),
	)
	public := v.publish(t, "wells")
	var d struct{ ID string }
	v.must(t, &d, http.MethodGet, "/v1/workspaces/main/datasets/wells", v.token, "")

	const path = "/v1/data/main/wells?select=level"
	first := v.call(t, http.MethodGet, path, public, "")
	v.send(t, http.MethodGet, path, public, "", "If-None-Match: "+first.header.Get("ETag")).expect(t, 304, "")
	v.call(t, http.MethodGet, "/v1/data/main/wells/b?last=2", public, "").expect(t, 200, "")
	v.call(t, http.MethodGet, "/v1/data/main/wells?nope=eq.1", public, "").expect(t, 400, "")
	v.call(t, http.MethodGet, "/v1/data/main/daily", public, "").expect(t, 403, "")
	v.call(t, http.MethodGet, "/v1/data/main/wells?format=ndjson", v.token, "").expect(t, 200, "")
	v.call(t, http.MethodGet, "/v1/data/main/wells,empty", v.token, "").expect(t, 200, "")
	v.call(t, http.MethodGet, "/v1/data/main/daily?select=level", v.token, "").expect(t, 200, "")
	v.call(t, http.MethodPost, "/v1/workspaces/main/query", v.token, `{"sql":"select 1 as one union all select 2"}`).
		expect(t, 200, "")
	v.call(t, http.MethodPost, "/v1/workspaces/main/datasets/wells/rows", v.token,
		`[{"station":"q","day":"2024-05-01","level":1}]`).
		expect(t, 200, "")
	v.call(t, http.MethodDelete, "/v1/data/main/wells/q", v.token, "").expect(t, 200, "")
	session := v.session(t, v.signIn(t, v.link))
	v.call(t, http.MethodGet, "/v1/data/main/wells", session, "").expect(t, 200, "")

	type key struct{ token, dataset, kind string }
	got := map[key]usage.Line{}
	for _, l := range v.lines(t, "by=token,dataset,kind") {
		got[key{l.TokenName + l.Token[:3], l.DatasetName, string(l.Kind)}] = l
	}
	const own = "firsttok"
	var names []string
	for k := range got {
		names = append(names, k.token)
	}
	for k, want := range map[key]usage.Counts{
		{"wellstok", "wells", "read"}: {Requests: 4, Refusals: 1, Rows: 8},
		{"wellstok", "", "read"}:      {Requests: 1, Refusals: 1},
		{own, "wells", "read"}:        {Requests: 2, Rows: 7},
		{own, "empty", "read"}:        {Requests: 1},
		{own, "daily", "read"}:        {Requests: 1, Rows: 4},
		{own, "", "query"}:            {Requests: 1, Rows: 2},
		{own, "wells", "write"}:       {Requests: 2, Rows: 7},
		{own, "wells", "delete"}:      {Requests: 1, Rows: 1},
		{"testtok", "wells", "read"}:  {Requests: 1, Rows: 1},
	} {
		l, ok := got[k]
		if !ok || l.Requests != want.Requests || l.Refusals != want.Refusals || l.Rows != want.Rows || l.Bytes == 0 &&
			l.Dataset != d.ID && k.dataset != "empty" || l.P50 <= 0 || l.P95 < l.P50 {
			t.Errorf("%v: %+v, want %+v (tokens %v)", k, l, want, names)
		}
	}
	if l := got[key{"wellstok", "wells", "read"}]; l.Bytes < int64(len(first.text)) {
		t.Errorf("%d bytes", l.Bytes)
	}
	if sum := v.lines(t, ""); len(sum) != 1 || sum[0].Requests != 14 || sum[0].Day == "" {
		t.Errorf("by day: %+v", sum)
	}
	if one := v.lines(t, "by=kind&dataset="+id); len(one) != 1 || one[0].Rows != 4 || one[0].SQLMS == 0 {
		t.Errorf("of a view: %+v", one)
	}
	for _, query := range []string{"dataset=WELLS", "token=wells"} {
		if one := v.lines(t, "by=kind&"+query); len(one) == 0 || one[0].Requests == 0 {
			t.Errorf("%s: %+v", query, one)
		}
	}
	if none := v.lines(t, "from=2020-01-01&to=2020-12-31"); len(none) != 0 {
		t.Errorf("of other days: %+v", none)
	}
	csv := v.call(t, http.MethodGet, "/v1/workspaces/main/usage?by=token&format=csv", v.token, "")
	if head, rest, _ := strings.Cut(csv.text, "\n"); !strings.HasPrefix(head, "day,token,") ||
		!strings.Contains(rest, ",first,") {
		t.Errorf("CSV: %s", csv.text)
	}
	(&terminal{v.outside, t.TempDir()}).expect(t, 0, []string{
		"token,dataset,kind,requests,refusals,rows,bytes,sql_ms,p50_ms,p95_ms\n", "first,wells,write,2,0,7,",
		"wells,wells,read,4,1,8,", "wells,-,read,1,1,0,",
	}, "usage", "--csv", "--by", "kind,token,dataset")
	for query, has := range map[string]string{
		"by=hour": "by", "from=yesterday": "from", "x=1": "unknown", "from=2024-01-02&to=2024-01-01": "before",
		"format=xml": "csv",
	} {
		v.call(t, http.MethodGet, "/v1/workspaces/main/usage?"+query, v.token, "").expect(t, 422, has)
	}
	v.call(t, http.MethodGet, "/v1/workspaces/main/usage", public, "").expect(t, 403, "forbidden")
	v.call(t, http.MethodGet, "/v1/workspaces/main/usage", "", "").expect(t, 401, "")
}

// TestUsageOfAnotherWorkspace checks that a request for another workspace's
// dataset counts for the workspace of the token, and names nothing of the other.
func TestUsageOfAnotherWorkspace(t *testing.T) {
	t.Parallel()
	o, _ := twoWorkspaces(t)
	o.call(t, http.MethodGet, "/v1/data/main/prices", o.token, "").expect(t, 404, "")
	report := o.call(t, http.MethodGet, "/v1/workspaces/other/usage?by=dataset,kind", o.token, "")
	var lines struct{ Items []usage.Line }
	if err := json.Unmarshal([]byte(report.text), &lines); err != nil || len(lines.Items) != 1 ||
		lines.Items[0].Refusals != 1 || lines.Items[0].Dataset != "" {
		t.Errorf("%s, %v", report.text, err)
	}
}
