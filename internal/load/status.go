package load

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// status has the public view of a running load: its state, counts, notes and
// problems. One goroutine writes it; only addBytes, addUnpacked and the meter may be used
// by others.
type status struct {
	load   Load
	report func(Load)
	meter  meter
}

func newStatus(task Task, now func() time.Time) *status {
	return &status{load: task.Load, report: task.Report, meter: meter{now: now}}
}

// restart clears everything that the previous pass wrote.
func (s *status) restart() {
	s.load.Progress, s.load.Problems, s.load.Notes = Progress{}, nil, nil
	s.load.Fault, s.load.Hint, s.load.Code = "", "", ""
	s.meter.reset()
}

func (s *status) enter(state State) {
	s.load.State = state
	s.publish()
}

// publish reports the status.
func (s *status) publish() {
	s.meter.show(&s.load.Progress, s.load.State)
	s.report(s.load.copy())
}

func (s *status) addBytes(n int) { s.meter.read.Add(int64(n)) }

func (s *status) addUnpacked(n int) { s.meter.unpacked.Add(int64(n)) }

// planned shows what a plan will read.
func (s *status) planned(p *Plan) {
	s.load.Progress.Objects, s.load.Progress.Known, s.load.Progress.Bytes = int64(len(p.Objects)), p.Known, 0
	for _, info := range p.Objects {
		s.load.Progress.Bytes += info.Size
	}
	if p.More {
		s.note("There are more than %d objects to load. Load again for the rest.", MaxObjects)
	}
	s.publish()
}

// failed shows that an object can't be loaded.
func (s *status) failed(why *unreadable) {
	s.load.Progress.ObjectsDone++
	s.load.Progress.addRejected(why.counts, 1)
	if len(s.load.Problems) < MaxProblems {
		s.load.Problems = append(s.load.Problems, why.Problem)
	}
}

// missing shows selected objects that can't be loaded again.
func (s *status) missing(problems []Problem) {
	s.load.Problems = append(s.load.Problems, problems[:min(len(problems), MaxProblems-len(s.load.Problems))]...)
}

// hasProblem reports whether an object is listed as a problem.
func (s *status) hasProblem(key string) bool {
	return slices.ContainsFunc(s.load.Problems, func(p Problem) bool { return p.Key == key })
}

// note adds a note, unless the load has it already.
func (s *status) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(s.load.Notes) < MaxNotes && !slices.Contains(s.load.Notes, text) {
		s.load.Notes = append(s.load.Notes, text)
	}
}

// copy returns a load that shares nothing with l.
func (l Load) copy() Load {
	l.Problems = slices.Clone(l.Problems)
	l.Notes = slices.Clone(l.Notes)
	l.Progress.RejectedByReason = maps.Clone(l.Progress.RejectedByReason)
	return l
}
