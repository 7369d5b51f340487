package server

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/node"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/store"
)

// join adds this process to the nodes of the state, before it touches the rows. A
// refusal is in the security log.
func (s *Server) join(ctx context.Context) error {
	settings := &s.config.Settings
	machine, err := os.Hostname()
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(settings.Dir)
	if err != nil {
		return err
	}
	s.node = node.New(node.Config{
		Store: s.store, Shared: s.store.Dialect() == store.Postgres, Logger: s.config.Logger, Now: s.config.Now,
		Self: node.Node{
			ID: id.New("node", s.config.Now()), Name: machine, Version: s.config.Version, Address: settings.PublicURL,
			Rows: rowsIn(settings, machine, dir), Roles: settings.NodeRoles(),
		},
	})
	s.config.Logger = s.config.Logger.With("node", s.node.ID())
	err = s.node.Join(ctx)
	if problem.Is(err, problem.Conflict) {
		events := newLog(&s.config, s.store, nil)
		events.Record(ctx, security.Event{Kind: security.NodeRefused, Reason: problem.From(err).Message})
		err = errors.Join(err, events.Stop(ctx))
	}
	return err
}

// rowsIn returns where the rows of a node are, for other nodes. Nodes reach one
// database by different addresses; whether it is the same its identity shows.
func rowsIn(settings *config.Config, machine, dir string) string {
	if settings.RemoteRows() {
		return "PostgreSQL"
	}
	return "files on " + machine + " in " + filepath.Join(dir, "rows")
}

// Nodes returns the processes that serve the state of the settings.
func Nodes(ctx context.Context, cfg Config) (all []node.Listed, err error) {
	err = withNodes(ctx, cfg, func(nodes *node.Service) error {
		all, _, err = nodes.List(ctx, setup)
		return err
	})
	return all, err
}

// DrainNode stops a node, given by name or ID, from claiming loads. If drain is
// false, the node claims loads again.
func DrainNode(ctx context.Context, cfg Config, nameOrID string, drain bool) (drained node.Listed, err error) {
	err = withNodes(ctx, cfg, func(nodes *node.Service) error {
		drained, err = nodes.Drain(ctx, setup, nameOrID, drain)
		return err
	})
	return drained, err
}

func withNodes(ctx context.Context, cfg Config, fn func(*node.Service) error) (err error) {
	state, err := openState(ctx, &cfg.Settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	return fn(node.NewService(access.NewChecker(audit.NewRecorder(state), cfg.Now), state))
}
