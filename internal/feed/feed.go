// Package feed has the feeds of a workspace. A feed is one source that is loaded
// into one dataset: the settings of these loads and the ledger belong to it.
package feed

import (
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/patch"
	"github.com/windlass-io/windlass/internal/problem"
)

// Feed loads a source into a dataset.
type Feed struct {
	ID        string // "feed_…"
	Workspace string // workspace ID
	SourceID  string
	Dataset   string // name; the first load creates the dataset
	DatasetID string // empty until there is a dataset with the name
	Settings
	Version   int64  // increases with every change
	MadeBy    string // ID of the actor
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Settings are how a feed is loaded. A load may override the limits of rejected
// rows and the treatment of duplicates.
type Settings struct {
	Duplicates  engine.Duplicates `json:"duplicates"`
	MaxRejected int64             `json:"max_rejected"` // over so many rejected rows a load fails; -1: any number
	// MaxRejectedPercent fails an object when so many percent of its rows, and at
	// least one, are rejected.
	MaxRejectedPercent int `json:"max_rejected_percent"`
}

// Defaults returns the settings of a new feed.
func Defaults() Settings {
	return Settings{Duplicates: engine.Ignore, MaxRejected: -1, MaxRejectedPercent: 100}
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
}

// Apply changes the settings.
func (s *Settings) Apply(c *Change) {
	patch.Set(&s.Duplicates, c.Duplicates)
	patch.Set(&s.MaxRejected, c.MaxRejected)
	patch.Set(&s.MaxRejectedPercent, c.MaxRejectedPercent)
}

// Check validates the settings. what names the thing that has them: "feed".
func (s *Settings) Check(what string, more ...problem.Finding) error {
	findings := more
	add := func(path, message string) {
		findings = append(findings, problem.Finding{Path: path, Message: message})
	}
	if s.Duplicates != engine.Ignore && s.Duplicates != engine.Replace {
		add("duplicates", "is neither ignore nor replace")
	}
	if s.MaxRejected < -1 {
		add("max_rejected", "is less than nothing")
	}
	if s.MaxRejectedPercent < 0 || s.MaxRejectedPercent > 100 {
		add("max_rejected_percent", "must be from 0 to 100")
	}
	if len(findings) == 0 {
		return nil
	}
	return problem.New(problem.Invalid, "The %s is not valid: %s %s.", what, findings[0].Path, findings[0].Message).
		WithFindings(findings...)
}

// NameFinding returns what is wrong with the name of a dataset.
func NameFinding(name string) []problem.Finding {
	if fault := dataset.NameFault(name); fault != "" {
		return []problem.Finding{{Path: "dataset", Message: fault}}
	}
	return nil
}
