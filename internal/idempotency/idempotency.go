// Package idempotency runs a request with an Idempotency-Key once and stores
// its answer for repetitions (draft-ietf-httpapi-idempotency-key-header-07).
//
// While a request runs, its key has a lease that is renewed until the request
// ends. If the process dies, the lease expires and the key can be used again.
package idempotency

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/problem"
)

// Bounds.
const (
	Keep      = 24 * time.Hour // of an answer
	MaxKey    = 255            // characters
	MaxAnswer = 1 << 20        // bytes
	MaxKeys   = 100_000        // stored at a time per token
	MaxBytes  = 64 << 20       // stored at a time per token

	lease = time.Minute
)

// Reasons of problems.
const (
	Running  = "idempotency_running"
	Mismatch = "idempotency_mismatch"
)

// Key identifies a repeated request.
type Key struct {
	Actor        string // ID of the token, or of the member
	Method, Path string
	Text         string // the header
}

// id returns the ID of the key in the store.
func (k *Key) id() string {
	text, _ := json.Marshal([]string{k.Actor, k.Method, k.Path, k.Text}) // strings only
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Answer is the stored response to a request.
type Answer struct {
	Status int
	Header map[string][]string
	Body   []byte
}

// Entry is a request as the store keeps it.
type Entry struct {
	ID, Actor, Run string
	Request        string // hash of the query and body; empty while it runs
	Answer         []byte // sealed; nil while it runs
	ExpiresAt      time.Time
}

// Store stores requests; *store.Store implements it.
type Store interface {
	// ClaimIdempotency stores a request that begins, unless there is one with its ID
	// that didn't expire by now, which it returns with claimed false.
	ClaimIdempotency(ctx context.Context, begun Entry, now time.Time) (found Entry, claimed bool, err error)
	// RenewIdempotency extends the lease of a run. held is false when the run no
	// longer has the key.
	RenewIdempotency(ctx context.Context, id, run string, until time.Time) (held bool, err error)
	// FinishIdempotency stores the answer of a run that still has its key.
	FinishIdempotency(ctx context.Context, done Entry) error
	// ReleaseIdempotency deletes the run that has a key.
	ReleaseIdempotency(ctx context.Context, id, run string) error
	// IdempotencyUse returns the number of an actor's keys, and the size of their
	// answers in bytes.
	IdempotencyUse(ctx context.Context, actor string) (keys, bytes int64, err error)
	// DeleteIdempotency deletes expired keys.
	DeleteIdempotency(ctx context.Context, now time.Time) (int64, error)
}

// Box encrypts answers; *statekey.Box implements it.
type Box interface {
	Seal(ctx context.Context, plain []byte) ([]byte, error)
	Open(ctx context.Context, sealed []byte) ([]byte, error)
}

// Config configures a [Service]. Every field is required.
type Config struct {
	Store Store
	Box   Box
	Now   func() time.Time
}

// Service runs requests with keys. It is safe for concurrent use.
type Service struct {
	config Config

	mu   sync.Mutex
	uses map[string]*use
}

// New returns a service.
func New(config Config) *Service { return &Service{config: config, uses: map[string]*use{}} }

// Check returns a problem with code invalid if a text isn't a valid key.
func Check(text string) error {
	valid := text != "" && len(text) <= MaxKey
	for _, c := range []byte(text) {
		valid = valid && c >= ' ' && c <= '~'
	}
	if valid {
		return nil
	}
	return problem.New(problem.Invalid, "The Idempotency-Key isn't 1 to %d ASCII characters.", MaxKey).
		WithReason("invalid_value").WithHint("Send a random UUID, and reuse it when you repeat the request.")
}

// Begin begins a request. It returns a run if the request must be handled, or
// the stored answer of an earlier one. If the same request is still running, the
// error is a problem with code conflict.
func (s *Service) Begin(ctx context.Context, key Key) (*Run, *Kept, error) {
	now := s.config.Now()
	if err := s.admit(ctx, key.Actor, now); err != nil {
		return nil, nil, err
	}
	begun := Entry{ID: key.id(), Actor: key.Actor, Run: id.New("run", now), ExpiresAt: now.Add(lease)}
	found, claimed, err := s.config.Store.ClaimIdempotency(ctx, begun, now)
	switch {
	case err != nil:
		return nil, nil, err
	case claimed:
		s.count(key.Actor, 1, 0)
		run := &Run{service: s, entry: begun, ended: make(chan struct{})}
		run.renewing.Go(func() { run.renew(context.WithoutCancel(ctx)) })
		return run, nil, nil
	case found.Answer == nil:
		return nil, nil, problem.New(problem.Conflict, "A request with this Idempotency-Key is still running.").
			WithReason(Running).WithRetry(time.Second).WithHint("Wait until it ends, then repeat the request.")
	}
	return nil, &Kept{found, s.config.Box}, nil
}

// Clean deletes answers that have been kept long enough.
func (s *Service) Clean(ctx context.Context) (int64, error) {
	return s.config.Store.DeleteIdempotency(ctx, s.config.Now())
}

// Kept is a request that ended.
type Kept struct {
	entry Entry
	box   Box
}

// sealed is the text of an answer before it is sealed. ID binds it to its key.
type sealed struct {
	ID     string `json:"id"`
	Answer Answer `json:"answer"`
}

// Answer returns the answer, for a request whose query and body have this hash.
func (k *Kept) Answer(ctx context.Context, request string) (*Answer, error) {
	if request != k.entry.Request {
		return nil, problem.New(problem.Invalid,
			"The Idempotency-Key was used for a request with a different query or body.").WithReason(Mismatch).
			WithHint("Send a new key for a new request.")
	}
	var out sealed
	text, err := k.box.Open(ctx, k.entry.Answer)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	switch {
	case problem.Is(err, problem.Invalid) || err == nil && out.ID != k.entry.ID:
		return nil, problem.New(problem.Conflict, "The stored response to this request can no longer be read.").
			WithReason("idempotency_lost").WithHint("Check whether it took effect; if it didn't, send a new key.")
	case err != nil:
		return nil, fmt.Errorf("reading a kept answer: %w", err)
	}
	return &out.Answer, nil
}
