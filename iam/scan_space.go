package iam

import (
	"math/bits"
	"strings"
)

// skipPreamble skips text before the document, such as from the configuration
// file that it was copied from.
func (s *scanner) skipPreamble() {
	s.space()
	if s.at == len(s.text) || s.text[s.at] == '{' || s.text[s.at] == '[' {
		return
	}
	brace := strings.IndexByte(s.text[s.at:], '{')
	if brace < 0 || strings.IndexByte(s.text[s.at:s.at+brace], '"') >= 0 {
		return
	}
	s.report(
		CodeSyntax,
		"the document begins with %s, but a policy is a JSON object and begins with {",
		s.describeCurrent(),
	)
	for end := s.at + brace; s.at < end; s.at++ {
		s.newline(s.text[s.at])
	}
}

// eightSpaces is eight spaces as [word] reads them.
const eightSpaces = 0x2020202020202020

// space skips white space, and reports and skips comments.
func (s *scanner) space() {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == ' ' && s.at+8 <= len(s.text):
			s.at += bits.TrailingZeros64(word(s.text[s.at:])^eightSpaces) / 8
		case c == ' ' || c == '\t' || c == '\r':
			s.at++
		case c == '\n':
			s.newline(c)
			s.at++
		case c == '/' && s.at+1 < len(s.text) && s.text[s.at+1] == '/':
			s.comment("\n", 0)
		case c == '/' && s.at+1 < len(s.text) && s.text[s.at+1] == '*':
			s.comment("*/", 2)
		default:
			return
		}
	}
}

func (s *scanner) comment(end string, keep int) {
	s.report(CodeSyntax, "JSON has no comments")
	stop := len(s.text)
	if i := strings.Index(s.text[s.at+2:], end); i >= 0 {
		stop = s.at + 2 + i + keep
	}
	for ; s.at < stop; s.at++ {
		s.newline(s.text[s.at])
	}
}

func (s *scanner) newline(c byte) {
	if c == '\n' {
		s.line++
		s.lineStart = s.at + 1
	}
}
