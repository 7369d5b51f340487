package view

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/load"
)

// Bars is a chart of stacked bars, one per day. The server draws it; the table
// below it has the same numbers.
type Bars struct {
	ID, Caption string
	Days        []time.Time
	Series      []Series // the first is at the bottom
}

// Series is the values of one name by day.
type Series struct {
	Name   string
	Tone   string // names the colour: "1" to "6", "other", "loaded", "part", "failed", "cancelled"
	Path   string // of the page with what it counts; empty: none
	Values []int64
}

// The size of a chart, in units of its drawing.
const (
	chartWidth  = 600.0
	chartHeight = 160.0
	barShare    = 0.72 // of a day's width
)

// Most is the greatest sum of a day, rounded up to a number that reads well.
func (b *Bars) Most() int64 {
	var most int64 = 1
	for day := range b.Days {
		most = max(most, b.sum(day))
	}
	return roundUp(most)
}

func roundUp(n int64) int64 {
	unit := int64(math.Pow10(len(fmt.Sprint(n)) - 1))
	for _, step := range []int64{1, 2, 5, 10} {
		if n <= step*unit {
			return step * unit
		}
	}
	return n
}

func (b *Bars) sum(day int) (sum int64) {
	for _, s := range b.Series {
		sum += s.Values[day]
	}
	return sum
}

// Total is the sum of everything.
func (b *Bars) Total() (sum int64) {
	for day := range b.Days {
		sum += b.sum(day)
	}
	return sum
}

// TotalOf returns the sum of a series.
func (s Series) TotalOf() (sum int64) {
	for _, v := range s.Values {
		sum += v
	}
	return sum
}

// First is the label below the first day.
func (b *Bars) First() string { return dayLabel(b.Days[0]) }

// Middle is the label below the chart's middle.
func (b *Bars) Middle() string { return dayLabel(b.Days[len(b.Days)/2]) }

// Last is the label below the last day.
func (b *Bars) Last() string { return dayLabel(b.Days[len(b.Days)-1]) }

func dayLabel(day time.Time) string { return day.Format("2 Jan") }

// SVG returns the chart as SVG. Sizes are attributes, because the
// Content-Security-Policy doesn't allow inline styles.
func (b *Bars) SVG() template.HTML {
	var out strings.Builder
	fmt.Fprintf(&out, `<svg viewBox="0 0 %g %g" preserveAspectRatio="none" role="img" aria-label="%s">`, chartWidth,
		chartHeight, template.HTMLEscapeString(b.Summary()))
	fmt.Fprintf(&out, `<defs><pattern id="%s-hatch" width="5" height="5" patternUnits="userSpaceOnUse" `+
		`patternTransform="rotate(45)"><rect class="tone-failed" width="3" height="5"/></pattern></defs>`, b.ID)
	for line := range 3 {
		y := chartHeight * float64(line) / 2
		fmt.Fprintf(&out, `<path class="chart-line" d="M0 %g H%g"/>`, min(max(y, 0.5), chartHeight-0.5), chartWidth)
	}
	step, most := chartWidth/float64(len(b.Days)), float64(b.Most())
	for day := range b.Days {
		top := chartHeight
		for _, s := range b.Series {
			if s.Values[day] == 0 {
				continue
			}
			height := max(chartHeight*float64(s.Values[day])/most, 2)
			top -= height
			out.WriteString(b.bar(day, &s, step, top, height))
		}
	}
	out.WriteString(`</svg>`)
	return template.HTML(out.String()) //nolint:gosec // numbers, fixed words and escaped texts
}

func (b *Bars) bar(day int, s *Series, step, top, height float64) string {
	look := `class="tone-` + s.Tone + `"`
	if s.Tone == "failed" { // not by colour alone
		look = `class="chart-hatched" fill="url(#` + b.ID + `-hatch)"`
	}
	return fmt.Sprintf(`<rect %s x="%.2f" y="%.2f" width="%.2f" height="%.2f"><title>%s</title></rect>`,
		look, float64(day)*step+step*(1-barShare)/2, max(top, 0), step*barShare, height,
		template.HTMLEscapeString(fmt.Sprintf("%s: %s %s", dayLabel(b.Days[day]), s.Name, page.Count(s.Values[day]))))
}

