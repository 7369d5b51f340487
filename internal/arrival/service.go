package arrival

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/setup/aws"
	"github.com/windlass-io/windlass/internal/source"
)

// Config configures a [Service]. Every field is required.
type Config struct {
	Checker      access.Checker
	Store        Store
	Sources      Sources
	Integrations Integrations
	Ledger       Ledger
	// Open opens a queue; arrival/sqs.Open outside tests.
	Open   func(QueueAccess) Queue
	Logger *slog.Logger
	Now    func() time.Time
	// Received counts a message that was recorded. Optional.
	Received func(Result)
}

// Result is the outcome of a message.
type Result string

// The results.
const (
	ResultLoaded    Result = "loaded"    // its object waits to be loaded
	ResultKnown     Result = "known"     // the same event, or a newer one, was received before
	ResultUnmatched Result = "unmatched" // no source wants its object
	ResultMalformed Result = "malformed" // not understood; it stays in the queue
)

// Sources finds sources and opens their buckets; *source.Service implements it.
type Sources interface {
	Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (source.Source, error)
	Bucket(ctx context.Context, actor access.Actor, src source.Source) (object.Bucket, error)
}

// Integrations opens queues with roles; *integration.Service implements it.
type Integrations interface {
	// QueueAccess returns keys for one queue, and the address of SQS if it isn't
	// AWS's.
	QueueAccess(ctx context.Context, actor access.Actor, workspace, id, queueARN, kmsKeyARN string) (
		keys func(context.Context) (object.Keys, error), endpoint string, err error)
	// CheckQueue rejects a queue in another partition than the role's.
	CheckQueue(ctx context.Context, actor access.Actor, workspace, id, queueARN, kmsKeyARN string) error
	// QueueRole returns the role that reads queues, for setup documents.
	QueueRole(ctx context.Context, actor access.Actor, workspace, id string) (aws.Events, error)
}

// Ledger returns which object versions were loaded; engine.Engine implements it.
type Ledger interface {
	Recorded(ctx context.Context, sourceID, datasetID string, objects []engine.ObjectVersion) (
		[]engine.LedgerEntry, error)
	// History returns the entries of all versions of objects.
	History(ctx context.Context, sourceID, datasetID string, keys []string) ([]engine.LedgerEntry, error)
	// Ledger returns a page of entries after a key.
	Ledger(ctx context.Context, sourceID, datasetID, afterKey string, limit int) ([]engine.LedgerEntry, error)
}

// QueueAccess has the address of a queue and the keys for it.
type QueueAccess struct {
	ARN      string
	Endpoint string // empty: AWS
	AtOnce   bool   // a receive hardly waits for messages
	Keys     func(ctx context.Context) (object.Keys, error)
}

// Message is a message of a queue.
type Message struct {
	ID     string
	Handle string
	Body   string
}

// Queue is an SQS queue. If SQS responds with an error, it is an [*object.Failure].
type Queue interface {
	// Receive returns up to 10 messages and hides them for a minute. It waits up
	// to 20 seconds for the first one.
	Receive(ctx context.Context) ([]Message, error)
	// Delete deletes messages.
	Delete(ctx context.Context, messages []Message) error
	// Hide hides messages for another duration, or shows them immediately if
	// it is 0.
	Hide(ctx context.Context, messages []Message, hide time.Duration) error
	// Attributes returns all attributes of the queue, as SQS names them.
	Attributes(ctx context.Context) (map[string]string, error)
}

// Batch has the arrivals for one source from a receive or a list.
type Batch struct {
	SourceID string
	Arrivals []Arrival
	Seen     Seen // newer times replace older ones; counts are added
}

// Feed is a schedule that listens to events, with its dataset.
type Feed struct {
	Schedule  schedule.Schedule
	DatasetID string // empty: it doesn't exist yet
	Busy      bool   // a load of the source into the dataset hasn't ended
	Removes   bool   // the rows of deleted objects are removed
	// MaxDeletedPercent is the share of the feed's objects that may be removed at once.
	MaxDeletedPercent int
}

// Update is a change of a waiting object. It applies if no event has changed the
// object since.
type Update struct {
	Object Object
	Gone   bool // it no longer waits
}

