package attempt_test

import (
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/attempt"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// TestBuckets fills each bucket of the counting table, and checks that it
// refuses one more attempt and allows one after its interval.
func TestBuckets(t *testing.T) {
	t.Parallel()
	buckets := []attempt.Bucket{
		{Name: attempt.Name("account", "acme", "ann@example.com", "device"), Size: 10, Every: time.Minute},
		{Name: attempt.Name("account", "acme", "ann@example.com", ""), Size: 10, Every: time.Minute},
		{Name: attempt.Name("address", "192.0.2.1"), Size: 40, Every: time.Minute},
		{Name: attempt.Name("password", "mem_1"), Size: 8, Every: time.Minute},
		{Name: attempt.Name("token", "192.0.2.1"), Size: 300, Every: 200 * time.Millisecond},
		{Name: attempt.Name("exchange", "192.0.2.1"), Size: 500, Every: 200 * time.Millisecond},
		{Name: attempt.Name("login", "mem_1"), Size: 5, Every: 2 * time.Minute},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, b := range buckets {
			now := start
			c := attempt.New(s, func() time.Time { return now })
			for n := range b.Size {
				if err := c.Take(t.Context(), b); err != nil {
					t.Fatalf("%s: attempt %d of %d: %v", b.Name, n+1, b.Size, err)
				}
			}
			err := c.Take(t.Context(), b)
			if !problem.Is(err, problem.RateLimited) || problem.From(err).RetryAfter() == "" {
				t.Errorf("%s: attempt %d: %v", b.Name, b.Size+1, err)
			}
			now = now.Add(b.Every)
			if err := c.Take(t.Context(), b); err != nil {
				t.Errorf("%s: after %s: %v", b.Name, b.Every, err)
			}
			if err := c.Take(t.Context(), b); !problem.Is(err, problem.RateLimited) {
				t.Errorf("%s: two after %s: %v", b.Name, b.Every, err)
			}
		}
	})
}

// TestOnlyFailuresCount checks that a successful try returns its attempts, so that
// it never limits anyone who knows the password, the link or the token.
func TestOnlyFailuresCount(t *testing.T) {
	t.Parallel()
	c := attempt.New(storetest.Open(t), func() time.Time { return start })
	bucket := attempt.Bucket{Name: attempt.Name("x"), Size: 2, Every: time.Minute}
	for range 10 {
		if err := c.Take(t.Context(), bucket); err != nil {
			t.Fatal(err)
		}
		if err := c.Return(t.Context(), bucket); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Take(t.Context(), bucket, bucket); err != nil {
		t.Errorf("the whole bucket is left: %v", err)
	}
}

// TestAttackSecondNode: counters of two nodes share one state.
func TestAttackSecondNode(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := func() time.Time { return start }
		one, two := attempt.New(s, now), attempt.New(s, now)
		bucket := attempt.Bucket{Name: attempt.Name("shared"), Size: 3, Every: time.Minute}
		for n, c := range []*attempt.Counter{one, two, one} {
			if err := c.Take(t.Context(), bucket); err != nil {
				t.Fatalf("attempt %d: %v", n+1, err)
			}
		}
		for name, c := range map[string]*attempt.Counter{"one": one, "two": two} {
			if err := c.Take(t.Context(), bucket); !problem.Is(err, problem.RateLimited) {
				t.Errorf("node %s gives a fourth: %v", name, err)
			}
		}
	})
}

// TestAllOrNone checks that an empty bucket leaves the others unchanged.
func TestAllOrNone(t *testing.T) {
	t.Parallel()
	c := attempt.New(storetest.Open(t), func() time.Time { return start })
	full := attempt.Bucket{Name: attempt.Name("full"), Size: 1, Every: time.Minute}
	empty := attempt.Bucket{Name: attempt.Name("empty"), Size: 1, Every: time.Minute}
	if err := c.Take(t.Context(), empty); err != nil {
		t.Fatal(err)
	}
	if err := c.Take(t.Context(), full, empty); !problem.Is(err, problem.RateLimited) {
		t.Fatalf("an empty bucket: %v", err)
	}
	if err := c.Take(t.Context(), full); err != nil {
		t.Errorf("the other bucket lost its attempt: %v", err)
	}
}

// TestName checks that names don't contain text from strangers, and that
// different parts give different names.
func TestName(t *testing.T) {
	t.Parallel()
	if name := attempt.Name("account", "hunter2"); strings.Contains(name, "hunter2") || !strings.HasPrefix(name,
		"account:") {
		t.Errorf("the name is %q", name)
	}
	if attempt.Name("a", "bc", "d") == attempt.Name("a", "b", "cd") {
		t.Error("two lists of parts share a bucket")
	}
}
