package parquet

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// writeText writes a value of a type as in a text file. The text of an invalid
// value is in its bytes, which may be empty.
func writeText(dst []byte, c *dataset.Column, x *value) []byte {
	if x.wrong != "" {
		return append(dst, x.bytes...)
	}
	switch c.Type {
	case dataset.Integer:
		return strconv.AppendInt(dst, x.int, 10)
	case dataset.Decimal:
		return dataset.AppendDecimal(dst, x.wide, c.Scale)
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

// writeJSON writes a value of a type as JSON. Numbers keep every digit.
func writeJSON(dst []byte, c *dataset.Column, x *value) []byte {
	if x.null {
		return append(dst, "null"...)
	}
	switch c.Type {
	case dataset.Integer, dataset.Decimal, dataset.Boolean, dataset.Number:
		return writeText(dst, c, x)
	case dataset.Object, dataset.Array, dataset.Any:
		if x.wrong == "" {
			return writeText(dst, c, x)
		}
	case dataset.String, dataset.Date, dataset.DateTime:
	}
	return appendQuoted(dst, writeText(nil, c, x))
}

// appendQuoted appends a text as a JSON string.
func appendQuoted(dst, text []byte) []byte {
	quoted, err := json.Marshal(string(text))
	if err != nil { // a string always marshals
		return append(dst, "null"...)
	}
	return append(dst, quoted...)
}
