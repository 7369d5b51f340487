package sql

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// result is a statement that runs in its process.
type result struct {
	engine   *Engine
	query    *engine.SQLQuery
	process  *process
	pins     []*segment.Pin
	spillDir string

	describe bool  // only return the columns
	names    Names // of the statement

	columns []dataset.Column
	batch   *dataset.Batch
	first   bool // batch has the first rows, which Next hasn't returned yet
	done    bool
}

// begin starts the process and waits for the first rows.
func (r *result) begin(ctx context.Context, start time.Duration) (err error) {
	config := &r.engine.config
	if r.process, err = startProcess(ctx, config.Command, config.Rows.Dir()); err != nil {
		return err
	}
	r.engine.running.Store(r.process.command.Process.Pid, true)
	timer := r.process.killAfter(start)
	defer timer.Stop()
	err = r.process.send(KindStart, &Start{
		Text: r.query.Text, MemoryBytes: config.MemoryBytes, Threads: config.Threads,
	})
	if err == nil {
		err = r.process.messages.NextJSON(KindNames, &r.names)
	}
	if err != nil {
		return err
	}
	job, err := r.plan(ctx, &r.names)
	if err != nil {
		return err
	}
	if err = r.process.send(KindJob, job); err == nil {
		err = r.process.messages.NextJSON(KindColumns, &r.columns)
	}
	if err != nil {
		return err
	}
	r.batch = newBatch(r.columns)
	r.first = true
	return r.read()
}

// read reads the next batch into r.batch.
func (r *result) read() error {
	kind, content, err := r.process.messages.Next()
	switch {
	case err != nil:
		return err
	case kind == KindEnd:
		r.done, r.batch.Rows = true, 0
		return nil
	case kind == KindFault:
		return readFault(content)
	case kind != KindBatch:
		return errMessage
	default:
		return ReadBatch(content, r.batch)
	}
}

// Columns returns the result's columns.
func (r *result) Columns() []dataset.Column { return r.columns }

// Next returns the next batch, nil at the end.
func (r *result) Next() (*dataset.Batch, error) {
	if !r.first && !r.done {
		if err := r.read(); err != nil {
			return nil, r.explain(err)
		}
	}
	r.first = false
	if r.done {
		return nil, nil //nolint:nilnil // the end
	}
	return r.batch, nil
}

// Close kills the process and releases the files.
func (r *result) Close() error {
	if r.process != nil {
		r.process.kill()
		r.process.wait()
		r.engine.running.Delete(r.process.command.Process.Pid)
	}
	for _, pin := range r.pins {
		pin.Release()
	}
	r.pins = nil
	if r.spillDir == "" {
		return nil
	}
	return os.RemoveAll(r.spillDir)
}

// explain converts an error to a problem.
func (r *result) explain(err error) error {
	var fault *StatementError
	var known *problem.Error
	switch {
	case errors.As(err, &fault):
		return r.problemOf(fault)
	case errors.As(err, &known):
		return err
	case r.process == nil:
		return err
	case r.process.timedOut.Load():
		return problem.New(problem.Invalid, "The query took longer than its time limit.").
			WithReason(engine.SQLTimeLimit).WithHint("Read fewer rows or columns, or set a longer limit.")
	case r.process.ctx.Err() != nil:
		return r.process.ctx.Err()
	default:
		return r.died(err)
	}
}

// died explains the end of a process that exited without reporting an error.
func (r *result) died(err error) error {
	r.process.kill()
	how, stderr := r.process.wait(), r.process.stderr.String()
	r.engine.config.Logger.Error(telemetry.QueryEnded, "cause", err, "status", how, "stderr", stderr)
	if strings.Contains(stderr, "cannot allocate memory") || strings.Contains(stderr, "out of memory") ||
		strings.Contains(stderr, "bad_alloc") || errors.Is(err, io.EOF) && strings.Contains(how, "killed") {
		return memoryLimit()
	}
	return problem.Wrap(err, problem.Internal, "The SQL engine stopped unexpectedly.").
		WithHint("Try again. If it happens again, rewrite the statement. The service's log has the cause.")
}

func memoryLimit() error {
	return problem.New(problem.Invalid, "The query needs more memory than its limit.").
		WithReason(engine.SQLMemoryLimit).WithHint("Read fewer columns or rows, or group by fewer values.")
}

// problemOf returns the problem of a fault, with its position in the statement.
func (r *result) problemOf(f *StatementError) error {
	switch f.Reason {
	case "":
		r.engine.config.Logger.Error(telemetry.QueryFailed, "cause", f.Message)
		return problem.Wrap(f, problem.Internal, "The SQL engine failed.").
			WithHint("The service's log has the cause.")
	case engine.NoSQLEngine:
		return problem.New(problem.Unavailable, "%s", f.Message).WithReason(f.Reason).WithHint("%s", f.Hint)
	case engine.SQLMemoryLimit:
		return memoryLimit()
	}
	finding := problem.Finding{Path: "sql", Message: f.Message}
	finding.Line, finding.Column = place(r.query.Text, f.Offset)
	e := problem.New(problem.Invalid, "%s", f.Message).WithReason(f.Reason).WithFindings(finding)
	if f.Hint != "" {
		e = e.WithHint("%s", f.Hint)
	}
	return e
}

// place returns the line and column of an offset, both from 1, or 0 if
// unknown.
func place(text string, offset int) (line, column int) {
	if offset < 0 || offset > len(text) {
		return 0, 0
	}
	before := text[:offset]
	return strings.Count(before, "\n") + 1, offset - strings.LastIndexByte(before, '\n')
}
