package policycase

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxCaseBytes is the maximum size of a case.
const MaxCaseBytes = 8 << 20

// ErrTooLarge is a case over [MaxCaseBytes].
var ErrTooLarge = errors.New("a case is larger than 8 MiB")

// Reader splits a stream into cases. Use it from one goroutine.
type Reader struct {
	source  *limited
	rest    io.Reader // what json has not read yet
	json    *jsontext.Decoder
	wrapped bool // the cases are in {"cases":[…]}
	closed  bool // there are no more cases
}

// NewReader reads cases from a stream.
func NewReader(source io.Reader) *Reader {
	return &Reader{source: &limited{source: source, left: MaxCaseBytes}}
}

// Next returns the bytes of the next case, valid until the next call, or
// [io.EOF]. It returns a line that isn't JSON unchanged, so that [Parse] can
// report what is wrong with it.
func (r *Reader) Next() ([]byte, error) {
	if r.json == nil {
		r.begin()
	}
	r.source.left = MaxCaseBytes
	if r.closed {
		return nil, io.EOF
	}
	if r.wrapped && r.json.PeekKind() == ']' {
		r.closed = true
		return nil, io.EOF
	}
	value, err := r.json.ReadValue()
	var invalid *jsontext.SyntacticError
	switch {
	case err == nil:
		return value, nil
	case r.wrapped:
		r.closed = true
		return nil, fmt.Errorf("reading the list of cases: %w", unexpected(err))
	case errors.As(err, &invalid):
		return r.brokenLine()
	}
	return nil, err
}

// unexpected returns a syntax error as one that ends the stream too early.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	var invalid *jsontext.SyntacticError
	if errors.As(err, &invalid) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.Join(err, io.ErrUnexpectedEOF)
	}
	return err
}

// begin detects the form of the stream. It reads a stream that isn't
// {"cases":[…]} again from its start.
func (r *Reader) begin() {
	var begun bytes.Buffer
	r.json = newDecoder(io.TeeReader(r.source, &begun))
	if r.wrapped = enterCases(r.json); !r.wrapped {
		r.read(&begun, r.source)
	}
}

// enterCases reads up to the opening bracket of the member "cases". It reports
// whether there is one.
func enterCases(d *jsontext.Decoder) bool {
	if d.PeekKind() != '{' {
		return false
	}
	for _, err := d.ReadToken(); err == nil && d.PeekKind() == '"'; err = d.SkipValue() {
		if name, err := d.ReadToken(); err != nil {
			return false
		} else if name.String() != "cases" {
			continue
		}
		if d.PeekKind() != '[' {
			return false
		}
		_, err := d.ReadToken()
		return err == nil
	}
	return false
}

// brokenLine returns the rest of a line that isn't JSON, and continues after it.
func (r *Reader) brokenLine() ([]byte, error) {
	rest := bytes.TrimLeft(bytes.Clone(r.json.UnreadBuffer()), " \t\r\n")
	line, behind, found := bytes.Cut(rest, []byte("\n"))
	for !found {
		more := make([]byte, 32<<10)
		n, err := r.rest.Read(more)
		line, behind, found = bytes.Cut(append(line, more[:n]...), []byte("\n"))
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	r.read(bytes.NewReader(behind), r.rest)
	return line, nil
}

// read continues with sources, one after the other.
func (r *Reader) read(sources ...io.Reader) {
	r.rest = io.MultiReader(sources...)
	r.json = newDecoder(r.rest)
}

// limited fails with [ErrTooLarge] when more is read than is left for a case.
type limited struct {
	source io.Reader
	left   int
}

// Read reads from the source.
func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, ErrTooLarge
	}
	n, err := l.source.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}
