// Command memorybench loads large and many objects from a sandbox into a service
// with a memory setting, and prints the peak of the service's resident memory for
// each, as a ratio to the setting: at most 1.25 is the goal. It runs on Linux, which
// keeps the peak in /proc.
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
}

func main() {
	var o options
	flag.StringVar(&o.windlass, "windlass", "bin/windlass", "the binary to measure")
	flag.StringVar(&o.scratch, "scratch", "", "folder for objects and rows (default: a temporary one)")
	flag.IntVar(&o.memory, "memory", 256, "the service's memory setting, in MiB")
	flag.IntVar(&o.rows, "rows", 18_000_000, "rows of a large object; 18,000,000 are 1 GB of CSV")
	flag.IntVar(&o.objects, "objects", 100_000, "how many objects of 17 bytes")
	flag.StringVar(&o.only, "only", "", "the one case to run: csv, gzip, parquet or objects")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, &o, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "memorybench:", err)
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
