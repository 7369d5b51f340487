package parquetfile

import (
	"encoding/binary"
	"math"

	"github.com/parquet-go/parquet-go/format"

	"github.com/windlass-io/windlass/internal/dataset"
)

// page is a decoded page of a column, or a dictionary.
type page struct {
	rows     int
	nulls    []bool // nil if no value is null
	ints     []int64
	floats   []float64
	wide     []dataset.Int128
	bytes    []byte
	starts   []int32 // of texts in bytes: text i is bytes[starts[i]:starts[i+1]-4]
	codes    []uint16
	dict     *page // of codes
	constant bool  // every value is the dictionary's first
}

func (p *page) weight() uint32 {
	return uint32(160 + len(p.nulls) + 8*cap(p.ints) + 8*cap(p.floats) + 16*cap(p.wide) + cap(p.bytes) + 4*cap(
		p.starts) + 2*cap(p.codes))
}

func (p *page) null(i int) bool { return p.nulls != nil && p.nulls[i] }

// text returns value i of a page of texts.
func (p *page) text(i int) []byte {
	if p.dict != nil {
		if p.constant {
			i = 0
		} else {
			i = int(p.codes[i])
		}
		p = p.dict
	}
	return p.bytes[p.starts[i] : p.starts[i+1]-4]
}

// decodeValues decodes a page.
func decodeValues(t dataset.Type, h *pageHeader, levels, body []byte, packed bool, dict *page) (*page, error) {
	p := &page{rows: h.values}
	if h.nulls > 0 {
		p.nulls = make([]bool, h.values)
		if !decodeLevels(p.nulls, levels, h.nulls) {
			return nil, errPage
		}
	}
	size := h.uncompressed - h.levels
	plainText := h.encoding == format.Plain && physical(t) == format.ByteArray
	body, err := unpack(body, size, packed, plainText)
	if err != nil {
		return nil, err
	}
	ok := false
	switch {
	case h.encoding == format.RLEDictionary && dict != nil:
		ok = p.decodeCodes(t, body, h.values-h.nulls, dict)
	case h.encoding != format.Plain:
	case plainText:
		ok = p.decodeTexts(body)
	default:
		ok = p.decodeFixed(t, body, h.values-h.nulls)
	}
	if !ok {
		return nil, errPage
	}
	return p, nil
}

// decodeLevels marks the nulls of a page and reports whether their number is as
// expected.
func decodeLevels(nulls []bool, b []byte, want int) bool {
	at, count := 0, 0
	for at < len(nulls) {
		head, n := binary.Uvarint(b)
		if n <= 0 || head>>1 == 0 || head>>1 > uint64(len(nulls)) {
			return false
		}
		b = b[n:]
		if head&1 == 0 {
			run := min(int(head>>1), len(nulls)-at)
			if len(b) < 1 {
				return false
			}
			if b[0] == 0 {
				for i := range run {
					nulls[at+i] = true
				}
				count += run
			}
			at, b = at+run, b[1:]
			continue
		}
		groups := int(head >> 1)
		if len(b) < groups {
			return false
		}
		for _, set := range b[:groups] {
			for i := 0; i < 8 && at < len(nulls); i++ {
				if set>>i&1 == 0 {
					nulls[at] = true
					count++
				}
				at++
			}
		}
		b = b[groups:]
	}
	return count == want
}

// decodeTexts finds the texts in a body, which the page keeps.
func (p *page) decodeTexts(body []byte) bool {
	p.bytes = body
	p.starts = make([]int32, p.rows+1)
	at := int32(4)
	size := int32(len(body))
	for i := range p.rows {
		p.starts[i] = at
		if p.null(i) {
			continue
		}
		if at > size || at < 4 {
			return false
		}
		n := binary.LittleEndian.Uint32(body[at-4:])
		if n > uint32(size-at) {
			return false
		}
		at += int32(n) + 4
	}
	p.starts[p.rows] = at
	return at-4 == size
}

