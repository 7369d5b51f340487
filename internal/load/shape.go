package load

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/infer"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// CodeColumnType is the code of a load whose feed declares a type that differs
// from the dataset's column.
const CodeColumnType = "column_type"

// CodeNoColumns is the code of a load whose objects have none of the feed's columns.
const CodeNoColumns = "no_columns"

// noColumns returns the error for objects that have none of the columns that the feed
// keeps.
func noColumns(listed []shape.Column) error {
	names := make([]string, len(listed))
	for i := range listed {
		names[i] = strconv.Quote(listed[i].From)
	}
	return problem.New(problem.Invalid, "The objects have none of the columns that the feed lists: %s.",
		strings.Join(names, ", ")).WithReason(CodeNoColumns).
		WithHint("Compare the names with a preview of the source; names are case-sensitive. Or keep the other columns.")
}

// newFinder returns the finder of the partitions of all keys. It is nil if the feed
// doesn't find them by itself, or has decided before.
func (t *target) newFinder() *shape.Finder {
	if t.feed.Partitions.Mode != shape.Auto || t.partitioned != nil {
		return nil
	}
	return t.feed.Partitions.NewFinder(t.pattern.Prefix())
}

// decidePartitions decides from all keys which partitions become columns, in the first
// load of a feed. Its own listing may have shown only a part of the keys: next is where
// the rest begins.
func (p *pass) decidePartitions(ctx context.Context, plan *Plan, next string, complete bool) error {
	if p.finder == nil || len(plan.Objects) == 0 {
		return nil
	}
	for !complete && !p.finder.IsMixed() {
		page, err := p.bucket.List(ctx, p.pattern.Prefix(), next, listPage)
		if err != nil {
			return bucketRefusal(err)
		}
		err = p.pattern.MatchEach(ctx, page.Objects, func(info object.Info, match source.Match, _ string) {
			if match == source.Matched {
				p.finder.Add(info.Key)
			}
		})
		if err != nil {
			return err
		}
		next, complete = page.Next, page.Next == ""
	}
	p.decided = p.finder.Decision(p.source.Pattern)
	return nil
}

// findPartitions finds the partitions of the plan's objects.
func (p *pass) findPartitions(plan *Plan) {
	p.keys = keysOf(plan.Objects)
	decision := p.partitioned
	if p.decided != nil {
		decision = p.decided
	}
	names, other, mixed := p.feed.Partitions.Resolve(p.pattern.Prefix(), p.keys, decision, func(name string) bool {
		_, _, known := plan.Dataset.Schema.Column(plan.Dataset.Schema.CurrentName(name))
		return known
	})
	p.partitions = names
	if mixed {
		p.status.note(
			"The keys of the objects have different partitions. Only partitions with a column in the dataset are " +
				"read; list the partitions in the feed to read others.",
		)
	}
	if len(other) > 0 {
		p.status.note("Keys have partitions that the feed's first objects didn't have and that aren't read: %s. List the "+
			"partitions in the feed to read them.", strings.Join(other, ", "))
	}
}

func keysOf(objects []object.Info) []string {
	keys := make([]string, len(objects))
	for i := range objects {
		keys[i] = objects[i].Key
	}
	return keys
}

// shapeNew adds the feed's declared columns to a guessed schema.
func (p *pass) shapeNew(schema *dataset.Schema) {
	for i, c := range schema.Columns {
		if listed, ok := p.feed.Listed(c.Name); ok && listed.Type != "" {
			schema.Columns[i] = listed.Declared()
		}
	}
	p.extend(schema)
	schema.FitIndex()
}

// extend adds the columns that the feed supplies.
func (p *pass) extend(schema *dataset.Schema) {
	for _, name := range p.feed.Extend(schema, p.pattern.Prefix(), p.partitions, p.keys) {
		p.status.note("The dataset can't have a column named %q, because another column's name differs only in "+
			"case.", name)
	}
}

// shapeKnown adds the feed's declared columns to the schema of a dataset.
func (p *pass) shapeKnown(w *workingSchema) error {
	for i, c := range w.Columns {
		listed, ok := p.feed.ListedIn(&w.Schema, c.Name)
		if !ok || listed.Type == "" {
			continue
		}
		declared := listed.Declared()
		switch {
		case declared.TypeName() == c.TypeName() && c.Declared:
		case declared.TypeName() == c.TypeName():
			w.Columns[i].Declared, w.Columns[i].Format = true, declared.Format
		case !w.committed && !c.Declared:
			declared.Description = c.Description
			w.Columns[i] = declared
		case c.Declared: // a person changed it in the dataset
			p.status.note("Column %q is loaded as %s, as declared in dataset %s, although the feed declares it as %s. "+
				"Change the columns of the feed with windlass feed update --column.", c.Name, c.TypeName(),
				p.order.Dataset, declared.TypeName())
		default:
			return problem.New(problem.Invalid,
				"Column %q of dataset %s is %s, but the feed declares it as %s.", c.Name, p.order.Dataset,
				c.TypeName(), declared.TypeName()).WithReason(CodeColumnType).
				WithHint("Declare the type of the dataset's column with windlass dataset schema set %s %s --type %s, or "+
					"remove the type from the column of the feed with windlass feed update --column.", p.order.Dataset,
					c.Name, declared.Type)
		}
	}
	if err := p.checkPartitions(w); err != nil {
		return err
	}
	p.extend(&w.Schema)
	return nil
}

