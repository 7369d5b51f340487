package idempotency_test

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/idempotency"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/statekey"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// kit is a service with a stopped clock.
type kit struct {
	*idempotency.Service
	now time.Time
}

func newKit(t *testing.T, state *store.Store) *kit {
	t.Helper()
	sealer, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{now: time.Unix(1_000_000, 0)}
	now := func() time.Time { return k.now }
	k.Service = idempotency.New(idempotency.Config{
		Store: state, Now: now,
		Box: statekey.New(statekey.Config{Name: "idempotency", Store: state, Sealer: sealer, Now: now}),
	})
	return k
}

var key = idempotency.Key{Actor: "tok_1", Method: "POST", Path: "/v1/things", Text: "once"}

func reasonOf(err error) string {
	if e := (*problem.Error)(nil); errors.As(err, &e) {
		return e.Reason
	}
	return ""
}

// TestBegin checks that a request runs once, and that its response is stored
// for 24 hours for its sender only.
func TestBegin(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, state *store.Store) {
		k := newKit(t, state)
		run, _, err := k.Begin(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := k.Begin(t.Context(), key); reasonOf(err) != idempotency.Running {
			t.Errorf("while it runs: %v", err)
		}
		want := &idempotency.Answer{Status: 201, Header: map[string][]string{"Location": {"/x"}}, Body: []byte("{}")}
		if err := run.Keep(t.Context(), "hash", want); err != nil {
			t.Fatal(err)
		}
		_, kept, err := k.Begin(t.Context(), key)
		if err != nil || kept == nil {
			t.Fatalf("after it: %v, %v", kept, err)
		}
		if got, err := kept.Answer(t.Context(), "hash"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("the answer is %+v, %v", got, err)
		}
		if _, err := kept.Answer(t.Context(), "other"); reasonOf(err) != idempotency.Mismatch {
			t.Errorf("another body: %v", err)
		}
		for name, other := range map[string]idempotency.Key{
			"actor":  {Actor: "tok_2", Method: key.Method, Path: key.Path, Text: key.Text},
			"method": {Actor: key.Actor, Method: "PATCH", Path: key.Path, Text: key.Text},
			"path":   {Actor: key.Actor, Method: key.Method, Path: key.Path + "x", Text: key.Text},
			"text":   {Actor: key.Actor, Method: key.Method, Path: key.Path, Text: "Once"},
		} {
			run, _, err := k.Begin(t.Context(), other)
			if err != nil || run == nil {
				t.Errorf("another %s: %v", name, err)
				continue
			}
			if err := run.Release(t.Context()); err != nil {
				t.Error(err)
			}
		}
		k.now = k.now.Add(idempotency.Keep)
		if n, err := k.Clean(t.Context()); n != 1 || err != nil {
			t.Errorf("cleaned %d, %v", n, err)
		}
		if run, _, err = k.Begin(t.Context(), key); err != nil || run == nil {
			t.Fatalf("a day later: %v", err)
		}
		if err := run.Release(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestLease checks that the key of a dead process can be used again, and that a
// late result of that process changes nothing.
func TestLease(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, state *store.Store) {
		k := newKit(t, state)
		dead, _, err := k.Begin(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		k.now = k.now.Add(time.Minute)
		second, _, err := k.Begin(t.Context(), key)
		if err != nil || second == nil {
			t.Fatalf("after the lease: %v", err)
		}
		if err := dead.Keep(t.Context(), "hash", &idempotency.Answer{Status: 500}); err != nil {
			t.Fatal(err)
		}
		if err := second.Keep(t.Context(), "hash", &idempotency.Answer{Status: 200}); err != nil {
			t.Fatal(err)
		}
		_, kept, err := k.Begin(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := kept.Answer(t.Context(), "hash"); err != nil || got.Status != 200 {
			t.Errorf("the answer is %+v, %v", got, err)
		}
	})
}

// TestRace checks that only one of many concurrent requests runs.
func TestRace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, state *store.Store) {
		k := newKit(t, state)
		var wait sync.WaitGroup
		runs := make(chan *idempotency.Run, 20)
		for range cap(runs) {
			wait.Go(func() {
				run, _, err := k.Begin(t.Context(), key)
				if err == nil {
					runs <- run
				} else if reasonOf(err) != idempotency.Running {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		close(runs)
		if len(runs) != 1 {
			t.Errorf("%d ran", len(runs))
		}
		for run := range runs {
			_ = run.Release(t.Context())
		}
	})
}

// TestLostMasterKey checks that a request doesn't run again if its stored
// response can't be decrypted any more.
func TestLostMasterKey(t *testing.T) {
	t.Parallel()
	state := storetest.Open(t)
	k := newKit(t, state)
	run, _, err := k.Begin(t.Context(), key)
	if err == nil {
		err = run.Keep(t.Context(), "hash", &idempotency.Answer{Status: 200})
	}
	if err != nil {
		t.Fatal(err)
	}
	_, kept, err := newKit(t, state).Begin(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kept.Answer(t.Context(), "hash"); reasonOf(err) != "idempotency_lost" {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for text, valid := range map[string]bool{
		"a": true, "8e03978e-40d5-43e8-bc93-6894a57f9324": true, strings.Repeat("k", 255): true, `"quoted"`: true,
		"": false, strings.Repeat("k", 256): false, "é": false, "a\tb": false,
	} {
		if err := idempotency.Check(text); (err == nil) != valid {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}
