package client_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/client"
)

func TestWatchVerification(t *testing.T) {
	t.Parallel()
	const checks = "event: check\ndata: {\"code\":\"assume\",\"status\":\"pass\"}\n\n" +
		"event: check\ndata: {\"code\":\"list\",\"status\":\"fail\"}\n\n"
	const end = "event: end\ndata: {\"id\":\"ver_1\",\"state\":\"failing\"}\n\n"
	tests := map[string]struct {
		body, state, want string
		checks            []string
	}{
		"to the end":    {checks + end + checks, "failing", "", []string{"assume", "list"}},
		"ends early":    {checks, "", "the event stream ended before the verification did", []string{"assume", "list"}},
		"invalid check": {"event: check\ndata: {\n\n" + end, "", "reading a check: ", nil},
		"invalid end":   {"event: end\ndata: [\n\n", "", "reading a verification: ", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(tt.body)) })
			var seen []string
			v, err := c.WatchVerification(t.Context(), "int_1", "ver_1", func(check client.Check) {
				seen = append(seen, check.Code)
			})
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if v.State != tt.state {
				t.Errorf("got state %q, want %q", v.State, tt.state)
			}
			if diff := cmp.Diff(tt.checks, seen); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
