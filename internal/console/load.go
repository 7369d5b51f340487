package console

import (
	"fmt"
	"time"
)

// loadsPage lists the loads.
type loadsPage struct {
	shell
	Loads []loadView
	Next  string
}

// loadView is a load as pages show it.
type loadView struct {
	ID, State            string
	Source               string
	Dataset, DatasetPath string
	ObjectsPlanned       int64 // 0 while it is being planned
	Objects              int64
	Rows                 int64
	Rejected             int64
	Duplicates           int64
	Bytes                int64
	CreatedAt            time.Time
	Took                 time.Duration
	Problem              *problemView
}

// Path is the load's page.
func (l loadView) Path() string { return "/loads/" + l.ID }

// ShortID is the end of the ID, which tells loads apart at a glance.
func (l loadView) ShortID() string { return "…" + l.ID[max(0, len(l.ID)-6):] }

// Chip tells the state.
func (l loadView) Chip() chip { return loadChip(l.State) }

// Running says whether the load is under way.
func (l loadView) Running() bool {
	switch l.Chip().Label {
	case "Queued", "Running", "Cancelling":
		return true
	}
	return false
}

// Headline says where the load stands.
func (l loadView) Headline() string {
	switch l.Chip().Label {
	case "Queued":
		return "Waiting for its turn"
	case "Running":
		return "Loading"
	case "Loaded":
		return plural(l.Rows, "row loaded", "rows loaded")
	case "Failed":
		return "Nothing of it was kept"
	}
	return l.Chip().Label
}

// Summary is the sentence below.
func (l loadView) Summary() string {
	switch l.Chip().Label {
	case "Loaded":
		if l.Objects == 0 {
			return "Every matching object was loaded before; there was nothing new."
		}
		text := fmt.Sprintf("From %s.", plural(l.Objects, "object", "objects"))
		if l.Rejected > 0 {
			text += fmt.Sprintf(" %s set aside; each is below with its reason.", plural(l.Rejected, "row was", "rows were"))
		}
		return text
	case "Failed":
		return "Rows are committed with the record of their object or not at all, so it is safe to load again."
	case "Cancelled":
		return "Nothing of it was kept."
	}
	return "Nothing is seen by readers until all of it is committed."
}

// loadPage is one load.
type loadPage struct {
	shell
	Load    loadView
	Rejects []rejectView
	Objects []objectView
}

// rejectView is a row that was set aside.
type rejectView struct {
	Object string
	Line   int64
	Column string
	Value  string
	Reason string
}
