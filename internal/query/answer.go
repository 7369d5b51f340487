package query

import (
	"context"
	"io"

	"github.com/windlass-io/windlass/internal/columnar"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/usage"
)

// Format is the form of an answer.
type Format string

// The formats.
const (
	JSON   Format = "json"   // an array of objects
	Table  Format = "table"  // columns, and an array of arrays
	CSV    Format = "csv"    // a stream, RFC 4180 with a header
	NDJSON Format = "ndjson" // a stream, one object a line

	Arrow   = Format(columnar.Arrow)   // a stream
	Parquet = Format(columnar.Parquet) // a stream
)

var formats = []Format{JSON, Table, CSV, NDJSON, Arrow, Parquet}

// Stream reports whether an answer is written while it is read, with any
// number of rows.
func (f Format) Stream() bool { return f == CSV || f == NDJSON || f.columnar() }

func (f Format) columnar() bool { return f == Arrow || f == Parquet }

// ContentType returns the media type.
func (f Format) ContentType() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8; header=present"
	case NDJSON:
		return "application/x-ndjson"
	case JSON, Table:
		return "application/json"
	case Arrow, Parquet:
		return columnar.Format(f).ContentType()
	default:
		return "application/octet-stream"
	}
}

// Answer is the rows of a query.
type Answer struct {
	request   Request
	result    engine.SQLResult
	release   func()
	body      []byte // of an answer that isn't a stream
	rows      int64
	noted     int64 // of rows, as usage
	note      *usage.Note
	truncated bool
}

// Truncated reports whether there are more rows than the answer has. It is
// false for streams.
func (a *Answer) Truncated() bool { return a.truncated }

// Rows returns how many rows were written so far.
func (a *Answer) Rows() int64 { return a.rows }

// NoteRows notes the rows that were written until now, as usage.
func (a *Answer) NoteRows() {
	a.note.Rows("", a.rows-a.noted)
	a.noted = a.rows
}

// Columns returns the columns of the rows.
func (a *Answer) Columns() []dataset.Column { return a.result.Columns() }

// Close ends the query. Call it once.
func (a *Answer) Close() error {
	defer a.release()
	if a.result == nil {
		return nil
	}
	return a.result.Close()
}

// Write writes the answer. Call it once.
func (a *Answer) Write(ctx context.Context, w io.Writer) error {
	if !a.request.Format.Stream() {
		_, err := w.Write(a.body)
		return err
	}
	return timed(a.stream(ctx, w))
}

const flushAt = 64 << 10

func (a *Answer) stream(ctx context.Context, w io.Writer) error {
	e := newEncoder(&a.request, a.result.Columns())
	b := e.begin(nil)
	flush := func() error {
		_, err := w.Write(b)
		b = b[:0]
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch, err := a.result.Next()
		if err != nil {
			return err
		}
		if batch == nil || a.full() {
			if b, err = e.last(b); err != nil {
				return err
			}
			return flush()
		}
		for i := 0; i < batch.Rows && !a.full(); i++ {
			b = e.line(b, batch, i)
			a.rows++
			if len(b) >= flushAt {
				if err := flush(); err != nil {
					return err
				}
			}
		}
	}
}

// full reports whether the answer has the requested number of rows.
func (a *Answer) full() bool { return a.request.Limit > 0 && a.rows >= int64(a.request.Limit) }

// collect reads an answer that isn't a stream, up to its limit of rows or bytes.
func (a *Answer) collect() error {
	e := newEncoder(&a.request, a.result.Columns())
	a.body = e.begin(nil)
	for !a.truncated {
		batch, err := a.result.Next()
		if err != nil {
			return err
		}
		if batch == nil {
			break
		}
		for i := 0; i < batch.Rows && !a.truncated; i++ {
			a.add(e, batch, i)
		}
	}
	a.body = e.end(a.body, a.truncated)
	return nil
}

// add adds a row, unless the answer is full.
func (a *Answer) add(e *encoder, batch *dataset.Batch, i int) {
	if a.full() {
		a.truncated = true
		return
	}
	before := len(a.body)
	if a.rows > 0 {
		a.body = append(a.body, ',')
	}
	a.body = e.row(a.body, batch, i)
	if len(a.body) > MaxBytes && a.rows > 0 {
		a.body, a.truncated = a.body[:before], true
		return
	}
	a.rows++
}
