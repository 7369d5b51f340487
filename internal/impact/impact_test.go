package impact_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
)

func TestSummary(t *testing.T) {
	t.Parallel()
	source, grant := impact.Stop{Kind: "source"}, impact.Stop{Kind: "grant"}
	for want, given := range map[string]impact.Impact{
		"":                            {Confirm: "prices"},
		"1 source stops.":             {Stops: []impact.Stop{source}},
		"1 source and 2 grants stop.": {Stops: []impact.Stop{source, grant, grant}},
		"1 External ID stops.":        {Stops: []impact.Stop{{Kind: "external_id"}}},
		"1 row is deleted.":           {Deletes: impact.Deletes{Rows: 1, Bytes: 60}},
		"2 sources stop, and 1,234,567 rows are deleted.": {
			Stops:   []impact.Stop{source, source},
			Deletes: impact.Deletes{Rows: 1234567},
		},
	} {
		if got := given.Summary(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	stops := impact.Impact{Confirm: "prices", Stops: []impact.Stop{{Kind: "token", ID: "tok_1", Name: "dashboard"}}}
	deletes := impact.Impact{Confirm: "prices", Deletes: impact.Deletes{Rows: 1}}
	harmless := impact.Impact{Confirm: "prices"}
	for name, c := range map[string]struct {
		impact  impact.Impact
		given   impact.Confirmation
		allowed bool
	}{
		"stops, none":      {stops, impact.Confirmed(""), false},
		"stops, another":   {stops, impact.Confirmed("price"), false},
		"stops, its name":  {stops, impact.Confirmed("prices"), true},
		"stops, case":      {stops, impact.Confirmed("Prices"), false},
		"stops, waived":    {stops, impact.Waived(), true},
		"deletes, none":    {deletes, impact.Confirmed(""), false},
		"deletes, name":    {deletes, impact.Confirmed("prices"), true},
		"harmless, none":   {harmless, impact.Confirmed(""), true},
		"harmless, waived": {harmless, impact.Waived(), true},
		"zero value":       {stops, impact.Confirmation{}, false},
	} {
		err := c.impact.Check(c.given)
		if (err == nil) != c.allowed {
			t.Errorf("%s: %v", name, err)
		}
		var unconfirmed *impact.UnconfirmedError
		if err != nil && (!problem.Is(err, problem.Conflict) || !errors.As(err, &unconfirmed) ||
			unconfirmed.Impact.Confirm != "prices") {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

// TestLook checks that viewing an impact is recorded as a read, so that the
// audit log doesn't claim a removal that never happened, and that it is
// refused to anyone who may not act.
func TestLook(t *testing.T) {
	t.Parallel()
	resource := access.Resource{Workspace: "ws_1", Kind: "dataset", ID: "ds_1"}
	for _, c := range []struct {
		kind access.Kind
		want string
	}{{access.Secret, "dataset.read true"}, {access.Publishable, "dataset.remove false"}} {
		var log recorder
		actor := access.Actor{
			Kind: c.kind, ID: "tok_1", Member: "mem_1", Role: access.Owner, Workspace: "ws_1",
			Scopes: access.AllScopes(),
		}
		err := impact.Look(t.Context(), access.NewChecker(&log, time.Now), actor, access.DatasetRemove,
			access.DatasetRead, resource)
		if got := strings.Join(log.seen, ","); got != c.want || (err == nil) != (c.kind == access.Secret) {
			t.Errorf("%s: %q, %v", c.kind, got, err)
		}
	}
}

type recorder struct{ seen []string }

func (r *recorder) Record(_ context.Context, d access.Decision) error {
	r.seen = append(r.seen, string(d.Action)+map[bool]string{true: " true", false: " false"}[d.Allowed])
	return nil
}