// Summary is the chart in a sentence.
func (b *Bars) Summary() string {
	parts := make([]string, 0, len(b.Series))
	for _, s := range b.Series {
		parts = append(parts, s.Name+" "+page.Count(s.TotalOf()))
	}
	return b.Caption + ", " + b.First() + " to " + b.Last() + ": " + strings.Join(parts, ", ")
}

// Rows of the table: the days that have something, newest first.
func (b *Bars) Rows() []int {
	var days []int
	for day := len(b.Days) - 1; day >= 0; day-- {
		if b.sum(day) > 0 {
			days = append(days, day)
		}
	}
	return days
}

// DayOf returns a day of the table.
func (b *Bars) DayOf(day int) string { return b.Days[day].Format(time.DateOnly) }

// At returns a value of the table.
func (s Series) At(day int) int64 { return s.Values[day] }

// History has what loads have loaded, by day.
type History struct {
	Days  []time.Time
	loads []load.Load
}

// HistoryOf sorts loads into the days, UTC, that end with today.
func HistoryOf(loads []load.Load, days int, now time.Time) History {
	today := now.UTC().Truncate(24 * time.Hour)
	h := History{loads: loads}
	for n := days - 1; n >= 0; n-- {
		h.Days = append(h.Days, today.AddDate(0, 0, -n))
	}
	return h
}

// dayOf returns the index of a load's day, or -1 if it is before the first.
func (h *History) dayOf(l *load.Load) int {
	at := l.EndedAt
	if at.IsZero() {
		at = l.CreatedAt
	}
	return slices.IndexFunc(h.Days, func(day time.Time) bool {
		return !at.Before(day) && at.Before(day.AddDate(0, 0, 1))
	})
}

// largest is the number of datasets with their own series.
const largest = 5

// Rows returns the chart of rows by dataset: the five with the most rows, and the
// others together.
func (h *History) Rows(id string) *Bars {
	by := map[string]*Series{}
	for n := range h.loads {
		l := &h.loads[n]
		day := h.dayOf(l)
		if day < 0 || l.State != load.Loaded || l.Progress.Rows == 0 {
			continue
		}
		s := by[l.Dataset]
		if s == nil {
			s = &Series{Name: l.Dataset, Values: make([]int64, len(h.Days))}
			if l.DatasetID != "" {
				s.Path = "/datasets/" + l.DatasetID + "/loads"
			}
			by[l.Dataset] = s
		}
		s.Values[day] += l.Progress.Rows
	}
	all := make([]Series, 0, len(by))
	for _, s := range by {
		all = append(all, *s)
	}
	slices.SortFunc(all, func(a, b Series) int {
		return cmp.Or(cmp.Compare(b.TotalOf(), a.TotalOf()), cmp.Compare(a.Name, b.Name))
	})
	b := &Bars{ID: id, Caption: "Rows loaded a day", Days: h.Days}
	for n, s := range all {
		if n < largest {
			s.Tone = fmt.Sprint(n + 1)
			b.Series = append(b.Series, s)
			continue
		}
		if n == largest {
			b.Series = append(b.Series, Series{Name: "Other", Tone: "other", Values: make([]int64, len(h.Days))})
		}
		for day, value := range s.Values {
			b.Series[largest].Values[day] += value
		}
	}
	return b
}

// Outcomes returns the chart of loads by outcome.
func (h *History) Outcomes(id string) *Bars {
	b := &Bars{ID: id, Caption: "Loads a day, by outcome", Days: h.Days}
	for _, s := range []Series{
		{Name: "Loaded", Tone: "loaded"},
		{Name: "Loaded in part", Tone: "part"},
		{Name: "Failed", Tone: "failed"},
		{Name: "Cancelled", Tone: "cancelled"},
	} {
		s.Values, s.Path = make([]int64, len(h.Days)), "/loads"
		b.Series = append(b.Series, s)
	}
	for n := range h.loads {
		l := &h.loads[n]
		day := h.dayOf(l)
		if at := outcomeOf(l); day >= 0 && at >= 0 {
			b.Series[at].Values[day]++
		}
	}
	b.Series = slices.DeleteFunc(b.Series, func(s Series) bool { return s.TotalOf() == 0 })
	return b
}

func outcomeOf(l *load.Load) int {
	switch {
	case l.State == load.Failed:
		return 2
	case l.State == load.Cancelled:
		return 3
	case l.State != load.Loaded:
		return -1
	case l.Outcome == load.Partial || len(l.Problems) > 0:
		return 1
	default:
		return 0
	}
}
