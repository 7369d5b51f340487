// Package spool buffers bytes until they are read: the first ones in memory,
// the rest in a file without a name. So an answer can be written completely
// before the first byte is sent, and a slow client doesn't block the
// resources behind the answer.
package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/windlass-io/windlass/internal/problem"
)

// Config limits how much a [Pool] buffers, in bytes.
type Config struct {
	Dir    string // where the files are; empty: the system's folder for such files
	Memory int64  // of one buffer in memory; default 1 MiB
	Most   int64  // of one buffer altogether; default 1 GiB
	Total  int64  // of all files together; default 8 GiB
}

// The defaults.
const (
	DefaultMemory = 1 << 20
	DefaultMost   = 1 << 30
	DefaultTotal  = 8 << 30
)

// memoryShare is the number of full buffers that may be in memory at a time.
// Further ones use a file from the start.
const memoryShare = 64

// Pool creates buffers and limits their total size. A nil Pool has the
// defaults and limits each buffer separately. It is safe for concurrent use.
type Pool struct {
	config Config

	mu     sync.Mutex
	memory int64 // bytes in memory
	disk   int64 // bytes in files
}

// NewPool returns a pool.
func NewPool(config Config) *Pool {
	config.fill()
	return &Pool{config: config}
}

func (c *Config) fill() {
	for _, d := range []struct {
		at    *int64
		value int64
	}{{&c.Memory, DefaultMemory}, {&c.Most, DefaultMost}, {&c.Total, DefaultTotal}} {
		if *d.at <= 0 {
			*d.at = d.value
		}
	}
}

// Used returns the bytes that all buffers keep in memory and in files.
func (p *Pool) Used() (memory, disk int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.memory, p.disk
}

// reserve counts n bytes more, in memory or in files, and reports whether they
// fit.
func (p *Pool) reserve(at *int64, n, most int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if *at+n > most {
		return false
	}
	*at += n
	return true
}

func (p *Pool) release(memory, disk int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.memory -= memory
	p.disk -= disk
}

// Buffer buffers bytes. Use it from one goroutine. The caller closes it.
type Buffer struct {
	pool   *Pool
	most   int64         // bytes altogether
	inMost int64         // bytes in memory
	memory *bytes.Buffer // nil: no byte is in memory
	file   *os.File
	name   string // of the file, where a file in use can't be removed
	disk   int64  // bytes in the file
	held   int64  // bytes reserved in memory
}

// New returns an empty buffer for an answer.
func (p *Pool) New() *Buffer {
	if p == nil {
		p = NewPool(Config{})
	}
	return &Buffer{pool: p, most: p.config.Most, inMost: p.config.Memory}
}

// File returns an empty buffer that uses a file from the first byte on, for
// data that is read more than once. It only counts for the pool's files.
func (p *Pool) File() *Buffer {
	b := p.New()
	b.most, b.inMost = b.pool.config.Total, 0
	return b
}

// Len returns how many bytes the buffer has.
func (b *Buffer) Len() int64 { return int64(len(b.inside())) + b.disk }

// inside returns the bytes in memory.
func (b *Buffer) inside() []byte {
	if b.memory == nil {
		return nil
	}
	return b.memory.Bytes()
}

// blocks recycles buffers in memory.
var blocks = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Write appends bytes. If the buffer would exceed its limit, the error is a
// problem with code too_large; if the pool is full, one with code
// unavailable.
func (b *Buffer) Write(text []byte) (int, error) {
	n := int64(len(text))
	if b.Len()+n > b.most {
		return 0, problem.New(problem.TooLarge, "The answer is larger than %d MiB.", b.most>>20).
			WithHint("Ask for fewer rows or columns, in several requests.")
	}
	if b.file == nil && b.inMemory(n) {
		if b.memory == nil {
			b.memory, _ = blocks.Get().(*bytes.Buffer)
			b.memory.Reset()
		}
		return b.memory.Write(text)
	}
	if !b.pool.reserve(&b.pool.disk, n, b.pool.config.Total) {
		return 0, problem.New(problem.Unavailable, "The space for answers and uploads is used up.").
			WithHint("Try again in a moment.").WithLimit(problem.LimitSpool)
	}
	b.disk += n // the reserved bytes, whether they are written or not
	if err := b.open(); err != nil {
		return 0, err
	}
	written, err := b.file.Write(text)
	if err != nil {
		return written, fmt.Errorf("writing the spool: %w", err)
	}
	return written, nil
}

// inMemory reserves n bytes of memory, if the buffer and the pool may have
// them.
func (b *Buffer) inMemory(n int64) bool {
	if b.held+n > b.inMost {
		return false
	}
	if !b.pool.reserve(&b.pool.memory, n, b.pool.config.Memory*memoryShare) {
		return false
	}
	b.held += n
	return true
}

// open creates the file and removes its name, so that nothing remains when the
// process ends.
func (b *Buffer) open() error {
	if b.file != nil {
		return nil
	}
	file, err := os.CreateTemp(b.pool.config.Dir, "windlass-spool-*") // mode 0600
	if err != nil {
		return fmt.Errorf("making a spool file: %w", err)
	}
	b.file = file
	if os.Remove(file.Name()) != nil { // Windows keeps a file that is open
		b.name = file.Name()
	}
	return nil
}

// WriteTo writes all bytes to w.
func (b *Buffer) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(b.inside())
	if err != nil || b.file == nil {
		return int64(n), err
	}
	more, err := io.Copy(w, io.NewSectionReader(b.file, 0, b.disk))
	return int64(n) + more, err
}

// ReadAt reads from a buffer that [Pool.File] made.
func (b *Buffer) ReadAt(text []byte, offset int64) (int, error) {
	if b.file == nil {
		return 0, io.EOF
	}
	return b.file.ReadAt(text, offset)
}

// Close returns back the memory and the file.
func (b *Buffer) Close() error {
	b.pool.release(b.held, b.disk)
	b.held, b.disk = 0, 0
	if b.memory != nil && int64(b.memory.Cap()) <= 2*b.inMost {
		blocks.Put(b.memory)
	}
	b.memory = nil
	if b.file == nil {
		return nil
	}
	err := b.file.Close()
	if b.name != "" {
		err = errors.Join(err, os.Remove(b.name))
	}
	b.file = nil
	return err
}
