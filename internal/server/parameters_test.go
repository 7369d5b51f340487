package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// parameterRows returns the rows of the dataset that TestParameters reads, in the
// order of loading: v numbers them. day is relative to today.
func parameterRows(today time.Time) string {
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	rows := []map[string]any{
		{
			"sym":   "A",
			"venue": "x",
			"day":   "2020-01-01",
			"v":     1,
			"note":  "red",
			"at":    "2020-01-01T10:00:00Z",
			"ok":    true,
			"px":    1.5,
		},
		{
			"sym":   "A",
			"venue": "x",
			"day":   "2020-01-02",
			"v":     2,
			"note":  "Blue",
			"at":    "2020-01-05T10:00:00Z",
			"ok":    false,
			"px":    2.5,
		},
		{"sym": "A", "venue": "y", "day": "2020-02-15", "v": 3, "note": nil, "at": "2020-01-03T10:00:00Z", "px": nil},
		{"sym": "B", "venue": "x", "day": "2020-04-01", "v": 4, "note": "red, hot", "at": nil, "ok": true, "px": 4},
		{"sym": "B", "venue": "x", "day": day(-1), "v": 5, "note": "red", "ok": true},
		{"sym": "B", "venue": "y", "day": day(0), "v": 6, "note": "", "ok": nil},
		{"sym": "C", "venue": "x", "day": day(1), "v": 7, "note": "blue"},
		{"sym": "C", "venue": "x", "day": day(3), "v": 8, "note": "100%"},
	}
	text, err := json.Marshal(rows)
	if err != nil {
		panic(err)
	}
	return string(text)
}

const parameterColumns = `{"name":"ticks","columns":[
	{"name":"sym","type":"string","required":true,"allow_null":false},
	{"name":"venue","type":"string","required":true,"allow_null":false},
	{"name":"day","type":"date","required":true,"allow_null":false},
	{"name":"v","type":"integer","required":false,"allow_null":true},
	{"name":"note","type":"string","required":false,"allow_null":true},
	{"name":"at","type":"date-time","required":false,"allow_null":true},
	{"name":"ok","type":"boolean","required":false,"allow_null":true},
	{"name":"px","type":"number","required":false,"allow_null":true}],
	"index":{"key":"sym","subkey":"venue","date":"day","unique":true}}`

