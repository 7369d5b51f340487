package node

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// Config configures a [Member]. Every field is required.
type Config struct {
	Store Store
	Self  Node // its times are set by Join
	// Shared reports that several machines reach the state. A state in a file has one
	// process, and others in its list are of the past.
	Shared bool
	Logger *slog.Logger
	Now    func() time.Time
}

// Member is this process among the nodes. It is safe for concurrent use.
type Member struct {
	config   Config
	joined   atomic.Bool
	draining atomic.Bool
	seen     atomic.Int64 // when the process was last seen, in nanoseconds since 1970
	ahead    atomic.Int64 // nanoseconds by which the database's clock is ahead
}

// New returns the member of a process that has not joined yet.
func New(config Config) *Member { return &Member{config: config} }

// Join adds the process to the nodes. If another node or a difference prevents it
// from serving the state, the error is a problem with code conflict that names the
// cause.
func (m *Member) Join(ctx context.Context) error {
	err := m.config.Store.JoinNode(ctx, m.config.Self, func(others []Node, now time.Time) error {
		if !m.config.Shared {
			return nil
		}
		m.setClock(m.config.Now(), now)
		return m.check(others, now)
	})
	if err != nil {
		return err
	}
	m.joined.Store(true)
	m.config.Logger.InfoContext(ctx, telemetry.NodeJoined, "name", m.config.Self.Name, "version", m.config.Self.Version)
	return nil
}

// check returns an error if the node can't run along with the live ones.
func (m *Member) check(others []Node, now time.Time) error {
	if off := m.config.Now().Sub(now); off > skew || off < -skew {
		return problem.New(problem.Conflict, "The clock of this machine is %s away from the state database's.",
			off.Abs().Round(time.Second)).WithHint("Synchronize both clocks, for example with chrony, and start again.")
	}
	for i := range others {
		other := &others[i]
		if !other.StateAt(now).Runs() {
			continue
		}
		if other.Rows != m.config.Self.Rows { // in the same folder, the folder's lock decides
			return besides(other, now)
		}
		if !compatible(other.Version, m.config.Self.Version) {
			return problem.New(problem.Conflict, "This node has version %s, and the node %s has version %s.",
				m.config.Self.Version, other.Name, other.Version).
				WithHint("Upgrade one minor release at a time.")
		}
	}
	return nil
}

// besides returns the error for a second node while rows are in local files.
func besides(other *Node, now time.Time) error {
	return problem.New(problem.Conflict,
		"Another node serves this state: %s at %s, seen %s ago. Its rows are in %s, which this node can't read.",
		other.Name, other.Address, now.Sub(other.SeenAt).Round(time.Second), other.Rows).
		WithHint("Stop the other node. This one can start %s after the other was last seen. Rows in local files "+
			"allow only one node.", Lost)
}

// Keep records every five seconds that the process is alive, until ctx ends.
func (m *Member) Keep(ctx context.Context) {
	ticker := time.NewTicker(Beat)
	defer ticker.Stop()
	for beats := 0; ; beats++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := m.see(ctx); err != nil && ctx.Err() == nil {
			m.config.Logger.ErrorContext(ctx, telemetry.NodeNotRecorded, "cause", err)
		}
		if beats%int(time.Hour/Beat) == 0 {
			_ = m.config.Store.PruneNodes(ctx, kept) // the next hour tries again
		}
	}
}

func (m *Member) see(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	asked := m.config.Now()
	draining, now, err := m.config.Store.SeeNode(ctx, m.config.Self.ID)
	if err != nil {
		return err
	}
	m.seen.Store(m.config.Now().UnixNano())
	if m.config.Shared {
		m.setClock(asked.Add(m.config.Now().Sub(asked)/2), now)
	}
	if m.draining.Swap(draining) != draining {
		message := telemetry.NodeResumed
		if draining {
			message = telemetry.NodeDraining
		}
		m.config.Logger.InfoContext(ctx, message)
	}
	return nil
}

// LastSeen returns when the process last recorded that it is alive, or zero if
// it hasn't yet.
func (m *Member) LastSeen() time.Time {
	if at := m.seen.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

// setClock records the difference between the clocks of the database and this
// machine.
func (m *Member) setClock(here, there time.Time) { m.ahead.Store(int64(there.Sub(here))) }

// Skew returns by how much this machine's clock is ahead of the database's, as of the
// last beat; negative if it is behind, 0 for a state in a file.
func (m *Member) Skew() time.Duration { return -time.Duration(m.ahead.Load()) }

// Now returns the time by the clock of the database, which all nodes of a state share:
// leases and what is due are decided by it. It is compared at each beat.
func (m *Member) Now() time.Time { return m.config.Now().Add(time.Duration(m.ahead.Load())) }

// ID returns the node's ID.
func (m *Member) ID() string { return m.config.Self.ID }

// Lost reports whether a node has ended, or wasn't seen for 20 seconds.
func (m *Member) Lost(ctx context.Context, nodeID string) (bool, error) {
	all, now, err := m.config.Store.Nodes(ctx)
	if err != nil {
		return false, err
	}
	for i := range all {
		if all[i].ID == nodeID {
			state := all[i].StateAt(now)
			return state == Gone || state == Ended, nil
		}
	}
	return true, nil // it was forgotten days after it ended
}

// Draining reports whether the node claims no loads.
func (m *Member) Draining() bool { return m.draining.Load() }

// Leave records the end, if the process has joined.
func (m *Member) Leave(ctx context.Context) error {
	if !m.joined.Swap(false) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	if err := m.config.Store.LeaveNode(ctx, m.config.Self.ID); err != nil {
		return fmt.Errorf("leaving the nodes: %w", err)
	}
	m.config.Logger.InfoContext(ctx, telemetry.NodeLeft, "name", m.config.Self.Name, "version", m.config.Self.Version)
	return nil
}
