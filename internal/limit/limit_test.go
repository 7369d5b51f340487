package limit_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/limit"
	"github.com/windlass-io/windlass/internal/problem"
)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// taken returns the number of n requests that a bucket allows.
func taken(b *limit.Buckets, key string, n int) int {
	allowed := 0
	for range n {
		if _, ok := b.Take(key); ok {
			allowed++
		}
	}
	return allowed
}

func TestBuckets(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := limit.NewBuckets(200, 20, c.Now)
	level, ok := b.Take("a")
	if want := (limit.Level{Left: 199, Reset: 50 * time.Millisecond}); !ok || level != want {
		t.Errorf("the first request leaves %+v, %v; want %+v", level, ok, want)
	}
	if got := taken(b, "a", 300); got != 199 {
		t.Errorf("%d of a burst are allowed", got)
	}
	level, ok = b.Take("a")
	if want := (limit.Level{Wait: 50 * time.Millisecond, Reset: 10 * time.Second}); ok || level != want {
		t.Errorf("an empty bucket has %+v, %v; want %+v", level, ok, want)
	}
	if got := taken(b, "b", 300); got != 200 {
		t.Errorf("another key has %d", got)
	}
	c.add(time.Second)
	if got := taken(b, "a", 300); got != 20 {
		t.Errorf("a second later %d are allowed, want 20", got)
	}
	c.add(-time.Hour) // a clock that goes back
	if got := taken(b, "a", 300); got != 0 {
		t.Errorf("after the clock went back %d are allowed", got)
	}
}

// TestAttackFloodKeys sends requests from very many addresses: the number of
// buckets stays limited, and earlier addresses keep theirs.
func TestAttackFloodKeys(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := limit.NewBuckets(2, 1, c.Now)
	taken(b, "early", 1)
	for i := range 100_000 {
		b.Take(fmt.Sprint(i))
	}
	if got := b.Len(); got > 70_000 {
		t.Errorf("there are %d buckets", got)
	}
	if got := taken(b, "early", 9); got != 1 {
		t.Errorf("the first address has %d requests left, want 1", got)
	}
	if got := taken(b, "late", 9); got != 0 {
		t.Errorf("an address beyond the bound has %d requests of its own", got)
	}
	c.add(time.Minute) // all are full again
	if got := taken(b, "late", 9); got != 2 || b.Len() > 2 {
		t.Errorf("after the flood there are %d requests and %d buckets", got, b.Len())
	}
}

func TestSlots(t *testing.T) {
	t.Parallel()
	s := limit.NewSlots(2)
	first, ok := s.Acquire("a")
	second, ok2 := s.Acquire("a")
	if _, ok3 := s.Acquire("a"); !ok || !ok2 || ok3 || s.Held("a") != 2 {
		t.Fatalf("acquired %v %v %v, held %d", ok, ok2, ok3, s.Held("a"))
	}
	if _, ok := s.Acquire("b"); !ok {
		t.Error("another key has no slot")
	}
	first.Release()
	second.Release()
	if _, ok := s.Acquire("a"); !ok || s.Held("a") != 1 {
		t.Errorf("after the release %d are held", s.Held("a"))
	}
	unlimited := limit.NewSlots(0)
	for range 1000 {
		if _, ok := unlimited.Acquire("a"); !ok {
			t.Fatal("a limit that is off refuses")
		}
	}
}

func TestVolumes(t *testing.T) {
	t.Parallel()
	c := newClock()
	v := limit.NewVolumes(1000, c.Now)
	v.Add("a", 600)
	c.add(30 * time.Minute)
	if _, ok := v.Allowed("a"); !ok {
		t.Error("600 of 1000 bytes are refused")
	}
	v.Add("a", 600)
	wait, ok := v.Allowed("a")
	if ok || wait != 30*time.Minute {
		t.Errorf("1200 of 1000 bytes: %v, wait %v", ok, wait)
	}
	if _, ok := v.Allowed("b"); !ok {
		t.Error("another key is refused")
	}
	c.add(wait)
	if _, ok := v.Allowed("a"); !ok {
		t.Error("refused after the wait")
	}
	v.Add("a", 2000)
	if wait, ok = v.Allowed("a"); ok || wait != time.Hour {
		t.Errorf("one answer over the limit: %v, wait %v", ok, wait)
	}
	c.add(24 * time.Hour)
	if _, ok := v.Allowed("a"); !ok {
		t.Error("refused a day later")
	}
}

// TestAttackFloodUnknownTokens guesses tokens: the address is slowed down, and
// its valid token still works.
func TestAttackFloodUnknownTokens(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := limit.New(limit.Config{Now: c.Now})
	for name, tc := range map[string]struct {
		guess func(*limit.Visit) error
		burst int
	}{
		"API tokens": {(*limit.Visit).UnknownToken, 300},
		"CI tokens":  {(*limit.Visit).RefusedCI, 500},
	} {
		v := l.Visit("192.0.2.1")
		allowed := 0
		for range 1000 {
			if tc.guess(v) == nil {
				allowed++
			}
		}
		err := tc.guess(v)
		if allowed != tc.burst || !problem.Is(err, problem.RateLimited) || limit.RetryAfter(err) != "1" {
			t.Errorf("%s: %d guesses, then %v after %s", name, allowed, err, limit.RetryAfter(err))
		}
		if err := tc.guess(l.Visit("192.0.2.2")); err != nil {
			t.Errorf("%s: another address: %v", name, err)
		}
		if _, err := v.Token(limit.Token{ID: "tok_1", Workspace: "ws_1"}); err != nil {
			t.Errorf("%s: a valid token: %v", name, err)
		}
	}
	c.add(2 * time.Second)
	allowed := 0
	for range 100 {
		if l.Visit("192.0.2.1").UnknownToken() == nil {
			allowed++
		}
	}
	if allowed != 10 {
		t.Errorf("two seconds later %d guesses are allowed, want 10", allowed)
	}
}

