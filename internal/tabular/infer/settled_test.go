package infer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// The shortcuts for texts without new evidence result in the same evidence.
func TestSettledTextsChangeNothing(t *testing.T) {
	t.Parallel()
	texts := rapid.SampledFrom([]string{
		"1", "22", "-7", "0", "-0", "007", "1.5", "12.25", "0.5", ".5", "1.", "-", "1,5", "1.234",
		"1234567890123456789",
		"12345678901234567.5", "2026-01-31", "2026-02-30", "2026-01-31T10:00:00Z", "2026-01-31 10:00", "31.01.2026",
		"name 1",
		"naïve", "NULL", "NA", "\\N", "#N/A", "", "   ", " 12 ", "2026-01-31 ", "true", "False",
	})
	types := rapid.SampledFrom([]dataset.Type{
		dataset.String, dataset.Integer, dataset.Number, dataset.Date, dataset.DateTime, dataset.Boolean,
	})
	rapid.Check(t, func(t *rapid.T) {
		typ := types.Draw(t, "type")
		columns, err := cell.CompileAll(dataset.Schema{Columns: []dataset.Column{{
			Name: "c", Type: typ,
			AllowNull: true,
		}}})
		if err != nil {
			t.Fatal(err)
		}
		columns[0].Strict = true
		b := chunk.NewBuilder(columns)
		var slow infer.Evidence
		for i, text := range rapid.SliceOfN(texts, 1, 12).Draw(t, "texts") {
			fault := columns[0].AppendText(&b.Batch.Vectors[0], []byte(text))
			b.LearnText(0, []byte(text), int64(i), fault)
			alone := infer.Evidence{}
			alone.Text([]byte(text), int64(i))
			slow.Merge(&alone)
		}
		fast := b.Evidence[0].Guess()
		want := slow.Guess()
		if diff := cmp.Diff(want, fast, cmpopts.IgnoreFields(infer.Guess{}, "Witness")); diff != "" && want.Type != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	})
}
