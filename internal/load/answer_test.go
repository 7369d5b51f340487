package load_test

import (
	"context"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/sandboxtest"
)

// readOnly allows to list a bucket and to get its objects, but not in.secret.
const readOnly = `{"Version":"2012-10-17","Statement":[
	{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/in/*"},
	{"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/in/secret*"},
	{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::data","Condition":{"StringLike":{"s3:prefix":"in/*"}}}]}`

// An object that AWS refuses has a code, and the others are loaded.
func TestAnswersAboutOneObject(t *testing.T) {
	t.Parallel()
	b := fault.Match{Action: "GetObject", Key: "in/b.csv"}
	for name, tc := range map[string]struct {
		fault     fault.Fault
		prepare   func(t *testing.T, s *sandboxtest.Server)
		code      string
		retryable bool
	}{
		"denied": {
			prepare: func(t *testing.T, s *sandboxtest.Server) {
				t.Helper()
				s.MustPut(t, s.Customer.Keys, "data", "in/secret.csv", lines(1000, 2000))
			},
			code: load.CodeDenied, retryable: true,
		},
		"archived": {
			fault: fault.Fault{Kind: fault.Archived, Match: b},
			prepare: func(t *testing.T, s *sandboxtest.Server) {
				t.Helper()
				s.MustPut(t, s.Customer.Keys, "data", "in/b.csv", lines(1000, 2000))
			},
			code: load.CodeArchived, retryable: true,
		},
		"the key is denied": {
			prepare: func(t *testing.T, s *sandboxtest.Server) {
				t.Helper()
				key := s.MustKey(t, s.Customer, "")
				bucket, name := "data", "in/b.csv"
				if _, err := s.S3(s.Customer.Keys).PutObject(t.Context(), &sdk.PutObjectInput{
					Bucket: &bucket, Key: &name, Body: strings.NewReader(lines(1000, 2000)),
					ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: &key,
				}); err != nil {
					t.Fatal(err)
				}
			},
			code: load.CodeKMSDenied, retryable: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := sandboxtest.Start(t)
			server.MustBucket(t, server.Customer.Keys, "data")
			server.MustPut(t, server.Customer.Keys, "data", "in/a.csv", lines(0, 1000))
			tc.prepare(t, server)
			keys, _ := server.MustUser(t, server.Customer, "reader", readOnly)
			bucket := impatient(server, keys, "data")
			h := build(t, doors{bucket: func(object.Bucket) object.Bucket { return bucket }})
			if tc.fault.Kind != "" {
				server.MustFault(t, tc.fault)
			}
			l := h.mustLoad(t, load.Order{Source: h.source(t, "in/*", source.Format{}), Dataset: "d"})
			if len(l.Problems) != 1 || l.Problems[0].Code != tc.code || l.Problems[0].Retryable != tc.retryable ||
				h.count(t, "d") != 1000 {
				t.Errorf("%d rows, %+v", h.count(t, "d"), l.Problems)
			}
		})
	}
}

// failing is a bucket whose objects can't be read, or that can't be listed.
type failing struct {
	object.Bucket
	list *object.Failure
}

func (b *failing) List(ctx context.Context, prefix, cursor string, limit int) (object.Page, error) {
	if b.list != nil {
		return object.Page{}, b.list
	}
	return b.Bucket.List(ctx, prefix, cursor, limit)
}

// An error about the whole bucket ends the load, or lets it wait.
func TestAnswersThatEndALoad(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		list, read *object.Failure
		code       string
		state      load.State
	}{
		"a denied list": {
			list: &object.Failure{Operation: "ListObjectsV2", Status: 403, Code: "AccessDenied"},
			code: load.CodeDenied, state: load.Failed,
		},
		"a denied role": {
			list: &object.Failure{Operation: "AssumeRole", Status: 403, Code: "AccessDenied"},
			code: load.CodeDenied, state: load.Failed,
		},
		"a throttled role": {
			list: &object.Failure{Operation: "AssumeRole", Status: 400, Code: "Throttling"},
			code: string(problem.Unavailable), state: load.Queued,
		},
		"a missing bucket": {
			list: &object.Failure{Operation: "ListObjectsV2", Status: 404, Code: "NoSuchBucket"},
			code: load.CodeNoBucket, state: load.Failed,
		},
		"a bucket that disappears": {
			read: &object.Failure{Operation: "GetObject", Status: 404, Code: "NoSuchBucket"},
			code: load.CodeNoBucket, state: load.Failed,
		},
		"a wrong clock": {
			read: &object.Failure{Operation: "GetObject", Status: 403, Code: "RequestTimeTooSkewed"},
			code: load.CodeClockSkew, state: load.Failed,
		},
		"a deleted object": {
			read: &object.Failure{Operation: "GetObject", Status: 404, Code: "NoSuchKey"},
			code: load.CodeGone, state: load.Failed,
		},
		"a deleted version": {
			read: &object.Failure{Operation: "GetObject", Status: 404, Code: "NoSuchVersion"},
			code: load.CodeGone, state: load.Failed,
		},
		"an object that changes": {
			read: &object.Failure{Operation: "GetObject", Status: 412, Code: "PreconditionFailed"},
			code: load.CodeChanging, state: load.Failed,
		},
		"a code of KMS": {
			read: &object.Failure{Operation: "GetObject", Status: 400, Code: "KMS.DisabledException"},
			code: load.CodeKMSDenied, state: load.Failed,
		},
		"no answer": {
			read: &object.Failure{Operation: "GetObject", Message: "connection refused"},
			code: string(problem.Unavailable), state: load.Queued,
		},
		"an internal error": {
			read: &object.Failure{Operation: "GetObject", Status: 500, Code: "InternalError"},
			code: string(problem.Unavailable), state: load.Queued,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, doors{bucket: func(b object.Bucket) object.Bucket {
				return &failing{list: tc.list, Bucket: &hook{
					b,
					func(context.Context, string, object.ReadOptions) error {
						if tc.read == nil {
							return nil
						}
						return tc.read
					},
				}}
			}})
			h.declare(t, "d", dataset.Column{Name: "id", Type: dataset.Integer},
				dataset.Column{Name: "name", Type: dataset.String})
			h.put(t, "a", lines(0, 10))
			l := h.start(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
			ended := h.runOnce(t, l)
			if ended.State != tc.state || ended.Code != tc.code || ended.Fault == "" ||
				ended.NextAttempt.IsZero() != (tc.state == load.Failed) {
				t.Errorf("%s %q %q, waits until %v; want %s %q", ended.State, ended.Code, ended.Fault,
					ended.NextAttempt,
					tc.state, tc.code)
			}
		})
	}
}

