package api

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// The encodings of bodies. identity means no encoding.
const (
	identity = ""
	zstdName = "zstd"
	gzipName = "gzip"
)

// minCompressed is the size from which a body is compressed.
const minCompressed = 1 << 10

// acceptedEncoding returns the encoding that a client prefers (RFC 9110,
// section 12.5.3), and zstd if it accepts zstd and gzip equally.
func acceptedEncoding(header http.Header) string {
	accept := strings.Join(header.Values("Accept-Encoding"), ",")
	if accept == "" {
		return identity
	}
	quality := map[string]float64{}
	for part := range strings.SplitSeq(accept, ",") {
		name, parameters, _ := strings.Cut(part, ";")
		q := 1.0
		if key, value, ok := strings.Cut(parameters, "="); ok && strings.EqualFold(strings.TrimSpace(key), "q") {
			var err error
			if q, err = strconv.ParseFloat(strings.TrimSpace(value), 64); err != nil || !(q >= 0 && q <= 1) {
				q = 0
			}
		}
		quality[strings.ToLower(strings.TrimSpace(name))] = q
	}
	of := func(name string) float64 {
		if q, ok := quality[name]; ok {
			return q
		}
		return quality["*"]
	}
	best, most := identity, quality["identity"]
	for _, name := range []string{zstdName, gzipName} {
		if q := of(name); q > 0 && (q > most || best == identity && q == most) {
			best, most = name, q
		}
	}
	return best
}

// compressor compresses a body. Unless the body is a stream, it waits for the
// first bytes, and sends short bodies uncompressed.
type compressor struct {
	w        io.Writer
	encoding string
	begin    func() // before the first compressed byte; nil for a stream
	held     []byte
	encoder  io.WriteCloser // nil until it is needed
	release  func()
}

// newCompressor compresses what is written to w. begin, optional, is called before
// the first byte if the body is compressed at all.
func newCompressor(w io.Writer, encoding string, begin func()) *compressor {
	return &compressor{w: w, encoding: encoding, begin: begin}
}

// open takes an encoder.
func (c *compressor) open() {
	if c.encoding == zstdName {
		e, _ := zstdEncoders.Get().(*zstd.Encoder)
		c.release = func() {
			e.Reset(nil)
			zstdEncoders.Put(e)
		}
		e.Reset(c.w)
		c.encoder = e
		return
	}
	e, _ := gzipEncoders.Get().(*gzip.Writer)
	c.release = func() {
		e.Reset(io.Discard)
		gzipEncoders.Put(e)
	}
	e.Reset(c.w)
	c.encoder = e
}

// The encoders have small windows, because there may be many at the same time.
var (
	zstdEncoders = sync.Pool{New: func() any {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(256<<10),
			zstd.WithLowerEncoderMem(true), zstd.WithEncoderLevel(zstd.SpeedFastest))
		if err != nil { // the options are constants
			panic(err)
		}
		return e
	}}
	gzipEncoders = sync.Pool{New: func() any {
		w, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // a constant level
		return w
	}}
)

// Write writes.
func (c *compressor) Write(p []byte) (int, error) {
	switch {
	case c.encoding == identity:
		return c.w.Write(p)
	case c.encoder != nil:
		return c.encoder.Write(p)
	case c.begin != nil && len(c.held)+len(p) < minCompressed:
		c.held = append(c.held, p...)
		return len(p), nil
	}
	if c.begin != nil {
		c.begin()
	}
	c.open()
	if len(c.held) > 0 {
		if _, err := c.encoder.Write(c.held); err != nil {
			return 0, err
		}
	}
	return c.encoder.Write(p)
}

// Close ends the body. It doesn't close the writer below.
func (c *compressor) Close() error {
	switch {
	case c.encoding == identity:
		return nil
	case c.encoder == nil && c.begin != nil:
		_, err := c.w.Write(c.held)
		return err
	case c.encoder == nil:
		c.open()
	}
	defer c.release()
	return c.encoder.Close()
}
