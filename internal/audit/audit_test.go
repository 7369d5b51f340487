package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

var reader = access.Actor{
	Kind: access.Secret, ID: "tok_1", Name: "app", Workspace: "ws_1", RequestID: "req_1",
	Address: "192.0.2.1", Member: "mem_1", Role: access.Owner,
	Scopes: append(access.AllScopes(), access.Scope{Action: access.ScopeAudit}),
}

func decision(workspace string, action access.Action, resource string, allowed bool, at time.Time) access.Decision {
	actor := reader
	actor.Workspace = workspace
	return access.Decision{
		Time: at, Actor: actor, Action: action, Allowed: allowed, Reason: "Because.",
		Resource: access.Resource{Workspace: workspace, Kind: strings.Split(string(action), ".")[0], ID: resource},
	}
}

// open returns a recorder and a service on a store; what the service itself
// decides is not recorded, so that the tests count their own entries alone.
func open(s *store.Store) (*audit.Recorder, *audit.Service) {
	return audit.NewRecorder(s), audit.New(audit.Config{Store: s, Checker: access.NewChecker(forgetful{}, time.Now)})
}

// export returns the chain of ws_1 as JSON Lines.
func export(t *testing.T, service *audit.Service) string {
	t.Helper()
	e, err := service.Export(t.Context(), reader, "ws_1")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := e.Write(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

type forgetful struct{}

func (forgetful) Record(context.Context, access.Decision) error { return nil }

func record(t *testing.T, r *audit.Recorder, decisions ...access.Decision) {
	t.Helper()
	for _, d := range decisions {
		if err := r.Record(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRecordAndList(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		recorder, service := open(s)
		record(t, recorder,
			decision("ws_1", access.IntegrationCreate, "int_1", true, noon),
			decision("ws_2", access.IntegrationCreate, "int_2", true, noon),
			decision("ws_1", access.DataRead, "ds_1", true, noon.Add(time.Second)),
			decision("ws_1", access.DataRead, "ds_1", false, noon.Add(2*time.Second)),
			decision("ws_1", access.TokenCreate, "", true, noon.Add(3*time.Second)))
		err := recorder.Note(t.Context(), audit.Entry{
			Workspace: "ws_1", Time: noon.Add(4 * time.Second), Action: "integration.use", Reason: "AWS answered.",
			Resource:      audit.Resource{Workspace: "ws_1", Kind: "integration", ID: "int_1"},
			AWSRequestIDs: []string{"a-1", "b-2"}, Detail: map[string]string{"expires": "soon"},
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			filter audit.Filter
			want   []int64
		}{
			"all but reads": {audit.Filter{}, []int64{5, 4, 3, 1}},
			"all":           {audit.Filter{Reads: true}, []int64{5, 4, 3, 2, 1}},
			"an action":     {audit.Filter{Action: "integration.create"}, []int64{1}},
			"reads":         {audit.Filter{Action: "data.read"}, []int64{3, 2}},
			"a kind":        {audit.Filter{Action: "integration."}, []int64{5, 1}},
			"half a kind":   {audit.Filter{Action: "integ"}, nil},
			"denied":        {audit.Filter{Outcome: audit.Denied}, []int64{3}},
			"a resource":    {audit.Filter{Resource: "int_1"}, []int64{5, 1}},
			"an actor":      {audit.Filter{Actor: "tok_1"}, []int64{4, 3, 1}},
			"a request":     {audit.Filter{Request: "req_2"}, nil},
			"since":         {audit.Filter{Since: noon.Add(3 * time.Second)}, []int64{5, 4}},
			"until": {
				audit.Filter{Until: noon.Add(time.Second).Truncate(time.Microsecond), Reads: true},
				[]int64{1},
			},
		} {
			t.Run(name, func(t *testing.T) {
				got, err := service.List(t.Context(), reader, "ws_1", c.filter, paging.Request{})
				if err != nil {
					t.Fatal(err)
				}
				var seqs []int64
				for _, e := range got.Items {
					seqs = append(seqs, e.Seq)
				}
				if diff := cmp.Diff(c.want, seqs); diff != "" || got.Next != "" {
					t.Errorf("entries (-want +got):\n%s next %q", diff, got.Next)
				}
			})
		}
		got, err := service.List(t.Context(), reader, "ws_1", audit.Filter{Action: "data."}, paging.Request{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		want := audit.Entry{
			Workspace: "ws_1", Seq: 3, Time: noon.Add(2 * time.Second).Truncate(time.Microsecond),
			Actor: audit.Actor{Kind: access.Secret, ID: "tok_1", Name: "app"}, Action: "data.read",
			Resource: audit.Resource{Workspace: "ws_1", Kind: "data", ID: "ds_1"}, Outcome: audit.Denied,
			Reason:    "Because.",
			RequestID: "req_1", Address: "192.0.2.1", Hash: got.Items[0].Hash,
		}
		if diff := cmp.Diff(want, got.Items[0]); diff != "" {
			t.Errorf("entry (-want +got):\n%s", diff)
		}
	})
}

func TestAnothersAudit(t *testing.T) {
	t.Parallel()
	_, service := open(storetest.Open(t))
	if _, err := service.List(t.Context(), reader, "ws_2", audit.Filter{}, paging.Request{}); !problem.Is(err,
		problem.NotFound) {
		t.Errorf("list: %v, want not_found", err)
	}
	if _, err := service.Verify(t.Context(), reader, "ws_2", audit.Head{}); !problem.Is(err, problem.NotFound) {
		t.Errorf("verify: %v, want not_found", err)
	}
	if _, err := service.Export(t.Context(), reader, "ws_2"); !problem.Is(err, problem.NotFound) {
		t.Errorf("export: %v, want not_found", err)
	}
}

func TestListByPage(t *testing.T) {
	t.Parallel()
	recorder, service := open(storetest.Open(t))
	for i := range 25 {
		action := access.LoadCreate
		if i%3 == 0 {
			action = access.DataRead
		}
		record(t, recorder, decision("ws_1", action, strconv.Itoa(i), true, noon.Add(time.Duration(i)*time.Second)))
	}
	var got []int64
	request := paging.Request{Limit: 4}
	for {
		p, err := service.List(t.Context(), reader, "ws_1", audit.Filter{Reads: true}, request)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range p.Items {
			got = append(got, e.Seq)
		}
		if request.Cursor = p.Next; p.Next == "" {
			break
		}
	}
	var want []int64
	for i := int64(25); i >= 1; i-- {
		want = append(want, i)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

// TestAtOnce has many callers share commits over several chains, and checks
// that every entry is stored and every chain is intact.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const callers, each = 24, 20
		recorders := []*audit.Recorder{audit.NewRecorder(s), audit.NewRecorder(s)} // as two nodes
		var group sync.WaitGroup
		for caller := range callers {
			group.Go(func() {
				for i := range each {
					action := access.DataRead
					if i%5 == 0 {
						action = access.LoadCreate
					}
					d := decision(fmt.Sprintf("ws_%d", caller%3), action, fmt.Sprintf("%d/%d", caller, i), true, noon)
					if err := recorders[caller%2].Record(t.Context(), d); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		_, service := open(s)
		for w := range 3 {
			actor := reader
			actor.Workspace = fmt.Sprintf("ws_%d", w)
			report, err := service.Verify(t.Context(), actor, actor.Workspace, audit.Head{})
			if err != nil {
				t.Fatal(err)
			}
			if report.Break != nil || report.Entries != callers*each/3 {
				t.Errorf("%s: %+v %+v, want %d entries that hold", actor.Workspace, report, report.Break,
					callers*each/3)
			}
		}
	})
}

// broken fails to store anything.
type broken struct{}

func (broken) AppendAudit(context.Context, []audit.Chain) error { return errors.New("disk full") }

// stuck stores nothing and doesn't return until it is released.
type stuck struct{ letGo chan struct{} }

func (s stuck) AppendAudit(context.Context, []audit.Chain) error { <-s.letGo; return nil }

func TestNotKept(t *testing.T) {
	t.Parallel()
	recorder := audit.NewRecorder(broken{})
	if err := recorder.Record(t.Context(), decision("ws_1", access.DataRead, "ds_1", true, noon)); err == nil {
		t.Error("an entry that was not kept was answered as kept")
	}
}

func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	appender := stuck{make(chan struct{})}
	defer close(appender.letGo)
	ctx, cancel := context.WithCancel(t.Context())
	wait, err := audit.NewRecorder(appender).RecordAhead(ctx, decision("ws_1", access.DataRead, "ds_1", true, noon))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// TestBackpressure: beyond the bound a caller waits, and stops waiting with its
// context.
func TestBackpressure(t *testing.T) {
	t.Parallel()
	appender := stuck{make(chan struct{})}
	defer close(appender.letGo)
	recorder := audit.NewRecorder(appender)
	for range 4096 {
		if _, err := recorder.RecordAhead(t.Context(), decision("ws_1", access.DataRead, "ds_1", true,
			noon)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := recorder.RecordAhead(ctx, decision("ws_1", access.DataRead, "ds_1", true, noon)); !problem.Is(err,
		problem.Unavailable) {
		t.Errorf("got %v, want a problem with code unavailable", err)
	}
}

// TestAnyText checks that for any names from a caller, the entry is stored
// and limited, and the chain is intact.
func TestAnyText(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		recorder, service := open(s)
		rapid.Check(t, func(r *rapid.T) {
			odd := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune{
				'\x00', '\n', '"', '\\', 'é',
				0x2028,
			})),
				rapid.Just(strings.Repeat("é", 3000)), rapid.Just("\xff\xfe"), rapid.Just("\xed\xa0\x80"))
			d := decision("ws_1", access.Action(odd.Draw(r, "action")), odd.Draw(r, "id"),
				rapid.Bool().Draw(r, "allowed"), noon)
			d.Actor.Name, d.Reason, d.Actor.Address = odd.Draw(r, "name"), odd.Draw(r, "reason"), odd.Draw(r, "address")
			if err := recorder.Record(t.Context(), d); err != nil {
				r.Fatal(err)
			}
		})
		report, err := service.Verify(t.Context(), reader, "ws_1", audit.Head{})
		if err != nil || report.Break != nil {
			t.Errorf("%+v %v", report.Break, err)
		}
		again, err := audit.VerifyExport(strings.NewReader(export(t, service)), report.Head)
		if diff := cmp.Diff(report, again); diff != "" || err != nil {
			t.Errorf("report of the export (-database +export):\n%s%v", diff, err)
		}
	})
}
