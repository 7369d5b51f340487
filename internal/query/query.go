// Package query runs SQL over the datasets of a workspace. It checks who may
// query, limits the concurrent queries, finds the datasets that a statement
// names, and records each query before it runs. package engine runs it.
package query

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry/traces"
	"github.com/windlass-io/windlass/internal/usage"
	"github.com/windlass-io/windlass/internal/workspace"
)

// Bounds.
const (
	DefaultLimit = 1000    // rows of an answer that isn't a stream
	MaxLimit     = 100_000 // rows
	MaxBytes     = 8 << 20 // of such an answer
	MaxTime      = 5 * time.Minute
	StreamTime   = 10 * time.Minute
	maxWait      = 10 * time.Second // for other queries to end
)

// Config configures a [Service]. Every field without "optional" is required.
type Config struct {
	Checker    access.Checker
	Notes      Notes
	Datasets   Datasets
	Workspaces Workspaces
	Views      Views // optional: there are none
	Engine     engine.SQL
	Now        func() time.Time
	// Time limits a query, and a stream until its first rows. Optional: 30 s.
	Time time.Duration
	// AtOnce limits the concurrent queries. Optional: 4.
	AtOnce int
	// PerToken limits the concurrent queries of a token or a member's session.
	// Optional: 2.
	PerToken int
	// Wait is how long a query waits for others to end. Optional: 10 s.
	Wait time.Duration
}

// Notes records actions before they happen; *audit.Recorder implements it.
type Notes interface {
	Note(ctx context.Context, entry audit.Entry) error
}

// Datasets finds datasets and views; *store.Store implements it.
type Datasets interface {
	// Readable finds a dataset or view by name, ignoring case. If it is missing,
	// the error is a problem with code not_found.
	Readable(ctx context.Context, workspace, nameOrID string) (dataset.Dataset, error)
	ListReadables(ctx context.Context, workspace string, request paging.Request) (paging.List[dataset.Dataset], error)
}

// Views returns the definitions of views; *view.Service implements it.
type Views interface {
	// Expand returns the datasets that a view reads, and the views, it last.
	Expand(ctx context.Context, view dataset.Dataset) ([]dataset.Dataset, []engine.SQLView, error)
}

// Workspaces finds workspaces by ID; *store.Store implements it.
type Workspaces interface {
	Workspace(ctx context.Context, id string) (workspace.Workspace, error)
}

// Service runs queries. It is safe for concurrent use.
type Service struct {
	config Config
	gate   *gate
}

// New returns a service.
func New(config Config) *Service {
	config.Time = min(cmp.Or(config.Time, 30*time.Second), MaxTime)
	config.Wait = cmp.Or(config.Wait, maxWait)
	return &Service{config, newGate(cmp.Or(config.AtOnce, 4), cmp.Or(config.PerToken, 2))}
}

// Request is a query as it arrives.
type Request struct {
	SQL        string
	Parameters map[string]engine.SQLParameter
	Limit      int // rows; 0: all in a stream, else DefaultLimit
	Format     Format
	// Quoted writes integers and decimals as strings in JSON.
	Quoted bool
}

// Engine returns the name of the engine that runs queries.
func (s *Service) Engine() string { return s.config.Engine.Name() }

