package load_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/pierrec/lz4/v4"
	lib "github.com/twmb/avro"
	"github.com/twmb/avro/ocf"

	"github.com/windlass-io/windlass/internal/source"
)

func binaryChapters(t *testing.T) []chapter {
	t.Helper()
	return []chapter{
		{"Compression", "Each is the table `id,name↵1,Ann↵`, packed.", packedFiles(t)},
		{"Parquet", "Each is a file of one optional column `c`, unless it says otherwise.", parquetFiles(t)},
		{"Avro", "Each is a file of records with one field `c`, unless it says otherwise.", avroFiles(t)},
		{"Excel", "Each is a workbook with the column `c`, unless it says otherwise.", excelFiles(t)},
		{"Other files", "", otherFiles(t)},
	}
}

const table = "id,name\n1,Ann\n"

// packed writes a text through a writer.
func packed[W io.WriteCloser](t *testing.T, open func(io.Writer) (W, error), text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := open(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t *testing.T, text string) []byte {
	return packed(t, func(w io.Writer) (*gzip.Writer, error) { return gzip.NewWriter(w), nil }, text)
}

func zstded(t *testing.T, text string) []byte {
	return packed(t, func(w io.Writer) (*zstd.Encoder, error) { return zstd.NewWriter(w) }, text)
}

// bgzf writes a block of BGZF (SAM specification, section 4.1).
func bgzf(t *testing.T, text string) []byte {
	t.Helper()
	deflated := packed(t, func(w io.Writer) (*flate.Writer, error) { return flate.NewWriter(w, 6) }, text)
	b := []byte{31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 'B', 'C', 2, 0}
	b = binary.LittleEndian.AppendUint16(b, uint16(len(deflated)+25))
	b = append(b, deflated...)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(text)))
	return binary.LittleEndian.AppendUint32(b, uint32(len(text)))
}

