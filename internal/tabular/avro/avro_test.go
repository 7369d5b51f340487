package avro_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	lib "github.com/twmb/avro"
	"github.com/twmb/avro/ocf"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/avro"
)

// file writes records of a schema. Values of logical types are given in their
// stored form.
func file(t testing.TB, schema string, options []ocf.WriterOpt, records ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := ocf.NewWriter(&b, lib.MustParse(schema), options...)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if err := w.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// load reads a file like a source, and returns the guessed schema and the rows.
func load(t testing.TB, stored []byte) (types, rows []string, err error) {
	t.Helper()
	content, err := tabular.Open(t.Context(), tabular.Bytes("a.avro", stored), tabular.Options{})
	if err != nil {
		return nil, nil, err
	}
	defer content.Close() //nolint:errcheck // it was only read
	schema, err := content.Infer(t.Context())
	if err != nil {
		return nil, nil, err
	}
	for _, c := range schema.Columns {
		types = append(types, c.Name+" "+c.TypeName())
	}
	rows, err = read(t, content, schema)
	return types, append(rows, content.Notes()...), err
}

func read(t testing.TB, content *tabular.Content, schema dataset.Schema) (rows []string, err error) {
	t.Helper()
	reader, err := content.Read(t.Context(), schema)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	for {
		b, err := reader.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		for i := range b.Batch.Rows {
			row := make([]any, len(b.Batch.Vectors))
			for j := range row {
				row[j] = tabular.Value(&b.Batch.Vectors[j], i)
			}
			text, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, string(text))
		}
		for _, r := range b.Rejected {
			rows = append(rows, fmt.Sprintf("rejected %d: %s %s", r.Line, r.Code, r.Reason))
		}
	}
}

// one returns the schema of records with a field c.
func one(typ string) string {
	return `{"type":"record","name":"r","fields":[{"name":"c","type":` + typ + `}]}`
}

