package csv

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
)

// framer cuts a table into chunks of whole records.
type framer struct {
	stream  io.Reader
	grammar grammar
	line    int64
	size    int
	tail    []byte // what was read of the next chunk
	ended   bool   // the stream has
}

// newFramer makes a framer of a stream whose first line has this number. Chunks
// have at most size bytes, which is at least twice the grammar's limit.
func newFramer(stream io.Reader, g grammar, line int64, size int) *framer {
	return &framer{stream: stream, grammar: g, line: line, size: size}
}

// Frame fills c with whole records.
func (f *framer) Frame(c *chunk.Chunk) error {
	c.Data = append(c.Data[:0], f.tail...)
	f.tail = f.tail[:0]
	for {
		if err := f.fill(c); err != nil {
			return err
		}
		if len(c.Data) == 0 {
			if len(c.Rejected) > 0 {
				return nil
			}
			return io.EOF
		}
		if n := f.cut(c.Data); n > 0 {
			f.tail = append(f.tail, c.Data[n:]...)
			c.Data = c.Data[:n]
			c.Line = f.line
			f.line += f.lines(c.Data)
			return nil
		}
		if err := f.skip(c); err != nil {
			return err
		}
	}
}

// fill reads until the chunk is full or the stream ends.
func (f *framer) fill(c *chunk.Chunk) error {
	if cap(c.Data) < f.size {
		c.Data = append(make([]byte, 0, f.size), c.Data...)
	}
	for !f.ended && len(c.Data) < f.size {
		n, err := f.stream.Read(c.Data[len(c.Data):f.size])
		c.Data = c.Data[:len(c.Data)+n]
		if errors.Is(err, io.EOF) {
			f.ended = true
		} else if err != nil {
			return err
		}
	}
	return nil
}

// cut is where the last whole record in b ends; 0 when none does.
func (f *framer) cut(b []byte) int {
	if f.ended {
		return len(b)
	}
	d := f.grammar
	if d.Quote == 0 || bytes.IndexByte(b, d.Quote) < 0 {
		return bytes.LastIndexByte(b, d.Newline) + 1
	}
	total := 0
	for {
		n, end := d.scan(b[total:], false)
		if end == partial {
			break
		}
		total += n
	}
	return total
}

// skip passes over a record that is longer than a chunk.
func (f *framer) skip(c *chunk.Chunk) error {
	c.Rejected = append(c.Rejected, dataset.Rejected{
		Line: f.line, Value: chunk.Cut(c.Data), Reason: tooLarge(f.grammar.limit),
	})
	for {
		if i := bytes.IndexByte(c.Data, f.grammar.Newline); i >= 0 {
			c.Data = c.Data[:copy(c.Data, c.Data[i+1:])]
			f.line++
			return nil
		}
		c.Data = c.Data[:0]
		if f.ended {
			return nil
		}
		if err := f.fill(c); err != nil {
			return err
		}
	}
}

func (f *framer) lines(b []byte) int64 {
	return int64(bytes.Count(b, []byte{f.grammar.Newline}))
}

func tooLarge(limit int) string {
	return fmt.Sprintf("should NOT be larger than %d bytes", limit)
}
