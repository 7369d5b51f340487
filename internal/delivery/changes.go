package delivery

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/usage"
)

// The limits of followed changes.
const (
	ChangesTime    = 24 * time.Hour // lifetime of a cursor of changes
	maxChanged     = 10_000         // rows between two looks; more cause a reset
	maxBreaks      = 100            // deletions between two looks; more cause a reset
	eventRows      = 500
	eventBytes     = 256 << 10
	lookBytes      = 4 << 20 // of rows per look; the next look continues
	maxNoted       = 1000    // deleted rows whose keys are sent to followers
	maxNoteBytes   = 256 << 10
	followedCursor = "changes"
)

// Breaks lists commits that did more than add and replace rows; *store.Store
// implements it.
type Breaks interface {
	// Breaks returns up to limit of these commits after a version, oldest first.
	Breaks(ctx context.Context, datasetID string, after int64, limit int) ([]Break, error)
}

// ChangeEvent is a change of a dataset.
type ChangeEvent struct {
	Name   string          // ready, rows, delete, reset or end
	Data   json.RawMessage // an object
	Cursor string          // continues after the event
}

// Names of events.
const (
	EventReady  = "ready"
	EventRows   = "rows"
	EventDelete = "delete"
	EventReset  = "reset"
	EventEnd    = "end"
)

// Following is a request to follow a dataset.
type Following struct {
	Dataset string
	Values  url.Values // conditions, select and numbers
	Cursor  string     // of an earlier event; empty: from now on
}

// Follower follows the changes of a dataset. Use it from one goroutine. The caller
// closes it.
type Follower struct {
	service   *Service
	workspace string
	query     Query
	read      access.Read
	note      *usage.Note
	token     digest
	dataset   dataset.Dataset
	at        followed
	ready     bool // the first event was sent
	reset     string
	rows      int64
	noted     int64 // of rows
	bytes     int64
}

// followed is the progress of a follower: it has sent all rows before From, and
// all deletions up to Version.
type followed struct {
	Kind     string    `json:"k"`
	At       time.Time `json:"t"`
	Token    []byte    `json:"u"`
	Dataset  []byte    `json:"d"`
	Query    []byte    `json:"q"`
	Version  int64     `json:"v"`
	From     int64     `json:"f"`
	To       int64     `json:"e,omitempty"` // with Position: the end of the rows that are being sent
	Position []byte    `json:"p,omitempty"`
}

// followable has the parameters that select the changes to follow.
var followable = []string{"select", "numbers", "and", "or", "not.and", "not.or"}

// Follow begins to follow a dataset that the actor may read.
func (s *Service) Follow(ctx context.Context, actor access.Actor, workspace string, request Following) (
	*Follower, error,
) {
	query, err := s.parseFollowing(request.Values)
	if err != nil {
		return nil, err
	}
	found, read, err := s.find(ctx, actor, access.DataRead, workspace, request.Dataset)
	if err != nil {
		return nil, err
	}
	f := &Follower{
		service: s, workspace: workspace, query: query, read: read, note: usage.Of(ctx),
		token: digestOf(tokenOf(&actor)), dataset: found,
	}
	if err := f.begin(ctx, request.Cursor); err != nil {
		f.Close()
		return nil, err
	}
	return f, read.Wait()
}

func (s *Service) parseFollowing(values url.Values) (Query, error) {
	for name := range values {
		if folded := strings.ToLower(name); isListed(folded) && !slices.Contains(followable, folded) {
			return Query{}, problem.New(problem.Invalid, "The parameter %s can't be used to follow changes.", name).
				WithReason(unknownParameter).WithPlace(problem.Place{Parameter: name}).
				WithHint("Use cursor, wait, select, numbers, and conditions such as column=eq.value.")
		}
	}
	query, err := Parse(values, s.config.Now())
	if err == nil && query.selected != nil && query.selected.Aggregates {
		err = problem.New(problem.Invalid, "Totals can't be followed.").WithReason(conflicting).
			WithPlace(problem.Place{Parameter: "select"}).WithHint("Select columns.")
	}
	return query, err
}

