package postgres

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/windlass-io/windlass/internal/dataset"
)

// decode appends a value in PostgreSQL's binary form to a vector of its column.
func decode(v *dataset.Vector, raw []byte) error {
	if raw == nil {
		v.AppendNull()
		return nil
	}
	k := kindOf(v.Type)
	if want := kinds[k].bytes; k != kindText && k != kindNumeric && len(raw) != want {
		return fmt.Errorf("a value of %d bytes for the type %s", len(raw), v.Type)
	}
	switch k {
	case kindInt:
		v.AppendInt(int64(binary.BigEndian.Uint64(raw))) //nolint:gosec // two's complement
	case kindFloat:
		v.AppendFloat(math.Float64frombits(binary.BigEndian.Uint64(raw)))
	case kindBool:
		v.AppendInt(int64(raw[0] & 1))
	case kindDate:
		v.AppendInt(int64(int32(binary.BigEndian.Uint32(raw))) + epochDays) //nolint:gosec // two's complement
	case kindMoment:
		v.AppendInt(int64(binary.BigEndian.Uint64(raw)) + epochMicros) //nolint:gosec // two's complement
	case kindNumeric:
		x, err := readNumeric(raw, v.Scale)
		if err != nil {
			return err
		}
		v.AppendWide(x)
	case kindText:
		v.Nulls = append(v.Nulls, false)
		v.Bytes = appendText(v.Bytes, raw)
		v.Offsets = append(v.Offsets, int32(len(v.Bytes))) //nolint:gosec // a batch is bounded far below 2 GiB
	}
	return nil
}
