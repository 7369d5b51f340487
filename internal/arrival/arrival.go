// Package arrival loads objects when they arrive: it receives a bucket's events
// from a queue, records a waiting object for each key, and lets the schedules
// that listen to events load it. A list on a timer finds objects that events
// missed.
//
//	queue ─► receive ─► record, then delete ─► waiting objects ─► look in the bucket ─► load
//	bucket ────────────────────► list ──────────────┘
//
// An event is a hint. The bucket's current contents determine what is loaded,
// and the ledger has each version once.
package arrival

import (
	"time"

	"github.com/windlass-io/windlass/internal/event"
	"github.com/windlass-io/windlass/internal/object"
)

// Route is the way of events to the queue.
type Route string

// The routes.
const (
	Direct      Route = "direct"      // S3 sends to the queue
	Topic       Route = "sns"         // S3 sends to a topic, and the topic to the queue
	EventBridge Route = "eventbridge" // a rule of EventBridge sends to the queue
)

// Setting is the queue that receives the events of a source's bucket.
type Setting struct {
	Workspace     string
	SourceID      string
	IntegrationID string // of the source; its role reads the queue
	Queue         string // ARN
	Route         Route
	KMSKeyARN     string // of the queue's key; may be empty
	SenderARN     string // of the topic or the rule; may be empty
	Window        time.Duration
	MaxObjects    int
	ListEvery     time.Duration
	Paused        bool
	Version       int64     // increases with every change by a person
	SetAt         time.Time // when the queue was set
	MadeBy        string
	UpdatedAt     time.Time
	Seen          Seen
	NextListAt    time.Time
	// Approval names who approved that the next list removes the rows of deleted objects
	// although they are many, and when. Empty: nobody did.
	Approval string
}

// Seen counts the messages that were received for a source.
type Seen struct {
	LastReceive  time.Time          `json:"last_receive,omitzero"` // answered by the queue, also without messages
	LastEvent    time.Time          `json:"last_event,omitzero"`   // the time of the newest event
	TestEvent    time.Time          `json:"test_event,omitzero"`
	Confirmation event.Confirmation `json:"confirmation,omitzero"` // a subscription that its owner must confirm
	DetailOnly   time.Time          `json:"detail_only,omitzero"`  // receive of an event without its envelope
	Keys         KeySpan            `json:"keys,omitzero"`
	FailingSince time.Time          `json:"failing_since,omitzero"`
	Fault        string             `json:"fault,omitempty"` // of the last receive
	Hint         string             `json:"hint,omitempty"`
	Counts       Counts             `json:"counts"`
}

// Counts has the number of messages and events by their outcomes, since the
// queue was set.
type Counts struct {
	Messages      int64            `json:"messages"`
	Malformed     int64            `json:"malformed"`         // messages that were left in the queue
	Records       map[string]int64 `json:"records,omitempty"` // by action, and for ignored and malformed ones by reason
	Duplicates    int64            `json:"duplicates"`
	Stale         int64            `json:"stale"`
	Missed        int64            `json:"missed"` // that only a list found
	Loaded        int64            `json:"loaded"` // that left with an entry in the ledger
	Removed       int64            `json:"removed"`
	ReceiveErrors int64            `json:"receive_errors"`
}

// Add adds counts.
func (c *Counts) Add(more *Counts) {
	c.Messages += more.Messages
	c.Malformed += more.Malformed
	c.Duplicates += more.Duplicates
	c.Stale += more.Stale
	c.Missed += more.Missed
	c.Loaded += more.Loaded
	c.Removed += more.Removed
	c.ReceiveErrors += more.ReceiveErrors
	for name, n := range more.Records {
		if c.Records == nil {
			c.Records = map[string]int64{}
		}
		c.Records[name] += n
	}
}

// Origin is the way in which an object was found.
type Origin string

// The origins.
const (
	FromEvent Origin = "event"
	FromList  Origin = "list"
)

