package compress_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/compress"
)

type file struct {
	name, text string
	method     uint16
	flags      uint16
}

func zipped(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		m, err := w.CreateHeader(&zip.FileHeader{Name: f.name, Method: f.method, Flags: f.flags})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(m, f.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func openArchive(stored []byte) (*compress.Archive, error) {
	return compress.OpenArchive(bytes.NewReader(stored), int64(len(stored)))
}

// read unpacks all members.
func read(a *compress.Archive) (map[string]string, error) {
	got := map[string]string{}
	var errs []error
	for _, m := range a.Members {
		r, err := m.Open(compress.Limits{})
		if err != nil {
			errs = append(errs, err)
			continue
		}
		text, err := io.ReadAll(r)
		got[m.Name] = string(text)
		errs = append(errs, err, r.Close())
	}
	return got, errors.Join(errs...)
}

func TestArchive(t *testing.T) {
	t.Parallel()
	stored := zipped(t, file{name: "a.csv", text: "a\n1\n", method: zip.Deflate}, file{name: "folder/"},
		file{name: "folder/b.csv", text: "a\n2\n"})
	if compress.Detect(stored) != compress.Zip {
		t.Error("it isn't detected")
	}
	a, err := openArchive(stored)
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(a)
	if err != nil || len(got) != 2 || got["a.csv"] != "a\n1\n" || got["folder/b.csv"] != "a\n2\n" {
		t.Errorf("got %v, %v", got, err)
	}
	for n := range len(stored) {
		if _, err := openArchive(stored[:n]); problem.From(err).Reason != compress.Damaged {
			t.Fatalf("cut after %d of %d bytes: %v", n, len(stored), err)
		}
	}
}

func TestArchiveRefusals(t *testing.T) {
	t.Parallel()
	if _, err := openArchive(zipped(t, file{name: "a"}, file{name: "a"})); problem.From(err).Reason != compress.Damaged {
		t.Errorf("two members of one name: %v", err)
	}
	encrypted := zipped(t, file{name: "a", flags: 1, text: "x"})
	a, err := openArchive(encrypted)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read(a); problem.From(err).Reason != compress.Encrypted {
		t.Errorf("an encrypted member: %v", err)
	}
	damaged := zipped(t, file{name: "a", text: "some text"})
	damaged[bytes.Index(damaged, []byte("some"))] ^= 1
	if a, err = openArchive(damaged); err != nil {
		t.Fatal(err)
	}
	if _, err := read(a); problem.From(err).Reason != compress.Damaged {
		t.Errorf("a damaged member: %v", err)
	}
}

func TestAttackArchiveBombIsCutOff(t *testing.T) {
	t.Parallel()
	a, err := openArchive(zipped(t, file{name: "a", text: strings.Repeat("\x00", 66<<20), method: zip.Deflate}))
	if err != nil {
		t.Fatal(err)
	}
	r, err := a.Members[0].Open(compress.Limits{Unpacked: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, r); problem.From(err).Reason != compress.ExpansionLimit || n > 1<<20 {
		t.Errorf("got %d bytes, %v", n, err)
	}
}

func FuzzArchive(f *testing.F) {
	f.Add(zipped(f, file{name: "a.csv", text: "a\n1\n", method: zip.Deflate}, file{name: "b/c.csv", text: "a\n2\n"}))
	f.Add(zipped(f, file{name: "a", flags: 1}))
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, stored []byte) {
		a, err := openArchive(stored)
		if err == nil {
			for _, m := range a.Members {
				r, openErr := m.Open(compress.Limits{Unpacked: 1 << 20})
				if openErr != nil {
					err = errors.Join(err, openErr)
					continue
				}
				_, copyErr := io.Copy(io.Discard, r)
				err = errors.Join(err, copyErr, r.Close())
			}
		}
		if err != nil && !problem.Is(err, problem.Invalid) && !problem.Is(err, problem.TooLarge) {
			t.Fatalf("%v is no problem of the data", err)
		}
	})
}
