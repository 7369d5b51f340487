package load

import (
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// Limits limits what the queue does for one workspace and one load. Zero fields
// have their defaults.
type Limits struct {
	Crashes      int // in a row, before a load is parked; default 3
	PerWorkspace int // loads of a workspace that run on a node at once; default half of the node's workers, at least 1
	Queued       int // loads of a workspace that may wait; default 10,000
}

// The defaults of [Limits].
const (
	DefaultCrashes = 3
	DefaultQueued  = 10_000
)

func (l Limits) withDefaults() Limits {
	if l.Crashes == 0 {
		l.Crashes = DefaultCrashes
	}
	if l.Queued == 0 {
		l.Queued = DefaultQueued
	}
	return l
}

// perWorkspace returns how many loads of a workspace may run on a node with
// this many workers.
func (l Limits) perWorkspace(workers int) int {
	if l.PerWorkspace > 0 {
		return l.PerWorkspace
	}
	return max(1, workers/2)
}

// Claim is a worker's request to the queue.
type Claim struct {
	Worker       string    // name of the node
	Now          time.Time // claims that ended before are lost
	Until        time.Time // when this claim ends, unless it is renewed
	Crashes      int       // lost claims in a row after which a load is parked
	PerWorkspace int       // loads of a workspace that the node runs at once
}

// Parked returns the fault and the hint of a load that stays stopped because
// its worker crashed this many times in a row.
func Parked(crashes int) (fault, hint string) {
	return fmt.Sprintf("The load is parked: its worker crashed in %d attempts in a row.", crashes),
		"Find the crash in the log. Exclude the object that causes it from the source, then start a new load."
}

// retryFull is the delay to suggest when the queue is full.
const retryFull = 30 * time.Second

// queueFull returns the error for a workspace that has too many waiting loads.
func queueFull(limit int) error {
	return problem.New(problem.Unavailable, "The workspace has %d loads in its queue, which is the limit.", limit).
		WithHint("Try again when some of them have ended, or cancel loads that you don't need.").
		WithRetry(retryFull).WithLimit(problem.LimitQueue)
}
