package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// wells has the rows of the datasets that the tests of views read.
const wells = `[{"station":"a","day":"2024-01-01","level":1.5},{"station":"a","day":"2024-01-02","level":2.5},
	{"station":"a","day":"2024-01-02","level":3.5},{"station":"b","day":"2024-01-01","level":10},
	{"station":"b","day":"2024-01-03","level":20},{"station":"c","day":"2024-01-01","level":null}]`

const wellsDraft = `{"name":"wells","columns":[{"name":"station","type":"string","required":false,"allow_null":true},
	{"name":"day","type":"date","required":false,"allow_null":true},{"name":"level","type":"number","required":false,"allow_null":true}],
	"index":{"key":"station","date":"day"}}`

const daily = `{"name":"daily","title":"Levels a day","sql":"select station, day, avg(level) as level from wells where level > $min group by 1, 2",
	"parameters":[{"name":"min","type":"number","default":0,"min":-50,"max":500}],
	"index":{"key":"station","date":"day"}}`

// views is a service with datasets and views over them.
type views struct{ *outside }

func openViews(t *testing.T) *views {
	t.Helper()
	v := &views{listen(t, nil)}
	v.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", v.token, wellsDraft)
	v.must(t, nil, http.MethodPost, "/v1/data/main/wells?wait=true", v.token, wells)
	return v
}

func (v *views) create(t *testing.T, body string) (id string) {
	t.Helper()
	var made struct{ ID string }
	v.must(t, &made, http.MethodPost, "/v1/workspaces/main/views", v.token, body)
	return made.ID
}

// publish creates a publishable token that reads one dataset or view.
func (v *views) publish(t *testing.T, name string) string {
	t.Helper()
	var made struct{ Token string }
	v.must(t, &made, http.MethodPost, "/v1/workspaces/main/tokens", v.token, fmt.Sprintf(
		`{"kind":"publishable","name":%q,"scopes":[{"action":"data.read","dataset":%q}]}`, name, name))
	return made.Token
}

// expect checks the status and that the body contains a text.
func (a answer) expect(t *testing.T, status int, has string) {
	t.Helper()
	if a.status != status || !strings.Contains(a.text, has) {
		t.Errorf("got %d %s\nwant %d and %s", a.status, a.text, status, has)
	}
}

func TestViewRead(t *testing.T) {
	t.Parallel()
	v := openViews(t)
	v.create(t, daily)
	v.create(
		t,
		`{"name":"top","sql":"select station, level from wells where level is not null order by level desc limit 3"}`,
	)
	for _, tc := range []struct{ path, want string }{
		{"daily?select=day,level&order=level.desc", `[{"day":"2024-01-03","level":20},{"day":"2024-01-01","level":10},{"day":"2024-01-02","level":3},{"day":"2024-01-01","level":1.5}]`},
		{"daily?select=station,level", `[{"station":"a","level":1.5},{"station":"a","level":3},{"station":"b","level":10},{"station":"b","level":20}]`},
		{"daily?p.min=5&select=station,level", `[{"station":"b","level":10},{"station":"b","level":20}]`},
		{"daily?P.MIN=5&select=level", `[{"level":10},{"level":20}]`},
		{"daily?level=gt.2&level=lt.15&select=level", `[{"level":3},{"level":10}]`},
		{"daily?select=station,n:count()&order=n.desc,station", `[{"station":"a","n":2},{"station":"b","n":2}]`},
		{"daily/b", `[{"day":"2024-01-03","level":20,"station":"b"}]`},
		{"daily/b?last=2", `[{"day":"2024-01-03","level":20,"station":"b"},{"day":"2024-01-01","level":10,"station":"b"}]`},
		{"daily/b?p.min=15", `[{"day":"2024-01-03","level":20,"station":"b"}]`},
		{"daily?from=2024-01-02&to=2024-01-02", `[{"day":"2024-01-02","level":3,"station":"a"}]`},
		{"daily?select=level&limit=1&offset=1", `[{"level":3}]`},
		{"daily?level=gt.100", `[]`},
		{"top?select=level", `[{"level":20},{"level":10},{"level":3.5}]`},
		{"daily?format=csv&select=station,level&p.min=15", "station,level\nb,20\n"},
		{"daily?format=ndjson&select=level&p.min=15", "{\"level\":20}\n"},
		{"wells,daily/a", `[{"day":"2024-01-02","level":3.5,"station":"a"},{"day":"2024-01-02","level":3,"station":"a"}]`},
	} {
		got := v.call(t, http.MethodGet, "/v1/data/main/"+tc.path, v.token, "")
		if got.status != http.StatusOK || got.text != tc.want {
			t.Errorf("%s: %d %s\nwant %s", tc.path, got.status, got.text, tc.want)
		}
	}
	for _, tc := range []struct {
		path   string
		status int
		has    string
	}{
		{"daily?p.min=x", 400, `"parameter":"p.min"`},
		{"daily?p.min=501", 400, "more than 500"},
		{"daily?p.min=1&p.min=2", 400, "repeated_parameter"},
		{"daily?p.min=1&p.MIN=2", 400, "more than once"},
		{"daily?p.max=1", 400, "unknown_parameter"},
		{"daily?nope=eq.1", 400, "unknown_column"},
		{"daily,wells?p.min=1", 400, "one_dataset"},
		{"wells?p.min=1", 400, "unknown_parameter"},
	} {
		v.call(t, http.MethodGet, "/v1/data/main/"+tc.path, v.token, "").expect(t, tc.status, tc.has)
	}
	v.call(t, http.MethodDelete, "/v1/data/main/daily/a", v.token, "").expect(t, 409, `"reason":"view"`)
	v.call(t, http.MethodPost, "/v1/data/main/daily", v.token, wells).expect(t, 409, `"reason":"view"`)
	v.call(t, http.MethodPost, "/v1/workspaces/main/datasets/daily/rows", v.token, wells).
		expect(t, 409, `"reason":"view"`)
	v.call(t, http.MethodPost, "/v1/workspaces/main/query", v.token,
		`{"sql":"select d.station, top.level from daily d join main.top using (station) order by 2 limit 1"}`).
		expect(t, 200, `[{"station":"a","level":3.5}]`)
}