// runOnce runs a load with a worker until it ends or waits.
func (h *house) runOnce(t *testing.T, l load.Load) load.Load {
	t.Helper()
	ran := make(chan struct{})
	w := load.NewWorkers(h.loads, runner(func(ctx context.Context, task load.Task) (load.Load, error) {
		defer close(ran) // the test fails if there is another run
		return h.loader.Run(ctx, task)
	}), "worker", 1, quiet())
	if err := w.Start(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	<-ran
	defer w.Stop()
	for {
		found, err := h.loads.Get(t.Context(), owner, workspaceID, l.ID)
		if err != nil {
			t.Fatal(err)
		}
		if found.State.Ended() || !found.NextAttempt.IsZero() {
			return found
		}
		time.Sleep(time.Millisecond)
	}
}

// A load waits longer each time, and fails after eight waits. A crash is no wait.
func TestLoadWaitsEightTimes(t *testing.T) {
	t.Parallel()
	h := build(t, doors{bucket: func(b object.Bucket) object.Bucket {
		return &failing{Bucket: b, list: &object.Failure{Operation: "ListObjectsV2", Status: 503, Code: "SlowDown"}}
	}})
	l := h.start(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
	want := []time.Duration{
		30 * time.Second, 2 * time.Minute, 8 * time.Minute, 30 * time.Minute, time.Hour, time.Hour, time.Hour,
		time.Hour,
	}
	for n, wait := range want {
		began := time.Now()
		found := h.runOnce(t, l)
		if got := found.NextAttempt.Sub(began); found.State != load.Queued || found.Waits != n+1 || got < wait ||
			got > wait+time.Minute/2 {
			t.Fatalf("wait %d: %s for %v, want %v", n+1, found.State, got, wait)
		}
	}
	if found := h.runOnce(t, l); found.State != load.Failed || found.Code != string(problem.Unavailable) ||
		!strings.Contains(found.Fault, "SlowDown") {
		t.Errorf("after all waits: %+v", found)
	}
}

// A load that is cancelled while it lists the bucket stores nothing.
func TestCancelWhilePlanning(t *testing.T) {
	t.Parallel()
	planning := make(chan struct{})
	h := build(t, doors{bucket: func(b object.Bucket) object.Bucket { return &stillList{b, planning} }})
	h.put(t, "a", lines(0, 10))
	l := h.start(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
	h.work(t, 1)
	<-planning
	if _, err := h.loads.Cancel(t.Context(), owner, workspaceID, l.ID); err != nil {
		t.Fatal(err)
	}
	if ended := h.await(t, l.ID); ended.State != load.Cancelled || h.count(t, "d") > 0 {
		t.Errorf("%+v, %d rows", ended, h.count(t, "d"))
	}
	if again, err := h.loads.Cancel(t.Context(), owner, workspaceID, l.ID); err != nil ||
		again.State != load.Cancelled {
		t.Errorf("again: %+v, %v", again, err)
	}
}

// stillList is a bucket whose listing blocks until the caller gives up.
type stillList struct {
	object.Bucket
	asked chan struct{}
}

func (b *stillList) List(ctx context.Context, _, _ string, _ int) (object.Page, error) {
	close(b.asked)
	<-ctx.Done()
	return object.Page{}, ctx.Err()
}

// A load that has ended can't be cancelled.
func TestCancelAfterTheEnd(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "a", lines(0, 10))
	l := h.start(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
	if ended := h.runOnce(t, l); ended.State != load.Loaded || ended.Outcome != load.Complete {
		t.Fatalf("%+v", ended)
	}
	if _, err := h.loads.Cancel(t.Context(), owner, workspaceID, l.ID); !problem.Is(err, problem.Conflict) {
		t.Errorf("%v", err)
	}
}

// The outcome shows whether everything was loaded.
func TestOutcome(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "a.csv", lines(0, 10))
	src := h.source(t, "*.csv", source.Format{})
	order := load.Order{Source: src, Dataset: "d"}
	for i, want := range []load.Outcome{load.Complete, load.Nothing, load.Partial} {
		if want == load.Partial {
			h.put(t, "b.csv", lines(10, 20))
			h.put(t, "c.csv", "\x1f\x8b damaged")
		}
		l := h.runOnce(t, h.start(t, order))
		if l.State != load.Loaded || l.Outcome != want {
			t.Errorf("load %d: %s %q, want %q: %+v", i, l.State, l.Outcome, want, l)
		}
		if want == load.Partial && (len(l.Problems) != 1 || l.Problems[0].Code != "damaged") {
			t.Errorf("%+v", l.Problems)
		}
	}
	order.DryRun = true
	if l := h.runOnce(t, h.start(t, order)); l.State != load.Loaded || l.Outcome != "" {
		t.Errorf("a dry run: %+v", l)
	}
}
