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

// Listed is a node with its state.
type Listed struct {
	Node

	State State `json:"state" enum:"live,draining,lost,ended"`
}

// List returns all nodes of the last seven days, the newest first, and the time of
// the database's clock.
func (s *Service) List(ctx context.Context, actor access.Actor) ([]Listed, time.Time, error) {
	if err := s.checker.Check(ctx, actor, access.NodeList, access.Resource{Kind: access.KindInstance}); err != nil {
		return nil, time.Time{}, err
	}
	return s.list(ctx)
}

func (s *Service) list(ctx context.Context) ([]Listed, time.Time, error) {
	all, now, err := s.store.Nodes(ctx)
	listed := make([]Listed, len(all))
	for i := range all {
		listed[i] = Listed{all[i], all[i].StateAt(now)}
	}
	return listed, now, err
}

// Drain stops a node, given by name or ID, from claiming loads. If drain is false,
// the node claims loads again. Drain returns the changed node.
func (s *Service) Drain(ctx context.Context, actor access.Actor, nameOrID string, drain bool) (Listed, error) {
	what := access.Resource{Kind: access.KindInstance, ID: nameOrID}
	if err := s.checker.Check(ctx, actor, access.NodeDrain, what); err != nil {
		return Listed{}, err
	}
	all, _, err := s.list(ctx)
	if err != nil {
		return Listed{}, err
	}
	found, err := running(all, nameOrID)
	if err != nil {
		return Listed{}, err
	}
	if err := s.store.DrainNode(ctx, found.ID, drain); err != nil {
		return Listed{}, err
	}
	if all, _, err = s.list(ctx); err != nil {
		return Listed{}, err
	}
	return running(all, found.ID)
}

// running returns the one running node that has this name or ID.
func running(all []Listed, nameOrID string) (Listed, error) {
	var found []Listed
	var names []string
	for i := range all {
		n := &all[i]
		if !n.State.Runs() {
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
		return Listed{}, problem.New(problem.Conflict, "Several nodes are named %s.", nameOrID).
			WithHint("Use the node's ID. windlass nodes lists the nodes.")
	case len(names) == 0:
		return Listed{}, problem.New(problem.NotFound, "There is no node %s: no node is running.", nameOrID)
	default:
		return Listed{}, problem.New(problem.NotFound, "There is no running node %s.", nameOrID).
			WithHint("Running nodes: %s.", strings.Join(names, ", "))
	}
}