// TestViewSave saves views that don't compile, and views whose parameters are wrong.
func TestViewSave(t *testing.T) {
	t.Parallel()
	v := openViews(t)
	v.create(t, daily)
	for _, tc := range []struct {
		body   string
		status int
		has    string
	}{
		{`{"name":"x","sql":"select * from welles"}`, 422, `Did you mean \"wells\"?`},
		{`{"name":"x","sql":"select\n  nope from wells"}`, 422, `"line":2,"column":3`},
		{`{"name":"x","sql":"select level + $add, nope from wells","parameters":[{"name":"add","type":"integer"}]}`, 422, `"line":1,"column":22`},
		{`{"name":"x","sql":"select from"}`, 422, "sql_syntax"},
		{`{"name":"x","sql":"delete from wells"}`, 422, "sql_not_allowed"},
		{`{"name":"x","sql":"select * from read_text('/etc/passwd')"}`, 422, "sql_not_allowed"},
		{`{"name":"x","sql":"explain select 1"}`, 422, "sql_not_allowed"},
		{`{"name":"x","sql":"select now() as n"}`, 422, "sql_not_allowed"},
		{`{"name":"x","sql":"select random() as n"}`, 422, "sql_not_allowed"},
		{`{"name":"x","sql":"select 1 as a, 2 as a"}`, 422, "duplicate_name"},
		{`{"name":"x","sql":"select $min as m"}`, 422, "$min has no value"},
		{`{"name":"x","sql":"select 1 as m","parameters":[{"name":"min","type":"number"}]}`, 422, "no parameter $min"},
		{`{"name":"x","sql":"select 1 as m","index":{"key":"nope"}}`, 422, "index.key"},
		{`{"name":"x","sql":"select $m as m","parameters":[{"name":"m","type":"money"}]}`, 422, "parameters[0]"},
		{`{"name":"x","sql":"select $m as m","parameters":[{"name":"m","type":"integer","default":1.5}]}`, 422, "1.5"},
		{`{"name":"x","sql":"select $m as m","parameters":[{"name":"m","type":"integer","default":5,"max":4}]}`, 422, "more than 4"},
		{`{"name":"x","sql":"select $m as m","parameters":[{"name":"m","type":"string","enum":["a"],"default":"b"}]}`, 422, "must be a"},
		{`{"name":"x","sql":"select $m as m","parameters":[{"name":"m","type":"string","default":"a","required":true}]}`, 422, "required"},
		{`{"name":"x","sql":"select 1 as one","materialized":{"refresh":"on_change"}}`, 422, "not_available"},
		{`{"name":"wells","sql":"select 1 as one"}`, 409, "already"},
		{`{"name":"Daily","sql":"select 1 as one"}`, 409, "already"},
		{`{"name":"_system_x","sql":"select 1 as one"}`, 422, "_system"},
	} {
		v.call(t, http.MethodPost, "/v1/workspaces/main/views", v.token, tc.body).expect(t, tc.status, tc.has)
	}
	v.call(t, http.MethodPost, "/v1/workspaces/main/datasets", v.token,
		strings.Replace(wellsDraft, `"wells"`, `"daily"`, 1)).expect(t, 409, "already")
	v.call(t, http.MethodGet, "/v1/workspaces/main/datasets/daily", v.token, "").expect(t, 404, "not_found")
	v.call(t, http.MethodGet, "/v1/workspaces/main/views/wells", v.token, "").expect(t, 404, "not_found")
	v.call(t, http.MethodGet, "/v1/workspaces/main/datasets", v.token, "").
		expect(t, 200, `"kind":"view","name":"daily"`)
	v.call(t, http.MethodGet, "/v1/workspaces/main/views", v.token, "").expect(t, 200, `"name":"daily"`)
	v.call(t, http.MethodGet, "/v1/workspaces/main/views/DAILY", v.token, "").
		expect(t, 200, `"columns":[{"name":"station","type":"string"`)
}

