package iam

// truth is the outcome of matching one element of a statement.
type truth uint8

// Doubt is for what AWS's documents leave open or answer in two ways. It
// keeps an Allow from applying and makes a Deny apply, so that where two
// readings differ the answer is no.
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

// holds reports whether a statement of an effect may apply.
func (t truth) holds(deny bool) bool { return t == yes || t == doubt && deny }
