package demo

import (
	"fmt"
	"io"
	"strings"
)

// story tells the steps to a person, one line each; in silence when a program
// listens.
type story struct {
	out  io.Writer
	mute bool
	step int
}

func newStory(out io.Writer, mute bool) *story { return &story{out: out, mute: mute} }

// head opens a part.
func (s *story) head(format string, args ...any) { s.line("\n"+format, args...) }

// did tells a step that is done, and what came back.
func (s *story) did(title, format string, args ...any) {
	s.step++
	s.line("%3d  %-34s %s", s.step, title, fmt.Sprintf(format, args...))
}

// note tells a detail under a step.
func (s *story) note(format string, args ...any) {
	s.line("     %s", strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\n     "))
}

func (s *story) line(format string, args ...any) {
	if !s.mute {
		_, _ = fmt.Fprintf(s.out, format+"\n", args...)
	}
}

// marks are how a check's status looks.
var marks = map[string]string{"pass": "✓", "fail": "✗", "warn": "!", "skip": "–"}
