package problem_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/windlass-io/windlass/internal/problem"
)

func TestLimitOf(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		want problem.Limit
	}{
		"too large": {problem.New(problem.TooLarge, "The body is too large."), problem.LimitSize},
		"a full queue": {fmt.Errorf("starting: %w", problem.New(problem.Unavailable, "Full.").
			WithLimit(problem.LimitQueue)), problem.LimitQueue},
		"a count":        {problem.Full("sources", 3), problem.LimitCount},
		"not a limit":    {problem.New(problem.Invalid, "Wrong."), ""},
		"not a problem":  {errors.New("broken"), ""},
		"an outage":      {problem.New(problem.Unavailable, "AWS doesn't answer."), ""},
		"counted before": {problem.New(problem.RateLimited, "Too many requests."), ""},
	} {
		if got := problem.LimitOf(tc.err); got != tc.want {
			t.Errorf("%s: the limit is %q, want %q", name, got, tc.want)
		}
	}
	if got := problem.Full("sources", 3).Error(); got != "The workspace has 3 sources, the most it can have." {
		t.Errorf("got %q", got)
	}
}
