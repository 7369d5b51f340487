package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// The limits on how often an upload starts over: with wider columns, and because
// somebody changed the schema meanwhile.
const (
	maxWidenings = 3
	maxConflicts = 3
)

// widening makes the guessed columns of an upload's dataset wide enough for its values.
type widening struct {
	dataset.Schema // to read the upload with
	before         dataset.Schema
	known          infer.Stored
	seen           map[string]*infer.Evidence // of the upload
	misfits        map[string]*dataset.DriftFacts
	learning       bool // a value didn't fit, so the rows are read for their evidence only
	final          bool // the columns don't widen any more
	onNew          feed.OnNew
	added          []string          // names of columns that only the upload has, in its order
	ignored        map[string]string // names of such columns that a feed ignores: the first file of each
}

// learned is the evidence from one file about the columns of the schema, and about those
// that only the file has.
type learned struct {
	key      string
	schema   dataset.Schema // to read the file with
	evidence []infer.Evidence
	unknown  map[string]*infer.Evidence // of JSON members without a column
}

// startWidening prepares the schema for reading the upload.
func (j *uploadJob) startWidening(ctx context.Context) error {
	w := widening{Schema: j.into.Schema, before: j.into.Schema}
	w.known.Columns = w.before.Columns
	w.Columns = slices.Clone(w.Columns)
	if j.into.create {
		w.final = true
		j.wide = w
		return nil
	}
	w.Relax()
	stats, err := j.service.config.Rows.Stats(ctx, j.into.ID)
	if err != nil {
		return err
	}
	content, err := j.service.config.Schemas.Evidence(ctx, j.into.ID)
	if err != nil {
		return err
	}
	w.known.Committed = !stats.Updated.IsZero()
	if len(content) > 0 {
		if err := json.Unmarshal(content, &w.known.Evidence); err != nil {
			return fmt.Errorf("reading the evidence of dataset %s: %w", j.into.ID, err)
		}
	}
	w.onNew, err = j.onNew(ctx, &w)
	j.wide = w
	return err
}

// restart forgets what was read of the upload.
func (w *widening) restart() {
	w.seen, w.misfits, w.learning = map[string]*infer.Evidence{}, map[string]*dataset.DriftFacts{}, false
	w.added, w.ignored = nil, map[string]string{}
}

// learn collects a batch's evidence. It reports whether the rows are only read for it.
func (w *widening) learn(l *learned, b *chunk.Builder) bool {
	for i := range b.Evidence {
		l.evidence[i].Merge(&b.Evidence[i])
	}
	for _, m := range b.Misfits {
		c := l.schema.Columns[m.Column]
		w.learning = w.learning || !w.final
		facts := w.misfits[c.Name]
		if facts == nil {
			facts = &dataset.DriftFacts{Object: l.key, Line: m.Line}
			for i := range b.Rejected {
				if r := &b.Rejected[i]; r.Line == m.Line && r.Column == c.Name {
					facts.Value = r.Value
				}
			}
			w.misfits[c.Name] = facts
		}
		facts.Rows++
	}
	w.learnUnknown(l, b.Unknown)
	return w.learning
}

// add adds the evidence of a file.
func (w *widening) add(l *learned, content *tabular.Content) {
	for i, c := range l.schema.Columns {
		if c.Declared {
			continue
		}
		e := &l.evidence[i]
		e.Known = content.Known(c.Name)
		w.merge(c.Name, e, l.key)
	}
	for _, name := range slices.Sorted(maps.Keys(l.unknown)) {
		w.addName(name)
		w.merge(name, l.unknown[name], l.key)
	}
}

// merge adds the evidence of a file about a column.
func (w *widening) merge(name string, e *infer.Evidence, key string) {
	e.In(key)
	if w.seen[name] == nil {
		w.seen[name] = &infer.Evidence{}
	}
	w.seen[name].Merge(e)
}

// total returns the evidence from all values of a column.
func (w *widening) total(c dataset.Column) infer.Evidence {
	all := w.known.Of(c)
	if e := w.seen[c.Name]; e != nil {
		all.Merge(e)
	}
	return all
}

