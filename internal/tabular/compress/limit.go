package compress

import "github.com/windlass-io/windlass/internal/problem"

// DefaultMaxBytes is how many unpacked bytes an object may have.
const DefaultMaxBytes = 1 << 40

// The ratio of unpacked to stored bytes is checked once an object is larger
// than what a decompressor unpacks in a moment.
const (
	MaxRatio  = 1000
	RatioFrom = 64 << 20
)

// limit checks the unpacked bytes of an object against its bounds.
func (c *Reader) limit() error {
	if c.unpacked > c.maxBytes {
		return problem.New(problem.TooLarge, "It has more than %d bytes unpacked, the most an object may have.",
			c.maxBytes).
			WithHint("Split the object into smaller ones.").WithReason(ExpansionLimit)
	}
	if c.Kind != None && c.unpacked > RatioFrom && c.unpacked/MaxRatio > c.stored.bytes {
		return problem.New(problem.TooLarge, "Its %s data unpacks to more than %d bytes for each stored byte.", c.Kind, MaxRatio).
			WithHint("Data is rarely so uniform. Check the object, and upload it less compressed if it is right.").
			WithReason(ExpansionLimit)
	}
	return nil
}
