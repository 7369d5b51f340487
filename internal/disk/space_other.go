//go:build !linux && !darwin

// Package disk asks how much space a disk has.
package disk

import "math"

// Space knows nothing of the disks of this system: no limit is seen.
func Space(string) (free, total int64, err error) { return math.MaxInt64, math.MaxInt64, nil }
