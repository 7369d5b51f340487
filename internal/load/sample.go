package load

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/fetch"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/infer"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// The limits of the sample from which a new dataset's schema is guessed.
const (
	maxSampled      = 100 // objects
	maxSampledBytes = 64 << 20
	sampledAtOnce   = 8
)

// guess infers the schema from the oldest and the newest object and from
// others evenly spaced between them. It also returns a description of the
// sample. It skips objects without rows unless all are empty.
func (p *pass) guess(ctx context.Context, objects []object.Info) (dataset.Schema, string, error) {
	s := &sampling{pass: p, sampler: infer.New()}
	for group := range slices.Chunk(sampled(objects), min(sampledAtOnce, p.pace.most())) {
		if err := s.addAll(ctx, group); err != nil {
			return dataset.Schema{}, "", err
		}
	}
	for info := range p.readable(objects) { // none of the sample has rows
		if s.sampler.Columns() > 0 {
			break
		}
		s.keepEmpty = true
		if err := s.addAll(ctx, []object.Info{info}); err != nil {
			return dataset.Schema{}, "", err
		}
	}
	if s.sampler.Columns() == 0 {
		if err := p.allUnreadable(objects); err != nil {
			return dataset.Schema{}, "", problem.From(err).WithHint("%s", s.hint)
		}
		if p.feed.Rest == shape.Drop {
			return dataset.Schema{}, "", noColumns(p.feed.Columns.Columns)
		}
		if s.sampler.Rows() > 0 {
			return dataset.Schema{}, "", tabular.NoColumns()
		}
		return dataset.Schema{}, "", problem.New(problem.Unavailable, "The objects changed while they were read.").
			WithHint("Load again.")
	}
	schema, err := s.sampler.Schema()
	return schema, s.from(), err
}

// sampled returns the objects to sample.
func sampled(objects []object.Info) []object.Info {
	n := min(len(objects), maxSampled)
	var chosen []object.Info
	var bytes int64
	for i := range n {
		at := i
		if n < len(objects) {
			at = i * (len(objects) - 1) / (n - 1)
		}
		info := objects[at]
		bytes += min(info.Size, tabular.SampleBytes)
		if bytes > maxSampledBytes && len(chosen) > 0 {
			break
		}
		chosen = append(chosen, info)
	}
	return chosen
}

// sampling collects the sample.
type sampling struct {
	*pass
	sampler   *infer.Sampler
	keepEmpty bool // also use the columns of objects without rows
	objects   []string
	hint      string // of the first object that can't be read
}

// from describes which objects the sample has.
func (s *sampling) from() string {
	if len(s.objects) == 1 {
		return s.objects[0]
	}
	return fmt.Sprintf("%d objects", len(s.objects))
}

// addAll opens objects concurrently and samples them in order.
func (s *sampling) addAll(ctx context.Context, objects []object.Info) error {
	all := make([]*opened, len(objects))
	var group errgroup.Group
	for i, info := range objects {
		group.Go(func() error {
			if s.sampled.reserve(info, 2*(s.feed.ObjectsAtOnce-1)) {
				all[i] = s.openContent(ctx, info, s.status.addBytes)
				all[i].keep = true
			} else {
				all[i] = s.openContent(ctx, info, nil)
			}
			return nil
		})
	}
	_ = group.Wait() // the errors are in all
	for i, o := range all {
		if err := s.fault(ctx, o.info, s.add(ctx, o)); err != nil {
			for _, rest := range all[i:] {
				rest.close()
			}
			return err
		}
	}
	return nil
}

// add samples one object and closes it, unless its rows are read later.
func (s *sampling) add(ctx context.Context, o *opened) error {
	if o.err != nil {
		o.close()
		return o.err
	}
	if o.isArchive() {
		err := s.addArchive(ctx, o)
		if err == nil && o.keep {
			s.sampled.add(o)
		} else {
			o.close()
		}
		return err
	}
	rows, columns := s.sampler.Rows(), s.sampler.Columns()
	err := o.content.Sample(ctx, s.sampler)
	empty := s.sampler.Rows() == rows
	if err == nil && empty && s.keepEmpty && s.sampler.Columns() == columns {
		err = tabular.NoRecords()
	}
	if err != nil || empty && !s.keepEmpty {
		s.sampler.Forget(columns)
	} else {
		s.objects = append(s.objects, o.info.Key)
	}
	if err == nil && o.keep {
		s.sampled.add(o)
	} else {
		o.close()
	}
	return err
}

// fault records that an object can't be read. It returns errors that end the
// load.
func (s *sampling) fault(ctx context.Context, info object.Info, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, fetch.ErrChanged) {
		return nil // it is read again when its rows are staged
	}
	reason, err := objectFault(ctx, err)
	if err != nil {
		return err
	}
	if s.unreadable[versionOf(info)] == nil {
		s.fail(info, reason)
	}
	if s.hint == "" {
		s.hint = reason.hint
	}
	return nil
}
