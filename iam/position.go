package iam

import "strconv"

// Position is a position in a policy document.
type Position struct {
	Offset int // in bytes, from 0
	Line   int // from 1; 0 if the element isn't in a document
	Column int // in bytes, from 1
}

// IsValid reports whether the position is in a document.
func (p Position) IsValid() bool { return p.Line > 0 }

// String returns "line:column", or "-" for an invalid position.
func (p Position) String() string {
	if !p.IsValid() {
		return "-"
	}
	return strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}
