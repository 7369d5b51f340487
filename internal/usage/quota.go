package usage

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

// sumsFor is how long cached counts of other nodes are used.
const sumsFor = 10 * time.Second

// sums has the stored usage of a token.
type sums struct {
	at, day  time.Time
	flushes  int64
	rows     int64 // of the day
	bytes    int64 // of the day
	requests int64 // of the month
}

// owner is the workspace and token of counts.
type owner struct{ workspace, token string }

// spent is the usage of an owner on its last day and in its month.
type spent struct {
	day         time.Time
	rows, bytes int64 // of the day
	requests    int64 // of the month
}

// add adds counts of a day. Those of an earlier day or month are forgotten.
func (s *spent) add(day time.Time, counted *Counts) {
	if day.After(s.day) {
		if monthOf(day).After(monthOf(s.day)) {
			s.requests = 0
		}
		s.day, s.rows, s.bytes = day, 0, 0
	}
	if day.Equal(s.day) {
		s.rows, s.bytes = s.rows+counted.Rows, s.bytes+counted.Bytes
	}
	if !day.Before(monthOf(s.day)) {
		s.requests += counted.Requests
	}
}

func monthOf(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC) }

// CheckQuota refuses a request of a token that has reached its limit for the day or
// the month. Counts of other nodes are a few seconds old.
func (c *Counter) CheckQuota(ctx context.Context, workspace, token string, limits access.Limits) error {
	if !limits.Quotas() {
		return nil
	}
	now := c.config.Now().UTC()
	used, err := c.used(ctx, workspace, token, now)
	if err != nil {
		return err
	}
	today := dayOf(now)
	tomorrow := today.AddDate(0, 0, 1)
	next := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	switch {
	case limits.RowsPerDay > 0 && used.rows >= limits.RowsPerDay:
		return overQuota("rows a day", limits.RowsPerDay, now, tomorrow)
	case limits.BytesPerDay > 0 && used.bytes >= limits.BytesPerDay:
		return overQuota("bytes a day", limits.BytesPerDay, now, tomorrow)
	case limits.RequestsPerMonth > 0 && used.requests >= limits.RequestsPerMonth:
		return overQuota("requests a month", limits.RequestsPerMonth, now, next)
	}
	return nil
}

func overQuota(what string, limit int64, now, until time.Time) error {
	return problem.New(problem.RateLimited, "The token has used its %d %s.", limit, what).WithReason("quota").
		WithRetry(until.Sub(now)).
		WithHint("Wait until %s, or raise the token's limits.", until.Format(time.RFC3339))
}

// used returns the usage of a token: the stored counts and the pending ones.
func (c *Counter) used(ctx context.Context, workspace, token string, now time.Time) (sums, error) {
	today, month := dayOf(now), monthOf(now)
	c.mu.Lock()
	stored, ok := c.sums[token]
	flushes := c.flushes
	c.mu.Unlock()
	if !ok || stored.flushes != flushes || !stored.day.Equal(today) || now.Sub(stored.at) >= sumsFor {
		found, err := c.config.Store.Usage(ctx, &Search{
			Workspace: workspace, From: month, To: today, Token: token, By: []By{ByDay}, Limit: MaxLines,
		})
		if err != nil {
			return sums{}, err
		}
		stored = sums{at: now, day: today, flushes: flushes}
		for i := range found {
			stored.requests += found[i].Requests
			if found[i].Day.Equal(today) {
				stored.rows, stored.bytes = stored.rows+found[i].Rows, stored.bytes+found[i].Bytes
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.sums) >= maxWaiting {
		clear(c.sums)
	}
	c.sums[token] = stored
	waiting := c.pending[owner{workspace, token}]
	if !waiting.day.Before(month) {
		stored.requests += waiting.requests
	}
	if waiting.day.Equal(today) {
		stored.rows, stored.bytes = stored.rows+waiting.rows, stored.bytes+waiting.bytes
	}
	return stored, nil
}
