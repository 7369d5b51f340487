package spool_test

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/spool"
)

func TestBuffer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		parts        []string
		memory, disk int64
	}{
		"empty":             {nil, 0, 0},
		"in memory":         {[]string{"ab", "cd"}, 4, 0},
		"in both":           {[]string{"abcd", "efghij", "kl"}, 4, 8},
		"first is too long": {[]string{"abcdefghij", "k"}, 0, 11},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			pool := spool.NewPool(spool.Config{Dir: dir, Memory: 8, Most: 100, Total: 100})
			b := pool.New()
			for _, part := range tc.parts {
				if n, err := b.Write([]byte(part)); n != len(part) || err != nil {
					t.Fatalf("%d, %v", n, err)
				}
			}
			if memory, disk := pool.Used(); memory != tc.memory || disk != tc.disk {
				t.Errorf("%d bytes in memory and %d in files, want %d and %d", memory, disk, tc.memory, tc.disk)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("the file has a name: %v, %v", left, err)
			}
			var out bytes.Buffer
			n, err := b.WriteTo(&out)
			if want := strings.Join(tc.parts, ""); err != nil || out.String() != want || n != int64(len(want)) ||
				b.Len() != n {
				t.Errorf("it has %q (%d, %d), want %q: %v", &out, n, b.Len(), want, err)
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
			if memory, disk := pool.Used(); memory != 0 || disk != 0 {
				t.Errorf("after closing %d bytes in memory and %d in files", memory, disk)
			}
		})
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	var pool *spool.Pool // the defaults
	b := pool.File()
	defer func() { _ = b.Close() }()
	if _, err := b.Write([]byte("abcdef")); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 3)
	if _, err := b.ReadAt(text, 2); err != nil || string(text) != "cde" {
		t.Errorf("read %q, %v", text, err)
	}
	if _, err := b.ReadAt(text, 6); err != io.EOF { //nolint:errorlint // io.ReaderAt requires io.EOF itself
		t.Errorf("past the end: %v", err)
	}
}

// TestAttackSlowReadersSpool lets many responses wait for their clients, and
// checks that beyond the limits responses are refused, and memory and disk
// don't grow.
func TestAttackSlowReadersSpool(t *testing.T) {
	t.Parallel()
	pool := spool.NewPool(spool.Config{Dir: t.TempDir(), Memory: 1 << 10, Most: 4 << 10, Total: 64 << 10})
	var full, waiting int
	for range 200 {
		b := pool.New()
		t.Cleanup(func() { _ = b.Close() })
		for range 3 {
			if _, err := b.Write(make([]byte, 1<<10)); problem.Is(err, problem.Unavailable) {
				full++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		waiting++
	}
	memory, disk := pool.Used()
	if memory > 64<<10 || disk != 64<<10 || full == 0 {
		t.Errorf("%d answers wait with %d bytes in memory and %d in files; %d writes were refused", waiting, memory,
			disk, full)
	}
	b := pool.New()
	if _, err := b.Write(make([]byte, 5<<10)); !problem.Is(err, problem.TooLarge) {
		t.Errorf("an answer over its bound: %v", err)
	}
}

func TestTotal(t *testing.T) {
	t.Parallel()
	if got := spool.Total(t.TempDir()); got <= 0 || got > spool.DefaultTotal {
		t.Errorf("the total is %d", got)
	}
}
