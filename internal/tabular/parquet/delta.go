package parquet

import (
	"encoding/binary"
	"fmt"
)

// decodeDelta decodes integers in the encoding DELTA_BINARY_PACKED, at most limit
// of them, and returns what follows.
//
// https://parquet.apache.org/docs/file-format/data-pages/encodings/
func decodeDelta(b []byte, limit int64) ([]int64, []byte, error) {
	var head [3]uint64
	for i := range head {
		x, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, nil, errPage
		}
		head[i], b = x, b[n:]
	}
	first, n := binary.Varint(b)
	if n <= 0 {
		return nil, nil, errPage
	}
	b = b[n:]
	block, minis, total := head[0], head[1], head[2]
	switch {
	case total > uint64(max(limit, 0)):
		return nil, nil, fmt.Errorf("a page of %d values has %d", limit, total)
	case block == 0 || block > 1<<20 || block%128 != 0 || minis == 0 || minis > block/32 || block/minis%32 != 0:
		return nil, nil, errPage
	}
	if total == 0 {
		return nil, b, nil
	}
	values := append(make([]int64, 0, min(total, 64<<10)), first)
	for uint64(len(values)) < total {
		var err error
		if values, b, err = deltaBlock(b, values, int(total), int(minis), int(block/minis)); err != nil { //nolint:gosec // bounded
			return nil, nil, err
		}
	}
	return values, b, nil
}

// deltaBlock appends the values of a block.
func deltaBlock(b []byte, values []int64, total, minis, size int) ([]int64, []byte, error) {
	least, n := binary.Varint(b)
	if n <= 0 || len(b) < n+minis {
		return nil, nil, errPage
	}
	widths := b[n : n+minis]
	b = b[n+minis:]
	last := values[len(values)-1]
	for _, width := range widths {
		if len(values) == total {
			break // miniblocks without values have no bytes
		}
		bytes := size * int(width) / 8
		if width > 64 || bytes > len(b) {
			return nil, nil, errPage
		}
		for i := 0; i < size && len(values) < total; i++ {
			last += least + bitsAt(b, i*int(width), int(width))
			values = append(values, last)
		}
		b = b[bytes:]
	}
	return values, b, nil
}

// bitsAt reads width bits, the lowest first, from bit at.
func bitsAt(b []byte, at, width int) int64 {
	var x uint64
	for i := 0; i < width; {
		bit := (at + i) % 8
		n := min(8-bit, width-i)
		x |= uint64(b[(at+i)/8]>>bit&(1<<n-1)) << i
		i += n
	}
	return int64(x)
}

// checkDeltaByteArray limits the bytes of texts that each begin with a prefix
// of the previous text.
func checkDeltaByteArray(content []byte, limit int64) error {
	if len(content) == 0 {
		return nil
	}
	prefixes, rest, err := decodeDelta(content, limit)
	if err != nil {
		return err
	}
	suffixes, rest, err := decodeDelta(rest, limit)
	if err != nil {
		return err
	}
	if len(prefixes) != len(suffixes) {
		return errPage
	}
	var total, last, used int64
	for i := range prefixes {
		if prefixes[i] < 0 || prefixes[i] > last || suffixes[i] < 0 || suffixes[i] > int64(len(rest)) {
			return errPage
		}
		last = prefixes[i] + suffixes[i]
		used += suffixes[i]
		if total += last; total > maxPageBytes || used > int64(len(rest)) {
			return fmt.Errorf("the texts of a page have more than %d bytes", maxPageBytes)
		}
	}
	return nil
}
