package iam

import "strconv"

// Position is a place in a policy document.
type Position struct {
	Offset int // bytes from the start, from 0
	Line   int // from 1; 0 means that the element has no place in a document
	Column int // bytes from the start of the line, from 1
}

// IsValid reports whether the position is a place in a document.
func (p Position) IsValid() bool { return p.Line > 0 }

// String returns "line:column", or "-" where there is no place.
func (p Position) String() string {
	if !p.IsValid() {
		return "-"
	}
	return strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}
