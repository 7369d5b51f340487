package parquet_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/parquet"
)

// writeRows writes values of one column of this node.
func writeColumn(t testing.TB, node pq.Node, values ...pq.Value) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pq.NewWriter(&b, pq.NewSchema("rows", pq.Group{"c": pq.Optional(node)}))
	for _, v := range values {
		level := 1
		if v.IsNull() {
			level = 0
		}
		if _, err := w.WriteRows([]pq.Row{{v.Level(0, level, 0)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func fixed(b ...byte) pq.Value { return pq.FixedLenByteArrayValue(b) }

func TestExactTypes(t *testing.T) {
	t.Parallel()
	long := make([]byte, 20)
	long[0] = 1 // 256^19
	for name, c := range map[string]struct {
		node   pq.Node
		values []pq.Value
		types  string
		want   result
	}{
		"decimal of 32 bits": {
			pq.Decimal(2, 9, pq.Int32Type),
			[]pq.Value{pq.Int32Value(12345), pq.Int32Value(-5), pq.NullValue()},
			"c decimal(9,2)",
			result{Rows: []string{"1: 123.45", "2: -0.05", "3: NULL"}},
		},
		"decimal of 64 bits": {
			pq.Decimal(0, 18, pq.Int64Type),
			[]pq.Value{pq.Int64Value(999_999_999_999_999_999)},
			"c decimal(18,0)",
			result{Rows: []string{"1: 999999999999999999"}},
		},
		"decimal of fixed bytes": {
			pq.Decimal(10, 38, pq.FixedLenByteArrayType(16)),
			[]pq.Value{
				fixed(append(make([]byte, 7), 1, 0, 0, 0, 0, 0, 0, 0, 1)...),
				fixed(bytes.Repeat([]byte{0xff}, 16)...),
			},
			"c decimal(38,10)",
			result{Rows: []string{"1: 1844674407.3709551617", "2: -0.0000000001"}},
		},
		"decimal of bytes": {
			pq.Decimal(2, 20, pq.ByteArrayType),
			[]pq.Value{pq.ByteArrayValue([]byte{0x30, 0x39}), pq.ByteArrayValue([]byte{0xff})},
			"c decimal(20,2)",
			result{Rows: []string{"1: 123.45", "2: -0.01"}},
		},
		"decimal of more than 38 digits": {
			pq.Decimal(1, 48, pq.FixedLenByteArrayType(20)),
			[]pq.Value{fixed(long...)},
			"c string",
			result{Rows: []string{"1: 570899077082383952423314387779798054553098649.6"}},
		},
		"a decimal with more digits than declared": {
			pq.Decimal(2, 4, pq.Int32Type),
			[]pq.Value{pq.Int32Value(123456), pq.Int32Value(1)},
			"c decimal(4,2)",
			result{Rows: []string{"2: 0.01"}, Rejected: []string{`1 c "1234.56": .c should be decimal(4,2)`}},
		},
		"unsigned beyond 63 bits": {
			pq.Uint(64),
			[]pq.Value{pq.Int64Value(-1), pq.Int64Value(5)},
			"c decimal(20,0)",
			result{Rows: []string{"1: 18446744073709551615", "2: 5"}},
		},
		"unsigned within 63 bits": {
			pq.Uint(64),
			[]pq.Value{pq.Int64Value(math.MaxInt64)},
			"c integer",
			result{Rows: []string{"1: 9223372036854775807"}},
		},
		"bytes without annotation": {
			pq.Leaf(pq.ByteArrayType),
			[]pq.Value{pq.ByteArrayValue([]byte("text")), pq.ByteArrayValue([]byte{0xff, 0})},
			"c string base64",
			result{Rows: []string{"1: dGV4dA==", "2: /wA="}},
		},
		"BSON": {
			pq.BSON(),
			[]pq.Value{pq.ByteArrayValue([]byte{1, 2})},
			"c string base64",
			result{Rows: []string{"1: AQI="}},
		},
		"JSON that does not parse": {
			pq.JSON(),
			[]pq.Value{pq.ByteArrayValue([]byte(`{"a":1.10}`)), pq.ByteArrayValue([]byte(`{"a":`))},
			"c any",
			result{Rows: []string{`1: {"a":1.10}`, `2: "{\"a\":"`}},
		},
		"enum": {pq.Enum(), []pq.Value{pq.ByteArrayValue([]byte("RED"))}, "c string", result{Rows: []string{"1: RED"}}},
		"interval": {
			pq.IntervalNode(),
			[]pq.Value{fixed(1, 0, 0, 0, 2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff)},
			"c object",
			result{Rows: []string{`1: {"months":1,"days":2,"millis":4294967295}`}},
		},
		"INT96": {
			pq.Leaf(pq.Int96Type),
			[]pq.Value{pq.Int96Value(deprecated.Int96{1500, 0, 2_440_589})},
			"c date-time",
			result{Rows: []string{"1: 1970-01-02T00:00:00.000001Z"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, types, err := parse(t.Context(), writeColumn(t, c.node, c.values...), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{c.types}, types); diff != "" {
				t.Errorf("types (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMapsWithOtherKeys(t *testing.T) {
	t.Parallel()
	type row struct {
		M map[int64]string `parquet:"m"`
	}
	got, types, err := parse(t.Context(), write(t, []row{{map[int64]string{7: "x"}}, {}}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"m array"}, types); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(result{Rows: []string{`1: [{"key":7,"value":"x"}]`, `2: []`}}, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestVariant(t *testing.T) {
	t.Parallel()
	type row struct {
		V any `parquet:"v,variant"`
	}
	file := write(t, []row{{map[string]any{"a": int64(1), "b": []any{"x", 1.5, true, nil}}}, {"text"}, {int64(7)}})
	got, types, err := parse(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"v any"}, types); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	want := result{Rows: []string{`1: {"a":1,"b":["x",1.5,true,null]}`, `2: "text"`, `3: 7`}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestLossesAreNoted(t *testing.T) {
	t.Parallel()
	type row struct {
		F float64 `parquet:"f"`
		T int64   `parquet:"t,timestamp(nanosecond)"`
	}
	file := write(t, []row{{math.NaN(), 1000}, {math.Inf(-1), 1001}, {1, 2000}})
	f, err := parquet.Open(bytes.NewReader(file), int64(len(file)), 0)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := cell.CompileAll(dataset.Schema{Columns: []dataset.Column{
		{Name: "f", Type: dataset.Number, AllowNull: true}, {Name: "t", Type: dataset.DateTime},
	}})
	if err != nil {
		t.Fatal(err)
	}
	reader, err := f.Read(t.Context(), columns)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = reader.Next(t.Context())
	}
	reader.Close()
	want := []string{
		`Column "f": 2 values are not a finite number and became null.`,
		`Column "t": 1 timestamp was cut to microseconds.`,
	}
	if diff := cmp.Diff(want, f.Notes()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecimalCasts(t *testing.T) {
	t.Parallel()
	file := writeColumn(t, pq.Decimal(2, 18, pq.Int64Type), pq.Int64Value(1200), pq.Int64Value(1234))
	for name, c := range map[string]struct {
		column dataset.Column
		want   result
	}{
		"wider": {
			dataset.Column{Type: dataset.Decimal, Precision: 22, Scale: 4},
			result{Rows: []string{"1: 12.0000", "2: 12.3400"}},
		},
		"narrower": {
			dataset.Column{Type: dataset.Decimal, Precision: 3},
			result{Rows: []string{"1: 12"}, Rejected: []string{`2 c "12.34": .c should be decimal(3,0)`}},
		},
		"to integer": {
			dataset.Column{Type: dataset.Integer},
			result{Rows: []string{"1: 12"}, Rejected: []string{`2 c "12.34": .c should be integer`}},
		},
		"to number": {dataset.Column{Type: dataset.Number}, result{Rows: []string{"1: 12", "2: 12.34"}}},
		"to string": {dataset.Column{Type: dataset.String}, result{Rows: []string{"1: 12.00", "2: 12.34"}}},
		"to any":    {dataset.Column{Type: dataset.Any}, result{Rows: []string{"1: 12.00", "2: 12.34"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.column.Name = "c"
			got, _, err := parse(t.Context(), file, []dataset.Column{c.column})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
