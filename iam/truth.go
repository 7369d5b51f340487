package iam

// truth is the outcome of matching one element of a statement.
type truth uint8

// doubt is the outcome where AWS's documentation is ambiguous. An Allow doesn't
// apply then and a Deny does.
const (
	no truth = iota
	doubt
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// applies reports whether an Allow, or a Deny, with this outcome applies.
func (t truth) applies(deny bool) bool { return t == yes || t == doubt && deny }
