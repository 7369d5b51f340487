package datasets

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/dataset/alter"
)

// TestSchemaOperations checks that a form results in the operations that
// change the dataset, and an unchanged form in none.
func TestSchemaOperations(t *testing.T) {
	t.Parallel()
	d := &dataset.Dataset{Version: 4, Schema: dataset.Schema{
		Columns: []dataset.Column{
			{Name: "symbol", Type: dataset.String, AllowNull: true},
			{Name: "price", Type: dataset.Decimal, Precision: 12, Scale: 2, AllowNull: true},
		},
		Index: dataset.Index{Key: "symbol"},
	}}
	unchanged := url.Values{
		"version": {"4"}, "key": {"symbol"},
		"name-0": {"symbol"}, "type-0": {"string"}, "null-0": {"1"},
		"name-1": {"price"}, "type-1": {"decimal"}, "precision-1": {"12"}, "scale-1": {"2"}, "null-1": {"1"},
		"type-new": {"string"}, "null-new": {"1"},
	}
	integer, yes, no, one, two, venue := dataset.Integer, true, false, 14, 2, "NYSE"
	for _, c := range []struct {
		name   string
		change url.Values
		want   []alter.Operation
	}{
		{name: "nothing"},
		{
			"a type",
			url.Values{"type-1": {"integer"}},
			[]alter.Operation{{Op: alter.Set, Name: "price", Settings: alter.Settings{Type: &integer}}},
		},
		{
			"digits",
			url.Values{"precision-1": {"14"}},
			[]alter.Operation{{Op: alter.Set, Name: "price", Settings: alter.Settings{Precision: &one, Scale: &two}}},
		},
		{
			"required, not null",
			url.Values{"required-0": {"1"}, "null-0": nil},
			[]alter.Operation{{
				Op: alter.Set, Name: "symbol",
				Settings: alter.Settings{Required: &yes, AllowNull: &no},
			}},
		},
		{
			"a name that the index has",
			url.Values{"name-0": {"ticker"}, "unique": {"1"}, "keep": {"last"}},
			[]alter.Operation{
				{Op: alter.Rename, Name: "symbol", To: "ticker"},
				{Op: alter.Index, Key: "ticker", Unique: true, Keep: "last"},
			},
		},
		{
			"one less",
			url.Values{"drop-1": {"1"}, "type-1": {"string"}},
			[]alter.Operation{{Op: alter.Drop, Name: "price"}},
		},
		{
			"one more",
			url.Values{"name-new": {"venue"}, "default-new": {"NYSE"}},
			[]alter.Operation{{Op: alter.Add, Column: &alter.Draft{Name: "venue", Type: "string", Default: &venue}}},
		},
	} {
		form := url.Values{}
		for _, from := range []url.Values{unchanged, c.change} {
			for name, values := range from {
				form[name] = values
			}
		}
		f := readSchemaForm(form, d)
		if diff := cmp.Diff(c.want, f.operations(d), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if f.Version != 4 {
			t.Errorf("%s: version %d", c.name, f.Version)
		}
	}
}
