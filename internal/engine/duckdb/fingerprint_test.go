package duckdb

import (
	"math"
	"testing"

	"github.com/windlass-io/windlass/internal/dataset"
)

func numbers(values ...float64) *dataset.Batch {
	v := dataset.NewVector(dataset.Number, len(values))
	for _, x := range values {
		v.AppendFloat(x)
	}
	return &dataset.Batch{Rows: len(values), Vectors: []dataset.Vector{v}}
}

func TestFingerprints(t *testing.T) {
	t.Parallel()
	grid := &dataset.Batch{Vectors: []dataset.Vector{
		dataset.NewVector(dataset.Integer, 0),
		dataset.NewVector(dataset.Date, 0),
	}}
	for i := range int64(1000) {
		for j := range int64(1000) {
			grid.Rows++
			grid.Vectors[0].AppendInt(i)
			grid.Vectors[1].AppendInt(j)
		}
	}
	for _, tc := range []struct {
		name  string
		parts []int
		batch *dataset.Batch
		want  bool
	}{
		{"a grid of small numbers", []int{0, 1}, grid, false},
		{"one side of it", []int{0}, grid, true},
		{"two zeros", []int{0}, numbers(0, math.Copysign(0, -1)), true},
		{"two NaNs", []int{0}, numbers(math.NaN(), math.Float64frombits(math.Float64bits(math.NaN())^1)), true},
		{"numbers", []int{0}, numbers(0, 1, math.Inf(1), math.Inf(-1), math.NaN(), -1), false},
	} {
		f := newFingerprints(tc.parts)
		f.add(tc.batch)
		if twice, known := f.twice(); twice != tc.want || !known {
			t.Errorf("%s: %t, %t", tc.name, twice, known)
		}
	}
}