func TestTypes(t *testing.T) {
	t.Parallel()
	logical := func(typ, name string) string { return fmt.Sprintf(`{"type":%q,"logicalType":%q}`, typ, name) }
	fixed := func(size int, more string) string {
		return fmt.Sprintf(`{"type":"fixed","name":"f","size":%d%s}`, size, more)
	}
	for name, c := range map[string]struct {
		schema string
		values []any
		typ    string
		want   []string
	}{
		"boolean": {`"boolean"`, []any{true, false}, "boolean", []string{`[true]`, `[false]`}},
		"int":     {`"int"`, []any{int32(-5)}, "integer", []string{`[-5]`}},
		"long":    {`"long"`, []any{int64(math.MinInt64)}, "integer", []string{`[-9223372036854775808]`}},
		"float": {
			`"float"`,
			[]any{float32(0.5), float32(math.Inf(1))},
			"number",
			[]string{`[0.5]`, `[null]`, "1 value is not a finite number and became null."},
		},
		"double": {
			`"double"`,
			[]any{0.1, math.NaN(), math.Inf(-1)},
			"number",
			[]string{`[0.1]`, `[null]`, `[null]`, "2 values are not a finite number and became null."},
		},
		"string": {
			`"string"`,
			[]any{"2026-01-31", "", "ü"},
			"string",
			[]string{`["2026-01-31"]`, `[""]`, `["ü"]`},
		},
		"enum": {
			`{"type":"enum","name":"e","symbols":["A","B"]}`,
			[]any{"B"},
			"string",
			[]string{`["B"]`},
		},
		"bytes": {`"bytes"`, []any{[]byte{0, 255}}, "string", []string{`["AP8="]`}},
		"fixed": {fixed(2, ""), []any{[]byte{1, 2}}, "string", []string{`["AQI="]`}},
		"uuid": {
			logical("string", "uuid"),
			[]any{"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"},
			"string",
			[]string{`["f81d4fae-7dec-11d0-a765-00a0c91e6bf6"]`},
		},
		"date": {
			logical("int", "date"),
			[]any{int32(20484), int32(-1)},
			"date",
			[]string{`["2026-01-31"]`, `["1969-12-31"]`},
		},
		"millis": {
			logical("long", "timestamp-millis"),
			[]any{int64(-1)},
			"date-time",
			[]string{`["1969-12-31T23:59:59.999Z"]`},
		},
		"micros": {
			logical("long", "timestamp-micros"),
			[]any{int64(1_769_839_205_000_001)},
			"date-time",
			[]string{`["2026-01-31T06:00:05.000001Z"]`},
		},
		"nanos": {
			logical("long", "timestamp-nanos"),
			[]any{int64(-1), int64(1000)},
			"date-time",
			[]string{
				`["1969-12-31T23:59:59.999999Z"]`,
				`["1970-01-01T00:00:00.000001Z"]`,
				"1 timestamp was cut to microseconds.",
			},
		},
		"local": {
			logical("long", "local-timestamp-micros"),
			[]any{int64(1)},
			"date-time",
			[]string{`["1970-01-01T00:00:00.000001Z"]`},
		},
		"late": {
			logical("long", "timestamp-millis"),
			[]any{int64(math.MaxInt64)},
			"date-time",
			[]string{"rejected 1: out_of_range .c should be a date-time of the years 1 to 9999"},
		},
		"time": {
			logical("int", "time-millis"),
			[]any{int32(36_900_001)},
			"string",
			[]string{`["10:15:00.001"]`},
		},
		"decimal": {
			`{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}`,
			[]any{[]byte{0x04, 0xd2}, []byte{0xff}},
			"decimal(4,2)",
			[]string{`[12.34]`, `[-0.01]`},
		},
		"duration": {
			fixed(12, `,"logicalType":"duration"`),
			[]any{[]byte{1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0}},
			"object",
			[]string{`[{"months":1,"days":2,"millis":3}]`},
		},
		"nullable":  {`["null","long"]`, []any{nil, int64(7)}, "integer", []string{`[null]`, `[7]`}},
		"null last": {`["string","null"]`, []any{"a", nil}, "string", []string{`["a"]`, `[null]`}},
		"union": {
			`["null","long","string"]`,
			[]any{int64(7), "a", nil},
			"any",
			[]string{`[7]`, `["a"]`, `[null]`},
		},
		"array": {
			`{"type":"array","items":["null",` + logical("int", "date") + `]}`,
			[]any{[]any{int32(0), nil}},
			"array",
			[]string{`[["1970-01-01",null]]`},
		},
		"map": {
			`{"type":"map","values":"double"}`,
			[]any{map[string]any{"b": 1.5, "a": math.NaN()}},
			"object",
			[]string{`[{"a":null,"b":1.5}]`, "1 value is not a finite number and became null."},
		},
		"record": {
			`{"type":"record","name":"n","fields":[{"name":"z","type":"int"},{"name":"a","type":["null","n"]}]}`,
			[]any{map[string]any{"z": int32(1), "a": map[string]any{"z": int32(2), "a": nil}}},
			"object",
			[]string{`[{"z":1,"a":{"z":2,"a":null}}]`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var records []any
			for _, v := range c.values {
				records = append(records, map[string]any{"c": v})
			}
			types, rows, err := load(t, file(t, one(c.schema), nil, records...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append([]string{"c " + c.typ}, c.want...), append(types, rows...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCodecs(t *testing.T) {
	t.Parallel()
	for name, codec := range map[string]ocf.Codec{
		"deflate": ocf.DeflateCodec(6), "snappy": ocf.SnappyCodec(), "zstandard": ocf.MustZstdCodec(nil, nil),
	} {
		var records []any
		for i := range 20_000 {
			records = append(records, map[string]any{"c": int64(i)})
		}
		stored := file(t, one(`"long"`), []ocf.WriterOpt{ocf.WithCodec(codec)}, records...)
		_, rows, err := load(t, stored)
		if err != nil || len(rows) != 20_000 || rows[19_999] != "[19999]" {
			t.Errorf("%s: got %d rows, %v", name, len(rows), err)
		}
		for _, n := range []int{len(stored) - 1, len(stored) - 20, len(stored) / 2, 30} {
			if _, _, err := load(t, stored[:n]); !problem.Is(err, problem.Invalid) {
				t.Errorf("%s cut after %d of %d bytes: %v", name, n, len(stored), err)
			}
		}
	}
}

// A block may be larger than the beginning that is sampled, and not larger than a
// record may be.
func TestLargeBlocks(t *testing.T) {
	t.Parallel()
	record := map[string]any{"c": strings.Repeat("x", 3<<20)}
	stored := file(t, one(`"string"`), nil, record)
	if types, rows, err := load(t, stored); err != nil || len(rows) != 1 || types[0] != "c string" {
		t.Errorf("got %q, %d rows, %v", types, len(rows), err)
	}
	f, err := avro.Open(stored, true, nil, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if f.Type("c").Type != dataset.String {
		t.Errorf("got %+v", f.Type("c"))
	}
	content, err := tabular.Open(t.Context(), tabular.Bytes("a", stored), tabular.Options{MaxRecordBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close() //nolint:errcheck // it was only read
	schema := dataset.Schema{Columns: []dataset.Column{{Name: "c", Type: dataset.String, AllowNull: true}}}
	if _, err := read(t, content, schema); !problem.Is(err, problem.Invalid) {
		t.Errorf("a block over the limit: %v", err)
	}
}

func TestUnsupportedSchemas(t *testing.T) {
	t.Parallel()
	header := file(t, one(`"bytes"`), nil)
	bad := bytes.Replace(header, []byte("avro.codec"), []byte("avro.codex"), 1)
	for name, stored := range map[string][]byte{
		"only the magic number": []byte(avro.Magic), "no schema": []byte(avro.Magic + "\x00" + strings.Repeat("s", 16)),
		"garbage": append([]byte(avro.Magic), bytes.Repeat([]byte{0xff}, 50)...), "cut": bad[:20],
	} {
		if _, _, err := load(t, stored); !problem.Is(err, problem.Invalid) || problem.From(err).Hint == "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A value of another type than its column is rejected, or read if it fits.
func TestCastsIntoDeclaredColumns(t *testing.T) {
	t.Parallel()
	stored := file(t, one(`["null","long","string","double"]`), nil, map[string]any{"c": int64(7)},
		map[string]any{"c": "x"}, map[string]any{"c": nil}, map[string]any{"c": 2.5})
	for typ, want := range map[dataset.Type][]string{
		dataset.Integer: {
			`[7]`, `[null]`, "rejected 2: wrong_type .c should be integer",
			"rejected 4: wrong_type .c should be integer",
		},
		dataset.String: {`["7"]`, `["x"]`, `[null]`, `["2.5"]`},
	} {
		content, err := tabular.Open(t.Context(), tabular.Bytes("a", stored), tabular.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer content.Close() //nolint:errcheck // it was only read
		got, err := read(t, content, dataset.Schema{Columns: []dataset.Column{{Name: "c", Type: typ, AllowNull: true}}})
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", typ, err, diff)
		}
	}
}

func FuzzAvro(f *testing.F) {
	f.Add(file(f, one(`["null",{"type":"array","items":"long"}]`), nil, map[string]any{"c": []any{int64(1)}}))
	f.Add(file(f, one(`{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}`),
		[]ocf.WriterOpt{ocf.WithCodec(ocf.DeflateCodec(6))}, map[string]any{"c": []byte{1}}))
	f.Add(file(f, `"long"`, []ocf.WriterOpt{ocf.WithCodec(ocf.SnappyCodec())}, int64(1)))
	f.Fuzz(func(t *testing.T, stored []byte) {
		if !bytes.HasPrefix(stored, []byte(avro.Magic)) {
			stored = append([]byte(avro.Magic), stored...)
		}
		_, _, err := load(t, stored)
		if err != nil && !problem.Is(err, problem.Invalid) && !problem.Is(err, problem.TooLarge) {
			t.Fatalf("%v is no problem of the data", err)
		}
	})
}
