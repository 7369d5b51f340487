package workspace

import (
	"testing"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// TestAttackSignInFlood checks that if the maximum number of passwords wait,
// the next one is refused immediately, for a known account as for an unknown
// one.
func TestAttackSignInFlood(t *testing.T) {
	t.Parallel()
	h := newHasher()
	known, err := h.hash(t.Context(), secret.New("correct horse battery"))
	if err != nil {
		t.Fatal(err)
	}
	for range maxHashing + maxWaiting {
		h.queue <- struct{}{}
	}
	for name, hash := range map[string]string{"known": known, "unknown": ""} {
		if ok, err := h.matches(t.Context(), secret.New("correct horse battery"), hash); ok ||
			!problem.Is(err, problem.Unavailable) {
			t.Errorf("%s account: %t, %v", name, ok, err)
		}
	}
	<-h.queue
	for name, tc := range map[string]struct {
		hash string
		want bool
	}{"known": {known, true}, "unknown": {"", false}} {
		if ok, err := h.matches(t.Context(), secret.New("correct horse battery"), tc.hash); ok != tc.want || err != nil {
			t.Errorf("%s account, with one place: %t, %v", name, ok, err)
		}
	}
}
