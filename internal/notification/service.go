package notification

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/patch"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// Config configures a [Service]. Every field without "optional" is required.
type Config struct {
	Checker access.Checker
	Store   Store
	Sealer  Sealer
	// CheckURL validates an address that a member tries to save.
	CheckURL func(address string) error
	// Carriers send; a kind without one can't be created. See [Carrier].
	Carriers map[Kind]Carrier
	// Record records Windlass's own actions in the audit.
	Record    func(ctx context.Context, decision access.Decision) error
	PublicURL string // of the console, without a final slash
	Logger    *slog.Logger
	Now       func() time.Time
	// Observe counts attempts: sent, retried or given_up. Optional.
	Observe func(kind Kind, outcome string)
	Most    int // destinations of a workspace; optional: MaxPerWorkspace
}

// Sealer encrypts secrets; *seal.Sealer implements it.
type Sealer interface {
	Seal(plain secret.String, owner string) ([]byte, error)
	Open(sealed []byte, owner string) (secret.String, error)
	// Rewrap returns a sealed secret under the current master key; again is false if
	// it was already.
	Rewrap(sealed []byte) (rewrapped []byte, again bool, err error)
}

// Store stores destinations and deliveries. If one is missing, the error is a
// problem with code not_found; if a name is taken, one with code conflict.
type Store interface {
	InsertDestination(ctx context.Context, made Destination) error
	CountDestinations(ctx context.Context, workspace string) (int, error)
	Destination(ctx context.Context, workspace, idOrName string) (Destination, error)
	// ListDestinations returns a workspace's destinations, oldest first.
	ListDestinations(ctx context.Context, workspace string, request paging.Request) (paging.List[Destination], error)
	// SaveDestination replaces the destination whose version is one less. If there
	// is none, it returns a problem with code conflict. Waiting deliveries of a
	// destination that isn't enabled fail.
	SaveDestination(ctx context.Context, changed Destination) error
	DeleteDestination(ctx context.Context, workspace, id string) error
	// DestinationsAfter returns destinations of all workspaces after an ID, in order.
	DestinationsAfter(ctx context.Context, id string, limit int) ([]Destination, error)
	// ResealDestination replaces a sealed secret, unless it has changed.
	ResealDestination(ctx context.Context, id string, before, after []byte) error
	WorkspaceName(ctx context.Context, id string) (string, error)
	// Owners returns the e-mail addresses of the owners of a workspace.
	Owners(ctx context.Context, workspace string) ([]string, error)

	// ListDeliveries returns the deliveries of a destination, newest first.
	ListDeliveries(ctx context.Context, destinationID string, request paging.Request) (paging.List[Delivery], error)
	Delivery(ctx context.Context, destinationID, deliveryID string) (Delivery, error)
	// RetryDelivery schedules another attempt of a delivery that wasn't sent.
	RetryDelivery(ctx context.Context, destinationID, deliveryID string, now time.Time) (Delivery, error)
	// InsertDelivery stores an event and its delivery.
	InsertDelivery(ctx context.Context, e Event, d Delivery) error
	// CountEvents counts the events of a type since a time: those of the workspace, and
	// those about the subject. Events stay when their destination is removed.
	CountEvents(ctx context.Context, workspace string, t Type, subject string, since time.Time) (all, about int,
		err error)

	// DueDeliveries returns deliveries that are due, at most one of a destination: the
	// longest due of each workspace, then the second of each, and so on. It leaves out
	// destinations to which a node is sending.
	DueDeliveries(ctx context.Context, now time.Time, limit int) ([]Due, error)
	// ClaimDelivery claims a delivery that is due, and counts the attempt. It returns a
	// problem with code not_found if another node was faster.
	ClaimDelivery(ctx context.Context, deliveryID, claim string, now, until time.Time) (Job, error)
	// FinishDelivery stores the result of an attempt, unless the claim was lost. A
	// destination that was changed since the attempt began isn't disabled, and its
	// delivery waits instead.
	FinishDelivery(ctx context.Context, claim string, result Result) error
	// ReleaseDelivery returns a claim as if there had been no attempt.
	ReleaseDelivery(ctx context.Context, deliveryID, claim string) error
	// PruneDeliveries deletes events and deliveries from before a time.
	PruneDeliveries(ctx context.Context, before time.Time) error
}

// Service manages the destinations of all workspaces, and sends. It is safe for
// concurrent use.
type Service struct {
	config Config

	mu      sync.Mutex
	running map[string]int   // running deliveries by workspace
	turns   map[string]int64 // the last turn of a workspace
	turn    int64
	all     int
	pruned  time.Time
	wake    chan struct{}
	group   sync.WaitGroup
}

