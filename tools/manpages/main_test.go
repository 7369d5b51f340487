package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWrite writes the pages twice: they are the same, and name what a reader looks
// up.
func TestWrite(t *testing.T) {
	t.Parallel()
	first, second := t.TempDir(), t.TempDir()
	for _, dir := range []string{first, second} {
		if err := write(dir, "1.4.0", "2026-11-30"); err != nil {
			t.Fatal(err)
		}
	}
	pages, err := os.ReadDir(first)
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 100 {
		t.Errorf("%d pages, want one for each command", len(pages))
	}
	for _, page := range pages {
		a, b := read(t, filepath.Join(first, page.Name())), read(t, filepath.Join(second, page.Name()))
		if a != b {
			t.Errorf("%s differs from run to run", page.Name())
		}
	}
	for name, want := range map[string][]string{
		"windlass.1.gz": {
			`.TH "WINDLASS" "1" "Nov 2026" "Windlass 1.4.0"`, "holding their keys", "windlass-serve",
		},
		"windlass-serve.1.gz":       {"--listen", "127.0.0.1:8080"},
		"windlass-nodes-drain.1.gz": {"windlass nodes drain app-1"},
	} {
		text := read(t, filepath.Join(first, name))
		for _, part := range want {
			if !strings.Contains(strings.ReplaceAll(text, `\-`, "-"), part) {
				t.Errorf("%s doesn't have %q:\n%.600s", name, part, text)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(first, "windlass-sql-worker.1.gz")); err == nil {
		t.Error("a hidden command has a page")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	packed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
