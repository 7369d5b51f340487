package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

// unpacker unpacks pages into one buffer, never more than they declare.
type unpacker struct {
	buffer bytes.Buffer
	zstd   *zstd.Decoder
}

// unpack returns the content of a page, which must have exactly want bytes. It
// is valid until the next call.
func (u *unpacker) unpack(codec format.CompressionCodec, packed []byte, want int) ([]byte, error) {
	if codec == format.Uncompressed {
		return packed, nil
	}
	if len(packed) == 0 && want == 0 {
		return nil, nil
	}
	u.buffer.Reset()
	var content []byte
	var err error
	switch codec {
	case format.Snappy:
		if n, e := snappy.DecodedLen(packed); e != nil || n != want {
			return nil, fmt.Errorf("a page of %d bytes unpacks to %d", want, n)
		}
		content, err = snappy.Decode(u.room(want), packed)
	case format.Lz4Raw:
		var n int
		content = u.room(want)
		if n, err = lz4.UncompressBlock(packed, content); err == nil {
			content = content[:n]
		}
	case format.Gzip:
		var r *gzip.Reader
		if r, err = gzip.NewReader(bytes.NewReader(packed)); err == nil {
			content, err = u.copy(r, want)
		}
	case format.Brotli:
		content, err = u.copy(brotli.NewReader(bytes.NewReader(packed)), want)
	case format.Zstd:
		content, err = u.unzstd(packed, want)
	default:
		return nil, fmt.Errorf("it is compressed with %s, which is not supported", codec)
	}
	if err == nil && len(content) != want {
		err = fmt.Errorf("a page of %d bytes unpacks to %d", want, len(content))
	}
	return content, err
}

// room returns n bytes of the buffer.
func (u *unpacker) room(n int) []byte {
	u.buffer.Grow(n)
	return u.buffer.AvailableBuffer()[:n]
}

func (u *unpacker) copy(r io.Reader, want int) ([]byte, error) {
	_, err := io.Copy(&u.buffer, io.LimitReader(r, int64(want)+1))
	return u.buffer.Bytes(), err
}

func (u *unpacker) unzstd(packed []byte, want int) ([]byte, error) {
	if u.zstd == nil {
		var err error
		u.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPageBytes),
			zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
	}
	if err := u.zstd.Reset(bytes.NewReader(packed)); err != nil {
		return nil, err
	}
	content, err := u.copy(u.zstd, want)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return content, err
}

// close releases the decoder.
func (u *unpacker) close() {
	if u.zstd != nil {
		u.zstd.Close()
	}
}
