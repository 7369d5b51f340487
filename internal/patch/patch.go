// Package patch applies changes in which every field is optional.
package patch

// Set sets to from's value when from isn't nil.
func Set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