// widen widens the schema for the values of the upload. It reports whether the upload
// must be read again.
func (w *widening) widen(n int) bool {
	if w.final {
		return false
	}
	wide := slices.Clone(w.Columns)
	for i, c := range wide {
		all := w.total(c)
		wide[i] = w.known.Widen(c, &all)
	}
	wide = w.withAdded(wide)
	w.final = n >= maxWidenings
	if reflect.DeepEqual(wide, w.Columns) {
		if !w.learning {
			return false
		}
		w.final = true // a value that no type accepts: its row is rejected
		return true
	}
	w.Columns = wide
	if w.Index.Guessed {
		w.FitIndex()
	}
	return true
}

// drifted returns the columns that the upload changes, with the first value that didn't
// fit each.
func (w *widening) drifted(datasetID, loadID string) []dataset.Drift {
	var all []dataset.Drift
	for _, c := range w.Columns {
		stored, _, ok := w.before.Column(c.Name)
		if !ok {
			all = append(all, dataset.Drift{DatasetID: datasetID, LoadID: loadID, DriftFacts: w.addedFacts(c)})
			continue
		}
		if stored.TypeName() == c.TypeName() && stored.Format == c.Format {
			continue
		}
		facts := dataset.DriftFacts{}
		if misfit := w.misfits[c.Name]; misfit != nil {
			facts = *misfit
		}
		facts.Kind, facts.Column, facts.Outcome = dataset.Widened, c.Name, dataset.DriftWidened
		facts.From, facts.To = stored.TypeName(), c.TypeName()
		if facts.From == facts.To {
			facts.Kind, facts.From, facts.To = dataset.FormatChanged, stored.Format, c.Format
		}
		all = append(all, dataset.Drift{DatasetID: datasetID, LoadID: loadID, DriftFacts: facts})
	}
	return all
}

// note describes a change of a column.
func note(d *dataset.Drift) string {
	switch d.Kind {
	case dataset.NewColumn:
		return fmt.Sprintf("Column %q was added with type %s.", d.Column, d.To)
	case dataset.FormatChanged:
		return fmt.Sprintf("Column %q changed its format.", d.Column)
	default:
	}
	because := ""
	if d.Line > 0 {
		because = fmt.Sprintf(" because of %q, line %d", d.Value, d.Line)
	}
	return fmt.Sprintf("Column %q changed from %s to %s%s.", d.Column, d.From, d.To, because)
}

// schemaChange returns what the upload changes about the schema and its evidence.
func (j *uploadJob) schemaChange(ctx context.Context, first map[string]*dataset.DriftFacts) (
	*dataset.SchemaChange, error,
) {
	w, now := &j.wide, j.service.config.Now()
	evidence := map[string]infer.Evidence{}
	for _, c := range w.Columns {
		if !c.Declared {
			evidence[c.Name] = w.total(c)
		}
	}
	content, err := json.Marshal(evidence)
	if err != nil {
		return nil, err
	}
	change := &dataset.SchemaChange{
		DatasetID: j.into.ID, Before: w.before, After: w.Schema, Evidence: content, At: now,
	}
	change.Drift = w.ignoredDrift(j.into.ID, j.loadID, now)
	if reflect.DeepEqual(change.Before, change.After) {
		return change, nil
	}
	w.misfits = first
	for _, d := range w.drifted(j.into.ID, j.loadID) {
		d.ID, d.At = id.New("drift", now), now
		if w.known.Committed {
			change.Drift = append(change.Drift, d)
		}
		j.done.Notes = append(j.done.Notes, note(&d))
	}
	loader := access.Actor{Kind: access.System, ID: access.Loader, Workspace: j.into.Workspace}
	return change, j.service.config.Checker.Check(ctx, loader, access.DatasetUpdate,
		access.Resource{Workspace: j.into.Workspace, Kind: "dataset", ID: j.into.ID})
}

// reload finds the dataset again, after somebody changed it.
func (j *uploadJob) reload(ctx context.Context, conflict error) error {
	found, _, err := j.service.find(ctx, j.actor, access.DataWrite, j.into.Workspace, j.into.ID)
	if err != nil {
		return errors.Join(conflict, err)
	}
	j.into = destination{Dataset: found}
	return nil
}

// isOvertaken reports whether somebody changed the dataset while the upload was read.
func isOvertaken(err error) bool {
	return problem.Is(err, problem.Conflict) || errors.Is(err, engine.ErrStale)
}
