package server_test

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// queryCase is a request, or several in order, and the expected responses.
type queryCase struct {
	ID string `json:"id"`
	queryStep
	Steps []queryStep `json:"steps"`
}

type queryStep struct {
	Auth, URL, Method, Body string
	Headers, Save           map[string]string
	Want                    struct {
		Status                        int
		Rows, Lines                   []any
		Members                       []string
		Text, Contains, Starts, Ends  *string
		Empty                         bool
		Code, Reason, Parameter, Says string
		JSON                          any                `json:"json"`
		Headers                       map[string]*string `json:"headers"`
	}
}

// TestQueryCases runs testdata/query against a service that listens.
func TestQueryCases(t *testing.T) { //nolint:tparallel // the cases share datasets and tokens
	t.Parallel()
	var setup struct {
		Columns, Index, Rows json.RawMessage
		Tokens               map[string]map[string]any
	}
	var cases []queryCase
	readCases(t, "dataset.json", &setup)
	readCases(t, "cases.json", &cases)
	o := listen(t, map[string]string{})
	e := &queryExam{
		outside: o, tokens: map[string]string{
			"secret": o.token, "unknown": "pk_" + strings.Repeat("0", 32),
			"none": "",
		},
	}
	e.create = func(t *testing.T, name string) {
		t.Helper()
		o.must(t, nil, http.MethodPost, "/v1/workspaces/main/datasets", o.token,
			fmt.Sprintf(`{"name":%q,"columns":%s,"index":%s}`, name, setup.Columns, setup.Index))
		o.must(t, nil, http.MethodPost, "/v1/data/main/"+name+"?wait=true", o.token, string(setup.Rows))
	}
	e.create(t, "wells")
	for name, more := range setup.Tokens {
		more["kind"], more["name"] = "publishable", name
		more["scopes"] = []map[string]string{{"action": "data.read", "dataset": "wells"}}
		body, err := json.Marshal(more)
		if err != nil {
			t.Fatal(err)
		}
		var made struct{ Token string }
		o.must(t, &made, http.MethodPost, "/v1/workspaces/main/tokens", o.token, string(body))
		e.tokens[name] = made.Token
	}
	for i, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			e.run(t, &c, fmt.Sprintf("scratch%d", i))
		})
	}
}

// readCases reads a file of cases; numbers stay exact.
func readCases(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile("testdata/query/" + name)
	if err != nil {
		t.Fatal(err)
	}
	decodeExactly(t, text, into)
}

func decodeExactly(t *testing.T, text []byte, into any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%v: %.300s", err, text)
	}
}

type queryExam struct {
	*outside
	tokens map[string]string
	create func(t *testing.T, name string)
}

func (e *queryExam) run(t *testing.T, c *queryCase, scratch string) {
	t.Helper()
	values := map[string]string{"ws": "main", "dataset": "wells", "scratch": scratch, "missing": "none", "run": scratch}
	if text, _ := json.Marshal(c); bytes.Contains(text, []byte("{scratch}")) {
		e.create(t, scratch)
	}
	steps := c.Steps
	if steps == nil {
		steps = []queryStep{c.queryStep}
	}
	for i := range steps {
		got := e.send(t, &steps[i], values)
		judge(t, &steps[i], got, values)
		if t.Failed() {
			t.Fatalf("step %d: %.600s", i+1, got.text)
		}
		for name, kind := range steps[i].Save {
			values[name] = saved(t, kind, got)
		}
	}
}

