package store

// newest returns the start of a list in reverse order: the cursor or, without
// one, a key after all identifiers.
func newest(after string) string {
	if after == "" {
		return "zzzz"
	}
	return after
}
