package json_test

import (
	"bytes"
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/infer"
	"github.com/windlass-io/windlass/internal/tabular/json"
)

// result is the result of reading a stream: each row as "number: value|value", each
// rejected row as "number column value: reason".
type result struct {
	Rows     []string
	Rejected []string
}

type fataler interface {
	Helper()
	Context() context.Context
	Fatal(args ...any)
}

func column(name string, t dataset.Type) dataset.Column {
	return dataset.Column{Name: name, Type: t, AllowNull: true}
}

func show(v *dataset.Vector, i int) string {
	switch {
	case v.Nulls[i]:
		return "NULL"
	case v.Offsets != nil:
		return string(v.BytesAt(i))
	case v.Type == dataset.Number:
		return strconv.FormatFloat(v.Floats[i], 'g', -1, 64)
	}
	return strconv.FormatInt(v.Ints[i], 10)
}

func open(text string, options json.Options) (*json.Stream, error) {
	head, rest := text, io.Reader(nil)
	if len(text) > 200 { // so that both are used
		head, rest = text[:200], iotest.HalfReader(strings.NewReader(text[200:]))
	}
	return json.Open([]byte(head), rest == nil, rest, options)
}

// parse reads a text into these columns, or into inferred ones if there are
// none.
func parse(t fataler, text string, columns []dataset.Column, options json.Options) (result, error) {
	t.Helper()
	stream, err := open(text, options)
	if err != nil {
		return result{}, err
	}
	schema := dataset.Schema{Columns: columns}
	if columns == nil {
		s := infer.New()
		if err := stream.Sample(t.Context(), s, 1000); err != nil {
			return result{}, err
		}
		if schema, err = s.Schema(); err != nil {
			return result{}, err
		}
	}
	compiled, err := cell.CompileAll(schema)
	if err != nil {
		t.Fatal(err)
	}
	framer, parser := stream.Read(compiled)
	reader := chunk.Read(t.Context(), framer, parser, compiled, 2)
	defer reader.Close()
	var got result
	for {
		b, err := reader.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			return got, err
		}
		for i := range b.Batch.Rows {
			var values []string
			for j := range b.Batch.Vectors {
				values = append(values, show(&b.Batch.Vectors[j], i))
			}
			got.Rows = append(got.Rows, fmt.Sprintf("%d: %s", b.Batch.Lines[i], strings.Join(values, "|")))
		}
		for _, r := range b.Rejected {
			got.Rejected = append(got.Rejected, fmt.Sprintf("%d %s %q: %s", r.Line, r.Column, r.Value, r.Reason))
		}
	}
}

