package journal_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

func open(t *testing.T, dir string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(journal.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func closed(t *testing.T, j *journal.Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, j *journal.Journal, records ...journal.Record) {
	t.Helper()
	if err := j.Append(records...)(); err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, j *journal.Journal) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := j.Each(func(string) bool { return true }, func(r journal.Record) error {
		got[r.Key] = string(r.Value)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func set(key, value string) journal.Record {
	return journal.Record{Key: key, Value: []byte(value)}
}

func TestReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir)
	put(t, j, set("a", "1"), set("b", "2"))
	put(t, j, set("a", "3"), journal.Record{Key: "b"}, set("empty", ""))
	want := map[string]string{"a": "3", "empty": ""}
	if diff := cmp.Diff(want, contents(t, j)); diff != "" {
		t.Error(diff)
	}
	closed(t, j)
	if err := j.Append(set("late", "1"))(); err == nil {
		t.Error("a closed journal takes records")
	}
	if diff := cmp.Diff(want, contents(t, open(t, dir))); diff != "" {
		t.Errorf("after opening again: %s", diff)
	}
}

func TestOneOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, dir)
	if _, err := journal.Open(journal.Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a second opening: %v", err)
	}
}

// TestEveryCut opens a journal that was truncated at each of its bytes. The
// records of one append are all there or none of them, and in order.
func TestEveryCut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir)
	states := []map[string]string{{}}
	for i := range 3 {
		value := strings.Repeat(fmt.Sprint(i), i+1)
		put(t, j, set("left", value), set("right", value))
		states = append(states, map[string]string{"left": value, "right": value})
	}
	closed(t, j)
	whole, err := os.ReadFile(filepath.Join(dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	reached := 0
	for n := range len(whole) + 1 {
		cut := t.TempDir()
		if err := os.WriteFile(filepath.Join(cut, "journal"), whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		j := open(t, cut)
		got := contents(t, j)
		for reached+1 < len(states) && cmp.Equal(got, states[reached+1]) {
			reached++
		}
		if !cmp.Equal(got, states[reached]) {
			t.Fatalf("cut at %d: got %v, want %v", n, got, states[reached])
		}
		if n%16 != 0 {
			closed(t, j)
			continue
		}
		put(t, j, set("after", "1")) // it is writable again
		closed(t, j)
		if got := contents(t, open(t, cut)); got["after"] != "1" {
			t.Fatalf("cut at %d: what was appended then is lost", n)
		}
	}
	if reached != len(states)-1 {
		t.Errorf("only %d of %d states were reached", reached, len(states)-1)
	}
}

func TestDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir)
	put(t, j, set("a", "1"))
	put(t, j, set("b", "2"))
	closed(t, j)
	path := filepath.Join(dir, "journal")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "1"}, contents(t, open(t, dir))); diff != "" {
		t.Error(diff)
	}
	if rest, err := os.ReadFile(path + ".cut"); err != nil || len(rest) == 0 {
		t.Errorf("what was cut off is not kept: %v", err)
	}
}

// TestZeros opens a file with zeros after the last frame. A power cut leaves
// them where the system had allocated space but not written it.
func TestZeros(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir)
	put(t, j, set("a", "1"))
	closed(t, j)
	file, err := os.OpenFile(filepath.Join(dir, "journal"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.Write(make([]byte, 8192))
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir)
	put(t, again, set("b", "2"))
	closed(t, again)
	if diff := cmp.Diff(map[string]string{"a": "1", "b": "2"}, contents(t, open(t, dir))); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(filepath.Join(dir, "journal")); err != nil || info.Size() > 4096 {
		t.Errorf("the zeros are still there: %d bytes, %v", info.Size(), err)
	}
}

func TestForeignFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := "this is some other program's file\n"
	if err := os.WriteFile(filepath.Join(dir, "journal"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Open(journal.Config{Dir: dir}); err == nil {
		t.Error("it was opened")
	}
	if kept, err := os.ReadFile(filepath.Join(dir, "journal")); err != nil || string(kept) != text {
		t.Errorf("it was changed: %q, %v", kept, err)
	}
}

// TestRewriting overwrites one key until the file is rewritten, with
// concurrent readers.
func TestRewriting(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir)
	put(t, j, set("kept", "permanently"))
	big := make([]byte, 2<<20)
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if value, err := j.Read("kept"); err != nil || string(value) != "permanently" {
					t.Errorf("reading meanwhile: %q, %v", value, err)
					return
				}
			}
		})
	}
	for range 14 {
		put(t, j, journal.Record{Key: "big", Value: big})
	}
	close(done)
	readers.Wait()
	closed(t, j)
	info, err := os.Stat(filepath.Join(dir, "journal"))
	if err != nil || info.Size() > 24<<20 {
		t.Errorf("the file has %d bytes: %v", info.Size(), err)
	}
	again := contents(t, open(t, dir))
	if again["kept"] != "permanently" || len(again["big"]) != len(big) {
		t.Error("something is missing after the rewriting")
	}
}

func TestConcurrentAppends(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir)
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for i := range 50 {
				if err := j.Append(set(fmt.Sprintf("%d/%d", w, i), "x"))(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	closed(t, j)
	if got := len(contents(t, open(t, dir))); got != 400 {
		t.Errorf("%d records, want 400", got)
	}
}
