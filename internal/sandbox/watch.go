package sandbox

import "github.com/windlass-io/windlass/internal/sandbox/authz"

// Decisions returns up to n of the latest decisions, newest first, each with
// its full explanation.
func (s *Sandbox) Decisions(n int) []authz.Decision { return s.authorizer.Last(n) }

// Find returns the latest calls that match a filter, newest first.
func (s *Sandbox) Find(filter authz.Filter) []authz.Decision { return s.authorizer.Find(filter) }

// Changed returns a channel that is closed when the next call is decided, so
// that watchers need not poll.
func (s *Sandbox) Changed() <-chan struct{} { return s.authorizer.Changed() }
