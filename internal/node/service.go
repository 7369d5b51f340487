package node

import (
	"context"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
)

// Service lists nodes and drains them, for the operators of the instance.
type Service struct {
	checker access.Checker
	store   Store
}

// NewService returns a service.
func NewService(checker access.Checker, store Store) *Service { return &Service{checker, store} }

// List returns all nodes of the last seven days, the newest first, and the time of
// the database's clock.
func (s *Service) List(ctx context.Context, actor access.Actor) ([]Node, time.Time, error) {
	if err := s.checker.Check(ctx, actor, access.NodeList, access.Resource{Kind: access.KindInstance}); err != nil {
		return nil, time.Time{}, err
	}
	return s.store.Nodes(ctx)
}

// Drain makes a node, by name or ID, claim no more loads; with drain false it claims
// loads again.
func (s *Service) Drain(ctx context.Context, actor access.Actor, nameOrID string, drain bool) (Node, error) {
	what := access.Resource{Kind: access.KindInstance, ID: nameOrID}
	if err := s.checker.Check(ctx, actor, access.NodeDrain, what); err != nil {
		return Node{}, err
	}
	all, now, err := s.store.Nodes(ctx)
	if err != nil {
		return Node{}, err
	}
	found, err := living(all, now, nameOrID)
	if err != nil {
		return Node{}, err
	}
	return found, s.store.DrainNode(ctx, found.ID, drain)
}

// living returns the one node that lives and has this name or ID.
func living(all []Node, now time.Time, nameOrID string) (Node, error) {
	var found []Node
	var names []string
	for i := range all {
		n := &all[i]
		if state := n.StateAt(now); state != Live && state != Draining {
			continue
		}
		names = append(names, n.Name)
		if n.Name == nameOrID || n.ID == nameOrID {
			found = append(found, *n)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return Node{}, problem.New(problem.Conflict, "Several nodes are named %s.", nameOrID).
			WithHint("Use the node's ID. windlass nodes lists the nodes.")
	case len(names) == 0:
		return Node{}, problem.New(problem.NotFound, "There is no node %s: no node is running.", nameOrID)
	default:
		return Node{}, problem.New(problem.NotFound, "There is no node %s that is running.", nameOrID).
			WithHint("Running: %s.", strings.Join(names, ", "))
	}
}
