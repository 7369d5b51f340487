// Package limit decides whether a request may run now. It counts concurrent
// requests, requests per minute, bytes per hour and failed attempts, each by
// token, workspace or client address, with a limited number of counters.
//
//	Limiter  all limits of the service
//	Visit    one request on its way through them
//
// Each process counts separately, so the limits apply per node.
package limit

import (
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// Reasons of a refusal; they are also the label of a metric.
const (
	ReasonRate        = "rate"
	ReasonConcurrency = "concurrency"
	ReasonBytes       = "bytes"
)

// The number of failed attempts of an address before it is slowed down, and
// the number per second afterwards.
const (
	unknownTokens = 300
	refusedCI     = 500
	failuresRate  = 5
)

// burstPart is the fraction of a minute's requests that is allowed in a burst.
const burstPart = 6

// Config has the limits. 0 turns a limit off.
type Config struct {
	TokenConcurrency     int
	AddressConcurrency   int // of an address without a valid token
	WorkspaceConcurrency int
	StreamConcurrency    int   // event streams of a token or a member who is signed in
	Streams              int   // event streams altogether
	TokenRate            int   // requests a minute of a secret or personal token
	PublishableRate      int   // requests a minute of a publishable token from one address
	PublishableBytes     int64 // bytes an hour of a publishable token to one address
	Now                  func() time.Time
	// Hit, optional, is called for each refusal.
	Hit func(Hit)
}

// Hit is a refusal, for the log and the metrics.
type Hit struct {
	Reason  string // one of the reasons above
	Limit   string // the limit that was reached, such as "requests at once of the token"
	Token   string // ID; empty without a valid token
	Address string
}

// Limiter has all limits of the service. A nil Limiter limits nothing. It is
// safe for concurrent use.
type Limiter struct {
	config                        Config
	tokens, addresses, workspaces *Slots
	tokenRate, publishableRate    *Buckets // nil: off
	unknown, refused              *Buckets
	bytes                         *Volumes // nil: off
	own                           *Rates   // of tokens with their own limit
	streams, allStreams           *Slots
}

// New builds the limits.
func New(config Config) *Limiter {
	l := &Limiter{
		config: config, tokens: NewSlots(config.TokenConcurrency), addresses: NewSlots(config.AddressConcurrency),
		workspaces: NewSlots(config.WorkspaceConcurrency), streams: NewSlots(config.StreamConcurrency),
		allStreams: NewSlots(config.Streams), own: NewRates(config.Now),
		unknown: NewBuckets(unknownTokens, failuresRate, config.Now), refused: NewBuckets(refusedCI, failuresRate,
			config.Now),
		tokenRate: perMinute(config.TokenRate, config.Now), publishableRate: perMinute(config.PublishableRate,
			config.Now),
	}
	if config.PublishableBytes > 0 {
		l.bytes = NewVolumes(config.PublishableBytes, config.Now)
	}
	return l
}

func perMinute(requests int, now func() time.Time) *Buckets {
	if requests <= 0 {
		return nil
	}
	return NewBuckets(max(1, requests/burstPart), float64(requests)/time.Minute.Seconds(), now)
}

// RefusedError is the error of a request that exceeds a limit. It wraps a problem
// with code rate_limited.
type RefusedError struct {
	RetryAfter time.Duration
	problem    *problem.Error
}

// Error returns the message for the client.
func (r *RefusedError) Error() string { return r.problem.Error() }

// Unwrap returns the problem.
func (r *RefusedError) Unwrap() error { return r.problem }

// refuse reports a hit and returns the error for it.
func (l *Limiter) refuse(hit Hit, wait time.Duration, hint string) error {
	if l.config.Hit != nil {
		l.config.Hit(hit)
	}
	message := problem.New(problem.RateLimited, "Too many %s.", hit.Limit).WithReason(hit.Reason).WithHint("%s", hint)
	return &RefusedError{RetryAfter: max(wait, time.Second), problem: message}
}
