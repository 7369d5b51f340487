package load

import (
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// lessons are what the passes of a load found out about its objects. A later
// pass goes by what an earlier one learned.
type lessons struct {
	unreadable map[engine.ObjectVersion]string // the reason
	base       dataset.Schema                  // of the dataset, when widened was made
	widened    *dataset.Schema                 // with room for what the values showed; nil: not yet
	widenings  int
	final      bool            // the schema doesn't widen any more
	ignored    map[string]bool // names that no column can have
}

func newLessons() *lessons {
	return &lessons{unreadable: map[engine.ObjectVersion]string{}, ignored: map[string]bool{}}
}

// fail keeps why an object can't be read, and shows it.
func (p *pass) fail(info object.Info, reason string) {
	p.unreadable[versionOf(info)] = reason
	p.status.failed(info, reason)
}

// readable calls yield for the objects that aren't known to be unreadable, in
// order.
func (l *lessons) readable(objects []object.Info) func(yield func(object.Info) bool) {
	return func(yield func(object.Info) bool) {
		for _, info := range objects {
			if l.unreadable[versionOf(info)] == "" && !yield(info) {
				return
			}
		}
	}
}

// allUnreadable is the problem of a load of which no object can be read, nil
// when one can.
func (p *pass) allUnreadable(objects []object.Info) error {
	for range p.readable(objects) {
		return nil
	}
	first := objects[0]
	return problem.New(problem.Invalid, "None of the %d objects can be read. s3://%s/%s: %s",
		len(objects), p.source.Bucket, first.Key, p.unreadable[versionOf(first)]).
		WithHint("The load's problems have the reason of each object. Load again when they are fixed.")
}