func (f *Follower) begin(ctx context.Context, cursor string) error {
	s := f.service
	if s.config.Cursors == nil || s.config.Breaks == nil {
		return problem.New(problem.Unavailable, "Changes aren't available here.")
	}
	if f.dataset.View != nil {
		return problem.New(problem.Conflict, "%s is a view, whose changes can't be followed.", f.dataset.Name).
			WithReason("view").WithHint("Follow one of the datasets that the view reads.")
	}
	if _, err := f.query.planFor(f.dataset); err != nil {
		return err
	}
	if cursor != "" {
		return f.resume(ctx, cursor)
	}
	v, err := s.config.Rows.Open(ctx, f.dataset.ID)
	if err != nil {
		return err
	}
	defer v.Close()
	f.at = followed{Version: v.Version(), From: v.NextNumber()}
	return nil
}

func (f *Follower) resume(ctx context.Context, cursor string) error {
	invalid := problem.New(problem.Invalid, "The cursor doesn't belong to these changes.").WithReason("invalid_cursor").
		WithPlace(problem.Place{Parameter: "cursor"}).
		WithHint("Send the id of the last event, with the same token, conditions and select. Without a cursor, " +
			"changes begin now.")
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(cursor) > maxCursor {
		return invalid
	}
	plain, err := f.service.config.Cursors.Open(ctx, sealed)
	if problem.Is(err, problem.Invalid) {
		return invalid
	}
	if err != nil {
		return err
	}
	var then followed
	if json.Unmarshal(plain, &then) != nil || then.Kind != followedCursor {
		return invalid
	}
	query, datasetID := f.queryDigest(), digestOf(f.dataset.ID)
	if string(then.Token) != string(f.token[:]) || string(then.Query) != string(query[:]) {
		return invalid
	}
	f.at = then
	if string(then.Dataset) != string(datasetID[:]) || f.service.config.Now().Sub(then.At) > ChangesTime {
		f.reset = "expired"
	}
	return nil
}

func (f *Follower) queryDigest() digest { return digestOf(f.query.canonical("numbers")) }

// Close stops following and records the read.
func (f *Follower) Close() {
	f.read.Done(f.rows, f.bytes)
	f.noteRows()
}

// noteRows notes the rows that were read since the last call.
func (f *Follower) noteRows() {
	f.note.Rows(f.dataset.ID, f.rows-f.noted)
	f.noted = f.rows
}

// Cursor returns the cursor that continues after the last events from Next.
func (f *Follower) Cursor(ctx context.Context) (string, error) { return f.seal(ctx, f.at) }

func (f *Follower) seal(ctx context.Context, at followed) (string, error) {
	query, datasetID := f.queryDigest(), digestOf(f.dataset.ID)
	at.Kind, at.At = followedCursor, f.service.config.Now()
	at.Token, at.Dataset, at.Query = f.token[:], datasetID[:], query[:]
	plain, err := json.Marshal(&at)
	if err != nil {
		return "", fmt.Errorf("writing a cursor of changes: %w", err)
	}
	sealed, err := f.service.config.Cursors.Seal(ctx, plain)
	if err != nil {
		return "", err
	}
	cursor := base64.RawURLEncoding.EncodeToString(sealed)
	if len(cursor) > maxCursor {
		return "", errLongCursor
	}
	return cursor, nil
}

// Next returns the changes since the last call, which may be none. After the event
// end there are no more.
func (f *Follower) Next(ctx context.Context) (events []ChangeEvent, err error) {
	found, err := f.service.config.Datasets.Dataset(ctx, f.workspace, f.dataset.ID)
	if problem.Is(err, problem.NotFound) {
		return f.event(ctx, nil, EventEnd, map[string]any{"reason": "dataset_deleted"})
	}
	if err != nil {
		return nil, err
	}
	f.dataset = found
	v, err := f.service.config.Rows.Open(ctx, found.ID)
	if err != nil {
		return nil, err
	}
	defer v.Close()
	if !f.ready {
		f.ready = true
		if events, err = f.event(ctx, events, EventReady, map[string]any{"version": v.Version()}); err != nil {
			return nil, err
		}
	}
	defer f.noteRows()
	look := &look{Follower: f, view: v, events: events}
	if err := look.changes(ctx); errors.Is(err, engine.ErrStale) { // the schema is being changed
		return look.events, nil
	} else if err != nil {
		return nil, err
	}
	return look.events, nil
}

