package page

import (
	"testing"
	"time"
)

func TestWordsForNumbers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ name, got, want string }{
		{"small count", Count(7), "7"},
		{"grouped count", Count(int64(3_000_000)), "3,000,000"},
		{"negative count", Count(-1234), "-1,234"},
		{"one", Plural(1, "row", "rows"), "1 row"},
		{"many", Plural(int64(1200), "row", "rows"), "1,200 rows"},
		{"bytes", Bytes(999), "999 B"},
		{"kilobytes round up to the next unit", Bytes(999_999), "1.0 MB"},
		{"megabytes", Bytes(13_493_022), "13.5 MB"},
		{"no time", Took(0), ""},
		{"an instant", Took(time.Microsecond), "<1 ms"},
		{"milliseconds", Took(84 * time.Millisecond), "84 ms"},
		{"seconds", Took(1200 * time.Millisecond), "1.2 s"},
		{"minutes", Took(185 * time.Second), "3 min 5 s"},
		{"hours", Took(90 * time.Minute), "1 h 30 min"},
		{"one hour", Took(time.Hour), "1 h"},
		{"never", string(ago(time.Time{}, now)), "never"},
		{"just now", distance(3*time.Second, now), "just now"},
		{"minutes ago", distance(time.Minute, now), "1 minute ago"},
		{"days ago", distance(50*time.Hour, now), "2 days ago"},
		{"long ago", distance(40*24*time.Hour, now), "1 Mar 2026"},
		{"to come", distance(-2*time.Hour, now), "in 2 hours"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}
