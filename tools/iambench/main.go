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

// The goals: how many times faster than each peer, and the maximum time to
// parse a policy of 6 KB.
const (
	timesCedar   = 15
	timesVersity = 1000
	readNanos    = 100_000
)

func main() {
	if err := run(os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "iambench:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	contests, err := contests()
	if err != nil {
		return err
	}
	for range rounds {
		for i := range contests {
			if err := contests[i].round(); err != nil {
				return err
			}
		}
	}
	printTable(out, contests)
	return judge(contests)
}

// contest is one measurement.
type contest struct {
	name string
	work func(i int)
	best cost
}

// The indexes of the contests.
const (
	ours = iota
	bound
	cedarGoes
	versityGoes
	reading
)

func contests() ([]contest, error) {
	engines := []struct {
		name string
		make func() (decider, error)
	}{ours: {"windlass", windlass}, bound: {"windlass, including building the " +
		"request", binding}, cedarGoes: {"cedar-go", cedarGo}, versityGoes: {"versitygw", versitygw}}
	list := make([]contest, 0, len(engines)+1)
	for _, e := range engines {
		decide, err := e.make()
		if err != nil {
			return nil, fmt.Errorf("preparing %s: %w", e.name, err)
		}
		if err := agree(e.name, decide); err != nil {
			return nil, err
		}
		list = append(list, contest{name: e.name, work: func(i int) { decide(i) }})
	}
	text := sixKB()
	read := contest{name: fmt.Sprintf("parse and compile %d bytes", len(text)), work: func(int) { readPolicy(text) }}
	return append(list, read), nil
}

func printTable(out io.Writer, contests []contest) {
	_, _ = fmt.Fprintf(out, "%-26s %12s %10s %12s\n", "engine", "ns/decision", "allocs", "x windlass")
	for _, c := range contests[:reading] {
		_, _ = fmt.Fprintf(out, "%-26s %12.1f %10.0f %12.1f\n", c.name, c.best.nanos, c.best.allocations,
			c.best.nanos/contests[ours].best.nanos)
	}
	_, _ = fmt.Fprintf(out, "%s: %.1f us\n", contests[reading].name, contests[reading].best.nanos/1000)
}

// cost is the cost of one decision.
type cost struct {
	nanos       float64 // of processor time
	allocations float64
}

// Each contest is measured in every round, so that other work on the machine
// doesn't affect just one, and its best round counts. A round is long enough
// for many garbage collections.
const (
	rounds = 10
	round  = 100 * time.Millisecond
)

// round measures once. It measures processor time, not wall-clock time.
func (c *contest) round() error {
	for count := 64; ; count *= 2 {
		got, spent, err := measureOnce(c.work, count)
		if err != nil {
			return err
		}
		if spent < round {
			continue
		}
		if c.best.nanos == 0 || got.nanos < c.best.nanos {
			c.best = got
		}
		return nil
	}
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

// processorTime returns the processor time that this process has used.
func processorTime() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("reading the processor's time: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// judge compares the measurements with the goals.
func judge(contests []contest) error {
	var missed []string
	times := func(i int) float64 { return contests[i].best.nanos / contests[ours].best.nanos }
	if ratio := times(cedarGoes); ratio < timesCedar {
		missed = append(missed, fmt.Sprintf("%.1f times cedar-go, goal %d", ratio, timesCedar))
	}
	if ratio := times(versityGoes); ratio < timesVersity {
		missed = append(missed, fmt.Sprintf("%.0f times versitygw, goal %d", ratio, timesVersity))
	}
	if contests[ours].best.allocations+contests[bound].best.allocations != 0 {
		missed = append(missed, "a decision allocates memory, goal 0 allocations")
	}
	if read := contests[reading].best.nanos; read > readNanos {
		missed = append(missed, fmt.Sprintf("%.1f us to parse 6 KB, goal %d", read/1000, readNanos/1000))
	}
	if missed != nil {
		return errors.New("missed: " + strings.Join(missed, "; "))
	}
	return nil
}

// sixKB returns the set's statements, repeated up to 6 KB.
func sixKB() []byte {
	first, last := strings.Index(document, "["), strings.LastIndex(document, "]")
	set := strings.Split(strings.TrimSpace(document[first+1:last]), "\n    },\n    ")
	for i := range set[:len(set)-1] {
		set[i] += "\n    }"
	}
	text := document[:first+1] + set[0]
	for i := 1; len(text) < 6<<10; i++ {
		text += ",\n    " + set[i%len(set)]
	}
	return []byte(text + document[last:])
}

func readPolicy(text []byte) {
	policy, err := iam.Parse(iam.Identity, text)
	if err == nil {
		_, err = iam.Compile(policy)
	}
	if err != nil {
		panic(err) // the text is a constant
	}
}