func (f *Follower) event(ctx context.Context, events []ChangeEvent, name string, data any) ([]ChangeEvent, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("writing an event: %w", err)
	}
	cursor, err := f.Cursor(ctx)
	return append(events, ChangeEvent{name, text, cursor}), err
}

// look is one check for changes.
type look struct {
	*Follower
	view   engine.View
	events []ChangeEvent
	paused bool // there are more rows than one look returns
}

func (l *look) changes(ctx context.Context) error {
	version, next := l.view.Version(), l.view.NextNumber()
	switch {
	case l.reset != "":
		return l.startOver(ctx, l.reset)
	case version == l.at.Version && next == l.at.From && l.at.Position == nil:
		return nil
	case version < l.at.Version, next < l.at.From: // the state was restored from a backup
		return l.startOver(ctx, "expired")
	}
	breaks, err := l.service.config.Breaks.Breaks(ctx, l.dataset.ID, l.at.Version, maxBreaks+1)
	if err != nil {
		return err
	}
	breaks = slices.DeleteFunc(breaks, func(b Break) bool { return b.Version > version })
	if reason := l.whyReset(breaks, next); reason != "" {
		return l.startOver(ctx, reason)
	}
	for _, b := range breaks {
		l.at.Version = b.Version
		keys := json.RawMessage(b.Note)
		if l.events, err = l.event(ctx, l.events, EventDelete,
			map[string]any{"version": b.Version, "keys": keys}); err != nil {
			return err
		}
	}
	l.at.Version = version
	if l.at.Position == nil {
		l.at.To = next
	}
	if err := l.sendRows(ctx); err != nil || l.at.To == 0 || l.paused { // it started over, or continues later
		return err
	}
	l.at.From, l.at.To, l.at.Position = l.at.To, 0, nil
	if l.at.From < next {
		return l.changes(ctx) // changes since the previous rows were sent
	}
	return nil
}

// whyReset returns the reason why a follower must read everything again, or "".
func (l *look) whyReset(breaks []Break, next int64) string {
	if len(breaks) > maxBreaks || next-l.at.From > maxChanged {
		return "too_many"
	}
	for _, b := range breaks {
		switch {
		case b.Kind != RowsDeleted:
			return string(b.Kind)
		case len(b.Note) == 0 || !l.dataset.Schema.Index.Unique:
			return string(RowsDeleted)
		}
	}
	return ""
}

// startOver sends the event that makes the follower read everything again, and continues after
// the current rows.
func (l *look) startOver(ctx context.Context, reason string) (err error) {
	l.reset = ""
	l.at = followed{Version: l.view.Version(), From: l.view.NextNumber()}
	l.events, err = l.event(ctx, l.events, EventReset, map[string]any{"version": l.at.Version, "reason": reason})
	return err
}

// sendRows adds the events for the rows between at.From and at.To.
func (l *look) sendRows(ctx context.Context) error {
	if l.at.From >= l.at.To {
		return nil
	}
	p, err := l.query.planFor(l.dataset)
	if err != nil { // a column of the conditions no longer exists
		return l.startOver(ctx, string(SchemaChanged))
	}
	selection := p.selection
	selection.Limit, selection.Offset, selection.Numbers = 0, 0, engine.Span{From: l.at.From, To: l.at.To}
	if len(selection.Where) > 0 && l.at.Position == nil && l.dataset.Schema.Index.Unique {
		if err := l.sendOthers(ctx, selection); err != nil {
			return err
		}
	}
	rows, err := l.view.Find(ctx, &engine.Search{
		Selection: selection, Unordered: true, After: l.at.Position, Positions: true,
	})
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	return l.encode(ctx, rows, newJSONEncoder(p, &l.query))
}

