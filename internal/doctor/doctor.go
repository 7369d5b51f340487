// Package doctor proves that an integration works, and only as it should: an
// ordered run of checks, each a real call to AWS through the code that loads
// data, each with its evidence, its likely cause and what to change.
//
//	identity · role-arn · assume · assume-without-id · assume-wrong-id · vend who gets in
//	region · list · list-outside · get · get-outside                          what is open
//	put · delete | put-refused · requester-pays · session-policy              what can be done
//
// A check that must be refused passes on a refusal alone: that nobody answered
// proves nothing, and the integration is not verified by it. What a check
// writes it deletes at once. A verification makes at most [MaxCalls] calls.
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

// MaxCalls bounds the calls to AWS of one verification. A call that the SDK
// tries again counts once.
const MaxCalls = 20

// Config is what a [Service] needs. Every field without "optional" is required.
type Config struct {
	Checker      access.Checker
	Integrations Integrations
	Credentials  Credentials // optional: without it no access key is verified
	Roles        Roles
	// Open reaches a bucket as the loader does. It should give up sooner: a
	// person waits.
	Open     func(object.Access) object.Bucket
	Store    Store
	Recorder access.Recorder // of what no actor asked for: that an integration turned bad
	Notes    Notes           // optional: of what AWS was asked
	Notifier Notifier        // optional
	Every    time.Duration   // between two verifications of an integration that has been good; default 6 h
	// Keep is how many verifications of an integration are kept whatever they
	// came to; default 100. Older ones that came to something else than the one
	// before them are kept for KeepChanges; default 400 days.
	Keep        int
	KeepChanges time.Duration
	Random      io.Reader // crypto/rand.Reader outside tests
	Logger      *slog.Logger
	Now         func() time.Time
}

// Integrations are what is verified; *integration.Service fulfils it.
type Integrations interface {
	Get(ctx context.Context, actor access.Actor, workspace, id string) (integration.Integration, error)
	Reach(i integration.Integration, bucket string, keys func(context.Context) (object.Keys, error)) object.Access
	Conclude(ctx context.Context, workspace, id string, verdict integration.Verdict) (after integration.Integration, was integration.State, err error)
	Expire(ctx context.Context) ([]integration.Integration, error)
}

// Roles is the service's standing with AWS; *assume.Caller fulfils it.
type Roles interface {
	Principal(ctx context.Context) (assume.Principal, error)
	Assume(ctx context.Context, request assume.Request) (assume.Session, error)
	Probe(ctx context.Context, request assume.Request, lure assume.Replacement) (requestID string, err error)
}

// Store keeps verifications. A missing one is a problem of code not_found.
type Store interface {
	// InsertVerification keeps one that begins. It answers conflict while
	// another one of the same integration runs.
	InsertVerification(ctx context.Context, v Verification) error
	// SaveVerification replaces one that runs.
	SaveVerification(ctx context.Context, v Verification) error
	Verification(ctx context.Context, workspace, integration, id string) (Verification, error)
	// RunningVerification gives the one of an integration that runs.
	RunningVerification(ctx context.Context, workspace, integration string) (Verification, error)
	// ListVerifications gives those of an integration, newest first.
	ListVerifications(ctx context.Context, workspace, integration string, request paging.Request) (paging.List[Verification], error)
	// SaveCredentialVerification keeps the last one of an access key.
	SaveCredentialVerification(ctx context.Context, v Verification) error
	CredentialVerification(ctx context.Context, workspace, credential string) (Verification, error)
	// SetDue says when an integration is to be verified next; zero: never.
	SetDue(ctx context.Context, due Due) error
	// TakeDue gives up to limit of what is due, and puts them off until
	// later, so that no other node takes them.
	TakeDue(ctx context.Context, now, later time.Time, limit int) ([]Due, error)
	// PruneVerifications drops those that are not among the newest keep of their
	// integration: at once when they are not notable, else when they began before
	// a time. It counts them.
	PruneVerifications(ctx context.Context, keep int, before time.Time) (int, error)
}

// Notes keeps what came of an act; *audit.Recorder fulfils it.
type Notes interface {
	Note(ctx context.Context, entry audit.Entry) error
}

// Due is that an integration is to be verified at a time.
type Due struct {
	Workspace   string
	Integration string
	At          time.Time
	Trigger     Trigger
}

// Notifier tells the world that an integration's state changed for better or
// worse. It should answer soon; an error is logged.
type Notifier interface {
	Notify(ctx context.Context, turn Turn) error
}

// Turn is a change of an integration's state that a verification found.
type Turn struct {
	Integration  integration.Integration
	Was          integration.State
	Verification Verification
}

// Service verifies integrations. It may be used from many goroutines at once.
type Service struct {
	config Config
	group  sync.WaitGroup // runs and the timer

	mu      sync.Mutex
	live    map[string]*live // running here, by integration
	stopped bool
	cancel  context.CancelFunc // ends the timer
	pruned  time.Time          // when history was last pruned here
}

// New makes the service. [Service.Stop] waits for what it began.
func New(config Config) *Service {
	if config.Every == 0 {
		config.Every = 6 * time.Hour
	}
	config.Keep = cmp.Or(config.Keep, 100)
	config.KeepChanges = cmp.Or(config.KeepChanges, 400*24*time.Hour)
	return &Service{config: config, live: map[string]*live{}}
}
