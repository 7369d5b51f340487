package parquetfile

import (
	"encoding/binary"
	"errors"

	"github.com/parquet-go/parquet-go/format"
)

// pageHeader describes a page. Headers are encoded here instead of by
// reflection, because there is one for every 1,024 values. Every header has
// exactly the form that append writes, so parse needs no general Thrift reader.
type pageHeader struct {
	kind         format.PageType // DictionaryPage or DataPageV2
	uncompressed int
	compressed   int // bytes that follow the header, levels included
	crc          uint32
	values       int // nulls included
	nulls        int
	encoding     format.Encoding
	levels       int // bytes of definition levels
	isCompressed bool
}

// Field types of Thrift's compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftI32    = 5
	thriftStruct = 12
)

// First bytes of fields: the increment of the field's number, and the type.
const (
	nextI32         = 1<<4 | thriftI32
	dictionaryField = 3<<4 | thriftStruct // field 7, after the checksum
	dataField       = 4<<4 | thriftStruct // field 8
)

// append adds the header in Thrift's compact protocol.
func (h *pageHeader) append(b []byte) []byte {
	b = appendI32(b, int32(h.kind))
	b = appendI32(b, int32(h.uncompressed))
	b = appendI32(b, int32(h.compressed))
	b = appendI32(b, int32(h.crc))
	if h.kind == format.DictionaryPage {
		b = append(b, dictionaryField)
		b = appendI32(b, int32(h.values))
		b = appendI32(b, int32(h.encoding))
		return append(b, 0, 0)
	}
	b = append(b, dataField)
	b = appendI32(b, int32(h.values))
	b = appendI32(b, int32(h.nulls))
	b = appendI32(b, int32(h.values)) // rows
	b = appendI32(b, int32(h.encoding))
	b = appendI32(b, int32(h.levels))
	b = appendI32(b, 0) // repetition levels
	flag := byte(thriftFalse)
	if h.isCompressed {
		flag = thriftTrue
	}
	return append(b, 1<<4|flag, 0, 0)
}

// appendI32 adds a field with the next number.
func appendI32(b []byte, x int32) []byte {
	return binary.AppendUvarint(append(b, nextI32), uint64(uint32(x)<<1^uint32(x>>31)))
}

var errHeader = errors.New("the header of a page is damaged")

// parse parses a header and returns its size in bytes. The caller compares it
// with the output of append, to reject other encodings of the same header.
func (h *pageHeader) parse(b []byte) (int, error) {
	r := headerReader{b: b}
	*h = pageHeader{kind: format.PageType(r.i32()), isCompressed: true}
	h.uncompressed, h.compressed, h.crc = int(r.i32()), int(r.i32()), uint32(r.i32())
	if h.kind == format.DictionaryPage {
		r.expect(dictionaryField)
		h.values, h.encoding = int(r.i32()), format.Encoding(r.i32())
	} else {
		r.expect(dataField)
		h.values, h.nulls = int(r.i32()), int(r.i32())
		r.i32() // rows, equal to the number of values
		h.encoding, h.levels = format.Encoding(r.i32()), int(r.i32())
		r.i32() // repetition levels, none
		h.isCompressed = r.byte() == 1<<4|thriftTrue
	}
	r.expect(0)
	r.expect(0)
	if r.failed || h.compressed < 0 || h.uncompressed < 0 || h.values < 0 || h.nulls < 0 || h.nulls > h.values ||
		h.levels < 0 || h.levels > h.compressed || h.levels > h.uncompressed {
		return 0, errHeader
	}
	return r.at, nil
}

// headerReader reads the fields of a header in the order of append.
type headerReader struct {
	b      []byte
	at     int
	failed bool
}

func (r *headerReader) byte() byte {
	if r.at >= len(r.b) {
		r.failed = true
		return 0
	}
	r.at++
	return r.b[r.at-1]
}

func (r *headerReader) expect(want byte) {
	if r.byte() != want {
		r.failed = true
	}
}

// i32 reads a field with the next number.
func (r *headerReader) i32() int32 {
	r.expect(nextI32)
	x, n := binary.Uvarint(r.b[r.at:])
	if n <= 0 {
		r.failed = true
		return 0
	}
	r.at += n
	return int32(uint32(x)>>1) ^ -int32(x&1)
}
