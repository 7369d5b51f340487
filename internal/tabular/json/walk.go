package json

import (
	"errors"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
)

// walker frames a document: it follows the path and skips the rest. It finds
// the ends of records by brackets and quotes alone; the parser validates
// their contents.
type walker struct {
	source
	path    Path
	limit   int
	size    int
	frames  []frame
	records int64 // so far
	reached bool  // the path led somewhere
	late    []dataset.Rejected
}

// frame is an array or object that the walker is in.
type frame struct {
	array bool
	first bool // before its first element
	level int  // the step that its elements or members are compared to
}

func newWalker(stream io.Reader, path Path, limit, size int) *walker {
	return &walker{
		source: source{stream: stream, buf: make([]byte, 0, 64<<10)}, path: path.target(), limit: limit,
		size: size,
	}
}

// Frame fills c with records.
func (w *walker) Frame(c *chunk.Chunk) error {
	c.Line = w.records + 1
	c.Rejected, w.late = append(c.Rejected, w.late...), nil
	// Half of the chunk stays free for the record that begins last.
	for len(c.Data) < w.size/2 && len(c.Ends) < chunk.MaxRows && w.late == nil {
		err := w.advance(c)
		switch {
		case errors.Is(err, errEnded) && (len(c.Ends) > 0 || len(c.Rejected) > 0 || w.late != nil):
			return nil // and io.EOF the next time
		case errors.Is(err, errEnded) && w.reached:
			return io.EOF
		case errors.Is(err, errEnded):
			return problem.New(problem.Invalid, "There is nothing at %s.", w.path).
				WithHint("Choose another JSONPath, or leave it empty to have it found out.")
		case err != nil:
			return w.explain(err)
		}
	}
	return nil
}

// explain adds where the document is cut off.
func (w *walker) explain(err error) error {
	if errors.Is(err, errCutOff) {
		return problem.New(problem.Invalid, "The JSON is cut off: it ends at byte %d, before it is complete.",
			w.offset()).
			WithHint("Upload the complete object again.")
	}
	return err
}

// advance moves one step.
func (w *walker) advance(c *chunk.Chunk) error {
	if len(w.frames) == 0 {
		if _, err := w.peek(); err != nil {
			return err
		}
		return w.value(c, 0)
	}
	top := &w.frames[len(w.frames)-1]
	closing := byte('}')
	if top.array {
		closing = ']'
	}
	b, err := w.within()
	switch {
	case err != nil:
		return err
	case b == closing:
		w.next++
		w.frames = w.frames[:len(w.frames)-1]
		return nil
	case !top.first && b != ',':
		return w.unexpected(b)
	case !top.first:
		w.next++
		if b, err = w.within(); err != nil {
			return err
		}
	}
	top.first = false
	if top.array {
		return w.value(c, top.level)
	}
	return w.member(c, top.level, b)
}

// member enters a member of an object if the path names it.
func (w *walker) member(c *chunk.Chunk, level int, b byte) error {
	if b != '"' {
		return w.unexpected(b)
	}
	raw, _, err := w.cut(nil, w.limit)
	if err != nil {
		return err
	}
	if b, err = w.within(); err != nil {
		return err
	} else if b != ':' {
		return w.unexpected(b)
	}
	w.next++
	name := scanner{b: raw}
	if _, err := name.text(); err == nil && string(unescape(nil, raw[1:len(raw)-1])) == w.path[level].name {
		return w.value(c, level+1)
	}
	return w.pass()
}

// value enters a value that the steps before level led to.
func (w *walker) value(c *chunk.Chunk, level int) error {
	b, err := w.within()
	switch {
	case err != nil:
		return err
	case level > len(w.path):
		return w.record(c)
	case level == len(w.path):
		w.reached = true
		if b == '[' {
			w.push(true, level+1)
			return nil
		}
		if b == 'n' {
			return w.pass()
		}
		return w.record(c)
	case w.path[level].each && b == '[':
		w.push(true, level+1)
		return nil
	case w.path[level].each:
		return w.value(c, level+1)
	case b == '{':
		w.push(false, level)
		return nil
	}
	return w.pass()
}

func (w *walker) push(array bool, level int) {
	w.next++
	w.frames = append(w.frames, frame{array: array, first: true, level: level})
}

// pass passes over a value.
func (w *walker) pass() error {
	_, _, err := w.cut(nil, 0)
	return err
}

