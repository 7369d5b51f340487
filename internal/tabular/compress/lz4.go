package compress

import (
	"encoding/binary"
	"io"
)

// lz4Frames follows the frames of lz4 data as they are read. The library can't
// distinguish data that ends between two blocks from complete data.
//
// https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
type lz4Frames struct {
	inner io.Reader
	next  func([]byte) // called with the complete field
	field []byte
	size  int   // of the field
	skip  int64 // bytes to pass over before the field

	checksums struct{ block, content bool }
	between   bool // the next field begins a frame
}

// The flags of a frame.
const (
	lz4Dictionary    = 1 << 0
	lz4ContentSum    = 1 << 2
	lz4ContentSize   = 1 << 3
	lz4BlockSum      = 1 << 4
	lz4BlockSizeMask = 1<<31 - 1
)

func newLZ4Frames(inner io.Reader) *lz4Frames {
	f := &lz4Frames{inner: inner}
	f.begin()
	return f
}

// Read returns io.ErrUnexpectedEOF if the data ends inside a frame.
func (f *lz4Frames) Read(p []byte) (int, error) {
	n, err := f.inner.Read(p)
	f.follow(p[:n])
	if err == io.EOF && (!f.between || len(f.field) > 0 || f.skip > 0) {
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}

func (f *lz4Frames) follow(b []byte) {
	for len(b) > 0 {
		if f.skip > 0 {
			n := min(f.skip, int64(len(b)))
			f.skip -= n
			b = b[n:]
			continue
		}
		n := min(f.size-len(f.field), len(b))
		f.field = append(f.field, b[:n]...)
		b = b[n:]
		if len(f.field) == f.size {
			field := f.field
			f.field = f.field[:0]
			f.next(field)
		}
	}
}

// expect sets what the next field is.
func (f *lz4Frames) expect(size int, next func([]byte)) {
	f.size, f.next, f.between = size, next, false
}

func (f *lz4Frames) begin() {
	f.expect(4, func(magic []byte) {
		if binary.LittleEndian.Uint32(magic)&skippableMask == skippable {
			f.expect(4, func(size []byte) {
				f.skip = int64(binary.LittleEndian.Uint32(size))
				f.begin()
			})
			return
		}
		f.expect(2, f.header) // the library refuses another number
	})
	f.between = true
}

func (f *lz4Frames) header(flags []byte) {
	f.checksums.block, f.checksums.content = flags[0]&lz4BlockSum != 0, flags[0]&lz4ContentSum != 0
	f.skip = 1 // the header's checksum
	if flags[0]&lz4ContentSize != 0 {
		f.skip += 8
	}
	if flags[0]&lz4Dictionary != 0 {
		f.skip += 4
	}
	f.expect(4, f.block)
}

func (f *lz4Frames) block(size []byte) {
	n := int64(binary.LittleEndian.Uint32(size) & lz4BlockSizeMask)
	switch {
	case n == 0 && f.checksums.content:
		f.expect(4, func([]byte) { f.begin() })
		return
	case n == 0:
		f.begin()
		return
	case f.checksums.block:
		n += 4
	}
	f.skip = n
	f.expect(4, f.block)
}