// decodeFixed decodes numbers, dates and booleans.
func (p *page) decodeFixed(t dataset.Type, body []byte, values int) bool {
	width := 8
	switch t {
	case dataset.Date:
		width = 4
	case dataset.Boolean:
		return p.decodeBooleans(body, values)
	case dataset.Decimal:
		return p.decodeWide(body, values)
	default:
	}
	if len(body) != values*width {
		return false
	}
	switch {
	case t == dataset.Number:
		p.floats = make([]float64, p.rows)
		for i := range p.floats {
			if p.nulls != nil && p.nulls[i] {
				continue
			}
			p.floats[i] = math.Float64frombits(binary.LittleEndian.Uint64(body))
			body = body[8:]
		}
	case width == 8:
		p.ints = make([]int64, p.rows)
		for i := range p.ints {
			if p.nulls != nil && p.nulls[i] {
				continue
			}
			p.ints[i] = int64(binary.LittleEndian.Uint64(body))
			body = body[8:]
		}
	default:
		p.ints = make([]int64, p.rows)
		for i := range p.ints {
			if p.nulls != nil && p.nulls[i] {
				continue
			}
			p.ints[i] = int64(int32(binary.LittleEndian.Uint32(body)))
			body = body[4:]
		}
	}
	return true
}

func (p *page) decodeWide(body []byte, values int) bool {
	if len(body) != values*wideBytes {
		return false
	}
	p.wide = make([]dataset.Int128, p.rows)
	for i := range p.wide {
		if !p.null(i) {
			p.wide[i] = wide(body)
			body = body[wideBytes:]
		}
	}
	return true
}

func (p *page) decodeBooleans(body []byte, values int) bool {
	if len(body) != (values+7)/8 {
		return false
	}
	p.ints = make([]int64, p.rows)
	n := 0
	for i := range p.ints {
		if !p.null(i) {
			p.ints[i] = int64(body[n/8] >> (n % 8) & 1)
			n++
		}
	}
	return true
}

// decodeCodes decodes the codes of a dictionary.
func (p *page) decodeCodes(t dataset.Type, body []byte, values int, dict *page) bool {
	if len(body) < 1 || body[0] > 16 || dict.rows > math.MaxUint16 {
		return false
	}
	width := int(body[0])
	if width == 0 && values == p.rows && dict.rows == 1 {
		p.dict, p.constant = dict, true
		return p.resolve(t)
	}
	codes := make([]uint16, p.rows)
	if !unpackCodes(codes[:values], body[1:], width, dict.rows) {
		return false
	}
	if values < p.rows { // spread them over the non-null positions
		for i := p.rows - 1; i >= 0; i-- {
			if p.null(i) {
				codes[i] = 0
				continue
			}
			values--
			codes[i] = codes[values]
		}
	}
	p.codes, p.dict = codes, dict
	return p.resolve(t)
}

// resolve replaces the codes of numbers by their values.
func (p *page) resolve(t dataset.Type) bool {
	if physical(t) == format.ByteArray {
		return true
	}
	dict := p.dict
	at := func(i int) int {
		if p.constant {
			return 0
		}
		return int(p.codes[i])
	}
	if dict.floats != nil {
		p.floats = make([]float64, p.rows)
		for i := range p.floats {
			if !p.null(i) {
				p.floats[i] = dict.floats[at(i)]
			}
		}
	} else {
		p.ints = make([]int64, p.rows)
		for i := range p.ints {
			if !p.null(i) {
				p.ints[i] = dict.ints[at(i)]
			}
		}
	}
	p.codes, p.dict, p.constant = nil, nil, false
	return true
}

// unpackCodes decodes runs of equal codes and packed groups.
func unpackCodes(codes []uint16, b []byte, width, limit int) bool {
	for len(codes) > 0 {
		head, n := binary.Uvarint(b)
		if n <= 0 || head>>1 == 0 || head>>1 > 1<<24 {
			return false
		}
		b = b[n:]
		if head&1 == 0 {
			size := (width + 7) / 8
			if len(b) < size {
				return false
			}
			code := uint16(0)
			for i := range size {
				code |= uint16(b[i]) << (8 * i)
			}
			run := min(int(head>>1), len(codes))
			if int(code) >= limit {
				return false
			}
			for i := range run {
				codes[i] = code
			}
			codes, b = codes[run:], b[size:]
			continue
		}
		size := int(head>>1) * width
		if len(b) < size {
			return false
		}
		run := min(int(head>>1)*8, len(codes))
		if !unpackBits(codes[:run], b[:size], width, limit) {
			return false
		}
		codes, b = codes[run:], b[size:]
	}
	return true
}

func unpackBits(codes []uint16, b []byte, width, limit int) bool {
	if width == 0 {
		clear(codes)
		return limit > 0
	}
	var pending uint64
	filled := 0
	mask := uint64(1)<<width - 1
	greatest := uint64(0)
	for i := range codes {
		for filled < width {
			pending |= uint64(b[0]) << filled
			b = b[1:]
			filled += 8
		}
		code := pending & mask
		codes[i] = uint16(code)
		greatest = max(greatest, code)
		pending >>= width
		filled -= width
	}
	return greatest < uint64(limit)
}
