package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// A queryId is a cursor that the service keeps: the first request reads normally,
// later ones read only the rows that were loaded since. The service stores a span
// of row numbers and, if limit cut off the span, the position of the last row
// sent.

// PollTime is how long an unused queryId is kept.
const PollTime = 24 * time.Hour

// PollKey identifies a queryId.
type PollKey struct {
	Token, Name, Dataset string
	Path                 string // hash of the keys and subkeys
}

// Polls stores how far tokens have read; *store.Store implements it.
type Polls interface {
	// Poll returns the value that SavePoll saved since a time, or "".
	Poll(ctx context.Context, key PollKey, since time.Time) (string, error)
	SavePoll(ctx context.Context, key PollKey, state string, now time.Time) error
}

// progress is the position of a queryId. Rows before From were sent.
type progress struct {
	From     int64  `json:"from"`
	To       int64  `json:"to,omitempty"`       // with Position: the end of the span
	Position []byte `json:"position,omitempty"` // of the last row that was sent
	Order    string `json:"order,omitempty"`    // that the position belongs to
}

// poll is a read with a queryId.
type poll struct {
	key    PollKey
	begun  bool        // there were earlier requests
	state  progress    // before the read
	span   engine.Span // that is read
	search bool        // rows are found by position
	limit  int         // of a search; 0: none
	next   *progress   // after the read; nil until it is written completely
	cut    *progress   // after the read, if limit left out rows
}

// pollName parses the parameter queryId.
func (p *parser) pollName() string {
	text, ok := p.values.of("queryid")
	if !ok {
		return ""
	}
	valid := len(text) >= 1 && len(text) <= 3
	for _, r := range text {
		valid = valid && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}
	if !valid {
		p.invalid("queryId", "The parameter queryId is %s; it must be 1 to 3 letters or digits.", excerpt(text))
	}
	return text
}

// preparePoll determines how far the token has read, and the remaining rows.
func (a *Answer) preparePoll(ctx context.Context) error {
	s, q, p := a.service, &a.query, a.plans[0]
	if s.config.Polls == nil {
		return problem.New(problem.Invalid, "The parameter queryId isn't supported here.").WithReason(invalidValue)
	}
	if p.dataset.View != nil {
		return problem.New(
			problem.Conflict,
			"%s is a view: queryId needs a dataset with rows of its own.",
			p.dataset.Name,
		).WithReason("view").WithHint("Read one of the datasets that the view reads, or remove queryId.")
	}
	path := sha256.Sum256(fmt.Appendf(nil, "%q %q", a.target.Keys, a.target.Subkeys))
	a.poll = &poll{key: PollKey{
		Token: a.tokenID, Name: q.pollName, Dataset: p.dataset.ID, Path: hex.EncodeToString(path[:16]),
	}}
	text, err := s.config.Polls.Poll(ctx, a.poll.key, s.config.Now().Add(-PollTime))
	if err != nil {
		return err
	}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &a.poll.state); err != nil {
			return fmt.Errorf("reading the state of a queryId: %w", err)
		}
		a.poll.begun = true
	}
	next := p.view.NextNumber()
	if a.poll.state.From > next { // the rows were loaded again from the start
		a.poll.state = progress{}
	}
	a.poll.span = engine.Span{From: a.poll.state.From, To: next}
	if a.poll.state.Position != nil {
		a.poll.span.To = a.poll.state.To
	}
	a.poll.next = &progress{From: a.poll.span.To}
	p.selection.Numbers = a.poll.span // without rows the span has an open end, and there is nothing to read
	return nil
}

// choosePoll decides how the rows of the platform's form are read: normally if
// all of them fit, else by position.
func (a *Answer) choosePoll(ctx context.Context) error {
	q, p := &a.query, a.plans[0]
	first := !a.poll.begun
	switch {
	case q.modern, q.Schema, q.takes:
		return nil
	case first && q.most == 0 && q.window == window{}:
		return nil // the newest row; later requests get new ones
	}
	limit := MaxRows
	if q.most > 0 {
		limit = min(q.most, MaxRows)
	}
	if a.poll.state.Position == nil {
		search := &engine.Search{Selection: p.selection}
		search.Keys, search.Subkeys = a.lists()
		n, err := p.view.Count(ctx, search)
		if err != nil {
			return err
		}
		if n <= int64(limit) {
			p.selection.Limit = limit
			return nil
		}
	}
	q.modern, a.poll.search, a.poll.limit = true, true, limit*len(a.pairs)
	a.stream = q.Format != JSON
	return nil
}

// pollSearch changes the search of a read with a queryId, so that it continues where
// the last one ended.
func (a *Answer) pollSearch() {
	q, p, search := &a.query, a.plans[0], a.search
	if q.taken {
		return
	}
	if a.poll.search {
		if p.selection.DateColumn != "" {
			search.By = []engine.Sort{{
				Column: p.selection.DateColumn, Descending: q.order == engine.Descending,
			}}
		}
	} else if a.poll.limit = q.most; a.poll.limit == 0 && q.Format == JSON {
		a.poll.limit = PageRows
	}
	search.Positions = true
	search.Limit = 0
	if a.poll.limit > 0 {
		search.Limit = a.poll.limit + 1
	}
	if a.poll.state.Position != nil && a.poll.state.Order == a.pollOrder() {
		search.After = a.poll.state.Position
	}
}

func (a *Answer) pollOrder() string {
	d := a.orderDigest()
	return hex.EncodeToString(d[:])
}

// cutPoll records that rows after a position were left out.
func (a *Answer) cutPoll(position []byte) {
	a.poll.cut = &progress{
		From: a.poll.state.From, To: a.poll.span.To, Position: position, Order: a.pollOrder(),
	}
}

// Polls reports whether the answer advances a queryId.
func (a *Answer) Polls() bool { return a.poll != nil }

// Advance saves that an answer with a queryId was written completely. It has no
// effect on other answers.
func (a *Answer) Advance(ctx context.Context) error {
	if a.poll == nil || a.query.Schema || a.failed != nil {
		return nil
	}
	state := a.poll.next
	if a.poll.cut != nil {
		state = a.poll.cut
	}
	text, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("writing the state of a queryId: %w", err)
	}
	return a.service.config.Polls.SavePoll(ctx, a.poll.key, string(text), a.service.config.Now())
}