// TestParameters tests each parameter of a read alone, combined, with invalid values
// and at its limits, with a bearer token and with ?token=.
func TestParameters(t *testing.T) { //nolint:tparallel // the cases share a dataset
	t.Parallel()
	o := listen(t, nil)
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token, parameterColumns)
	today := time.Now().UTC()
	o.must(t, nil, http.MethodPost, "/v1/data/main/ticks?wait=true", o.token, parameterRows(today))
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	long := strings.Repeat("9", 30)
	for _, c := range []struct {
		path string
		want string // the values of v in order, or a status with a reason
	}{
		// How many, and in which order.
		{"", "8"},
		{"/A", "3"},
		{"/a", ""},
		{"/A/x", "2"},
		{"/Z", ""},
		{"?last=2", "8 7"},
		{"?LAST=2", "8 7"},
		{"?last=2&sort=asc", "7 8"},
		{"?last=2&sort=ASC", "7 8"},
		{"?last=100000", "8 7 6 5 4 3 2 1"},
		{"?last=0", "400 invalid_value"},
		{"?last=-1", "400 invalid_value"},
		{"?last=x", "400 invalid_value"},
		{"?last=1.5", "400 invalid_value"},
		{"?last=", "400 invalid_value"},
		{"?last=" + long, "400 invalid_value"},
		{"?last=1&last=2", "400 repeated_parameter"},
		{"?first=2", "1 2"},
		{"?first=2&sort=DESC", "2 1"},
		{"?first=0", "400 invalid_value"},
		{"?first=1&last=1", "400 conflicting_parameters"},
		{"?next=1&last=1", "400 conflicting_parameters"},
		{"?first=1&next=1", "400 conflicting_parameters"},
		{"?limit=3", "8 7 6"},
		{"?limit=3&sort=ASC", "1 2 3"},
		{"?limit=0", "400 invalid_value"},
		{"?limit=x", "400 invalid_value"},
		{"?limit=5000", "8 7 6 5 4 3 2 1"},
		{"?limit=3&offset=2", "6 5 4"},
		{"?offset=2", "6"},
		{"?offset=-1", "400 invalid_value"},
		{"?offset=100&limit=5", ""},
		{"?last=5&limit=2", "8 7"},
		{"?last=2&limit=5", "8 7"},
		{"?first=3&offset=1", "2 3 4"},
		{"?sort=up", "400 invalid_value"},
		{"?sort=", "400 invalid_value"},
		{"?interval=2&limit=3", "8 6 4"},
		{"?interval=3&first=3", "1 4 7"},
		{"?interval=0", "400 invalid_value"},
		{"?interval=x&limit=2", "400 invalid_value"},
		{"?next=2", "6 7"},
		{"?next=2&from=2020-02-01", "3 4"},
		{"?next=x", "400 invalid_value"},
		{"/A,C?last=1", "3 8"},
		{"/A,C/x?last=1", "2 8"},
		{"/A/x,y?last=5", "2 1 3"},
		{"/A|C?last=1&batchSeparator=|", "3 8"},
		{"/A,C?last=1&batchSeparator=|", ""},
		{"/A--C?last=1&batchseparator=--", "3 8"},
		{"?batchSeparator=a", "400 invalid_value"},
		{"?batchSeparator=_", "400 invalid_value"},
		{"?batchSeparator=", "400 invalid_value"},
		// Windows.
		{"?from=2020-02-01&to=2020-04-01", "4 3"},
		{"?from=20200201&to=20200401", "4 3"},
		{"?from=2020-02-01&to=2020-04-01&sort=ASC", "3 4"},
		{"?from=2020-02-01&to=2020-04-01&limit=1", "4"},
		{"?from=2020-02-01&to=2020-04-01&last=1", "4"},
		{"?from=2020-02-01&to=2020-04-01&first=1", "3"},
		{"?to=2020-01-02", "2 1"},
		{"?from=" + day(1), "8 7"},
		{"?from=2020-13-01", "400 invalid_value"},
		{"?from=soon", "400 invalid_value"},
		{"?to=", "400 invalid_value"},
		{"?from=2021-01-01&to=2020-01-01", ""},
		{"?on=2020-01-02", "2"},
		{"?on=20200102", "2"},
		{"?on=2020-01-03", ""},
		{"?on=x", "400 invalid_value"},
		{"?on=2020-01-02&from=2020-02-01&to=2020-04-01", "2"},
		{"?from=2020-01-01&range=today", "8 7 6 5 4 3 2 1"},
		{"?range=today", "6"},
		{"?range=TODAY", "6"},
		{"?range=yesterday", "5"},
		{"?range=2d", "6 5"},
		{"?range=1D", "6 5"},
		{"?range=2020", "4 3 2 1"},
		{"?range=Q12020", "3 2 1"},
		{"?range=Q22020", "4"},
		{"?range=q22020", "4"},
		{"?range=H12020", "4 3 2 1"},
		{"?range=H22020", ""},
		{"?range=tomorrow&calendar=true", "7"},
		{"?range=tomorrow&forward=true", "7"},
		{"?range=tomorrow&future=true", "7"},
		{"?range=1w&calendar=true", "6 7 8"},
		{"?range=1w&calendar=true&sort=DESC", "8 7 6"},
		{"?range=5x", "400 invalid_value"},
		{"?range=", "400 invalid_value"},
		{"?range=0d", "6"},
		{"?calendar=maybe", "400 invalid_value"},
		{"?dateField=at&from=2020-01-03&to=2020-01-05", "2 3"},
		{"?dateField=at&last=1", "2"},
		{"?dateField=v", "400 invalid_value"},
		{"?dateField=AT", "400 unknown_column"},
		{"?datefield=at&on=2020-01-03", "3"},
		{"?updated=2020-01-01&limit=9", "8 7 6 5 4 3 2 1"},
		{"?updated=2999-01-01&limit=9", ""},
		{"?updated=1577836800000&limit=2", "8 7"},
		{"?updated=x", "400 invalid_value"},
		// Conditions and columns.
		{"?subattribute=note|red&limit=9", "5 1"},
		{"?subattribute=note~red&limit=9", "8 7 6 4 3 2"},
		{"?subattribute=note|red,sym|A&limit=9", "1"},
		{"?subattribute=note|RED&limit=9", ""},
		{"?subattribute=nope|red", "400 unknown_column"},
		{"?subattribute=note", "400 invalid_value"},
		{"?subattribute=v|5&limit=9", "5"},
		{"?subattribute=v|x&limit=9", ""},
		{"?filter=v", "8"},
		{"?filter=v,note&limit=2", "8 7"},
		{"?filter=V", "400 unknown_column"},
		{"?filter=nope", "400 unknown_column"},
		{"?filter=v&select=v", "400 conflicting_parameters"},
		{"?v=gt.6", "7 8"},
		{"?v=gte.3&v=lt.5", "3 4"},
		{"?v=5", "400 invalid_filter"},
		{"?nope=eq.5", "400 unknown_column"},
		{"?lst=5", "400 unknown_parameter"},
		{"?v=foo.5", "400 unknown_operator"},
		{"?v=like.5", "400 operator_not_allowed"},
		{"?v=in.(1,3,99)", "1 3"},
		{"?v=in.()", ""},
		{"?v=in.1", "400 invalid_filter"},
		{"?note=like.red*", "1 4 5"},
		{"?note=ilike.BLUE", "2 7"},
		{"?note=is.null", "3"},
		{"?note=not.is.null&sym=eq.A", "1 2"},
		{"?note=eq.red, hot", "4"},
		{"?note=like.100\\%25", "8"},
		{"?ok=is.true", "1 4 5"},
		{"?ok=eq.false", "2"},
		{"?ok=gt.true", "400 operator_not_allowed"},
		{"?note=isdistinct.red", "2 3 4 6 7 8"},
		{"?or=(v.eq.1,note.is.null)", "1 3"},
		{"?and=(v.gt.1,or(v.lt.3,v.gt.7))", "2 8"},
		{"?not.or=(v.gt.2,note.eq.red)", "2"},
		{"?or=()", "400 invalid_filter"},
		{"?or=(v.gt.1", "400 invalid_filter"},
		{"?day=eq.2020-02-15", "3"},
		{"?day=gt.2020-02-30", "400 invalid_value"},
		{"?px=eq.2.5", "2"},
		{"?v=eq.2.5", ""},
		{"?order=v.desc&limit=2", "8 7"},
		{"?order=px.desc.nullsfirst,v.desc&limit=3", "8 7 6"},
		{"?order=px.desc&limit=2", "4 2"},
		{"?order=nope", "400 unknown_column"},
		{"?order=v.down", "400 invalid_order"},
		{"?order=v&last=1", "400 conflicting_parameters"},
		{"?select=nope", "400 unknown_column"},
		{"?select=v,v", "400 duplicate_name"},
		{"?cursor=x", "400 invalid_cursor"},
		{"?cursor=x&offset=1", "400 conflicting_parameters"},
		{"?count=some", "400 invalid_value"},
		{"?numbers=float", "400 invalid_value"},
		{"?format=xml", "400 invalid_value"},
		{"?schema=perhaps", "400 invalid_value"},
		{"?includeSystemRecordProperties=no", "400 invalid_value"},
		{"?transforms=[]", "400 unknown_parameter"},
		{"?cache=true&cacheTTL=5&collectionName=x&_=1&displayPercent=true", "8"},
		{"?callback=1x", "400 invalid_value"},
		{"?queryId=abcd", "400 invalid_value"},
		{"?queryId=a-", "400 invalid_value"},
		{"?queryId=", "400 invalid_value"},
		{"?queryId=zz&order=v", "400 conflicting_parameters"},
		{"?queryId=zz&cursor=v", "400 conflicting_parameters"},
		{"?queryId=zz&select=count()", "400 conflicting_parameters"},
		{",ticks?queryId=zz", "400 one_dataset"},
		{",nope/A", "404 "},
	} {
		t.Run(c.path, func(t *testing.T) {
			path, query, _ := strings.Cut(c.path, "?")
			values := strings.NewReplacer(" ", "%20", "|", "%7C").Replace(query)
			at := "/v1/data/MAIN/Ticks" + strings.ReplaceAll(path, "|", "%7C") + "?"
			if query != "" {
				at += values + "&"
			}
			got := o.ask(t, nil, http.MethodGet, strings.TrimSuffix(strings.TrimSuffix(at, "&"), "?"), o.token, nil)
			if is := valuesOf(t, got); is != c.want {
				t.Errorf("with a bearer token: %s, want %s: %.300s", is, c.want, got.text)
			}
			got = o.ask(t, nil, http.MethodGet, at+"token="+o.token, "", nil)
			want, _, refused := strings.Cut(c.want, " ")
			if refused = refused && len(want) == 3; !refused {
				want = c.want
			}
			if is := valuesOf(t, got); is != want && strings.TrimSpace(is) != want {
				t.Errorf("with ?token=: %s, want %s: %.300s", is, want, got.text)
			}
			if refused && (len(got.text) == 0 || len(got.text) > 300*4 || strings.HasPrefix(got.text, "{")) {
				t.Errorf("the platform's refusal isn't a short text: %q", got.text)
			}
		})
	}
}

