// Package feed has the feeds of a workspace. A feed is one source that is loaded
// into one dataset: the settings of these loads and the ledger belong to it.
package feed

import (
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/patch"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// Feed loads a source into a dataset.
type Feed struct {
	ID        string // "feed_…"
	Workspace string // workspace ID
	SourceID  string
	Dataset   string // name; the first load creates the dataset
	DatasetID string // empty until there is a dataset with the name
	Settings
	// Partitioned is which partitions of keys become columns in the mode auto; nil
	// until the first load has decided it.
	Partitioned *shape.Decision
	Version     int64  // increases with every change
	MadeBy      string // ID of the actor
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Settings defines how a feed is loaded. A load may override the limits of rejected
// rows and the treatment of duplicates.
type Settings struct {
	Duplicates  engine.Duplicates `json:"duplicates"`
	MaxRejected int64             `json:"max_rejected"` // a load fails if more rows are rejected; -1: no limit
	// MaxRejectedPercent fails an object when this percentage of its rows, and at
	// least one, are rejected.
	MaxRejectedPercent int         `json:"max_rejected_percent"`
	Overwritten        Overwritten `json:"overwritten"`
	Deleted            Deleted     `json:"deleted"`
	// MaxDeletedPercent fails a load that would remove the rows of more than this
	// percentage of the feed's objects, and of at least 10 objects.
	MaxDeletedPercent int   `json:"max_deleted_percent"`
	Drift             Drift `json:"drift"`
	ObjectsAtOnce     int   `json:"objects_at_once"` // read concurrently; fewer if memory is short
	Order             Order `json:"order"`           // in which objects are loaded
	shape.Columns
}

// Overwritten defines what happens to an object that is known in an older version.
type Overwritten string

// The ways to treat an overwritten object.
const (
	Default           Overwritten = "default" // append with a declared unique index, else replace
	Append            Overwritten = "append"  // its rows are added; Duplicates decides row by row
	ReplaceObject     Overwritten = "replace" // the rows of the older versions are removed
	IgnoreOverwritten Overwritten = "ignore"  // it isn't loaded
)

// Deleted defines what happens to the rows of an object that was deleted.
type Deleted string

// The ways to treat a deleted object.
const (
	KeepRows   Deleted = "keep"
	RemoveRows Deleted = "remove"
)

// Order is the order in which the objects of a load are read.
type Order string

// The orders, by the time that objects were written and then by key.
const (
	OldestFirst Order = "oldest"
	NewestFirst Order = "newest"
)

// The limits of how many objects are read at once.
const (
	usualAtOnce = 8
	maxAtOnce   = 64
)

// OverwrittenIn returns how overwritten objects are treated in a dataset.
func (s *Settings) OverwrittenIn(schema *dataset.Schema) Overwritten {
	switch {
	case s.Overwritten != Default:
		return s.Overwritten
	case schema.Index.Unique && !schema.Index.Guessed:
		return Append
	default:
		return ReplaceObject
	}
}

// Defaults returns the settings of a new feed.
func Defaults() Settings {
	return Settings{
		Duplicates: engine.Ignore, MaxRejected: -1, MaxRejectedPercent: 100, Overwritten: Default, Deleted: KeepRows,
		MaxDeletedPercent: 50,
		Drift:             Drift{New: AddColumn, Missing: NullValue, Changed: WidenColumn},
		ObjectsAtOnce:     usualAtOnce,
		Order:             OldestFirst,
		Columns:           shape.Default(),
	}
}

// New returns a feed with the default settings.
func New(workspace, sourceID, datasetName, madeBy string, now time.Time) Feed {
	return Feed{
		ID: id.New("feed", now), Workspace: workspace, SourceID: sourceID, Dataset: datasetName, Settings: Defaults(),
		Version: 1, MadeBy: madeBy, CreatedAt: now, UpdatedAt: now,
	}
}

// Change changes settings. A nil field doesn't change.
type Change struct {
	Duplicates         *engine.Duplicates
	MaxRejected        *int64
	MaxRejectedPercent *int
	Overwritten        *Overwritten
	Deleted            *Deleted
	MaxDeletedPercent  *int
	Drift              DriftChange
	ObjectsAtOnce      *int
	Order              *Order
	Columns            *[]shape.Column
	Rest               *shape.Rest
	Metadata           *[]shape.Metadata
	Partitions         *shape.Partitions
}

// Apply changes the settings.
func (s *Settings) Apply(c *Change) {
	patch.Set(&s.Duplicates, c.Duplicates)
	patch.Set(&s.MaxRejected, c.MaxRejected)
	patch.Set(&s.MaxRejectedPercent, c.MaxRejectedPercent)
	patch.Set(&s.Overwritten, c.Overwritten)
	patch.Set(&s.Deleted, c.Deleted)
	patch.Set(&s.MaxDeletedPercent, c.MaxDeletedPercent)
	s.Drift.apply(&c.Drift)
	patch.Set(&s.ObjectsAtOnce, c.ObjectsAtOnce)
	patch.Set(&s.Order, c.Order)
	patch.Set(&s.Columns.Columns, c.Columns)
	patch.Set(&s.Rest, c.Rest)
	patch.Set(&s.Metadata, c.Metadata)
	patch.Set(&s.Partitions, c.Partitions)
}

// Check validates the settings. what is the name of their owner for messages,
// such as "feed".
func (s *Settings) Check(what string, more ...problem.Finding) error {
	findings := more
	add := func(path, message string) {
		findings = append(findings, problem.Finding{Path: path, Message: message})
	}
	if s.Duplicates != engine.Ignore && s.Duplicates != engine.Replace {
		add("duplicates", "must be ignore or replace")
	}
	if s.MaxRejected < -1 {
		add("max_rejected", "is negative")
	}
	if s.MaxRejectedPercent < 0 || s.MaxRejectedPercent > 100 {
		add("max_rejected_percent", "must be from 0 to 100")
	}
	if !slices.Contains([]Overwritten{Default, Append, ReplaceObject, IgnoreOverwritten}, s.Overwritten) {
		add("overwritten", "must be one of default, append, replace or ignore")
	}
	if s.Deleted != KeepRows && s.Deleted != RemoveRows {
		add("deleted", "must be keep or remove")
	}
	if s.MaxDeletedPercent < 0 || s.MaxDeletedPercent > 100 {
		add("max_deleted_percent", "must be from 0 to 100")
	}
	if s.ObjectsAtOnce < 1 || s.ObjectsAtOnce > maxAtOnce {
		add("objects_at_once", "must be from 1 to 64")
	}
	if s.Order != OldestFirst && s.Order != NewestFirst {
		add("order", "must be oldest or newest")
	}
	findings = append(findings, s.Drift.check()...)
	findings = append(findings, s.Columns.Check()...)
	if len(findings) == 0 {
		return nil
	}
	return problem.New(problem.Invalid, "The %s isn't valid: %s %s.", what, findings[0].Path, findings[0].Message).
		WithFindings(findings...)
}

// NameFinding returns what is wrong with the name of a dataset.
func NameFinding(name string) []problem.Finding {
	if fault := dataset.NameFault(name); fault != "" {
		return []problem.Finding{{Path: "dataset", Message: fault}}
	}
	return nil
}
