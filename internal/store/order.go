package store

// newest is where a list that goes back in time begins, when no cursor says
// otherwise: a key after that of every identifier.
func newest(after string) string {
	if after == "" {
		return "zzzz"
	}
	return after
}
