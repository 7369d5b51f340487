package policycase

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// MaxCaseBytes is the maximum size of a case.
const MaxCaseBytes = 8 << 20

// ErrTooLarge is a case over [MaxCaseBytes].
var ErrTooLarge = errors.New("a case is larger than 8 MiB")

// Reader splits a stream into cases. Use it from one goroutine.
type Reader struct {
	source io.Reader
	window []byte // read but not yet returned
	ended  bool   // source has no more

	begun   bool // the form of the stream is known
	wrapped bool // the cases are in {"cases":[…]}
	closed  bool // the closing bracket of the cases was seen
}

// NewReader reads cases from a stream.
func NewReader(source io.Reader) *Reader { return &Reader{source: source} }

// Next returns the bytes of the next case, valid until the next call, or
// [io.EOF]. It returns a line that isn't JSON as it is, so that [Parse] can
// report what is wrong with it.
func (r *Reader) Next() ([]byte, error) {
	if !r.begun {
		if err := r.begin(); err != nil {
			return nil, err
		}
	}
	if r.closed {
		return nil, io.EOF
	}
	if err := r.space(); err != nil {
		return nil, err
	}
	if r.wrapped && r.window[0] == ']' {
		r.closed = true
		return nil, io.EOF
	}
	return r.value()
}

// begin detects the form of the stream.
func (r *Reader) begin() error {
	r.begun = true
	for {
		inside, found, undecided := findCases(r.window)
		switch {
		case found:
			r.window, r.wrapped = r.window[inside:], true
			return nil
		case !undecided || r.ended:
			return nil
		case len(r.window) > MaxCaseBytes:
			return ErrTooLarge
		}
		if err := r.more(); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
}

// findCases looks for the member "cases" of an object that is not yet read
// whole. It returns the place after the opening bracket of its array.
func findCases(text []byte) (inside int, found, undecided bool) {
	d := scan{text: text}
	if !d.take('{') {
		return 0, false, d.atEnd()
	}
	for {
		name, ok := d.value()
		if !ok || !d.take(':') {
			return 0, false, d.atEnd()
		}
		if bytes.Equal(name, []byte(`"cases"`)) {
			ok := d.take('[')
			return d.at, ok, d.atEnd()
		}
		if _, ok := d.value(); !ok || !d.take(',') {
			return 0, false, d.atEnd()
		}
	}
}

// space steps over white space, and in a wrapped stream over commas.
func (r *Reader) space() error {
	for {
		for i, c := range r.window {
			if c != ' ' && c != '\t' && c != '\r' && c != '\n' && (!r.wrapped || c != ',') {
				r.window = r.window[i:]
				return nil
			}
		}
		r.window = r.window[:0]
		if err := r.more(); err != nil {
			if errors.Is(err, io.EOF) && r.wrapped {
				return fmt.Errorf("the list of cases is not closed: %w", io.ErrUnexpectedEOF)
			}
			return err
		}
	}
}

// value returns the next value whole.
func (r *Reader) value() ([]byte, error) {
	for {
		d := scan{text: r.window}
		if value, ok := d.value(); ok && (!d.atEnd() || r.ended) {
			r.window = r.window[d.at:]
			return value, nil
		} else if !ok && !d.atEnd() || r.ended {
			return r.broken()
		}
		if len(r.window) > MaxCaseBytes {
			return nil, ErrTooLarge
		}
		if err := r.more(); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
}

// broken returns the rest of a line that isn't JSON. Inside {"cases":[…]} it
// returns an error, because the start of the next case is unknown.
func (r *Reader) broken() ([]byte, error) {
	line := r.window
	if i := bytes.IndexByte(line, '\n'); i >= 0 && !r.wrapped {
		line = line[:i]
	}
	r.window = r.window[len(line):]
	if r.wrapped {
		r.closed = true
		_, err := Parse(line)
		return nil, fmt.Errorf("reading the list of cases: %w", errors.Join(err, io.ErrUnexpectedEOF))
	}
	return line, nil
}

// more reads more of the stream.
func (r *Reader) more() error {
	const chunk = 256 << 10
	if r.ended {
		return io.EOF
	}
	held := len(r.window)
	grown := make([]byte, held+max(held, chunk)) // doubles, so that a large case is rescanned only a few times
	copy(grown, r.window)
	n, err := io.ReadAtLeast(r.source, grown[held:], 1)
	r.window = grown[:held+n]
	if errors.Is(err, io.EOF) {
		r.ended = true
	}
	return err
}

// scan steps over JSON by its brackets and strings.
type scan struct {
	text []byte
	at   int
}

func (s *scan) atEnd() bool { return s.at >= len(s.text) }

func (s *scan) space() {
	for ; !s.atEnd(); s.at++ {
		if c := s.text[s.at]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return
		}
	}
}

func (s *scan) take(c byte) bool {
	s.space()
	if s.atEnd() || s.text[s.at] != c {
		return false
	}
	s.at++
	return true
}

// value steps over one value. Where it is not whole, the scan is at the end.
func (s *scan) value() ([]byte, bool) {
	s.space()
	start, depth := s.at, 0
	for !s.atEnd() {
		switch c := s.text[s.at]; c {
		case '"':
			if !s.str() {
				return nil, false
			}
			if depth == 0 {
				return s.text[start:s.at], true
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return nil, false
			}
			if depth == 0 {
				s.at++
				return s.text[start:s.at], true
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return s.text[start:s.at], s.at > start
			}
		}
		s.at++
	}
	return s.text[start:], depth == 0 && s.at > start
}

func (s *scan) str() bool {
	for s.at++; !s.atEnd(); s.at++ {
		switch s.text[s.at] {
		case '\\':
			s.at++
		case '"':
			s.at++
			return true
		}
	}
	return false
}
