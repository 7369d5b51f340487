package parquetfile_test

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// useAll opens a file, checks it and reads all of it.
func useAll(t *testing.T, folder parquetfile.Folder, name string) error {
	t.Helper()
	r, err := parquetfile.Open(folder, name, newCache(t, 0))
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	checked := parquetfile.Check(t.Context(), r)
	rows, err := parquetfile.Select(t.Context(), []parquetfile.Source{{Reader: r}},
		engine.Selection{DatasetID: "ds_1", Schema: prices(), DateColumn: "day", Limit: 100_000})
	for err == nil {
		b, failed := rows.Next()
		if err = failed; b == nil {
			break
		}
	}
	if checked != nil {
		return checked
	}
	return err
}

func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := parquetfile.Folder(dir)
	rows := randomRows(rand.New(rand.NewPCG(7, 7)), 3000, 20, 50)
	write(t, folder, "good", prices(), 0, newCache(t, 0), rows...)
	good, err := os.ReadFile(filepath.Join(dir, "good"))
	if err != nil {
		t.Fatal(err)
	}
	if err := useAll(t, folder, "good"); err != nil {
		t.Fatal(err)
	}
	put := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range map[string][]byte{
		"empty":          nil,
		"a few bytes":    []byte("PAR1"),
		"another format": []byte(strings.Repeat("symbol,price\n", 1000)),
		"cut by a byte":  good[:len(good)-1],
		"cut in half":    good[:len(good)/2],
		"without a head": good[len(good)/2:],
		"footer of zeros": append(bytes.Clone(good[:len(good)-200]), append(make([]byte, 192),
			good[len(good)-8:]...)...),
	} {
		put("bad", content)
		if err := useAll(t, folder, "bad"); !parquetfile.IsDamaged(err) || !strings.Contains(err.Error(),
			"The file bad is damaged") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := parquetfile.Open(folder, "missing", newCache(t, 0)); !errors.Is(err, fs.ErrNotExist) ||
		parquetfile.IsDamaged(err) {
		t.Errorf("missing: got %v", err)
	}
	r := rand.New(rand.NewPCG(8, 8))
	for i := range 600 {
		at := r.IntN(len(good))
		if i%2 == 0 { // the indexes and the footer
			at = len(good) - 1 - r.IntN(len(good)/8)
		}
		bad := bytes.Clone(good)
		bad[at] ^= 1 << r.IntN(8)
		put("bad", bad)
		if err := useAll(t, folder, "bad"); !parquetfile.IsDamaged(err) {
			t.Errorf("a bit flipped at byte %d of %d: got %v", at, len(good), err)
		}
	}
}

func TestWriteLeavesNoFile(t *testing.T) {
	t.Parallel()
	folder, schema := parquetfile.Folder(t.TempDir()), prices()
	write(t, folder, "a", schema, 0, newCache(t, 0), row{1.5, "A", 1, 10, "x"})
	spec, err := parquetfile.SpecOf(&schema)
	if err != nil {
		t.Fatal(err)
	}
	run := parquetfile.NewRun(spec)
	if err := run.Append(batchOf(schema, row{1.5, "A", 1, 10, "x"}), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := parquetfile.Write(t.Context(), folder, "a", run, parquetfile.Meta{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a name that is taken: got %v", err)
	}
	if _, err := parquetfile.Write(t.Context(), full{folder}, "b", run, parquetfile.Meta{}); !errors.Is(err, errFull) {
		t.Errorf("a full disk: got %v", err)
	}
	list, err := folder.List(t.Context())
	if err != nil || len(list) != 1 || list[0].Name != "a" {
		t.Errorf("the folder has %v, %v", list, err)
	}
}

var errFull = errors.New("no space left on device")

// full is a folder whose files accept no bytes.
type full struct{ parquetfile.Folder }

func (f full) Create(name string) (parquetfile.NewFile, error) {
	file, err := f.Folder.Create(name)
	return fullFile{file}, err
}

type fullFile struct{ parquetfile.NewFile }

func (fullFile) Write([]byte) (int, error) { return 0, errFull }
