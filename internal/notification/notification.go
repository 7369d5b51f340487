// Package notification notifies people and programs of events in a workspace:
// loads that failed, schema drift, missed schedules, integrations that stopped
// working.
//
// An [Event] is stored in the transaction of the change that it reports, with a
// [Delivery] for each [Destination] that subscribes to it. One node claims a
// delivery, sends it through the carrier of the destination's kind, and retries
// it with growing waits. So an event is sent at least once. Order isn't
// guaranteed.
package notification

import (
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/secret"
)

// Type is the kind of an event.
type Type string

// The types.
const (
	LoadSucceeded Type = "load.succeeded"
	LoadPartial   Type = "load.partial"
	LoadFailed    Type = "load.failed"
	LoadCancelled Type = "load.cancelled"
	LoadRecovered Type = "load.recovered" // the first success after a failure

	DriftDetected Type = "drift.detected"
	SchemaChanged Type = "schema.changed"

	ScheduleMissed  Type = "schedule.missed"
	ScheduleSkipped Type = "schedule.skipped"

	IntegrationFailing   Type = "integration.failing"
	IntegrationInsecure  Type = "integration.insecure"
	IntegrationRecovered Type = "integration.recovered"

	EventsMissed Type = "events.missed"

	Test     Type = "notification.test"     // sent on request only
	Disabled Type = "notification.disabled" // sent to the owners only
)

// Types returns the types that a destination can subscribe to.
func Types() []Type {
	return []Type{
		LoadSucceeded, LoadPartial, LoadFailed, LoadCancelled, LoadRecovered, DriftDetected, SchemaChanged,
		ScheduleMissed, ScheduleSkipped, IntegrationFailing, IntegrationInsecure, IntegrationRecovered, EventsMissed,
	}
}

// DefaultEvents returns the events for destinations that don't name any.
func DefaultEvents() []string {
	return []string{
		string(LoadFailed), string(LoadPartial), string(LoadRecovered), string(DriftDetected), string(ScheduleMissed),
		string(EventsMissed), "integration.*",
	}
}

// Kind is the way in which a destination is reached.
type Kind string

// The kinds.
const (
	Webhook Kind = "webhook" // a signed HTTP request
	Slack   Kind = "slack"   // an incoming webhook of Slack, Mattermost or Rocket.Chat
	Email   Kind = "email"
)

// Kinds returns the kinds.
func Kinds() []Kind { return []Kind{Webhook, Slack, Email} }

// Destination is where notifications are sent.
type Destination struct {
	ID             string // "ntf_…"
	Workspace      string // workspace ID
	Name           string // unique in the workspace
	Kind           Kind
	Address        string   // of a webhook; for Slack only the origin, because its URL is a secret
	To             []string // e-mail addresses
	Sealed         []byte   // [Secrets], encrypted; empty for e-mail
	Events         []string // types, or patterns such as load.*
	Datasets       []string // names; none: all
	Enabled        bool
	DisabledReason string    // why Windlass disabled it; empty if a person did
	FailingSince   time.Time // the first of the failures in a row; zero: it works
	FailedAt       time.Time // the last of them
	Version        int64
	MadeBy         string
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Secrets has the sealed values of a destination.
type Secrets struct {
	URL      string    `json:"url,omitempty"`      // of Slack
	Key      string    `json:"key,omitempty"`      // "whsec_…", of a webhook
	Previous string    `json:"previous,omitempty"` // the key before, which also signs until PreviousUntil
	Until    time.Time `json:"until,omitzero"`
}

// Keys returns the keys that sign at a time, the current one first.
func (s *Secrets) Keys(now time.Time) []secret.String {
	keys := []secret.String{secret.New(s.Key)}
	if s.Previous != "" && now.Before(s.Until) {
		keys = append(keys, secret.New(s.Previous))
	}
	return keys
}

// Wants reports whether the destination subscribes to an event.
func (d *Destination) Wants(e *Event) bool {
	if !slices.ContainsFunc(d.Events, func(pattern string) bool { return matches(pattern, e.Type) }) {
		return false
	}
	return len(d.Datasets) == 0 || e.Dataset == "" || slices.ContainsFunc(d.Datasets, func(name string) bool {
		return strings.EqualFold(name, e.Dataset)
	})
}

// matches reports whether a pattern such as load.* has a type.
func matches(pattern string, t Type) bool {
	prefix, ok := strings.CutSuffix(pattern, "*")
	return pattern == string(t) || ok && strings.HasPrefix(string(t), prefix)
}

// Event is something that happened.
type Event struct {
	ID        string // "evt_…"
	Workspace string // workspace ID
	Type      Type
	Subject   string // the same for repeated events, such as "dataset:orders"
	Ref       string // the thing that the event is about; it has one event of each type
	At        time.Time
	Content
}

// Content is the part of an event that people and programs read.
type Content struct {
	Dataset string   `json:"dataset,omitempty"` // name; empty if it isn't about one
	Title   string   `json:"title"`             // one line without a period
	Detail  []string `json:"detail,omitempty"`  // sentences
	Path    string   `json:"path"`              // of the page in the console
	// Name and Object are the member of the body's data that describes what the
	// event is about. It has no values of rows.
	Name   string         `json:"name"`
	Object map[string]any `json:"object"`
}

// State is the result of a delivery.
type State string

// The states.
const (
	Waiting State = "waiting"
	Sent    State = "sent"
	Failed  State = "failed"
	LeftOut State = "left_out" // one like it was just sent, or too many wait
)

// Delivery is one event for one destination.
type Delivery struct {
	ID            string // "dlv_…"
	Workspace     string
	DestinationID string
	EventID       string
	Type          Type
	Dataset       string
	Title         string
	Recipients    []string // of a mail to others than the destination's
	LeftOut       int      // similar events that were skipped before it
	State         State
	Attempts      int
	Status        int       // of the last response; 0: none
	Answer        string    // its first kilobyte
	Fault         string    // why the last attempt failed
	NextAt        time.Time // zero unless it waits
	AttemptedAt   time.Time // zero: not yet
	CreatedAt     time.Time
	EndedAt       time.Time // zero: it waits
}

// Bounds.
const (
	MaxPerWorkspace = 50     // destinations, by default
	MaxWaiting      = 10_000 // deliveries of a workspace; more are skipped
	MaxRecipients   = 20
	MaxAnswer       = 1 << 10 // bytes kept of a response
	MaxBody         = 20_000  // bytes of a webhook's body
	Keep            = 30 * 24 * time.Hour
)

// attemptWaits are the waits before each attempt.
var attemptWaits = []time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour,
	20 * time.Hour, 24 * time.Hour,
}

const (
	maxRetryAfter  = 24 * time.Hour
	disableAfter   = 5 * 24 * time.Hour // of failures in a row
	rotationLength = 24 * time.Hour
)

// QuietTime is the time without a failure after which the next one is the first in a
// row. It is longer than the longest wait between two attempts.
const QuietTime = 48 * time.Hour

// How long similar events are skipped after one was sent to people: at first,
// and at most, because the time doubles with each repetition.
const (
	FirstPause = 10 * time.Minute
	MaxPause   = 6 * time.Hour
)
