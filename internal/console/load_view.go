package console

import (
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/load"
)

// loadView is a load as pages show it.
type loadView struct {
	ID, State            string
	Source, SourcePath   string
	Dataset, DatasetPath string
	Objects              int64 // to load; 0 while it is being planned
	Done                 int64
	Known                int64 // were loaded before
	Rows                 int64
	Rejected             int64
	Duplicates           int64
	Bytes, BytesRead     int64
	Attempt              int
	CreatedAt            time.Time
	Took                 time.Duration
	Problem              *problemView
	Unread               []load.Problem // objects that could not be read
	Notes                []string
}

// Path is the load's page.
func (l loadView) Path() string { return loadPath(l.ID) }

// Chip returns the chip that shows the state.
func (l loadView) Chip() chip {
	switch load.State(l.State) {
	case load.Queued:
		return chip{"", "clock", "Queued"}
	case load.Planning:
		return chip{"calm", "loader-circle", "Planning"}
	case load.Reading:
		return chip{"calm", "loader-circle", "Reading"}
	case load.Committing:
		return chip{"calm", "loader-circle", "Committing"}
	case load.Loaded:
		if len(l.Unread) > 0 {
			return chip{"warn", "triangle-alert", "Loaded in part"}
		}
		return chip{"good", "circle-check", "Loaded"}
	case load.Failed:
		return chip{"bad", "circle-x", "Failed"}
	case load.Cancelled:
		return chip{"", "ban", "Cancelled"}
	}
	return chip{"", "circle-question-mark", l.State}
}

// Running reports whether the load is under way.
func (l loadView) Running() bool { return !load.State(l.State).Ended() }

// Headline returns the load's state in one line.
func (l loadView) Headline() string {
	switch load.State(l.State) {
	case load.Queued:
		return "Waiting for its turn"
	case load.Planning:
		return "Finding out what is new"
	case load.Reading:
		return "Reading " + plural(l.Objects, "object", "objects")
	case load.Committing:
		return "Committing"
	case load.Loaded:
		return plural(l.Rows, "row loaded", "rows loaded")
	case load.Failed:
		return "Nothing of it was kept"
	case load.Cancelled:
		return "Cancelled"
	}
	return l.State
}

// Summary is the sentence below.
func (l loadView) Summary() string {
	switch load.State(l.State) {
	case load.Loaded:
		return l.outcome()
	case load.Failed:
		return "Rows are committed with the record of their object or not at all, so it is safe to load again."
	case load.Cancelled:
		return "Nothing of it was kept."
	case load.Queued, load.Planning, load.Reading, load.Committing:
	}
	return "Nothing is seen by readers until all of it is committed."
}

// outcome returns what a committed load came to.
func (l loadView) outcome() string {
	if l.Objects == 0 {
		return "Every matching object was loaded before; there was nothing new."
	}
	text := "From " + plural(l.Objects-int64(len(l.Unread)), "object", "objects")
	if l.Known > 0 {
		text += fmt.Sprintf("; %s loaded before", plural(l.Known, "was", "were"))
	}
	if l.Rejected > 0 {
		text += fmt.Sprintf(". %s set aside, with the reason below", plural(l.Rejected, "row was", "rows were"))
	}
	return text + "."
}

func viewLoad(l load.Load, sources map[string]string, now time.Time) loadView {
	v := loadView{
		ID: l.ID, State: string(l.State), Source: sources[l.SourceID], Dataset: l.Dataset,
		Objects: l.Progress.Objects, Done: l.Progress.ObjectsDone, Known: l.Progress.Known, Rows: l.Progress.Rows,
		Rejected: l.Progress.Rejected, Duplicates: l.Progress.Duplicates, Bytes: l.Progress.Bytes,
		BytesRead: l.Progress.BytesRead,
		Attempt:   l.Attempt, CreatedAt: l.CreatedAt, Unread: l.Problems, Notes: l.Notes,
	}
	if v.Source != "" {
		v.SourcePath = sourcePath(l.SourceID)
	} else {
		v.Source = "a removed source"
	}
	if l.DatasetID != "" {
		v.DatasetPath = "/datasets/" + l.DatasetID
	}
	if l.Fault != "" {
		v.Problem = &problemView{Message: l.Fault, Hint: l.Hint}
	}
	if end := l.EndedAt; !l.StartedAt.IsZero() {
		if end.IsZero() {
			end = now
		}
		v.Took = end.Sub(l.StartedAt)
	}
	return v
}
