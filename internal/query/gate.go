package query

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/windlass-io/windlass/internal/problem"
)

// gate limits the concurrent queries, in total and per token.
type gate struct {
	all      *semaphore.Weighted
	perToken int

	mu     sync.Mutex
	tokens map[string]*tokenGate
}

// tokenGate limits the queries of a token. It exists while one runs or waits.
type tokenGate struct {
	slots *semaphore.Weighted
	users int
}

func newGate(atOnce, perToken int) *gate {
	return &gate{all: semaphore.NewWeighted(int64(atOnce)), perToken: perToken, tokens: map[string]*tokenGate{}}
}

// enter waits for a place. Call leave once to release it.
func (g *gate) enter(ctx context.Context, token string, wait time.Duration) (leave func(), err error) {
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	own := g.take(token)
	if err = own.slots.Acquire(waiting, 1); err == nil {
		if err = g.all.Acquire(waiting, 1); err != nil {
			own.slots.Release(1)
		}
	}
	if err == nil {
		return func() {
			g.all.Release(1)
			own.slots.Release(1)
			g.drop(token)
		}, nil
	}
	g.drop(token)
	if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	return nil, problem.New(problem.Unavailable, "Too many queries are running.").WithReason("busy").
		WithRetry(wait).WithHint("Try again when other queries have ended. The setting query_concurrency is the limit.")
}

func (g *gate) take(token string) *tokenGate {
	g.mu.Lock()
	defer g.mu.Unlock()
	own := g.tokens[token]
	if own == nil {
		own = &tokenGate{slots: semaphore.NewWeighted(int64(g.perToken))}
		g.tokens[token] = own
	}
	own.users++
	return own
}

func (g *gate) drop(token string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if own := g.tokens[token]; own != nil {
		if own.users--; own.users == 0 {
			delete(g.tokens, token)
		}
	}
}
