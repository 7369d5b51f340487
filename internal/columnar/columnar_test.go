package columnar_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/parquet-go/parquet-go"

	"github.com/windlass-io/windlass/internal/columnar"
	"github.com/windlass-io/windlass/internal/dataset"
)

var columns = []dataset.Column{
	{Name: "z", Type: dataset.Integer},
	{Name: "Z", Type: dataset.Decimal, Precision: 30, Scale: 2},
	{Name: "n", Type: dataset.Number},
	{Name: "b", Type: dataset.Boolean},
	{Name: "d", Type: dataset.Date},
	{Name: "t", Type: dataset.DateTime},
	{Name: "s", Type: dataset.String},
	{Name: "a", Type: dataset.Any},
}

// rows returns a batch of edge values, nulls, and n rows more.
func rows(n int) *dataset.Batch {
	batch := &dataset.Batch{Rows: n + 2}
	for _, c := range columns {
		batch.Vectors = append(batch.Vectors, dataset.NewVectorOf(c, 0))
	}
	v := batch.Vectors
	v[0].AppendInt(math.MinInt64)
	v[1].AppendWide(dataset.Int128{Hi: -1, Lo: math.MaxUint64}) // -0.01
	v[2].AppendFloat(math.Inf(-1))
	v[3].AppendInt(1)
	v[4].AppendInt(-719162)                   // 0001-01-01
	v[5].AppendInt(253402300799999999)        // 9999-12-31T23:59:59.999999Z
	v[6].AppendBytes([]byte("grüß\x00 dich")) // NUL too
	v[7].AppendBytes([]byte(`{"a":[1,2]}`))
	for i := range v {
		v[i].AppendNull()
	}
	for i := range n {
		v[0].AppendInt(int64(i))
		v[1].AppendWide(dataset.NewInt128(int64(i)))
		v[2].AppendFloat(float64(i))
		v[3].AppendInt(int64(i % 2))
		v[4].AppendInt(int64(i))
		v[5].AppendInt(int64(i))
		v[6].AppendBytes([]byte(strings.Repeat("x", 100)))
		v[7].AppendBytes([]byte("1"))
	}
	return batch
}

func encode(t *testing.T, format columnar.Format, batch *dataset.Batch) []byte {
	t.Helper()
	e := columnar.New(format, columns)
	var b []byte
	for i := range batch.Rows {
		b = e.Row(b, batch, i)
	}
	b, err := e.Close(b)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestArrow checks that Arrow files have the written values and types, to the bit.
func TestArrow(t *testing.T) {
	t.Parallel()
	const more = 40_000
	r, err := ipc.NewReader(bytes.NewReader(encode(t, columnar.Arrow, rows(more))))
	if err != nil {
		t.Fatal(err)
	}
	var types, first, second []string
	for _, f := range r.Schema().Fields() {
		types = append(types, f.Name+" "+f.Type.String())
	}
	want := "z int64,Z decimal(30, 2),n float64,b bool,d date32,t timestamp[us, tz=UTC],s utf8,a utf8"
	if got := strings.Join(types, ","); got != want {
		t.Errorf("types %s\nwant  %s", got, want)
	}
	n, batches := int64(0), 0
	for r.Next() {
		record := r.RecordBatch()
		if n == 0 {
			for c := range columns {
				first = append(first, record.Column(c).ValueStr(0))
				second = append(second, fmt.Sprint(record.Column(c).IsNull(1)))
			}
		}
		n += record.NumRows()
		batches++
	}
	if r.Err() != nil || n != more+2 || batches < 2 {
		t.Errorf("%d rows in %d batches, %v", n, batches, r.Err())
	}
	if got := strings.Join(first, "|"); got !=
		`-9223372036854775808|-0.01|-Inf|true|0001-01-01|9999-12-31T23:59:59.999999Z|`+"grüß\x00 dich"+`|{"a":[1,2]}` {
		t.Errorf("the first row is %s", got)
	}
	if strings.Contains(strings.Join(second, ""), "false") {
		t.Errorf("nulls: %v", second)
	}
}

// TestParquet checks that Parquet files have the written values, in the order
// of the columns.
func TestParquet(t *testing.T) {
	t.Parallel()
	const more = 40_000
	text := encode(t, columnar.Parquet, rows(more))
	file, err := parquet.OpenFile(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, f := range file.Schema().Fields() {
		types = append(types, f.Name()+" "+f.Type().String())
	}
	want := "z INT(64,true),Z DECIMAL(30,2),n DOUBLE,b BOOLEAN,d DATE,t TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)," +
		"s STRING,a JSON"
	if got := strings.Join(types, ","); got != want {
		t.Errorf("types %s\nwant  %s", got, want)
	}
	if file.NumRows() != more+2 || len(file.RowGroups()) < 2 {
		t.Errorf("%d rows in %d groups", file.NumRows(), len(file.RowGroups()))
	}
	reader := file.RowGroups()[0].Rows()
	defer func() { _ = reader.Close() }()
	got := make([]parquet.Row, 2)
	if _, err := reader.ReadRows(got); err != nil {
		t.Fatal(err)
	}
	values := got[0]
	if values[0].Int64() != math.MinInt64 || hex.EncodeToString(values[1].ByteArray()) != strings.Repeat("f", 32) ||
		!math.IsInf(values[2].Double(), -1) || !values[3].Boolean() || values[4].Int32() != -719162 ||
		values[5].Int64() != 253402300799999999 || string(values[6].ByteArray()) != "grüß\x00 dich" ||
		string(values[7].ByteArray()) != `{"a":[1,2]}` {
		t.Errorf("the first row is %v", values)
	}
	for _, value := range got[1] {
		if !value.IsNull() {
			t.Errorf("%v isn't null", value)
		}
	}
}

// TestEmpty checks that no rows give a complete file.
func TestEmpty(t *testing.T) {
	t.Parallel()
	none := &dataset.Batch{}
	if r, err := ipc.NewReader(bytes.NewReader(encode(t, columnar.Arrow, none))); err != nil || r.Next() {
		t.Errorf("arrow: %v", err)
	}
	text := encode(t, columnar.Parquet, none)
	if file, err := parquet.OpenFile(bytes.NewReader(text), int64(len(text))); err != nil || file.NumRows() != 0 {
		t.Errorf("parquet: %v", err)
	}
}
