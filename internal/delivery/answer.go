package delivery

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/usage"
)

// Answer has the rows of a request, ready to be written. The caller closes
// it.
type Answer struct {
	service *Service
	query   Query
	target  Target
	tokenID string
	begin   time.Time
	note    *usage.Note
	failed  error // of Write
	plans   []*plan
	pairs   []pair
	// parameters has the parameters of a view, by name.
	parameters map[string]string
	reads      []reading // of each plan
	stream     bool      // written while it is read
	scan       bool      // all rows of a dataset
	loaded     bool
	first      engine.Rows // rows of the first pair; nil once written
	sum        answerSum   // zero until it is needed
	kept       *keptAnswer // the answer from the cache, or nil

	poll *poll // nil: the request has no queryId

	// Only in the modern form:
	search    *engine.Search
	found     engine.Found   // first, if rows have positions
	head      *dataset.Batch // for a stream: the first batch
	begun     bool           // head was read, and is nil if there is none
	total     int64          // number of rows, if they were counted
	before    int64          // rows on earlier pages
	last      []byte         // position of the last written row
	next      string         // the cursor of the next page; empty if there is none
	written   int64          // rows
	truncated bool
	cancel    context.CancelCauseFunc // nil if the time isn't limited
	stopTimer func()
}

// ContentType is the answer's media type.
func (a *Answer) ContentType() string {
	switch {
	case a.query.Callback != "":
		return "application/javascript; charset=utf-8"
	case a.query.Schema:
		return JSON.ContentType()
	default:
		return a.query.Format.ContentType()
	}
}

// Compresses reports whether compression makes the answer smaller. Parquet is
// already compressed.
func (a *Answer) Compresses() bool { return a.query.Format != Parquet || a.query.Schema }

// reading is a read of one dataset, with its counts.
type reading struct {
	access.Read
	rows, bytes int64
	noted       int64 // of rows, as usage
}

// Close releases the answer's resources and counts the read. Call it once.
func (a *Answer) Close() error {
	a.observe()
	for i := range a.reads {
		a.reads[i].Done(a.reads[i].rows, a.reads[i].bytes)
		if i < len(a.plans) {
			a.note.Rows(a.plans[i].dataset.ID, a.reads[i].rows-a.reads[i].noted)
		}
	}
	a.reads = nil
	var err error
	if a.first != nil {
		err = a.first.Close()
		a.first = nil
	}
	for _, p := range a.plans {
		if p.view != nil {
			p.view.Close()
			p.view = nil
		}
	}
	if a.cancel != nil {
		a.stopTimer()
		a.cancel(nil)
	}
	return err
}

// Write writes the answer. Call it once. If the engine fails midway, a JSON
// answer ends with an object {"_system_error"}, and a CSV answer breaks off.
// The returned error, which is for the log, has the same code.
func (a *Answer) Write(ctx context.Context, w io.Writer) error {
	if err := a.Load(ctx); err != nil {
		return err
	}
	buffer, _ := buffers.Get().(*[]byte)
	out := &output{w: w, b: (*buffer)[:0]}
	defer func() {
		*buffer = out.b
		buffers.Put(buffer)
	}()
	if a.query.Callback != "" {
		out.b = append(append(append(out.b, "/**/"...), a.query.Callback...), '(')
	}
	var err error
	if a.query.modern && !a.query.Schema {
		err = a.writeModern(ctx, out)
	} else {
		err = a.write(ctx, out)
	}
	if a.query.Callback != "" {
		out.b = append(out.b, ");"...)
	}
	out.flush()
	if err == nil {
		err = out.err
	}
	a.failed = err
	return err
}

// observe counts the read of a prepared answer.
func (a *Answer) observe() {
	if a.service.config.Observe == nil || len(a.reads) == 0 {
		return
	}
	var rows, bytes int64
	for i := range a.reads {
		rows, bytes = rows+a.reads[i].rows, bytes+a.reads[i].bytes
	}
	outcome := "ok"
	switch {
	case errors.Is(a.failed, context.Canceled):
		outcome = "cancelled"
	case a.failed != nil:
		outcome = "error"
	}
	a.service.config.Observe(a.class(), outcome, rows, bytes, a.service.config.Now().Sub(a.begin))
}

// class returns the kind of read, for metrics.
func (a *Answer) class() string {
	switch {
	case a.scan || a.stream:
		return "scan"
	case len(a.plans) > 1 || len(a.pairs) > 1:
		return "batch"
	case a.query.window.from != nil || a.query.window.to != nil:
		return "range"
	case a.query.limit == 1:
		return "last"
	default:
		return "key"
	}
}