func mustPath(t testing.TB, text string) json.Path {
	t.Helper()
	p, err := json.ParsePath(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	ab := []dataset.Column{column("a", dataset.Integer), column("b", dataset.String)}
	for name, c := range map[string]struct {
		text, path string
		want       result
	}{
		"array": {
			`[{"a":1,"b":"x"}, {"b":"y","a":2}]`, "",
			result{Rows: []string{"1: 1|x", "2: 2|y"}},
		},
		"empty array": {`[]`, "", result{}},
		"object":      {`{"a":1,"b":"x"}`, "", result{Rows: []string{"1: 1|x"}}},
		"one after another": {
			`{"a":1} {"a":2} [{"a":3}]`, "$",
			result{Rows: []string{"1: 1|NULL", "2: 2|NULL", "3: 3|NULL"}},
		},
		"found array": {
			`{"type":"x","n":[1,2],"meta":{"a":9},"rows":[{"a":1}]}`, "",
			result{Rows: []string{"1: 1|NULL"}},
		},
		"found array, deep": {
			`{"response":{"docs":[{"a":1},{"a":2}]}}`, "",
			result{Rows: []string{"1: 1|NULL", "2: 2|NULL"}},
		},
		"path": {
			`{"x":[{"a":7}],"rows":[{"a":1}],"rows2":[{"a":8}]}`, "$.rows[*]",
			result{Rows: []string{"1: 1|NULL"}},
		},
		"path without [*]":   {`{"x":{"rows":[{"a":1}]}}`, "$.x.rows", result{Rows: []string{"1: 1|NULL"}}},
		"path to one object": {`{"x":{"a":1}}`, "$.x[*]", result{Rows: []string{"1: 1|NULL"}}},
		"path through arrays": {
			`{"x":[{"y":[{"a":1},{"a":2}]},{"z":0},{"y":[{"a":3}]}]}`, "$.x[*].y[*]",
			result{Rows: []string{"1: 1|NULL", "2: 2|NULL", "3: 3|NULL"}},
		},
		"path with quotes": {`{"a b":[{"a":1}]}`, "$['a b'][*]", result{Rows: []string{"1: 1|NULL"}}},
		"escaped name":     {`{"ro\u0077s":[{"\u0061":1}]}`, "$.rows", result{Rows: []string{"1: 1|NULL"}}},
		"null at the path": {`{"rows":null}`, "$.rows", result{}},
		"escapes": {
			`[{"b":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud800"}]`, "",
			result{Rows: []string{"1: NULL|\"\\/\b\f\n\r\té😀\uFFFD"}},
		},
		"members no column takes": {`[{"z":[1,{"a":2}],"a":1}]`, "", result{Rows: []string{"1: 1|NULL"}}},
		"a record of another kind": {
			`[{"a":1},5,"x",null,[{"a":2}],{"a":3}]`, "",
			result{Rows: []string{"1: 1|NULL", "6: 3|NULL"}, Rejected: []string{
				`2  "5": should be object`,
				`3  "\"x\"": should be object`, `4  "null": should be object`, `5  "[{\"a\":2}]": should be object`,
			}},
		},
		"a value of another type": {
			`[{"a":"1"},{"a":1.5},{"b":2},{"a":1,"b":null}]`, "",
			result{Rows: []string{"4: 1|NULL"}, Rejected: []string{
				`1 a "1": .a should be integer`,
				`2 a "1.5": .a should be integer`, `3 b "2": .b should be string`,
			}},
		},
		"a member twice": {
			`[{"a":1,"a":2},{"a":3}]`, "",
			result{Rows: []string{"2: 3|NULL"}, Rejected: []string{`1 a "2": .a should be there once`}},
		},
		"a zero byte": {
			`[{"b":"x\u0000"}]`, "",
			result{Rows: []string{"1: NULL|x\x00"}},
		},
		"a record's fault": {
			`[{"a":01},{"a":1,},{"a":tru},{"a":1}]`, "",
			result{Rows: []string{"4: 1|NULL"}, Rejected: []string{
				`1  "{\"a\":01}": should be JSON: unexpected '1' at byte 7`,
				`2  "{\"a\":1,}": should be JSON: unexpected '}' at byte 8`,
				`3  "{\"a\":tru}": should be JSON: unexpected '}' at byte 9`,
			}},
		},
		"not UTF-8": {
			"[{\"b\":\"caf\xe9\"},{\"b\":\"x\"}]", "",
			result{Rows: []string{"2: NULL|x"}, Rejected: []string{"1  \"{\\\"b\\\":\\\"caf\uFFFD\\\"}\": should be UTF-8"}},
		},
		"a record too deep": {
			`[{"a":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}]`, "",
			result{Rejected: []string{fmt.Sprintf("1  %q: should be JSON: it nests deeper than 64",
				`{"a":`+strings.Repeat("[", 195))}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var options json.Options
			if c.path != "" {
				options.Query = json.Query{Path: mustPath(t, c.path)}
			}
			got, err := parse(t, c.text, ab, options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	ab := []dataset.Column{column("a", dataset.Integer), {Name: "b", Type: dataset.String, Required: true}}
	got, err := parse(t, "{\"a\":1,\"b\":\"x\"}\r\n\n  {\"b\":\"y\"} \n{\"a\":2}\nnonsense\n{\"b\":\"z\"", ab,
		json.Options{Lines: true})
	if err != nil {
		t.Fatal(err)
	}
	want := result{
		Rows: []string{"1: 1|x", "3: NULL|y"},
		Rejected: []string{
			`4 b "": should have required property 'b'`,
			`5  "nonsense": should be JSON: unexpected 'o' at byte 2`,
			`6  "{\"b\":\"z\"": should be JSON: it ends too early`,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLargeRecordsAreRejectedAlone(t *testing.T) {
	t.Parallel()
	columns := []dataset.Column{column("a", dataset.Integer)}
	for _, size := range []int{64 << 10, 3 << 20} {
		large := `{"b":"` + strings.Repeat("x", size) + `"}`
		for name, c := range map[string]struct {
			text  string
			lines bool
		}{
			"document": {`[{"a":1},` + large + `,{"a":3},{"a":4}]`, false},
			"lines":    {"{\"a\":1}\n" + large + "\n{\"a\":3}\n{\"a\":4}\n", true},
		} {
			t.Run(fmt.Sprintf("%s of %d", name, size), func(t *testing.T) {
				t.Parallel()
				got, err := parse(t, c.text, columns, json.Options{Lines: c.lines, MaxRecordBytes: 64 << 10})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]string{"1: 1", "3: 3", "4: 4"}, got.Rows); diff != "" {
					t.Errorf("rows (-want +got):\n%s", diff)
				}
				if len(got.Rejected) != 1 || !strings.HasPrefix(got.Rejected[0], "2 ") ||
					!strings.HasSuffix(got.Rejected[0], "should NOT be larger than 65536 bytes") {
					t.Errorf("rejected %.300s", got.Rejected)
				}
			})
		}
	}
}

func TestDocumentsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, path, want string }{
		"blanks":          {" \n ", "", "only white space"},
		"cut off":         {`[{"a":1},{"a":`, "", "cut off: it ends at byte 14"},
		"cut off between": {`[{"a":1},`, "", "cut off: it ends at byte 9"},
		"no array":        {`[{"a":1} {"a":2}]`, "", `unexpected '{' at byte 10`},
		"several arrays":  {`{"x":[{"a":1}],"y":[{"a":1}]}`, "", "several arrays of objects: $.x[*], $.y[*]"},
		"nothing there":   {`{"x":[{"a":1}]}`, "$.y[*]", "nothing at $.y"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var options json.Options
			if c.path != "" {
				options.Query = json.Query{Path: mustPath(t, c.path)}
			}
			_, err := parse(t, c.text, []dataset.Column{column("a", dataset.Integer)}, options)
			if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), c.want) || problem.From(err).
				Hint == "" {
				t.Errorf("got %v, want …%s… and a hint", err, c.want)
			}
		})
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"$":               "$",
		"$[*]":            "$[*]",
		"$.features[*]":   "$.features[*]",
		"$.a.b[*].c":      "$.a.b[*].c",
		`$['a b']["c.d"]`: "$['a b']['c.d']",
		`$['it\'s']`:      `$['it\'s']`,
		"":                "!does not begin with $",
		"features":        "!does not begin with $",
		"$..a":            "!any depth",
		"$.a[0]":          "!it has “[0]”",
		"$.a[?(@.b)]":     "!it has “[?(@.b)]”",
		"$.":              "!without a name",
		"$.a b":           "!needs quotes",
		"$['a":            "!do not close",
		"$['a'x":          "!not followed by ]",
	} {
		p, err := json.ParsePath(text)
		if msg, refused := strings.CutPrefix(want, "!"); refused {
			if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), msg) {
				t.Errorf("%s: got %v, want …%s…", text, err, msg)
			}
			continue
		}
		if err != nil || p.String() != want {
			t.Errorf("%s: got %s, %v; want %s", text, p, err, want)
		}
	}
}

