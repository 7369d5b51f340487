package delivery

import (
	"context"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/usage"
)

// The limits of one write.
const (
	MaxWriteBytes = 16 << 20
	MaxWriteRows  = 10_000
	maxRowBytes   = 64 << 10
)

// OnConflict defines what happens to a row whose index already exists, in the
// dataset or earlier in the same write.
type OnConflict string

// The ways to treat such a row.
const (
	IgnoreRow  OnConflict = "ignore"  // the old row stays
	ReplaceRow OnConflict = "replace" // the new row replaces it
	MergeRow   OnConflict = "merge"   // only the sent members are changed
	FailRow    OnConflict = "fail"    // the new row is rejected
)

// WriteOptions defines how rows are written.
type WriteOptions struct {
	OnConflict OnConflict
	Create     bool // create the dataset if it doesn't exist
	// Index is the unique index of a new dataset. If it is zero, an index is
	// guessed, which isn't unique.
	Index  dataset.Index
	Atomic bool // write nothing if a row is rejected
	// Rounds accepts and rounds numbers with more digits than the type number can
	// store. Otherwise they are rejected.
	Rounds bool
}

// RowWrite is rows to write.
type RowWrite struct {
	WriteOptions
	Dataset string // name or ID
	Body    io.Reader
	// IfVersion is the version that the dataset must have, as the client sends it;
	// empty: any.
	IfVersion string
}

// Written is the result of the rows of a write.
type Written struct {
	Dataset  string // its name
	Created  bool
	Version  int64
	Inserted int64
	Replaced int64 // or merged
	Ignored  int64
	Rejected int64
	Rows     []WrittenRow // the result of each row, in order
}

// WrittenRow is the result of a row.
type WrittenRow struct {
	Status RowStatus
	Column string // of a rejected row: the faulty column; empty if it isn't a single one
	Value  string // the offending value, cut
	Reason string
}

// RowStatus is the result of a row.
type RowStatus string

// The statuses.
const (
	RowInserted RowStatus = "inserted"
	RowReplaced RowStatus = "replaced"
	RowIgnored  RowStatus = "ignored"
	RowRejected RowStatus = "rejected"
)

// RowsRejected is the reason of a write that wrote nothing because a row is wrong.
const RowsRejected = "rows_rejected"

// WriteRows writes rows in one commit, without recording a load. The rows are
// durable and readable when it returns. It rejects rows that are invalid or have
// a member without a column, and writes the others.
func (s *Service) WriteRows(ctx context.Context, actor access.Actor, workspace string, write RowWrite) (
	Written, error,
) {
	expected, err := parseVersion(write.IfVersion)
	if err != nil {
		return Written{}, err
	}
	into, err := s.destination(ctx, actor, workspace, write.Dataset, write.Create)
	if err != nil {
		return Written{}, err
	}
	if err := write.check(&into); err != nil {
		return Written{}, err
	}
	rows, err := readRows(write.Body)
	if err != nil {
		return Written{}, err
	}
	w := &rowWriter{service: s, actor: actor, into: into, options: write.WriteOptions, expected: expected}
	w.done = Written{Dataset: into.Name, Rows: make([]WrittenRow, len(rows))}
	if err = w.write(ctx, rows); err == nil {
		usage.Of(ctx).Rows(w.into.ID, w.done.Inserted+w.done.Replaced)
	}
	return w.done, err
}

// check returns an error if the options don't fit the dataset.
func (o *WriteOptions) check(into *destination) error {
	index := &into.Schema.Index
	unique := index.Unique
	if into.create {
		index, unique = &o.Index, o.Index.Unique
	}
	if o.OnConflict == MergeRow && !unique {
		return problem.New(problem.Invalid, "Rows of %s can't be merged: it has no unique index.", into.Name).
			WithReason(conflicting).WithPlace(problem.Place{Parameter: "on_conflict"}).
			WithHint("Declare an index, or use on_conflict=ignore: a dataset without an index keeps every row.")
	}
	if o.Index.Unique && (!index.HasParts(&o.Index) || !unique) {
		return problem.New(problem.Conflict, "The dataset %s exists with another index.", into.Name).
			WithHint("Remove key, subkey and date, or write into another dataset.")
	}
	return nil
}

