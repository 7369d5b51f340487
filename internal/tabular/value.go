package tabular

import (
	"encoding/json"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Value returns value i of a vector as JSON has it: nil, a bool, an int64, a
// json.Number for a decimal, a float64, a string (for dates YYYY-MM-DD and
// RFC 3339), or the JSON of an object, an array and any.
func Value(v *dataset.Vector, i int) any {
	if v.Nulls[i] {
		return nil
	}
	switch v.Type {
	case dataset.Boolean:
		return v.Ints[i] != 0
	case dataset.Integer:
		return v.Ints[i]
	case dataset.Decimal:
		return json.Number(dataset.AppendDecimal(nil, v.Wide[i], v.Scale))
	case dataset.Number:
		return v.Floats[i]
	case dataset.Date:
		return time.Unix(v.Ints[i]*86400, 0).UTC().Format(time.DateOnly)
	case dataset.DateTime:
		return time.UnixMicro(v.Ints[i]).UTC().Format(time.RFC3339Nano)
	case dataset.Object, dataset.Array, dataset.Any:
		return json.RawMessage(append([]byte{}, v.BytesAt(i)...))
	default:
		return string(v.BytesAt(i))
	}
}
