package compress

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"
	"github.com/pierrec/lz4/v4"
)

// maxWindow limits the memory that a stream can require.
const maxWindow = 128 << 20

// snappyBlock is the largest block of framed snappy.
const snappyBlock = 64 << 10

// unpack sets the reader of the unpacked bytes.
func (c *Reader) unpack(r *bufio.Reader) error {
	switch c.Kind {
	case Gzip:
		z, err := gzip.NewReader(r)
		if err != nil {
			return err
		}
		z.Multistream(false)
		c.inner = &gzipMembers{stored: r, member: z}
	case Zstd:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return err
		}
		c.inner, c.close = z, z.Close
	case Bzip2:
		c.inner = bzip2.NewReader(r)
	case XZ:
		z, err := xz.NewReader(r, maxWindow)
		if err != nil {
			return err
		}
		c.inner = z
	case LZ4:
		c.inner = lz4.NewReader(newLZ4Frames(r))
	case Snappy:
		c.inner = s2.NewReader(r, s2.ReaderMaxBlockSize(snappyBlock))
	case Zip, None:
	}
	return nil
}

// gzipMembers reads the members of gzip data in sequence. Zero bytes may follow
// the last one, as tape drives write them.
type gzipMembers struct {
	stored *bufio.Reader
	member *gzip.Reader
}

func (g *gzipMembers) Read(p []byte) (int, error) {
	for {
		n, err := g.member.Read(p)
		if n > 0 || err != io.EOF { //nolint:errorlint // see Reader.Read
			return n, ignoreEnd(err)
		}
		if err := g.next(); err != nil {
			return 0, err
		}
	}
}

// ignoreEnd returns nil for the end of a member: the next read finds the next one.
func ignoreEnd(err error) error {
	if err == io.EOF { //nolint:errorlint // an error of reading may have io.EOF for its cause
		return nil
	}
	return err
}

// next begins the next member. It returns io.EOF if there is none.
func (g *gzipMembers) next() error {
	for padded := false; ; padded = true {
		b, err := g.stored.ReadByte()
		if err != nil {
			return err
		}
		if b == 0 {
			continue
		}
		if padded {
			return errors.New("bytes follow the padding")
		}
		if err := g.stored.UnreadByte(); err != nil {
			return err
		}
		if err := g.member.Reset(g.stored); err != nil {
			return noEnd(err)
		}
		g.member.Multistream(false)
		return nil
	}
}

// noEnd returns io.ErrUnexpectedEOF for io.EOF.
func noEnd(err error) error {
	if err == io.EOF { //nolint:errorlint // an error of reading may have io.EOF for its cause
		return io.ErrUnexpectedEOF
	}
	return err
}