// WriteParameters has the parameters of a write.
var WriteParameters = []string{"on_conflict", "create", "key", "subkey", "date", "atomic", "results"}

// ParseWrite parses the parameters of a write. results is "errors", "all" or
// "none".
func ParseWrite(values url.Values) (o WriteOptions, results string, err error) {
	p, err := parseWriteNames(values, WriteParameters, nil)
	if err != nil {
		return o, "", err
	}
	o.OnConflict = OnConflict(p.oneOf("on_conflict", string(IgnoreRow), string(IgnoreRow), string(ReplaceRow),
		string(MergeRow), string(FailRow)))
	o.Create, o.Atomic = p.flag("create"), p.flag("atomic")
	o.Index = dataset.Index{Key: p.text("key"), Subkey: p.text("subkey"), Date: p.text("date")}
	o.Index.Unique = o.Index != dataset.Index{}
	if o.Index.Unique && !o.Create {
		p.fail(problem.New(problem.Invalid, "Use key, subkey and date only when creating a dataset.").
			WithReason(conflicting).WithPlace(problem.Place{Parameter: "key"}).WithHint("Add create=true."))
	}
	return o, p.oneOf("results", "errors", "errors", "all", "none"), p.err
}

// ParseRecord parses the parameters of writes in the platform's form.
func ParseRecord(values url.Values) (WriteOptions, error) {
	p, err := parseWriteNames(values, []string{"duplicateKeyHandling", "overwrite", "createDatasetOnDemand"},
		[]string{"event", "persist", "updatestate", "wait"})
	if err != nil {
		return WriteOptions{}, err
	}
	o := WriteOptions{
		OnConflict: OnConflict(p.duplicates()), Create: p.flagOr("createdatasetondemand", true), Rounds: true,
	}
	return o, p.err
}

// parseWriteNames parses the known parameters, ignoring the case of their names.
func parseWriteNames(values url.Values, known, ignored []string) (*parser, error) {
	p := &parser{}
	for name, v := range values {
		folded := strings.ToLower(name)
		_, twice := p.values.of(folded)
		switch {
		case slices.Contains(IgnoredParameters, folded), slices.Contains(ignored, folded):
		case !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }):
			return nil, problem.New(problem.Invalid, "There is no parameter %s for writing.", excerpt(name)).
				WithReason(unknownParameter).WithPlace(problem.Place{Parameter: clipped(name)}).
				WithHint("There are %s.", strings.Join(known, ", "))
		case len(v) > 1 || twice:
			return nil, problem.New(problem.Invalid, "The parameter %s is given more than once.", excerpt(name)).
				WithReason(repeatedParameter).WithPlace(problem.Place{Parameter: folded}).WithHint("Send it once.")
		default:
			p.values.set(folded, v[0])
		}
	}
	return p, nil
}

// rejected returns the error of an atomic write with rejected rows.
func (w *Written) rejected() error {
	e := problem.New(problem.Invalid, "Rejected rows: %d. Nothing was written.", w.Rejected).
		WithReason(RowsRejected)
	e.Findings = w.Findings()
	if len(e.Findings) > 0 {
		first := e.Findings[0]
		e.Message += " The first is " + first.Path + ": " + strings.TrimSuffix(first.Message, ".") + "."
	}
	return e.WithHint("Correct the rows, or remove atomic to write the others.")
}

// errCrossed returns the error for a write that other commits overtook too often.
func errCrossed(name string) error {
	return problem.New(problem.Unavailable, "Other commits to the dataset %s came first.", name).
		WithHint("Repeat the request.")
}
