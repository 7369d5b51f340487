package dataset_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
)

func TestSQLNames(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ names, want []string }{
		{nil, []string{}},
		{[]string{"Symbol", "day"}, []string{"symbol", "day"}},
		{[]string{"A", "a", "a_2", "a"}, []string{"a", "a_2", "a_2_2", "a_3"}},
		{[]string{"", "COLUMN", "É"}, []string{"column", "column_2", "é"}},
	} {
		var columns []dataset.Column
		for _, name := range tc.names {
			columns = append(columns, dataset.Column{Name: name})
		}
		if diff := cmp.Diff(tc.want, dataset.SQLNames(columns)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tc.names, diff)
		}
	}
}
