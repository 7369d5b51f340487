package journal

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// write runs in the only goroutine that writes.
func (j *Journal) write() {
	defer close(j.done)
	for range j.wake {
		j.flush()
	}
	j.flush()
}

// flush writes the pending records.
func (j *Journal) flush() {
	j.mu.Lock()
	b := j.pending
	j.pending = newBatch()
	j.mu.Unlock()
	if len(b.bytes) > 0 && j.err == nil {
		j.err = j.put(b)
	}
	b.err = j.err
	close(b.done)
	if j.err == nil && j.size-j.live > max(minGarbage, j.size/2) {
		j.err = j.rewrite()
	}
}

func (j *Journal) put(b *batch) error {
	if _, err := j.file.WriteAt(b.bytes, j.size); err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	if j.sync {
		if err := j.file.Sync(); err != nil {
			return fmt.Errorf("syncing the journal: %w", err)
		}
	}
	j.files.Lock()
	defer j.files.Unlock()
	for _, c := range b.changes {
		c.at.offset += j.size
		j.apply(c)
	}
	j.size += int64(len(b.bytes))
	return nil
}

// apply applies one change to the index.
func (j *Journal) apply(c change) {
	if old, had := j.index[c.key]; had {
		j.live -= weight(c.key, old)
	}
	if c.gone {
		delete(j.index, c.key)
		return
	}
	j.index[c.key] = c.at
	j.live += weight(c.key, c.at)
}

// weight returns the approximate size of a record in the file.
func weight(key string, at location) int64 { return int64(len(key)) + at.length + 8 }

// rewrite rewrites the file without obsolete records. Appends wait meanwhile.
func (j *Journal) rewrite() error {
	file, err := os.OpenFile(j.path()+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("rewriting the journal: %w", err)
	}
	next := &Journal{dir: j.dir, file: file, index: make(map[string]location, len(j.index))}
	if err := j.copyTo(next); err != nil {
		_ = file.Close() // the first error matters
		return fmt.Errorf("rewriting the journal: %w", err)
	}
	if err := os.Rename(j.path()+".new", j.path()); err != nil {
		return fmt.Errorf("rewriting the journal: %w", err)
	}
	if err := SyncDir(j.dir); err != nil {
		return err
	}
	j.files.Lock()
	defer j.files.Unlock()
	old := j.file
	j.file, j.index, j.size, j.live = next.file, next.index, next.size, next.live
	return old.Close()
}

// copyTo writes every current record to the file of next.
func (j *Journal) copyTo(next *Journal) error {
	w := bufio.NewWriterSize(next.file, 1<<20)
	if _, err := w.WriteString(magic); err != nil {
		return err
	}
	next.size = int64(len(magic))
	for _, key := range j.ordered(func(string) bool { return true }) {
		value, err := j.Read(key)
		if err != nil {
			return err
		}
		b := newBatch()
		b.add([]Record{{key, value}})
		if _, err := w.Write(b.bytes); err != nil {
			return err
		}
		for _, c := range b.changes {
			c.at.offset += next.size
			next.apply(c)
		}
		next.size += int64(len(b.bytes))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return next.file.Sync()
}

// SyncDir syncs a folder, so that its file names survive a power cut.
func SyncDir(dir string) error {
	d, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return fmt.Errorf("syncing folder %s: %w", dir, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("syncing folder %s: %w", dir, err)
	}
	return nil
}
