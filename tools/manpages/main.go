// Command manpages writes the man pages of windlass and of each of its commands,
// compressed:
//
//	go run ./tools/manpages -version 1.4.0 -date 2026-11-30 -out bin/man
package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra/doc"

	"github.com/windlass-io/windlass/internal/cli"
)

func main() {
	version := flag.String("version", "dev", "version of windlass")
	out := flag.String("out", "bin/man", "folder to write to")
	date := flag.String("date", "", "date of the pages, such as 2026-11-30")
	flag.Parse()
	if err := write(*out, *version, *date); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write writes one page for each command into dir, which must not have files of
// other versions.
func write(dir, version, date string) error {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return fmt.Errorf("-date: %w", err)
	}
	plain, err := os.MkdirTemp("", "manpages")
	if err != nil {
		return err
	}
	defer os.RemoveAll(plain)
	root := cli.Root(version)
	root.DisableAutoGenTag = true
	header := &doc.GenManHeader{Section: "1", Source: "Windlass " + version, Manual: "Windlass", Date: &at}
	if err := doc.GenManTree(root, header, plain); err != nil {
		return err
	}
	return compressAll(plain, dir)
}

// compressAll writes each file of from into the folder to, with .gz appended to
// its name.
func compressAll(from, to string) error {
	if err := os.MkdirAll(to, 0o750); err != nil {
		return err
	}
	pages, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join(from, page.Name())) //nolint:gosec // just written
		if err != nil {
			return err
		}
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(text); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		err = os.WriteFile(filepath.Join(to, page.Name()+".gz"), packed.Bytes(), 0o644) //nolint:gosec // for everyone
		if err != nil {
			return err
		}
	}
	return nil
}
