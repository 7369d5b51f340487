package compress

import "github.com/windlass-io/windlass/internal/problem"

// DefaultMaxBytes limits the unpacked bytes of an object.
const DefaultMaxBytes = 1 << 40

// An object may unpack to MaxRatio times its stored bytes and FreeBytes.
const (
	MaxRatio  = 1000
	FreeBytes = 64 << 20
)

// Limits bound the unpacked bytes of an object.
type Limits struct {
	Unpacked int64 // at most; default [DefaultMaxBytes]
	Stored   int64 // the size of the object; 0: unknown
	// Count is called with the number of bytes that were unpacked. Optional.
	Count func(n int)
}

func (l Limits) withDefaults() Limits {
	if l.Unpacked == 0 {
		l.Unpacked = DefaultMaxBytes
	}
	return l
}

// limit checks the unpacked bytes of an object against its limits.
func (c *Reader) limit() error {
	if c.unpacked > c.limits.Unpacked {
		return problem.New(problem.TooLarge, "The object has more than %d bytes after decompression, which is the "+
			"limit.",
			c.limits.Unpacked).
			WithHint("Split the object into smaller ones.").WithReason(ExpansionLimit)
	}
	stored := max(c.limits.Stored, c.stored.bytes)
	if c.Kind != None && (c.unpacked-FreeBytes)/MaxRatio > stored {
		return problem.New(problem.TooLarge, "Its %s data has more than %d unpacked bytes for each stored one and %d MiB.",
			c.Kind, MaxRatio, FreeBytes>>20).
			WithHint("Real data rarely compresses this well. Check the object; if it is correct, upload it with " +
				"less compression.").
			WithReason(ExpansionLimit)
	}
	return nil
}
