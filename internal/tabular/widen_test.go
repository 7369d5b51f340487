package tabular_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// load reads an object like a loader: with the guess from the first rows, and
// again with wider columns if a row doesn't fit.
func load(ctx context.Context, text string) (types string, rows []string, reads int, err error) {
	sample := infer.New()
	var schema dataset.Schema
	for reads = 1; reads < 5; reads++ {
		content, err := tabular.Open(ctx, tabular.Bytes("k", []byte(text)), tabular.Options{Widen: true})
		if err != nil {
			return "", nil, reads, err
		}
		if reads == 1 {
			if err := content.Sample(ctx, sample); err != nil {
				return "", nil, reads, err
			}
			if schema, err = sample.Schema(); err != nil {
				return "", nil, reads, err
			}
			for i := range schema.Columns {
				schema.Columns[i].Required, schema.Columns[i].AllowNull = false, true
			}
		}
		evidence := make([]infer.Evidence, len(schema.Columns))
		var misfits int
		rows, misfits, err = readAll(ctx, content, schema, evidence)
		if err := errors.Join(err, content.Close()); err != nil {
			return "", nil, reads, err
		}
		if misfits == 0 {
			break
		}
		for i := range schema.Columns {
			schema.Columns[i] = evidence[i].Widen(schema.Columns[i], false)
		}
	}
	var names []string
	for _, c := range schema.Columns {
		names = append(names, strings.TrimSpace(c.TypeName()+" "+c.Format))
	}
	return strings.Join(names, ", "), rows, reads, nil
}

func readAll(
	ctx context.Context, content *tabular.Content, schema dataset.Schema, evidence []infer.Evidence,
) ([]string, int, error) {
	reader, err := content.Read(ctx, schema)
	if err != nil {
		return nil, 0, err
	}
	defer reader.Close()
	var rows []string
	misfits := 0
	for {
		b, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return rows, misfits, nil
		}
		if err != nil {
			return nil, 0, err
		}
		misfits += len(b.Misfits)
		for i := range evidence {
			evidence[i].Merge(&b.Evidence[i])
		}
		for row := range b.Batch.Rows {
			rows = append(rows, fmt.Sprint(tabular.Value(&b.Batch.Vectors[0], row)))
		}
	}
}

// TestGuessesWiden reads a row that contradicts the guess from the first thousand.
func TestGuessesWiden(t *testing.T) {
	t.Parallel()
	const nanos = "2026-01-31T10:15:00.1234567Z"
	for name, c := range map[string]struct {
		first, late string
		types, last string
		reads       int
	}{
		"it fits":              {"7", "8", "integer", "8", 1},
		"a code":               {"10115", "00501", "string", "00501", 2},
		"a plus sign":          {"4930", "+4930", "string", "+4930", 2},
		"a fraction":           {"7", "1.5", "number", "1.5", 2},
		"beyond 64 bits":       {"7", "18446744073709551615", "decimal(20,0)", "18446744073709551615", 2},
		"not an exact double":  {"1.5", "9007199254740993", "decimal(17,1)", "9007199254740993.0", 2},
		"more digits":          {"12345678901234567.89", "0.12345", "decimal(22,5)", "0.12345", 2},
		"one for true":         {"true", "1", "string", "1", 2},
		"another date format":  {"2026-01-31", "31.01.2026", "string", "31.01.2026", 2},
		"a time among dates":   {"2026-01-31", "2026-01-31T10:00:00Z", "date-time", "2026-01-31T10:00:00Z", 2},
		"nanoseconds":          {"2026-01-31T10:15:00Z", nanos, "string", nanos, 2},
		"groups of three":      {"12", "\"1,234,567\"", "integer 1,234.5", "1234567", 2},
		"a null marker":        {"7", "n/a", "integer", "<nil>", 1},
		"an exponent":          {"17", "12e3", "string", "12e3", 2},
		"an exponent, backed":  {"1.5", "12E3", "number", "12000", 1},
		"text":                 {"abc", "1", "string", "1", 1},
		"the last row is long": {"1.5", "0.1234567890123456789", "decimal(20,19)", "0.1234567890123456789", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			types, rows, reads, err := load(t.Context(), "v,w\n"+strings.Repeat(c.first+",x\n", 5000)+c.late+",x\n")
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) != 5001 {
				t.Fatalf("%d rows", len(rows))
			}
			got := fmt.Sprintf("%s: %s after %d", types, rows[5000], reads)
			want := fmt.Sprintf("%s, string: %s after %d", c.types, c.last, c.reads)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestGuessesOfJSONWiden(t *testing.T) {
	t.Parallel()
	for late, want := range map[string]string{
		`5.0`:                  "number: 5",
		`"5"`:                  `any: "5"`,
		`18446744073709551615`: "decimal(20,0): 18446744073709551615",
		`null`:                 "integer: <nil>",
	} {
		types, rows, _, err := load(t.Context(), strings.Repeat("{\"v\":7}\n", 5000)+"{\"v\":"+late+"}\n")
		if err != nil {
			t.Fatal(err)
		}
		last := strings.NewReplacer("[34 53 34]", `"5"`).Replace(rows[5000])
		if got := types + ": " + last; got != want || len(rows) != 5001 {
			t.Errorf("%s: got %s of %d rows, want %s", late, got, len(rows), want)
		}
	}
}
