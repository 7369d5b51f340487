package compress_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/compress"
)

func pack(t testing.TB, kind compress.Kind, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch kind {
	case compress.Gzip:
		w = gzip.NewWriter(&b)
	case compress.Zstd:
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	case compress.LZ4:
		w = lz4.NewWriter(&b)
	case compress.Snappy:
		w = snappy.NewBufferedWriter(&b)
	default:
		return []byte(text)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpack(stored io.Reader) (string, compress.Kind, error) {
	r, err := compress.Open(stored, compress.Limits{})
	if err != nil {
		return "", "", err
	}
	text, err := io.ReadAll(r)
	return string(text), r.Kind, errors.Join(err, r.Close())
}

func TestWhatIsPackedIsUnpacked(t *testing.T) {
	t.Parallel()
	for _, kind := range []compress.Kind{compress.None, compress.Gzip, compress.Zstd, compress.LZ4, compress.Snappy} {
		for _, want := range []string{"", "a", "ab,c\n", strings.Repeat("some text\n", 100_000)} {
			got, found, err := unpack(iotest.HalfReader(bytes.NewReader(pack(t, kind, want))))
			if want == "" && kind == compress.Snappy {
				kind = compress.None // no frame at all
			}
			if err != nil || got != want || found != kind {
				t.Errorf("%q: got %d bytes of kind %q, %v; want %d", kind, len(got), found, err, len(want))
			}
		}
	}
}

func TestBzip2(t *testing.T) {
	t.Parallel()
	stored, err := base64.StdEncoding.DecodeString("QlpoOTFBWSZTWRkxZT0AAACBAAJEoAAhmmgzTQczi7kinChIDJiynoA=")
	if err != nil {
		t.Fatal(err)
	}
	if got, kind, err := unpack(bytes.NewReader(stored)); got != "hello" || kind != compress.Bzip2 || err != nil {
		t.Errorf("got %q of kind %q, %v", got, kind, err)
	}
	if _, _, err := unpack(bytes.NewReader(stored[:20])); !problem.Is(err, problem.Invalid) {
		t.Errorf("cut off: %v", err)
	}
}

func TestGzipMembersFollowEachOther(t *testing.T) {
	t.Parallel()
	stored := append(pack(t, compress.Gzip, "one\n"), pack(t, compress.Gzip, "two\n")...)
	if got, _, err := unpack(bytes.NewReader(stored)); got != "one\ntwo\n" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestCutOffIsTold(t *testing.T) {
	t.Parallel()
	for _, kind := range []compress.Kind{compress.Gzip, compress.Zstd, compress.LZ4} {
		stored := pack(t, kind, strings.Repeat("1,2,3\n", 1000))
		for n := 5; n < len(stored); n++ {
			_, _, err := unpack(bytes.NewReader(stored[:n]))
			if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), string(kind)) {
				t.Fatalf("%s cut after %d of %d bytes: %v", kind, n, len(stored), err)
			}
		}
		_, _, err := unpack(bytes.NewReader(stored[:len(stored)-3]))
		if want := "is cut off: it ends at byte "; !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want …%s…", err, want)
		}
	}
}

func TestDamageIsTold(t *testing.T) {
	t.Parallel()
	stored := pack(t, compress.Gzip, strings.Repeat("1,2,3\n", 1000))
	stored[len(stored)-6] ^= 0xff // of the checksum
	if _, _, err := unpack(bytes.NewReader(stored)); !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(),
		"damaged near byte") {
		t.Errorf("got %v", err)
	}
}

func TestErrorOfTheObjectComesAsItIs(t *testing.T) {
	t.Parallel()
	want := errors.New("the line broke")
	stored := pack(t, compress.Gzip, strings.Repeat("1,2,3\n", 100_000))
	_, _, err := unpack(io.MultiReader(bytes.NewReader(stored[:100]), iotest.ErrReader(want)))
	if !errors.Is(err, want) || problem.Is(err, problem.Invalid) {
		t.Errorf("got %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("BZh9"))
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	f.Add([]byte{0x28, 0xb5, 0x2f, 0xfd, 0})
	for _, kind := range []compress.Kind{compress.Gzip, compress.Zstd, compress.LZ4, compress.Snappy} {
		f.Add(pack(f, kind, "id,name\n1,Ada\n"))
	}
	f.Add(decode(f, xzHello))
	f.Fuzz(func(t *testing.T, stored []byte) {
		r, err := compress.Open(bytes.NewReader(stored), compress.Limits{})
		if err != nil {
			return
		}
		defer r.Close() //nolint:errcheck // it tells nothing
		if _, err := io.Copy(io.Discard, io.LimitReader(r, 1<<20)); err != nil && !problem.Is(err, problem.Invalid) &&
			!problem.Is(err, problem.TooLarge) {
			t.Fatalf("%v is no problem of the data", err)
		}
	})
}
