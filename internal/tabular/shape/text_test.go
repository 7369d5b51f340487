package shape_test

import (
	"testing"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// TestParseColumn reads columns as people write them, and writes them again.
func TestParseColumn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]shape.Column{
		"from=a":                              {From: "a"},
		"from=Name, first,name=first":         {From: "Name, first", Name: "first"},
		"from=$.a[0],name=b,type=integer":     {From: "$.a[0]", Name: "b", Type: dataset.Integer},
		"from=p,type=decimal(19,2)":           {From: "p", Type: dataset.Decimal, Precision: 19, Scale: 2},
		"from=d,type=date,format=DD.MM.YYYY":  {From: "d", Type: dataset.Date, Format: "DD.MM.YYYY"},
		"from=x,type=decimal(5,0),format=1,0": {From: "x", Type: dataset.Decimal, Precision: 5, Format: "1,0"},
	} {
		got, err := shape.ParseColumn(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		if got.String() != text {
			t.Errorf("%s is written %s", text, got.String())
		}
	}
	for _, text := range []string{"", "a", "name=b", "from=", "from=a,type=decimal(x)", "from=a,type=decimal(19,2"} {
		if got, err := shape.ParseColumn(text); err == nil {
			t.Errorf("%q: %+v", text, got)
		}
	}
}
