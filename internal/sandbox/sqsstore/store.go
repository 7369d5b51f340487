// Package sqsstore stores queues and their messages. Every change is a record
// of the journal. Messages are ordered by the time when they can be received.
package sqsstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/btree"

	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

// ErrNoQueue is returned for a queue that doesn't exist.
var ErrNoQueue = errors.New("there is no such queue")

// Journal stores committed changes.
type Journal interface {
	// Append adds records atomically, after all previous ones. The returned
	// function waits until they are durable.
	Append(records ...journal.Record) (wait func() error)
}

// Prefix begins the key of every record that a store writes.
const Prefix = "sqs/"

// Store has all queues. It is safe for concurrent use.
type Store struct {
	journal Journal // nil in memory
	now     func() time.Time

	mu       sync.Mutex
	queues   btree.Map[string, *Queue] // by ARN
	sequence uint64
	loading  map[string]*Message // records of messages until [Store.Loaded]
}

// New returns an empty store. Without a journal it is only in memory.
func New(log Journal, now func() time.Time) *Store {
	return &Store{journal: log, now: now, loading: map[string]*Message{}}
}

func (s *Store) append(records ...journal.Record) func() error {
	if s.journal == nil || len(records) == 0 {
		return func() error { return nil }
	}
	return s.journal.Append(records...)
}

func record(key string, value any) journal.Record {
	text, err := json.Marshal(value)
	if err != nil { // can't fail: every value is a struct of plain fields
		text = []byte("null")
	}
	return journal.Record{Key: Prefix + key, Value: text}
}

// Load restores one record of the journal. Records may come in any order. Call
// [Store.Loaded] after the last one.
func (s *Store) Load(r journal.Record) error {
	kind, id, _ := strings.Cut(strings.TrimPrefix(r.Key, Prefix), "/")
	s.mu.Lock()
	defer s.mu.Unlock()
	switch kind {
	case "queue":
		q := &Queue{store: s, changed: make(chan struct{})}
		if err := json.Unmarshal(r.Value, &q.Settings); err != nil {
			return fmt.Errorf("reading record %q: %w", r.Key, err)
		}
		q.reset()
		s.queues.Set(q.ARN(), q)
		return nil
	case "message":
		m := s.restoring(id)
		state := m.State
		if err := json.Unmarshal(r.Value, m); err != nil {
			return fmt.Errorf("reading record %q: %w", r.Key, err)
		}
		m.State = state
		return nil
	case "state":
		if err := json.Unmarshal(r.Value, &s.restoring(id).State); err != nil {
			return fmt.Errorf("reading record %q: %w", r.Key, err)
		}
		return nil
	default:
		return fmt.Errorf("record %q is of an unknown kind", r.Key)
	}
}

func (s *Store) restoring(id string) *Message {
	if s.loading[id] == nil {
		s.loading[id] = &Message{}
	}
	return s.loading[id]
}

// Loaded puts restored messages into their queues, and forgets those whose
// queue is gone.
func (s *Store) Loaded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, m := range s.loading {
		q, ok := s.queues.Get(m.State.Queue)
		if !ok || m.ID == "" {
			s.append(journal.Record{Key: Prefix + "message/" + id}, journal.Record{Key: Prefix + "state/" + id})
			continue
		}
		s.sequence = max(s.sequence, m.State.Sequence)
		q.insert(m)
	}
	s.loading = map[string]*Message{}
}

// Queue returns a queue by its ARN, or nil.
func (s *Store) Queue(arn string) *Queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, _ := s.queues.Get(arn)
	return q
}

// Queues returns the queues of an account and a region whose names have a
// prefix, by name.
func (s *Store) Queues(account, region, prefix string) []*Queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*Queue
	from := ARN(account, region, prefix)
	s.queues.Ascend(from, func(arn string, q *Queue) bool {
		if !strings.HasPrefix(arn, from) {
			return false
		}
		list = append(list, q)
		return true
	})
	return list
}

// Create creates a queue. If it exists, Create returns it unchanged, and
// created is false.
func (s *Store) Create(settings Settings) (q *Queue, created bool, _ error) {
	s.mu.Lock()
	arn := ARN(settings.Account, settings.Region, settings.Name)
	if existing, ok := s.queues.Get(arn); ok {
		s.mu.Unlock()
		return existing, false, nil
	}
	q = &Queue{store: s, changed: make(chan struct{}), Settings: settings}
	q.reset()
	s.queues.Set(arn, q)
	wait := s.append(q.record())
	s.mu.Unlock()
	return q, true, wait()
}

// Delete deletes a queue with its messages.
func (s *Store) Delete(q *Queue) error {
	s.mu.Lock()
	records := append(q.clear(), journal.Record{Key: Prefix + "queue/" + q.ARN()})
	q.gone = true
	s.queues.Delete(q.ARN())
	q.wake()
	wait := s.append(records...)
	s.mu.Unlock()
	return wait()
}

// Change changes a queue's settings. change gets a copy.
func (s *Store) Change(q *Queue, change func(*Settings) error) error {
	s.mu.Lock()
	if q.gone {
		s.mu.Unlock()
		return ErrNoQueue
	}
	settings := q.clone()
	if err := change(&settings); err != nil {
		s.mu.Unlock()
		return err
	}
	q.Settings = settings
	q.wake()
	wait := s.append(q.record())
	s.mu.Unlock()
	return wait()
}

// Purge removes all messages of a queue.
func (s *Store) Purge(q *Queue) error {
	s.mu.Lock()
	wait := s.append(q.clear()...)
	s.mu.Unlock()
	return wait()
}
