// Package rehearsal lets the members of a workspace look into the sandbox that
// their service works against, and break it on purpose. Where the service
// works against AWS itself, there is no rehearsal.
package rehearsal

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

// Config is what a [Service] needs. Every field is required.
type Config struct {
	Checker  access.Checker
	Sandbox  Sandbox
	Endpoint string // where clients reach the sandbox: "http://127.0.0.1:9090"
	Region   string
}

// Sandbox is the embedded AWS stand-in; *sandbox.Sandbox implements it.
type Sandbox interface {
	Find(filter authz.Filter) []authz.Decision
	Changed() <-chan struct{}
	Faults() *fault.Set
}

// Service is the rehearsal. It may be used from many goroutines at once.
type Service struct{ config Config }

// New makes the service.
func New(config Config) *Service { return &Service{config: config} }

// Endpoint is where clients reach the sandbox, and its region.
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

// Decision returns one call by its number. Calls are forgotten after a while.
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
		return authz.Decision{}, problem.New(problem.NotFound, "The sandbox does not remember call %d.", sequence).
			WithHint("It keeps the last thousand calls, as long as it runs.")
	}
	return found[len(found)-1], nil
}

// burst is how long Watch collects calls before it reports them: a request may
// take several decisions, and its outcome follows soon after.
const burst = 200 * time.Millisecond

// Watch calls see with the new calls that match the filter, newest first, each
// time there are some, until ctx ends. It counts as one read: decided and
// recorded once. Watch stops when see returns an error, and returns that error.
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

// Faults returns the faults that were not taken away, oldest first.
func (s *Service) Faults(ctx context.Context, actor access.Actor, workspace string) ([]fault.Fault, error) {
	if err := s.check(ctx, actor, access.SandboxRead, workspace); err != nil {
		return nil, err
	}
	return s.config.Sandbox.Faults().List(), nil
}

// Break puts a fault in force.
func (s *Service) Break(
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

// Mend removes a fault. Removing a fault that doesn't exist is no error.
func (s *Service) Mend(ctx context.Context, actor access.Actor, workspace, faultID string) error {
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
