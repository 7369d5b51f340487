// Package doctor verifies that an integration works and doesn't allow more than
// it should. It runs checks in order. Each check makes real calls to AWS with
// the code that loads data, and has its evidence, the likely cause of a
// failure, and a fix.
//
//	identity · role-arn · assume · assume-without-id · assume-wrong-id · vend   trust
//	region · list · list-outside · get · get-outside                            reading
//	put · delete | put-refused · requester-pays · session-policy                writing, narrowing
//
// A check that expects a denial passes only if AWS denies the call; any other
// error proves nothing. Checks delete what they write. A verification makes at
// most [MaxCalls] calls.
package doctor

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
)

// MaxCalls is the limit on calls to AWS of one verification. Retries of the SDK
// don't count.
const MaxCalls = 20

// Config configures a [Service]. All fields are required unless they say
// optional.
type Config struct {
	Checker      access.Checker
	Integrations Integrations
	Credentials  Credentials // optional; without it, access keys can't be verified
	Roles        Roles
	// Open opens a bucket as loads do. It should give up sooner, because a
	// person waits for the result.
	Open     func(object.Access) object.Bucket
	Store    Store
	Recorder access.Recorder // records state changes of integrations
	Notes    Notes           // optional; records AWS's request IDs
	Notifier Notifier        // optional
	Every    time.Duration   // interval between automatic verifications; default 6 hours
	// Keep is the number of verifications to keep of each integration; default
	// 100. Older ones whose result differs from the previous one are kept for
	// KeepChanges; default 400 days.
	Keep        int
	KeepChanges time.Duration
	Random      io.Reader // crypto/rand.Reader outside tests
	// Observe counts verifications that ended in a state. Optional.
	Observe func(state string, took time.Duration)
	Logger  *slog.Logger
	Now     func() time.Time
}

// Integrations manages integrations. *[integration.Service] implements it.
type Integrations interface {
	Get(ctx context.Context, actor access.Actor, workspace, id string) (integration.Integration, error)
	Reach(i integration.Integration, bucket string, keys func(context.Context) (object.Keys, error)) object.Access
	Conclude(
		ctx context.Context, workspace, id string, verdict integration.Verdict,
	) (after, was integration.Integration, err error)
	Expire(ctx context.Context) ([]integration.Integration, error)
}

// Roles calls STS. *[assume.Caller] implements it.
type Roles interface {
	Principal(ctx context.Context) (assume.Principal, error)
	Assume(ctx context.Context, request assume.Request) (assume.Session, error)
	Probe(ctx context.Context, request assume.Request, replacement assume.Replacement) (requestID string, err error)
}

// Store stores verifications. If one is missing, the error is a problem with
// code not_found.
type Store interface {
	// InsertVerification stores a new verification. It returns a problem with
	// code conflict while another one of the same integration is running.
	InsertVerification(ctx context.Context, v Verification) error
	// SaveVerification replaces a running verification.
	SaveVerification(ctx context.Context, v Verification) error
	Verification(ctx context.Context, workspace, integration, id string) (Verification, error)
	// RunningVerification returns the running verification of an integration.
	RunningVerification(ctx context.Context, workspace, integration string) (Verification, error)
	// ListVerifications returns an integration's verifications, newest first.
	ListVerifications(
		ctx context.Context, workspace, integration string, request paging.Request,
	) (paging.List[Verification], error)
	// SaveCredentialVerification stores the latest verification of an access key.
	SaveCredentialVerification(ctx context.Context, v Verification) error
	CredentialVerification(ctx context.Context, workspace, credential string) (Verification, error)
	// SetDue sets the time of an integration's next verification. A zero time
	// removes it.
	SetDue(ctx context.Context, due Due) error
	// TakeDue returns up to limit integrations that are due, and postpones them
	// until later so that no other node takes them.
	TakeDue(ctx context.Context, now, later time.Time, limit int) ([]Due, error)
	// PruneVerifications deletes verifications that aren't among the newest keep
	// of their integration: those that aren't notable, and notable ones that
	// started before a time. It returns how many it deleted.
	PruneVerifications(ctx context.Context, keep int, before time.Time) (int, error)
}

// Notes adds notes to the audit. *[audit.Recorder] implements it.
type Notes interface {
	Note(ctx context.Context, entry audit.Entry) error
}

// Due is the time of an integration's next verification.
type Due struct {
	Workspace   string
	Integration string
	At          time.Time
	Trigger     Trigger
}

// Notifier notifies others when an integration stops or starts working. Its
// errors are logged.
type Notifier interface {
	Notify(ctx context.Context, turn Turn) error
}

// Turn is a change of an integration's state.
type Turn struct {
	Integration  integration.Integration
	Was          integration.State // overall
	Verification Verification
}

// Service verifies integrations. It is safe for concurrent use.
type Service struct {
	config Config
	group  sync.WaitGroup // runs and the timer

	mu      sync.Mutex
	live    map[string]*live // running on this node, by integration
	stopped bool
	cancel  context.CancelFunc // stops the timer
	pruned  time.Time          // time of the last pruning on this node
}

// New returns a service. Call [Service.Stop] to wait for its verifications.
func New(config Config) *Service {
	if config.Every == 0 {
		config.Every = 6 * time.Hour
	}
	config.Keep = cmp.Or(config.Keep, 100)
	config.KeepChanges = cmp.Or(config.KeepChanges, 400*24*time.Hour)
	return &Service{config: config, live: map[string]*live{}}
}
