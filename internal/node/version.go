package node

import (
	"strconv"
	"strings"
)

// compatible reports whether two versions may serve one state: they may be at
// most one minor release apart. A version that isn't a release, such as "dev",
// is compatible with any.
func compatible(a, b string) bool {
	majorA, minorA, okA := release(a)
	majorB, minorB, okB := release(b)
	if !okA || !okB {
		return true
	}
	return majorA == majorB && minorA-minorB <= 1 && minorB-minorA <= 1
}

// release parses the first two numbers of a version such as v1.4.2.
func release(version string) (major, minor int, ok bool) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	second, _, _ := strings.Cut(rest, ".")
	major, err := strconv.Atoi(first)
	if err != nil {
		return 0, 0, false
	}
	minor, err = strconv.Atoi(second)
	return major, minor, err == nil
}