func TestVisit(t *testing.T) {
	t.Parallel()
	c := newClock()
	var hits []limit.Hit
	l := limit.New(limit.Config{
		TokenConcurrency: 2, AddressConcurrency: 1, WorkspaceConcurrency: 3, PublishableRate: 60, PublishableBytes: 100,
		Now: c.Now, Hit: func(h limit.Hit) { hits = append(hits, h) },
	})
	enter := func(token, address string, publishable bool) (*limit.Visit, *limit.Quota, error) {
		v := l.Visit(address)
		quota, err := v.Token(limit.Token{ID: token, Workspace: "ws_1", Publishable: publishable})
		return v, quota, err
	}
	a, quota, err := enter("tok_1", "192.0.2.1", false)
	if quota != nil || err != nil {
		t.Errorf("a secret token: quota %v, %v", quota, err)
	}
	_, _, _ = enter("tok_1", "192.0.2.2", false)
	if _, _, err := enter("tok_1", "192.0.2.3", false); !problem.Is(err, problem.RateLimited) {
		t.Errorf("the third request of a token: %v", err)
	}
	if _, _, err := enter("tok_2", "192.0.2.3", false); err != nil {
		t.Errorf("another token: %v", err)
	}
	if _, _, err := enter("tok_3", "192.0.2.3", false); !problem.Is(err, problem.RateLimited) {
		t.Errorf("the fourth request in the workspace: %v", err)
	}
	a.Rest() // its response is ready, so it doesn't work any more, while its client still receives it
	if _, _, err := enter("tok_1", "192.0.2.1", false); !problem.Is(err, problem.RateLimited) {
		t.Errorf("while an answer is taken: %v", err)
	}
	b, quota, err := enter("tok_3", "192.0.2.3", true)
	if want := (&limit.Quota{PerMinute: 60, Left: 9, Reset: 1}); err != nil || !cmp.Equal(quota, want) {
		t.Errorf("a publishable token: %+v, %v", quota, err)
	}
	b.Wrote(100)
	b.Leave()
	if _, _, err := enter("tok_3", "192.0.2.3", true); !problem.Is(err, problem.RateLimited) ||
		limit.RetryAfter(err) != "3600" {
		t.Errorf("after the hour's bytes: %v, retry after %s", err, limit.RetryAfter(err))
	}
	if _, _, err := enter("tok_3", "192.0.2.4", true); err != nil {
		t.Errorf("the same token at another address: %v", err)
	}
	first, second := l.Visit("192.0.2.1"), l.Visit("192.0.2.1")
	again := first.Anonymous()
	if first.Anonymous() != nil || again != nil || second.Anonymous() == nil {
		t.Error("an address without a token has more or less than its one request")
	}
	first.Leave()
	if err := second.Anonymous(); err != nil {
		t.Error(err)
	}
	if got := hits[0]; got != (limit.Hit{
		Reason: "concurrency", Limit: "requests at once with this token",
		Token: "tok_1", Address: "192.0.2.3",
	}) {
		t.Errorf("the first hit is %+v", got)
	}
}

// TestAttackFloodRequests sends as fast as it can with a publishable token.
func TestAttackFloodRequests(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := limit.New(limit.Config{PublishableRate: 1200, Now: c.Now})
	token := limit.Token{ID: "tok_1", Workspace: "ws_1", Publishable: true}
	allowed := 0
	var refused error
	for range 60 {
		for range 100 {
			v := l.Visit("192.0.2.1")
			if _, err := v.Token(token); err == nil {
				allowed++
			} else {
				refused = err
			}
			v.Leave()
		}
		c.add(time.Second)
	}
	if allowed < 1200 || allowed > 1400 || limit.RetryAfter(refused) != "1" {
		t.Errorf("%d requests in a minute, then %v", allowed, refused)
	}
	v := l.Visit("192.0.2.1")
	quota, err := v.Token(token)
	if err != nil || quota.Policy() != `"minute";q=1200;w=60` || quota.String() != `"minute";r=19;t=10` {
		t.Errorf("the headers are %s and %s, %v", quota.Policy(), quota, err)
	}
}

func TestNoLimiter(t *testing.T) {
	t.Parallel()
	var l *limit.Limiter
	v := l.Visit("192.0.2.1")
	quota, err := v.Token(limit.Token{ID: "tok_1", Workspace: "ws_1", Publishable: true})
	if quota != nil || err != nil || v.Anonymous() != nil || v.UnknownToken() != nil || v.RefusedCI() != nil ||
		v.Workspace("ws_1") != nil {
		t.Error("no limiter limits something")
	}
	v.Wrote(1)
	v.Rest()
	v.Leave()
}
