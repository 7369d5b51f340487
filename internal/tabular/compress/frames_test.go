package compress_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/compress"
)

func skippableFrame(size int) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0x184d2a53)
	b = binary.LittleEndian.AppendUint32(b, uint32(size))
	return append(b, make([]byte, size)...)
}

// bgzfEnd is the empty member that ends BGZF data, whose members have an extra
// field with their size.
var bgzfEnd = []byte("\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff\x06\x00BC\x02\x00\x1b\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00")

func TestFramesFollowEachOther(t *testing.T) {
	t.Parallel()
	gzip, zstd := pack(t, compress.Gzip, "one\n"), pack(t, compress.Zstd, "one\n")
	lz4, snappy := pack(t, compress.LZ4, "one\n"), pack(t, compress.Snappy, "one\n")
	skip, zeros := skippableFrame(100_000), make([]byte, 70_000)
	for name, c := range map[string]struct {
		stored [][]byte
		want   string
		kind   compress.Kind
	}{
		"gzip members":           {[][]byte{gzip, gzip}, "one\none\n", compress.Gzip},
		"gzip and zero bytes":    {[][]byte{gzip, zeros}, "one\n", compress.Gzip},
		"BGZF":                   {[][]byte{gzip, gzip, bgzfEnd}, "one\none\n", compress.Gzip},
		"zstd frames":            {[][]byte{zstd, zstd}, "one\none\n", compress.Zstd},
		"zstd, skippable first":  {[][]byte{skip, skip, zstd}, "one\n", compress.Zstd},
		"zstd, skippable inside": {[][]byte{zstd, skip, zstd, skip}, "one\none\n", compress.Zstd},
		"lz4 frames":             {[][]byte{lz4, lz4}, "one\none\n", compress.LZ4},
		"lz4, skippable first":   {[][]byte{skip, lz4}, "one\n", compress.LZ4},
		"lz4, skippable inside":  {[][]byte{lz4, skip, lz4}, "one\none\n", compress.LZ4},
		"snappy streams":         {[][]byte{snappy, snappy}, "one\none\n", compress.Snappy},
		"only skippable frames":  {[][]byte{skip}, "", compress.None},
	} {
		got, kind, err := unpack(bytes.NewReader(slices.Concat(c.stored...)))
		if got != c.want || kind != c.kind || err != nil {
			t.Errorf("%s: got %q of kind %q, %v; want %q of kind %q", name, got, kind, err, c.want, c.kind)
		}
	}
	for name, stored := range map[string][]byte{
		"bytes after gzip":               append(slices.Clone(gzip), "garbage"...),
		"bytes after zero bytes of gzip": append(slices.Concat(gzip, zeros), "garbage"...),
		"a cut second member":            append(slices.Clone(gzip), gzip[:8]...),
		"bytes after lz4":                append(slices.Clone(lz4), "garbage"...),
		"bytes after snappy":             append(slices.Clone(snappy), "\x01garbage"...),
	} {
		if _, _, err := unpack(bytes.NewReader(stored)); problem.From(err).Reason != compress.Damaged {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestWindowsOfZstd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		window int
		reason string
	}{{128 << 20, ""}, {256 << 20, compress.WindowTooLarge}} {
		var b bytes.Buffer
		w, err := zstd.NewWriter(&b, zstd.WithWindowSize(c.window), zstd.WithSingleSegment(false))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // a stream, whose window isn't made smaller
			if _, err := w.Write(bytes.Repeat([]byte("1,2,3\n"), 50_000)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if _, _, err := unpack(&b); c.reason == "" && err != nil || c.reason != "" && problem.From(err).Reason != c.reason {
			t.Errorf("a window of %d MiB: got %v", c.window>>20, err)
		}
	}
}