// New returns a service.
func New(config Config) *Service {
	config.Most = cmp.Or(config.Most, MaxPerWorkspace)
	return &Service{config: config, running: map[string]int{}, turns: map[string]int64{}, wake: make(chan struct{}, 1)}
}

// Draft describes a destination to create.
type Draft struct {
	Name     string // default: a generated name
	Kind     Kind
	URL      string
	To       []string
	Events   []string // default: DefaultEvents
	Datasets []string
	Disabled bool
}

// Change changes a destination. A nil field doesn't change.
type Change struct {
	Version  int64 // that the caller saw; 0: any
	Name     *string
	URL      *string
	To       *[]string
	Events   *[]string
	Datasets *[]string
	Enabled  *bool
}

// Created is a new destination, or one with a new key. The key isn't shown again.
type Created struct {
	Destination
	Secret secret.String // of a webhook; else empty
}

const keyPrefix = "whsec_"

// newKey returns a key that signs.
func newKey() string {
	var key [32]byte
	_, _ = rand.Read(key[:]) // crypto/rand.Read never returns an error
	return keyPrefix + base64.StdEncoding.EncodeToString(key[:])
}

// Create creates a destination.
func (s *Service) Create(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Created, error) {
	now := s.config.Now()
	made := Destination{
		ID: id.New("ntf", now), Workspace: workspace, Name: draft.Name, Kind: draft.Kind, To: draft.To,
		Events: draft.Events, Datasets: draft.Datasets, Enabled: !draft.Disabled, Version: 1, MadeBy: actor.ID,
		CreatedAt: now, UpdatedAt: now,
	}
	if err := s.check(ctx, actor, access.NotificationCreate, workspace, made.ID); err != nil {
		return Created{}, err
	}
	if made.Name == "" {
		made.Name = "NOTIFICATION_" + rand.Text()[:9]
	}
	if len(made.Events) == 0 {
		made.Events = DefaultEvents()
	}
	var secrets Secrets
	if made.Kind == Webhook {
		secrets.Key = newKey()
	}
	if err := s.complete(&made, &secrets, draft.URL); err != nil {
		return Created{}, err
	}
	count, err := s.config.Store.CountDestinations(ctx, workspace)
	if err != nil {
		return Created{}, err
	}
	if count >= s.config.Most {
		return Created{}, problem.Full("notifications", count).WithHint("Remove those that nobody reads.")
	}
	if err := s.seal(&made, &secrets); err != nil {
		return Created{}, err
	}
	return Created{made, secret.New(secrets.Key)}, s.config.Store.InsertDestination(ctx, made)
}

// Get returns a destination by ID or name.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (Destination, error) {
	if err := s.check(ctx, actor, access.NotificationRead, workspace, idOrName); err != nil {
		return Destination{}, err
	}
	return s.config.Store.Destination(ctx, workspace, idOrName)
}

// List returns a workspace's destinations, oldest first.
func (s *Service) List(ctx context.Context, actor access.Actor, workspace string, request paging.Request) (
	paging.List[Destination], error,
) {
	if err := s.check(ctx, actor, access.NotificationList, workspace, ""); err != nil {
		return paging.List[Destination]{}, err
	}
	return s.config.Store.ListDestinations(ctx, workspace, request)
}

// Update changes a destination. Enabling it forgets earlier failures.
func (s *Service) Update(ctx context.Context, actor access.Actor, workspace, idOrName string, change Change) (
	Destination, error,
) {
	changed, err := s.edit(
		ctx,
		actor,
		workspace,
		idOrName,
		change.Version,
		func(d *Destination, secrets *Secrets) error {
			url := ""
			patch.Set(&d.Name, change.Name)
			if change.URL != nil {
				url = *change.URL
				if url == "" {
					return invalid("url", "is missing; use, for example, https://example.com/hook")
				}
				d.FailingSince, d.FailedAt = time.Time{}, time.Time{} // those of the address before
			}
			patch.Set(&d.To, change.To)
			patch.Set(&d.Events, change.Events)
			patch.Set(&d.Datasets, change.Datasets)
			if change.Enabled != nil {
				d.Enabled = *change.Enabled
				d.DisabledReason = ""
				if d.Enabled {
					d.FailingSince, d.FailedAt = time.Time{}, time.Time{}
				}
			}
			return s.complete(d, secrets, url)
		},
	)
	return changed.Destination, err
}

