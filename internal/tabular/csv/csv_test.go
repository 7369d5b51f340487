package csv_test

import (
	"bytes"
	"context"
	"encoding/csv"
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
	tcsv "github.com/windlass-io/windlass/internal/tabular/csv"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

type fataler interface {
	Helper()
	Fatal(args ...any)
}

// result is the result of reading a table: each row as "line: value|value", each
// rejected row as "line column value: reason".
type result struct {
	Rows     []string
	Rejected []string
}

func column(name string, t dataset.Type) dataset.Column {
	return dataset.Column{Name: name, Type: t, AllowNull: true}
}

// show writes a value as a person would.
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

// parse reads a text into these columns, or into inferred ones if there are
// none.
func parse(t fataler, text string, columns []dataset.Column, options tcsv.Options, workers int) (result, error) {
	t.Helper()
	return parseFrom(t, text, 40, columns, options, workers) // so that both head and rest are used
}

// parseFrom is parse with a head of this many bytes.
func parseFrom(t fataler, text string, size int, columns []dataset.Column, options tcsv.Options, workers int) (result,
	error,
) {
	t.Helper()
	head, rest := text, io.Reader(nil)
	if len(text) > size {
		head, rest = text[:size], iotest.OneByteReader(strings.NewReader(text[size:]))
	}
	table, err := tcsv.Open([]byte(head), rest == nil, rest, options)
	if err != nil {
		return result{}, err
	}
	schema := dataset.Schema{Columns: columns}
	if columns == nil {
		s := infer.New()
		if err := table.Sample(context.Background(), s, 1000); err != nil {
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
	framer, parser, err := table.Read(compiled)
	if err != nil {
		return result{}, err
	}
	ctx := contextOf(t)
	reader := chunk.Read(ctx, framer, parser, compiled, workers)
	defer reader.Close()
	var got result
	for {
		b, err := reader.Next(ctx)
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

func mustParse(t fataler, text string, columns []dataset.Column, options tcsv.Options) result {
	t.Helper()
	got, err := parse(t, text, columns, options, 2)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTables(t *testing.T) {
	t.Parallel()
	ab := []dataset.Column{column("a", dataset.Integer), column("b", dataset.String)}
	no := false
	for name, c := range map[string]struct {
		text    string
		columns []dataset.Column
		options tcsv.Options
		want    result
	}{
		"plain":          {"a,b\n1,x\n2,y\n", ab, tcsv.Options{}, result{Rows: []string{"2: 1|x", "3: 2|y"}}},
		"no end of line": {"a,b\n1,x", ab, tcsv.Options{}, result{Rows: []string{"2: 1|x"}}},
		"CRLF": {
			"a,b\r\n1,x\r\n2,y\r\n", ab,
			tcsv.Options{},
			result{Rows: []string{"2: 1|x", "3: 2|y"}},
		},
		"CR alone": {"a,b\r1,x\r2,y", ab, tcsv.Options{}, result{Rows: []string{"2: 1|x", "3: 2|y"}}},
		"tabs":     {"a\tb\n1\tx,y\n", ab, tcsv.Options{}, result{Rows: []string{"2: 1|x,y"}}},
		"pipes":    {"a|b\n1|x\n", ab, tcsv.Options{}, result{Rows: []string{"2: 1|x"}}},
		"semicolons": {
			"a;b\n1;1,5\n2;2,5\n", ab,
			tcsv.Options{},
			result{Rows: []string{"2: 1|1,5", "3: 2|2,5"}},
		},
		"a chosen delimiter": {"a:b\n1:x\n", ab, tcsv.Options{Delimiter: ":"}, result{Rows: []string{"2: 1|x"}}},
		"quotes":             {"a,b\n1,\"x, \"\"y\"\"\"\n", ab, tcsv.Options{}, result{Rows: []string{`2: 1|x, "y"`}}},
		"quotes over lines": {
			"a,b\n1,\"x\r\ny\"\n2,z\n", ab,
			tcsv.Options{},
			result{Rows: []string{"2: 1|x\r\ny", "4: 2|z"}},
		},
		"quoted names": {"\"a\",\"b\"\r\n\"1\",\"x\"\r\n", ab, tcsv.Options{}, result{Rows: []string{"2: 1|x"}}},
		"single quotes": {
			"'a','b'\n'1','it, ''is'''\n", ab,
			tcsv.Options{},
			result{Rows: []string{"2: 1|it, 'is'"}},
		},
		"quote in a field": {
			"a,b\n1,5\" pipe\n2,z\n", ab,
			tcsv.Options{},
			result{Rows: []string{"2: 1|5\" pipe", "3: 2|z"}},
		},
		"blank after a quote": {"a,b\n\"1\" ,\"x\"\n", ab, tcsv.Options{}, result{Rows: []string{"2: 1|x"}}},
		"blank lines": {
			"\n\na,b\n\n1,x\n\n\n2,y\n", ab,
			tcsv.Options{},
			result{Rows: []string{"5: 1|x", "8: 2|y"}},
		},
		"empty is not null": {"a,b\n,\n", ab, tcsv.Options{}, result{Rows: []string{"2: NULL|"}}},
		"quoted empty":      {"a,b\n\"\",\"\"\n", ab, tcsv.Options{}, result{Rows: []string{"2: NULL|"}}},
		"another order":     {"b,a\nx,1\n", ab, tcsv.Options{}, result{Rows: []string{"2: 1|x"}}},
		"a column too many": {"a,c,b\n1,?,x\n", ab, tcsv.Options{}, result{Rows: []string{"2: 1|x"}}},
		"a column too few":  {"a\n1\n", ab, tcsv.Options{}, result{Rows: []string{"2: 1|NULL"}}},
		"header only":       {"a,b\n", ab, tcsv.Options{}, result{}},
		"no header": {
			"1,x\n2,y\n", ab,
			tcsv.Options{Header: &no},
			result{Rows: []string{"1: 1|x", "2: 2|y"}},
		},
		"no header, seen": {"1,2\n3,4\n", nil, tcsv.Options{}, result{Rows: []string{"1: 1|2", "2: 3|4"}}},
		"control in a name": {
			"\"a\nb\",b\n1,x\n",
			[]dataset.Column{column("a b", dataset.Integer)},
			tcsv.Options{},
			result{Rows: []string{"3: 1"}},
		},
		"a name left out": {
			"a,\n1,x\n",
			[]dataset.Column{column("column_2", dataset.String)},
			tcsv.Options{},
			result{Rows: []string{"2: x"}},
		},
		"wrong number": {
			"a,b\n1,x\nz,y\n3,w\n", ab,
			tcsv.Options{},
			result{Rows: []string{"2: 1|x", "4: 3|w"}, Rejected: []string{`3 a "z": .a should be integer`}},
		},
		"changing number of fields": {
			"a,b\n1,x\n2\n3,y,z\n4,w\n", ab,
			tcsv.Options{Delimiter: ","},
			result{Rows: []string{"2: 1|x", "5: 4|w"}, Rejected: []string{
				`3  "2": should have 2 fields, has 1`,
				`4  "3,y,z": should have 2 fields, has 3`,
			}},
		},
		"invalid UTF-8": {
			"a,b\n1,x\n2,caf\xe9\n3,y\n", ab,
			tcsv.Options{},
			result{
				Rows:     []string{"2: 1|x", "4: 3|y"},
				Rejected: []string{"3 b \"caf\uFFFD\": .b should be UTF-8, has byte 0xE9"},
			},
		},
		"zero byte": {
			"a,b\n1,x\x00\n2,y\n", ab,
			tcsv.Options{},
			result{Rows: []string{"2: 1|x\x00", "3: 2|y"}},
		},
		"a quote that does not close": {
			"a,b\n1,\"x\n2,y\n3,z\n", ab,
			tcsv.Options{Delimiter: ","},
			result{Rows: []string{"3: 2|y", "4: 3|z"}, Rejected: []string{`2  "1,\"x": should have quotes that close`}},
		},
		"something after a quote": {
			"a,b\n1,\"x\"y\n2,z\n", ab,
			tcsv.Options{Delimiter: ","},
			result{Rows: []string{"3: 2|z"}, Rejected: []string{`2  "1,\"x\"y": should have quotes that close`}},
		},
		"a required value": {
			"a,b\n,x\n",
			[]dataset.Column{{Name: "a", Type: dataset.Integer, Required: true}},
			tcsv.Options{},
			result{Rejected: []string{`2 a "": should have required property 'a'`}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, mustParse(t, c.text, c.columns, c.options)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLargeRecordsAreRejectedAlone(t *testing.T) {
	t.Parallel()
	columns := []dataset.Column{column("a", dataset.Integer), column("b", dataset.String)}
	long := strings.Repeat("x", 64<<10)
	for name, record := range map[string]string{
		"field of 64 KB":        "2," + long,
		"quoted field of 64 KB": `2,"` + long + `"`,
		"field of 3 MB":         "2," + strings.Repeat(long, 48),
		"quoted field of 3 MB":  `2,"` + strings.Repeat(long, 48) + `"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mustParse(t, "a,b\n1,x\n"+record+"\n3,y\n4,z\n", columns, tcsv.Options{MaxRecordBytes: 64 << 10})
			if diff := cmp.Diff([]string{"2: 1|x", "4: 3|y", "5: 4|z"}, got.Rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if len(got.Rejected) != 1 || !strings.HasPrefix(got.Rejected[0], "3 ") ||
				!strings.HasSuffix(got.Rejected[0], "should NOT be larger than 65536 bytes") {
				t.Errorf("rejected %.300s", got.Rejected)
			}
		})
	}
}

func TestRecordJustSmallEnoughIsTaken(t *testing.T) {
	t.Parallel()
	got := mustParse(t, "a,b\n1,"+strings.Repeat("x", 64<<10-2)+"\n", []dataset.Column{column("a", dataset.Integer)},
		tcsv.Options{MaxRecordBytes: 64 << 10})
	if diff := cmp.Diff(result{Rows: []string{"2: 1"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTablesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	required := []dataset.Column{{Name: "id", Type: dataset.Integer, Required: true}, column("a", dataset.Integer)}
	for name, c := range map[string]struct {
		text, want string
		columns    []dataset.Column
	}{
		"nothing":         {"", "only blank lines", nil},
		"blank lines":     {"\n\r\n\n", "only blank lines", nil},
		"reserved name":   {"id,_system_x\n1,2\n", "reserved", nil},
		"binary":          {"a,b\x00\n1,2\n", "isn't text", nil},
		"open quote":      {"\"a,b\n1,2\n", "aren't closed", nil},
		"long first line": {strings.Repeat("a,", 1<<20) + "\n", "longer than 1048576 bytes", nil},
		"wanting columns": {"a,b\n1,2\n", "Required columns are missing: id. The file has a, b.", required},
		"no common column": {
			"x,y\n1,2\n", "None of the file's columns (x, y) is in the dataset.",
			[]dataset.Column{column("a", dataset.Integer)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(t, c.text, c.columns, tcsv.Options{}, 1)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want …%s…", err, c.want)
			}
			if p := problem.From(err); p.Code != problem.Invalid && p.Code != problem.TooLarge || p.Hint == "" {
				t.Errorf("code %s, hint %q", p.Code, p.Hint)
			}
		})
	}
}

func TestErrorOfTheStreamIsTold(t *testing.T) {
	t.Parallel()
	want := errors.New("cut off")
	table, err := tcsv.Open([]byte("a\n"), false, io.MultiReader(strings.NewReader("1\n2\n"), iotest.ErrReader(want)),
		tcsv.Options{})
	if err != nil {
		t.Fatal(err)
	}
	columns, err := cell.CompileAll(dataset.Schema{Columns: []dataset.Column{column("a", dataset.Integer)}})
	if err != nil {
		t.Fatal(err)
	}
	framer, parser, err := table.Read(columns)
	if err != nil {
		t.Fatal(err)
	}
	reader := chunk.Read(t.Context(), framer, parser, columns, 2)
	defer reader.Close()
	for err == nil {
		_, err = reader.Next(t.Context())
	}
	if !errors.Is(err, want) {
		t.Errorf("got %v", err)
	}
}

// TestWhatIsWrittenIsRead writes tables with the standard library and reads
// them in chunks of all sizes.
func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(2, 5).Draw(t, "width")
		field := rapid.StringMatching(`[a-z"',|;\n é]{0,6}`)
		records := rapid.SliceOfN(rapid.SliceOfN(field, width, width), 0, 30).Draw(t, "records")
		var names []string
		var columns []dataset.Column
		for i := range width {
			names = append(names, fmt.Sprintf("c%d", i))
			columns = append(columns, column(names[i], dataset.String))
		}
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		w.UseCRLF = rapid.Bool().Draw(t, "CRLF")
		var want []string
		for i, record := range append([][]string{names}, records...) {
			if err := w.Write(record); err != nil {
				t.Fatal(err)
			}
			if i > 0 {
				want = append(want, strings.Join(record, "|"))
			}
		}
		w.Flush()
		got := mustParse(t, text.String(), columns, tcsv.Options{
			Delimiter: ",", Quote: new(byte('"')), ChunkBytes: rapid.IntRange(400, 2000).Draw(t, "chunk"),
		})
		var rows []string
		for _, r := range got.Rows {
			_, values, _ := strings.Cut(r, ": ")
			rows = append(rows, strings.ReplaceAll(values, "\r\n", "\n"))
		}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Fatalf("of %q (-want +got):\n%s", text.String(), diff)
		}
	})
}

// FuzzChunks checks that neither the size of chunks nor the number of workers
// changes the result, and that each line is either a row or rejected.
func FuzzChunks(f *testing.F) {
	f.Add([]byte("a,b\n1,x\n2,\"y\nz\"\n"), uint8(10))
	f.Add([]byte("a,b\n1,\"x\n2,y\n3,\"q\"r\n\"\"\"\",\n"), uint8(0))
	f.Add([]byte("a|b\r\n1|'x\r\n2|y'\r\n\xff|\x00"), uint8(3))
	f.Fuzz(func(t *testing.T, text []byte, size uint8) {
		if len(text) > 4000 {
			return
		}
		options := tcsv.Options{ChunkBytes: 1 << 20, MaxRecordBytes: 50}
		want, errWant := parse(t, string(text), nil, options, 1)
		options.ChunkBytes = 100 + int(size)
		got, errGot := parse(t, string(text), nil, options, 3)
		if (errWant == nil) != (errGot == nil) {
			t.Fatalf("one chunk: %v; many: %v", errWant, errGot)
		}
		if diff := cmp.Diff(want.Rows, got.Rows); diff != "" {
			t.Fatalf("rows (-one chunk +many):\n%s", diff)
		}
		if len(want.Rejected) != len(got.Rejected) {
			t.Fatalf("rejected in one chunk:\n%q\nin many:\n%q", want.Rejected, got.Rejected)
		}
	})
}
