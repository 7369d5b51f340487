package notification

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/telemetry"
	"github.com/windlass-io/windlass/internal/telemetry/traces"
)

const (
	tick         = time.Second
	claimTime    = time.Minute // longer than an attempt takes
	attemptTime  = 15 * time.Second
	maxRunning   = 64 // concurrent attempts on a node
	maxShared    = 32 // of which so many for second attempts of workspaces
	maxWorkspace = 4  // of one workspace
	pruneEvery   = time.Hour
	saveTime     = 5 * time.Second
)

// Carrier sends messages of one kind.
type Carrier interface {
	// Send sends a message. It returns when ctx ends.
	Send(ctx context.Context, m *Message) Receipt
}

// Message is the message that a carrier sends.
type Message struct {
	Event     Event
	Workspace string // its name
	URL       string // of the page about the event
	LeftOut   int    // similar events that were skipped before it
	Address   secret.String
	Keys      []secret.String // that sign
	To        []string
	At        time.Time // of the attempt
}

// Receipt is the result of sending a message.
type Receipt struct {
	Status     int    // of the response; 0: none
	Answer     string // its beginning
	Fault      string // why it failed, as a sentence; empty: it was sent
	RetryAfter time.Duration
	Permanent  bool // it will fail again
	Gone       bool // the destination doesn't exist any more
}

// Due is a delivery that is due.
type Due struct{ ID, DestinationID, Workspace string }

// Job is a delivery that this node claimed.
type Job struct {
	Delivery    Delivery
	Event       Event
	Destination Destination
}

// Result is the result of an attempt.
type Result struct {
	Delivery Delivery
	Now      time.Time
	Version  int64 // of the destination that was tried
	// Disable disables the destination for this reason, unless it is empty.
	Disable string
	// Notice is sent to the owners if the destination is disabled; optional.
	Notice *Notice
}

// Notice is an event and its one delivery.
type Notice struct {
	Event    Event
	Delivery Delivery
}

// Keep sends due deliveries until ctx ends. It may run on any number of nodes.
func (s *Service) Keep(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	defer s.group.Wait()
	for {
		s.Tick(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-s.wake:
		}
	}
}

// nudge makes this node look for due deliveries now.
func (s *Service) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Tick starts to send due deliveries, as many as this node sends concurrently.
func (s *Service) Tick(ctx context.Context) {
	now := s.config.Now()
	s.prune(ctx, now)
	due, err := s.config.Store.DueDeliveries(ctx, now, 4*maxRunning)
	if err != nil {
		s.logFault(ctx, "reading due notifications", err)
		return
	}
	for _, delivery := range s.inTurn(due) {
		if !s.begin(delivery.Workspace) {
			continue
		}
		s.group.Go(func() {
			attempted := s.attempt(ctx, delivery.ID)
			s.end(delivery.Workspace)
			if attempted {
				s.nudge()
			}
		})
	}
}

// Wait waits for the deliveries that Tick started.
func (s *Service) Wait() { s.group.Wait() }

// inTurn orders deliveries so that workspaces take turns: first one of each, beginning
// with the workspace whose last turn is longest ago, then the second of each.
func (s *Service) inTurn(due []Due) []Due {
	type place struct {
		round int
		turn  int64
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	rounds, places := map[string]int{}, map[string]place{}
	for _, delivery := range due {
		places[delivery.ID] = place{rounds[delivery.Workspace], s.turns[delivery.Workspace]}
		rounds[delivery.Workspace]++
	}
	slices.SortStableFunc(due, func(a, b Due) int {
		x, y := places[a.ID], places[b.ID]
		return cmp.Or(cmp.Compare(x.round, y.round), cmp.Compare(x.turn, y.turn))
	})
	return due
}

// begin reserves an attempt. It returns false if enough are running.
func (s *Service) begin(workspace string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	running := s.running[workspace]
	if s.all >= maxRunning || running >= maxWorkspace || running > 0 && s.all >= maxShared {
		return false
	}
	s.all++
	s.running[workspace]++
	s.turn++
	s.turns[workspace] = s.turn
	return true
}

func (s *Service) end(workspace string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.running[workspace]--; s.running[workspace] == 0 {
		delete(s.running, workspace)
	}
}

func (s *Service) prune(ctx context.Context, now time.Time) {
	s.mu.Lock()
	due := now.Sub(s.pruned) >= pruneEvery
	if due {
		s.pruned = now
		clear(s.turns) // of workspaces that may be gone
	}
	s.mu.Unlock()
	if due {
		s.logFault(ctx, "deleting old notifications", s.config.Store.PruneDeliveries(ctx, now.Add(-Keep)))
	}
}

// attempt claims a delivery and sends it. It returns false if nothing was sent.
func (s *Service) attempt(ctx context.Context, deliveryID string) bool {
	now := s.config.Now()
	claim := id.New("claim", now)
	job, err := s.config.Store.ClaimDelivery(ctx, deliveryID, claim, now, now.Add(claimTime))
	if err != nil {
		if !problem.Is(err, problem.NotFound) {
			s.logFault(ctx, "claiming a notification", err)
		}
		return false
	}
	sending, span := traces.Begin(ctx, "notify", traces.ID("delivery", deliveryID))
	receipt := s.send(sending, &job)
	span.End(nil)
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTime)
	defer cancel()
	if ctx.Err() != nil && receipt.Fault != "" { // the service stops: another node sends it
		s.logFault(saving, "releasing a notification", s.config.Store.ReleaseDelivery(saving, deliveryID, claim))
		return false
	}
	result := s.conclude(saving, &job, &receipt)
	if result.Disable != "" {
		s.prepareDisabling(saving, &job.Destination, &result)
	}
	s.logFault(saving, "saving a notification", s.config.Store.FinishDelivery(saving, claim, result))
	return true
}

