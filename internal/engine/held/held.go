// Package held keeps the result of a query in memory, as a version of a dataset
// that is read like any other. The rows become a file of package parquetfile,
// which finds, orders and counts them.
package held

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/problem"
)

// Config configures how rows are kept.
type Config struct {
	Schema  dataset.Schema
	Version int64
	Updated time.Time // when the rows were loaded
	// Ordered keeps the order of the result among rows with equal indexes. Otherwise
	// equal results have the same order, in whatever order their rows arrive.
	Ordered bool
	// Bytes limits the memory for rows.
	Bytes int64
	Pages *parquetfile.Cache
}

// Rows are the rows of a result. They are safe for concurrent reads.
type Rows struct {
	config  Config
	sources []parquetfile.Source
	size    int64
}

// Source is a result; engine.SQLResult implements it.
type Source interface {
	Next() (*dataset.Batch, error)
}

// Read reads a whole result. If it exceeds config.Bytes, the error is a problem with
// code invalid.
func Read(ctx context.Context, source Source, config Config) (*Rows, error) {
	spec, err := parquetfile.SpecOf(&config.Schema)
	if err != nil {
		return nil, err
	}
	run := parquetfile.NewRun(spec)
	number := numberer{ordered: config.Ordered, at: config.Updated}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		batch, err := source.Next()
		if err != nil {
			return nil, err
		}
		if batch == nil {
			break
		}
		if err := checkDecimals(&config.Schema, batch); err != nil {
			return nil, err
		}
		if err := run.AppendNumbered(batch, number.next(batch)); err != nil {
			return nil, err
		}
		if run.Size() > config.Bytes {
			return nil, tooLarge(config.Bytes)
		}
	}
	run.SortNumbered()
	run.NumberTwins()
	return write(ctx, run, config)
}

// checkDecimals rejects numbers with more digits than their column, because they
// couldn't be found in a file. Only DuckDB's HUGEINT can have such numbers.
func checkDecimals(schema *dataset.Schema, batch *dataset.Batch) error {
	for c := range schema.Columns {
		column := &schema.Columns[c]
		if column.Type != dataset.Decimal || column.Precision < dataset.MaxPrecision {
			continue
		}
		v := &batch.Vectors[c]
		for i := range batch.Rows {
			if !v.Nulls[i] && !dataset.DecimalFits(v.Wide[i], dataset.MaxPrecision) {
				return problem.New(problem.Invalid, "The column %s has a number of more than %d digits.", column.Name,
					dataset.MaxPrecision).
					WithReason(engine.SQLInvalidValue).
					WithHint("Cast it in the view's SQL, such as to varchar.")
			}
		}
	}
	return nil
}

func tooLarge(most int64) error {
	return problem.New(problem.Invalid, "The result has more than %d MiB.", most>>20).
		WithReason(engine.SQLMemoryLimit).
		WithHint("Group or filter more in the view's SQL, with parameters, or run the SQL as a query, which streams.")
}

func write(ctx context.Context, run *parquetfile.Run, config Config) (*Rows, error) {
	r := &Rows{config: config}
	if run.Rows() == 0 {
		return r, nil
	}
	file := &memory{}
	if _, err := parquetfile.Write(ctx, file, fileName, run, parquetfile.Meta{Updated: config.Updated}); err != nil {
		return nil, err
	}
	reader, err := parquetfile.Open(file, fileName, config.Pages)
	if err != nil {
		return nil, fmt.Errorf("opening rows in memory: %w", err)
	}
	r.sources, r.size = []parquetfile.Source{{Reader: reader}}, int64(file.content.Len())
	return r, nil
}

// Size returns the size of the rows in bytes.
func (r *Rows) Size() int64 { return r.size }

// Version returns the version of the rows.
func (r *Rows) Version() int64 { return r.config.Version }

// NextNumber returns 0, because the rows of a result have no permanent numbers.
func (*Rows) NextNumber() int64 { return 0 }

// Lookup reads the selected rows.
func (r *Rows) Lookup(ctx context.Context, selection engine.Selection) (engine.Rows, error) {
	return parquetfile.Select(ctx, r.sources, selection)
}

// Find reads the rows of a search.
func (r *Rows) Find(ctx context.Context, search *engine.Search) (engine.Found, error) {
	return parquetfile.Find(ctx, r.sources, search, true)
}

// Count counts the rows of a search.
func (r *Rows) Count(ctx context.Context, search *engine.Search) (int64, error) {
	return parquetfile.Count(ctx, r.sources, search)
}

// fileName is the name of the only file.
const fileName = "rows"

// memory is a file in memory.
type memory struct{ content bytes.Buffer }

// Create returns the file.
func (m *memory) Create(string) (parquetfile.NewFile, error) { return nopCloser{m}, nil }

// Open opens the file.
func (m *memory) Open(string) (parquetfile.File, error) {
	return opened{bytes.NewReader(m.content.Bytes())}, nil
}

// Remove empties the file.
func (m *memory) Remove(string) error {
	m.content = bytes.Buffer{}
	return nil
}

// List is never called.
func (*memory) List(context.Context) ([]parquetfile.Entry, error) { return nil, fs.ErrInvalid }

// Sync does nothing.
func (*memory) Sync() error { return nil }

type nopCloser struct{ *memory }

func (n nopCloser) Write(b []byte) (int, error) { return n.content.Write(b) }
func (nopCloser) Close() error                  { return nil }

type opened struct{ *bytes.Reader }

func (o opened) Size() int64 { return o.Reader.Size() }
func (opened) Close() error  { return nil }

// ErrReadOnly is returned by calls that need the rows of a dataset.
var ErrReadOnly = errors.New("the rows of a result can't be written")