// ReportsError reports whether the response itself tells the client about this error of
// Write. A JSON answer does, in its last object, unless the writer failed. A
// CSV answer doesn't.
func (a *Answer) ReportsError(err error) bool {
	if err == nil {
		return false
	}
	var broken *brokenError
	return errors.As(err, &broken) && !a.stream && !a.query.modern && (a.query.Format != CSV || a.query.Callback != "")
}

func (a *Answer) write(ctx context.Context, out *output) error {
	if a.query.Schema {
		out.b = a.plans[0].appendSchema(out.b)
		return nil
	}
	if a.kept != nil {
		a.writeKept(out)
		return nil
	}
	encoders := make([]encoder, len(a.plans))
	for i, p := range a.plans {
		encoders[i] = a.query.encoder(p)
	}
	out.b = encoders[0].begin(out.b)
	for i, p := range a.pairs {
		if out.err != nil {
			return nil // the client doesn't take more
		}
		rows, bytes := out.rows, out.size()
		err := a.writePair(ctx, out, encoders[p.plan], i)
		a.reads[p.plan].rows += out.rows - rows
		a.reads[p.plan].bytes += out.size() - bytes
		if err != nil {
			broken := &brokenError{a.service.code(), err}
			out.b = encoders[0].fail(out.b, out.rows, broken.code)
			return broken
		}
	}
	out.b = encoders[0].end(out.b)
	if out.sent == 0 && out.err == nil && a.keeps() {
		a.service.answers.put(a.digest(), out.b, a.reads[0].rows, a.reads[0].bytes)
	}
	return nil
}

// writePair writes the rows of one pair.
func (a *Answer) writePair(ctx context.Context, out *output, e encoder, i int) (err error) {
	rows := a.first
	a.first = nil
	if rows == nil {
		if rows, err = a.lookup(ctx, a.pairs[i]); err != nil {
			return err
		}
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	if a.query.reverse {
		return out.reversed(ctx, rows, e)
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch, err := rows.Next()
		if err != nil || batch == nil {
			return err
		}
		for row := range batch.Rows {
			out.add(e)
			out.b = e.row(out.b, rows, batch, row)
		}
		if out.err != nil {
			return nil // the client has left
		}
	}
}

// encoder writes rows in a format, at the end of b.
type encoder interface {
	begin(b []byte) []byte
	row(b []byte, rows engine.Rows, batch *dataset.Batch, i int) []byte
	between() string // separates two rows
	end(b []byte) []byte
	fail(b []byte, n int64, code string) []byte // ends an answer after n rows
}

func (q *Query) encoder(p *plan) encoder {
	switch q.Format {
	case NDJSON:
		return linesEncoder{newJSONEncoder(p, q)}
	case CSV:
		return &csvEncoder{plan: p, system: q.System}
	case Arrow, Parquet:
		return newColumnarEncoder(p, q)
	default:
		return newJSONEncoder(p, q)
	}
}

// output buffers the output.
type output struct {
	w    io.Writer
	b    []byte
	rows int64
	sent int64 // bytes that left b
	err  error
}

// size returns the number of bytes written so far.
func (o *output) size() int64 { return o.sent + int64(len(o.b)) }

const flushAt = 32 << 10

// buffers has the buffers of outputs.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, 0, flushAt+4<<10)
	return &b
}}

// add prepares for another row.
func (o *output) add(e encoder) {
	if len(o.b) >= flushAt {
		o.flush()
	}
	if o.rows > 0 {
		o.b = append(o.b, e.between()...)
	}
	o.rows++
}

func (o *output) flush() {
	if o.err == nil && len(o.b) > 0 {
		_, o.err = o.w.Write(o.b)
	}
	o.sent += int64(len(o.b))
	o.b = o.b[:0]
}

// reversed writes the rows, at most MaxRows of them, the last one first.
func (o *output) reversed(ctx context.Context, rows engine.Rows, e encoder) error {
	var text []byte
	var ends []int
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch, err := rows.Next()
		if err != nil {
			return err
		}
		if batch == nil {
			break
		}
		for row := range batch.Rows {
			text = e.row(text, rows, batch, row)
			ends = append(ends, len(text))
		}
	}
	for i := range slices.Backward(ends) {
		from := 0
		if i > 0 {
			from = ends[i-1]
		}
		o.add(e)
		o.b = append(o.b, text[from:ends[i]]...)
	}
	return nil
}
