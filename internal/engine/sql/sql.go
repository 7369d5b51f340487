// Package sql runs SQL over the files of datasets with DuckDB.
//
// Each query runs in its own process: the same program, started again with an
// empty environment. The process parses the statement, the service finds the
// datasets that it names and pins their files, and the process runs the statement
// on exactly those files. It can't change them, reach the network or load an
// extension. Its memory and disk are limited, and it is killed when its time is up
// or its caller no longer waits.
//
//	statement  checks a parsed statement
//	worker     the process; needs cgo
package sql

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/problem"
)

// WorkerCommand is the command of the program that runs a query; see package
// worker.
const WorkerCommand = "sql-worker"

// MaxTextBytes bounds the text of a statement.
const MaxTextBytes = 64 << 10

// Config configures an [Engine]. Every field without "optional" is required.
type Config struct {
	Rows    Rows
	Command []string // starts the process of a query: the program and its arguments
	Dir     string   // folder for data that queries spill to disk; emptied at the start
	Logger  *slog.Logger
	// MemoryBytes limits the memory of a query. Optional: 256 MiB.
	MemoryBytes int64
	// SpillBytes limits the disk space of a query. Optional: 1 GiB.
	SpillBytes int64
	// Threads limits the threads of a query. Optional: 2.
	Threads int
}

// Rows pins the files of datasets; *segment.Engine implements it.
type Rows interface {
	Pin(ctx context.Context, datasetID string, schema *dataset.Schema) (*segment.Pin, error)
	Dir() string
	SpareBytes() (int64, error)
}

const (
	defaultMemory  = 256 << 20
	defaultSpill   = 1 << 30
	defaultThreads = 2
	defaultStart   = 30 * time.Second
)

// Engine is an [engine.SQL].
type Engine struct {
	config  Config
	running sync.Map // IDs of processes of queries
}

// New returns an engine. It removes files that earlier queries left on the disk.
func New(config Config) (*Engine, error) {
	if config.Rows == nil || len(config.Command) == 0 || config.Dir == "" || config.Logger == nil {
		return nil, errors.New("sql: Rows, Command, Dir and Logger are required")
	}
	if config.MemoryBytes <= 0 {
		config.MemoryBytes = defaultMemory
	}
	if config.SpillBytes <= 0 {
		config.SpillBytes = defaultSpill
	}
	if config.Threads <= 0 {
		config.Threads = defaultThreads
	}
	var err error
	if config.Dir, err = filepath.Abs(config.Dir); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(config.Dir); err != nil {
		return nil, fmt.Errorf("removing what queries left: %w", err)
	}
	return &Engine{config: config}, nil
}

// Name returns "duckdb".
func (e *Engine) Name() string { return "duckdb" }

// Query starts a statement; see [engine.SQL].
func (e *Engine) Query(ctx context.Context, query *engine.SQLQuery) (engine.SQLResult, error) {
	if err := checkText(query.Text); err != nil {
		return nil, err
	}
	start := query.Start
	if start <= 0 {
		start = defaultStart
	}
	r := &result{engine: e, query: query}
	if err := r.begin(ctx, start); err != nil {
		return nil, errors.Join(r.explain(err), r.Close())
	}
	return r, nil
}

// Pin pins a version of a dataset; see [engine.SQL].
func (e *Engine) Pin(ctx context.Context, datasetID string, schema *dataset.Schema) (engine.SQLPin, error) {
	pin, err := e.config.Rows.Pin(ctx, datasetID, schema)
	if err != nil {
		return nil, err
	}
	return pin, nil
}

// Describe compiles a statement; see [engine.SQL].
func (e *Engine) Describe(ctx context.Context, query *engine.SQLQuery) (*engine.SQLDescription, error) {
	if err := checkText(query.Text); err != nil {
		return nil, err
	}
	r := &result{engine: e, query: query, describe: true}
	if err := r.begin(ctx, cmp.Or(max(query.Start, 0), defaultStart)); err != nil {
		return nil, errors.Join(r.explain(err), r.Close())
	}
	d := &engine.SQLDescription{
		Columns: r.columns, Parameters: r.names.Parameters, Ordered: r.names.Ordered, Changing: r.names.Changing,
	}
	for _, t := range r.names.Tables {
		d.Tables = append(d.Tables, engine.SQLTable{Name: t.Name, From: t.From, To: t.To, Alias: t.Alias})
	}
	return d, r.Close()
}

func checkText(text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return problem.New(problem.Invalid, "The statement is empty.").WithReason(engine.SQLSyntax).
			WithHint("Write a SELECT, such as select count(*) as n from prices.")
	case len(text) > MaxTextBytes:
		return problem.New(problem.Invalid, "The statement has %d bytes, more than %d.", len(text), MaxTextBytes).
			WithReason("too_many").WithHint("Save parts of it as views, or send values as parameters.")
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return problem.New(problem.Invalid, "The statement isn't valid text.").WithReason(engine.SQLSyntax).
			WithHint("Send it as UTF-8, without NUL characters.")
	default:
		return nil
	}
}