func TestInference(t *testing.T) {
	t.Parallel()
	stream, err := json.Open([]byte(`[
		{"s":"x","i":1,"n":1,"b":true,"d":"Jun 12 1998","t":"2001/01/01 00:47","o":{"a":1},"l":[1],"any":1,"null":null,"big":12345678901234567890},
		{"s":"y","i":2,"n":1.5,"b":false,"d":"Jan 1 2000","t":"2001/01/01 01:10","o":{},"l":[],"any":"x","null":null,"big":1,"late":"z"}
	]`), true, nil, json.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := infer.New()
	if err := stream.Sample(t.Context(), s, 1000); err != nil {
		t.Fatal(err)
	}
	schema, err := s.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range schema.Columns {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", c.Name, c.Type, c.Format)))
	}
	want := []string{
		"s string", "i integer", "n number", "b boolean", "d date MMM D[,] YYYY",
		"t date-time YYYY/M/D h:mm[:ss[.SSS]]",
		"o object", "l array", "any any", "null any", "big decimal", "late string",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
}

// TestWhatIsWrittenIsRead writes records with the standard library, indented or
// not, and reads them back unchanged.
func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	value := rapid.OneOf(
		rapid.Map(rapid.String(), func(s string) any { return strings.ReplaceAll(s, "\x00", "") }),
		rapid.Map(rapid.Int32(), func(i int32) any { return i }),
		rapid.Map(rapid.Float32(), func(f float32) any { return f }),
		rapid.Map(rapid.SliceOfN(rapid.String(), 0, 3), func(l []string) any { return l }),
		rapid.Map(rapid.Bool(), func(b bool) any { return map[string]any{"x": b, "y]": nil} }),
	)
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOfN(rapid.MapOf(rapid.SampledFrom([]string{"a", "b", `c"{`, "d]"}), value), 0, 40).
			Draw(t, "records")
		lines := rapid.Bool().Draw(t, "lines")
		var text []byte
		var want []string
		for i, r := range records {
			line, err := stdjson.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			text = append(append(text, line...), '\n')
			var values []string
			for _, name := range []string{"a", "b", `c"{`, "d]"} {
				v := "NULL"
				if x, ok := r[name]; ok {
					b, err := stdjson.Marshal(x)
					if err != nil {
						t.Fatal(err)
					}
					v = string(b)
				}
				values = append(values, v)
			}
			want = append(want, fmt.Sprintf("%d: %s", i+1, strings.Join(values, "|")))
		}
		if !lines {
			document, err := stdjson.MarshalIndent(map[string]any{"no": []any{1, "]}"}, "rows": records}, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			text = document
		}
		path, err := json.ParsePath("$.rows[*]")
		if err != nil {
			t.Fatal(err)
		}
		columns := []dataset.Column{
			column("a", dataset.Any), column("b", dataset.Any), column(`c"{`, dataset.Any),
			column("d]", dataset.Any),
		}
		got, err := parse(t, string(text), columns, json.Options{
			Lines: lines, Query: json.Query{Path: path}, ChunkBytes: rapid.IntRange(4000, 8000).Draw(t, "chunk"),
		})
		if len(text) == 0 {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(result{Rows: want}, got); diff != "" {
			t.Fatalf("of %s (-want +got):\n%s", text, diff)
		}
	})
}

// FuzzRecord checks that a record is accepted exactly if the standard library
// accepts it.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"a":[1,-0.5e+3,"\u00e9\n",{"b":null}],"c":true}`))
	f.Add([]byte(`{"a":{}}`))
	f.Add([]byte(`{"a" : [ ] }`))
	f.Fuzz(func(t *testing.T, record []byte) {
		if bytes.IndexByte(record, '\n') >= 0 || len(bytes.TrimSpace(record)) == 0 || len(record) > 1000 {
			return
		}
		var m map[string]stdjson.RawMessage
		valid := stdjson.Unmarshal(record, &m) == nil && m != nil && bytes.Equal(record, bytes.ToValidUTF8(record, nil))
		got, err := parse(t, string(record), []dataset.Column{column("\x01", dataset.Any)}, json.Options{Lines: true})
		if err != nil {
			t.Fatal(err)
		}
		if (len(got.Rows) == 1) != valid && bytes.Count(record, []byte("\\u0001")) < 2 {
			t.Fatalf("%s: valid %t, got %+v", record, valid, got)
		}
	})
}

