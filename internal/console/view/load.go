package view

import (
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/load"
)

// Load is a load as pages show it.
type Load struct {
	ID, State            string
	Source, SourcePath   string
	Dataset, DatasetPath string
	Objects              int64 // to load; 0 while it is being planned
	Done                 int64
	Known                int64 // were loaded before
	Rows                 int64
	Rejected             int64
	NotKept              int64 // rejected rows that were only counted
	Reasons              map[dataset.RejectCode]int64
	Duplicates           int64
	Bytes, BytesRead     int64
	Attempt              int
	Waits                int       // how often it waited to try again, one time after the other
	NextAttempt          time.Time // zero unless it waits
	Outcome              load.Outcome
	Code                 string // why it failed
	CreatedAt            time.Time
	Took                 time.Duration
	Problem              *page.Problem
	Unread               []load.Problem // objects that could not be read
	Notes                []string
	HasFeed              bool
}

// Path is the load's page.
func (l Load) Path() string { return LoadPath(l.ID) }

// Chip returns the chip that shows the state.
func (l Load) Chip() page.Chip {
	switch load.State(l.State) {
	case load.Queued:
		if l.Waiting() {
			return page.Chip{Tone: "warn", Icon: "clock", Label: "Waiting"}
		}
		return page.Chip{Tone: "", Icon: "clock", Label: "Queued"}
	case load.Planning:
		return page.Chip{Tone: "calm", Icon: "loader-circle", Label: "Planning"}
	case load.Reading:
		return page.Chip{Tone: "calm", Icon: "loader-circle", Label: "Reading"}
	case load.Committing:
		return page.Chip{Tone: "calm", Icon: "loader-circle", Label: "Committing"}
	case load.Loaded:
		switch {
		case l.Outcome == load.Partial || len(l.Unread) > 0:
			return page.Chip{Tone: "warn", Icon: "triangle-alert", Label: "Loaded in part"}
		case l.Outcome == load.Nothing:
			return page.Chip{Tone: "", Icon: "circle-check", Label: "Nothing new"}
		}
		return page.Chip{Tone: "good", Icon: "circle-check", Label: "Loaded"}
	case load.Failed:
		return page.Chip{Tone: "bad", Icon: "circle-x", Label: "Failed"}
	case load.Cancelled:
		return page.Chip{Tone: "", Icon: "ban", Label: "Cancelled"}
	}
	return page.Chip{Tone: "", Icon: "circle-question-mark", Label: l.State}
}

// Running reports whether the load is in progress.
func (l Load) Running() bool { return !load.State(l.State).Ended() }

// Waiting reports whether the load waits to try again.
func (l Load) Waiting() bool { return !l.NextAttempt.IsZero() && load.State(l.State) == load.Queued }

// RejectReasons returns the reasons of the rejected rows to choose from, current
// selected; nil if there is only one.
func (l Load) RejectReasons(current string) []RejectReason {
	return rejectReasons(l.Path(), l.Reasons, current)
}

// Headline returns the load's state in one line.
func (l Load) Headline() string {
	switch load.State(l.State) {
	case load.Queued:
		if l.Waiting() {
			return "Waiting to try again"
		}
		return "Waiting for its turn"
	case load.Planning:
		return "Listing new objects"
	case load.Reading:
		return "Reading " + page.Plural(l.Objects, "object", "objects")
	case load.Committing:
		return "Committing"
	case load.Loaded:
		if l.Outcome == load.Nothing {
			return "Nothing new"
		}
		return page.Plural(l.Rows, "row loaded", "rows loaded")
	case load.Failed:
		return "None of its rows were kept"
	case load.Cancelled:
		return "Cancelled"
	}
	return l.State
}

// Summary is the sentence below.
func (l Load) Summary() string {
	switch load.State(l.State) {
	case load.Loaded:
		return l.outcome()
	case load.Failed:
		return "Windlass commits rows and the record of their object together or not at all, so you can safely " +
			"load again."
	case load.Cancelled:
		return "None of its rows were kept."
	case load.Queued:
		if l.Waiting() {
			return page.Plural(int64(l.Waits), "attempt", "attempts") + " in a row failed. The next one is at " +
				l.NextAttempt.UTC().Format("15:04:05") + " UTC."
		}
	case load.Planning, load.Reading, load.Committing:
	}
	return "Readers see the rows once all of them are committed."
}

// outcome describes the outcome of a committed load.
func (l Load) outcome() string {
	if l.Objects == 0 && l.Known == 0 {
		return "No object matches the source’s pattern yet."
	}
	if l.Objects == 0 {
		return "Every matching object was loaded before."
	}
	text := "From " + page.Plural(l.Objects-int64(len(l.Unread)), "object", "objects")
	if unread := int64(len(l.Unread)); unread > 0 {
		text += "; " + page.Plural(unread, "object", "objects") + " couldn’t be loaded"
	}
	if l.Known > 0 {
		text += fmt.Sprintf("; %s loaded before", page.Plural(l.Known, "was", "were"))
	}
	if l.Rejected > 0 {
		text += fmt.Sprintf(". %s rejected, with the reason below", page.Plural(l.Rejected, "row was", "rows were"))
	}
	return text + "."
}

// LoadOf returns a load as pages show it. sources are the names of sources by ID.
func LoadOf(l load.Load, sources map[string]string, now time.Time) Load {
	v := Load{
		ID: l.ID, State: string(l.State), Source: sources[l.SourceID], Dataset: l.Dataset,
		Objects: l.Progress.Objects, Done: l.Progress.ObjectsDone, Known: l.Progress.Known, Rows: l.Progress.Rows,
		Rejected: l.Progress.Rejected, Duplicates: l.Progress.Duplicates, Bytes: l.Progress.Bytes,
		BytesRead: l.Progress.BytesRead,
		NotKept:   l.Progress.NotKept, Reasons: l.Progress.RejectedByReason,
		Outcome: l.Outcome, Code: l.Code, Waits: l.Waits, NextAttempt: l.NextAttempt,
		Attempt: l.Attempt, CreatedAt: l.CreatedAt, Unread: l.Problems, Notes: l.Notes,
		HasFeed: l.FeedID != "",
	}
	if v.Source != "" {
		v.SourcePath = SourcePath(l.SourceID)
	} else if v.Source = "a removed source"; l.SourceID == load.UploadSource {
		v.Source = "an upload"
	}
	if l.DatasetID != "" {
		v.DatasetPath = "/datasets/" + l.DatasetID
	}
	if l.Fault != "" {
		v.Problem = &page.Problem{Message: l.Fault, Hint: l.Hint}
	}
	if end := l.EndedAt; !l.StartedAt.IsZero() {
		if end.IsZero() {
			end = now
		}
		v.Took = end.Sub(l.StartedAt)
	}
	return v
}
