package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular"
)

// maxWriteAttempts limits how often a write starts over because of other commits.
const maxWriteAttempts = 50

// rowWriter writes the rows of one request.
type rowWriter struct {
	service  *Service
	actor    access.Actor
	into     destination
	options  WriteOptions
	expected int64 // version; -1: any
	done     Written

	batch *dataset.Batch // the typed rows
	sent  []sentRow      // the rows of the batch, in order
}

func (w *rowWriter) reject(place int, why WrittenRow) {
	why.Status, why.Reason = RowRejected, strings.TrimSuffix(why.Reason, ".")
	w.done.Rows[place] = why
}

func (w *rowWriter) write(ctx context.Context, rows []json.RawMessage) error {
	sent := w.split(rows)
	if w.into.create && len(sent) > 0 {
		if err := w.create(ctx, sent); err != nil {
			return err
		}
	} else if err := w.parse(ctx, &w.into.Schema, sent); err != nil {
		return err
	}
	if w.into.create { // there was no row to create it with
		w.count()
		return w.unlessAtomic()
	}
	for range maxWriteAttempts {
		err := w.attempt(ctx)
		if !errors.Is(err, engine.ErrCrossed) {
			return err
		}
	}
	return errCrossed(w.into.Name)
}

// unlessAtomic returns an error if an atomic write has rejected rows.
func (w *rowWriter) unlessAtomic() error {
	if w.options.Atomic && w.done.Rejected > 0 {
		return w.done.rejected()
	}
	return nil
}

// count counts the rows by their results.
func (w *rowWriter) count() {
	w.done.Inserted, w.done.Replaced, w.done.Ignored, w.done.Rejected = 0, 0, 0, 0
	for _, row := range w.done.Rows {
		switch row.Status {
		case RowInserted:
			w.done.Inserted++
		case RowReplaced:
			w.done.Replaced++
		case RowIgnored:
			w.done.Ignored++
		case RowRejected:
			w.done.Rejected++
		}
	}
}

// create creates the dataset with a schema inferred from the rows.
func (w *rowWriter) create(ctx context.Context, sent []sentRow) error {
	content, err := openRows(ctx, arrayOf(sent))
	if err != nil {
		return err
	}
	schema, err := content.Infer(ctx)
	if err = errors.Join(err, content.Close()); err != nil {
		return err
	}
	if w.options.Index.Unique {
		schema.Index = w.options.Index
		if err := dataset.CheckSchema(&schema); err != nil {
			return err
		}
	}
	if w.options.Atomic { // before the dataset is created
		if err := w.parse(ctx, &schema, sent); err != nil {
			return err
		}
		w.count()
		if err := w.unlessAtomic(); err != nil {
			return err
		}
	}
	w.into.Dataset, w.done.Created, err = w.service.config.Indexes.Ensure(ctx, w.actor, w.into.Workspace,
		dataset.Draft{Name: w.into.Name, Schema: schema})
	if err != nil {
		return err
	}
	w.into.create, w.done.Dataset = false, w.into.Name
	if err := w.options.check(&w.into); err != nil { // another request may have created it
		return err
	}
	return w.parse(ctx, &w.into.Schema, sent)
}

func openRows(ctx context.Context, text []byte) (*tabular.Content, error) {
	return tabular.Open(ctx, tabular.Bytes("", text), tabular.Options{
		Format: tabular.JSON, Compression: "none", Workers: 1, HeadBytes: len(text),
	})
}

// parse parses the rows with a schema, and rejects invalid rows.
func (w *rowWriter) parse(ctx context.Context, schema *dataset.Schema, sent []sentRow) error {
	w.sent = w.known(schema, sent)
	parsed := *schema
	if w.options.OnConflict == MergeRow {
		parsed = optional(parsed)
	}
	w.batch = emptyBatch(schema)
	if len(w.sent) == 0 {
		return nil
	}
	content, err := openRows(ctx, arrayOf(w.sent))
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	reader, err := content.Read(ctx, parsed)
	if err != nil {
		return err
	}
	defer reader.Close()
	all := w.sent
	w.sent = nil
	for {
		b, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i := range b.Rejected {
			r := &b.Rejected[i]
			w.reject(all[r.Line-1].place, WrittenRow{Column: r.Column, Value: r.Value, Reason: r.Reason})
		}
		for i := range b.Batch.Vectors {
			w.batch.Vectors[i].AppendRows(&b.Batch.Vectors[i], 0, b.Batch.Rows)
		}
		w.batch.Rows += b.Batch.Rows
		for _, line := range b.Batch.Lines {
			w.sent = append(w.sent, all[line-1])
		}
	}
}

// optional returns a schema in which only the columns of the index are required.
func optional(schema dataset.Schema) dataset.Schema {
	columns := make([]dataset.Column, len(schema.Columns))
	for i, c := range schema.Columns {
		index := &schema.Index
		c.Required = c.Required && (c.Name == index.Key || c.Name == index.Subkey || c.Name == index.Date)
		columns[i] = c
	}
	schema.Columns = columns
	return schema
}

func emptyBatch(schema *dataset.Schema) *dataset.Batch {
	b := &dataset.Batch{}
	for _, c := range schema.Columns {
		b.Vectors = append(b.Vectors, dataset.NewVectorOf(c, 0))
	}
	return b
}

// attempt decides about the rows on top of the current version, and commits.
func (w *rowWriter) attempt(ctx context.Context) (err error) {
	s, now := w.service, w.service.config.Now()
	staged, err := s.config.Rows.Begin(ctx, engine.LoadSpec{ // excludes other loads
		LoadID: id.New("load", now), DatasetID: w.into.ID, Schema: w.into.Schema, Duplicates: engine.Replace, Time: now,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, staged.Rollback()) }()
	view, err := s.config.Rows.Open(ctx, w.into.ID)
	if err != nil {
		return err
	}
	defer view.Close()
	w.done.Version = view.Version()
	if w.expected >= 0 && w.expected != w.done.Version {
		return versionChanged(w.into.Name, w.done.Version, w.expected)
	}
	rows, err := w.decide(ctx, view)
	if err != nil {
		return err
	}
	w.count()
	if err := w.unlessAtomic(); err != nil || rows.Rows == 0 {
		return err
	}
	staged.Expect(view.Version())
	if err := staged.Append(ctx, rows); err != nil {
		return err
	}
	committed, err := staged.Commit(ctx, nil)
	if err != nil {
		return err
	}
	w.done.Version = committed.Version
	if index := w.into.Schema.Index; index.Guessed && index.Distinct != committed.Unique {
		loader := access.Actor{Kind: access.System, ID: access.Loader}
		return s.config.Indexes.SettleIndex(ctx, loader, w.into.Workspace, w.into.ID, committed.Unique)
	}
	return nil
}

// Findings returns the rejected rows as findings.
func (w *Written) Findings() []problem.Finding {
	var list []problem.Finding
	for i, row := range w.Rows {
		if row.Status != RowRejected {
			continue
		}
		path := fmt.Sprintf("[%d]", i)
		if row.Column != "" {
			path += "." + row.Column
		}
		list = append(list, problem.Finding{Path: path, Line: i + 1, Message: row.Reason})
	}
	return list
}