// TestViewParameters passes values of each type, among them text that tries to become
// a part of the statement.
func TestViewParameters(t *testing.T) {
	t.Parallel()
	v := openViews(t)
	for _, kind := range []string{"string", "integer", "number", "boolean", "date", "date-time"} {
		v.create(
			t,
			fmt.Sprintf(
				`{"name":"v_%s","sql":"/* $no */ select $x as x, '$x' as t, \"x\".x as n from (select $x as x) as \"x\" -- $x",
			"parameters":[{"name":"x","type":%q}]}`,
				strings.ReplaceAll(kind, "-", "_"),
				kind,
			),
		)
	}
	evil := `'); select 1 --$x"\é` + "\n"
	for _, tc := range []struct{ view, value, want string }{
		{"v_string", "a b", `[{"n":"a b","t":"$x","x":"a b"}]`},
		{"v_string", "", `[{"n":"","t":"$x","x":""}]`},
		{"v_string", evil, `[{"n":"'); select 1 --$x\"\\é\n","t":"$x","x":"'); select 1 --$x\"\\é\n"}]`},
		{"v_string", "$x$", `[{"n":"$x$","t":"$x","x":"$x$"}]`},
		{"v_integer", "9007199254740993", `[{"n":9007199254740993,"t":"$x","x":9007199254740993}]`},
		{"v_integer", "-1", `[{"n":-1,"t":"$x","x":-1}]`},
		{"v_number", "1e-3", `[{"n":0.001,"t":"$x","x":0.001}]`},
		{"v_boolean", "true", `[{"n":true,"t":"$x","x":true}]`},
		{"v_date", "20240229", `[{"n":"2024-02-29","t":"$x","x":"2024-02-29"}]`},
		{"v_date_time", "2024-02-29T12:00:00.5+02:00", `[{"n":"2024-02-29T10:00:00.5Z","t":"$x","x":"2024-02-29T10:00:00.5Z"}]`},
		{"v_date_time", "2024-02-29", `[{"n":"2024-02-29T00:00:00Z","t":"$x","x":"2024-02-29T00:00:00Z"}]`},
	} {
		got := v.call(t, http.MethodGet, "/v1/data/main/"+tc.view+"?p.x="+url.QueryEscape(tc.value), v.token, "")
		if got.status != http.StatusOK || got.text != tc.want {
			t.Errorf("%s %q: %d %s\nwant %s", tc.view, tc.value, got.status, got.text, tc.want)
		}
	}
	for view, values := range map[string][]string{
		"v_integer": {"1.5", "9223372036854775808", "x", "", "0x10", "1_000"},
		"v_number":  {"NaN", "Infinity", "0x1p3", "1e999"},
		"v_boolean": {"1", "TRUE"}, "v_date": {"2024-02-30", "today"}, "v_date_time": {"now", "2024-02-29 10:00"},
		"v_string": {"a\x00b", "\xff", strings.Repeat("x", 5000)},
	} {
		for _, value := range values {
			v.call(t, http.MethodGet, "/v1/data/main/"+view+"?p.x="+url.QueryEscape(value), v.token, "").
				expect(t, 400, `"reason":"invalid_value"`)
		}
		v.call(t, http.MethodGet, "/v1/data/main/"+view, v.token, "").expect(t, 200, `"x":null`)
	}
}

