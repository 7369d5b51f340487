package engine_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

func TestRejectsBeyondTheBudgetAreOnlyCounted(t *testing.T) {
	t.Parallel()
	short := dataset.Rejected{Object: "k", Column: "c", Value: "v", Reason: "r"} // 4 bytes
	long := dataset.Rejected{Value: strings.Repeat("v", 100)}
	for name, tc := range map[string]struct {
		budget        engine.RejectBudget
		batches       [][]dataset.Rejected
		kept, notKept int
	}{
		"all fit": {
			engine.RejectBudget{Rows: 3, Bytes: 100},
			[][]dataset.Rejected{{short, short}, {short}},
			3, 0,
		},
		"too many": {
			engine.RejectBudget{Rows: 3, Bytes: 100},
			[][]dataset.Rejected{{short, short}, {short, short}, {short}},
			3, 2,
		},
		"too large": {
			engine.RejectBudget{Rows: 9, Bytes: 9},
			[][]dataset.Rejected{{short, short, short}},
			2,
			1,
		},
		"none after a gap": {
			engine.RejectBudget{Rows: 9, Bytes: 9},
			[][]dataset.Rejected{{short, long}, {short}},
			1,
			2,
		},
		"the default keeps": {engine.RejectBudget{}, [][]dataset.Rejected{{short, long}}, 2, 0},
	} {
		k, kept := tc.budget.Rejects(), 0
		for _, b := range tc.batches {
			kept += len(k.Keep(b))
		}
		if kept != tc.kept || k.NotKept != int64(tc.notKept) {
			t.Errorf("%s: kept %d and not %d, want %d and %d", name, kept, k.NotKept, tc.kept, tc.notKept)
		}
	}
}
