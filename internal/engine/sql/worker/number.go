//go:build cgo

package worker

import (
	"errors"
	"strconv"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/windlass-io/windlass/internal/dataset"
)

// numberValue returns a number with all its digits: as a BIGINT or a DECIMAL where
// it is one, else as a DOUBLE.
func numberValue(text string) (bindings.Value, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return bindings.CreateInt64(n), nil
	}
	n, ok := dataset.ScanNumeral([]byte(text))
	if !ok {
		return bindings.Value{}, errors.New("not a number")
	}
	whole, fraction := n.Digits()
	if precision := max(whole, 0) + max(fraction, 0); precision > 0 && precision <= dataset.MaxPrecision {
		scale := max(fraction, 0)
		if x, err := dataset.ParseDecimal([]byte(text), precision, scale); err == nil {
			huge := bindings.NewHugeInt(x.Lo, x.Hi)
			return bindings.CreateDecimal(bindings.NewDecimal(uint8(precision), uint8(scale), huge)), nil //nolint:gosec // at most 38
		}
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return bindings.Value{}, errors.New("not a number that fits")
	}
	return bindings.CreateDouble(x), nil
}
