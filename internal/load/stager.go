package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// holdBytes limits how much of an object is kept in memory before staging.
// Smaller objects are staged once they are read completely. Rows of larger ones
// are staged as they arrive; if such an object breaks off, the load starts over
// without it.
const holdBytes = 24 << 20

var (
	errStaging = errors.New("staging rows")
	errTooMany = errors.New("too many rejected rows")
)

// stager stages the rows of one object.
type stager struct {
	*pass
	staged    *Staged
	object    *opened
	held      []*chunk.Builder
	size      int
	streaming bool // rows were staged
	rows      int64
	rejected  rejectCounts
	examples  []dataset.Rejected // the first rejected rows

	exampleBytes int

	evidence []infer.Evidence           // of the columns of the object's schema
	unknown  map[string]*infer.Evidence // of JSON members that have no column

	found   []*dataset.DriftFacts          // how the object differs from the dataset's schema
	misfits map[string]*dataset.DriftFacts // values that didn't fit, by column
	read    int64                          // rows so far, including those that aren't loaded
	present []bool                         // the columns that a JSON record has

	again    *rejectedRows // the rows to load again; nil: the object is new
	resolved []int64       // places of the accepted rows
}

func newStager(p *pass, staged *Staged, o *opened) *stager {
	s := &stager{pass: p, staged: staged, object: o, unknown: map[string]*infer.Evidence{}}
	s.again = staged.again[o.info.Key]
	s.evidence = make([]infer.Evidence, len(o.schema.Columns))
	if len(o.schema.Columns) > len(p.schema.Columns) && o.err == nil {
		p.schema.learning = true
	}
	s.checkAdded()
	return s
}

// all stages all rows of the object.
func (s *stager) all(ctx context.Context) error {
	if s.object.err != nil {
		return s.object.err
	}
	for {
		b, err := s.object.reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			s.learnAdded()
			err := s.checkDrift()
			if err == nil {
				err = s.checkRejected()
			}
			if err == nil {
				err = s.release(ctx)
			}
			return err
		}
		if err != nil {
			return err
		}
		s.learn(b)
		s.numberRows(b)
		s.narrow(b)
		if err := s.count(b); err != nil {
			return err
		}
		if err := s.take(ctx, b); err != nil {
			return err
		}
		s.status.publish()
	}
}

// learn collects a batch's evidence. Once a value doesn't fit its column, or a
// JSON member has no column, the pass stops staging and only collects evidence.
func (s *stager) learn(b *chunk.Builder) {
	for i := range b.Evidence {
		s.evidence[i].Merge(&b.Evidence[i])
	}
	for i, present := range b.Present {
		if s.present == nil {
			s.present = make([]bool, len(b.Present))
		}
		s.present[i] = s.present[i] || present
	}
	s.learnMisfits(b)
	if s.final && s.adds() {
		return
	}
	for name, e := range b.Unknown {
		if s.ignored[name] {
			continue
		}
		if s.unknown[name] == nil {
			if len(s.unknown) >= infer.MaxColumns {
				continue
			}
			s.unknown[name] = &infer.Evidence{}
		}
		s.unknown[name].Merge(e)
		s.schema.learning = s.schema.learning || s.addsColumn(name) && !s.final
	}
}

// learned adds the object's evidence to the pass.
func (s *stager) learned() {
	key := s.object.info.Key
	for i, c := range s.object.schema.Columns {
		if !c.Declared {
			s.evidence[i].Known = s.known(c)
			s.schema.learn(c.Name, &s.evidence[i], key)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.unknown)) {
		if !s.addsColumn(name) {
			continue
		}
		s.schema.learn(name, s.unknown[name], key)
	}
}

// known returns the column with the type that the object's file declares. A column
// whose type the feed keeps only has values of that type.
func (s *stager) known(c dataset.Column) dataset.Column {
	known := s.object.content.Known(c.Name)
	if known.Type != "" && slices.Contains(s.object.fixed, c.Name) {
		return dataset.Column{Type: c.Type, Precision: c.Precision, Scale: c.Scale, Format: c.Format}
	}
	return known
}

// count counts a batch's rows. It returns an error if the load has too many
// rejected rows.
func (s *stager) count(b *chunk.Builder) error {
	s.number(b)
	s.addExamples(b.Rejected)
	rows, rejected := int64(b.Batch.Rows), rejectCounts{}
	rejected.add(b.Rejected)
	s.rows += rows
	s.rejected.add(b.Rejected)
	progress := &s.status.load.Progress
	progress.Rows += rows
	progress.addRejected(rejected, 1)
	if most := s.order.MaxRejected; most >= 0 && progress.Rejected > most && !s.schema.learning {
		last := b.Rejected[len(b.Rejected)-1]
		return errors.Join(errTooMany, problem.New(problem.Invalid,
			"More than %d rows were rejected, so nothing was loaded. The last was in s3://%s/%s: %s.",
			most, s.source.Bucket, s.object.info.Key, ErrorText(last)).
			WithHint("Correct the rows, change the schema, or allow more rejected rows.").WithReason(CodeMaxRejected))
	}
	return nil
}

