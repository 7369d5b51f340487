package delivery

import (
	"net/url"
	"testing"
	"time"
	"unicode/utf8"
)

func TestRanges(t *testing.T) {
	t.Parallel()
	now := time.Date(2024, 3, 31, 23, 59, 0, 0, time.UTC) // a Sunday
	for _, tc := range []struct {
		text     string
		forward  bool
		from, to string // the last day, inclusive
	}{
		{"today", false, "2024-03-31", "2024-03-31"},
		{"Yesterday", false, "2024-03-30", "2024-03-30"},
		{"tomorrow", true, "2024-04-01", "2024-04-01"},
		{"YTD", false, "2024-01-01", "2024-03-31"},
		{"last-week", false, "2024-03-24", "2024-03-30"},
		{"this-week", true, "2024-03-31", "2024-04-06"},
		{"next-week", true, "2024-04-07", "2024-04-13"},
		{"last-month", false, "2024-02-01", "2024-02-29"},
		{"this-month", true, "2024-03-01", "2024-03-31"},
		{"next-month", true, "2024-04-01", "2024-04-30"},
		{"last-quarter", false, "2023-10-01", "2023-12-31"},
		{"this-quarter", true, "2024-01-01", "2024-03-31"},
		{"next-quarter", true, "2024-04-01", "2024-06-30"},
		{"1d", false, "2024-03-30", "2024-03-31"},
		{"2w", false, "2024-03-17", "2024-03-31"},
		{"1m", false, "2024-02-29", "2024-03-31"}, // there is no 31st of February
		{"1m", true, "2024-03-31", "2024-04-30"},
		{"1q", false, "2023-12-31", "2024-03-31"},
		{"15Y", false, "2009-03-31", "2024-03-31"},
		{"1y", true, "2024-03-31", "2025-03-31"},
		{"Q12024", false, "2024-01-01", "2024-03-31"},
		{"q2-2024", false, "2024-04-01", "2024-06-30"},
		{"Q42023", false, "2023-10-01", "2023-12-31"},
		{"H12020", false, "2020-01-01", "2020-06-30"},
		{"h22020", false, "2020-07-01", "2020-12-31"},
		{"2020", false, "2020-01-01", "2020-12-31"},
	} {
		w, err := parseRange(tc.text, now, tc.forward)
		if err != nil {
			t.Errorf("%s: %v", tc.text, err)
			continue
		}
		from, to := w.from.Format(time.DateOnly), w.to.AddDate(0, 0, -1).Format(time.DateOnly)
		if from != tc.from || to != tc.to {
			t.Errorf("%s: from %s to %s, want from %s to %s", tc.text, from, to, tc.from, tc.to)
		}
	}
	for _, text := range []string{"", "d", "-1d", "1", "99999d", "Q52024", "H32024", "Q1", "next", "0999", "1h"} {
		if w, err := parseRange(text, now, false); err == nil {
			t.Errorf("%q is %v", text, w)
		}
	}
}

// FuzzParse parses any query string: no parameter may crash the service, and
// accepted values are within the limits.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"last=5&sort=asc", "range=3m&calendar=true", "from=2024-02-30",
		"subattribute=a|b,c~d", "updated=1709209799999", "batchSeparator=%F0%9D%84%9E", "callback=a.b",
		"limit=99999999999999999999", "range=9999y",
	} {
		f.Add(text)
	}
	now := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		q, err := Parse(values, now)
		if err != nil {
			if !utf8.ValidString(err.Error()) {
				t.Errorf("the error is not UTF-8: %q", err)
			}
			return
		}
		if q.limit < 1 || q.limit > MaxRows || q.offset < 0 || q.every < 1 || q.separator == "" ||
			len(q.equal) > maxMatches {
			t.Errorf("%q: %+v", text, q)
		}
		if q.window.from != nil && q.window.to != nil && values.Get("range") != "" &&
			!q.window.from.Before(*q.window.to) && values.Get("from") == "" && values.Get("to") == "" {
			t.Errorf("%q: from %v to %v", text, q.window.from, q.window.to)
		}
	})
}
