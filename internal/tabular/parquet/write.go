package parquet

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// text writes a value as a text file would.
func (f *field) text(dst []byte, x *value) []byte {
	return writeText(dst, f.natural(), x)
}

func writeText(dst []byte, t dataset.Type, x *value) []byte {
	switch t {
	case dataset.Integer:
		return strconv.AppendInt(dst, x.int, 10)
	case dataset.Boolean:
		return strconv.AppendBool(dst, x.int != 0)
	case dataset.Number:
		return strconv.AppendFloat(dst, x.float, 'g', -1, 64)
	case dataset.Date:
		return time.Unix(x.int*86400, 0).UTC().AppendFormat(dst, time.DateOnly)
	case dataset.DateTime:
		return time.UnixMicro(x.int).UTC().AppendFormat(dst, time.RFC3339Nano)
	default:
		return append(dst, x.bytes...)
	}
}

// json writes a value as JSON.
func (f *field) json(dst []byte, x *value) []byte {
	return writeJSON(dst, f.natural(), x)
}

func writeJSON(dst []byte, t dataset.Type, x *value) []byte {
	switch {
	case x.null || t == dataset.Number && (math.IsNaN(x.float) || math.IsInf(x.float, 0)):
		return append(dst, "null"...)
	case t == dataset.Integer, t == dataset.Boolean, t == dataset.Number, t == dataset.Object, t == dataset.Array, t == dataset.Any && x.wrong == "":
		return writeText(dst, t, x)
	}
	quoted, err := json.Marshal(string(writeText(nil, t, x)))
	if err != nil { // a string always marshals
		return append(dst, "null"...)
	}
	return append(dst, quoted...)
}