// Object is an object that waits to be loaded.
type Object struct {
	Key       string
	Action    event.Action
	Mark      event.Mark
	EventAt   time.Time
	FirstSeen time.Time
	Origin    Origin
	Attempts  int
	NextAt    time.Time // when it is tried; zero: at once
	Exhausted bool      // it is tried by the list and by hand only
	Fault     string    // of the last attempt
	Revision  int64     // increases with every event
	Started   bool      // a load was started for it
	Approved  string    // who approved removing its rows, however many are deleted; may be empty
	Found     object.Info
}

// Arrival is an event or an object of a list.
type Arrival struct {
	Key     string
	Action  event.Action
	Mark    event.Mark
	EventAt time.Time
	Origin  Origin

	Approved string // who approved removing the rows of a deleted object; may be empty

	Known   bool // the same event or a newer one came before; [Store] sets it
	message int  // which message of a receive had the event
}

// Merge returns the waiting object of a key after an arrival. row is the
// current one, or nil.
func Merge(row *Object, a *Arrival, now time.Time) (merged Object, order event.Order) {
	fresh := Object{
		Key: a.Key, Action: a.Action, Mark: a.Mark, EventAt: a.EventAt, FirstSeen: now, Origin: a.Origin, Revision: 1,
		Approved: a.Approved,
	}
	if row == nil {
		return fresh, event.Newer
	}
	waits, order := event.Merge(event.Waiting{Action: row.Action, Mark: row.Mark}, a.Action, a.Mark)
	if order == event.Older || order == event.Same {
		return *row, order
	}
	fresh.Action, fresh.Mark, fresh.Revision = waits.Action, waits.Mark, row.Revision+1
	if fresh.Approved == "" {
		fresh.Approved = row.Approved
	}
	if !row.Started && row.Attempts == 0 {
		fresh.FirstSeen = row.FirstSeen
	}
	return fresh, order
}

// List is the report of a list.
type List struct {
	ID         string
	SourceID   string
	StartedAt  time.Time
	EndedAt    time.Time
	Complete   bool
	Fault      string // why it broke off
	Seen       int64  // objects
	Matched    int64
	Expected   int64     // objects since those of the previous list whose events must have arrived
	ExpectedTo time.Time // when the newest of them was modified
	Missed     int64
	Backfilled int64
	Gone       int64       // loaded objects that the bucket no longer has, and that weren't noted as gone
	Held       int64       // of these, objects whose rows stay because they are too many
	Approval   string      // the approval to remove their rows nevertheless; may be empty
	MissedKeys []MissedKey // the first [MaxMissedKeys]
}

// MissedKey is an object without an event.
type MissedKey struct {
	Key      string    `json:"key"`
	Modified time.Time `json:"modified"`
}

// Limits and defaults.
const (
	MaxMissedKeys = 100
	KeepLists     = 90 * 24 * time.Hour

	DefaultWindow     = 30 * time.Second
	MaxWindow         = 15 * time.Minute
	DefaultMaxObjects = 1000
	MostObjects       = 100_000
	DefaultListEvery  = time.Hour
	MinListEvery      = 5 * time.Minute
	MaxListEvery      = 7 * 24 * time.Hour
)

// retries are the waits between the attempts to load an object.
var retries = []time.Duration{
	time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour,
}

// FaultKept is the fault of a deleted object whose rows a load has kept.
const FaultKept = "The object was deleted, but its rows stay: too many objects were deleted at once, or the load " +
	"failed."

// IsGone reports whether the bucket didn't have the object when it was looked up.
func (o *Object) IsGone() bool { return o.Found.Key == "" }

// tried records an attempt.
func (o *Object) tried(now time.Time) {
	o.Started = true
	if o.Attempts < len(retries) {
		o.NextAt = now.Add(retries[o.Attempts])
	} else {
		o.Exhausted = true
	}
	o.Attempts++
}