// send sends the request of a step. Only bodies with gzip are decompressed.
func (e *queryExam) send(t *testing.T, s *queryStep, values map[string]string) answer {
	t.Helper()
	path := fill(s.URL, values)
	name, inQuery := strings.CutSuffix(s.Auth, "-query")
	if s.Auth == "" {
		name = "secret"
	}
	token, ok := e.tokens[name]
	if !ok {
		t.Fatalf("there is no token %s", name)
	}
	request, err := http.NewRequestWithContext(t.Context(), s.methodOr(), e.url+path,
		strings.NewReader(fill(s.Body, values)))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case inQuery && request.URL.RawQuery == "":
		request.URL.RawQuery = "token=" + token
	case inQuery:
		request.URL.RawQuery += "&token=" + token
	case token != "":
		request.Header.Set("Authorization", "Bearer "+token)
	}
	request.Header.Set("Accept-Encoding", "identity")
	for k, v := range s.Headers {
		request.Header.Set(k, fill(v, values))
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.Header.Get("Content-Encoding") == "gzip" && len(body) > 0 {
		var r *gzip.Reader
		if r, err = gzip.NewReader(bytes.NewReader(body)); err == nil {
			body, err = io.ReadAll(r)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

func (s *queryStep) methodOr() string {
	if s.Method == "" {
		return http.MethodGet
	}
	return s.Method
}

func fill(text string, values map[string]string) string {
	for k, v := range values {
		text = strings.ReplaceAll(text, "{"+k+"}", v)
	}
	return text
}

var nextLink = regexp.MustCompile(`<([^>]+)>\s*;[^,]*rel="?next"?`)

func saved(t *testing.T, kind string, got answer) string {
	t.Helper()
	if kind != "link" {
		value := got.header.Get(kind)
		if value == "" {
			t.Fatalf("there is no header %s", kind)
		}
		if kind == "etag" {
			return value
		}
		return url.QueryEscape(value)
	}
	m := nextLink.FindStringSubmatch(got.header.Get("Link"))
	if m == nil {
		t.Fatalf("there is no Link to the next page: %q", got.header.Get("Link"))
	}
	return m[1]
}

// judge compares a response with the expectation of a step.
func judge(t *testing.T, s *queryStep, got answer, values map[string]string) {
	t.Helper()
	want := &s.Want
	if got.status != want.Status {
		t.Errorf("status %d, want %d", got.status, want.Status)
		return
	}
	judgeHeaders(t, want.Headers, got.header, values)
	if want.Rows != nil {
		var rows []any
		decodeExactly(t, []byte(got.text), &rows)
		if !equalValues(any(want.Rows), any(rows)) {
			t.Errorf("rows %v, want %v", rows, want.Rows)
		}
	}
	if want.Lines != nil {
		var lines []any
		for line := range strings.Lines(got.text) {
			var row any
			decodeExactly(t, []byte(line), &row)
			lines = append(lines, row)
		}
		if !equalValues(any(want.Lines), any(lines)) {
			t.Errorf("lines %v, want %v", lines, want.Lines)
		}
	}
	if want.Members != nil {
		if names := membersOf(t, got.text); !slices.Equal(names, want.Members) {
			t.Errorf("members %v, want %v", names, want.Members)
		}
	}
	judgeText(t, s, got.text)
	judgeProblem(t, s, got.text)
}

func judgeHeaders(t *testing.T, want map[string]*string, got http.Header, values map[string]string) {
	t.Helper()
	for name, value := range want {
		have := strings.Join(got.Values(name), ", ")
		switch {
		case value == nil:
			if have != "" {
				t.Errorf("%s: %q, want none", name, have)
			}
		case strings.HasPrefix(*value, "/"):
			if !matchesForm(strings.Trim(*value, "/"), have) {
				t.Errorf("%s: %q, want %s", name, have, *value)
			}
		case have != fill(*value, values):
			t.Errorf("%s: %q, want %q", name, have, fill(*value, values))
		}
	}
}

// matchesForm matches a regular expression; one that begins with "^(?!.*text)"
// forbids a text, for which Go has no expression.
func matchesForm(form, text string) bool {
	if rest, ok := strings.CutPrefix(form, "^(?!.*"); ok {
		forbidden, after, _ := strings.Cut(rest, ")")
		if strings.Contains(text, forbidden) {
			return false
		}
		form = after
	}
	return text != "" && regexp.MustCompile(form).MatchString(text)
}

func judgeText(t *testing.T, s *queryStep, text string) {
	t.Helper()
	want := &s.Want
	if want.Text != nil && text != *want.Text {
		t.Errorf("text %q, want %q", text, *want.Text)
	}
	if want.Contains != nil && !strings.Contains(text, *want.Contains) {
		t.Errorf("%q is missing", *want.Contains)
	}
	if want.Empty && text != "" {
		t.Error("there is a body")
	}
	raw := hex.EncodeToString([]byte(text))
	if want.Starts != nil && !strings.HasPrefix(raw, *want.Starts) || want.Ends != nil && !strings.HasSuffix(raw,
		*want.Ends) {
		t.Errorf("the body is %.16s…%s", raw, raw[max(0, len(raw)-16):])
	}
}

func judgeProblem(t *testing.T, s *queryStep, text string) {
	t.Helper()
	want := &s.Want
	if want.JSON == nil && want.Code+want.Reason+want.Parameter+want.Says == "" {
		return
	}
	var got any
	decodeExactly(t, []byte(text), &got)
	if want.JSON != nil && !isPart(want.JSON, got) {
		t.Errorf("%v isn't a part of the body", want.JSON)
	}
	members, _ := got.(map[string]any)
	for name, value := range map[string]string{"code": want.Code, "reason": want.Reason, "parameter": want.Parameter} {
		if value != "" && members[name] != value {
			t.Errorf("%s is %v, want %s", name, members[name], value)
		}
	}
	if said := fmt.Sprint(members["detail"], " ", members["hint"]); !strings.Contains(said, want.Says) {
		t.Errorf("%q doesn't name %s", said, want.Says)
	}
}

// membersOf returns the names of the members of the first row, in order.
func membersOf(t *testing.T, text string) (names []string) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	depth, name := 0, true
	for {
		token, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
			name = depth == 2
			continue
		case json.Delim('}'), json.Delim(']'):
			if depth--; depth == 1 {
				return names
			}
			name = depth == 2
			continue
		}
		if depth != 2 {
			continue
		}
		if name {
			names = append(names, token.(string))
		}
		name = !name
	}
}

// equalValues compares values; numbers by value, exactly, and {"$approx":x} within 1e-9.
func equalValues(want, got any) bool {
	switch w := want.(type) {
	case map[string]any:
		if near, ok := w["$approx"]; ok {
			return isNear(near, got)
		}
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for k, v := range w {
			if other, ok := g[k]; !ok || !equalValues(v, other) {
				return false
			}
		}
		return true
	case []any:
		g, ok := got.([]any)
		return ok && len(g) == len(w) && !slices.ContainsFunc(indexes(w),
			func(i int) bool { return !equalValues(w[i], g[i]) })
	case json.Number:
		g, ok := got.(json.Number)
		return ok && rational(w).Cmp(rational(g)) == 0
	default:
		return reflect.DeepEqual(want, got)
	}
}

func indexes(list []any) []int {
	places := make([]int, len(list))
	for i := range places {
		places[i] = i
	}
	return places
}

func isNear(want, got any) bool {
	w, wok := want.(json.Number)
	g, gok := got.(json.Number)
	if !wok || !gok {
		return false
	}
	difference := new(big.Rat).Sub(rational(w), rational(g))
	return difference.Abs(difference).Cmp(big.NewRat(1, 1_000_000_000)) <= 0
}

func rational(n json.Number) *big.Rat {
	r, ok := new(big.Rat).SetString(string(n))
	if !ok {
		return new(big.Rat)
	}
	return r
}

// isPart reports whether want is a part of got: members may be missing in want.
func isPart(want, got any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		for k, v := range w {
			ok = ok && isPart(v, g[k])
		}
		return ok
	case []any:
		g, ok := got.([]any)
		if !ok || len(w) > len(g) {
			return false
		}
		return !slices.ContainsFunc(indexes(w), func(i int) bool { return !isPart(w[i], g[i]) })
	default:
		return equalValues(want, got)
	}
}