// plan finds the tables of a statement and pins their files.
func (r *result) plan(ctx context.Context, names *Names) (*Job, error) {
	if err := checkParameters(names.Parameters, r.query.Parameters); err != nil {
		return nil, err
	}
	tables, err := r.query.Tables(ctx, asked(names.Tables, r.query.Workspace))
	if err != nil {
		return nil, err
	}
	if err := r.checkTables(names.Tables, &tables); err != nil {
		return nil, err
	}
	job := &Job{
		Stored: tables.Views, Typed: r.query.Typed, Describe: r.describe,
		Workspace: r.query.Workspace, Parameters: r.query.Parameters,
	}
	added := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(tables.Found)) {
		found := tables.Found[name]
		if added[found.ID] {
			continue
		}
		added[found.ID] = true
		pin, err := r.pin(ctx, &found)
		if err != nil {
			return nil, err
		}
		job.addTable(found.Name, &found.Schema, pin)
	}
	return job, r.spill(job)
}

// pin returns the files of a dataset, in the version that the query has pinned or
// else the current one. Describing a statement needs no files.
func (r *result) pin(ctx context.Context, found *dataset.Dataset) ([]segment.PinnedSegment, error) {
	if r.describe {
		return nil, nil
	}
	if pin, ok := r.query.Pins[found.ID].(*segment.Pin); ok {
		return pin.Segments, nil
	}
	pin, err := r.engine.config.Rows.Pin(ctx, found.ID, &found.Schema)
	if err != nil {
		return nil, err
	}
	r.pins = append(r.pins, pin)
	return pin.Segments, nil
}

// asked returns the names of tables that may belong to the workspace, without
// duplicates.
func asked(tables []Table, workspace string) []string {
	var names []string
	for _, t := range tables {
		if t.Schema == "" || strings.EqualFold(t.Schema, workspace) {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// checkTables returns the fault of the first table that wasn't found.
func (r *result) checkTables(tables []Table, found *engine.SQLTables) error {
	for _, t := range tables {
		outside := t.Schema != "" && !strings.EqualFold(t.Schema, r.query.Workspace)
		_, ok := found.Found[t.Name]
		ok = ok || slices.ContainsFunc(found.Views, func(v engine.SQLView) bool {
			return strings.EqualFold(v.Name, t.Name)
		})
		if ok && !outside {
			continue
		}
		f := &StatementError{Reason: engine.SQLName, Offset: t.Offset}
		switch nearest := found.Nearest[t.Name]; {
		case outside:
			f.Message = fmt.Sprintf("There is no table %q: %q isn't the workspace.", t.Schema+"."+t.Name, t.Schema)
			f.Hint = fmt.Sprintf("Write only the dataset's name, or put %q and a dot before it.", r.query.Workspace)
		case nearest != "":
			f.Message = fmt.Sprintf("There is no dataset %q.", t.Name)
			f.Hint = fmt.Sprintf("Did you mean %q?", nearest)
		default:
			f.Message = fmt.Sprintf("There is no dataset %q.", t.Name)
			f.Hint = "windlass dataset list shows the workspace's datasets."
		}
		return f
	}
	return nil
}

func checkParameters(named []string, given map[string]engine.SQLParameter) error {
	for _, name := range named {
		if _, ok := given[name]; !ok {
			return problem.New(problem.Invalid, "The parameter $%s has no value.", name).
				WithReason(engine.SQLInvalidValue).WithHint("Send a value for each parameter of the statement.")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(named, name) {
			return problem.New(problem.Invalid, "The statement has no parameter $%s.", name).
				WithReason(engine.SQLInvalidValue).WithHint("Remove the value, or use $%s in the statement.", name)
		}
	}
	return nil
}

// spill creates the folder that the query spills to, and limits it to the spare
// disk space.
func (r *result) spill(job *Job) error {
	config := &r.engine.config
	spare, err := config.Rows.SpareBytes()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(config.Dir, 0o700); err != nil {
		return err
	}
	if r.spillDir, err = os.MkdirTemp(config.Dir, "query-"); err != nil {
		return err
	}
	job.SpillDir, job.SpillBytes = r.spillDir, min(config.SpillBytes, spare)
	return nil
}

// newBatch returns a batch for the columns of a result.
func newBatch(columns []dataset.Column) *dataset.Batch {
	batch := &dataset.Batch{Vectors: make([]dataset.Vector, len(columns))}
	for i, c := range columns {
		batch.Vectors[i] = dataset.NewVectorOf(c, 0)
	}
	return batch
}
