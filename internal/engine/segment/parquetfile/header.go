package parquetfile

import (
	"encoding/binary"
	"errors"

	"github.com/parquet-go/parquet-go/format"
)

// pageHeader is what a page's header says. Headers are written and read here
// rather than by reflection: there is one for every 1,024 values.
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
	thriftByte   = 3
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftI32    = 5
	thriftI16    = 4
	thriftMap    = 11
	thriftStruct = 12
)

// append adds the header in Thrift's compact protocol.
func (h *pageHeader) append(b []byte) []byte {
	b = appendI32(b, int32(h.kind))
	b = appendI32(b, int32(h.uncompressed))
	b = appendI32(b, int32(h.compressed))
	b = appendI32(b, int32(h.crc))
	if h.kind == format.DictionaryPage {
		b = append(b, 3<<4|thriftStruct) // field 7
		b = appendI32(b, int32(h.values))
		b = appendI32(b, int32(h.encoding))
		return append(b, 0, 0)
	}
	b = append(b, 4<<4|thriftStruct) // field 8
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

// appendI32 adds a field whose number follows the one before.
func appendI32(b []byte, x int32) []byte {
	return binary.AppendUvarint(append(b, 1<<4|thriftI32), uint64(uint32(x)<<1^uint32(x>>31)))
}

var errHeader = errors.New("the header of a page is damaged")

// parse reads a header and returns how many bytes it has.
func (h *pageHeader) parse(b []byte) (int, error) {
	*h = pageHeader{isCompressed: true}
	r := thriftReader{b: b}
	r.fields(func(id int16, kind byte) {
		switch {
		case id == 1 && kind == thriftI32:
			h.kind = format.PageType(r.i32())
		case id == 2 && kind == thriftI32:
			h.uncompressed = int(r.i32())
		case id == 3 && kind == thriftI32:
			h.compressed = int(r.i32())
		case id == 4 && kind == thriftI32:
			h.crc = uint32(r.i32())
		case id == 7 && kind == thriftStruct:
			r.fields(h.dictionaryField(&r))
		case id == 8 && kind == thriftStruct:
			r.fields(h.dataField(&r))
		default:
			r.skip(kind)
		}
	})
	if r.failed || h.compressed < 0 || h.uncompressed < 0 || h.values < 0 || h.nulls < 0 || h.nulls > h.values ||
		h.levels < 0 || h.levels > h.compressed || h.levels > h.uncompressed {
		return 0, errHeader
	}
	return r.at, nil
}

func (h *pageHeader) dictionaryField(r *thriftReader) func(int16, byte) {
	return func(id int16, kind byte) {
		switch {
		case id == 1 && kind == thriftI32:
			h.values = int(r.i32())
		case id == 2 && kind == thriftI32:
			h.encoding = format.Encoding(r.i32())
		default:
			r.skip(kind)
		}
	}
}

func (h *pageHeader) dataField(r *thriftReader) func(int16, byte) {
	return func(id int16, kind byte) {
		switch {
		case id == 1 && kind == thriftI32:
			h.values = int(r.i32())
		case id == 2 && kind == thriftI32:
			h.nulls = int(r.i32())
		case id == 4 && kind == thriftI32:
			h.encoding = format.Encoding(r.i32())
		case id == 5 && kind == thriftI32:
			h.levels = int(r.i32())
		case id == 7 && kind <= thriftFalse:
			h.isCompressed = kind == thriftTrue
		default:
			r.skip(kind)
		}
	}
}

// thriftReader reads Thrift's compact protocol.
type thriftReader struct {
	b      []byte
	at     int
	depth  int
	failed bool
}

// fields calls fn for each field of a struct; fn reads or skips the value.
func (r *thriftReader) fields(fn func(id int16, kind byte)) {
	var id int16
	if r.depth++; r.depth > 16 {
		r.failed = true
	}
	for !r.failed {
		head := r.byte()
		if r.failed || head == 0 {
			break
		}
		if delta := head >> 4; delta != 0 {
			id += int16(delta)
		} else {
			id = int16(r.i32())
		}
		fn(id, head&15)
	}
	r.depth--
}

func (r *thriftReader) byte() byte {
	if r.at >= len(r.b) {
		r.failed = true
		return 0
	}
	r.at++
	return r.b[r.at-1]
}

func (r *thriftReader) uvarint() uint64 {
	x, n := binary.Uvarint(r.b[min(r.at, len(r.b)):])
	if n <= 0 {
		r.failed = true
		return 0
	}
	r.at += n
	return x
}

func (r *thriftReader) i32() int32 {
	x := uint32(r.uvarint())
	return int32(x>>1) ^ -int32(x&1)
}

func (r *thriftReader) skip(kind byte) {
	switch kind {
	case thriftTrue, thriftFalse:
	case thriftByte:
		r.byte()
	case thriftI16, thriftI32, thriftI64:
		r.uvarint()
	case thriftDouble:
		r.advance(8)
	case thriftBinary:
		r.advance(r.uvarint())
	case thriftStruct:
		r.fields(func(_ int16, kind byte) { r.skip(kind) })
	default: // lists, sets and maps do not occur in a page's header
		r.failed = true
	}
}

func (r *thriftReader) advance(n uint64) {
	if n > uint64(len(r.b)-r.at) {
		r.failed = true
		return
	}
	r.at += int(n)
}
