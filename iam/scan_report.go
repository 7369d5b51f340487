package iam

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// describeCurrent describes the text at the current position.
func (s *scanner) describeCurrent() string {
	if s.at == len(s.text) {
		return "the end of the document"
	}
	rest := truncate(s.text[s.at:], 24)
	if i := strings.IndexAny(rest, " \t\r\n"); i > 0 {
		rest = rest[:i]
	}
	return fmt.Sprintf("%q", rest)
}

func (s *scanner) report(code, format string, args ...any) {
	s.reportAt(s.position(), code, format, args...)
}

func (s *scanner) reportAt(at Position, code, format string, args ...any) {
	if len(s.findings) < maxFindings {
		s.findings = append(s.findings, Finding{Code: code, Position: at, Message: fmt.Sprintf(format, args...)})
	}
}

// fail reports a finding and returns false.
func (s *scanner) fail(code, format string, args ...any) bool {
	s.report(code, format, args...)
	return false
}

// clip shortens text for a message.
func clip(text string) string {
	const most = 80
	if len(text) <= most {
		return text
	}
	return truncate(text, most) + "…"
}

// truncate returns at most n bytes of text. It doesn't split a character.
func truncate(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for end := n; end > n-utf8.UTFMax && end >= 0; end-- {
		if utf8.RuneStart(text[end]) {
			return text[:end]
		}
	}
	return text[:n] // not UTF-8
}
