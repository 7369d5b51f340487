package compress

import (
	"bufio"
	"bytes"
	"encoding/binary"
)

// bufferBytes is the size of a read of stored bytes.
const bufferBytes = 64 << 10

// headBytes is enough to detect any kind.
const headBytes = 10

// magics has the first bytes of each kind except bzip2.
var magics = []struct {
	bytes string
	kind  Kind
}{
	{"\x1f\x8b", Gzip},
	{"\x28\xb5\x2f\xfd", Zstd},
	{"\xfd7zXZ\x00", XZ},
	{"\x04\x22\x4d\x18", LZ4},
	{"\xff\x06\x00\x00sNaPpY", Snappy},
	{"PK\x03\x04", Zip},
	{"PK\x05\x06", Zip}, // without members
}

// Detect returns the kind by the first bytes of an object.
func Detect(head []byte) Kind {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.bytes)) {
			return m.kind
		}
	}
	if len(head) > 3 && bytes.HasPrefix(head, []byte("BZh")) && head[3] >= '1' && head[3] <= '9' {
		return Bzip2
	}
	return None
}

// Skippable frames of zstd and lz4 begin with one of 16 numbers and their size.
//
// https://github.com/facebook/zstd/blob/dev/doc/zstd_compression_format.md#skippable-frames
const (
	skippable     = 0x184d2a50
	skippableMask = 0xfffffff0
	skippableHead = 8
)

// passSkippable skips the skippable frames at the beginning of an object, and
// returns the first bytes after them. An object with only such frames is empty.
func passSkippable(r *bufio.Reader) []byte {
	for {
		head, _ := r.Peek(headBytes)
		if len(head) < headBytes || binary.LittleEndian.Uint32(head)&skippableMask != skippable {
			return head
		}
		size := int64(skippableHead) + int64(binary.LittleEndian.Uint32(head[4:]))
		for size > 0 {
			n, err := r.Discard(int(min(size, bufferBytes)))
			if size -= int64(n); err != nil {
				return nil
			}
		}
	}
}
