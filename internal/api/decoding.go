package api

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/problem"
)

// maxDecodeWindow limits the memory for decompressing a zstd body.
const maxDecodeWindow = 8 << 20

// decoded returns a request whose body is decompressed while it is read. Handlers
// limit the bytes that they read, so that a small body can't expand without limit.
func decoded(r *http.Request) (*http.Request, error) {
	encoding := strings.ToLower(strings.TrimSpace(strings.Join(r.Header.Values("Content-Encoding"), ",")))
	var open func(io.Reader) (io.Reader, error)
	switch encoding {
	case "", "identity":
		return r, nil
	case gzipName, "x-gzip":
		open = func(body io.Reader) (io.Reader, error) { return gzip.NewReader(body) }
	case zstdName:
		open = func(body io.Reader) (io.Reader, error) {
			return zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
				zstd.WithDecoderMaxWindow(maxDecodeWindow))
		}
	default:
		return r, problem.New(problem.UnsupportedMedia, "The Content-Encoding %s isn't "+
			"supported.", clip.To(encoding, 60)).
			WithHint("Send the body as gzip or zstd, or without Content-Encoding.")
	}
	changed := r.Clone(r.Context())
	changed.Header.Del("Content-Encoding")
	changed.Header.Del("Content-Length")
	changed.ContentLength = -1
	changed.Body = &decodedBody{body: r.Body, open: open}
	return changed, nil
}

// decodedBody decompresses a body, starting with the first read.
type decodedBody struct {
	body    io.ReadCloser
	open    func(io.Reader) (io.Reader, error)
	reader  io.Reader
	failure error
}

// Read returns decompressed bytes.
func (d *decodedBody) Read(p []byte) (int, error) {
	if d.failure != nil {
		return 0, d.failure
	}
	if d.reader == nil {
		if d.reader, d.failure = d.open(d.body); d.failure != nil {
			d.failure = damagedBody(d.failure)
			return 0, d.failure
		}
	}
	n, err := d.reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		d.failure = damagedBody(err)
		err = d.failure
	}
	return n, err
}

// damagedBody returns the error for a body that can't be decompressed. If the body
// broke off, it returns err.
func damagedBody(err error) error {
	for _, damage := range []error{
		gzip.ErrHeader, gzip.ErrChecksum, zstd.ErrMagicMismatch, zstd.ErrCRCMismatch, zstd.ErrWindowSizeExceeded,
		zstd.ErrReservedBlockType, zstd.ErrBlockTooSmall, zstd.ErrUnexpectedBlockSize, io.ErrUnexpectedEOF, io.EOF,
	} {
		if errors.Is(err, damage) {
			return problem.Wrap(err, problem.Invalid, "The body doesn't match its Content-Encoding, or it is damaged.").
				WithReason("invalid_body").
				WithHint("Compress it again, or send it without Content-Encoding.")
		}
	}
	return err
}

// Close closes the body.
func (d *decodedBody) Close() error {
	if z, ok := d.reader.(*zstd.Decoder); ok {
		z.Close()
	}
	return d.body.Close()
}
