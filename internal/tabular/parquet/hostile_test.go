package parquet_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"runtime"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/windlass-io/windlass/internal/problem"
)

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	b, err := thrift.Marshal(new(thrift.CompactProtocol), v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func withFooter(body, footer []byte) []byte {
	file := append([]byte("PAR1"), body...)
	file = append(file, footer...)
	file = binary.LittleEndian.AppendUint32(file, uint32(len(footer)))
	return append(file, "PAR1"...)
}

// hostile is a file with one optional column of texts and one page.
func hostile(t testing.TB, codec format.CompressionCodec, header *format.PageHeader, body []byte) []byte {
	t.Helper()
	page := append(marshal(t, header), body...)
	typ := thrift.New(format.ByteArray)
	optional := thrift.New(format.Optional)
	meta := &format.FileMetaData{
		Version: 1, NumRows: 1,
		Schema: []format.SchemaElement{
			{Name: "root", NumChildren: thrift.New(int32(1))},
			{Name: "c", Type: typ, RepetitionType: optional},
		},
		RowGroups: []format.RowGroup{{
			NumRows: 1, TotalByteSize: int64(len(page)),
			Columns: []format.ColumnChunk{{
				FileOffset: 4,
				MetaData: format.ColumnMetaData{
					Type: format.ByteArray, Encoding: []format.Encoding{format.Plain}, PathInSchema: []string{"c"},
					Codec: codec, NumValues: 1,
					TotalUncompressedSize: int64(len(page)), TotalCompressedSize: int64(len(page)), DataPageOffset: 4,
				},
			}},
		}},
	}
	return withFooter(page, marshal(t, meta))
}

func pageOf(unpacked, packed, values int32, encoding format.Encoding) *format.PageHeader {
	return &format.PageHeader{
		Type: format.DataPage, UncompressedPageSize: unpacked, CompressedPageSize: packed,
		DataPageHeader: thrift.New(format.DataPageHeader{
			NumValues: values, Encoding: encoding, DefinitionLevelEncoding: format.RLE,
			RepetitionLevelEncoding: format.RLE,
		}),
	}
}

// levels returns the definition levels of one value, followed by the values.
func levels(values ...byte) []byte { return append([]byte{2, 0, 0, 0, 2, 1}, values...) }

func hostileFiles(t testing.TB) map[string][]byte {
	t.Helper()
	zeros := make([]byte, 100<<20)
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(zeros); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	compressed := encoder.EncodeAll(zeros, nil)
	plain := func(encoding format.Encoding, body []byte) []byte {
		n := int32(len(body))
		return hostile(t, format.Uncompressed, pageOf(n, n, 1, encoding), body)
	}
	packed := func(codec format.CompressionCodec, body []byte) []byte {
		return hostile(t, codec, pageOf(1000, int32(len(body)), 1, format.Plain), body)
	}
	huge := binary.AppendUvarint(nil, 1<<31-1)
	var deep []byte
	deep = append(deep, 0x15, 2, 0x19, 0xfc) // version, then a list of structures
	deep = binary.AppendUvarint(deep, 50_000)
	for range 50_000 {
		deep = append(deep, 0x48, 1, 'x', 0x15, 2, 0) // a name and one child
	}
	return map[string][]byte{
		"a footer that lists two billion columns": withFooter(nil, append([]byte{0x15, 2, 0x29, 0xfc}, huge...)),
		"a footer that lists very many empty groups": withFooter(nil,
			append([]byte{0x15, 2, 0x39, 0xfc, 0x80, 0x80, 0x40}, make([]byte, 1<<20)...)),
		"a schema of 50,000 levels":             withFooter(nil, append(deep, 0)),
		"a footer that nests":                   withFooter(nil, bytes.Repeat([]byte{0x1c}, 1<<20)),
		"a footer with a text of two gigabytes": withFooter(nil, append([]byte{0x68}, huge...)),
		"a page of two gigabytes": hostile(t, format.Uncompressed,
			pageOf(1<<31-1, 1<<31-1, 1, format.Plain), levels()),
		"a page that unpacks to two gigabytes": hostile(t, format.Snappy,
			pageOf(1<<31-1, 10, 1, format.Plain), append(huge, 0, 0, 0, 0, 0)),
		"a page of two billion values": hostile(t, format.Uncompressed,
			pageOf(6, 6, 1<<31-1, format.Plain), levels()),
		"a page header of two gigabytes":        hostileHeader(t),
		"a Snappy page that says it is larger":  packed(format.Snappy, append(huge, 0, 0, 0)),
		"a gzip page that unpacks to more":      packed(format.Gzip, zipped.Bytes()),
		"a Zstandard page that unpacks to more": packed(format.Zstd, compressed),
		"an LZ4 page that is damaged":           packed(format.Lz4Raw, []byte{0xff, 0xff, 0xff}),
		"levels of two billion runs": plain(format.Plain,
			append([]byte{6, 0, 0, 0}, append(binary.AppendUvarint(nil, 1<<31), 1)...)),
		"a dictionary index of two billion runs": plain(format.RLEDictionary,
			levels(append([]byte{1}, append(binary.AppendUvarint(nil, 1<<31), 1)...)...)),
		"two billion deltas": plain(format.DeltaLengthByteArray,
			levels(append([]byte{0x80, 1, 4}, append(huge, 0)...)...)),
		"texts that repeat each other": plain(format.DeltaByteArray,
			levels(append([]byte{0x80, 1, 4}, append(huge, 0)...)...)),
		"a page that is longer than the column": hostile(t, format.Uncompressed,
			pageOf(1000, 1000, 1, format.Plain), levels()),
		"a page of version 2 with levels beyond its end": hostile(t, format.Uncompressed, beyond(), levels()),
	}
}

func beyond() *format.PageHeader {
	return &format.PageHeader{
		Type: format.DataPageV2, UncompressedPageSize: 6, CompressedPageSize: 6,
		DataPageHeaderV2: thrift.New(format.DataPageHeaderV2{
			NumValues: 1, NumRows: 1, Encoding: format.Plain,
			DefinitionLevelsByteLength: 1 << 30,
		}),
	}
}

// hostileHeader returns a file whose page header has a text of two gigabytes.
func hostileHeader(t testing.TB) []byte {
	t.Helper()
	file := hostile(t, format.Uncompressed, pageOf(100, 100, 1, format.Plain), make([]byte, 100))
	copy(file[4:], append([]byte{0x98}, binary.AppendUvarint(nil, 1<<31-1)...))
	return file
}

// TestHostileFiles is not parallel: it measures what is allocated.
func TestHostileFiles(t *testing.T) { //nolint:paralleltest // see above
	const most = 256 << 20
	for name, file := range hostileFiles(t) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, _, err := parse(t.Context(), file, nil)
		runtime.ReadMemStats(&after)
		if !problem.Is(err, problem.Invalid) && !problem.Is(err, problem.TooLarge) {
			t.Errorf("%s: got %d rows, %v", name, len(got.Rows), err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > most {
			t.Errorf("%s: %d bytes were allocated", name, n)
		}
	}
}

// TestEveryCodec reads pages of each codec after the guard has unpacked them.
func TestEveryCodec(t *testing.T) {
	t.Parallel()
	type row struct {
		N    int64    `parquet:"n,delta"`
		Text string   `parquet:"text,delta"`
		Dict *string  `parquet:"dict,dict,optional"`
		List []string `parquet:"list,list"`
		Bool *bool    `parquet:"bool,optional"`
	}
	word, yes := "word", true
	var rows []row
	for i := range int64(5000) {
		r := row{N: i * i, Text: string(bytes.Repeat([]byte{byte('a' + i%7)}, int(i%13)))}
		if i%3 == 0 {
			r.Dict, r.Bool, r.List = &word, &yes, []string{"x", "y"}
		}
		rows = append(rows, r)
	}
	for name, codec := range codecs() {
		for _, version := range []int{1, 2} {
			file := write(t, rows, codec, pq.DataPageVersion(version), pq.PageBufferSize(3000))
			got, _, err := parse(t.Context(), file, nil)
			if err != nil || len(got.Rows) != len(rows) || len(got.Rejected) > 0 {
				t.Errorf("%s, pages of version %d: %d rows, %v", name, version, len(got.Rows), err)
			}
		}
	}
}

func codecs() map[string]pq.WriterOption {
	return map[string]pq.WriterOption{
		"none": pq.Compression(&pq.Uncompressed), "snappy": pq.Compression(&pq.Snappy),
		"gzip":   pq.Compression(&pq.Gzip),
		"brotli": pq.Compression(&pq.Brotli), "zstd": pq.Compression(&pq.Zstd), "lz4": pq.Compression(&pq.Lz4Raw),
	}
}

// FuzzPage checks that a page with any content is an error at worst.
func FuzzPage(f *testing.F) {
	f.Add(levels(1, 0, 0, 0, 'x'), int32(11), int32(1), int32(0), int32(0))
	f.Add(levels(1, 2, 0), int32(9), int32(1), int32(8), int32(0))
	f.Add([]byte{0x80, 1, 4, 2, 0, 1, 2, 3}, int32(8), int32(1), int32(7), int32(1))
	f.Fuzz(func(t *testing.T, body []byte, unpacked, values, encoding, codec int32) {
		header := pageOf(unpacked, int32(len(body)), values, format.Encoding(encoding))
		file := hostile(t, format.CompressionCodec(codec), header, body)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if _, _, err := parse(ctx, file, nil); err != nil && problem.From(err).Code == problem.Internal {
			t.Fatalf("%v is not a problem of the data", err)
		}
	})
}

// FuzzFooter checks that any footer is an error at worst.
func FuzzFooter(f *testing.F) {
	good := hostile(f, format.Uncompressed, pageOf(6, 6, 1, format.Plain), levels())
	length := binary.LittleEndian.Uint32(good[len(good)-8:])
	f.Add(good[len(good)-8-int(length) : len(good)-8])
	f.Fuzz(func(t *testing.T, footer []byte) {
		if _, _, err := parse(t.Context(), withFooter(make([]byte, 64), footer), nil); err != nil && problem.From(err).
			Code == problem.Internal {
			t.Fatalf("%v is not a problem of the data", err)
		}
	})
}
