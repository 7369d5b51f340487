// Package rehearsal lets members of a workspace inspect the sandbox that their
// service uses, and inject faults into it. It isn't available when the service
// uses AWS itself.
package rehearsal

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

// Config configures a [Service]. Every field is required.
type Config struct {
	Checker  access.Checker
	Sandbox  Sandbox
	Endpoint string // the sandbox's address for clients, such as "http://127.0.0.1:9090"
	Region   string
}

// Sandbox is the embedded AWS stand-in; *sandbox.Sandbox implements it.
type Sandbox interface {
	Find(filter authz.Filter) []authz.Decision
	Changed() <-chan struct{}
	Faults() *fault.Set
}

// Service serves the sandbox's decisions and faults. It is safe for concurrent
// use.
type Service struct{ config Config }

// New returns a service.
func New(config Config) *Service { return &Service{config: config} }

// Endpoint returns the sandbox's address for clients, and its region.
func (s *Service) Endpoint() (url, region string) { return s.config.Endpoint, s.config.Region }

// Decisions returns the latest calls that match a filter, newest first.
func (s *Service) Decisions(
	ctx context.Context,
	actor access.Actor,
	workspace string,
	filter authz.Filter,
) ([]authz.Decision, error) {
	if err := s.check(ctx, actor, access.SandboxRead, workspace); err != nil {
		return nil, err
	}
	return s.config.Sandbox.Find(filter), nil
}

// Decision returns one call by its number. The sandbox only keeps the latest
// calls.
func (s *Service) Decision(
	ctx context.Context,
	actor access.Actor,
	workspace string,
	sequence int64,
) (authz.Decision, error) {
	found, err := s.Decisions(ctx, actor, workspace, authz.Filter{After: sequence - 1})
	if err != nil {
		return authz.Decision{}, err
	}
	if len(found) == 0 || found[len(found)-1].Sequence != sequence {
		return authz.Decision{}, problem.New(problem.NotFound, "Call %d isn't in the sandbox's log.", sequence).
			WithHint("The sandbox keeps its latest thousand calls, until it stops.")
	}
	return found[len(found)-1], nil
}

// burst is how long Watch collects calls before it reports them, because a
// request may need several decisions and its outcome follows soon after.
const burst = 200 * time.Millisecond

// Watch calls see with the new calls that match the filter, newest first, each
// time there are any, until ctx is done. It is checked and recorded as one
// read. Watch stops when see returns an error, and returns that error.
func (s *Service) Watch(
	ctx context.Context,
	actor access.Actor,
	workspace string,
	filter authz.Filter,
	see func([]authz.Decision) error,
) error {
	if err := s.check(ctx, actor, access.SandboxRead, workspace); err != nil {
		return err
	}
	for {
		changed := s.config.Sandbox.Changed()
		if found := s.config.Sandbox.Find(filter); len(found) > 0 {
			filter.After = found[0].Sequence
			if err := see(found); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(burst):
		}
	}
}

// Faults returns the active faults, oldest first.
func (s *Service) Faults(ctx context.Context, actor access.Actor, workspace string) ([]fault.Fault, error) {
	if err := s.check(ctx, actor, access.SandboxRead, workspace); err != nil {
		return nil, err
	}
	return s.config.Sandbox.Faults().List(), nil
}

// AddFault adds a fault.
func (s *Service) AddFault(
	ctx context.Context,
	actor access.Actor,
	workspace string,
	broken fault.Fault,
) (fault.Fault, error) {
	if err := s.check(ctx, actor, access.SandboxBreak, workspace); err != nil {
		return fault.Fault{}, err
	}
	return s.config.Sandbox.Faults().Add(broken)
}

// RemoveFault removes a fault. It is not an error if the fault doesn't exist.
func (s *Service) RemoveFault(ctx context.Context, actor access.Actor, workspace, faultID string) error {
	if err := s.check(ctx, actor, access.SandboxBreak, workspace); err != nil {
		return err
	}
	s.config.Sandbox.Faults().Remove(faultID)
	return nil
}

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace string) error {
	return s.config.Checker.Check(
		ctx,
		actor,
		action,
		access.Resource{Workspace: workspace, Kind: "sandbox", ID: "sandbox"},
	)
}
