package parquet

import (
	"encoding/binary"
	"errors"
)

// Errors of [skimmer].
var (
	errThriftShort = errors.New("a Thrift structure is cut off")
	errThrift      = errors.New("a Thrift structure is not valid")
)

// maxThriftDepth limits the nesting of structures. Those of Parquet have five
// levels.
const maxThriftDepth = 16

// Types of Thrift's compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

// skimmer walks over structures of Thrift's compact protocol and allocates
// nothing, so that sizes can be checked before a decoder trusts them.
//
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
type skimmer struct {
	b       []byte
	i       int
	depth   int
	structs int // in lists so far
}

// visitor handles a field. It reports whether it consumed the value.
type visitor func(id int16, kind byte) (bool, error)

func (s *skimmer) byte() (byte, error) {
	if s.i >= len(s.b) {
		return 0, errThriftShort
	}
	s.i++
	return s.b[s.i-1], nil
}

func (s *skimmer) uvarint() (uint64, error) {
	x, n := binary.Uvarint(s.b[s.i:])
	switch {
	case n == 0:
		return 0, errThriftShort
	case n < 0:
		return 0, errThrift
	}
	s.i += n
	return x, nil
}

// int decodes a signed integer.
func (s *skimmer) int() (int64, error) {
	x, n := binary.Varint(s.b[s.i:])
	switch {
	case n == 0:
		return 0, errThriftShort
	case n < 0:
		return 0, errThrift
	}
	s.i += n
	return x, nil
}

func (s *skimmer) advance(n uint64) error {
	if n > uint64(len(s.b)-s.i) { //nolint:gosec // never negative
		return errThriftShort
	}
	s.i += int(n) //nolint:gosec // checked
	return nil
}

// fields walks over a structure. visit may be nil.
func (s *skimmer) fields(visit visitor) error {
	if s.depth++; s.depth > maxThriftDepth {
		return errThrift
	}
	defer func() { s.depth-- }()
	id := int16(0)
	for {
		header, err := s.byte()
		if err != nil || header == 0 {
			return err
		}
		if delta := int16(header >> 4); delta != 0 {
			id += delta
		} else {
			n, err := s.int()
			if err != nil {
				return err
			}
			id = int16(n) //nolint:gosec // an unknown field is skipped
		}
		done := false
		if visit != nil {
			if done, err = visit(id, header&15); err != nil {
				return err
			}
		}
		if !done {
			if err := s.skip(header & 15); err != nil {
				return err
			}
		}
	}
}

// skip walks over the value of a field.
func (s *skimmer) skip(kind byte) error {
	switch {
	case kind == thriftTrue || kind == thriftFalse:
		return nil // the value is in the kind
	case kind == thriftByte:
		return s.advance(1)
	case kind > thriftByte && kind <= thriftI64:
		_, err := s.uvarint()
		return err
	case kind == thriftDouble:
		return s.advance(8)
	case kind == thriftBinary:
		n, err := s.uvarint()
		if err != nil {
			return err
		}
		return s.advance(n)
	case kind == thriftList || kind == thriftSet:
		_, err := s.list(nil)
		return err
	case kind == thriftMap:
		return s.skipMap()
	case kind == thriftStruct:
		return s.fields(nil)
	}
	return errThrift
}

// list walks over a list and returns its length. each handles the structures
// in it; nil skips the elements.
func (s *skimmer) list(each func() error) (int, error) {
	header, err := s.byte()
	if err != nil {
		return 0, err
	}
	size, kind := uint64(header>>4), header&15
	if size == 15 {
		if size, err = s.uvarint(); err != nil {
			return 0, err
		}
	}
	if size > uint64(len(s.b)-s.i) { //nolint:gosec // never negative
		return 0, errThriftShort // each element has a byte at least
	}
	if kind == thriftStruct {
		s.structs += int(size)
	}
	for range size {
		switch {
		case each != nil && kind == thriftStruct:
			err = each()
		case kind == thriftTrue || kind == thriftFalse:
			err = s.advance(1)
		default:
			err = s.skip(kind)
		}
		if err != nil {
			return 0, err
		}
	}
	return int(size), nil
}

func (s *skimmer) skipMap() error {
	size, err := s.uvarint()
	if err != nil || size == 0 {
		return err
	}
	kinds, err := s.byte()
	if err != nil {
		return err
	}
	for range min(size, uint64(len(s.b)-s.i)+1) { //nolint:gosec // never negative
		for _, kind := range []byte{kinds >> 4, kinds & 15} {
			if kind == thriftTrue || kind == thriftFalse {
				kind = thriftByte
			}
			if err := s.skip(kind); err != nil {
				return err
			}
		}
	}
	return nil
}
