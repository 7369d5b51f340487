package doctor_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"),
		goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"))
}

// statuses formats a verification in a line for each check.
func statuses(v doctor.Verification) []string {
	var out []string
	for _, c := range v.Checks {
		out = append(out, string(c.Code)+" "+string(c.Status))
	}
	return out
}

// describe formats a verification for the message of a failed test.
func describe(v doctor.Verification) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", v.State, v.Reason)
	for _, c := range v.Checks {
		fmt.Fprintf(&b, "  %-18s %-4s %s [%s] %s\n", c.Code, c.Status, c.Detail, c.CauseCode, c.Cause)
		for _, call := range c.Calls {
			fmt.Fprintf(&b, "      %s %s: %d %s\n", call.Action, call.Resource, call.Status, call.ErrorCode)
		}
	}
	return b.String()
}

func TestVerifyPrintedDocuments(t *testing.T) {
	t.Parallel()
	tests := map[integration.Mode][]string{
		integration.Read: {
			"identity pass", "role-arn pass", "assume pass", "assume-without-id pass", "assume-wrong-id pass",
			"region pass", "list pass", "list-outside pass", "get pass", "get-outside pass",
			"put-refused pass", "requester-pays pass", "session-policy pass",
		},
		integration.ReadWrite: {
			"identity pass", "role-arn pass", "assume pass", "assume-without-id pass", "assume-wrong-id pass",
			"region pass", "list pass", "list-outside pass", "get pass", "get-outside pass",
			"put pass", "delete pass", "requester-pays pass", "session-policy pass",
		},
	}
	for mode, want := range tests {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			w := doctortest.Start(t)
			i := w.MustConnect(t, w.MustReserve(t, func(d *integration.Draft) { d.Access = mode }))
			before := w.Carrier.Calls()
			v := w.MustVerify(t, i)
			if diff := cmp.Diff(want, statuses(v)); diff != "" || v.State != doctor.Verified {
				t.Fatalf("(-want +got):\n%s\n%s", diff, describe(v))
			}
			if calls := w.Carrier.Calls() - before; calls > doctor.MaxCalls || calls != v.Calls() {
				t.Errorf("%d calls were made, %d are shown, %d are allowed", calls, v.Calls(), doctor.MaxCalls)
			}
			if got := w.MustGet(t, i); got.State != integration.Verified || got.VerifiedAt.IsZero() {
				t.Errorf("the integration is %s, verified at %s", got.State, got.VerifiedAt)
			}
		})
	}
}
