package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/windlass-io/windlass/iam"
)

// The promises: how many times faster than each peer, and how long a policy
// of 6 KB may take to be read.
const (
	timesCedar   = 15
	timesVersity = 1000
	readNanos    = 100_000
)

func main() {
	if err := run(os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	engines := []struct {
		name string
		make func() (decider, error)
	}{{"windlass", windlass}, {"windlass, request bound", binding}, {"cedar-go", cedarGo}, {"versitygw", versitygw}}
	costs := make([]cost, len(engines))
	_, _ = fmt.Fprintf(out, "%-26s %12s %10s %12s\n", "engine", "ns/decision", "allocs", "x windlass")
	for i, e := range engines {
		decide, err := e.make()
		if err != nil {
			return fmt.Errorf("preparing %s: %w", e.name, err)
		}
		if err := agree(e.name, decide); err != nil {
			return err
		}
		if costs[i], err = measure(func(i int) { decide(i) }); err != nil {
			return err
		}
		_, _ = fmt.Fprintf(out, "%-26s %12.1f %10.0f %12.1f\n", e.name, costs[i].nanos, costs[i].allocations, costs[i].nanos/costs[0].nanos)
	}
	text := sixKB()
	read, err := measure(func(int) { readPolicy(text) })
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "parse and compile %d bytes: %.1f us\n", len(text), read.nanos/1000)
	return judge(costs, read)
}

// cost is what one decision takes.
type cost struct {
	nanos       float64 // of processor time
	allocations float64
}

// measure takes the best of several rounds. It counts the processor's time,
// not the clock's, so that other work on the machine does not matter much.
func measure(decide func(i int)) (cost, error) {
	const rounds, round = 5, 300 * time.Millisecond
	count := 64
	var best cost
	for done := 0; done < rounds; {
		c, spent, err := measureOnce(decide, count)
		if err != nil {
			return cost{}, err
		}
		if spent < round {
			count *= 2
			continue
		}
		if done == 0 || c.nanos < best.nanos {
			best = c
		}
		done++
	}
	return best, nil
}

func measureOnce(decide func(i int), count int) (cost, time.Duration, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, err := processorTime()
	if err != nil {
		return cost{}, 0, err
	}
	for i := range count {
		decide(i % len(calls))
	}
	end, err := processorTime()
	if err != nil {
		return cost{}, 0, err
	}
	runtime.ReadMemStats(&after)
	spent := end - start
	return cost{
		nanos:       float64(spent.Nanoseconds()) / float64(count),
		allocations: math.Floor(float64(after.Mallocs-before.Mallocs) / float64(count)),
	}, spent, nil
}

// processorTime is what this process has used so far.
func processorTime() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("reading the processor's time: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// judge holds the figures against the promises.
func judge(costs []cost, read cost) error {
	var missed []string
	if ratio := costs[2].nanos / costs[0].nanos; ratio < timesCedar {
		missed = append(missed, fmt.Sprintf("%.1f times cedar-go, promised %d", ratio, timesCedar))
	}
	if ratio := costs[3].nanos / costs[0].nanos; ratio < timesVersity {
		missed = append(missed, fmt.Sprintf("%.0f times versitygw, promised %d", ratio, timesVersity))
	}
	if costs[0].allocations+costs[1].allocations != 0 {
		missed = append(missed, "allocations in a decision, promised none")
	}
	if read.nanos > readNanos {
		missed = append(missed, fmt.Sprintf("%.1f us to read 6 KB, promised %d", read.nanos/1000, readNanos/1000))
	}
	if missed != nil {
		return errors.New("missed: " + strings.Join(missed, "; "))
	}
	return nil
}

// sixKB is the set, repeated up to 6 KB.
func sixKB() []byte {
	first, last := strings.Index(document, "["), strings.LastIndex(document, "]")
	set := document[first+1 : last]
	statements := set
	for len(statements)+len(set) < 6000 {
		statements += "," + set
	}
	return []byte(document[:first+1] + statements + document[last:])
}

func readPolicy(text []byte) {
	policy, err := iam.Parse(iam.Identity, text)
	if err == nil {
		_, err = iam.Compile(policy)
	}
	if err != nil {
		panic(err) // the text is a constant of this program
	}
}
