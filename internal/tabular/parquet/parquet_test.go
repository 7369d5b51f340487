package parquet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/infer"
	"github.com/windlass-io/windlass/internal/tabular/parquet"
)

// result is the result of reading a file: each row as "number: value|value", each
// rejected row as "number column value: reason".
type result struct {
	Rows     []string
	Rejected []string
}

func show(v *dataset.Vector, i int) string {
	switch {
	case v.Nulls[i]:
		return "NULL"
	case v.Type == dataset.Date:
		return time.Unix(v.Ints[i]*86400, 0).UTC().Format(time.DateOnly)
	case v.Type == dataset.DateTime:
		return time.UnixMicro(v.Ints[i]).UTC().Format(time.RFC3339Nano)
	case v.Offsets != nil:
		return string(v.BytesAt(i))
	case v.Type == dataset.Decimal:
		return string(dataset.AppendDecimal(nil, v.Wide[i], v.Scale))
	case v.Type == dataset.Number:
		return strconv.FormatFloat(v.Floats[i], 'g', -1, 64)
	}
	return strconv.FormatInt(v.Ints[i], 10)
}

func write[T any](t testing.TB, rows []T, options ...pq.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pq.NewGenericWriter[T](&b, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// parse reads a file into these columns, or into inferred ones if there are
// none. It returns the types of the latter.
func parse(ctx context.Context, file []byte, columns []dataset.Column) (result, []string, error) {
	f, err := parquet.Open(bytes.NewReader(file), int64(len(file)), 64<<10)
	if err != nil {
		return result{}, nil, err
	}
	schema := dataset.Schema{Columns: columns}
	if columns == nil {
		s := infer.New()
		if err := f.Sample(ctx, s, 1000); err != nil {
			return result{}, nil, err
		}
		if schema, err = s.Schema(); err != nil {
			return result{}, nil, err
		}
	}
	var types []string
	for _, c := range schema.Columns {
		types = append(types, strings.TrimRight(c.Name+" "+c.TypeName()+" "+c.Format, " "))
	}
	compiled, err := cell.CompileAll(schema)
	if err != nil {
		return result{}, nil, err
	}
	reader, err := f.Read(ctx, compiled)
	if err != nil {
		return result{}, nil, err
	}
	defer reader.Close()
	var got result
	for {
		b, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return got, types, nil
		}
		if err != nil {
			return got, types, err
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

func TestTypes(t *testing.T) {
	t.Parallel()
	type row struct {
		Bool   bool             `parquet:"bool"`
		I32    int32            `parquet:"i32"`
		U32    uint32           `parquet:"u32"`
		I64    *int64           `parquet:"i64,optional"`
		F32    float32          `parquet:"f32"`
		F64    float64          `parquet:"f64"`
		Text   string           `parquet:"text,dict"`
		Date   int32            `parquet:"date,date"`
		Millis int64            `parquet:"millis,timestamp(millisecond)"`
		Nanos  int64            `parquet:"nanos,timestamp(nanosecond)"`
		Old    deprecated.Int96 `parquet:"old"`
		Money  int64            `parquet:"money,decimal(2:10)"`
		Clock  int64            `parquet:"clock,time(microsecond)"`
		ID     [16]byte         `parquet:"id,uuid"`
		Blob   [3]byte          `parquet:"blob"`
	}
	one := int64(-7)
	file := write(t, []row{
		{
			Bool: true, I32: -1, U32: 4_000_000_000, I64: &one, F32: 1.5, F64: 0.1, Text: "é", Date: 1,
			Millis: 1517966773840, Nanos: -1, Old: deprecated.Int96{1000, 0, 2_440_589}, Money: 12345,
			Clock: 3_600_000_001,
			ID:    [16]byte{0x12, 0x34, 15: 0xff}, Blob: [3]byte{1, 2, 3},
		},
		{Text: "", F64: math.NaN(), Old: deprecated.Int96{0, 0, 2_440_588}},
	})
	got, types, err := parse(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantTypes := []string{
		"bool boolean", "i32 integer", "u32 integer", "i64 integer", "f32 number", "f64 number", "text string",
		"date date",
		"millis date-time", "nanos date-time", "old date-time", "money decimal(10,2)", "clock string", "id string",
		"blob string base64",
	}
	if diff := cmp.Diff(wantTypes, types); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	want := result{Rows: []string{
		"1: 1|-1|4000000000|-7|1.5|0.1|é|1970-01-02|2018-02-07T01:26:13.84Z|1969-12-31T23:59:59.999999Z|1970-01-02T00:00:00.000001Z|123.45|01:00:00.000001|12340000-0000-0000-0000-0000000000ff|AQID",
		"2: 0|0|0|NULL|0|NULL||1970-01-01|1970-01-01T00:00:00Z|1970-01-01T00:00:00Z|1970-01-01T00:00:00Z|0.00|00:00:00|00000000-0000-0000-0000-000000000000|AAAA",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestNested(t *testing.T) {
	t.Parallel()
	type point struct {
		X int64   `parquet:"x"`
		Y *string `parquet:"y,optional"`
	}
	type inner struct {
		L []int64 `parquet:"l,list"`
	}
	type row struct {
		Point  *point           `parquet:"point,optional"`
		List   []string         `parquet:"list,list"`
		Bare   []int64          `parquet:"bare"`
		Map    map[string]int64 `parquet:"map"`
		Points []point          `parquet:"points,list"`
		Deep   []inner          `parquet:"deep,list"`
	}
	y := `say "hi"`
	file := write(t, []row{
		{
			Point: &point{1, &y}, List: []string{"a", "b"}, Bare: []int64{1, 2}, Map: map[string]int64{"k": 1},
			Points: []point{{2, nil}, {3, &y}}, Deep: []inner{{[]int64{1, 2}}, {}, {[]int64{3}}},
		},
		{},
		{List: []string{""}, Points: []point{{4, nil}}},
	})
	got, types, err := parse(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{
		"point object", "list array", "bare array", "map object", "points array",
		"deep array",
	}, types); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	want := result{Rows: []string{
		`1: {"x":1,"y":"say \"hi\""}|["a","b"]|[1,2]|{"k":1}|[{"x":2,"y":null},{"x":3,"y":"say \"hi\""}]|[{"l":[1,2]},{"l":[]},{"l":[3]}]`,
		`2: NULL|[]|[]|{}|[]|[]`,
		`3: NULL|[""]|[]|{}|[{"x":4,"y":null}]|[]`,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestManyRowGroups(t *testing.T) {
	t.Parallel()
	type row struct {
		N    int64   `parquet:"n"`
		List []int64 `parquet:"list,list"`
	}
	var rows []row
	for i := range int64(30_000) {
		rows = append(rows, row{i, make([]int64, i%3)})
	}
	got, _, err := parse(t.Context(), write(t, rows, pq.MaxRowsPerRowGroup(7001), pq.PageBufferSize(4000)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Rows) != len(rows) || len(got.Rejected) != 0 {
		t.Fatalf("%d rows and %d rejected, want %d", len(got.Rows), len(got.Rejected), len(rows))
	}
	for i, r := range got.Rows {
		if want := fmt.Sprintf("%d: %d|[%s]", i+1, i, strings.TrimSuffix(strings.Repeat("0,", i%3), ",")); r != want {
			t.Fatalf("got %s, want %s", r, want)
		}
	}
}

func TestCasts(t *testing.T) {
	t.Parallel()
	type row struct {
		N    *int64  `parquet:"n,optional"`
		F    float64 `parquet:"f"`
		Text string  `parquet:"text"`
		Day  int32   `parquet:"day,date"`
	}
	n := int64(5)
	file := write(t, []row{
		{&n, 2, "7", 1},
		{nil, 2.5, "x", 2},
		{&n, math.Inf(1), "caf\xe9", 3},
		{&n, 1, strings.Repeat("x", 64<<10+1), 4},
	})
	nullable := func(name string, typ dataset.Type) dataset.Column {
		return dataset.Column{Name: name, Type: typ, AllowNull: true}
	}
	for name, c := range map[string]struct {
		columns []dataset.Column
		want    result
	}{
		"to text": {
			[]dataset.Column{
				nullable("n", dataset.String), nullable("f", dataset.String),
				nullable("day", dataset.String),
			},
			result{Rows: []string{
				"1: 5|2|1970-01-02", "2: NULL|2.5|1970-01-03", "3: 5|NULL|1970-01-04",
				"4: 5|1|1970-01-05",
			}},
		},
		"to numbers": {
			[]dataset.Column{nullable("n", dataset.Number), nullable("text", dataset.Integer)},
			result{Rows: []string{"1: 5|7"}, Rejected: []string{
				`2 text "x": .text should be integer`, "3 text \"caf\uFFFD\": .text should be integer",
				fmt.Sprintf("4 text %q: .text should NOT be larger than 65536 bytes", strings.Repeat("x", 200)),
			}},
		},
		"to any": {
			[]dataset.Column{nullable("n", dataset.Any), nullable("day", dataset.Any)},
			result{Rows: []string{
				`1: 5|"1970-01-02"`, `2: NULL|"1970-01-03"`, `3: 5|"1970-01-04"`,
				`4: 5|"1970-01-05"`,
			}},
		},
		"to a moment": {
			[]dataset.Column{nullable("day", dataset.DateTime)},
			result{Rows: []string{
				"1: 1970-01-02T00:00:00Z", "2: 1970-01-03T00:00:00Z", "3: 1970-01-04T00:00:00Z",
				"4: 1970-01-05T00:00:00Z",
			}},
		},
		"required": {
			[]dataset.Column{{Name: "n", Type: dataset.Integer, Required: true}},
			result{
				Rows:     []string{"1: 5", "3: 5", "4: 5"},
				Rejected: []string{`2 n "": should have required property 'n'`},
			},
		},
		"not null": {
			[]dataset.Column{{Name: "n", Type: dataset.Integer}},
			result{Rows: []string{"1: 5", "3: 5", "4: 5"}, Rejected: []string{`2 n "": .n should be integer`}},
		},
		"not UTF-8": {
			[]dataset.Column{nullable("text", dataset.String)},
			result{Rows: []string{"1: 7", "2: x"}, Rejected: []string{
				"3 text \"caf\uFFFD\": .text should be UTF-8",
				fmt.Sprintf("4 text %q: .text should NOT be larger than 65536 bytes", strings.Repeat("x", 200)),
			}},
		},
		"a column new": {
			[]dataset.Column{nullable("n", dataset.Integer), nullable("later", dataset.String)},
			result{Rows: []string{"1: 5|NULL", "2: NULL|NULL", "3: 5|NULL", "4: 5|NULL"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _, err := parse(t.Context(), file, c.columns)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

type small struct {
	N int64 `parquet:"n"`
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	file := write(t, []small{{1}, {2}})
	type twins struct {
		A int64 `parquet:"id"`
		B int64 `parquet:"ID"`
	}
	for name, c := range map[string]struct {
		file    []byte
		columns []dataset.Column
		want    string
	}{
		"nothing":     {nil, nil, "damaged or cut off"},
		"cut off":     {file[:len(file)-4], nil, "damaged or cut off"},
		"no Parquet":  {[]byte("a,b\n1,2\n"), nil, "damaged or cut off"},
		"names alike": {write(t, []twins{{1, 2}}), nil, "differ only in case"},
		"wanting columns": {
			file,
			[]dataset.Column{{Name: "x", Required: true, Type: dataset.String}},
			"Required columns are missing: x. The file has n.",
		},
		"no common column": {
			file,
			[]dataset.Column{{Name: "x", Type: dataset.String}},
			"None of the file's columns (n)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := parse(t.Context(), c.file, c.columns)
			if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), c.want) || problem.From(err).
				Hint == "" {
				t.Errorf("got %v, want …%s… and a hint", err, c.want)
			}
		})
	}
}

type failing struct {
	io.ReaderAt
	err error
}

func (f failing) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 10 && len(p) > 4 {
		return 0, f.err
	}
	return f.ReaderAt.ReadAt(p, offset)
}

func TestErrorOfTheObjectComesAsItIs(t *testing.T) {
	t.Parallel()
	file := write(t, []small{{1}, {2}})
	want := errors.New("the line broke")
	f, err := parquet.Open(failing{bytes.NewReader(file), want}, int64(len(file)), 0)
	if err == nil {
		err = f.Sample(t.Context(), infer.New(), 10)
	}
	if !errors.Is(err, want) || problem.Is(err, problem.Invalid) {
		t.Errorf("got %v", err)
	}
}

// FuzzFile checks that damage is an error at worst.
func FuzzFile(f *testing.F) {
	type row struct {
		N    int64    `parquet:"n"`
		Text string   `parquet:"text"`
		List []string `parquet:"list,list"`
	}
	good := write(f, []row{{1, "x", []string{"a", "b"}}, {2, "y", nil}})
	f.Add(good, 0, byte(0))
	f.Add(good, len(good)/2, byte(1))
	f.Fuzz(func(t *testing.T, file []byte, at int, with byte) {
		if len(file) > 10_000 {
			return
		}
		if at >= 0 && at < len(file) {
			file = bytes.Clone(file)
			file[at] ^= with
		}
		if _, _, err := parse(t.Context(), file, nil); err != nil && problem.From(err).Code == problem.Internal {
			t.Fatalf("%v is no problem of the data", err)
		}
	})
}
