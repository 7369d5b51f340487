package s3store

import (
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// Check verifies a body's file once per run, before its first use: after a
// power cut, a file that wasn't synced may be truncated or have holes. Small
// bodies are in the journal, which is verified when it is opened.
func (d *Dir) Check(blob *Blob) error {
	if blob.Size <= smallBody || blob.whole.Load() {
		return nil
	}
	file, err := os.Open(d.path(blob.ID))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTorn, err)
	}
	defer file.Close() //nolint:errcheck // nothing was written
	size, sum, err := d.sum(file)
	switch {
	case err != nil:
		return fmt.Errorf("checking content: %w", err)
	case size != blob.Size:
		return fmt.Errorf("%w: %s has %d bytes, not %d", ErrTorn, file.Name(), size, blob.Size)
	case blob.Sum != 0 && sum != blob.Sum:
		return fmt.Errorf("%w: %s is not what was written", ErrTorn, file.Name())
	}
	blob.whole.Store(true)
	return nil
}

func (d *Dir) sum(file io.Reader) (size int64, sum uint32, err error) {
	table := crc32.MakeTable(crc32.Castagnoli)
	buffer := d.buffers.Get().(*[copyBuffer]byte) //nolint:forcetypeassert // the pool has nothing else
	defer d.buffers.Put(buffer)
	for {
		chunk, err := fill(file, buffer[:])
		size += int64(len(chunk))
		sum = crc32.Update(sum, table, chunk)
		if err == io.EOF { //nolint:errorlint // a reader answers io.EOF itself
			return size, sum, nil
		}
		if err != nil {
			return 0, 0, err
		}
	}
}