// conclude determines the state of a delivery after an attempt.
func (s *Service) conclude(ctx context.Context, job *Job, receipt *Receipt) Result {
	now := s.config.Now()
	d := job.Delivery
	d.Status, d.Answer, d.Fault = receipt.Status, receipt.Answer, receipt.Fault
	result := Result{Now: now, Version: job.Destination.Version}
	failing := job.Destination.FailingSince
	if now.Sub(job.Destination.FailedAt) > QuietTime {
		failing = time.Time{}
	}
	kind := job.Destination.Kind
	outcome := "retried"
	switch {
	case receipt.Fault == "":
		d.State, d.EndedAt, d.NextAt, outcome = Sent, now, time.Time{}, "sent"
	case receipt.Permanent, receipt.Gone, d.Attempts >= len(attemptWaits):
		d.State, d.EndedAt, d.NextAt, outcome = Failed, now, time.Time{}, "given_up"
	default:
		d.NextAt = now.Add(waitBefore(d.Attempts, receipt.RetryAfter))
	}
	if len(d.Recipients) == 0 && receipt.Fault != "" {
		switch {
		case receipt.Gone:
			result.Disable = "The address responded with 410 Gone."
		case !failing.IsZero() && now.Sub(failing) >= disableAfter:
			result.Disable = "Every delivery failed for five days: " + receipt.Fault
		}
	}
	if result.Disable != "" {
		d.State, d.EndedAt, d.NextAt, outcome = Failed, now, time.Time{}, "given_up"
	}
	if s.config.Observe != nil {
		s.config.Observe(kind, outcome)
	}
	if receipt.Fault != "" {
		s.config.Logger.WarnContext(
			ctx,
			telemetry.NotificationFailed,
			"channel",
			string(kind),
			"notification",
			job.Destination.ID,
			"event",
			job.Event.ID,
			"attempt",
			d.Attempts,
			"cause",
			receipt.Fault,
			"next",
			d.NextAt,
		)
	}
	result.Delivery = d
	return result
}

// waitBefore returns the wait before the next attempt, given the number of
// attempts so far, ±10 %.
func waitBefore(attempts int, retryAfter time.Duration) time.Duration {
	wait := attemptWaits[attempts]
	wait += time.Duration((rand.Float64()*0.2 - 0.1) * float64(wait)) //nolint:gosec // only spreads attempts; not secret
	return max(wait, min(retryAfter, maxRetryAfter))
}

// send sends a delivery.
func (s *Service) send(ctx context.Context, job *Job) Receipt {
	d := &job.Destination
	secrets, err := s.open(d)
	if err != nil {
		s.logFault(ctx, "opening the secrets of a notification", err)
		return Receipt{Fault: "Its secret can't be decrypted. Check the master key."}
	}
	name, err := s.config.Store.WorkspaceName(ctx, d.Workspace)
	if err != nil {
		s.logFault(ctx, "reading the name of a workspace", err)
		return Receipt{Fault: "The state isn't available."}
	}
	now := s.config.Now()
	m := &Message{
		Event: job.Event, Workspace: name, URL: s.config.PublicURL + job.Event.Path, LeftOut: job.Delivery.LeftOut,
		Address: secret.New(d.Address), Keys: secrets.Keys(now), To: d.To, At: now,
	}
	kind := d.Kind
	if kind == Slack {
		m.Address = secret.New(secrets.URL)
	}
	if len(job.Delivery.Recipients) > 0 {
		kind, m.To = Email, job.Delivery.Recipients
	}
	carrier := s.config.Carriers[kind]
	if carrier == nil {
		return Receipt{Fault: "No SMTP server is configured. The operator must set smtp_url."}
	}
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	return carrier.Send(ctx, m)
}

// prepareDisabling records that a destination will be disabled, and adds an e-mail to the
// owners of the workspace. Without the record, nothing is disabled.
func (s *Service) prepareDisabling(ctx context.Context, d *Destination, result *Result) {
	now := s.config.Now()
	err := s.config.Record(ctx, access.Decision{
		Time: now, Actor: access.Actor{Kind: access.System, ID: access.Notifier, Name: "notifier"},
		Action:   access.NotificationUpdate,
		Resource: access.Resource{Workspace: d.Workspace, Kind: "notification", ID: d.ID},
		Allowed:  true, Reason: "It was disabled. " + result.Disable,
	})
	if err != nil {
		s.logFault(ctx, "recording a disabled notification", err)
		result.Disable = ""
		return
	}
	if s.config.Carriers[Email] == nil {
		return
	}
	owners, err := s.config.Store.Owners(ctx, d.Workspace)
	if err != nil || len(owners) == 0 {
		s.logFault(ctx, "reading the owners of a workspace", err)
		return
	}
	e := ofDestination(d, Disabled, "Notification "+d.Name+" was disabled", now, result.Disable,
		"Correct its address, then enable it again.")
	result.Notice = &Notice{e, Delivery{
		ID: id.New("dlv", now), Workspace: d.Workspace, DestinationID: d.ID, EventID: e.ID, Type: Disabled,
		Recipients: owners[:min(len(owners), MaxRecipients)], State: Waiting, NextAt: now, CreatedAt: now,
	}}
}

func (s *Service) logFault(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		s.config.Logger.ErrorContext(ctx, telemetry.NotificationsFailed, "what", what, "cause", err)
	}
}
