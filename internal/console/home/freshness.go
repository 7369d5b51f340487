package home

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/schedule"
)

// freshness compares the age of a dataset's rows with the expected interval
// of changes.
type freshness struct {
	Name, Path string
	Updated    time.Time
	Age        time.Duration
	Expected   time.Duration // 0: not loaded on a schedule
}

// Chip is the state of the dataset.
func (f freshness) Chip() page.Chip {
	switch {
	case f.Updated.IsZero():
		return page.Chip{Tone: "", Icon: "circle-dashed", Label: "Empty"}
	case f.Expected == 0:
		return page.Chip{Tone: "", Icon: "user-round", Label: "Manual"}
	case f.Age <= f.Expected:
		return page.Chip{Tone: "good", Icon: "circle-check", Label: "Fresh"}
	case f.Age <= 2*f.Expected:
		return page.Chip{Tone: "warn", Icon: "hourglass", Label: "Late"}
	default:
		return page.Chip{Tone: "bad", Icon: "circle-x", Label: "Stale"}
	}
}

// The ends of the scale, which is logarithmic.
const (
	scaleBegin = time.Minute
	scaleEnd   = 30 * 24 * time.Hour
)

// at returns the position of a duration on a scale of 100.
func at(d time.Duration) float64 {
	share := math.Log(float64(max(d, scaleBegin))/float64(scaleBegin)) / math.Log(float64(scaleEnd)/float64(scaleBegin))
	return math.Round(min(share, 1)*96 + 2)
}

// Dot returns the position of the age.
func (f freshness) Dot() float64 { return at(f.Age) }

// Tick returns the position of the expected interval.
func (f freshness) Tick() float64 { return at(f.Expected) }

// interval returns the interval of a schedule's loads, or 0 if it doesn't run
// by itself.
func interval(s *schedule.Shown) time.Duration {
	switch {
	case s.Paused:
		return 0
	case s.Every > 0:
		return s.Every
	case len(s.NextRuns) > 1:
		return s.NextRuns[1].Sub(s.NextRuns[0])
	default:
		return 0
	}
}

// upcoming is a schedule that runs next.
type upcoming struct {
	Name, Path, Dataset, Run string
	At                       time.Time
}

// upcomingOf returns the schedules that run next, the soonest first.
func upcomingOf(all []schedule.Shown) []upcoming {
	var found []upcoming
	for n := range all {
		if s := &all[n]; !s.Paused && !s.NextAt.IsZero() {
			path := "/schedules/" + s.ID
			found = append(
				found,
				upcoming{Name: s.Name, Path: path, Dataset: s.Dataset, Run: path + "/runs", At: s.NextAt},
			)
		}
	}
	slices.SortFunc(found, func(a, b upcoming) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Name, b.Name)) })
	return found[:min(len(found), mostUpcoming)]
}

const mostUpcoming = 5
