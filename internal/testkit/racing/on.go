//go:build race

package racing

// Enabled reports whether the race detector watches the tests.
const Enabled = true