// archived writes a zip archive of names and texts.
func archived(t *testing.T, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		m, err := w.Create(members[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(m, members[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func decoded(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func packedFiles(t *testing.T) []made {
	t.Helper()
	lz := packed(t, func(w io.Writer) (*lz4.Writer, error) { return lz4.NewWriter(w), nil }, table)
	framed := packed(t, func(w io.Writer) (*snappy.Writer, error) { return snappy.NewBufferedWriter(w), nil }, table)
	whole := gzipped(t, table)
	skippable := append([]byte{0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0}, "abc"...)
	long := packed(t, func(w io.Writer) (*zstd.Encoder, error) {
		return zstd.NewWriter(w, zstd.WithWindowSize(128<<20))
	}, table)
	return []made{
		{what: "none", content: []byte(table)},
		{what: "gzip", content: whole},
		{what: "gzip, named `a.csv` as if it weren't packed", content: whole, key: "a.csv"},
		{what: "not packed, named `a.csv.gz`", content: []byte(table), key: "a.csv.gz"},
		{what: "gzip of two members", content: append(gzipped(t, "id,name\n"), gzipped(t, "1,Ann\n")...)},
		{what: "gzip with zero bytes after it", content: append(bytes.Clone(whole), make([]byte, 512)...)},
		{what: "gzip with other bytes after it", content: append(bytes.Clone(whole), "garbage"...)},
		{what: "gzip, cut off", content: whole[:len(whole)-6]},
		{what: "gzip with a wrong checksum", content: damaged(whole)},
		{what: "gzip in gzip", content: gzipped(t, string(whole))},
		{
			what:    "BGZF of two blocks and its end",
			content: append(append(bgzf(t, "id,name\n"), bgzf(t, "1,Ann\n")...), bgzf(t, "")...),
		},
		{what: "zstd", content: zstded(t, table)},
		{
			what:    "zstd of two frames, and a skippable one",
			content: append(append(zstded(t, "id,name\n"), skippable...), zstded(t, "1,Ann\n")...),
		},
		{what: "zstd that begins with a skippable frame", content: append(bytes.Clone(skippable), zstded(t, table)...)},
		{what: "zstd with a window of 128 MiB", content: long},
		{what: "bzip2", content: decoded(t, bzip2Table)},
		{what: "bzip2 of two streams", content: bytes.Repeat(decoded(t, bzip2Table), 2)},
		{what: "xz", content: decoded(t, xzTable)},
		{what: "lz4, framed", content: lz},
		{what: "snappy, framed", content: framed},
		{what: "snappy, not framed", content: snappy.Encode(nil, []byte(table))},
		{what: "zip with one member", content: archived(t, "a.csv", table)},
		{
			what:    "zip with three members",
			content: archived(t, "a.csv", table, "b.csv", "id,name\n2,Bob\n", "c/d.csv", "id,name\n3,Eve\n"),
		},
		{what: "zip with a marker and a folder", content: archived(t, "_SUCCESS", "", "x/", "", "x/a.csv", table)},
		{what: "zip with a file that isn't a table", content: archived(t, "a.csv", table, "b.pdf", "%PDF-1.7")},
		{
			what: "zip with `member` `*.csv`", content: archived(t, "a.csv", table, "read.me", "hello\nworld\n"),
			format: source.Format{Member: "*.csv"},
		},
		{
			what:    "zip with `member` that nothing matches",
			content: archived(t, "a.csv", table),
			format:  source.Format{Member: "*.tsv"},
		},
		{what: "zip in zip", content: archived(t, "a.zip", string(archived(t, "a.csv", table)))},
		{what: "zip of gzip", content: archived(t, "a.csv.gz", string(whole))},
		{what: "zip without members", content: archived(t)},
		{what: "gzip, declared `zstd`", content: whole, format: source.Format{Compression: "zstd"}},
		{what: "1 GiB of zero bytes in gzip", content: gzipped(t, strings.Repeat("\x00", 1<<30)), key: "a.csv.gz"},
		{what: "7z, which isn't read", content: []byte("7z\xbc\xaf\x27\x1c\x00\x04")},
		{what: "RAR, which isn't read", content: []byte("Rar!\x1a\x07\x01\x00")},
		{what: "LZO, which isn't read", content: []byte("\x89LZO\x00\r\n\x1a\n")},
		{what: "compress (`.Z`), which isn't read", content: []byte("\x1f\x9d\x90id")},
	}
}

// damaged returns data of gzip with another checksum.
func damaged(whole []byte) []byte {
	b := bytes.Clone(whole)
	b[len(b)-6] ^= 1
	return b
}

// columnOf writes a Parquet file of one optional column.
func columnOf(t *testing.T, node pq.Node, values ...pq.Value) []byte {
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

// parquetOf writes a Parquet file of a Go type.
func parquetOf[T any](t *testing.T, rows ...T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pq.NewGenericWriter[T](&b)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func fixedOf(b ...byte) pq.Value { return pq.FixedLenByteArrayValue(b) }

func bytesOf(s string) pq.Value { return pq.ByteArrayValue([]byte(s)) }

func parquetFiles(t *testing.T) []made {
	t.Helper()
	var files []made
	add := func(what string, node pq.Node, values ...pq.Value) {
		files = append(files, made{what: what, key: "a.parquet", content: columnOf(t, node, values...)})
	}
	add("BOOLEAN", pq.Leaf(pq.BooleanType), pq.BooleanValue(true), pq.NullValue())
	add("INT32", pq.Leaf(pq.Int32Type), pq.Int32Value(math.MinInt32))
	add("INT64", pq.Leaf(pq.Int64Type), pq.Int64Value(math.MaxInt64))
	add("INT(8), INT(16), INT(32) and INT(64) alike", pq.Int(8), pq.Int32Value(-128))
	add("UINT(8), UINT(16) alike", pq.Uint(8), pq.Int32Value(255))
	add("UINT(32)", pq.Uint(32), pq.Int32Value(-1))
	add("UINT(64) within int64", pq.Uint(64), pq.Int64Value(math.MaxInt64))
	add("UINT(64) beyond int64", pq.Uint(64), pq.Int64Value(-1), pq.Int64Value(5))
	add("FLOAT", pq.Leaf(pq.FloatType), pq.FloatValue(0.1), pq.FloatValue(1.5))
	add("DOUBLE", pq.Leaf(pq.DoubleType), pq.DoubleValue(0.1), pq.DoubleValue(math.NaN()), pq.DoubleValue(math.Inf(1)))
	half, err := os.ReadFile(filepath.Join("testdata", "float16.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, made{what: "FLOAT16, beside a column `id`", key: "a.parquet", content: half})
	add("DECIMAL(9,2) in INT32", pq.Decimal(2, 9, pq.Int32Type), pq.Int32Value(12345), pq.Int32Value(-5))
	add("DECIMAL(18,0) in INT64", pq.Decimal(0, 18, pq.Int64Type), pq.Int64Value(999_999_999_999_999_999))
	add("DECIMAL(38,10) in 16 fixed bytes", pq.Decimal(10, 38, pq.FixedLenByteArrayType(16)),
		fixedOf(append(make([]byte, 7), 1, 0, 0, 0, 0, 0, 0, 0, 1)...), fixedOf(bytes.Repeat([]byte{0xff}, 16)...))
	add("DECIMAL(20,2) in bytes", pq.Decimal(2, 20, pq.ByteArrayType), bytesOf("\x30\x39"), bytesOf("\xff"))
	add(
		"DECIMAL(48,1) in 20 fixed bytes",
		pq.Decimal(1, 48, pq.FixedLenByteArrayType(20)),
		fixedOf(append([]byte{1}, make([]byte, 19)...)...),
	)
	add("DECIMAL(4,2) with 6 digits", pq.Decimal(2, 4, pq.Int32Type), pq.Int32Value(123456), pq.Int32Value(1))
	add("STRING", pq.String(), bytesOf("Zoë"), bytesOf(""), bytesOf("00501"))
	add("STRING that isn't UTF-8", pq.String(), bytesOf("\xff"), bytesOf("a"))
	add("STRING that looks like numbers", pq.String(), bytesOf("1"), bytesOf("2"))
	add("ENUM", pq.Enum(), bytesOf("RED"))
	add(
		"UUID",
		pq.UUID(),
		fixedOf(0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3, 0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0),
	)
	add("JSON", pq.JSON(), bytesOf(`{"a":1.10}`), bytesOf(`{"a":`))
	add("BSON", pq.BSON(), bytesOf("\x05\x00\x00\x00\x00"))
	add("BYTE_ARRAY without annotation", pq.Leaf(pq.ByteArrayType), bytesOf("text"), bytesOf("\xff\x00"))
	add("FIXED_LEN_BYTE_ARRAY without annotation", pq.Leaf(pq.FixedLenByteArrayType(3)), fixedOf(1, 2, 3))
	add("DATE", pq.Date(), pq.Int32Value(20484), pq.Int32Value(-1))
	add("DATE beyond year 9999", pq.Date(), pq.Int32Value(20484), pq.Int32Value(3_000_000))
	add("TIMESTAMP(ms)", pq.Timestamp(pq.Millisecond), pq.Int64Value(1_769_854_500_123))
	add("TIMESTAMP(us)", pq.Timestamp(pq.Microsecond), pq.Int64Value(1_769_854_500_123_456))
	add("TIMESTAMP(ns)", pq.Timestamp(pq.Nanosecond), pq.Int64Value(1_769_854_500_123_456_789), pq.Int64Value(-1))
	files = append(files, made{
		what: "TIMESTAMP(us), local, `time_zone` Europe/Berlin", key: "a.parquet",
		content: columnOf(t, pq.TimestampAdjusted(pq.Microsecond, false), pq.Int64Value(1_769_854_500_000_000)),
		format:  source.Format{TimeZone: "Europe/Berlin"},
	})
	add("INT96", pq.Leaf(pq.Int96Type), pq.Int96Value(deprecated.Int96{1500, 0, 2_440_589}))
	add("TIME(ms)", pq.Time(pq.Millisecond), pq.Int32Value(36_900_001))
	add("TIME(us)", pq.Time(pq.Microsecond), pq.Int64Value(36_900_000_001))
	add("TIME(ns)", pq.Time(pq.Nanosecond), pq.Int64Value(36_900_000_000_001))
	add("INTERVAL", pq.IntervalNode(), fixedOf(1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0))
	return append(files, nestedParquet(t)...)
}

func nestedParquet(t *testing.T) []made {
	t.Helper()
	type inner struct {
		A int64   `parquet:"a"`
		B *string `parquet:"b,optional"`
	}
	type structs struct {
		C inner `parquet:"c"`
	}
	type lists struct {
		C []int64 `parquet:"c,list"`
	}
	type repeated struct {
		C []string `parquet:"c"`
	}
	type structsIn struct {
		C []inner `parquet:"c,list"`
	}
	type maps struct {
		C map[string]int64 `parquet:"c"`
	}
	type others struct {
		C map[int64]string `parquet:"c"`
	}
	type variants struct {
		C any `parquet:"c,variant"`
	}
	type empty struct {
		C int64 `parquet:"c"`
	}
	text := "x"
	day := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	type times struct {
		C []time.Time `parquet:"c,list"`
	}
	files := []made{
		{what: "struct", content: parquetOf(t, structs{inner{1, &text}}, structs{inner{2, nil}})},
		{what: "list", content: parquetOf(t, lists{[]int64{1, 2}}, lists{nil})},
		{what: "repeated column", content: parquetOf(t, repeated{[]string{"a", "b"}}, repeated{nil})},
		{what: "list of structs", content: parquetOf(t, structsIn{[]inner{{1, nil}, {2, &text}}})},
		{what: "list of timestamps", content: parquetOf(t, times{[]time.Time{day}})},
		{what: "map", content: parquetOf(t, maps{map[string]int64{"k": 1}}, maps{nil})},
		{what: "map with keys that are no strings", content: parquetOf(t, others{map[int64]string{7: "x"}})},
		{
			what:    "VARIANT",
			content: parquetOf(t, variants{map[string]any{"a": int64(1)}}, variants{"text"}, variants{nil}),
		},
		{what: "no rows", content: parquetOf[empty](t)},
		{what: "in gzip", content: gzipped(t, string(parquetOf(t, empty{1})))},
		{what: "cut off", content: parquetOf(t, empty{1})[:60]},
		{what: "a file that only begins like one", content: []byte("PAR1 and more")},
	}
	for i := range files {
		files[i].key = "a.parquet"
	}
	return files
}

// avroOf writes an Avro file of a schema.
func avroOf(t *testing.T, schema string, records ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := ocf.NewWriter(&b, lib.MustParse(schema))
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

func avroFiles(t *testing.T) []made {
	t.Helper()
	var files []made
	add := func(what, typ string, values ...any) {
		schema := `{"type":"record","name":"r","fields":[{"name":"c","type":` + typ + `}]}`
		var records []any
		for _, v := range values {
			records = append(records, map[string]any{"c": v})
		}
		files = append(files, made{what: what, key: "a.avro", content: avroOf(t, schema, records...)})
	}
	add("boolean", `"boolean"`, true)
	add("int", `"int"`, int32(-5))
	add("long", `"long"`, int64(math.MaxInt64))
	add("float", `"float"`, float32(0.1))
	add("double", `"double"`, 0.1, math.NaN())
	add("string", `"string"`, "00501", "Zoë")
	add("enum", `{"type":"enum","name":"e","symbols":["RED"]}`, "RED")
	add("bytes", `"bytes"`, []byte{0xff, 0})
	add("date", `{"type":"int","logicalType":"date"}`, time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))
	add("timestamp-millis", `{"type":"long","logicalType":"timestamp-millis"}`, time.UnixMilli(1_769_854_500_123))
	add("timestamp-micros", `{"type":"long","logicalType":"timestamp-micros"}`, time.UnixMicro(1_769_854_500_123_456))
	add("null or long", `["null","long"]`, nil, int64(5))
	add("long or string", `["long","string"]`, int64(5), "x")
	add("array", `{"type":"array","items":"long"}`, []any{int64(1), int64(2)})
	add("map", `{"type":"map","values":"long"}`, map[string]any{"k": int64(1)})
	add("record", `{"type":"record","name":"i","fields":[{"name":"a","type":"long"}]}`, map[string]any{"a": int64(1)})
	files = append(files,
		made{what: "no record, but longs", key: "a.avro", content: avroOf(t, `"long"`, int64(1), int64(2))},
		made{what: "in gzip", key: "a.avro.gz", content: gzipped(t, string(avroOf(t, `"long"`, int64(1))))},
		made{what: "cut off", key: "a.avro", content: cutOff(avroOf(t, `"long"`, int64(1)))},
	)
	return files
}

// cutOff returns a file without its last bytes.
func cutOff(b []byte) []byte { return b[:len(b)-5] }

// workbook writes an Excel workbook of one sheet with these rows.
func workbook(t *testing.T, rows string) []byte {
	t.Helper()
	return archived(
		t,
		"xl/workbook.xml",
		`<workbook><sheets><sheet name="Sheet1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels",
		`<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/styles.xml",
		`<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd hh:mm"/>`+
			`<numFmt numFmtId="165" formatCode="[h]:mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>`+
			`<xf numFmtId="164"/><xf numFmtId="20"/><xf numFmtId="165"/></cellXfs></styleSheet>`,
		"xl/worksheets/sheet1.xml",
		`<worksheet><sheetData>`+rows+`</sheetData></worksheet>`,
	)
}

func excelFiles(t *testing.T) []made {
	t.Helper()
	var files []made
	add := func(what string, cells ...string) {
		rows := `<row><c t="str"><v>c</v></c></row>`
		for _, c := range cells {
			rows += "<row>" + c + "</row>"
		}
		files = append(files, made{what: what, key: "a.xlsx", content: workbook(t, rows)})
	}
	add("whole numbers", `<c><v>5</v></c>`, `<c><v>7.0</v></c>`)
	add("numbers", `<c><v>5.0000000000000003E-2</v></c>`, `<c><v>1E3</v></c>`)
	add("whole numbers of 16 and 17 digits", `<c><v>9007199254740993</v></c>`, `<c><v>12345678901234567</v></c>`)
	add("a number of 20 digits", `<c><v>12345678901234567890</v></c>`)
	add("texts", `<c t="str"><v>00501</v></c>`, `<c t="inlineStr"><is><t>2026-01-31</t></is></c>`)
	add("booleans", `<c t="b"><v>1</v></c>`, `<c t="b"><v>0</v></c>`)
	add("days", `<c s="1"><v>46053</v></c>`, `<c s="1"><v>1</v></c>`)
	add("moments", `<c s="2"><v>46053.42708333333</v></c>`, `<c s="1"><v>46053</v></c>`)
	add("times of day", `<c s="3"><v>0.42708333333333331</v></c>`)
	add("durations", `<c s="4"><v>1.5</v></c>`)
	add("a formula with its result", `<c><f>SUM(A1:A2)</f><v>5</v></c>`)
	add("an error and an empty text", `<c t="e"><v>#N/A</v></c>`, `<c t="str"><v></v></c>`, `<c><v>1</v></c>`)
	add("numbers and texts", `<c><v>1</v></c>`, `<c t="str"><v>x</v></c>`)
	add("days and texts", `<c s="1"><v>46053</v></c>`, `<c t="str"><v>x</v></c>`)
	wide := workbook(
		t,
		`<row><c t="str"><v>Title</v></c></row><row/><row><c t="str"><v>id</v></c><c t="str"><v>a</v></c></row>`+
			`<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c><c><v>4</v></c></row>`,
	)
	return append(files,
		made{what: "two columns below a title", key: "a.xlsx", content: wide},
		made{what: "the same, `sheet` `Other`", key: "a.xlsx", content: wide, format: source.Format{Sheet: "Other"}},
		made{what: "no header", key: "a.xlsx", content: workbook(t, `<row><c><v>1</v></c></row>`)},
		made{what: "no cells", key: "a.xlsx", content: workbook(t, "")},
		made{what: "in gzip", key: "a.xlsx", content: gzipped(t, string(wide))},
		made{what: "in zip", key: "a.zip", content: archived(t, "a.xlsx", string(wide))},
	)
}

func otherFiles(t *testing.T) []made {
	t.Helper()
	return []made{
		{what: "ORC", content: []byte("ORC\x11\x00\x00")},
		{what: "an Excel workbook of before 2007", content: []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")},
		{what: "a Word document", content: archived(t, "word/document.xml", "<w/>")},
		{what: "PDF", content: []byte("%PDF-1.7\n")},
		{what: "HTML", content: []byte("<!DOCTYPE html><html></html>")},
		{what: "XML", content: []byte("<?xml version=\"1.0\"?><a/>")},
		{what: "random bytes", content: []byte("\x8f\x00\x01\xfe\xdc\x00\x99\x12\x00\x00\x00")},
	}
}

// The table as bzip2 and xz wrote it.
const (
	bzip2Table = "QlpoOTFBWSZTWUMQH54AAATdAAAQAAQgACAAJiMgACID1BoQAwxGlnIRa8XckU4UJBDEB+eA"
	xzTable    = "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQANaWQsbmFtZQoxLEFubgoAAABsV+l3YaxbpwABJg4IG+AEH7bzfQEAAAAABFla"
)
