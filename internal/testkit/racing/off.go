//go:build !race

// Package racing reports whether the race detector is on. If it is, tests with very
// many cases that don't run concurrently run only some of them, because each takes
// about ten times as long and can't find another race.
package racing

// Enabled reports whether the race detector watches the tests.
const Enabled = false
