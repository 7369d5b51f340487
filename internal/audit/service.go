package audit

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
)

// The limits of reading.
const (
	walkBlocks  = 256   // blocks read at a time
	scanEntries = 20000 // entries read for one page; the cursor continues from there
)

// Store reads stored entries.
type Store interface {
	// AuditHead returns the end of a workspace's chain.
	AuditHead(ctx context.Context, workspace string) (Head, error)
	// AuditForward returns up to limit blocks whose first entry comes after
	// number after, in order. after must be the end of a block.
	AuditForward(ctx context.Context, workspace string, after int64, limit int) ([]Block, error)
	// AuditBack returns the blocks whose first entry comes before number before,
	// newest first, at most limit. If reads is false, it leaves out blocks of reads.
	AuditBack(ctx context.Context, workspace string, before int64, reads bool, limit int) ([]Block, error)
	// AuditArchives returns the parts of a chain that are in files, oldest first.
	AuditArchives(ctx context.Context, workspace string) ([]Archived, error)
}

// Config configures a [Service]. Every field without "optional" is required.
type Config struct {
	Store    Store
	Checker  access.Checker
	Archives string // folder with archive files; optional: there are none
}

// Service reads the audit of a workspace.
type Service struct {
	store    Store
	checker  access.Checker
	archives string
}

// New returns a service.
func New(config Config) *Service {
	return &Service{store: config.Store, checker: config.Checker, archives: config.Archives}
}

// check checks the actor's permission.
func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace string) error {
	return s.checker.Check(ctx, actor, action, access.Resource{Workspace: workspace, Kind: "audit"})
}