// Rotate replaces the key of a webhook. For 24 hours both keys sign, and another rotation is
// refused, because receivers might know neither new key. If the key leaked, earlier keys stop
// signing at once, and the time of the last rotation doesn't matter.
func (s *Service) Rotate(ctx context.Context, actor access.Actor, workspace, idOrName string, leaked bool) (
	Created, error,
) {
	return s.edit(ctx, actor, workspace, idOrName, 0, func(d *Destination, secrets *Secrets) error {
		if d.Kind != Webhook {
			return problem.New(
				problem.Conflict,
				"Notification %q has no signing secret: its kind is %s.",
				d.Name,
				d.Kind,
			)
		}
		if leaked {
			*secrets = Secrets{Key: newKey()}
			return nil
		}
		if secrets.Previous != "" && s.config.Now().Before(secrets.Until) {
			return problem.New(
				problem.Conflict,
				"The key before the last rotation of notification %q signs until %s.",
				d.Name,
				secrets.Until.UTC().Format(time.RFC3339),
			).WithHint("Rotate again after that. If the key leaked, add leaked=true or --leaked.")
		}
		secrets.Previous, secrets.Until = secrets.Key, s.config.Now().Add(rotationLength)
		secrets.Key = newKey()
		return nil
	})
}

func (s *Service) edit(ctx context.Context, actor access.Actor, workspace, idOrName string, version int64,
	change func(*Destination, *Secrets) error,
) (Created, error) {
	if err := s.check(ctx, actor, access.NotificationUpdate, workspace, idOrName); err != nil {
		return Created{}, err
	}
	d, err := s.config.Store.Destination(ctx, workspace, idOrName)
	if err != nil {
		return Created{}, err
	}
	if version != 0 && version != d.Version {
		return Created{}, problem.New(problem.Conflict, "Notification %q now has version %d, not %d.", d.Name,
			d.Version, version).WithHint("Read it again, then repeat the change.")
	}
	secrets, err := s.open(&d)
	if err != nil {
		return Created{}, err
	}
	key := secrets.Key
	if err := change(&d, &secrets); err != nil {
		return Created{}, err
	}
	if err := s.seal(&d, &secrets); err != nil {
		return Created{}, err
	}
	d.Version, d.UpdatedAt = d.Version+1, s.config.Now()
	changed := Created{Destination: d}
	if secrets.Key != key {
		changed.Secret = secret.New(secrets.Key)
	}
	return changed, s.config.Store.SaveDestination(ctx, d)
}

// Impact returns what stops when a destination is removed: only the
// destination itself.
func (s *Service) Impact(ctx context.Context, actor access.Actor, workspace, idOrName string) (impact.Impact, error) {
	resource := access.Resource{Workspace: workspace, Kind: "notification", ID: idOrName}
	err := impact.Look(ctx, s.config.Checker, actor, access.NotificationRemove, access.NotificationRead, resource)
	if err != nil {
		return impact.Impact{}, err
	}
	found, err := s.config.Store.Destination(ctx, workspace, idOrName)
	return impact.Impact{Confirm: found.Name, Stops: []impact.Stop{}}, err
}

// Remove removes a destination and its deliveries.
func (s *Service) Remove(ctx context.Context, actor access.Actor, workspace, idOrName string) error {
	if err := s.check(ctx, actor, access.NotificationRemove, workspace, idOrName); err != nil {
		return err
	}
	found, err := s.config.Store.Destination(ctx, workspace, idOrName)
	if err != nil {
		return err
	}
	return s.config.Store.DeleteDestination(ctx, workspace, found.ID)
}

// Deliveries returns what was sent to a destination in the last 30 days, newest first.
func (s *Service) Deliveries(ctx context.Context, actor access.Actor, workspace, idOrName string,
	request paging.Request,
) (paging.List[Delivery], error) {
	found, err := s.Get(ctx, actor, workspace, idOrName)
	if err != nil {
		return paging.List[Delivery]{}, err
	}
	return s.config.Store.ListDeliveries(ctx, found.ID, request)
}

// Retry starts an attempt of a failed or waiting delivery now.
func (s *Service) Retry(ctx context.Context, actor access.Actor, workspace, idOrName, deliveryID string) (
	Delivery, error,
) {
	if err := s.check(ctx, actor, access.NotificationTest, workspace, idOrName); err != nil {
		return Delivery{}, err
	}
	found, err := s.config.Store.Destination(ctx, workspace, idOrName)
	if err != nil {
		return Delivery{}, err
	}
	if !found.Enabled {
		return Delivery{}, problem.New(problem.Conflict, "Notification %q is disabled.", found.Name).
			WithHint("Enable it first.")
	}
	retried, err := s.config.Store.RetryDelivery(ctx, found.ID, deliveryID, s.config.Now())
	s.nudge()
	return retried, err
}

