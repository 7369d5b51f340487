package statement_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/sql"
	"github.com/windlass-io/windlass/internal/engine/sql/statement"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	const value = "CAST('5' AS BIGINT)"
	for _, tc := range []struct{ text, want string }{
		{"select $x", "select " + value},
		{"select $X+$x", "select " + value + "+" + value},
		{"select '$x', \"$x\", e'\\'$x', $x", "select '$x', \"$x\", e'\\'$x', " + value},
		{"select 'it''s $x' -- $x\n, $x", "select 'it''s $x' -- $x\n, " + value},
		{"/* /* $x */ $x */ select $x", "/* /* $x */ $x */ select " + value},
		{"select $$ $x $$, $tag$ $x $$ $tag$, $x", "select $$ $x $$, $tag$ $x $$ $tag$, " + value},
		{"select a$x, $x", "select a$x, " + value},
		{"select '$x", ""},
		{"select $y", ""},
		{"select 1", ""},
	} {
		uses := map[string]int{"x": strings.Count(tc.want, value)}
		if tc.want == "" {
			uses["x"] = 1
		}
		got, err := statement.Write(
			tc.text,
			map[string]engine.SQLParameter{"x": {Kind: engine.SQLInteger, Text: "5"}},
			uses,
		)
		if (err != nil) != (tc.want == "") || err == nil && got.Text != tc.want {
			t.Errorf("%s: %q, %v", tc.text, got.Text, err)
		}
	}
}

func TestOriginal(t *testing.T) {
	t.Parallel()
	const text = "select $x, $x, z"
	got, err := statement.Write(text, map[string]engine.SQLParameter{"x": {Kind: engine.SQLBoolean, Text: "true"}},
		map[string]int{"x": 2})
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]int{"select": 0, "true": 7, ", z": 13, "z": 15} {
		if at := got.Original(strings.Index(got.Text, word)); at != want {
			t.Errorf("%s: %d, want %d", word, at, want)
		}
	}
}

// FuzzWrite writes any text into a statement, and checks that no character of the
// text ends the literal.
func FuzzWrite(f *testing.F) {
	f.Add("select $x", "a'b", "string")
	f.Add("select '$x', $x -- $x", "5'; select", "integer")
	f.Add("$x$ $x", "2024-01-01", "date")
	f.Fuzz(func(t *testing.T, text, value, kind string) {
		got, err := statement.Write(
			text,
			map[string]engine.SQLParameter{"x": {Kind: engine.SQLKind(kind), Text: value}},
			map[string]int{"x": 1},
		)
		if err != nil {
			return
		}
		rest := got.Text
		for _, part := range strings.SplitN(text, "$", 2)[:1] {
			if !strings.HasPrefix(rest, part) {
				t.Fatalf("%q became %q", text, got.Text)
			}
		}
		if n := strings.Count(got.Text, "'") - strings.Count(text, "'"); n != 0 && n != 2 {
			t.Errorf("%q with %q became %q", text, value, got.Text)
		}
	})
}

func TestSpans(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		at   int
		want string
	}{
		{`select * from wells`, 14, "wells"},
		{`select * from "Wells" w`, 14, `"Wells"`},
		{`select * from main . "wells"`, 14, `"wells"`},
		{`select * from "a""wells"`, 14, ""},
		{`select * from other`, 14, ""},
		{`select`, 6, ""},
		{`select`, -1, ""},
		{`from x.`, 5, ""},
	} {
		spans := statement.Spans(tc.text, []sql.Table{{Name: "wells", Offset: tc.at}})
		got := ""
		if s := spans[0]; s.From >= 0 {
			got = tc.text[s.From:s.To]
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.text, got, tc.want)
		}
	}
}
