//go:build !race

// Package racing reports whether the race detector watches the tests. Under it, tests
// that prove something by the number of their cases, and not by what runs at the same
// time, take a part of them: every case runs about ten times slower, and finds no
// other race.
package racing

// Enabled reports whether the race detector watches the tests.
const Enabled = false
