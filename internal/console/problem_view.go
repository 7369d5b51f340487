package console

import (
	"maps"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// problemView is an error as a page shows it: the message, the next step, and
// the findings that belong to a field of the form.
type problemView struct {
	Message string
	Hint    string
	fields  map[string]string
	others  []problem.Finding
}

func viewProblem(err error) *problemView {
	if err == nil {
		return nil
	}
	e := problem.From(err)
	v := &problemView{Message: e.Message, Hint: e.Hint, fields: make(map[string]string)}
	for _, f := range e.Findings {
		if f.Path == "" {
			v.others = append(v.others, f)
		} else if v.fields[f.Path] == "" {
			v.fields[f.Path] = f.Message
		}
	}
	return v
}

// Field is the message for one field, empty when it is fine.
func (v *problemView) Field(path string) string {
	if v == nil {
		return ""
	}
	return v.fields[path]
}

// move takes the message of a field to another, when the form calls it so.
func (v *problemView) move(from, to string) {
	if message := v.fields[from]; message != "" && v.fields[to] == "" {
		v.fields[to] = message
	}
}

// relabel moves each field's message to the path that of returns; an empty one
// drops it. The first of several messages for a path stays.
func (v *problemView) relabel(of func(path string) string) {
	fields := make(map[string]string, len(v.fields))
	for _, path := range slices.Sorted(maps.Keys(v.fields)) {
		if to := of(path); to != "" && fields[to] == "" {
			fields[to] = v.fields[path]
		}
	}
	v.fields = fields
}

// Text is the message and the next step, in one.
func (v *problemView) Text() string {
	if v == nil {
		return ""
	}
	return strings.TrimSpace(v.Message + " " + v.Hint)
}

// Others are the findings that belong to no field.
func (v *problemView) Others() []problem.Finding { return v.others }
