package load

import (
	"fmt"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// unreadable is the reason why none of an object's rows are loaded.
type unreadable struct {
	Problem
	hint string

	counts rejectCounts       // of an object with too many rejected rows
	rows   []dataset.Rejected // the first of them
}

// rejectCounts counts rejected rows.
type rejectCounts struct {
	rows   int64
	reason map[dataset.RejectCode]int64
}

func (c *rejectCounts) add(rows []dataset.Rejected) {
	if len(rows) > 0 && c.reason == nil {
		c.reason = map[dataset.RejectCode]int64{}
	}
	c.rows += int64(len(rows))
	for i := range rows {
		c.reason[rows[i].Code]++
	}
}

// addRejected adds the counts of rejected rows, or removes them when sign is -1.
func (p *Progress) addRejected(c rejectCounts, sign int64) {
	p.Rejected += sign * c.rows
	for code, n := range c.reason {
		if p.RejectedByReason == nil {
			p.RejectedByReason = map[dataset.RejectCode]int64{}
		}
		if p.RejectedByReason[code] += sign * n; p.RejectedByReason[code] == 0 {
			delete(p.RejectedByReason, code)
		}
	}
}

// The limits of the rejected rows that are kept for an object that fails
// because of them.
const (
	maxExamples     = 1000
	maxExampleBytes = 4 << 20
)

// addExamples keeps the first rejected rows of the object.
func (s *stager) addExamples(rows []dataset.Rejected) {
	for _, r := range rows[:max(0, min(len(rows), maxExamples-len(s.examples)))] {
		if s.exampleBytes += len(r.Raw); s.exampleBytes > maxExampleBytes {
			r.Raw = ""
		}
		s.examples = append(s.examples, r)
	}
}

// tooManyRejectedError reports that too many rows of an object were rejected.
type tooManyRejectedError struct {
	percent  int
	rows     int64
	rejected int64
	first    string // what was wrong with the first one
}

func (e *tooManyRejectedError) Error() string {
	switch {
	case e.rows > 0:
		return fmt.Sprintf("%d of its %d rows were rejected; the limit is %d percent. The first one: %s.", e.rejected,
			e.rows+e.rejected, e.percent, e.first)
	case e.rejected == 1:
		return fmt.Sprintf("Its only row was rejected: %s.", e.first)
	}
	return fmt.Sprintf("All of its %d rows were rejected. The first one: %s.", e.rejected, e.first)
}

// code returns the code of the problem.
func (e *tooManyRejectedError) code() string {
	if e.rows == 0 {
		return CodeAllRejected
	}
	return CodeMaxRejectedPercent
}

func (e *tooManyRejectedError) unreadable() *unreadable {
	return &unreadable{
		Problem: Problem{Reason: e.Error(), Code: e.code()},
		hint:    "Check the rejected rows. Then correct the objects, change the schema, or raise max_rejected_percent.",
	}
}

// unreadableBecause returns an object's problem for people and programs.
func unreadableBecause(p *problem.Error) *unreadable {
	found := &unreadable{Problem: Problem{Reason: p.Message, Code: p.Reason}, hint: p.Hint}
	if found.Code == "" {
		found.Code = CodeUnreadable
	}
	switch found.Code {
	case CodeDenied, CodeKMSDenied, CodeChanging, CodeArchived:
		found.Retryable = true
	}
	return found
}

// fail records and shows the reason why an object can't be loaded.
func (p *pass) fail(info object.Info, why *unreadable) {
	why.Key = info.Key
	p.unreadable[versionOf(info)] = why
	p.status.failed(why)
}