// record copies a value to the chunk. A too large value becomes a rejected
// record of the next chunk, so that the records of this one can be counted.
func (w *walker) record(c *chunk.Chunk) error {
	start := len(c.Data)
	data, whole, err := w.cut(c.Data, w.limit)
	if err != nil {
		return err
	}
	w.records++
	if !whole {
		w.late = append(w.late, chunk.RejectTooLarge(w.limit, data[start:]).At(w.records))
		c.Data = data[:start]
		return nil
	}
	c.Data = data
	c.Ends = append(c.Ends, len(data))
	return nil
}

// The ends of a stream: between documents, and inside one. They are distinct
// from read errors, whose cause may be io.EOF.
var (
	errEnded  = errors.New("the stream ended")
	errCutOff = errors.New("the document is cut off")
)

// source is a stream that is read through a buffer.
type source struct {
	stream io.Reader
	buf    []byte
	next   int   // the next byte in buf
	before int64 // bytes of the stream before buf
	ended  error // after the end of the stream: errEnded, or the read error
}

// offset counts the bytes of the stream that were passed.
func (s *source) offset() int64 { return s.before + int64(s.next) }

func (s *source) unexpected(b byte) error {
	return problem.New(problem.Invalid, "The JSON has an unexpected %q at byte %d.", b, s.offset()+1).
		WithHint("Check the document with a JSON validator.")
}

// fill reads more when the whole buffer was consumed.
func (s *source) fill() error {
	for s.next == len(s.buf) {
		if s.ended != nil {
			return s.ended
		}
		s.before += int64(len(s.buf))
		n, err := s.stream.Read(s.buf[:cap(s.buf)])
		if err == io.EOF {
			err = errEnded
		}
		s.buf, s.next, s.ended = s.buf[:n], 0, err
	}
	return nil
}

// peek skips blanks and returns the next byte.
func (s *source) peek() (byte, error) {
	for {
		if err := s.fill(); err != nil {
			return 0, err
		}
		for ; s.next < len(s.buf); s.next++ {
			switch b := s.buf[s.next]; b {
			case ' ', '\t', '\n', '\r':
			default:
				return b, nil
			}
		}
	}
}

// within is peek where the document cannot end.
func (s *source) within() (byte, error) {
	b, err := s.peek()
	if errors.Is(err, errEnded) {
		err = errCutOff
	}
	return b, err
}

// cut reads the next value and appends at most limit bytes of it to dst. It
// reports whether that is the whole value.
func (s *source) cut(dst []byte, limit int) ([]byte, bool, error) {
	if _, err := s.within(); err != nil {
		return dst, false, err
	}
	t := tracker{}
	length := 0
	for {
		if err := s.fill(); err != nil {
			if !errors.Is(err, errEnded) {
				return dst, false, err
			}
			if t.bare && t.depth == 0 {
				return dst, length <= limit, nil // a number may end with the stream
			}
			return dst, false, errCutOff
		}
		n, done, err := t.track(s.buf[s.next:])
		if err != nil {
			s.next += n
			return dst, false, s.unexpected(s.buf[s.next])
		}
		if room := limit - length; room > 0 {
			dst = append(dst, s.buf[s.next:s.next+min(n, room)]...)
		}
		length += n
		s.next += n
		if done {
			return dst, length <= limit, nil
		}
	}
}

// tracker finds the end of a value by its brackets and quotes.
type tracker struct {
	begun  bool
	bare   bool // a number or a word, which ends before a byte that can't be part of it
	quoted bool
	escape bool
	depth  int
}

var errNoValue = fmt.Errorf("no value begins here")

// track passes bytes up to the end of the value, or all of them.
func (t *tracker) track(b []byte) (n int, done bool, err error) {
	for i, c := range b {
		switch {
		case t.escape:
			t.escape = false
		case t.quoted:
			switch c {
			case '\\':
				t.escape = true
			case '"':
				t.quoted = false
				if t.depth == 0 {
					return i + 1, true, nil
				}
			}
		case c == '"' && !t.bare:
			t.quoted, t.begun = true, true
		case (c == '{' || c == '[') && !t.bare:
			t.begun = true
			t.depth++
		case t.depth > 0:
			if c == '}' || c == ']' {
				if t.depth--; t.depth == 0 {
					return i + 1, true, nil
				}
			}
		case bareByte(c):
			t.bare, t.begun = true, true
		case t.begun:
			return i, true, nil
		default:
			return i, false, errNoValue
		}
	}
	return len(b), false, nil
}

func bareByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.'
}
