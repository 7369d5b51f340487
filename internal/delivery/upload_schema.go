package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// input returns the upload as input for the readers of formats. It can be read again.
func (j *uploadJob) input() tabular.Input {
	return tabular.Input{
		Name: j.name, Size: j.size,
		Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(j.file, 0, j.size)), nil
		},
		At: func(context.Context) io.ReaderAt { return j.file },
	}
}

// each calls fn for the content of the upload: the file, or the members of an archive.
// Guessed columns only accept values that their guess would accept: a late 00501 isn't
// the number 501.
func (j *uploadJob) each(ctx context.Context, fn func(key string, content *tabular.Content) error) (err error) {
	options := tabular.Options{
		Workers: runtime.GOMAXPROCS(0), UnpackedBytes: j.service.config.UnpackedBytes, Widen: true,
		Members: source.DefaultMembers(),
	}
	whole, err := tabular.Open(ctx, j.input(), options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, whole.Close()) }()
	if whole.Members == nil {
		return fn(j.name, whole)
	}
	for _, member := range whole.Members {
		content, err := tabular.Open(ctx, member, options)
		if err == nil {
			err = errors.Join(fn(member.Name, content), content.Close())
		}
		if err != nil {
			return ofMember(err, member.Name)
		}
	}
	return nil
}

// ofMember adds the member of the archive to a problem.
func ofMember(err error, name string) error {
	known := (*problem.Error)(nil)
	if !errors.As(err, &known) {
		return err
	}
	_, name, _ = strings.Cut(name, tabular.MemberSeparator)
	placed := *known
	placed.Message = fmt.Sprintf("The member %.200q: %s", name, known.Message)
	return &placed
}

// texts returns the guessed columns of an existing dataset that store every value as
// its text.
func (j *uploadJob) texts() []string {
	if j.into.create {
		return nil
	}
	return j.wide.known.Final(j.wide.Columns)
}

// learnSchema guesses the schema of the upload: the columns and the index from the
// first rows, and the types from all rows.
func (j *uploadJob) learnSchema(ctx context.Context) (dataset.Schema, error) {
	sample := infer.New()
	err := j.each(ctx, func(_ string, content *tabular.Content) error { return content.Sample(ctx, sample) })
	if err != nil {
		return dataset.Schema{}, err
	}
	switch {
	case sample.Columns() == 0 && sample.Rows() > 0:
		return dataset.Schema{}, tabular.NoColumns()
	case sample.Columns() == 0:
		return dataset.Schema{}, tabular.NoRecords()
	}
	schema, err := sample.Schema()
	if err != nil {
		return dataset.Schema{}, err
	}
	l := learning{schema: schema, evidence: make([]infer.Evidence, len(schema.Columns))}
	if err := j.each(ctx, func(_ string, content *tabular.Content) error { return l.read(ctx, content) }); err != nil {
		return dataset.Schema{}, err
	}
	return l.widened(), nil
}

// learning has the evidence from all rows about the columns.
type learning struct {
	schema   dataset.Schema
	evidence []infer.Evidence
	unknown  map[string]*infer.Evidence // JSON members that the first rows don't have
}

func (l *learning) read(ctx context.Context, content *tabular.Content) error {
	reader, err := content.Read(ctx, l.schema)
	if err != nil {
		return err
	}
	defer reader.Close()
	evidence := make([]infer.Evidence, len(l.evidence))
	for {
		b, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		for i := range b.Evidence {
			evidence[i].Merge(&b.Evidence[i])
		}
		l.learnUnknown(b.Unknown)
	}
	for i, c := range l.schema.Columns {
		evidence[i].Known = content.Known(c.Name)
		l.evidence[i].Merge(&evidence[i])
	}
	return nil
}

func (l *learning) learnUnknown(unknown map[string]*infer.Evidence) {
	for name, e := range unknown {
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
	}
}

// widened returns a schema that fits every value.
func (l *learning) widened() dataset.Schema {
	wide := l.schema
	wide.Columns = slices.Clone(wide.Columns)
	for i, c := range wide.Columns {
		if e := &l.evidence[i]; e.Values > 0 {
			wide.Columns[i] = e.Widen(c, false)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.unknown)) {
		var names []string
		for _, c := range wide.Columns {
			names = append(names, c.Name)
		}
		if infer.CheckNames(append(names, name)) == nil {
			guess := l.unknown[name].Guess()
			wide.Columns = append(wide.Columns, guess.Column(name))
		}
	}
	wide.FitIndex()
	return wide
}
