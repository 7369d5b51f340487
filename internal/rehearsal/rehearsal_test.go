package rehearsal_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/rehearsal"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/sandboxtest"
)

const workspace = "ws_1"

var (
	ada      = access.Actor{Kind: access.Member, ID: "mem_1", Workspace: workspace, Member: "mem_1", Role: access.Owner}
	stranger = access.Actor{Kind: access.Member, ID: "mem_2", Workspace: "ws_2", Member: "mem_2", Role: access.Owner}
	app      = access.Actor{
		Kind:      access.Publishable,
		ID:        "tok_1",
		Workspace: workspace,
		Member:    "mem_1",
		Role:      access.Owner,
	}
)

func fixed() time.Time { return time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC) }

// ledger records the decisions of the access check.
type ledger struct{ actions []access.Action }

// Record appends the action of a decision.
func (l *ledger) Record(_ context.Context, d access.Decision) error {
	l.actions = append(l.actions, d.Action)
	return nil
}

func open(t *testing.T) (*rehearsal.Service, *sandboxtest.Server, *ledger) {
	t.Helper()
	server, kept := sandboxtest.Start(t), &ledger{}
	service := rehearsal.New(rehearsal.Config{
		Checker: access.NewChecker(kept, fixed), Sandbox: server.Sandbox, Endpoint: server.URL, Region: server.Region,
	})
	return service, server, kept
}

// A watcher receives new calls and is recorded once.
func TestWatch(t *testing.T) {
	t.Parallel()
	service, server, kept := open(t)
	server.MustBucket(t, server.Customer.Keys, "harbour")
	before, err := service.Decisions(t.Context(), ada, workspace, authz.Filter{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	seen := 0
	err = service.Watch(
		t.Context(),
		ada,
		workspace,
		authz.Filter{After: before[0].Sequence - 1, Service: "s3"},
		func(found []authz.Decision) error {
			if seen++; seen == 2 {
				if found[0].Action != "s3:PutObject" || found[0].Sequence <= before[0].Sequence {
					t.Errorf("%+v", found[0])
				}
				return enough
			}
			server.MustPut(t, server.Customer.Keys, "harbour", "a", "b")
			return nil
		},
	)
	if !errors.Is(err, enough) {
		t.Errorf("what the watcher says is lost: %v", err)
	}
	if len(kept.actions) != 2 {
		t.Errorf("recorded are %v", kept.actions)
	}
	one, err := service.Decision(t.Context(), ada, workspace, before[0].Sequence)
	if err != nil || one.Action != before[0].Action {
		t.Errorf("%+v, %v", one, err)
	}
	if _, err := service.Decision(t.Context(), ada, workspace, 1<<40); !problem.Is(err, problem.NotFound) {
		t.Errorf("a call to come: %v", err)
	}
}

// A fault applies until it is removed. Only members of the workspace may list
// and add faults.
func TestFaults(t *testing.T) {
	t.Parallel()
	service, server, _ := open(t)
	broken, err := service.AddFault(t.Context(), ada, workspace, fault.Fault{Kind: fault.Unavailable})
	if err != nil {
		t.Fatal(err)
	}
	once := func(o *s3.Options) { o.Retryer = aws.NopRetryer{} }
	if _, err := server.S3(server.Customer.Keys, once).ListBuckets(t.Context(), nil); err == nil {
		t.Error("nothing is broken")
	}
	list, err := service.Faults(t.Context(), ada, workspace)
	if err != nil || len(list) != 1 || list[0].Hits != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if err := service.RemoveFault(t.Context(), ada, workspace, broken.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := server.S3(server.Customer.Keys, once).ListBuckets(t.Context(), nil); err != nil {
		t.Errorf("the fault still applies: %v", err)
	}
	for _, actor := range []access.Actor{stranger, app, {}} {
		_, look := service.Decisions(t.Context(), actor, workspace, authz.Filter{})
		_, list := service.Faults(t.Context(), actor, workspace)
		_, breaks := service.AddFault(t.Context(), actor, workspace, fault.Fault{Kind: fault.Slow})
		watch := service.Watch(t.Context(), actor, workspace, authz.Filter{}, nil)
		if look == nil || list == nil || breaks == nil || watch == nil ||
			service.RemoveFault(t.Context(), actor, workspace, "x") == nil {
			t.Errorf("%s may: %v, %v, %v, %v", actor.Kind, look, list, breaks, watch)
		}
	}
}
