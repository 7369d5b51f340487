//go:build cgo

package worker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/engine/sql"
)

// TestMain runs the tests, or attacks from inside a process that is ready for a
// query.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "attack" {
		if err := attack(); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// assault is a job, and statements to run without any check.
type assault struct {
	Job        sql.Job
	Statements []string
}

// attack prints the name of each attack that succeeds.
func attack() error {
	var a assault
	if err := json.NewDecoder(os.Stdin).Decode(&a); err != nil {
		return err
	}
	w := &worker{start: sql.Start{MemoryBytes: 64 << 20, Threads: 1}}
	if err := confine(w.start.MemoryBytes); err != nil {
		return err
	}
	var err error
	if w.duckdb, err = openDuckDB(w.start.MemoryBytes, 1); err != nil {
		return err
	}
	if err = w.prepare(&a.Job); err != nil {
		return err
	}
	for _, s := range a.Statements {
		if w.duckdb.run(s) == nil {
			_, _ = fmt.Println(s)
		}
	}
	if runtime.GOOS == "linux" {
		attackSystem(a.Job.Files[0])
	}
	return nil
}

// attackSystem tries what malicious code inside the process could do.
func attackSystem(file string) {
	for name, try := range map[string]func() error{
		"read /etc/passwd": func() error { _, err := os.ReadFile("/etc/passwd"); return err },
		"list /":           func() error { _, err := os.ReadDir("/"); return err },
		"write the file": func() error {
			f, err := os.OpenFile(file, os.O_WRONLY, 0)
			return errors.Join(err, f.Close())
		},
		"truncate the file": func() error { return os.Truncate(file, 1) },
		"remove the file":   func() error { return os.Remove(file) },
		"connect": func() error {
			c, err := net.Dial("tcp", "127.0.0.1:"+os.Getenv("PORT"))
			if err == nil {
				_ = c.Close()
			}
			return err
		},
	} {
		if try() == nil {
			_, _ = fmt.Println(name)
		}
	}
}

// networkABI is the first version of Landlock that confines TCP (Linux 6.7).
const networkABI = 4

// TestAttackSQLBehindTheCheck runs statements that the check would have refused, in
// a process that is ready for a query: DuckDB's settings and the system stop them.
func TestAttackSQLBehindTheCheck(t *testing.T) {
	t.Parallel()
	if abi := landlockABI(); abi < networkABI {
		t.Skipf("SKIPPED: the kernel's Landlock has version %d; only from %d on can it stop files and network", abi, networkABI)
	}
	dir, spill := t.TempDir(), t.TempDir()
	makeFile(t, filepath.Join(dir, "a.parquet"))
	makeFile(t, filepath.Join(dir, "b.parquet"))
	before, err := os.ReadFile(filepath.Join(dir, "a.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	input, err := json.Marshal(assault{
		Job: sql.Job{
			Files: []string{"a.parquet"}, SpillDir: spill, SpillBytes: 1 << 20,
			Views: []sql.View{{Name: "a", Select: "SELECT * FROM read_parquet(['a.parquet'])"}},
		},
		Statements: []string{
			"copy (select 1 as x) to 'a.parquet'",
			"copy (select 1 as x) to 'a.parquet' (use_tmp_file false)",
			"copy (select 1 as x) to '" + filepath.Join(dir, "a.parquet") + "' (format csv, use_tmp_file false)",
			"copy (select 1 as x) to 'c.parquet'",
			"attach 'a.parquet' as x; drop view x.main.a; copy x.main.file to 'a.parquet' (use_tmp_file false)",
			"attach '" + filepath.Join(dir, "x.db") + "' as x",
			"select * from read_parquet('b.parquet')",
			"select * from read_text('/etc/passwd')",
			"select * from glob('*')",
			"select * from read_csv('/etc/passwd')",
			"select * from 'https://example.com/x.parquet'",
			"install httpfs", "load httpfs", "load '" + filepath.Join(dir, "x.duckdb_extension") + "'",
			"set enable_external_access = true",
			"set allowed_directories = ['/']",
			"set memory_limit = '10GB'",
			"set threads = 64",
			"set lock_configuration = false",
			"reset lock_configuration",
			"create persistent secret (type s3)",
			"export database '" + dir + "'",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "attack")
	_, port, _ := strings.Cut(listener.Addr().String(), ":")
	cmd.Dir, cmd.Env, cmd.Stdin = dir, []string{"PORT=" + port}, bytes.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("succeeded: %s, %v", out, err)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "a.parquet")); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the file changed: %v", err)
	}
}

func makeFile(t *testing.T, path string) {
	t.Helper()
	d, err := openDuckDB(64<<20, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	if err := d.run("COPY (SELECT i FROM range(100) t(i)) TO " + literal(path)); err != nil {
		t.Fatal(err)
	}
}
