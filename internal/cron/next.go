package cron

import "time"

// horizon limits how far ahead Next searches for a fire time, in years. The
// 29th of February comes at least every eight years.
const horizon = 9

// Next returns the first fire time after a moment, in UTC; or zero if there
// is none within nine years.
func (e *Expression) Next(after time.Time) time.Time {
	if e.wildcard {
		return e.nextMinute(after)
	}
	return e.nextLocal(after)
}

// nextMinute returns the next moment whose local time matches. It searches one
// period of constant UTC offset after another.
func (e *Expression) nextMinute(after time.Time) time.Time {
	end := after.AddDate(horizon, 0, 0)
	for from, stretch := after, after; stretch.Before(end); {
		offset := offsetAt(stretch, e.zone)
		local := e.match(from.Add(offset), end.Add(day))
		if local.IsZero() {
			return time.Time{}
		}
		_, change := stretch.In(e.zone).ZoneBounds()
		if found := local.Add(-offset); change.IsZero() || found.Before(change) {
			return found
		}
		from, stretch = change.Add(-time.Nanosecond), change // the minute of the change counts
	}
	return time.Time{}
}

// nextLocal returns the next moment whose local time matches.
func (e *Expression) nextLocal(after time.Time) time.Time {
	end := after.AddDate(horizon, 0, 0)
	var found time.Time
	for local := e.before(after); ; {
		if local = e.match(local, end.Add(day)); local.IsZero() {
			return found
		}
		at, skipped := e.moment(local)
		if at.After(after) && (found.IsZero() || at.Before(found)) {
			found = at
		}
		// A time that the clock skips is later than some local times after it.
		if !found.IsZero() && !skipped {
			return found
		}
	}
}

const day = 24 * time.Hour

// before returns the local time at which the search starts: that of a moment or,
// if the clock changed within the last day, that of a day earlier, because a
// skipped time may still be due.
func (e *Expression) before(at time.Time) time.Time {
	offset := offsetAt(at, e.zone)
	if earlier := offsetAt(at.Add(-day), e.zone); earlier != offset {
		return at.Add(min(earlier, offset) - day)
	}
	return at.Add(offset)
}

// moment returns the moment that a local time stands for: the first of two, and
// for one that the clock skips that with the offset before the change.
func (e *Expression) moment(local time.Time) (at time.Time, skipped bool) {
	near := local.Add(-offsetAt(local, e.zone))
	start, end := near.In(e.zone).ZoneBounds()
	for _, change := range []time.Time{start, end} {
		if change.IsZero() {
			continue
		}
		earlier := local.Add(-offsetAt(change.Add(-time.Nanosecond), e.zone))
		later := local.Add(-offsetAt(change, e.zone))
		switch {
		case !earlier.Before(change) && later.Before(change): // the clock skips it
			return earlier, true
		case earlier.Before(change) && !later.Before(change): // it comes twice
			return earlier, false
		}
	}
	return local.Add(-offsetAt(near, e.zone)), false
}

// match returns the first local time after one that matches the fields, and isn't
// after end; or zero if there is none. Local times are represented as UTC.
func (e *Expression) match(after, end time.Time) time.Time {
	for from := after.UTC(); from.Before(end); from = from.AddDate(4, 0, 0) {
		// Package cron gives up after five years.
		if next := e.fields.Next(from); !next.IsZero() {
			if next.After(end) {
				return time.Time{}
			}
			return next
		}
	}
	return time.Time{}
}

func offsetAt(at time.Time, zone *time.Location) time.Duration {
	_, seconds := at.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}
