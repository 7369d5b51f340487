package page

import (
	"maps"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// Problem is an error as a page shows it: the message, the next step, and
// the findings that belong to a field of the form.
type Problem struct {
	Message string
	Hint    string
	Fields  map[string]string
	others  []problem.Finding
}

// ProblemOf converts an error for a page, or returns nil if there is none.
func ProblemOf(err error) *Problem {
	if err == nil {
		return nil
	}
	e := problem.From(err)
	v := &Problem{Message: e.Message, Hint: e.Hint, Fields: make(map[string]string)}
	for _, f := range e.Findings {
		if f.Path == "" {
			v.others = append(v.others, f)
		} else if v.Fields[f.Path] == "" {
			v.Fields[f.Path] = f.Message
		}
	}
	return v
}

// Field returns the message for a field, or "" if it is valid.
func (v *Problem) Field(path string) string {
	if v == nil {
		return ""
	}
	return v.Fields[path]
}

// Move moves the message of a field to another one, for forms with other names.
func (v *Problem) Move(from, to string) {
	if message := v.Fields[from]; message != "" && v.Fields[to] == "" {
		v.Fields[to] = message
	}
}

// Relabel moves each field's message to the path that of returns; an empty one
// drops it. The first of several messages for a path stays.
func (v *Problem) Relabel(of func(path string) string) {
	fields := make(map[string]string, len(v.Fields))
	for _, path := range slices.Sorted(maps.Keys(v.Fields)) {
		if to := of(path); to != "" && fields[to] == "" {
			fields[to] = v.Fields[path]
		}
	}
	v.Fields = fields
}

// Text is the message and the next step, in one.
func (v *Problem) Text() string {
	if v == nil {
		return ""
	}
	return strings.TrimSpace(v.Message + " " + v.Hint)
}

// Others returns the findings that belong to no field.
func (v *Problem) Others() []problem.Finding { return v.others }
