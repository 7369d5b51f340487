package sqsstore

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

// Prepared is a message that is not in its queue yet.
type Prepared struct {
	queue   *Queue
	message *Message
}

// Prepare creates a message for a queue, to be committed along with other records.
// It can be received after a delay.
func (q *Queue) Prepare(m *Message, delay time.Duration) *Prepared {
	s := q.store
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.sequence++
	m.ID, m.Sent = NewID(), now
	m.State = State{Queue: q.ARN(), Sequence: s.sequence, Visible: now.Add(delay)}
	return &Prepared{q, m}
}

// Records returns the records of the message.
func (p *Prepared) Records() []journal.Record { return p.message.records() }

// Publish adds the message to its queue, once its records are appended.
func (p *Prepared) Publish() {
	s := p.queue.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if !p.queue.gone {
		p.queue.insert(p.message)
		p.queue.wake()
	}
}

// Send adds messages to the queue. Their IDs and times are set.
func (q *Queue) Send(messages []*Message, delays []time.Duration) error {
	var records []journal.Record
	var prepared []*Prepared
	for i, m := range messages {
		p := q.Prepare(m, delays[i])
		prepared, records = append(prepared, p), append(records, p.Records()...)
	}
	wait := q.store.append(records...)
	for _, p := range prepared {
		p.Publish()
	}
	return wait()
}

// Expose makes the message visible at another time, in its queue.
func (p *Prepared) Expose(at time.Time) {
	s := p.queue.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.queue.byID[p.message.ID] == p.message && p.message.State.Received == 0 {
		p.queue.move(p.message, at)
		s.append(p.message.state())
	}
}

// move changes when a message can be received.
func (q *Queue) move(m *Message, visible time.Time) {
	q.order.Delete(m)
	m.State.Visible = visible
	q.order.Set(m)
	q.wake()
}

// Received is a message as one receive got it.
type Received struct {
	Message
	Handle string
}

// Receive receives up to limit messages, and hides them for a while. It waits
// for the first one for up to wait. dead is the dead-letter queue for messages
// that were received most times, or nil.
func (q *Queue) Receive(
	ctx context.Context, limit int, hide, wait time.Duration, dead *Queue, most int,
) ([]Received, error) {
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		received, durable, changed, next := q.take(limit, hide, dead, most)
		if len(received) > 0 || wait <= 0 {
			return received, durable()
		}
		later := time.NewTimer(next)
		select {
		case <-changed:
		case <-later.C:
		case <-timeout.C:
			wait = 0 // one last time: a message may have become visible at this moment
		case <-ctx.Done():
			later.Stop()
			return nil, ctx.Err()
		}
		later.Stop()
	}
}

// take receives what is visible. Without any, next is the time until the next
// message becomes visible, at most a minute.
func (q *Queue) take(
	limit int, hide time.Duration, dead *Queue, most int,
) (received []Received, durable func() error, changed <-chan struct{}, next time.Duration) {
	s := q.store
	s.mu.Lock()
	defer s.mu.Unlock()
	now, oldest, next := s.now(), q.expiry(), time.Minute
	var due []*Message
	q.order.Scan(func(m *Message) bool {
		if m.State.Visible.After(now) {
			next = min(next, m.State.Visible.Sub(now))
			return false
		}
		due = append(due, m)
		return len(due) < limit+1000
	})
	var records []journal.Record
	for _, m := range due {
		switch {
		case len(received) == limit:
		case m.Sent.Before(oldest):
			q.remove(m)
			records = append(records, m.removed()...)
		case dead != nil && m.State.Received >= most:
			q.remove(m)
			m.State.Queue, m.State.Source, m.State.Received, m.State.First = dead.ARN(), q.ARN(), 0, time.Time{}
			dead.insert(m)
			dead.wake()
			records = append(records, m.state())
		default:
			m.State.Received++
			if m.State.First.IsZero() {
				m.State.First = now
			}
			q.order.Delete(m)
			m.State.Visible = now.Add(hide)
			q.order.Set(m)
			records = append(records, m.state())
			received = append(received, Received{*m, q.Handle(m)})
		}
	}
	return received, s.append(records...), q.changed, next
}

// Remove deletes a message. It isn't an error if it doesn't exist.
func (q *Queue) Remove(id string) error {
	s := q.store
	s.mu.Lock()
	m := q.byID[id]
	if m == nil {
		s.mu.Unlock()
		return nil
	}
	q.remove(m)
	wait := s.append(m.removed()...)
	s.mu.Unlock()
	return wait()
}

// Hide changes how long a message stays hidden. It reports whether the message
// exists, and whether it is in flight; only then it is changed.
func (q *Queue) Hide(id string, hide time.Duration) (exists, inFlight bool, _ error) {
	s := q.store
	s.mu.Lock()
	m, now := q.byID[id], s.now()
	if m == nil || !m.State.Visible.After(now) || m.State.Received == 0 {
		s.mu.Unlock()
		return m != nil, false, nil
	}
	q.move(m, now.Add(hide))
	wait := s.append(m.state())
	s.mu.Unlock()
	return true, true, wait()
}
