package demo

import (
	"fmt"
	"io"
	"strings"
)

// story prints the steps, one line each. It prints nothing if mute.
type story struct {
	out  io.Writer
	mute bool
	step int
}

func newStory(out io.Writer, mute bool) *story { return &story{out: out, mute: mute} }

// head prints the heading of a part.
func (s *story) head(format string, args ...any) { s.line("\n"+format, args...) }

// did prints a finished step and its result.
func (s *story) did(title, format string, args ...any) {
	s.step++
	s.line("%3d  %-34s %s", s.step, title, fmt.Sprintf(format, args...))
}

// note prints a detail of a step.
func (s *story) note(format string, args ...any) {
	s.line("     %s", strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\n     "))
}

func (s *story) line(format string, args ...any) {
	if !s.mute {
		_, _ = fmt.Fprintf(s.out, format+"\n", args...)
	}
}

// marks are the signs printed for each check status.
var marks = map[string]string{"pass": "✓", "fail": "✗", "warn": "!", "skip": "–"}