// TestViewTokens reads a view with tokens that name it, and checks that they can
// do nothing else.
func TestViewTokens(t *testing.T) {
	t.Parallel()
	v := openViews(t)
	id := v.create(t, daily)
	v.create(t, `{"name":"other","sql":"select station from wells"}`)
	v.create(t, `{"name":"above","sql":"select max(level) as level from daily"}`)
	v.create(t, `{"name":"fails","sql":"select cast(station as integer) as n from wells"}`)
	public, table := v.publish(t, "daily"), v.publish(t, "wells")
	v.call(t, http.MethodGet, "/v1/data/main/daily?select=level&level=gt.15", public, "").
		expect(t, 200, `[{"level":20}]`)
	v.call(t, http.MethodGet, "/v1/data/main/"+id+"/b?p.min=5", public, "").expect(t, 200, `"level":20`)
	v.call(t, http.MethodGet, "/v1/data/main/daily?schema=true", public, "").expect(t, 200, `"name":"station"`)
	shown := v.call(t, http.MethodGet, "/v1/workspaces/main/views/daily", public, "")
	shown.expect(t, 200, `"name":"min"`)
	if strings.Contains(shown.text, "wells") {
		t.Errorf("a publishable token sees the statement: %s", shown.text)
	}
	for _, path := range []string{
		"/v1/data/main/wells", "/v1/data/main/wells/a", "/v1/data/main/other", "/v1/data/main/above",
		"/v1/data/main/nothing",
		"/v1/data/main/daily,wells", "/v1/data/main/daily,other", "/v1/workspaces/main/views/other",
		"/v1/workspaces/main/datasets/wells", "/v1/data/main/other?p.x=1", "/v1/data/main/other?p.x=1&format=ndjson",
	} {
		got, none := v.call(
			t,
			http.MethodGet,
			path,
			public,
			"",
		), v.call(
			t,
			http.MethodGet,
			strings.NewReplacer("wells", "nothing",
				"other", "nothing", "above", "nothing").Replace(path),
			public,
			"",
		)
		if got.status < 400 || got.status != none.status {
			t.Errorf("%s: %d %s\nbut of what doesn't exist: %d %s", path, got.status, got.text, none.status, none.text)
		}
	}
	v.call(t, http.MethodGet, "/v1/data/main/daily", table, "").expect(t, 403, "forbidden")
	v.call(t, http.MethodGet, "/v1/data/main/fails?select=n", v.publish(t, "fails"), "").expect(t, 409, "view_broken")
	for _, tc := range []struct{ method, path, body string }{
		{http.MethodPost, "/v1/workspaces/main/query", `{"sql":"select 1"}`},
		{http.MethodGet, "/v1/workspaces/main/views", ""},
		{http.MethodPost, "/v1/workspaces/main/views", `{"name":"mine","sql":"select * from wells"}`},
		{http.MethodPatch, "/v1/workspaces/main/views/daily", `{"sql":"select * from wells"}`},
		{http.MethodDelete, "/v1/workspaces/main/views/daily", ""},
		{http.MethodDelete, "/v1/data/main/daily/a", ""},
		{http.MethodPost, "/v1/data/main/daily", wells},
	} {
		v.call(t, tc.method, tc.path, public, tc.body).expect(t, 403, "forbidden")
	}
	if got := v.call(t, http.MethodGet, "/v1/data/main/fails?select=n", v.publish(t, "fails"), ""); strings.Contains(
		got.text,
		`'a'`,
	) ||
		strings.Contains(got.text, "cast") {
		t.Errorf("the error shows a value of the dataset: %s", got.text)
	}
}

