package sqsstore

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/tidwall/btree"

	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

// Settings are a queue's name and attributes.
type Settings struct {
	Account    string
	Region     string
	Name       string
	Attributes map[string]string // as set; names of SQS, without the computed ones
	Policy     *directory.Document
	Principals directory.Principals // the principals of the policy when it was set
	Tags       []directory.Tag
	Secret     []byte // authenticates receipt handles
	Created    time.Time
	Modified   time.Time
	Purged     time.Time
}

// ARN returns the ARN of a queue.
func ARN(account, region, name string) string {
	return "arn:aws:sqs:" + region + ":" + account + ":" + name
}

// ARN returns the queue's ARN.
func (s *Settings) ARN() string { return ARN(s.Account, s.Region, s.Name) }

func (s *Settings) clone() Settings {
	c := *s
	c.Attributes, c.Tags = maps.Clone(s.Attributes), slices.Clone(s.Tags)
	if c.Attributes == nil {
		c.Attributes = map[string]string{}
	}
	return c
}

// Seconds returns an attribute that is a duration in seconds, or a default.
func (s *Settings) Seconds(name string, fallback int) time.Duration {
	n, err := strconv.Atoi(s.Attributes[name])
	if err != nil {
		n = fallback
	}
	return time.Duration(n) * time.Second
}

// Queue is a queue with its messages.
type Queue struct {
	Settings // guarded by the store's lock; read them with [Queue.Now]

	store   *Store
	gone    bool
	order   *btree.BTreeG[*Message]
	byID    map[string]*Message
	changed chan struct{} // closed when a message may have become visible
}

// Now returns the queue's current settings.
func (q *Queue) Now() Settings {
	q.store.mu.Lock()
	defer q.store.mu.Unlock()
	return q.clone()
}

func (q *Queue) reset() {
	q.order = btree.NewBTreeGOptions(earlier, btree.Options{NoLocks: true})
	q.byID = map[string]*Message{}
}

func (q *Queue) record() journal.Record { return record("queue/"+q.ARN(), q.Settings) }

// clear removes all messages and returns the records that do so.
func (q *Queue) clear() []journal.Record {
	var records []journal.Record
	for _, m := range q.byID {
		records = append(records, m.removed()...)
	}
	q.reset()
	return records
}

// wake ends the waits of receivers.
func (q *Queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

func (q *Queue) insert(m *Message) {
	q.byID[m.ID] = m
	q.order.Set(m)
}

func (q *Queue) remove(m *Message) {
	delete(q.byID, m.ID)
	q.order.Delete(m)
}

// Counts are the numbers of a queue's messages.
type Counts struct{ Visible, InFlight, Delayed int }

// Counts counts the messages. Expired ones are not counted.
func (q *Queue) Counts() Counts {
	q.store.mu.Lock()
	defer q.store.mu.Unlock()
	now, oldest := q.store.now(), q.expiry()
	var counts Counts
	for _, m := range q.byID {
		switch {
		case m.Sent.Before(oldest):
		case !m.State.Visible.After(now):
			counts.Visible++
		case m.State.Received > 0:
			counts.InFlight++
		default:
			counts.Delayed++
		}
	}
	return counts
}

// expiry returns the time before which messages have expired.
func (q *Queue) expiry() time.Time {
	return q.store.now().Add(-q.Seconds("MessageRetentionPeriod", 345_600))
}
