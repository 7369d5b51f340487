package delivery

import (
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// window is a span of time. A nil bound is open.
type window struct{ from, to *time.Time } // from inclusive, to exclusive

func days(from, to time.Time) window { return window{&from, &to} }

// parseSpan parses a day, such as 2024-02-29 or 20240229, or a moment in RFC
// 3339. It returns the first moment and the first one after it.
func parseSpan(text string) (first, after time.Time, err error) {
	for _, layout := range []string{time.DateOnly, "20060102"} {
		if t, err := time.ParseInLocation(layout, text, time.UTC); err == nil {
			return t, t.AddDate(0, 0, 1), nil
		}
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, t, problem.New(problem.Invalid, "%s isn't a date.", excerpt(text)).
			WithHint("Write a day as 2024-02-29 or 20240229, or a moment as 2024-02-29T12:30:00Z.")
	}
	t = t.UTC().Truncate(time.Microsecond)
	return t, t.Add(time.Microsecond), nil
}

// addMonths returns the same day in another month, or the last day of a shorter
// month.
func addMonths(day time.Time, n int) time.Time {
	first := time.Date(day.Year(), day.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(day.Day(), last)-1)
}

func startOfDay(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// startOfWeek returns the Sunday on or before a day.
func startOfWeek(day time.Time) time.Time { return day.AddDate(0, 0, -int(day.Weekday())) }

func startOfMonth(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
}

func startOfQuarter(day time.Time) time.Time {
	return time.Date(day.Year(), (day.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
}

func startOfYear(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }

// excerpt quotes a caller's text, shortened for an error message.
func excerpt(text string) string {
	const most = 60
	runes := []rune(text)
	if len(runes) > most {
		return quoted(string(runes[:most]) + "…")
	}
	return quoted(text)
}
