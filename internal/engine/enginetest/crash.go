package enginetest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// ChildVariable is the environment variable that makes a driver's test binary
// open the engine in the directory that it names, and load there until killed.
const ChildVariable = "WINDLASS_ENGINETEST_CRASH"

// crashRows is the rows, and crashRejects the rejected rows, of one load.
const (
	crashRows    = 3 * 2000
	crashRejects = 7
)

// Main runs the tests. In a child process, which a test starts from the same
// binary in order to kill it, it loads forever. A driver's TestMain ends with
//
//	os.Exit(enginetest.Main(m, open))
func Main(m *testing.M, open Open) int {
	dir := os.Getenv(ChildVariable)
	if dir == "" {
		return m.Run()
	}
	_, _ = fmt.Fprintln(os.Stderr, loadForever(open, dir, os.Stdout))
	return 1
}

// loadForever only returns with an error.
func loadForever(open Open, dir string, out io.Writer) error {
	ctx := context.Background()
	e, err := open(ctx, dir)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		if err := crashLoad(ctx, e, i, out); err != nil {
			return err
		}
	}
}

func crashLoad(ctx context.Context, e engine.Engine, i int, out io.Writer) error {
	s := spec(crashSchema(i), engine.Ignore)
	s.LoadID = fmt.Sprint("load_", i)
	l, err := e.Begin(ctx, s)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, "began", i)
	for part := range 3 {
		var rows []row
		for j := range crashRows / 3 {
			rows = append(rows, row{fmt.Sprint("K", j%10), part*10000 + j, i, float64(i)})
		}
		if err := l.Append(ctx, batchOf(s.Schema, rows...)); err != nil {
			return err
		}
	}
	rejects := make([]dataset.Rejected, crashRejects)
	if err := l.Reject(ctx, rejects); err != nil {
		return err
	}
	if err := l.Object(ctx, entry(fmt.Sprintf("object-%05d", i), "1", engine.Loaded)); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, "committing", i)
	if _, err := l.Commit(ctx, nil); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, "committed", i)
	return crashAlter(ctx, e, i)
}

// kills is the number of times that a process is killed at a random moment.
// KillsVariable overrides it.
const kills = 6

// KillsVariable is the environment variable with the number of times that a
// process is killed at a random moment.
const KillsVariable = "WINDLASS_ENGINETEST_KILLS"

// moments returns the moments at which a process is killed: a line that it
// prints, and the delay after it.
func moments() []moment {
	var all []moment
	for _, line := range []string{
		"began 0", "committing 0", "committing 1", "committed 2", "committed 0", "began 1",
		"committing 3",
	} {
		all = append(all, moment{line: line})
	}
	n := kills
	if more, err := strconv.Atoi(os.Getenv(KillsVariable)); err == nil {
		n = more
	}
	for range n {
		step, load, pause := rand.IntN(3), rand.IntN(6), rand.IntN(40_000) //nolint:gosec // not used for security
		line := fmt.Sprint([]string{"began ", "committing ", "committed "}[step], load)
		all = append(all, moment{line, time.Duration(pause) * time.Microsecond})
	}
	return all
}

// moment is the moment at which a process is killed.
type moment struct {
	line  string
	after time.Duration
}

// testCrash kills a process at several moments and checks the state that it leaves.
func testCrash(t *testing.T, open Open) {
	dir := t.TempDir()
	first, err := open(t.Context(), dir) // the child finds the state that the parent opened
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for _, line := range moments() {
		promised := killAt(t, dir, line)
		e, err := open(t.Context(), dir)
		if err != nil {
			t.Fatalf("opening after a kill at %v: %v", line, err)
		}
		f := &fixture{Engine: e}
		found := f.crashed(t)
		if found < promised || found > promised+1 {
			t.Errorf("killed at %v: %d loads were committed, %d are there", line, promised, found)
		}
		if err := e.Drop(t.Context(), "ds_prices"); err != nil {
			t.Errorf("dropping after a kill at %v: %v", line, err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killAt starts a child, kills it at a moment, and returns the number of loads
// that the child said were committed.
func killAt(t *testing.T, dir string, at moment) int {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // this very test binary
	child.Env = append(os.Environ(), ChildVariable+"="+dir)
	child.Stderr = t.Output()
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	promised := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "committed ") {
			promised++
		}
		if lines.Text() == at.line {
			break
		}
	}
	time.Sleep(at.after)
	if err := child.Process.Kill(); err != nil {
		t.Fatalf("killing at %q: %v", at.line, err)
	}
	for lines.Scan() { // lines that it wrote before it died
		if strings.HasPrefix(lines.Text(), "committed ") {
			promised++
		}
	}
	_ = child.Wait()
	return promised
}

// crashed checks that rows, rejected rows and ledger agree, and counts loads.
func (f *fixture) crashed(t *testing.T) int {
	t.Helper()
	entries := f.ledger(t)
	stats, err := f.Stats(t.Context(), "ds_prices")
	if err != nil {
		t.Fatal(err)
	}
	if stats.Rows != int64(crashRows*len(entries)) {
		t.Errorf("the ledger has %d objects, and there are %d rows", len(entries), stats.Rows)
	}
	for i := range len(entries) + 1 {
		n := 0
		err := f.Rejects(t.Context(), fmt.Sprint("load_", i), func(dataset.Rejected) error {
			n++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if i < len(entries) && n != crashRejects || i == len(entries) && n != 0 {
			t.Errorf("load %d of %d has %d rejected rows", i, len(entries), n)
		}
	}
	f.expectOneLayout(t, len(entries))
	return len(entries)
}
