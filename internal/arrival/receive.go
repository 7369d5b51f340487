package arrival

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/event"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

const (
	perQueue    = 2 // receivers of each queue on a node
	reloadEvery = 5 * time.Second
	hideFor     = time.Minute
	extendAfter = 30 * time.Second
	maxExtends  = 10
	maxBackoff  = time.Minute
	seenEvery   = time.Minute // how often an empty receive is recorded
)

// listener is a source that a queue's events are for.
type listener struct {
	sourceID string
	target   event.Target
}

// receivers receive from one queue.
type receivers struct {
	stop    context.CancelFunc
	done    sync.WaitGroup
	first   Setting // of the queue's sources
	mu      sync.Mutex
	targets []listener
	saved   time.Time // when an empty receive was last recorded
}

func (r *receivers) listeners() []listener {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.targets
}

// Keep receives messages from all queues, starts loads and lists buckets until
// ctx ends.
func (s *Service) Keep(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	defer s.stopAll()
	defer s.working.Wait()
	var reloaded time.Time
	var settings []Setting
	for {
		now := s.config.Now()
		if now.Sub(reloaded) >= reloadEvery || now.Before(reloaded) {
			all, err := s.config.Store.AllEvents(ctx)
			if err == nil {
				settings, reloaded = all, now
				s.reload(ctx, all)
			} else if ctx.Err() == nil {
				s.config.Logger.ErrorContext(ctx, telemetry.EventsNotSet, "cause", err)
			}
		}
		s.tick(ctx, settings)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (s *Service) stopAll() {
	s.mu.Lock()
	all := s.receivers
	s.receivers = map[string]*receivers{}
	s.mu.Unlock()
	for _, r := range all {
		r.stop()
	}
	for _, r := range all {
		r.done.Wait()
	}
}

// reload starts receivers for new queues, stops the receivers of removed and
// paused queues, and updates the sources of the others.
func (s *Service) reload(ctx context.Context, settings []Setting) {
	wanted, first := map[string][]listener{}, map[string]Setting{}
	for _, setting := range settings {
		if setting.Paused {
			continue
		}
		listener, ok := s.listenerOf(ctx, &setting)
		if !ok {
			continue // removed a moment ago
		}
		name := receiversName(&setting)
		wanted[name] = append(wanted[name], listener)
		if _, ok := first[name]; !ok {
			first[name] = setting
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, r := range s.receivers {
		if wanted[name] == nil {
			r.stop()
			delete(s.receivers, name)
		}
	}
	for name, targets := range wanted {
		r := s.receivers[name]
		if r == nil {
			r = s.startReceivers(ctx, first[name])
			s.receivers[name] = r
		}
		r.mu.Lock()
		r.targets = targets
		r.mu.Unlock()
	}
}

// receiversName returns what the settings of one queue have in common.
func receiversName(of *Setting) string { return of.IntegrationID + " " + of.Queue + " " + of.KMSKeyARN }

// listenerOf returns the filter for a source's events. It reports whether the source
// still exists.
func (s *Service) listenerOf(ctx context.Context, of *Setting) (listener, bool) {
	src, err := s.config.Sources.Get(ctx, system(of.Workspace), of.Workspace, of.SourceID)
	if err != nil {
		return listener{}, false
	}
	pattern, err := src.ParsePattern()
	return listener{src.ID, event.Target{Bucket: src.Bucket, Pattern: pattern}}, err == nil
}

func (s *Service) startReceivers(ctx context.Context, setting Setting) *receivers {
	ctx, cancel := context.WithCancel(ctx)
	r := &receivers{stop: cancel, first: setting}
	for range perQueue {
		r.done.Go(func() { s.receive(ctx, r) })
	}
	return r
}

// receive receives messages until ctx ends. After an error it waits longer
// each time.
func (s *Service) receive(ctx context.Context, r *receivers) {
	var queue Queue
	for failures := 0; ctx.Err() == nil; {
		var err error
		if queue == nil {
			queue, err = s.openQueue(ctx, &r.first, false)
		}
		if err == nil {
			err = s.receiveOnce(ctx, r, queue)
		}
		if err == nil || ctx.Err() != nil {
			failures = 0
			continue
		}
		queue = nil // the integration may have changed
		failures++
		s.failed(ctx, r, err)
		s.pause(ctx, failures, err)
	}
}

// openQueue opens the queue of a setting. atOnce has a receive hardly wait
// for messages.
func (s *Service) openQueue(ctx context.Context, setting *Setting, atOnce bool) (Queue, error) {
	keys, endpoint, err := s.config.Integrations.QueueAccess(ctx, system(setting.Workspace), setting.Workspace,
		setting.IntegrationID, setting.Queue, setting.KMSKeyARN)
	if err != nil {
		return nil, err
	}
	return s.config.Open(QueueAccess{ARN: setting.Queue, Endpoint: endpoint, Keys: keys, AtOnce: atOnce}), nil
}

// pause waits after an error: full jitter up to 1, 2, 4 … 60 seconds, or a minute
// after a denial.
func (s *Service) pause(ctx context.Context, failures int, err error) {
	wait := maxBackoff
	if failures < 7 {
		wait = min(maxBackoff, time.Second<<(failures-1))
	}
	wait = time.Duration(s.random() * float64(wait))
	if f := object.FailureOf(err); f != nil && f.Denied() {
		wait = maxBackoff
	}
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
}

// receiveOnce receives one batch, records it, and only then deletes its messages.
func (s *Service) receiveOnce(ctx context.Context, r *receivers, queue Queue) error {
	messages, err := queue.Receive(ctx)
	if err != nil {
		return err
	}
	batches, understood := s.read(ctx, r, messages)
	if len(messages) == 0 && !s.dueSeen(r) {
		return nil
	}
	// What was received is recorded also when ctx ends.
	whole := context.WithoutCancel(ctx)
	stop := s.extend(whole, queue, messages)
	err = s.config.Store.RecordArrivals(whole, s.config.Now(), batches)
	stop()
	if err != nil {
		return errors.Join(err, queue.Hide(whole, messages, 0))
	}
	s.count(batches, messages, understood)
	if len(understood) == 0 {
		return nil
	}
	return queue.Delete(whole, understood)
}

// count counts the messages of a receive by their results.
func (s *Service) count(batches []Batch, messages, understood []Message) {
	if s.config.Received == nil {
		return
	}
	results := make([]Result, len(messages))
	for i, m := range messages {
		results[i] = ResultUnmatched
		if !slices.ContainsFunc(understood, func(u Message) bool { return u.Handle == m.Handle }) {
			results[i] = ResultMalformed
		}
	}
	for i := range batches {
		for _, a := range batches[i].Arrivals {
			switch {
			case results[a.message] == ResultMalformed:
			case !a.Known:
				results[a.message] = ResultLoaded
			case results[a.message] == ResultUnmatched:
				results[a.message] = ResultKnown
			}
		}
	}
	for _, result := range results {
		s.config.Received(result)
	}
}

// dueSeen reports whether an empty receive is to be recorded.
func (s *Service) dueSeen(r *receivers) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := s.config.Now()
	if now.Sub(r.saved) < seenEvery {
		return false
	}
	r.saved = now
	return true
}

// extend keeps messages hidden while they are being recorded.
func (s *Service) extend(ctx context.Context, queue Queue, messages []Message) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		for range maxExtends {
			select {
			case <-ctx.Done():
				return
			case <-time.After(extendAfter):
			}
			if err := queue.Hide(ctx, messages, hideFor); err != nil && ctx.Err() == nil {
				s.config.Logger.WarnContext(ctx, telemetry.EventNotExtended, "cause", err)
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}

// read returns the arrivals in messages for each source, and the messages to
// delete.
func (s *Service) read(ctx context.Context, r *receivers, messages []Message) (batches []Batch, understood []Message) {
	targets := r.listeners()
	batches = make([]Batch, len(targets))
	for i, t := range targets {
		batches[i] = Batch{SourceID: t.sourceID, Seen: Seen{LastReceive: s.config.Now()}}
	}
	for at, m := range messages {
		read := event.Read([]byte(m.Body))
		all := make([][]event.Record, len(targets))
		for i := range targets {
			all[i] = read.Records(&targets[i].target)
			batches[i].add(&read, at, all[i], targets[i].target.Bucket)
		}
		if read.Understood(all...) {
			understood = append(understood, m)
			continue
		}
		for i := range batches {
			batches[i].Seen.Counts.Malformed++
		}
		sum := sha256.Sum256([]byte(m.Body))
		s.config.Logger.WarnContext(ctx, telemetry.EventUnknown, "queue",
			r.first.Queue, "message_id", m.ID, "reason", string(reasonOf(&read, all)), "sha256",
			hex.EncodeToString(sum[:]))
	}
	return batches, understood
}

func reasonOf(read *event.Message, all [][]event.Record) event.Reason {
	if read.Reason != "" {
		return read.Reason
	}
	for _, records := range all {
		for i := range records {
			if records[i].Action == event.Malformed {
				return records[i].Reason
			}
		}
	}
	return ""
}

// add adds message number at of a receive to a source's batch.
func (b *Batch) add(read *event.Message, at int, records []event.Record, bucket string) {
	counts := Counts{Messages: 1, Records: map[string]int64{}}
	switch {
	case read.Reason == event.ReasonTestEvent && read.Bucket == bucket:
		b.Seen.TestEvent = later(b.Seen.TestEvent, read.Time)
	case read.Reason == event.ReasonConfirmation:
		b.Seen.Confirmation = read.Confirmation
	case read.IsDetail:
		b.Seen.DetailOnly = b.Seen.LastReceive
	}
	for i := range records {
		record := &records[i]
		switch record.Action {
		case event.Load, event.Remove, event.Retry:
			b.Seen.LastEvent = later(b.Seen.LastEvent, record.Time)
			b.Seen.Keys.Add(KeySpan{Events: 1, Prefix: record.Key, Suffix: record.Key})
			b.Arrivals = append(b.Arrivals, Arrival{
				Key: record.Key, Action: record.Action, EventAt: record.Time, Origin: FromEvent, message: at,
				Mark: event.Mark{Form: record.Form, Sequencer: record.Sequencer},
			})
			counts.Records[string(record.Action)]++
		default:
			counts.Records[string(record.Action)+":"+string(record.Reason)]++
		}
	}
	b.Seen.Counts.Add(&counts)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// failed records why a queue doesn't respond.
func (s *Service) failed(ctx context.Context, r *receivers, err error) {
	s.config.Logger.WarnContext(ctx, telemetry.EventsNotReceived, "queue", r.first.Queue, "cause", err)
	fault := problem.From(err)
	message, hint := fault.Message, fault.Hint
	if f := object.FailureOf(err); f != nil {
		message = "SQS answered " + f.Code + ": " + f.Message
		hint = "Check that the queue exists in this region, that the role's permission policy has ReadQueue, and that " +
			"the queue's policy allows the role if the queue is in another account."
	}
	now := s.config.Now()
	var batches []Batch
	for _, t := range r.listeners() {
		batches = append(batches, Batch{SourceID: t.sourceID, Seen: Seen{
			FailingSince: now, Fault: message, Hint: hint, Counts: Counts{ReceiveErrors: 1},
		}})
	}
	if err := s.config.Store.RecordArrivals(ctx, now, batches); err != nil && ctx.Err() == nil {
		s.config.Logger.ErrorContext(ctx, telemetry.EventNotRecorded, "cause", err)
	}
}

// Update adds what was seen since.
func (s *Seen) Update(more *Seen) {
	s.LastReceive = later(s.LastReceive, more.LastReceive)
	s.LastEvent = later(s.LastEvent, more.LastEvent)
	s.TestEvent = later(s.TestEvent, more.TestEvent)
	s.DetailOnly = later(s.DetailOnly, more.DetailOnly)
	s.Keys.Add(more.Keys)
	if more.Confirmation.Topic != "" {
		s.Confirmation = more.Confirmation
	}
	switch {
	case more.Fault != "":
		s.Fault, s.Hint = more.Fault, more.Hint
		if s.FailingSince.IsZero() {
			s.FailingSince = more.FailingSince
		}
	case !more.LastReceive.IsZero():
		s.Fault, s.Hint, s.FailingSince = "", "", time.Time{}
	}
	s.Counts.Add(&more.Counts)
}
