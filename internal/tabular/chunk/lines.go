package chunk

import (
	"bytes"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Lines frames a stream whose records consist of one or more lines.
type Lines struct {
	Stream  io.Reader
	Newline byte
	Line    int64 // number of the stream's first line
	Size    int   // of a chunk in bytes; more where a record needs it
	Limit   int   // the largest record in bytes; larger ones may be passed over here
	// Cut returns the end of the last whole record in b, or 0 if there is
	// none. Nil means the last Newline.
	Cut func(b []byte) int

	tail  []byte // the part of the next chunk that was read
	ended bool   // the stream has
}

// Frame fills c with whole records.
func (f *Lines) Frame(c *Chunk) error {
	c.Data = append(c.Data[:0], f.tail...)
	f.tail = f.tail[:0]
	for {
		if err := f.fill(c, f.Size); err != nil {
			return err
		}
		if len(c.Data) == 0 {
			if len(c.Rejected) > 0 {
				return nil
			}
			return io.EOF
		}
		n, err := f.cutGrowing(c)
		if err != nil {
			return err
		}
		if n > 0 {
			f.tail = append(f.tail, c.Data[n:]...)
			c.Data = c.Data[:n]
			c.Line = f.Line
			f.Line += int64(bytes.Count(c.Data, []byte{f.Newline}))
			return nil
		}
		if err := f.skip(c); err != nil {
			return err
		}
	}
}

// cutGrowing returns where the last whole record of the chunk ends. While there
// is none, it reads more, up to the size of the longest record.
func (f *Lines) cutGrowing(c *Chunk) (int, error) {
	most := f.Limit + f.Size
	for size := f.Size; ; {
		if n := f.cut(c.Data); n > 0 || f.ended || size >= most {
			return n, nil
		}
		size = min(2*size, most)
		if err := f.fill(c, size); err != nil {
			return 0, err
		}
	}
}

// fill reads until the chunk has size bytes or the stream ends.
func (f *Lines) fill(c *Chunk, size int) error {
	if cap(c.Data) < size {
		c.Data = append(make([]byte, 0, size), c.Data...)
	}
	for !f.ended && len(c.Data) < size {
		n, err := f.Stream.Read(c.Data[len(c.Data):size])
		c.Data = c.Data[:len(c.Data)+n]
		if err == io.EOF { // an error of reading may have io.EOF for its cause
			f.ended = true
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (f *Lines) cut(b []byte) int {
	switch {
	case f.ended:
		return len(b)
	case f.Cut != nil:
		return f.Cut(b)
	}
	return bytes.LastIndexByte(b, f.Newline) + 1
}

// skip passes over a line that is longer than a chunk.
func (f *Lines) skip(c *Chunk) error {
	c.Rejected = append(c.Rejected, RejectTooLarge(f.Limit, c.Data).At(f.Line))
	for {
		if i := bytes.IndexByte(c.Data, f.Newline); i >= 0 {
			c.Data = c.Data[:copy(c.Data, c.Data[i+1:])]
			f.Line++
			return nil
		}
		c.Data = c.Data[:0]
		if f.ended {
			return nil
		}
		if err := f.fill(c, f.Size); err != nil {
			return err
		}
	}
}

// RejectTooLarge is the rejection of a record over a limit of bytes.
func RejectTooLarge(limit int, record []byte) Rejection {
	return Rejection{
		Column: -1, Value: record, Code: dataset.RecordTooLong, Reason: TooLarge(limit), Raw: record,
	}
}

// TooLarge is the reason why a record over a limit of bytes is rejected.
func TooLarge(limit int) string {
	return fmt.Sprintf("should NOT be larger than %d bytes", limit)
}
