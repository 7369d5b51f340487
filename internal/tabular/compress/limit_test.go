package compress_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/compress"
)

const mib = 1 << 20

// zeros is a stream of n zero bytes.
type zeros struct{ n int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.n == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.n)
	clear(p[:n])
	z.n -= n
	return int(n), nil
}

// bomb packs zero bytes as small as possible.
func bomb(t *testing.T, kind compress.Kind, size int64) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	if kind == compress.Gzip {
		w, err = gzip.NewWriterLevel(&b, gzip.BestCompression)
	} else {
		w, err = zstd.NewWriter(&b)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, &zeros{size}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unpackWithin unpacks with a limit, and returns the number of bytes.
func unpackWithin(t *testing.T, stored io.Reader, most int64) (int64, error) {
	t.Helper()
	r, err := compress.Open(stored, compress.Limits{Unpacked: most})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // it was only read
	return io.Copy(io.Discard, r)
}

// Gzip packs at most 1,032 bytes into one, which is a bomb only from 2 GiB on.
func TestAttackDecompressionBombIsCutOff(t *testing.T) {
	t.Parallel()
	bz, err := base64.StdEncoding.DecodeString(bzipZeros)
	if err != nil {
		t.Fatal(err)
	}
	for name, stored := range map[string]io.Reader{
		"zstd":  bytes.NewReader(bomb(t, compress.Zstd, 160*mib)),
		"xz":    bytes.NewReader(bytes.Repeat(decode(t, xzZeros), 50)),
		"bzip2": bytes.NewReader(bytes.Repeat(bz, 50)),
	} {
		n, err := unpackWithin(t, stored, 0)
		if !problem.Is(err, problem.TooLarge) || !strings.Contains(err.Error(),
			name+" data has more than 1000 unpacked bytes for each stored one and 64 MiB") {
			t.Errorf("%s: got %v after %d MiB", name, err, n/mib)
		}
		if n > 160*mib {
			t.Errorf("%s: %d MiB came first", name, n/mib)
		}
	}
}

func TestUnpackedBytesAreBounded(t *testing.T) {
	t.Parallel()
	for _, kind := range []compress.Kind{compress.None, compress.Gzip, compress.Zstd} {
		stored := pack(t, kind, strings.Repeat("some text\n", 1000))
		if n, err := unpackWithin(t, bytes.NewReader(stored), 10_000); err != nil || n != 10_000 {
			t.Errorf("%q: got %d bytes, %v", kind, n, err)
		}
		n, err := unpackWithin(t, bytes.NewReader(stored), 9_999)
		if !problem.Is(err, problem.TooLarge) || !strings.Contains(err.Error(), "9999 bytes") || n > 9_999 {
			t.Errorf("%q: got %d bytes, %v", kind, n, err)
		}
	}
}

// Data that packs very well is read while it is small.
func TestSmallObjectsMayHaveAnyRatio(t *testing.T) {
	t.Parallel()
	if n, err := unpackWithin(t, bytes.NewReader(bomb(t, compress.Zstd, 64*mib)), 0); err != nil || n != 64*mib {
		t.Errorf("got %d bytes, %v", n, err)
	}
}

// bzipZeros is 5 MB of zero bytes, packed by bzip2.
const bzipZeros = "QlpoOTFBWSZTWabi8/QAJkvAAsAACAAACCAAMMwFKaapEUbAoijxdyRThQkKbi8/QA=="