// checkPartitions treats new partitions like new columns of objects.
func (p *pass) checkPartitions(w *workingSchema) error {
	if p.feed.Partitions.Mode != shape.Auto || !p.canDrift(w) || p.feed.Drift.New == feed.AddColumn {
		return nil
	}
	var failing error
	p.partitions = slices.DeleteFunc(slices.Clone(p.partitions), func(name string) bool {
		if _, _, known := w.Column(w.CurrentName(name)); known || w.IsDropped(name) {
			return false
		}
		facts := &dataset.DriftFacts{
			Kind: dataset.NewColumn, Column: name, Outcome: dataset.DriftIgnored, Object: p.keys[0],
		}
		if p.feed.Drift.New == feed.FailOnNew {
			facts.Outcome = dataset.DriftFailed
			failing = errors.Join(errDrift, p.driftProblem(facts))
		}
		p.drift.add(facts)
		return true
	})
	return failing
}

// readWith returns the schema for reading an object. Each feed can have its own
// formats of dates and numbers.
func (p *pass) readWith() dataset.Schema {
	schema := p.schema.Schema
	schema.Columns = slices.Clone(schema.Columns)
	for i, c := range schema.Columns {
		listed, ok := p.feed.ListedIn(&schema, c.Name)
		if ok && listed.Format != "" && (listed.Type == "" || listed.Declared().TypeName() == c.TypeName()) {
			schema.Columns[i].Format = listed.Format
		}
	}
	return schema
}

// addedTo returns the values that the feed adds to the rows of an object.
func (p *pass) addedTo(o *opened) map[string]*cell.Constant {
	folder := o.info.Key
	if o.member {
		folder = o.archive
	}
	added := p.feed.Added(p.pattern.Prefix(), p.partitions, &shape.Object{
		Key: o.info.Key, Folder: folder, Modified: o.info.Modified, ETag: o.info.ETag,
		LoadTime: p.loadTime,
	})
	for name, value := range maps.Clone(added) {
		added[p.schema.CurrentName(name)] = value // a person may have renamed it
	}
	return added
}

// addsColumn reports whether the load adds a column that only objects have.
func (p *pass) addsColumn(name string) bool {
	_, listed := p.feed.Listed(name)
	return listed || p.adds()
}

// checkAdded finds guessed columns whose type doesn't fit the value that the
// feed adds.
func (s *stager) checkAdded() {
	if s.object.err != nil {
		return
	}
	for _, name := range s.object.content.Unfit() {
		c, _, _ := s.object.schema.Column(name)
		if s.misfits == nil {
			s.misfits = map[string]*dataset.DriftFacts{}
		}
		s.misfits[name] = &dataset.DriftFacts{
			Kind: dataset.Widened, Column: name, From: c.TypeName(), Object: s.object.info.Key,
			Value: chunk.Cut(s.object.added[name].Text), Rows: 1,
		}
		if !slices.Contains(s.object.fixed, name) && !s.final {
			s.schema.learning = true
			s.schema.misfits[name] = true
		}
	}
}

// learnAdded collects evidence about guessed columns from the added values, and
// notes added columns that the object already has.
func (s *stager) learnAdded() {
	absent := s.absent()
	rows := s.rows + s.rejected.rows
	for i, c := range s.object.schema.Columns {
		added := s.object.added[c.Name]
		switch {
		case added == nil:
			continue
		case !absent[c.Name]:
			s.status.note(
				"Objects have their own column %q: its values are loaded instead of the metadata.",
				c.Name,
			)
			continue
		case s.misfits[c.Name] != nil:
			s.misfits[c.Name].Rows = rows
		}
		if c.Declared || rows == 0 || s.misfits[c.Name] != nil && slices.Contains(s.object.fixed, c.Name) {
			continue
		}
		e := infer.Evidence{Nulls: 1}
		if added.Kind == cell.FieldText {
			e = infer.Evidence{}
			e.TextOf(s.object.content.Settings(), added.Text, 0)
		}
		e.Repeat(rows)
		s.evidence[i].Merge(&e)
	}
}

// numberRows sets the row numbers. Rejected rows count too.
func (s *stager) numberRows(b *chunk.Builder) {
	for i, c := range s.object.schema.Columns {
		if added := s.object.added[c.Name]; added != nil && added.Kind == cell.Counted && c.Type == dataset.Integer {
			shape.Number(&b.Batch.Vectors[i], b.Batch.Lines, b.Rejected, s.read)
		}
	}
	s.read += int64(b.Batch.Rows + len(b.Rejected))
}
