// Package notify sends a bucket's events to queues. The events of a write are
// committed along with it.
package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/sandbox/journal"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
	"github.com/windlass-io/windlass/internal/sandbox/sqsapi"
	"github.com/windlass-io/windlass/internal/sandbox/sqsstore"
)

// Document is the name of the configuration among a bucket's documents.
const Document = "notification"

// Config configures a notifier. Every field is required.
type Config struct {
	Directory  *directory.Directory
	Authorizer *authz.Authorizer
	Queues     *sqsstore.Store
	Faults     *fault.Set
	Now        func() time.Time
}

// Notifier sends events. It is safe for concurrent use.
type Notifier struct {
	config Config

	mu     sync.Mutex
	last   int64 // sequencer of the last event
	parsed map[string]*parsed
	held   map[string]*group // by fault
}

// parsed is a bucket's configuration, which most writes share.
type parsed struct {
	text          string
	configuration *Configuration
}

// New returns a notifier.
func New(config Config) *Notifier {
	return &Notifier{config: config, parsed: map[string]*parsed{}, held: map[string]*group{}}
}

// configuration returns the configuration of a bucket.
func (n *Notifier) configuration(bucket, text string) *Configuration {
	n.mu.Lock()
	defer n.mu.Unlock()
	if p := n.parsed[bucket]; p != nil && p.text == text {
		return p.configuration
	}
	configuration, err := Parse([]byte(text))
	if err != nil { // can't happen: it was validated when it was set
		return &Configuration{}
	}
	n.parsed[bucket] = &parsed{text, configuration}
	return configuration
}

// sequencer returns a number that is higher for later events, also after a
// restart.
func (n *Notifier) sequencer() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last = max(n.last+1, n.config.Now().UnixNano())
	return fmt.Sprintf("%018X", n.last)
}

// Changed creates the events of a change. See [s3store.Watcher].
func (n *Notifier) Changed(change *s3store.Change) (records []journal.Record, publish func()) {
	text := change.Settings.Documents[Document]
	if text == "" {
		return nil, func() {}
	}
	var out outgoing
	for _, event := range change.Cause.Events {
		sequencer := n.sequencer()
		for i, rule := range n.configuration(change.Bucket.Name, text).Queues {
			if rule.matches(event, change.Version.Key) {
				n.send(&out, &n.configuration(change.Bucket.Name, text).Queues[i], change, event, sequencer)
			}
		}
	}
	return out.records(), out.publish
}

// send prepares one event for a queue, unless the queue's policy denies it or a
// fault drops it.
func (n *Notifier) send(out *outgoing, rule *Rule, change *s3store.Change, event, sequencer string) {
	call := &fault.Call{
		Service: "s3", Action: event, Bucket: change.Bucket.Name, Key: change.Version.Key,
		Region: change.Bucket.Region,
	}
	if n.config.Faults.Hit(fault.DropEvent, call) != nil {
		return
	}
	queue := n.config.Queues.Queue(rule.Queue)
	if queue == nil || n.allow(queue, change.Bucket, change.Cause.RequestID) != nil {
		return
	}
	body, err := json.Marshal(n.message(rule, change, event, sequencer))
	if err != nil { // can't fail: every value is a struct of plain fields
		return
	}
	copies := 1
	if n.config.Faults.Hit(fault.DuplicateEvent, call) != nil {
		copies = 2
	}
	for range copies {
		var delay time.Duration
		if f := n.config.Faults.Hit(fault.DelayEvent, call); f != nil {
			delay = f.Delay
		}
		f := n.config.Faults.Hit(fault.ReorderEvents, call)
		if f != nil {
			delay = max(delay, f.Delay)
		}
		prepared := queue.Prepare(&sqsstore.Message{Body: string(body), Sender: sender}, delay)
		out.add(prepared)
		if f != nil {
			out.after = append(out.after, func() { n.hold(f, prepared) })
		}
	}
}

// sender is the sender's ID in messages of S3.
const sender = "AIDAJHIPRHEMV73VRJEBU"

// allow decides whether S3 may send a bucket's events to a queue.
func (n *Notifier) allow(queue *sqsstore.Queue, bucket *s3store.Bucket, requestID string) error {
	settings := queue.Now()
	call := func(action string) *authz.Call {
		return &authz.Call{
			Caller:    &directory.Caller{Principal: iam.Principal{Type: iam.Service, Service: "s3.amazonaws.com"}},
			RequestID: requestID, Region: settings.Region, Action: action, Resource: settings.ARN(),
			ResourceAccount: settings.Account, Policy: sqsapi.Policy(n.config.Directory, &settings),
			Keys: []authz.Key{
				authz.K("aws:SourceArn", "arn:aws:s3:::"+bucket.Name),
				authz.K("aws:SourceAccount", bucket.Account),
			},
		}
	}
	decide := func(request *authz.Call) error {
		ctx, _ := authz.WithOutcome(context.Background())
		if d := n.config.Authorizer.Decide(ctx, request); !d.Allowed() {
			return authz.Denied(request, d)
		}
		return nil
	}
	if err := decide(call("sqs:SendMessage")); err != nil {
		return err
	}
	for _, action := range []string{"kms:GenerateDataKey", "kms:Decrypt"} {
		request, err := sqsapi.KeyRequest(n.config.Directory, &settings, action, call(action))
		if err != nil {
			return err
		}
		if request == nil {
			continue
		}
		if err := decide(request); err != nil {
			return err
		}
	}
	return nil
}

// outgoing collects the messages of one change.
type outgoing struct {
	prepared []*sqsstore.Prepared
	after    []func()
}

func (o *outgoing) add(p *sqsstore.Prepared) { o.prepared = append(o.prepared, p) }

func (o *outgoing) records() []journal.Record {
	var records []journal.Record
	for _, p := range o.prepared {
		records = append(records, p.Records()...)
	}
	return records
}

func (o *outgoing) publish() {
	for _, p := range o.prepared {
		p.Publish()
	}
	for _, fn := range o.after {
		fn()
	}
}

// group is the messages that a reordering fault holds.
type group struct {
	messages []*sqsstore.Prepared
	until    time.Time
}

// hold keeps a message until its group is complete or the delay has passed.
// Then the group's messages become visible, newest first.
func (n *Notifier) hold(f *fault.Fault, p *sqsstore.Prepared) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.config.Now()
	g := n.held[f.ID]
	if g == nil || !now.Before(g.until) {
		g = &group{until: now.Add(f.Delay)}
		n.held[f.ID] = g
	}
	g.messages = append(g.messages, p)
	p.Expose(g.until.Add(-time.Duration(len(g.messages)) * time.Nanosecond))
	if len(g.messages) < f.Count {
		return
	}
	for i, held := range g.messages {
		held.Expose(now.Add(-time.Duration(i) * time.Nanosecond))
	}
	delete(n.held, f.ID)
}

// encodeKey encodes a key as a form value. Slashes stay.
func encodeKey(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/") }