func FuzzDocument(f *testing.F) {
	f.Add([]byte(`{"a":[{"b":1},2,"]"],"c":{"d":[{}]}}`), "$.a[*]")
	f.Add([]byte(`[[{"a":1}],{"a":"\"}"}] 5`), "$")
	f.Fuzz(func(t *testing.T, text []byte, pathText string) {
		if len(text) > 2000 {
			return
		}
		path, err := json.ParsePath(pathText)
		if err != nil {
			path = nil
		} else if again, err := json.ParsePath(path.String()); err != nil || again.String() != path.String() {
			t.Fatalf("path %q is written as %s and read as %s, %v", pathText, path, again, err)
		}
		whole, errWhole := parse(t, string(text), nil, json.Options{Query: json.Query{Path: path}})
		parts, errParts := parse(
			t,
			string(text),
			nil,
			json.Options{Query: json.Query{Path: path}, ChunkBytes: 300, MaxRecordBytes: 150},
		)
		if (errWhole == nil) != (errParts == nil) {
			t.Fatalf("in one chunk %v, in many %v", errWhole, errParts)
		}
		if errWhole == nil && len(whole.Rows)+len(whole.Rejected) != len(parts.Rows)+len(parts.Rejected) {
			t.Fatalf("in one chunk %+v, in many %+v", whole, parts)
		}
	})
}
