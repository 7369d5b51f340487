package duckdb

import (
	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/windlass-io/windlass/internal/dataset"
)

// withoutDecimals returns the batch with decimals as text, which is how this
// engine stores them: exactly, with all digits of their scale.
func withoutDecimals(batch *dataset.Batch) *dataset.Batch {
	plain := *batch
	plain.Vectors = nil
	for i := range batch.Vectors {
		v := &batch.Vectors[i]
		if v.Type != dataset.Decimal {
			plain.Vectors = append(plain.Vectors, *v)
			continue
		}
		texts := dataset.NewVector(dataset.String, batch.Rows)
		var text []byte
		for row, x := range v.Wide {
			if v.Nulls[row] {
				texts.AppendNull()
				continue
			}
			text = dataset.AppendDecimal(text[:0], x, v.Scale)
			texts.AppendBytes(text)
		}
		plain.Vectors = append(plain.Vectors, texts)
	}
	return &plain
}

func hasDecimals(columns []dataset.Column) bool {
	for _, c := range columns {
		if c.Type == dataset.Decimal {
			return true
		}
	}
	return false
}

// readDecimals reads texts into a vector of decimals.
func readDecimals(source bindings.Vector, from, to int, v *dataset.Vector) error {
	texts := dataset.NewVector(dataset.String, to-from)
	texts.Nulls = v.Nulls[len(v.Nulls)-(to-from):]
	readStrings(source, from, to, &texts)
	for i := range texts.Nulls {
		var x dataset.Int128
		if !texts.Nulls[i] {
			var err error
			if x, err = dataset.ParseDecimal(texts.BytesAt(i), dataset.MaxPrecision, v.Scale); err != nil {
				return err
			}
		}
		v.Wide = append(v.Wide, x)
	}
	return nil
}
