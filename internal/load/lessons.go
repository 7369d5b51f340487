package load

import (
	"fmt"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// lessons has what the passes of a load learned about its objects, for the
// passes that follow.
type lessons struct {
	unreadable map[engine.ObjectVersion]*unreadable
	base       dataset.Schema  // the dataset's schema when widened was computed
	widened    *dataset.Schema // wide enough for all values so far; nil: not computed yet
	widenings  int
	final      bool                           // the schema doesn't widen any more
	ignored    map[string]bool                // names that can't be column names
	changed    map[string]*dataset.DriftFacts // values that didn't fit their guessed column
	pace       *pace
}

func newLessons(pace *pace) *lessons {
	return &lessons{
		pace: pace, unreadable: map[engine.ObjectVersion]*unreadable{}, ignored: map[string]bool{},
		changed: map[string]*dataset.DriftFacts{},
	}
}

// readable calls yield for the objects that aren't known to be unreadable, in
// order.
func (l *lessons) readable(objects []object.Info) func(yield func(object.Info) bool) {
	return func(yield func(object.Info) bool) {
		for _, info := range objects {
			if l.unreadable[versionOf(info)] == nil && !yield(info) {
				return
			}
		}
	}
}

// allUnreadable returns the error of a load if none of its objects can be
// read, else nil.
func (p *pass) allUnreadable(objects []object.Info) error {
	if len(objects) == 0 {
		return nil
	}
	for range p.readable(objects) {
		return nil
	}
	first := p.unreadable[versionOf(objects[0])]
	code := first.Code
	for _, info := range objects[1:] {
		if p.unreadable[versionOf(info)].Code != code {
			code = CodeUnreadable
		}
	}
	none := ""
	if len(objects) > 1 {
		none = fmt.Sprintf("None of the %d objects could be loaded. ", len(objects))
	}
	hint := first.hint
	if hint == "" || len(objects) > 1 {
		hint = "The load lists the reason for each object. Fix them, then load again."
	}
	return problem.New(problem.Invalid, "%ss3://%s/%s: %s", none, p.source.Bucket, first.Key, first.Reason).
		WithReason(code).WithHint("%s", hint)
}