// Store stores settings, waiting objects and lists. If a setting is missing, the
// error is a problem with code not_found.
type Store interface {
	// SaveEvents sets or changes a setting, except for what was seen. The setting
	// must have one version less, or not exist.
	SaveEvents(ctx context.Context, changed Setting) error
	Events(ctx context.Context, workspace, sourceID string) (Setting, error)
	// AllEvents returns all settings.
	AllEvents(ctx context.Context) ([]Setting, error)
	// DeleteEvents removes a setting with its waiting objects and lists.
	DeleteEvents(ctx context.Context, workspace, sourceID string) error
	// RecordArrivals merges arrivals into the waiting objects, sets their Known, and
	// adds to the record of what was seen, in one transaction.
	RecordArrivals(ctx context.Context, now time.Time, batches []Batch) error

	// CountWaiting returns the number of waiting objects, and the time when the
	// oldest of them was first seen. With due, it only counts objects that are
	// due.
	CountWaiting(ctx context.Context, sourceID string, now time.Time, due bool) (n int, oldest time.Time, err error)
	// DueObjects returns the objects that are due, oldest first.
	DueObjects(ctx context.Context, sourceID string, now time.Time, limit int) ([]Object, error)
	// StartedObjects returns objects for which a load was started.
	StartedObjects(ctx context.Context, sourceID string, limit int) ([]Object, error)
	// WaitingKeys returns those of the keys that wait.
	WaitingKeys(ctx context.Context, sourceID string, keys []string) (map[string]bool, error)
	// ListObjects returns a page of waiting objects, by key.
	ListWaiting(ctx context.Context, sourceID string, failed bool, request paging.Request) (paging.List[Object], error)
	// CountKept returns the number of deleted objects whose rows a load has kept.
	CountKept(ctx context.Context, sourceID string) (int, error)
	// UpdateWaiting changes waiting objects and adds counts.
	UpdateWaiting(ctx context.Context, sourceID string, updates []Update, counts Counts) error

	// EventFeeds returns the schedules of a source that listen to events.
	EventFeeds(ctx context.Context, workspace, sourceID string) ([]Feed, error)
	// RaiseSchedule sets the fire time of a schedule that has none.
	RaiseSchedule(ctx context.Context, scheduleID string, at time.Time) error

	// ClaimEvents reserves a kind of work on a source for one node, until a time. It
	// reports whether it did.
	ClaimEvents(ctx context.Context, sourceID string, work Work, now, until time.Time) (bool, error)
	// RenewEvents extends a claim until a time to a later one. It reports false if the
	// work was requested or claimed again.
	RenewEvents(ctx context.Context, sourceID string, work Work, until, later time.Time) (bool, error)
	// ReleaseEvents sets the time when the work may be claimed again, unless it was
	// requested or claimed again since it was claimed until a time.
	ReleaseEvents(ctx context.Context, sourceID string, work Work, until, at time.Time) error
	// NoteGone notes in the ledger which loaded objects the bucket no longer has, or has
	// again.
	NoteGone(ctx context.Context, sourceID, datasetID string, keys []string, isGone bool) error
	// CountGone counts the loaded objects that are noted as gone.
	CountGone(ctx context.Context, sourceID, datasetID string) (int, error)
	// SaveEventList stores the report of a list, and ends its approval.
	SaveEventList(ctx context.Context, report List) error
	// EventLists returns a page of the lists of a source, newest first.
	EventLists(ctx context.Context, sourceID string, request paging.Request) (paging.List[List], error)
}

// Work is a kind of work that only one node does at a time.
type Work string

// The kinds of work.
const (
	Starting Work = "start" // loads
	Listing  Work = "list"
)

// Service manages the events of all sources. It is safe for concurrent use.
type Service struct {
	config Config
	random func() float64

	busy    sync.Map // names of the work in progress on this node
	working sync.WaitGroup

	mu        sync.Mutex
	receivers map[string]*receivers // by queue and integration; guarded by mu
}

// New returns a service.
func New(config Config) *Service {
	return &Service{config: config, random: rand.Float64, receivers: map[string]*receivers{}}
}

// system returns the actor for automatic work.
func system(workspace string) access.Actor {
	return access.Actor{Kind: access.System, ID: access.Events, Workspace: workspace}
}

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace, id string) error {
	return s.config.Checker.Check(ctx, actor, action, access.Resource{Workspace: workspace, Kind: "source", ID: id})
}