// TestViewsNeedQuery checks that a token that can manage but not query can change
// everything of a view except its statement, which others read with their own tokens.
func TestViewsNeedQuery(t *testing.T) {
	t.Parallel()
	v := openViews(t)
	v.create(t, daily)
	var minted struct{ Token string }
	v.must(t, &minted, http.MethodPost, tokens, v.token, `{"kind":"secret","name":"t","scopes":[{"action":"manage"}]}`)
	for _, tc := range []struct {
		method, path, body string
		status             int
	}{
		{http.MethodPost, "/v1/workspaces/main/views", `{"name":"mine","sql":"select * from wells"}`, 403},
		{http.MethodPatch, "/v1/workspaces/main/views/daily", `{"sql":"select * from wells"}`, 403},
		{http.MethodPatch, "/v1/workspaces/main/views/daily", `{"title":"By day"}`, 200},
	} {
		v.call(t, tc.method, tc.path, minted.Token, tc.body).expect(t, tc.status, "")
	}
}

// TestViewsOfViews creates views that read other views.
func TestViewsOfViews(t *testing.T) {
	t.Parallel()
	v := openViews(t)
	v.create(t, daily)
	v.create(t, `{"name":"needs","sql":"select $x as x","parameters":[{"name":"x","type":"integer","required":true}]}`)
	before := "daily"
	for i := 2; i <= 8; i++ {
		v.create(
			t,
			fmt.Sprintf(
				`{"name":"v%d","sql":"with wells as (select 1 as one) select station, level from %s, wells"}`,
				i,
				before,
			),
		)
		before = fmt.Sprintf("v%d", i)
	}
	v.call(t, http.MethodGet, "/v1/data/main/v8?select=level&level=gt.5&order=level", v.token, "").
		expect(t, 200, `[{"level":10},{"level":20}]`)
	v.call(t, http.MethodPost, "/v1/workspaces/main/views", v.token, `{"name":"v9","sql":"select * from v8"}`).
		expect(t, 422, "nested 8 levels deep")
	v.call(t, http.MethodPatch, "/v1/workspaces/main/views/daily", v.token, `{"sql":"select * from v3, $min","index":{}}`).
		expect(t, 422, "")
	v.call(
		t,
		http.MethodPatch,
		"/v1/workspaces/main/views/daily",
		v.token,
		`{"sql":"select station, level from v3 where level > $min","index":{}}`,
	).expect(t, 422, "daily → v3 → v2 → daily")
	v.call(t, http.MethodPatch, "/v1/workspaces/main/views/daily", v.token, `{"sql":"select * from daily where level > $min"}`).
		expect(t, 422, "daily → daily")
	v.call(t, http.MethodPost, "/v1/workspaces/main/views", v.token, `{"name":"x","sql":"select * from needs"}`).
		expect(t, 422, "no default")
	v.call(t, http.MethodPost, "/v1/workspaces/main/views", v.token, `{"name":"below","sql":"select * from wells"}`).
		expect(t, 201, "")
	v.call(t, http.MethodPatch, "/v1/workspaces/main/views/daily", v.token,
		`{"sql":"select station, day, level from below where level > $min"}`).expect(t, 422, "nested 8 levels deep")
	v.call(t, http.MethodPatch, "/v1/workspaces/main/views/daily", v.token, `{"sql":"select station from wells where level > $min","index":{}}`).
		expect(t, 409, "in_use")
	v.call(t, http.MethodPatch, "/v1/workspaces/main/views/daily?force=true", v.token,
		`{"sql":"select station from wells where level > $min","index":{}}`).expect(t, 200, "")
	v.call(t, http.MethodGet, "/v1/data/main/v8", v.token, "").expect(t, 409, "view_broken")
	v.call(t, http.MethodGet, "/v1/workspaces/main/views/v2", v.token, "").expect(t, 200, `"broken":"`)
	v.call(t, http.MethodPatch, "/v1/workspaces/main/views/daily", v.token,
		`{"sql":"select station, level from wells where level > $min"}`).expect(t, 200, "")
	v.call(t, http.MethodGet, "/v1/data/main/v8?select=level&level=gt.5&order=level", v.token, "").
		expect(t, 200, `[{"level":10},{"level":20}]`)
	v.call(t, http.MethodPost, "/v1/workspaces/main/query", v.token, `{"sql":"select max(level) as m from v8"}`).
		expect(t, 200, `[{"m":20}]`)
}

