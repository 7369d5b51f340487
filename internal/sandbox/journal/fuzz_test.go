package journal_test

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

const firstLine = "windlass sandbox journal 1\n"

// framed returns a payload as a frame of the file.
func framed(payload []byte) []byte {
	head := binary.LittleEndian.AppendUint32(nil, uint32(len(payload)))
	head = binary.LittleEndian.AppendUint32(head, crc32.Checksum(payload, crc32.MakeTable(crc32.Castagnoli)))
	return append(head, payload...)
}

// FuzzOpen opens files with any bytes after the first line, both raw and as a
// valid frame. A journal that opens must open again unchanged, and store what
// is appended.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("\x01a\x02b"), true)
	f.Add([]byte("\x01a\x00"), true)
	f.Add([]byte("\x01a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), true)
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), true)
	f.Add(framed([]byte("\x01a\x02b")), false)
	f.Add(append(framed([]byte("\x01a\x02b")), 9, 0, 0, 0, 1), false)
	f.Add(make([]byte, 64), false)
	f.Fuzz(func(t *testing.T, data []byte, whole bool) {
		if whole {
			data = framed(data)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "journal"), append([]byte(firstLine), data...), 0o600); err != nil {
			t.Fatal(err)
		}
		first, err := journal.Open(journal.Config{Dir: dir})
		if err != nil {
			return // rejected and unchanged
		}
		want := contents(t, first)
		put(t, first, set("appended", "later"))
		closed(t, first)
		want["appended"] = "later"
		if diff := cmp.Diff(want, contents(t, open(t, dir))); diff != "" {
			t.Error(diff)
		}
	})
}
