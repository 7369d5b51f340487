// Command sandboxbench puts, gets and lists the same objects in the sandbox,
// versitygw and MinIO on this machine, and prints how many times faster the
// sandbox is. Each phase runs on every server in turn, several times, and the
// best result counts, so that other work on the machine affects all servers
// alike. All of them verify signatures and authorize calls.
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
	windlass  string
	versitygw string
	minio     string
	rounds    int
	scratch   string
}

func main() {
	var o options
	flag.StringVar(&o.windlass, "windlass", "bin/windlass", "the binary to measure")
	flag.StringVar(&o.versitygw, "versitygw", "", "versitygw's binary; empty: skipped")
	flag.StringVar(&o.minio, "minio", "", "MinIO's binary; empty: skipped")
	flag.IntVar(&o.rounds, "rounds", 5, "how many times to run each phase")
	flag.StringVar(&o.scratch, "scratch", "", "folder for the servers' data (default: a temporary one)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out io.Writer) (err error) {
	dir, err := os.MkdirTemp(o.scratch, "bench-sandbox-")
	if err != nil {
		return fmt.Errorf("creating the folder for the servers' data: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	servers, err := start(ctx, o, dir)
	defer func() {
		for _, s := range servers {
			s.stop()
		}
	}()
	if err != nil {
		return err
	}
	best := newTable(servers)
	for round := range o.rounds {
		for _, phase := range phases() {
			for _, s := range servers {
				rate, err := phase.measure(ctx, s, round)
				if err != nil {
					return fmt.Errorf("%s on %s: %w", phase.name, s.name, err)
				}
				best.record(phase.name, s.name, rate)
			}
		}
	}
	return best.print(out)
}
