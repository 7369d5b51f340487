package usage

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

// The limits of reports.
const (
	defaultDays = 30
	MaxLines    = 10_000
)

// By lists the groups of a report.
type By string

// The members that reports group by.
const (
	ByDay     By = "day"
	ByToken   By = "token"
	ByDataset By = "dataset"
	ByKind    By = "kind"
)

var groups = []By{ByDay, ByToken, ByDataset, ByKind}

// Search selects counts and how to sum them.
type Search struct {
	Workspace string
	From, To  time.Time // days, both inclusive; zero: the last 30 days, until today
	Token     string    // ID or name, or Console; empty: any
	Dataset   string    // ID or name, also of one that was deleted; empty: any
	By        []By      // empty: day
	Limit     int       // set by the service
}

// Line is a line of a report. Members that it isn't grouped by are empty.
type Line struct {
	Day         string `json:"day,omitempty"          doc:"A day in UTC."`
	Token       string `json:"token,omitempty"        doc:"The token's ID, or console for members."`
	TokenName   string `json:"token_name,omitempty"`
	Dataset     string `json:"dataset,omitempty"      doc:"The ID of a dataset or view; absent when none was reached, and for SQL."`
	DatasetName string `json:"dataset_name,omitempty"`
	Kind        Kind   `json:"kind,omitempty"         doc:"read, write, delete, query or live."`
	Counts
	P50 float64 `json:"p50_ms"                 doc:"Half of the requests took at most so long."`
	P95 float64 `json:"p95_ms"                 doc:"95 of 100 requests took at most so long, within a fifth."`
}

// Service reports usage. It is safe for concurrent use.
type Service struct {
	checker access.Checker
	counter *Counter
	store   Store
	now     func() time.Time
}

// New returns the service. It reports what the counter counted until now, and what
// other nodes have stored.
func New(checker access.Checker, counter *Counter) *Service {
	return &Service{checker, counter, counter.config.Store, counter.config.Now}
}

// Report sums counts.
func (s *Service) Report(ctx context.Context, actor access.Actor, search Search) ([]Line, error) {
	err := s.checker.Check(ctx, actor, access.UsageRead, access.Resource{Workspace: search.Workspace, Kind: "usage"})
	if err == nil {
		err = search.check(s.now())
	}
	if err != nil {
		return nil, err
	}
	s.counter.Flush(ctx)
	names, err := s.store.UsageNames(ctx, search.Workspace)
	if err != nil {
		return nil, err
	}
	if err := search.identify(names); err != nil {
		return nil, err
	}
	found, err := s.store.Usage(ctx, &search)
	if err != nil {
		return nil, err
	}
	if len(found) > MaxLines {
		return nil, problem.New(problem.Invalid, "The report has more than %d lines.", MaxLines).WithReason("too_many").
			WithHint("Ask for fewer days, one token or dataset, or less in by.")
	}
	lines := make([]Line, len(found))
	for i := range found {
		m := &found[i]
		lines[i] = Line{
			Token: m.Token, TokenName: names[m.Token], Dataset: m.Dataset, DatasetName: names[m.Dataset], Kind: m.Kind,
			Counts: m.Counts, P50: percentile(m.Took, 50), P95: percentile(m.Took, 95),
		}
		if !m.Day.IsZero() {
			lines[i].Day = m.Day.Format(time.DateOnly)
		}
	}
	return lines, nil
}

// identify replaces the names of the token and the dataset with IDs.
func (q *Search) identify(names map[string]string) error {
	if q.Token != Console {
		if err := identify(&q.Token, "token", "tok_", names); err != nil {
			return err
		}
	}
	return identify(&q.Dataset, "dataset", "ds_", names)
}

// identify replaces a name with the ID that it belongs to. IDs of deleted things have
// no name any more.
func identify(nameOrID *string, kind, prefix string, names map[string]string) error {
	if *nameOrID == "" || names[*nameOrID] != "" || strings.HasPrefix(*nameOrID, prefix) {
		return nil
	}
	var found []string
	for id, name := range names {
		if strings.EqualFold(name, *nameOrID) && strings.HasPrefix(id, "tok_") == (kind == "token") {
			found = append(found, id)
		}
	}
	switch {
	case len(found) == 1:
		*nameOrID = found[0]
		return nil
	case kind == "dataset" && strings.HasPrefix(*nameOrID, "view_"):
		return nil
	}
	e := problem.New(problem.Invalid, "There is no %s %.60q.", kind, *nameOrID)
	if len(found) > 1 {
		e = problem.New(problem.Invalid, "%d %ss have the name %.60q.", len(found), kind, *nameOrID)
	}
	return e.WithPlace(problem.Place{Parameter: kind}).WithHint("Use its ID.").
		WithFindings(problem.Finding{Path: kind, Message: "must be the name or ID of one " + kind})
}

func (q *Search) check(now time.Time) error {
	if q.To.IsZero() {
		q.To = now.UTC().Truncate(24 * time.Hour)
	}
	if q.From.IsZero() {
		q.From = q.To.AddDate(0, 0, 1-defaultDays)
	}
	if q.To.Before(q.From) {
		return problem.New(problem.Invalid, "The report ends before it begins.").
			WithFindings(problem.Finding{Path: "to", Message: "must not be before from"})
	}
	if len(q.By) == 0 {
		q.By = []By{ByDay}
	}
	for _, by := range q.By {
		if !slices.Contains(groups, by) {
			return problem.New(problem.Invalid, "A report isn't grouped by %.40q.", string(by)).
				WithHint("Use day, token, dataset and kind, separated by commas.").
				WithFindings(problem.Finding{Path: "by", Message: "must be of day, token, dataset, kind"})
		}
	}
	q.By = slices.DeleteFunc(slices.Clone(groups), func(by By) bool { return !slices.Contains(q.By, by) })
	q.Limit = MaxLines + 1
	return nil
}

// percentile returns an upper bound of the duration of this percentage of requests.
func percentile(took map[int]int64, percent int64) float64 {
	var all, seen int64
	for _, n := range took {
		all += n
	}
	for _, bucket := range slices.Sorted(maps.Keys(took)) {
		if seen += took[bucket]; seen*100 >= all*percent {
			return float64(int64(boundOf(bucket)*100+0.5)) / 100
		}
	}
	return 0
}
