package postgres

import (
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// decodeInto appends a stored value to a vector of the plan's type.
func (r *reader) decodeInto(v *dataset.Vector, need int, raw []byte) error {
	at, ok := r.stored(need)
	if !ok {
		return decode(v, raw)
	}
	have, want := r.snapshot.Columns[at], r.plan.Needs()[need]
	if sameForm(have, want) {
		return decode(v, raw)
	}
	value := dataset.NewVectorOf(have, 1)
	if err := decode(&value, raw); err != nil {
		return err
	}
	converted := parquetfile.Convert(&value, have, want)
	v.AppendRows(&converted, 0, 1)
	return nil
}

// sameForm reports whether decode can read a column as another one without
// conversion.
func sameForm(have, want dataset.Column) bool {
	return have.Type == want.Type && (have.Type != dataset.Decimal || have.Scale == want.Scale)
}
