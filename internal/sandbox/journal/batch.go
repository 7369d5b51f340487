package journal

import (
	"encoding/binary"
	"hash/crc32"
)

const frameHead = 8

// batch has the frames that are written together.
type batch struct {
	bytes   []byte
	changes []change
	done    chan struct{} // closed when the batch is written or has failed
	err     error         // set before done is closed
}

// change is the effect of a record on the index. Its offset counts from the
// batch's first byte.
type change struct {
	key  string
	at   location
	gone bool
}

func newBatch() *batch { return &batch{done: make(chan struct{})} }

func (b *batch) wait() error {
	<-b.done
	return b.err
}

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// add appends one frame.
func (b *batch) add(records []Record) {
	start := len(b.bytes)
	b.bytes = append(b.bytes, make([]byte, frameHead)...)
	for _, r := range records {
		b.bytes = binary.AppendUvarint(b.bytes, uint64(len(r.Key)))
		b.bytes = append(b.bytes, r.Key...)
		if r.Value == nil {
			b.bytes = binary.AppendUvarint(b.bytes, 0)
			b.changes = append(b.changes, change{key: r.Key, gone: true})
			continue
		}
		b.bytes = binary.AppendUvarint(b.bytes, uint64(len(r.Value))+1)
		b.changes = append(b.changes, change{key: r.Key, at: location{int64(len(b.bytes)), int64(len(r.Value))}})
		b.bytes = append(b.bytes, r.Value...)
	}
	payload := b.bytes[start+frameHead:]
	binary.LittleEndian.PutUint32(
		b.bytes[start:],
		uint32(len(payload)), //nolint:gosec // a frame is what one request changes: far below 4 GiB
	)
	binary.LittleEndian.PutUint32(b.bytes[start+4:], crc32.Checksum(payload, castagnoli()))
}