// TestViewTables changes the datasets that views read.
func TestViewTables(t *testing.T) {
	t.Parallel()
	v := openViews(t)
	v.create(t, daily)
	v.create(
		t,
		`{"name":"qualified","sql":"select wells.level, w.day from main.\"Wells\" join wells as w using (station) where wells.level = w.level -- wells"}`,
	)
	v.create(t, `{"name":"all_of","sql":"from wells"}`)
	v.create(t, `{"name":"above","sql":"select * from daily"}`)
	reads := func(want string) {
		t.Helper()
		v.call(t, http.MethodGet, "/v1/data/main/daily?select=level&level=gt.15", v.token, "").
			expect(t, 200, `[{"level":20}]`)
		v.call(t, http.MethodGet, "/v1/data/main/above?select=level&level=gt.15", v.token, "").
			expect(t, 200, `[{"level":20}]`)
		v.call(t, http.MethodGet, "/v1/data/main/qualified?select=n:count()", v.token, "").expect(t, 200, `[{"n":5}]`)
		v.call(t, http.MethodGet, "/v1/data/main/all_of?select=n:count()", v.token, "").expect(t, 200, `[{"n":6}]`)
		v.call(t, http.MethodGet, "/v1/workspaces/main/views/daily", v.token, "").expect(t, 200, want)
	}
	reads(`from wells where`)
	v.call(t, http.MethodPatch, "/v1/workspaces/main/datasets/wells", v.token, `{"name":"pits"}`).expect(t, 200, "")
	reads(`from \"pits\" AS wells where`)
	v.call(t, http.MethodPatch, "/v1/workspaces/main/datasets/pits", v.token, `{"name":"select"}`).expect(t, 200, "")
	reads(`from \"select\" AS wells where`)
	v.call(t, http.MethodPatch, "/v1/workspaces/main/datasets/select", v.token, `{"name":"wells"}`).expect(t, 200, "")
	v.call(t, http.MethodPatch, "/v1/workspaces/main/views/daily", v.token, `{"name":"days"}`).expect(t, 200, "")
	v.call(t, http.MethodGet, "/v1/data/main/above?select=level&level=gt.15", v.token, "").
		expect(t, 200, `[{"level":20}]`)

	change := func(operation string, force bool) answer {
		var d struct{ Version int64 }
		v.must(t, &d, http.MethodGet, "/v1/workspaces/main/datasets/wells", v.token, "")
		return v.call(t, http.MethodPost, "/v1/workspaces/main/datasets/wells/schema", v.token, fmt.Sprintf(
			`{"version":%d,"apply":"convert","accept_loss":true,"force":%t,"operations":[%s]}`,
			d.Version,
			force,
			operation,
		))
	}
	change(
		`{"op":"add","column":{"name":"depth","type":"integer","required":false,"allow_null":true}}`,
		false,
	).expect(t, 200, "")
	v.call(t, http.MethodGet, "/v1/data/main/all_of?select=depth&limit=1", v.token, "").
		expect(t, 200, `[{"depth":null}]`)
	change(`{"op":"rename","name":"level","to":"height"}`, false).expect(t, 409, "in_use")
	change(`{"op":"drop","name":"level"}`, false).expect(t, 409, "days")
	change(`{"op":"drop","name":"level"}`, true).expect(t, 200, "")
	v.call(t, http.MethodGet, "/v1/data/main/days", v.token, "").expect(t, 409, "view_broken")
	v.call(t, http.MethodGet, "/v1/data/main/above", v.token, "").expect(t, 409, "view_broken")
	v.call(t, http.MethodGet, "/v1/data/main/all_of?select=station&limit=1", v.token, "").expect(t, 200, `"a"`)
	v.call(t, http.MethodGet, "/v1/workspaces/main/views/days", v.token, "").expect(t, 200, `"broken":"`)
	change(
		`{"op":"add","column":{"name":"level","type":"number","required":false,"allow_null":true}}`,
		false,
	).expect(t, 200, "")
	v.call(t, http.MethodGet, "/v1/data/main/days", v.token, "").expect(t, 200, "[]")

	v.call(t, http.MethodDelete, "/v1/workspaces/main/datasets/wells", v.token, "").expect(t, 409, `"kind":"view"`)
	v.call(t, http.MethodDelete, "/v1/workspaces/main/datasets/wells?confirm=wells", v.token, "").expect(t, 204, "")
	v.call(t, http.MethodGet, "/v1/data/main/days", v.token, "").expect(t, 409, "view_broken")
	v.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", v.token, wellsDraft)
	v.call(t, http.MethodGet, "/v1/data/main/days", v.token, "").
		expect(t, 409, "view_broken")
		// another dataset of the name
	v.call(t, http.MethodPatch, "/v1/workspaces/main/views/days", v.token, `{"title":"Days"}`).expect(t, 200, "")
	v.call(t, http.MethodGet, "/v1/data/main/days", v.token, "").expect(t, 200, "[]")
	v.call(t, http.MethodDelete, "/v1/workspaces/main/views/days", v.token, "").expect(t, 409, `"name":"above"`)
	v.call(t, http.MethodDelete, "/v1/workspaces/main/views/above", v.token, "").expect(t, 204, "")
	v.call(t, http.MethodDelete, "/v1/workspaces/main/views/days", v.token, "").expect(t, 204, "")
	v.call(t, http.MethodGet, "/v1/data/main/days", v.token, "").expect(t, 404, "not_found")
}

