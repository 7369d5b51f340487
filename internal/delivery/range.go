package delivery

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// named has the named windows.
var named = map[string]func(today time.Time) window{
	"today":     func(d time.Time) window { return days(d, d.AddDate(0, 0, 1)) },
	"yesterday": func(d time.Time) window { return days(d.AddDate(0, 0, -1), d) },
	"tomorrow":  func(d time.Time) window { return days(d.AddDate(0, 0, 1), d.AddDate(0, 0, 2)) },
	"ytd":       func(d time.Time) window { return days(startOfYear(d.Year()), d.AddDate(0, 0, 1)) },

	"last-week": func(d time.Time) window { w := startOfWeek(d); return days(w.AddDate(0, 0, -7), w) },
	"this-week": func(d time.Time) window { w := startOfWeek(d); return days(w, w.AddDate(0, 0, 7)) },
	"next-week": func(d time.Time) window { w := startOfWeek(d); return days(w.AddDate(0, 0, 7), w.AddDate(0, 0, 14)) },

	"last-month": func(d time.Time) window { m := startOfMonth(d); return days(m.AddDate(0, -1, 0), m) },
	"this-month": func(d time.Time) window { m := startOfMonth(d); return days(m, m.AddDate(0, 1, 0)) },
	"next-month": func(d time.Time) window {
		m := startOfMonth(d)
		return days(m.AddDate(0, 1, 0),
			m.AddDate(0, 2, 0))
	},

	"last-quarter": func(d time.Time) window { q := startOfQuarter(d); return days(q.AddDate(0, -3, 0), q) },
	"this-quarter": func(d time.Time) window { q := startOfQuarter(d); return days(q, q.AddDate(0, 3, 0)) },
	"next-quarter": func(d time.Time) window {
		q := startOfQuarter(d)
		return days(q.AddDate(0, 3, 0),
			q.AddDate(0, 6, 0))
	},
}

var (
	spanForm = regexp.MustCompile(`^([0-9]{1,4})([dwmqy])$`)
	yearForm = regexp.MustCompile(`^(?:([qh])([1-4])-?)?([1-9][0-9]{3})$`)
)

// parseRange parses a named window, ignoring case. Days are in UTC, and weeks
// begin on Sunday. <n>d|w|m|q|y goes back from today or, with forward, ahead,
// including today.
func parseRange(text string, now time.Time, forward bool) (window, error) {
	name, today := strings.ToLower(text), startOfDay(now)
	if w, ok := named[name]; ok {
		return w(today), nil
	}
	if m := spanForm.FindStringSubmatch(name); m != nil {
		n, _ := strconv.Atoi(m[1]) // at most four digits
		if !forward {
			n = -n
		}
		other := step(today, n, m[2])
		if forward {
			return days(today, other.AddDate(0, 0, 1)), nil
		}
		return days(other, today.AddDate(0, 0, 1)), nil
	}
	if m := yearForm.FindStringSubmatch(name); m != nil && (m[1] != "h" || m[2] <= "2") {
		return fixed(m[1], m[2], m[3]), nil
	}
	return window{}, problem.New(problem.Invalid, "There is no range %s.", excerpt(text)).
		WithHint("Use today, yesterday, ytd, last-week, last-month, last-quarter, a number and d, w, m, q or y " +
			"such as 3m, Q12024, H12024, 2024; with calendar=true also tomorrow, this-… and next-….")
}

// step returns the day that is n units from a day.
func step(day time.Time, n int, unit string) time.Time {
	switch unit {
	case "d":
		return day.AddDate(0, 0, n)
	case "w":
		return day.AddDate(0, 0, 7*n)
	case "m":
		return addMonths(day, n)
	case "q":
		return addMonths(day, 3*n)
	default:
		return addMonths(day, 12*n)
	}
}

// fixed returns the window of a quarter, a half or a whole year.
func fixed(part, number, year string) window {
	y, _ := strconv.Atoi(year) // four digits
	n, _ := strconv.Atoi(number)
	months := map[string]int{"": 12, "h": 6, "q": 3}[part]
	from := startOfYear(y).AddDate(0, months*max(n-1, 0), 0)
	return days(from, from.AddDate(0, months, 0))
}
