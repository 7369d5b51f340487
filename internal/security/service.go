package security

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// Filter selects entries. Empty fields select all.
type Filter struct {
	Kind      Kind
	Address   string    // an IPv4 address, or an IPv6 address or /64
	From      time.Time // events at this time and later
	To        time.Time // events before this time
	Workspace string    // workspace ID; set by the service
}

// Reader reads entries.
type Reader interface {
	// ListSecurity returns the newest entry of each window, newest first.
	ListSecurity(ctx context.Context, filter Filter, request paging.Request) (paging.List[Entry], error)
	// SecurityChain returns up to limit entries after a position in the chain,
	// in order, and the hash before the first one.
	SecurityChain(ctx context.Context, after int64, limit int) (entries []Entry, before string, err error)
}

// Config configures a [Service]. Every field is required.
type Config struct {
	Checker access.Checker
	Reader  Reader
	Log     *Log // flushed before a list, so that it includes the latest events
	// Home returns the ID of the home workspace, whose owners operate the
	// instance.
	Home func(ctx context.Context) (workspaceID string, err error)
}

// Service reads the security log.
type Service struct{ config Config }

// New returns a service.
func New(config Config) *Service { return &Service{config: config} }

// List returns a page of the entries that name a workspace, newest first. An
// empty workspace is the whole instance, for its operators.
func (s *Service) List(ctx context.Context, actor access.Actor, workspace string, filter Filter,
	request paging.Request,
) (paging.List[Entry], error) {
	if err := s.check(ctx, actor, workspace); err != nil {
		return paging.List[Entry]{}, err
	}
	if filter.Kind != "" && !filter.Kind.Known() {
		return paging.List[Entry]{}, problem.New(problem.Invalid, "Unknown kind of the security log.").
			WithFindings(problem.Finding{Path: "kind", Message: "isn't a kind of the security log"})
	}
	if err := s.config.Log.Flush(ctx); err != nil {
		return paging.List[Entry]{}, err
	}
	filter.Workspace = workspace
	if filter.Address != "" {
		filter.Address = Network(filter.Address)
	}
	return s.config.Reader.ListSecurity(ctx, filter, request)
}

// check requires security.list in the workspace or, for the whole instance, in
// the home workspace, which must be the actor's.
func (s *Service) check(ctx context.Context, actor access.Actor, workspace string) error {
	if workspace != "" {
		return s.config.Checker.Check(ctx, actor, access.SecurityList,
			access.Resource{Workspace: workspace, Kind: "security"})
	}
	home, err := s.config.Home(ctx)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return err
	}
	err = s.config.Checker.Check(ctx, actor, access.SecurityList, access.Resource{Workspace: home, Kind: "security"})
	if problem.Is(err, problem.NotFound) {
		return problem.New(problem.Forbidden, "You don't have access to the security log of the whole instance (security.list).").
			WithHint("Owners of the home workspace have access. Owners of other workspaces can read the entries of " +
				"their own workspace.")
	}
	return err
}

// IsOperator reports whether an actor may see the whole instance, because
// they belong to the home workspace.
func (s *Service) IsOperator(ctx context.Context, actor access.Actor) bool {
	home, err := s.config.Home(ctx)
	return err == nil && home != "" && home == actor.Workspace && actor.Role == access.Owner
}

// Report is the result of walking the chain.
type Report struct {
	Entries int64 `json:"entries"` // unchanged entries, from the oldest one that is kept
	Broken  int64 `json:"broken"`  // position of the first changed or missing entry; 0 if there is none
}

// verifyPage is the number of entries that Verify reads at a time.
const verifyPage = 1000

// Verify verifies the chain of the instance, from the oldest entry that is kept.
func (s *Service) Verify(ctx context.Context, actor access.Actor) (Report, error) {
	if err := s.check(ctx, actor, ""); err != nil {
		return Report{}, err
	}
	var report Report
	var head Head
	for {
		entries, before, err := s.config.Reader.SecurityChain(ctx, head.Seq, verifyPage)
		if err != nil || len(entries) == 0 {
			return report, err
		}
		if head.Seq == 0 {
			head = Head{entries[0].Seq - 1, before} // older entries were deleted after their time
		}
		for i := range entries {
			if !head.holds(&entries[i]) {
				report.Broken = head.Seq + 1
				return report, nil
			}
			head = Head{entries[i].Seq, entries[i].Hash}
			report.Entries++
		}
	}
}
