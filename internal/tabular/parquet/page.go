package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/parquet-go/parquet-go/format"
)

// pageHeader has the sizes in a page header.
type pageHeader struct {
	kind             format.PageType
	packed, unpacked int64
	values           int64
	encoding         format.Encoding
	definitionRLE    bool // of data pages of version 1
	repetitionRLE    bool
	definitionBytes  int64 // of data pages of version 2, whose levels aren't compressed
	repetitionBytes  int64
	notPacked        bool // of data pages of version 2
}

// skimPageHeader reads a page header and returns its size.
func skimPageHeader(b []byte) (pageHeader, int, error) {
	h := pageHeader{definitionRLE: true, repetitionRLE: true}
	s := &skimmer{b: b}
	err := s.fields(func(id int16, kind byte) (bool, error) {
		switch {
		case kind > thriftByte && kind <= thriftI64 && id <= 3:
			n, err := s.int()
			switch id {
			case 1:
				h.kind = format.PageType(n) //nolint:gosec // an unknown type is refused by the library
			case 2:
				h.unpacked = n
			case 3:
				h.packed = n
			}
			return true, err
		case kind == thriftStruct && (id == 5 || id == 7 || id == 8):
			return true, s.fields(func(inner int16, kind byte) (bool, error) { return h.inner(s, id, inner, kind) })
		}
		return false, nil
	})
	return h, s.i, err
}

// inner reads a field of DataPageHeader (5), DictionaryPageHeader (7) or
// DataPageHeaderV2 (8).
func (h *pageHeader) inner(s *skimmer, outer, id int16, kind byte) (bool, error) {
	if outer == 8 && id == 7 {
		h.notPacked = kind == thriftFalse
		return false, nil
	}
	if kind <= thriftByte || kind > thriftI64 {
		return false, nil
	}
	n, err := s.int()
	isRLE := format.Encoding(n) == format.RLE //nolint:gosec // compared only
	switch {
	case id == 1:
		h.values = max(h.values, n)
		if n < 0 {
			h.values = n
		}
	case outer == 5 && id == 2, outer == 8 && id == 4:
		h.encoding = format.Encoding(n) //nolint:gosec // an unknown encoding is refused by the library
	case outer == 5 && id == 3:
		h.definitionRLE = isRLE
	case outer == 5 && id == 4:
		h.repetitionRLE = isRLE
	case outer == 8 && id == 5:
		h.definitionBytes = n
	case outer == 8 && id == 6:
		h.repetitionBytes = n
	}
	return true, err
}

var errPage = errors.New("a page does not have the values that it declares")

// checkBody unpacks a page and checks the counts in it.
func (g *pageGuard) checkBody(h *pageHeader, body []byte) error {
	codec := g.codec
	var levels []byte
	want := h.unpacked
	if h.kind == format.DataPageV2 {
		n := h.repetitionBytes + h.definitionBytes
		if h.repetitionBytes < 0 || h.definitionBytes < 0 || n > int64(len(body)) || n > want {
			return errPage
		}
		levels, body, want = body[:n], body[n:], want-n
		if h.notPacked {
			codec = format.Uncompressed
		}
	}
	content, err := g.unpack(codec, body, int(want))
	if err != nil {
		return err
	}
	switch h.kind {
	case format.DictionaryPage:
		if h.values > 8*int64(len(content)) {
			return errPage
		}
		return nil
	case format.DataPage:
		if content, err = g.checkLevels(h, content); err != nil {
			return err
		}
	case format.DataPageV2:
		if err := errors.Join(
			checkRuns(levels[:h.repetitionBytes], bits.Len(uint(g.repetition)), h.values),
			checkRuns(levels[h.repetitionBytes:], bits.Len(uint(g.definition)), h.values),
		); err != nil {
			return err
		}
	default:
		return nil
	}
	return checkValues(h, content)
}

// checkLevels checks the levels of a data page of version 1 and returns what
// follows them.
func (g *pageGuard) checkLevels(h *pageHeader, content []byte) ([]byte, error) {
	for _, level := range []struct {
		greatest int
		rle      bool
	}{{g.repetition, h.repetitionRLE}, {g.definition, h.definitionRLE}} {
		if level.greatest == 0 {
			continue
		}
		width := bits.Len(uint(level.greatest))
		if !level.rle {
			n := (h.values*int64(width) + 7) / 8
			if n > int64(len(content)) {
				return nil, errPage
			}
			content = content[n:]
			continue
		}
		runs, rest, err := prefixed(content)
		if err != nil {
			return nil, err
		}
		if err := checkRuns(runs, width, h.values); err != nil {
			return nil, err
		}
		content = rest
	}
	return content, nil
}

// prefixed splits off bytes that follow their length.
func prefixed(b []byte) (inner, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, errPage
	}
	n := int64(binary.LittleEndian.Uint32(b))
	if n > int64(len(b)-4) {
		return nil, nil, errPage
	}
	return b[4 : 4+n], b[4+n:], nil
}

// checkValues checks the encodings in which a few bytes can encode very many
// values.
func checkValues(h *pageHeader, content []byte) error {
	switch h.encoding {
	case format.RLEDictionary, plainDictionary:
		if len(content) == 0 {
			return nil
		}
		return checkRuns(content[1:], int(content[0]), h.values)
	case format.RLE:
		runs, _, err := prefixed(content)
		if err != nil {
			return err
		}
		return checkRuns(runs, 1, h.values)
	case format.DeltaBinaryPacked, format.DeltaLengthByteArray:
		if len(content) == 0 {
			return nil
		}
		_, _, err := decodeDelta(content, h.values)
		return err
	case format.DeltaByteArray:
		return checkDeltaByteArray(content, h.values)
	default:
		return nil
	}
}

// plainDictionary is the deprecated name that old files have for RLEDictionary.
const plainDictionary format.Encoding = 2

// slack limits the values of the last run beyond those of the page.
const slack = 512

// checkRuns checks that runs of run-length encoding have no more values than
// the page.
func checkRuns(b []byte, width int, values int64) error {
	if width > 32 {
		return errPage
	}
	var total int64
	for len(b) > 0 {
		head, n := binary.Uvarint(b)
		if n <= 0 || head>>1 > maxPageValues {
			return errPage
		}
		b = b[n:]
		count, size := int64(head>>1), int64(width+7)/8
		if head&1 != 0 {
			size = count * int64(width) // eight values of width bits
			count *= 8
		}
		if total += count; size > int64(len(b)) || total > values+slack {
			return fmt.Errorf("a page of %d values has runs of more", values)
		}
		b = b[size:]
	}
	return nil
}
