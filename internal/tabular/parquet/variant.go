package parquet

import (
	"encoding/base64"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go/variant"

	"github.com/windlass-io/windlass/internal/dataset"
)

// maxVariantDepth limits the nesting of a variant, as for JSON.
const maxVariantDepth = 64

// decodeVariant writes a variant as JSON. The bytes bound how deep the library
// recurses, so they are checked first.
func decodeVariant(dst, metadata, content []byte, maxBytes int) ([]byte, error) {
	if len(metadata) > maxBytes || len(content) > maxBytes {
		return dst, errors.New("a variant is larger than a record may be")
	}
	m, err := variant.DecodeMetadata(metadata)
	if err != nil {
		return dst, err
	}
	v, err := variant.Decode(m, content)
	if err != nil {
		return dst, err
	}
	return appendVariant(dst, v, 0)
}

func appendVariant(dst []byte, v variant.Value, depth int) ([]byte, error) {
	if depth > maxVariantDepth {
		return dst, errors.New("a variant nests more than 64 levels deep")
	}
	var err error
	switch v.Basic() {
	case variant.BasicObject:
		dst = append(dst, '{')
		for i, f := range v.ObjectValue().Fields {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendQuoted(dst, []byte(f.Name)), ':')
			if dst, err = appendVariant(dst, f.Value, depth+1); err != nil {
				return dst, err
			}
		}
		return append(dst, '}'), nil
	case variant.BasicArray:
		dst = append(dst, '[')
		for i, e := range v.ArrayValue().Elements {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendVariant(dst, e, depth+1); err != nil {
				return dst, err
			}
		}
		return append(dst, ']'), nil
	case variant.BasicShortString:
		return appendQuoted(dst, []byte(v.Str())), nil
	default:
		return appendPrimitive(dst, v), nil
	}
}

func appendPrimitive(dst []byte, v variant.Value) []byte {
	text := func(s string) []byte { return appendQuoted(dst, []byte(s)) }
	moment := func(t time.Time) []byte { return text(t.UTC().Format(time.RFC3339Nano)) }
	switch v.Type() {
	case variant.PrimitiveTrue, variant.PrimitiveFalse:
		return strconv.AppendBool(dst, v.BoolValue())
	case variant.PrimitiveInt8, variant.PrimitiveInt16, variant.PrimitiveInt32, variant.PrimitiveInt64:
		return strconv.AppendInt(dst, v.Int(), 10)
	case variant.PrimitiveFloat, variant.PrimitiveDouble:
		if f := v.FloatValue(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return strconv.AppendFloat(dst, f, 'g', -1, 64)
		}
	case variant.PrimitiveDecimal4, variant.PrimitiveDecimal8:
		return appendScaled(dst, dataset.NewInt128(v.Int()), v.Scale())
	case variant.PrimitiveDecimal16:
		little := v.Decimal16Value()
		var big [16]byte
		for i := range little {
			big[15-i] = little[i]
		}
		wide, _ := dataset.Int128FromBytes(big[:])
		return appendScaled(dst, wide, v.Scale())
	case variant.PrimitiveDate:
		return text(time.Unix(v.Int()*86400, 0).UTC().Format(time.DateOnly))
	case variant.PrimitiveTimestamp, variant.PrimitiveTimestampNTZ:
		return moment(time.UnixMicro(v.Int()))
	case variant.PrimitiveTimestampNanos, variant.PrimitiveTimestampNTZNanos:
		return moment(time.Unix(0, v.Int()))
	case variant.PrimitiveTime:
		return text(time.UnixMicro(v.Int()).UTC().Format("15:04:05.999999"))
	case variant.PrimitiveUUID:
		return text(v.UUIDValue().String())
	case variant.PrimitiveString:
		return text(v.Str())
	case variant.PrimitiveBinary:
		return text(base64.StdEncoding.EncodeToString(v.Bytes()))
	case variant.PrimitiveNull:
	}
	return append(dst, "null"...)
}

// appendScaled writes a decimal of a variant. A valid scale is at most 38.
func appendScaled(dst []byte, x dataset.Int128, scale byte) []byte {
	return dataset.AppendDecimal(dst, x, min(int(scale), dataset.MaxPrecision))
}