// TestViewPages pages through a view while its rows change.
func TestViewPages(t *testing.T) {
	t.Parallel()
	v := openViews(t)
	v.create(t, `{"name":"rows","sql":"select station, level from wells union all select station, level from wells"}`)
	path, seen := "/v1/data/main/rows?select=station,level&limit=5&count=exact", 0
	for n := 0; path != ""; n++ {
		got := v.call(t, http.MethodGet, path, v.token, "")
		if got.status != http.StatusOK {
			t.Fatal(got.text)
		}
		seen += strings.Count(got.text, "station")
		link := got.header.Get("Link")
		path, _, _ = strings.Cut(strings.TrimPrefix(link, "<"), ">")
		if n == 0 {
			if r := got.header.Get("Content-Range"); r != "rows 0-4/12" {
				t.Errorf("Content-Range %q", r)
			}
		}
	}
	if seen != 12 {
		t.Errorf("%d rows on the pages, not 12", seen)
	}
	first := v.call(t, http.MethodGet, "/v1/data/main/rows?select=level", v.token, "")
	tag, version := first.header.Get("ETag"), first.header.Get("Windlass-Dataset-Version")
	v.send(t, http.MethodGet, "/v1/data/main/rows?select=level", v.token, "", "If-None-Match: "+tag).expect(t, 304, "")
	v.must(
		t,
		nil,
		http.MethodPost,
		"/v1/data/main/wells?wait=true",
		v.token,
		`[{"station":"z","day":"2025-01-01","level":0}]`,
	)
	again := v.send(t, http.MethodGet, "/v1/data/main/rows?select=level", v.token, "", "If-None-Match: "+tag)
	if again.status != 200 || again.header.Get("ETag") == tag ||
		again.header.Get("Windlass-Dataset-Version") == version {
		t.Errorf("after a write: %d, ETag %s, version %s", again.status, again.header.Get("ETag"), version)
	}
	v.send(t, http.MethodGet, "/v1/data/main/rows", v.token, "", "Windlass-If-Version: "+version).
		expect(t, 412, "version_changed")
	parquet := v.call(t, http.MethodGet, "/v1/data/main/rows?format=parquet", v.token, "")
	if parquet.status != 200 || !strings.HasPrefix(parquet.text, "PAR1") {
		t.Errorf("parquet: %d", parquet.status)
	}
}

// TestForcedRename renames a dataset although a view can't be rewritten.
func TestForcedRename(t *testing.T) {
	t.Parallel()
	v := openViews(t)
	v.create(t, `{"name":"both","sql":"with pits as (select level from wells where false) select level from wells union all select level from pits"}`)
	rename := func(from, to, more string) answer {
		return v.call(t, http.MethodPatch, "/v1/workspaces/main/datasets/"+from, v.token, `{"name":"`+to+`"`+more+`}`)
	}
	rename("wells", "pits", "").expect(t, 409, "in_use")
	rename("wells", "pits", `,"force":true`).expect(t, 200, "")
	v.call(t, http.MethodGet, "/v1/data/main/both", v.token, "").expect(t, 409, "view_broken")
	v.call(t, http.MethodGet, "/v1/workspaces/main/views/both", v.token, "").expect(t, 200, `"broken":"`)
	rename("pits", "wells", "").expect(t, 200, "")
	v.call(t, http.MethodGet, "/v1/data/main/both?select=n:count()", v.token, "").expect(t, 200, `[{"n":6}]`)
}
