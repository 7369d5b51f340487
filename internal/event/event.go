// Package event reads the messages of a queue that receives a bucket's events,
// and orders the events of each key.
//
// An event is a hint: it names a key to look at. The current state of that
// key in S3 determines what is loaded or removed.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
// and https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html.
package event

import (
	"time"

	"github.com/windlass-io/windlass/internal/source"
)

// Limits of a message.
const (
	MaxBodyBytes = 1 << 20 // the largest message of SQS
	MaxDepth     = 32      // of nested lists and objects
	MaxKeyBytes  = 1024    // the longest key of S3
)

// Form is an envelope of an event. The same event has another key encoding and
// another sequencer in each form.
type Form string

// The forms.
const (
	SNS         Form = "sns"
	S3          Form = "s3"
	EventBridge Form = "eventbridge"
)

// Action is the action of a record.
type Action string

// The actions.
const (
	Load      Action = "load"      // the object was created
	Remove    Action = "remove"    // the object was deleted or expired
	Retry     Action = "retry"     // the object was restored: try again if it could not be read
	Check     Action = "check"     // events of the key can't be ordered: the bucket decides
	Ignore    Action = "ignore"    // for another source, or of a kind that changes no content
	Malformed Action = "malformed" // not understood
)

// Reason explains an ignored or malformed record, or a message without records.
type Reason string

// The reasons.
const (
	ReasonTestEvent    Reason = "test-event"
	ReasonConfirmation Reason = "subscription-confirmation"
	ReasonNotJSON      Reason = "not-json"
	ReasonUnknownShape Reason = "unknown-shape"

	ReasonEventSource  Reason = "event-source"
	ReasonEventVersion Reason = "event-version"
	ReasonEventType    Reason = "event-type"
	ReasonMissingField Reason = "missing-field"
	ReasonKeyEncoding  Reason = "key-encoding"
	ReasonBucket       Reason = "bucket"
	ReasonFolder       Reason = "folder"
	ReasonPattern      Reason = "pattern"
	ReasonExcluded     Reason = "excluded"
	ReasonMarker       Reason = "marker"
)

// Message is the body of a message. Get it with [Read].
type Message struct {
	Via          []Form // the envelopes, from the outside in; empty if the body wasn't recognized
	Reason       Reason // why there are no records; empty if there are
	Bucket       string // of a test event
	Time         time.Time
	Confirmation Confirmation // of an SNS subscription that waits for it
	IsDetail     bool         // only the detail of an event of EventBridge: its target doesn't pass the whole event
	entries      []entry
}

// Confirmation is a subscription of SNS that its owner must confirm.
type Confirmation struct {
	Topic string // ARN
	Token string
}

// Target is a source whose objects' events a queue receives.
type Target struct {
	Bucket  string
	Pattern source.Pattern
}

// Record is one event for one target. Members are empty if the event
// doesn't have them, or if the record was decided before they were read.
type Record struct {
	Action    Action
	Reason    Reason // of Ignore and Malformed
	Form      Form
	Bucket    string
	Key       string // decoded
	Version   string
	ETag      string // without quotes
	Size      *int64
	Sequencer string // 1 to 64 hexadecimal digits
	Name      string // such as "ObjectCreated:Put" or "Object Created"
	Time      time.Time
}

// Understood reports whether the message may be deleted: its body was
// recognized, and none of the records of any target is malformed.
func (m *Message) Understood(records ...[]Record) bool {
	if m.Reason == ReasonNotJSON || m.Reason == ReasonUnknownShape {
		return false
	}
	for _, list := range records {
		for i := range list {
			if list[i].Action == Malformed {
				return false
			}
		}
	}
	return true
}

// Records returns the message's events as a target sees them, in order.
func (m *Message) Records(target *Target) []Record {
	records := make([]Record, len(m.entries))
	for i := range m.entries {
		records[i] = m.entries[i].record(target)
	}
	return records
}
