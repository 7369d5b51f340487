// Command loadbench loads large and many objects from a sandbox into a service
// with a memory setting, and prints the peak of the service's resident memory for
// each, as a ratio to the setting: at most 1.25 is the goal.
//
// With -peers, it loads a CSV in turn with DuckDB, which reads the same file from the
// disk, and prints the ratios of time, CPU and memory. If prestd is there, a PostgreSQL
// REST server, it then compares reads.
//
// It runs on Linux, which keeps CPU time and memory of processes in /proc.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// options are the flags.
type options struct {
	windlass string
	scratch  string
	memory   int // MiB
	rows     int
	objects  int
	only     string
	peers    bool
	runs     int
	prest    string
	postgres string
}

func main() {
	var o options
	flag.StringVar(&o.windlass, "windlass", "bin/windlass", "the binary to measure")
	flag.StringVar(&o.scratch, "scratch", "", "folder for objects and rows (default: a temporary one)")
	flag.IntVar(&o.memory, "memory", 256, "the service's memory setting, in MiB")
	flag.IntVar(&o.rows, "rows", 18_000_000, "rows of a large object; 18,000,000 are 1 GB of CSV")
	flag.IntVar(&o.objects, "objects", 100_000, "how many objects of 17 bytes")
	flag.StringVar(&o.only, "only", "", "the one case to run: csv, gzip, parquet or objects")
	flag.BoolVar(&o.peers, "peers", false, "compare with DuckDB and pREST")
	flag.IntVar(&o.runs, "runs", 3, "how often each peer loads; medians are printed")
	flag.StringVar(&o.prest, "prest", "prestd", "the binary of pREST, for -peers")
	flag.StringVar(&o.postgres, "postgres", os.Getenv("WINDLASS_TEST_POSTGRES"), "address of PostgreSQL, for pREST")
	duckdb := flag.String("duckdb", "", "load this CSV with DuckDB into a file beside it, and exit")
	flag.Parse()
	if *duckdb != "" {
		if err := loadDuckDB(*duckdb); err != nil {
			fmt.Fprintln(os.Stderr, "loadbench:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, &o, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "loadbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o *options, out io.Writer) (err error) {
	dir, err := os.MkdirTemp(o.scratch, "bench-memory-")
	if err != nil {
		return fmt.Errorf("creating the folder for objects and rows: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	bucket, err := startBucket(ctx, o.windlass, dir)
	if err != nil {
		return err
	}
	defer bucket.process.Stop()
	if o.peers {
		return comparePeers(ctx, o, bucket, out)
	}
	const form = "%-28s %12s %10s %10s %8s\n"
	if _, err := fmt.Fprintf(out, form, "objects", "rows", "peak MiB", "x-memory", "seconds"); err != nil {
		return err
	}
	for _, c := range cases(o) {
		if o.only != "" && o.only != c.name {
			continue
		}
		if err := c.fill(ctx, bucket); err != nil {
			return fmt.Errorf("%s: writing the objects: %w", c.name, err)
		}
		measured, err := measure(ctx, o, dir, bucket, c.name)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if _, err := fmt.Fprintf(out, form, c.title, fmt.Sprint(measured.rows), fmt.Sprintf("%.0f", measured.peak),
			fmt.Sprintf("%.2f", measured.peak/float64(o.memory)), fmt.Sprintf("%.0f", measured.seconds)); err != nil {
			return err
		}
	}
	return nil
}
