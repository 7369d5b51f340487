package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// comparePeers loads a CSV with the service, from the bucket, and with DuckDB, from the
// disk, in turn, and prints the medians and their ratios. Then it compares reads with
// pREST.
func comparePeers(ctx context.Context, o *options, b *bucket, out io.Writer) error {
	path := filepath.Join(b.dir, "quotes.csv")
	if err := writeFile(path, o.rows); err != nil {
		return err
	}
	if err := b.put(ctx, "peers/quotes.csv", func(w io.Writer) error { return writeCSV(w, o.rows) }); err != nil {
		return err
	}
	var ours, theirs []result
	for range o.runs {
		measured, err := measure(ctx, o, b.dir, b, "peers")
		if err != nil {
			return err
		}
		peer, err := measureDuckDB(ctx, path)
		if err != nil {
			return err
		}
		ours, theirs = append(ours, measured), append(theirs, peer)
	}
	if _, err := fmt.Fprintf(out, "load of %d rows of CSV, --memory %dMiB, medians of %d\n%-10s %10s %10s %8s\n", o.rows,
		o.memory, o.runs, "", "windlass", "DuckDB", "ratio"); err != nil {
		return err
	}
	for _, row := range []struct {
		name string
		of   func(*result) float64
	}{
		{"seconds", func(r *result) float64 { return r.seconds }},
		{"CPU s", func(r *result) float64 { return r.cpu }},
		{"peak MiB", func(r *result) float64 { return r.peak }},
	} {
		a, c := medianOf(ours, row.of), medianOf(theirs, row.of)
		if _, err := fmt.Fprintf(out, "%-10s %10.1f %10.1f %8.2f\n", row.name, a, c, a/c); err != nil {
			return err
		}
	}
	return compareREST(ctx, o, b, out)
}

func medianOf(results []result, of func(*result) float64) float64 {
	list := make([]float64, len(results))
	for i := range results {
		list[i] = of(&results[i])
	}
	slices.Sort(list)
	return list[len(list)/2]
}

func writeFile(path string, rows int) error {
	f, err := os.Create(path) //nolint:gosec // a file of this run's own folder
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(writeCSV(buffered, rows), buffered.Flush(), f.Close())
}

// measureDuckDB loads a CSV with DuckDB in a process of its own.
func measureDuckDB(ctx context.Context, path string) (result, error) {
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	defer func() { _ = os.Remove(path + ".duckdb") }()
	command := exec.CommandContext(ctx, self, "-duckdb", path) //nolint:gosec // this program itself
	command.Stderr = os.Stderr
	began := time.Now() //nolint:forbidigo // it measures time
	if err := command.Run(); err != nil {
		return result{}, fmt.Errorf("loading with DuckDB: %w", err)
	}
	r := result{
		seconds: time.Since(began).Seconds(),
		cpu:     (command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Seconds(),
	}
	if used, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.peak = float64(used.Maxrss) / 1024
	}
	return r, nil
}
