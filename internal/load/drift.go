package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// errDrift reports that objects differ from the schema in a way that the feed
// doesn't allow.
var errDrift = errors.New("drift")

// maxDrift limits how many columns a load reports.
const maxDrift = 1000

// drift collects how the objects of a pass differ from the dataset's schema.
type drift map[driftKey]*dataset.DriftFacts

type driftKey struct {
	kind   dataset.DriftKind
	column string
}

// add adds the drift of one object.
func (d drift) add(facts *dataset.DriftFacts) {
	key := driftKey{facts.Kind, facts.Column}
	switch known := d[key]; {
	case known != nil:
		known.Rows += facts.Rows
	case len(d) < maxDrift:
		added := *facts
		d[key] = &added
	}
}

// sorted returns the drift by kind and column.
func (d drift) sorted() []*dataset.DriftFacts {
	return slices.SortedFunc(maps.Values(d), func(a, b *dataset.DriftFacts) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Column, b.Column))
	})
}

// records returns the drift in the form that is stored.
func (p *pass) records() []dataset.Drift {
	var all []dataset.Drift
	now := p.config.Now()
	for _, facts := range p.drift.sorted() {
		all = append(all, dataset.Drift{
			ID: id.New(
				"drift",
				now,
			), DatasetID: p.status.load.DatasetID, LoadID: p.order.ID, At: now, DriftFacts: *facts,
		})
	}
	return all
}

// canDrift reports whether objects can differ from the schema. Until someone
// declares a column or rows are committed, the schema is guessed from these
// objects and can't differ.
func (p *pass) canDrift(w *workingSchema) bool {
	return w.committed || slices.ContainsFunc(w.stored.Columns, func(c dataset.Column) bool {
		return c.Declared && !p.feed.Declares(c.Name)
	})
}

// adds reports whether the load adds columns that only objects have.
func (p *pass) adds() bool { return p.feed.Drift.New == feed.AddColumn || !p.canDrift(&p.schema) }

// isFixed reports whether the feed keeps the type of a guessed column.
func (p *pass) isFixed(c dataset.Column) bool {
	if p.feed.Drift.Changed == feed.WidenColumn || !p.schema.committed || c.Declared {
		return false
	}
	_, _, stored := p.schema.stored.Column(c.Name)
	e := p.schema.evidenceOf(c)
	g := e.Guess()
	return stored && g.Why != infer.NoValues && g.Why != infer.OnlyMarkers
}

// fixed returns the columns whose type the feed keeps.
func (p *pass) fixed() []string {
	var names []string
	for _, c := range p.schema.Columns {
		if p.isFixed(c) {
			names = append(names, c.Name)
		}
	}
	return names
}

// learnMisfits collects the values of a batch that don't fit guessed columns.
func (s *stager) learnMisfits(b *chunk.Builder) {
	for _, m := range b.Misfits {
		c := s.object.schema.Columns[m.Column]
		if !slices.Contains(s.object.fixed, c.Name) && !s.final {
			s.schema.learning = true
			s.schema.misfits[c.Name] = true
		}
		if s.misfits == nil {
			s.misfits = map[string]*dataset.DriftFacts{}
		}
		facts := s.misfits[c.Name]
		if facts == nil {
			facts = &dataset.DriftFacts{
				Kind: dataset.Widened, Column: c.Name, From: c.TypeName(), Object: s.object.info.Key, Line: m.Line,
			}
			for i := range b.Rejected {
				if r := &b.Rejected[i]; r.Line == m.Line && r.Column == c.Name {
					facts.Value = r.Value
				}
			}
			s.misfits[c.Name] = facts
		}
		facts.Rows++
	}
}

// checkDrift finds how the object differs from the dataset's schema, and fails when
// the feed doesn't allow it.
func (s *stager) checkDrift() error {
	if !s.canDrift(&s.schema) {
		return nil
	}
	s.found = slices.Concat(s.newColumns(), s.missingColumns())
	if s.feed.Drift.Changed == feed.FailOnChanged {
		for _, name := range slices.Sorted(maps.Keys(s.misfits)) {
			if slices.Contains(s.object.fixed, name) {
				failed := *s.misfits[name]
				failed.Outcome = dataset.DriftFailed
				s.found = append(s.found, &failed)
			}
		}
	}
	for _, facts := range s.found {
		if facts.Outcome == dataset.DriftFailed {
			s.failDrift(facts)
		}
	}
	return s.failing
}

// failDrift makes the load fail because of drift.
func (s *stager) failDrift(facts *dataset.DriftFacts) {
	if s.failing == nil {
		clear(s.drift) // no other drift matters to a failed load
		s.failing = errors.Join(errDrift, s.driftProblem(facts))
	}
	s.drift.add(facts)
}

func (p *pass) driftProblem(facts *dataset.DriftFacts) error {
	what, setting, hint := "is new in", "new", "Add the column to the dataset, or set drift.new of the feed to add or note."
	switch facts.Kind {
	case dataset.MissingColumn:
		what, setting, hint = "is missing in", "missing", "Add the column to the file, or set drift.missing of the feed to null."
	case dataset.Widened:
		what, setting = fmt.Sprintf("doesn't accept %q, line %d of", facts.Value, facts.Line), "changed"
		hint = "Change the type of the column, or set drift.changed of the feed to widen or reject."
	default:
	}
	return problem.New(problem.Invalid, "Column %q %s s3://%s/%s. The feed has drift.%s = fail, so nothing was loaded.",
		facts.Column, what, p.source.Bucket, facts.Object, setting).
		WithHint("%s", hint).
		WithReason(CodeDrift)
}

