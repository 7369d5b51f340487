package delivery

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// maxStream bounds the rows that a stream of one key looks at.
const maxStream = 100_000_000

// streamed are the parameters that a stream of a whole dataset takes.
var streamed = []string{"limit", "format", "filter", "numbers", "includesystemrecordproperties", "batchseparator"}

// narrowing returns a parameter that a stream of a whole dataset doesn't take.
func (p *parser) narrowing() string {
	for _, name := range known {
		folded := strings.ToLower(name)
		if _, ok := p.values[folded]; ok && !slices.Contains(streamed, folded) {
			return name
		}
	}
	return ""
}

// chooseStream decides whether the answer is a stream: NDJSON always, CSV for
// more rows of a dataset than a page has. Only a stream has more than MaxRows
// rows for one dataset.
func (a *Answer) chooseStream(names []string) error {
	q := &a.query
	whole := len(a.pairs) == 1 && a.pairs[0].key == nil && a.pairs[0].subkey == nil
	if q.Format != NDJSON && (q.Format != CSV || !whole || q.most <= MaxRows || q.narrow != "") {
		return nil
	}
	a.stream = true
	switch {
	case q.Callback != "" || q.Schema:
		return problem.New(problem.Invalid, "NDJSON can't be combined with callback or schema.").
			WithHint("Leave it out.")
	case len(names) > 1 || len(a.pairs) > 1:
		return problem.New(problem.Invalid, "A stream has the rows of one dataset, and of one key at most.").
			WithHint("Send one request for each.")
	case whole && q.narrow != "":
		return problem.New(problem.Invalid, "The parameter %s can't be combined with a stream of a whole dataset.",
			q.narrow).
			WithHint("A stream takes limit, filter, numbers and format. Name a key to use windows.")
	case whole:
		a.scan = true
		q.limit = cmp.Or(q.most, math.MaxInt32)
	case !q.takes:
		q.limit = min(cmp.Or(q.most, maxStream), maxStream)
	}
	return nil
}

// Stream reports whether the answer is written while it is read, at any length.
func (a *Answer) Stream() bool { return a.stream }

// Rows returns how many rows were written so far.
func (a *Answer) Rows() int64 {
	var n int64
	for i := range a.reads {
		n += a.reads[i].rows
	}
	return n
}

// scanAll reads all rows of the first plan's dataset.
func (a *Answer) scanAll(ctx context.Context) (engine.Rows, error) {
	p := a.plans[0]
	return a.service.config.Rows.Scan(ctx, p.dataset.ID, p.dataset.Schema, p.selection.Columns, a.query.limit)
}

// linesEncoder writes rows as one JSON object a line.
type linesEncoder struct{ *jsonEncoder }

func (e linesEncoder) begin(b []byte) []byte { return b }

func (e linesEncoder) end(b []byte) []byte {
	return append(b, '\n')
}

func (e linesEncoder) between() string { return "\n" }

func (e linesEncoder) fail(b []byte, _ int64, _ string) []byte { return b }
