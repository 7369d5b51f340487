package delivery

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// onNew returns what happens to columns that only the upload has: the strictest setting
// of the dataset's feeds. Until the dataset has rows or declared columns, its schema is a
// guess, and columns are added.
func (j *uploadJob) onNew(ctx context.Context, w *widening) (feed.OnNew, error) {
	on := feed.AddColumn
	isDeclared := slices.ContainsFunc(w.Columns, func(c dataset.Column) bool { return c.Declared })
	if j.service.config.Feeds == nil || !w.known.Committed && !isDeclared {
		return on, nil
	}
	request := paging.Request{Limit: paging.MaxLimit}
	for {
		page, err := j.service.config.Feeds.ListFeeds(ctx, j.into.Workspace, feed.Filter{Dataset: j.into.Name}, request)
		if err != nil {
			return "", err
		}
		for i := range page.Items {
			switch page.Items[i].Drift.New {
			case feed.FailOnNew:
				return feed.FailOnNew, nil
			case feed.NoteColumn:
				on = feed.NoteColumn
			case feed.AddColumn:
			}
		}
		if request.Cursor = page.Next; request.Cursor == "" {
			return on, nil
		}
	}
}

// learnColumns returns the schema to read a file with: that of the dataset, with the
// columns that only the file has if the upload adds them. Their types are those of its
// first rows.
func (j *uploadJob) learnColumns(ctx context.Context, key string, content *tabular.Content) (*learned, error) {
	w := &j.wide
	l := &learned{key: key, schema: w.Schema}
	var names []string
	for _, name := range content.NewColumns(w.Schema) {
		if w.canName(name) {
			names = append(names, name)
		}
	}
	switch {
	case len(names) > 0 && w.onNew == feed.FailOnNew:
		return nil, j.failOnNew(ctx, names[0])
	case len(names) > 0 && w.onNew == feed.AddColumn && !w.final:
		sampler := infer.New()
		if err := content.Sample(ctx, sampler); err != nil {
			return nil, err
		}
		l.schema.Columns = slices.Clone(l.schema.Columns)
		for _, name := range names {
			guess := infer.Guess{Type: dataset.String}
			if e := sampler.Evidence(name); e != nil {
				guess = e.Guess()
			}
			l.schema.Columns = append(l.schema.Columns, guess.Column(name))
			w.addName(name)
		}
		w.learning = true
	case w.onNew == feed.NoteColumn:
		for _, name := range names {
			w.ignore(name, key)
		}
	}
	l.evidence = make([]infer.Evidence, len(l.schema.Columns))
	return l, nil
}

// learnUnknown collects the evidence about JSON members that have no column, unless they
// are ignored.
func (w *widening) learnUnknown(l *learned, unknown map[string]*infer.Evidence) {
	for name, e := range unknown {
		if !w.canName(name) {
			continue
		}
		if w.onNew == feed.NoteColumn {
			w.ignore(name, l.key)
			continue
		}
		if w.final {
			continue
		}
		if l.unknown == nil {
			l.unknown = map[string]*infer.Evidence{}
		}
		if l.unknown[name] == nil {
			if len(l.unknown) >= infer.MaxColumns {
				continue
			}
			l.unknown[name] = &infer.Evidence{}
		}
		l.unknown[name].Merge(e)
		w.learning = true
	}
}

// canName reports whether the dataset could have a column of a name that only the upload
// has.
func (w *widening) canName(name string) bool {
	return !w.IsDropped(name) && infer.CheckNames(append(columnNames(w.Columns), name)) == nil
}

func columnNames(columns []dataset.Column) []string {
	names := make([]string, 0, len(columns)+1)
	for i := range columns {
		names = append(names, columns[i].Name)
	}
	return names
}

// addName adds the name of a column that only the upload has.
func (w *widening) addName(name string) {
	if !slices.Contains(w.added, name) {
		w.added = append(w.added, name)
	}
}

// ignore notes a column that only the upload has, and that the dataset doesn't get.
func (w *widening) ignore(name, key string) {
	if _, known := w.ignored[name]; !known && len(w.ignored) < infer.MaxColumns {
		w.ignored[name] = key
	}
}

// ignoredDrift returns the drift of the columns that the dataset doesn't get.
func (w *widening) ignoredDrift(datasetID, loadID string, now time.Time) []dataset.Drift {
	var all []dataset.Drift
	for _, name := range slices.Sorted(maps.Keys(w.ignored)) {
		all = append(all, dataset.Drift{
			ID: id.New("drift", now), DatasetID: datasetID, LoadID: loadID, At: now, DriftFacts: dataset.DriftFacts{
				Kind: dataset.NewColumn, Column: name, Outcome: dataset.DriftIgnored, Object: w.ignored[name],
			},
		})
	}
	return all
}

// withAdded adds the columns that only the upload has, as far as their names are possible
// beside each other.
func (w *widening) withAdded(columns []dataset.Column) []dataset.Column {
	for _, name := range w.added {
		if e := w.seen[name]; e != nil && infer.CheckNames(append(columnNames(columns), name)) == nil {
			guess := e.Guess()
			columns = append(columns, guess.Column(name))
		}
	}
	return columns
}

// addedFacts describes the drift of a column that the upload adds.
func (w *widening) addedFacts(c dataset.Column) dataset.DriftFacts {
	facts := dataset.DriftFacts{
		Kind: dataset.NewColumn, Column: c.Name, Outcome: dataset.DriftAdded, To: c.TypeName(),
	}
	if e := w.seen[c.Name]; e != nil {
		facts.Rows = e.Values + e.Empty + e.Nulls + e.Markers
		if e.First != nil {
			facts.Object, facts.Line, facts.Value = e.First.Object, e.First.Line, chunk.Cut([]byte(e.First.Text))
		}
	}
	return facts
}

// failOnNew records a new column that a feed of the dataset doesn't allow, and returns the
// error.
func (j *uploadJob) failOnNew(ctx context.Context, name string) error {
	now := j.service.config.Now()
	if err := j.service.config.Schemas.SaveDrift(ctx, []dataset.Drift{{
		ID: id.New("drift", now), DatasetID: j.into.ID, LoadID: j.loadID, At: now, DriftFacts: dataset.DriftFacts{
			Kind: dataset.NewColumn, Column: name, Outcome: dataset.DriftFailed, Object: j.name,
		},
	}}); err != nil {
		return err
	}
	return problem.New(problem.Invalid,
		"Column %.200q is new. A feed of dataset %q has drift.new = fail, so nothing was loaded.", name, j.into.Name).
		WithHint("Add the column to the dataset, or set drift.new of the feed to add or note.").
		WithReason(load.CodeDrift)
}