// Limits of tests in an hour: they reach others. That of a workspace holds for
// destinations that are removed and created again.
const (
	maxTests          = 20 // of a destination
	maxWorkspaceTests = 60
)

// Test sends a notification now and returns the result. It isn't retried.
func (s *Service) Test(ctx context.Context, actor access.Actor, workspace, idOrName string) (Delivery, error) {
	if err := s.check(ctx, actor, access.NotificationTest, workspace, idOrName); err != nil {
		return Delivery{}, err
	}
	found, err := s.config.Store.Destination(ctx, workspace, idOrName)
	if err != nil {
		return Delivery{}, err
	}
	now := s.config.Now()
	e := ofDestination(&found, Test, "This is a test of Windlass", now,
		"Notifications of this workspace arrive here. You don't need to do anything.")
	all, count, err := s.config.Store.CountEvents(ctx, workspace, Test, e.Subject, now.Add(-time.Hour))
	if err != nil {
		return Delivery{}, err
	}
	if count >= maxTests {
		return Delivery{}, problem.New(problem.RateLimited, "Notification %q has had %d tests in an hour, which is "+
			"the limit.", found.Name, count).
			WithHint("Wait, or read its deliveries.")
	}
	if all >= maxWorkspaceTests {
		return Delivery{}, problem.New(problem.RateLimited, "The workspace has sent %d tests in an hour, which is "+
			"the limit.", all).WithHint("Wait an hour.")
	}
	d := Delivery{
		ID: id.New("dlv", now), Workspace: workspace, DestinationID: found.ID, EventID: e.ID, Type: Test,
		State: Failed, Fault: "The test was interrupted.", CreatedAt: now, EndedAt: now, AttemptedAt: now, Attempts: 1,
	}
	if err := s.config.Store.InsertDelivery(ctx, e, d); err != nil {
		return Delivery{}, err
	}
	receipt := s.send(ctx, &Job{Delivery: d, Event: e, Destination: found})
	d.State, d.Fault, d.Status, d.Answer = Sent, "", receipt.Status, receipt.Answer
	if receipt.Fault != "" {
		d.State, d.Fault = Failed, receipt.Fault
	}
	d.EndedAt = s.config.Now()
	return d, s.config.Store.FinishDelivery(context.WithoutCancel(ctx), "", Result{
		Delivery: d, Now: d.EndedAt, Version: found.Version,
	})
}

// Rewrap encrypts the secrets of all destinations under the current master key, and
// returns how many it changed. It may run while the service is running.
func (s *Service) Rewrap(ctx context.Context, actor access.Actor) (rewrapped int, err error) {
	const batch = 100
	for after := ""; ; {
		found, err := s.config.Store.DestinationsAfter(ctx, after, batch)
		if err != nil || len(found) == 0 {
			return rewrapped, err
		}
		for i := range found {
			d := &found[i]
			after = d.ID
			if len(d.Sealed) == 0 {
				continue
			}
			sealed, again, err := s.config.Sealer.Rewrap(d.Sealed)
			if err != nil {
				return rewrapped, err
			}
			if !again {
				continue
			}
			if err := s.check(ctx, actor, access.NotificationUpdate, d.Workspace, d.ID); err != nil {
				return rewrapped, err
			}
			if err := s.config.Store.ResealDestination(ctx, d.ID, d.Sealed, sealed); err != nil {
				return rewrapped, err
			}
			rewrapped++
		}
	}
}

func owner(d *Destination) string { return "notification/" + d.ID }

func (s *Service) seal(d *Destination, secrets *Secrets) (err error) {
	if d.Kind == Email {
		return nil
	}
	plain, err := json.Marshal(secrets)
	if err != nil {
		return fmt.Errorf("writing the secrets of notification %s: %w", d.ID, err)
	}
	d.Sealed, err = s.config.Sealer.Seal(secret.New(string(plain)), owner(d))
	return err
}

func (s *Service) open(d *Destination) (Secrets, error) {
	var secrets Secrets
	if d.Kind == Email {
		return secrets, nil
	}
	plain, err := s.config.Sealer.Open(d.Sealed, owner(d))
	if err == nil && json.Unmarshal([]byte(plain.Reveal()), &secrets) != nil {
		err = errors.New("the secrets of a notification are damaged") // without the text
	}
	return secrets, err
}

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace, id string) error {
	return s.config.Checker.Check(
		ctx,
		actor,
		action,
		access.Resource{Workspace: workspace, Kind: "notification", ID: id},
	)
}