// valuesOf returns the values of v in a response, or its status and reason.
func valuesOf(t *testing.T, got answer) string {
	t.Helper()
	if got.status != http.StatusOK {
		var refusal struct{ Reason string }
		_ = json.Unmarshal([]byte(got.text), &refusal)
		return fmt.Sprintf("%d %s", got.status, refusal.Reason)
	}
	var rows []map[string]any
	if err := json.Unmarshal([]byte(got.text), &rows); err != nil {
		t.Fatalf("%v in %.300s", err, got.text)
	}
	var list []string
	for _, row := range rows {
		list = append(list, fmt.Sprint(row["v"]))
	}
	return strings.Join(list, " ")
}

// TestQueryID follows a dataset with queryId.
func TestQueryID(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token, parameterColumns)
	write := func(rows string) {
		t.Helper()
		o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets/ticks/rows?on_conflict=replace", o.token, rows)
	}
	row := func(sym string, day, v int) string {
		return fmt.Sprintf(`{"sym":%q,"venue":"x","day":"2024-01-%02d","v":%d}`, sym, day, v)
	}
	read := func(query, want string) {
		t.Helper()
		got := o.ask(t, nil, http.MethodGet, "/v1/data/main/ticks"+query, o.token, nil)
		if is := valuesOf(t, got); is != want {
			t.Errorf("%s: %s, want %s", query, is, want)
		}
		if got.status == http.StatusOK &&
			(got.header.Get("ETag") != "" || got.header.Get("Cache-Control") != "no-store") {
			t.Errorf("%s: ETag %q, Cache-Control %q", query, got.header.Get("ETag"), got.header.Get("Cache-Control"))
		}
	}
	read("?queryId=e", "") // an empty dataset
	write("[" + row("A", 1, 1) + "," + row("A", 3, 3) + "," + row("B", 2, 2) + "]")
	read("?queryId=e", "3 2 1")
	read("?queryId=e", "")
	read("?queryId=n", "3")                // as without it
	read("?queryId=n", "")                 // and from then on, new rows
	read("?queryId=a&limit=2", "3 2")      // limit leaves one out
	read("?queryId=w&range=2024", "3 2 1") // a window
	if got := o.ask(t, nil, http.MethodHead, "/v1/data/main/ticks?queryId=h&limit=9", o.token, nil); got.status != http.StatusOK {
		t.Errorf("HEAD: %d", got.status)
	}
	read("?queryId=h&limit=9", "3 2 1") // HEAD changed nothing
	write("[" + row("C", 4, 4) + "]")
	read("?queryId=a&limit=2", "1")
	read("?queryId=a&limit=2", "4")
	read("?queryId=a&limit=2", "")
	read("?queryId=n", "4")
	read("?QUERYID=w", "4") // the same name with other parameters
	read("?queryId=w&v=gt.0", "")
	write(
		"[" + row("A", 1, 10) + "," + row("D", 9, 9) + "," + row("D", 8, 8) + "," + row("D", 7, 7) + "]",
	) // the first replaces a row
	read("?queryId=n&limit=1", "9")
	read("?queryId=n&limit=1", "8")
	write("[" + row("D", 7, 70) + "]") // one of the omitted rows is replaced
	read("?queryId=n&limit=1", "10")
	read("?queryId=n&limit=1", "70")
	read("?queryId=n&limit=1", "")
	read("?queryId=a", "9 8 70 10")
	read("/A?queryId=a&last=1", "3") // another path is another cursor
	read("/A?queryId=a&last=1", "")
	read("/A,D?queryId=b&limit=1", "9 8") // limit counts all keys
	got := o.ask(t, nil, http.MethodGet, "/v1/data/main/ticks?queryId=m&v=gt.8&format=ndjson", o.token, nil)
	if lines := strings.Count(got.text, "\n"); lines != 3 {
		t.Errorf("a stream with queryId has %d lines: %s", lines, got.text)
	}
	read("?queryId=m&v=gt.8", "")
	read("?queryId=k&v=gt.0&limit=4", "10 3 2 4")
	read("?queryId=k&v=gt.0&limit=4", "70 8 9")
	var made struct{ Token string }
	o.must(t, &made, http.MethodPost, "/v1/workspaces/main/tokens", o.token,
		`{"name":"reader","kind":"publishable","scopes":[{"action":"data.read","dataset":"ticks"}]}`)
	other := o.ask(
		t,
		nil,
		http.MethodGet,
		"/v1/data/main/ticks?queryId=a&limit=1&token="+url.QueryEscape(made.Token),
		"",
		nil,
	)
	if is := valuesOf(t, other); is != "9" {
		t.Errorf("another token: %s", is)
	}
	csv := o.ask(t, nil, http.MethodGet, "/v1/data/main/ticks?queryId=c&limit=2&format=csv&filter=v", o.token, nil)
	if csv.text != "v\n9\n8\n" {
		t.Errorf("CSV: %q", csv.text)
	}
	csv = o.ask(t, nil, http.MethodGet, "/v1/data/main/ticks?queryId=c&limit=9&format=csv&filter=v", o.token, nil)
	if lines := strings.Fields(csv.text); !slices.Equal(lines, []string{"v", "70", "4", "3", "2", "10"}) {
		t.Errorf("CSV continued: %q", lines)
	}
	o.must(
		t,
		nil,
		http.MethodPost,
		"/v1/workspaces/main/views",
		o.token,
		`{"name":"top","sql":"select sym, v from ticks"}`,
	)
	read(",top?queryId=a", "400 one_dataset")
	view := o.ask(t, nil, http.MethodGet, "/v1/data/main/top?queryId=a", o.token, nil)
	if is := valuesOf(t, view); is != "409 view" {
		t.Errorf("a view: %s", is)
	}
}
