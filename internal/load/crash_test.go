package load_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/source"
)

// The test binary runs itself as a service that kills itself at a point.
const (
	crashPoint  = "WINDLASS_TEST_CRASH_POINT"
	crashFolder = "WINDLASS_TEST_CRASH_FOLDER"
)

func TestMain(m *testing.M) {
	if point := os.Getenv(crashPoint); point != "" {
		fmt.Fprintln(os.Stderr, serveAndCrash(point, os.Getenv(crashFolder)))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// serveAndCrash works at the queue until it kills itself.
func serveAndCrash(point, folder string) error {
	ctx := context.Background()
	h, err := open(ctx, folder, crashAt(point))
	if err != nil {
		return err
	}
	w := load.NewWorkers(h.loads, h.loader, "crashing", 1, quiet())
	if err := w.Start(ctx, true); err != nil {
		return err
	}
	<-time.After(time.Minute)
	return errors.New("nothing killed it")
}

// crashAt wraps bucket and engine, and kills the process at a point.
func crashAt(point string) doors {
	var reads, appends atomic.Int64
	return doors{
		bucket: func(b object.Bucket) object.Bucket {
			return &hook{b, func(context.Context, string, object.ReadOptions) error {
				if reads.Add(1) == 5 && point == "reading" {
					die()
				}
				return nil
			}}
		},
		rows: func(r load.Rows) load.Rows {
			return &crashingRows{r, func(at string) {
				if at == point || at == "appending" && point == "staging" && appends.Add(1) == 3 {
					die()
				}
			}}
		},
	}
}

// die is like kill -9: nothing is flushed or closed, and no response is sent.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

type crashingRows struct {
	load.Rows
	at func(point string)
}

func (r *crashingRows) Begin(ctx context.Context, spec engine.LoadSpec) (engine.Load, error) {
	l, err := r.Rows.Begin(ctx, spec)
	return &crashingLoad{l, r.at}, err
}

type crashingLoad struct {
	engine.Load
	at func(point string)
}

func (l *crashingLoad) Append(ctx context.Context, batch *dataset.Batch) error {
	l.at("appending")
	return l.Load.Append(ctx, batch)
}

func (l *crashingLoad) Commit(ctx context.Context, end engine.Ending) (engine.Committed, error) {
	l.at("before the commit")
	done, err := l.Load.Commit(ctx, end)
	l.at("after the commit")
	return done, err
}

func TestKilledInMidLoadEveryRowIsThereOnce(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"reading", "staging", "before the commit", "after the commit"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			mkdir(t, filepath.Join(folder, "bucket"))
			h, err := open(t.Context(), folder, doors{})
			if err != nil {
				t.Fatal(err)
			}
			if err := h.furnish(t.Context()); err != nil {
				t.Fatal(err)
			}
			src := h.source(t, "in/*.csv", source.Format{})
			h.put(t, "in/0.csv", lines(5000, 5010)) // replaced by the next put
			// It ran, but not from the queue, which it leaves here.
			first := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
			if _, err := h.loads.Cancel(t.Context(), owner, workspaceID, first.ID); err != nil {
				t.Fatal(err)
			}
			var want []string
			for i := range 10 {
				h.put(t, fmt.Sprintf("in/%d.csv", i), lines(i*100, i*100+100))
			}
			for i := range 1000 {
				want = append(want, strconv.Itoa(i))
			}
			l := h.start(t, load.Order{Source: src, Dataset: "d"})
			h.close()

			// Twice: a load that was started again may be killed as well.
			for range 2 {
				crash(t, point, folder)
				if point == "after the commit" {
					break // there is no second commit
				}
			}

			h, err = open(t.Context(), folder, doors{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(h.close)
			w := load.NewWorkers(h.loads, h.loader, "second", 1, quiet())
			if err := w.Start(t.Context(), true); err != nil {
				t.Fatal(err)
			}
			ended := h.await(t, l.ID)
			w.Stop()
			if ended.State != load.Loaded || ended.Progress.Rows != 1000 || ended.Progress.ObjectsDone != 10 ||
				ended.Attempt < 2 && point != "after the commit" {
				t.Errorf("the load ended as %+v", ended)
			}
			if diff := cmp.Diff(want, h.values(t, "d", "id")); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
			entries, err := h.rows.Ledger(t.Context(), src, "", "", 100)
			if err != nil || len(entries) != 11 {
				t.Errorf("%d entries in the ledger, %v", len(entries), err)
			}
		})
	}
}

// crash runs the binary until it kills itself.
func crash(t *testing.T, point, folder string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self)
	c.Env = append(os.Environ(), crashPoint+"="+point, crashFolder+"="+folder)
	c.Stdout, c.Stderr = io.Discard, os.Stderr
	err = c.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("the service ended with %v", err)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL {
		t.Fatalf("the service ended with %v, and was not killed", err)
	}
}

// await waits for a load's end.
func (h *house) await(t *testing.T, id string) load.Load {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		l, err := h.loads.Get(t.Context(), owner, workspaceID, id)
		if err != nil {
			t.Fatal(err)
		}
		if l.State.Ended() {
			return l
		}
		<-ticker.C
	}
}

// awaitState waits until a load is in a state and its worker has finished.
func (h *house) awaitState(t *testing.T, id string, state load.State) load.Load {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		l, err := h.loads.Get(t.Context(), owner, workspaceID, id)
		if err != nil {
			t.Fatal(err)
		}
		if l.State == state && l.Fault != "" {
			return l
		}
		<-ticker.C
	}
}
