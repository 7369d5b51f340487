package csv

import (
	"bytes"
	"io"

	"github.com/windlass-io/windlass/internal/tabular/chunk"
)

// newFramer returns a framer of a stream whose first line has this number.
// Chunks have size bytes, or more if a record needs more.
func newFramer(stream io.Reader, g grammar, line int64, size int) *chunk.Lines {
	return &chunk.Lines{Stream: stream, Newline: g.Newline, Line: line, Size: size, Limit: g.limit, Cut: g.cut}
}

// cut returns the end of the last whole record in b, or 0 if there is none.
func (d *grammar) cut(b []byte) int {
	if d.Quote == 0 || bytes.IndexByte(b, d.Quote) < 0 {
		return bytes.LastIndexByte(b, d.Newline) + 1
	}
	total := 0
	for {
		n, end := d.scan(b[total:], false)
		if end == partial {
			return total
		}
		total += n
	}
}