// Query runs a statement. The answer of a stream has its first rows; other
// answers are complete. The caller closes it.
func (s *Service) Query(ctx context.Context, actor access.Actor, workspaceID string, request Request) (
	_ *Answer, err error,
) {
	ctx, span := traces.Begin(ctx, "query", traces.ID("workspace", workspaceID))
	defer func() { span.End(err) }()
	if err := request.check(); err != nil {
		return nil, err
	}
	resource := access.Resource{Workspace: workspaceID, Kind: "dataset"}
	if err := s.config.Checker.Check(ctx, actor, access.DataQuery, resource); err != nil {
		return nil, err
	}
	found, err := s.config.Workspaces.Workspace(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	leave, err := s.gate.enter(ctx, cmp.Or(actor.Token, actor.ID), s.config.Wait)
	if err != nil {
		return nil, err
	}
	most := s.config.Time
	if request.Format.Stream() {
		most = StreamTime
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	note, began := usage.Of(ctx), time.Now() //nolint:forbidigo // measures
	a := &Answer{request: request, note: note}
	a.release = func() {
		note.SQL(time.Since(began))
		a.NoteRows()
		cancel()
		leave()
	}
	t := tables{s, actor, workspaceID, request.SQL}
	a.result, err = s.config.Engine.Query(ctx, &engine.SQLQuery{
		Text: request.SQL, Workspace: found.Name, Parameters: request.Parameters, Tables: t.find, Start: s.config.Time,
	})
	if err == nil && !request.Format.Stream() {
		err = a.collect()
	}
	if err != nil {
		return nil, errors.Join(timed(err), a.Close())
	}
	return a, nil
}

// Enter waits for a place to compile a statement on behalf of owner. Call leave once
// to release it.
func (s *Service) Enter(ctx context.Context, owner string) (leave func(), err error) {
	return s.gate.enter(ctx, owner, s.config.Wait)
}

// Run calls use with the result of a statement, within the limits of all queries and
// those of its owner. Whoever calls it has decided that the owner may see the result.
func (s *Service) Run(ctx context.Context, owner string, statement *engine.SQLQuery,
	use func(ctx context.Context, result engine.SQLResult) error,
) error {
	leave, err := s.gate.enter(ctx, owner, s.config.Wait)
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, s.config.Time)
	defer cancel()
	began := time.Now() //nolint:forbidigo // measures
	defer func() { usage.Of(ctx).SQL(time.Since(began)) }()
	statement.Start = s.config.Time
	result, err := s.config.Engine.Query(ctx, statement)
	if err == nil {
		err = errors.Join(use(ctx, result), result.Close())
	}
	return timed(err)
}

// timed converts the end of a query's time to a problem.
func timed(err error) error {
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return problem.Wrap(err, problem.Invalid, "The query took longer than its time limit.").
		WithReason(engine.SQLTimeLimit).
		WithHint("Read fewer rows or columns, or ask for a stream: format=csv or format=ndjson.")
}

func (r *Request) check() error {
	if !slices.Contains(formats, r.Format) {
		return problem.New(problem.Invalid, "format: %q is unknown.", string(r.Format)).WithReason("invalid_value").
			WithHint("Use one of json, table, csv, ndjson, arrow and parquet.")
	}
	if r.Limit < 0 || !r.Format.Stream() && r.Limit > MaxLimit {
		return problem.New(problem.Invalid, "limit: %d isn't from 1 to %d.", r.Limit, MaxLimit).
			WithReason("invalid_value").WithHint("For more rows use format=csv or format=ndjson, which have no limit.")
	}
	if r.Limit == 0 && !r.Format.Stream() {
		r.Limit = DefaultLimit
	}
	return nil
}

// tables finds the datasets of a statement.
type tables struct {
	service     *Service
	actor       access.Actor
	workspaceID string
	sql         string
}

// find finds datasets by name, and records the query before it runs.
func (t *tables) find(ctx context.Context, names []string) (engine.SQLTables, error) {
	found := engine.SQLTables{Found: map[string]dataset.Dataset{}, Nearest: map[string]string{}}
	var missing, known []string
	for _, name := range names {
		d, err := t.service.config.Datasets.Readable(ctx, t.workspaceID, name)
		switch {
		case problem.Is(err, problem.NotFound):
			missing = append(missing, name)
		case err != nil:
			return found, err
		case !strings.EqualFold(d.Name, name) || !access.Allowed(t.actor, access.DataQuery,
			access.Resource{Workspace: t.workspaceID, Kind: d.Kind(), ID: d.ID}):
			missing = append(missing, name)
		case d.View != nil:
			if err := t.expand(ctx, d, &found); err != nil {
				return found, err
			}
			known = append(known, d.Name)
		default:
			found.Found[name] = d
			known = append(known, d.Name)
		}
	}
	if len(missing) > 0 {
		return found, t.nearest(ctx, missing, found.Nearest)
	}
	slices.Sort(known)
	return found, t.record(ctx, slices.Compact(known))
}

// expand adds a view, and the tables that it names.
func (t *tables) expand(ctx context.Context, view dataset.Dataset, found *engine.SQLTables) error {
	if t.service.config.Views == nil {
		return access.Missing("dataset", view.Name)
	}
	datasets, views, err := t.service.config.Views.Expand(ctx, view)
	if err != nil {
		return err
	}
	for _, d := range datasets {
		found.Found[d.Name] = d
	}
	for _, v := range views {
		if !slices.ContainsFunc(found.Views, func(known engine.SQLView) bool { return known.Name == v.Name }) {
			found.Views = append(found.Views, v)
		}
	}
	return nil
}

// record records the actor, the datasets and a hash of the statement.
func (t *tables) record(ctx context.Context, names []string) error {
	resource := access.Resource{Workspace: t.workspaceID, Kind: "dataset"}
	entry := audit.NoteOf(t.service.config.Now(), t.actor, access.DataQuery, resource,
		"The statement only reads; it is run next.")
	hash := sha256.Sum256([]byte(t.sql))
	entry.Detail = map[string]string{"sql_sha256": hex.EncodeToString(hash[:]), "tables": strings.Join(names, ",")}
	if err := t.service.config.Notes.Note(ctx, entry); err != nil {
		return problem.Wrap(err, problem.Unavailable, "The audit log couldn't record this, so it wasn't done.").
			WithHint("Try again in a moment. The service's log has the cause.")
	}
	return nil
}
