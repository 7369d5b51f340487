//go:build cgo

// Package worker is the process that runs one SQL statement with DuckDB. It reads
// its orders from standard input, as messages of package sql, and exits when the
// input ends.
package worker

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/sql"
	"github.com/windlass-io/windlass/internal/engine/sql/statement"
)

// heapBytes limits Go's heap. DuckDB's memory doesn't count.
const heapBytes = 64 << 20

// Run runs one statement. Call it once per process.
func Run(in io.Reader, out io.Writer) error {
	debug.SetMemoryLimit(heapBytes)
	messages := sql.NewMessages(in)
	var start sql.Start
	if err := messages.NextJSON(sql.KindStart, &start); err != nil {
		return err
	}
	w := &worker{out: out, start: start}
	err := w.run(messages)
	w.close()
	var fault *sql.StatementError
	if errors.As(err, &fault) {
		return sql.WriteJSON(out, sql.KindFault, fault)
	}
	return err
}

// worker runs a statement.
type worker struct {
	out    io.Writer
	start  sql.Start
	duckdb *duckdb

	names sql.Names
	text  string // that runs
	shift int    // offset from a position in text to one in the statement
	typed statement.Constants
}

func (w *worker) run(messages *sql.Messages) (err error) {
	if err = confine(w.start.MemoryBytes); err != nil {
		return err
	}
	if w.duckdb, err = openDuckDB(w.start.MemoryBytes, w.start.Threads); err != nil {
		return err
	}
	if w.names, err = w.check(); err == nil {
		err = sql.WriteJSON(w.out, sql.KindNames, w.names)
	}
	if err != nil {
		return err
	}
	var job sql.Job
	if err := messages.NextJSON(sql.KindJob, &job); err != nil {
		return err
	}
	go endWith(messages)
	if err := w.prepare(&job); err != nil {
		return err
	}
	return w.query(&job)
}

// endWith exits the process when the service exits or closes its end.
func endWith(messages *sql.Messages) {
	_, _, _ = messages.Next()
	os.Exit(0)
}

func (w *worker) close() {
	if w.duckdb != nil {
		w.duckdb.close()
	}
}

// check parses and checks the statement without running it.
func (w *worker) check() (sql.Names, error) {
	prefix, at := statement.Split(w.start.Text)
	explained := w.start.Text[at:]
	w.text, w.shift = prefix+explained, at-len(prefix)
	tree, err := w.duckdb.parse(explained)
	if err != nil {
		return sql.Names{}, err
	}
	names, err := statement.Check(tree, at)
	names.Tables = statement.Spans(w.start.Text, names.Tables)
	return names, err
}

// prepare creates the tables and then restricts the process: from here on the
// configuration is locked, and only the job's files can be read.
func (w *worker) prepare(job *sql.Job) error {
	if err := confineFiles(job.Files, job.SpillDir); err != nil {
		return fmt.Errorf("confining the process: %w", err)
	}
	d := w.duckdb
	if err := d.run(
		"SET allowed_paths = "+list(job.Files),
		"SET temp_directory = "+literal(job.SpillDir),
		"SET max_temp_directory_size = "+literal(strconv.FormatInt(job.SpillBytes, 10)+"B"),
		"SET enable_external_access = false",
		"CREATE SCHEMA "+sql.DeletesSchema,
	); err != nil {
		return err
	}
	for i := range job.Deletes {
		if err := d.addDeletes(&job.Deletes[i]); err != nil {
			return err
		}
	}
	if err := d.addViews(job); err != nil {
		return err
	}
	for i := range job.Stored {
		if err := d.addStored(job, &job.Stored[i]); err != nil {
			return err
		}
	}
	return d.run("SET lock_configuration = true")
}

func (w *worker) query(job *sql.Job) error {
	if job.Typed {
		var err error
		if w.typed, err = statement.Write(w.text, job.Parameters, w.names.Uses); err != nil {
			return err
		}
		w.text, job.Parameters = w.typed.Text, nil
	}
	p, err := w.duckdb.prepare(w.text)
	if err == nil {
		defer p.close()
		err = p.bind(job.Parameters)
	}
	if err == nil && job.Describe {
		return w.describe(p)
	}
	if err == nil {
		err = p.start()
	}
	if err != nil {
		return w.moved(err)
	}
	columns, err := p.columns()
	if err != nil {
		return err
	}
	if err := sql.WriteJSON(w.out, sql.KindColumns, columns); err != nil {
		return err
	}
	return w.moved(p.copyTo(w.out, columns))
}

// describe sends the columns of a prepared statement.
func (w *worker) describe(p *prepared) error {
	columns, err := p.described()
	if err != nil {
		return err
	}
	if err := sql.WriteJSON(w.out, sql.KindColumns, columns); err != nil {
		return err
	}
	return sql.WriteMessage(w.out, sql.KindEnd, nil)
}

// moved returns a fault with its position in the original statement.
func (w *worker) moved(err error) error {
	var f *sql.StatementError
	if !errors.As(err, &f) || f.Offset < 0 {
		return err
	}
	moved := *f
	moved.Offset = w.typed.Original(f.Offset) + w.shift
	return &moved
}

func internal(format string, args ...any) *sql.StatementError {
	return &sql.StatementError{Message: fmt.Sprintf(format, args...), Offset: -1}
}

func invalid(reason, message, hint string) *sql.StatementError {
	return &sql.StatementError{Reason: reason, Message: message, Hint: hint, Offset: -1}
}

var errTooLong = invalid(engine.SQLMemoryLimit, "A row of the result is too long.", "")