func (l *look) encode(ctx context.Context, rows engine.Found, e *jsonEncoder) error {
	var text []byte
	n, sent := 0, 0
	end := func(position []byte) (err error) {
		if n == 0 {
			return nil
		}
		l.at.Position = position
		sent += len(text)
		l.rows, l.bytes = l.rows+int64(n), l.bytes+int64(len(text))
		l.events, err = l.event(ctx, l.events, EventRows, struct {
			Version int64           `json:"version"`
			Rows    json.RawMessage `json:"rows"`
		}{l.at.Version, append(append([]byte{'['}, text...), ']')})
		text, n = text[:0], 0
		return err
	}
	var last []byte
	for {
		batch, err := rows.Next()
		if err != nil {
			return err
		}
		if batch == nil {
			l.at.From, l.at.Position = l.at.To, nil // the last event continues after all of them
			return end(nil)
		}
		for i := range batch.Rows {
			if n == eventRows || len(text) >= eventBytes {
				if err := end(last); err != nil {
					return err
				}
				if l.paused = sent >= lookBytes; l.paused {
					return nil
				}
			}
			if n > 0 {
				text = append(text, ',')
			}
			text = e.row(text, rows, batch, i)
			n++
			if n == eventRows || len(text) >= eventBytes || i == batch.Rows-1 {
				if last, err = rows.Position(i); err != nil {
					return err
				}
			}
		}
	}
}

// sendOthers adds the events for rows that don't match the conditions, because the
// follower may have the rows that they replaced.
func (l *look) sendOthers(ctx context.Context, selection engine.Selection) error {
	passing, err := l.service.keysOf(ctx, l.view, &l.dataset, selection, maxChanged)
	if err != nil {
		return err
	}
	selection.Where, selection.Equal = nil, nil
	all, err := l.service.keysOf(ctx, l.view, &l.dataset, selection, maxChanged)
	if err != nil {
		return err
	}
	known := make(map[string]bool, len(passing))
	for _, key := range passing {
		known[string(key)] = true
	}
	others := slices.DeleteFunc(all, func(key json.RawMessage) bool { return known[string(key)] })
	for chunk := range slices.Chunk(others, eventRows) {
		if l.events, err = l.event(ctx, l.events, EventDelete,
			map[string]any{"version": l.at.Version, "keys": chunk}); err != nil {
			return err
		}
	}
	return nil
}

// keysOf returns the index values of at most limit rows as JSON objects.
func (s *Service) keysOf(ctx context.Context, view engine.View, d *dataset.Dataset, selection engine.Selection,
	limit int,
) ([]json.RawMessage, error) {
	e, columns := keyEncoder(d)
	selection.Columns, selection.Limit = columns, limit
	rows, err := view.Find(ctx, &engine.Search{Selection: selection, Unordered: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	list := []json.RawMessage{}
	for {
		batch, err := rows.Next()
		if err != nil || batch == nil {
			return list, err
		}
		for i := range batch.Rows {
			list = append(list, e.row(nil, rows, batch, i))
		}
	}
}

// keyEncoder returns an encoder of rows that have the columns of the index.
func keyEncoder(d *dataset.Dataset) (e *jsonEncoder, columns []string) {
	p := &plan{dataset: *d, key: -1, subkey: -1, date: -1}
	columns = []string{}
	for _, name := range []string{d.Schema.Index.Key, d.Schema.Index.Subkey, d.Schema.Index.Date} {
		if c, _, ok := d.Schema.Column(name); ok && name != "" {
			p.columns = append(p.columns, c)
			columns = append(columns, name)
		}
	}
	return newJSONEncoder(p, &Query{}), columns
}

// deleteNoted deletes rows and stores their index values for followers of the
// dataset. If there are many rows, it only stores that there was a deletion.
func (s *Service) deleteNoted(ctx context.Context, d *dataset.Dataset, removal *engine.Removal) (
	engine.Deleted, error,
) {
	if d.Schema.Index.Unique {
		var e *jsonEncoder
		e, removal.Columns = keyEncoder(d)
		removal.MaxNoted = maxNoted
		removal.Note = func(rows *dataset.Batch) ([]byte, error) { return noteOf(e, rows), nil }
	}
	return s.config.Rows.DeleteRows(ctx, *removal)
}

// noteOf returns the index values of rows as a JSON array, or nil if it is too long.
func noteOf(e *jsonEncoder, rows *dataset.Batch) []byte {
	note := []byte{'['}
	for i := range rows.Rows {
		if i > 0 {
			note = append(note, ',')
		}
		if note = e.row(note, nil, rows, i); len(note) >= maxNoteBytes {
			return nil
		}
	}
	return append(note, ']')
}
