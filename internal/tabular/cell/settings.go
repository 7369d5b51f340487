package cell

import (
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Settings defines how the values of a file are written, unless a column
// defines it itself. The zero value is the default.
type Settings struct {
	Markers []string       // null markers that replace the built-in ones; they are null in strings, too
	Number  *NumberFormat  // of numbers in delimited text
	Zone    *time.Location // of dates with a time but no zone; nil is UTC
}

// IsMarker reports whether a text without surrounding blanks means null in a
// column that isn't a string.
func (s *Settings) IsMarker(text []byte) bool {
	if s.Markers == nil {
		return IsMarker(text)
	}
	return s.isOwn(text)
}

// IsNullMarker reports whether a text means null in every column.
func (s *Settings) IsNullMarker(text []byte) bool {
	if s.Markers == nil {
		return IsNullMarker(text)
	}
	return s.isOwn(text)
}

func (s *Settings) isOwn(text []byte) bool {
	return slices.ContainsFunc(s.Markers, func(m string) bool { return string(text) == m })
}

// apply prepares a compiled column for these settings.
func (c *Column) apply(s Settings) {
	c.settings = s
	if c.number != nil && c.Format == "" && s.Number != nil {
		c.number = s.Number
		c.plain = c.number.isPlain() && c.Type != dataset.Decimal
	}
	if c.layout != nil {
		c.layout.zone = s.Zone
	}
}

// Settings returns the settings that the column was compiled with.
func (c *Column) Settings() *Settings { return &c.settings }

// SecondsWest returns the seconds to add to a local time to get UTC. A time in
// a gap has the offset before the gap; one that comes twice is the first.
func SecondsWest(zone *time.Location, local int64) int64 {
	const day = 86400
	before := offsetAt(zone, local-day)
	if offsetAt(zone, local-before) == before {
		return -before
	}
	if after := offsetAt(zone, local+day); offsetAt(zone, local-after) == after {
		return -after
	}
	return -before
}

func offsetAt(zone *time.Location, unix int64) int64 {
	_, offset := time.Unix(unix, 0).In(zone).Zone()
	return int64(offset)
}