// number adds the object and the row number to each rejected row of a batch.
func (s *stager) number(b *chunk.Builder) {
	before := s.rows + s.rejected.rows
	accepted := 0
	for i := range b.Rejected {
		r := &b.Rejected[i]
		for accepted < len(b.Batch.Lines) && b.Batch.Lines[accepted] < r.Line {
			accepted++
		}
		r.Object, r.Number = s.object.info.Key, before+int64(accepted+i)+1
	}
}

// uncount subtracts the object's rows from the load's counts.
func (s *stager) uncount() {
	s.status.load.Progress.Rows -= s.rows
	s.status.load.Progress.addRejected(s.rejected, -1)
}

// checkRejected returns an error if too many rows of the object were rejected.
func (s *stager) checkRejected() error {
	percent := s.order.MaxRejectedPercent
	if s.isNarrowed() || s.rejected.rows == 0 || s.schema.learning ||
		s.rejected.rows*100 < int64(percent)*(s.rows+s.rejected.rows) {
		return nil
	}
	return &tooManyRejectedError{
		percent: percent, rows: s.rows, rejected: s.rejected.rows, first: ErrorText(s.examples[0]),
	}
}

// keepRejected returns the object's rejected rows if err says that there are too
// many. For other errors it returns none.
func (s *stager) keepRejected(err error) unreadable {
	var rejected *tooManyRejectedError
	if !errors.As(err, &rejected) {
		return unreadable{}
	}
	return unreadable{counts: s.rejected, rows: s.examples}
}

// take buffers a batch, and stages the buffered batches when they exceed the limit.
func (s *stager) take(ctx context.Context, b *chunk.Builder) error {
	if s.schema.learning {
		s.held, s.size = nil, 0
		return nil
	}
	if s.streaming {
		return s.stageBatch(ctx, b)
	}
	s.held = append(s.held, s.object.reader.Keep())
	if s.size += b.Size(); s.size > holdBytes {
		return s.release(ctx)
	}
	return nil
}

// release stages the buffered batches.
func (s *stager) release(ctx context.Context) error {
	for _, b := range s.held {
		s.streaming = true
		if err := s.stageBatch(ctx, b); err != nil {
			return err
		}
		s.object.reader.Return(b)
	}
	s.held = nil
	return nil
}

func (s *stager) stageBatch(ctx context.Context, b *chunk.Builder) error {
	if b.Batch.Rows > 0 {
		if err := s.staged.rows.Append(ctx, &b.Batch); err != nil {
			return errors.Join(errStaging, err)
		}
	}
	if s.isNarrowed() { // they stay with the load that rejected them
		if len(b.Rejected) > 0 {
			s.status.note("See load %s for the rows that are still rejected.", s.order.Of)
		}
		return nil
	}
	return s.reject(ctx, s.staged, b.Rejected)
}

// reject stages rejected rows, up to the number that the load keeps.
func (p *pass) reject(ctx context.Context, staged *Staged, rows []dataset.Rejected) error {
	kept := p.rejects.Keep(rows)
	p.status.load.Progress.NotKept = p.rejects.NotKept
	if len(kept) > 0 {
		if err := staged.rows.Reject(ctx, kept); err != nil {
			return errors.Join(errStaging, err)
		}
	}
	return nil
}

// record adds the object's entry to the ledger.
func (s *stager) record(ctx context.Context) error {
	info := s.object.info
	s.status.load.Progress.ObjectsDone++
	s.keepDrift()
	s.learned()
	if s.schema.learning {
		return nil
	}
	for _, note := range s.object.content.Notes() {
		s.status.note("%s: %s", info.Key, note)
	}
	if err := s.resolve(ctx); err != nil || s.isNarrowed() {
		return err
	}
	err := s.staged.rows.Object(ctx, engine.LedgerEntry{
		SourceID: s.source.ID, Object: versionOf(info), LoadID: s.order.ID, Outcome: engine.Loaded,
		Size: info.Size, Modified: info.Modified, Rows: s.rows, Rejected: s.rejected.rows, Time: s.config.Now(),
	})
	if err != nil {
		return fmt.Errorf("adding an object to the ledger: %w", err)
	}
	return nil
}

// ErrorText describes a rejected row in the platform's words, as in "line 3:
// validation failed: .price should be number".
func ErrorText(r dataset.Rejected) string {
	reason := r.Reason
	if len(reason) == 0 || reason[0] != '.' {
		reason = " " + reason // where the platform puts the path of a property
	}
	return fmt.Sprintf("line %d: validation failed: %s", r.Line, reason)
}