// newColumns returns the object's columns that the dataset didn't have.
func (s *stager) newColumns() []*dataset.DriftFacts {
	var found []*dataset.DriftFacts
	add := func(outcome dataset.DriftOutcome, name, typ string, e *infer.Evidence) {
		facts := &dataset.DriftFacts{
			Kind: dataset.NewColumn, Column: name, Outcome: outcome, To: typ, Object: s.object.info.Key,
			Rows: s.rows + s.rejected.rows,
		}
		if e != nil {
			facts.Rows = e.Values + e.Empty + e.Nulls + e.Markers
			if e.First != nil {
				facts.Line, facts.Value = e.First.Line, chunk.Cut([]byte(e.First.Text))
			}
		}
		found = append(found, facts)
	}
	if s.adds() {
		absent := s.absent()
		for i, c := range s.object.schema.Columns {
			_, _, known := s.schema.stored.Column(c.Name)
			_, listed := s.feed.Listed(c.Name)
			if !known && !listed && (!absent[c.Name] || slices.Contains(s.partitions, c.Name)) {
				add(dataset.DriftAdded, c.Name, c.TypeName(), &s.evidence[i])
			}
		}
		return found
	}
	outcome := dataset.DriftIgnored
	if s.feed.Drift.New == feed.FailOnNew {
		outcome = dataset.DriftFailed
	}
	for _, name := range s.object.content.NewColumns(s.object.schema) {
		if s.canName(name) {
			add(outcome, name, "", nil)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.unknown)) {
		if s.canName(name) {
			g := s.unknown[name].Guess()
			add(outcome, name, g.Column(name).TypeName(), s.unknown[name])
		}
	}
	return found
}

// canName reports whether the dataset could have a column of a name that only
// objects have.
func (p *pass) canName(name string) bool {
	if _, listed := p.feed.Listed(name); p.ignored[name] || listed {
		return false
	}
	names := make([]string, 0, len(p.schema.Columns)+1)
	for _, c := range p.schema.Columns {
		names = append(names, c.Name)
	}
	if infer.CheckNames(append(names, name)) != nil {
		p.ignored[name] = true
		return false
	}
	return true
}

// absent returns the columns that the object doesn't have: the header or the file's
// schema doesn't name them, or no JSON record has them.
func (s *stager) absent() map[string]bool {
	absent := map[string]bool{}
	for _, name := range s.object.content.Absent() {
		absent[name] = true
	}
	if s.object.content.IsStream() {
		for i, c := range s.object.schema.Columns {
			absent[c.Name] = i >= len(s.present) || !s.present[i]
		}
	}
	return absent
}

// missingColumns returns the dataset's columns that the object lacks. JSON records
// may leave members out, which only counts as drift if the feed fails on missing
// columns.
func (s *stager) missingColumns() []*dataset.DriftFacts {
	outcome := dataset.DriftNull
	if s.feed.Drift.Missing == feed.FailOnMissing {
		outcome = dataset.DriftFailed
	} else if s.object.content.IsStream() {
		return nil
	}
	rows := s.rows + s.rejected.rows
	if rows == 0 {
		return nil
	}
	var found []*dataset.DriftFacts
	absent := s.absent()
	for _, c := range s.schema.stored.Columns {
		if absent[c.Name] && s.object.added[c.Name] == nil {
			found = append(found, &dataset.DriftFacts{
				Kind: dataset.MissingColumn, Column: c.Name, Outcome: outcome, From: c.TypeName(),
				Object: s.object.info.Key, Rows: rows,
			})
		}
	}
	return found
}

// keepDrift adds the object's drift to the pass, once the object was read
// completely.
func (s *stager) keepDrift() {
	for _, facts := range s.found {
		s.drift.add(facts)
	}
	for name, facts := range s.misfits {
		switch known := s.changed[name]; {
		case known == nil:
			s.changed[name] = facts
		case !s.isWidened: // count each value once, when it doesn't fit the stored schema
			known.Rows += facts.Rows
		}
	}
}

// addChanged adds the columns whose type or format the load changes.
func (p *pass) addChanged() {
	if !p.canDrift(&p.schema) {
		return
	}
	for _, c := range p.schema.Columns {
		stored, _, known := p.schema.stored.Column(c.Name)
		if !known || stored.TypeName() == c.TypeName() && stored.Format == c.Format {
			continue
		}
		facts := dataset.DriftFacts{
			Kind: dataset.Widened, Column: c.Name, Outcome: dataset.DriftWidened, From: stored.TypeName(),
			To: c.TypeName(),
		}
		if stored.TypeName() == c.TypeName() {
			facts.Kind, facts.From, facts.To = dataset.FormatChanged, stored.Format, c.Format
		}
		if changed := p.changed[c.Name]; changed != nil {
			facts.Object, facts.Line, facts.Value = changed.Object, changed.Line, changed.Value
			facts.Rows = changed.Rows
		} else if e := p.schema.seen[c.Name]; e != nil {
			facts.Rows = e.Values
			if first := e.First; first != nil {
				facts.Object, facts.Line, facts.Value = first.Object, first.Line, first.Text
			}
		}
		p.drift.add(&facts)
	}
}

// saveDrift stores the drift of a load that failed and so commits nothing.
func (p *pass) saveDrift(ctx context.Context) error {
	return p.config.Schemas.SaveDrift(ctx, p.records())
}
