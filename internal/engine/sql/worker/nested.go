//go:build cgo

package worker

import (
	"fmt"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/rowtext"
)

// appendText appends value i of a vector, which isn't null, as text.
type appendText func(b []byte, i int) []byte

// canNest reports whether values of a type can be written as JSON.
func canNest(kind bindings.LogicalType) bool {
	ok := true
	for _, child := range children(kind) {
		column, known := columnOf(child)
		ok = ok && known && column.Type != ""
		bindings.DestroyLogicalType(&child)
	}
	return ok
}

// children returns the types inside a type. The caller destroys them.
func children(kind bindings.LogicalType) []bindings.LogicalType {
	switch bindings.GetTypeId(kind) {
	case bindings.TypeList:
		return []bindings.LogicalType{bindings.ListTypeChildType(kind)}
	case bindings.TypeArray:
		return []bindings.LogicalType{bindings.ArrayTypeChildType(kind)}
	case bindings.TypeMap:
		return []bindings.LogicalType{bindings.MapTypeKeyType(kind), bindings.MapTypeValueType(kind)}
	case bindings.TypeStruct:
		var list []bindings.LogicalType
		for i := range bindings.StructTypeChildCount(kind) {
			list = append(list, bindings.StructTypeChildType(kind, i))
		}
		return list
	default:
		return nil
	}
}

// writer returns a function that writes the values of a vector as text or as JSON.
func writer(v bindings.Vector, kind bindings.LogicalType, rows int, asJSON bool) (appendText, error) {
	switch id := bindings.GetTypeId(kind); id {
	case bindings.TypeVarchar:
		list := values[stringT](v, rows)
		plain := !asJSON || isJSON(kind)
		return func(b []byte, i int) []byte {
			if plain {
				return append(b, text(list, i)...)
			}
			return rowtext.AppendString(b, text(list, i))
		}, nil
	case bindings.TypeList, bindings.TypeMap:
		return listWriter(v, rows)
	case bindings.TypeArray:
		return arrayWriter(v, kind, rows)
	case bindings.TypeStruct:
		return structWriter(v, kind, rows)
	case bindings.TypeTime, bindings.TypeInterval, bindings.TypeUUID, bindings.TypeBlob, bindings.TypeEnum,
		bindings.TypeSQLNull:
		write := plainWriter(v, kind, rows)
		if !asJSON {
			return write, nil
		}
		return func(b []byte, i int) []byte { return rowtext.AppendString(b, write(nil, i)) }, nil
	default:
		return scalarWriter(v, kind, rows)
	}
}

// plainWriter returns a function that writes values of types that become strings.
func plainWriter(v bindings.Vector, kind bindings.LogicalType, rows int) appendText {
	switch bindings.GetTypeId(kind) {
	case bindings.TypeTime:
		list := values[int64](v, rows)
		return func(b []byte, i int) []byte { return appendTime(b, list[i]) }
	case bindings.TypeInterval:
		list := values[interval](v, rows)
		return func(b []byte, i int) []byte { return appendInterval(b, list[i]) }
	case bindings.TypeUUID:
		list := values[hugeInt](v, rows)
		return func(b []byte, i int) []byte { return appendUUID(b, list[i]) }
	case bindings.TypeBlob:
		list := values[stringT](v, rows)
		return func(b []byte, i int) []byte { return appendBase64(b, text(list, i)) }
	case bindings.TypeEnum:
		return enumWriter(v, kind, rows)
	default:
		return func(b []byte, _ int) []byte { return b }
	}
}

func enumWriter(v bindings.Vector, kind bindings.LogicalType, rows int) appendText {
	names := make([]string, bindings.EnumDictionarySize(kind))
	for i := range names {
		names[i] = bindings.EnumDictionaryValue(kind, bindings.IdxT(i))
	}
	switch bindings.EnumInternalType(kind) {
	case bindings.TypeUTinyInt:
		list := values[uint8](v, rows)
		return func(b []byte, i int) []byte { return append(b, names[list[i]]...) }
	case bindings.TypeUSmallInt:
		list := values[uint16](v, rows)
		return func(b []byte, i int) []byte { return append(b, names[list[i]]...) }
	default:
		list := values[uint32](v, rows)
		return func(b []byte, i int) []byte { return append(b, names[list[i]]...) }
	}
}

// scalarWriter writes numbers, booleans, dates and moments as JSON.
func scalarWriter(v bindings.Vector, kind bindings.LogicalType, rows int) (appendText, error) {
	column, ok := columnOf(kind)
	if !ok {
		return nil, fmt.Errorf("type %d can't be written as JSON", bindings.GetTypeId(kind))
	}
	read, err := reader(v, kind, rows)
	if err != nil {
		return nil, err
	}
	vector := dataset.NewVectorOf(column, 1)
	return func(b []byte, i int) []byte {
		vector.Reset()
		read(&vector, i)
		if column.Type == dataset.Number && !isFinite(vector.Floats[0]) {
			return append(b, "null"...)
		}
		return rowtext.AppendJSON(b, &vector, 0)
	}, nil
}

// member writes a value inside another one.
func member(v bindings.Vector, kind bindings.LogicalType, rows int) (appendText, error) {
	isNull := nullsOf(v)
	write, err := writer(v, kind, rows, true)
	if err != nil {
		return nil, err
	}
	return func(b []byte, i int) []byte {
		if isNull(i) {
			return append(b, "null"...)
		}
		return write(b, i)
	}, nil
}

// listEntry is a list as DuckDB stores it.
type listEntry struct{ offset, length uint64 }

// listWriter writes lists as arrays, and maps as arrays of objects with key and
// value.
func listWriter(v bindings.Vector, rows int) (appendText, error) {
	inner := bindings.ListVectorGetChild(v)
	innerKind := bindings.VectorGetColumnType(inner)
	defer bindings.DestroyLogicalType(&innerKind)
	write, err := member(inner, innerKind, int(bindings.ListVectorGetSize(v))) //nolint:gosec // in memory
	if err != nil {
		return nil, err
	}
	list := values[listEntry](v, rows)
	return func(b []byte, i int) []byte {
		return appendArray(b, write, int(list[i].offset), int(list[i].length)) //nolint:gosec // in memory
	}, nil
}

func arrayWriter(v bindings.Vector, kind bindings.LogicalType, rows int) (appendText, error) {
	n := int(bindings.ArrayTypeArraySize(kind)) //nolint:gosec // small
	inner := bindings.ArrayVectorGetChild(v)
	innerKind := bindings.ArrayTypeChildType(kind)
	defer bindings.DestroyLogicalType(&innerKind)
	write, err := member(inner, innerKind, n*rows)
	if err != nil {
		return nil, err
	}
	return func(b []byte, i int) []byte { return appendArray(b, write, i*n, n) }, nil
}

func appendArray(b []byte, write appendText, from, n int) []byte {
	b = append(b, '[')
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = write(b, from+i)
	}
	return append(b, ']')
}

func structWriter(v bindings.Vector, kind bindings.LogicalType, rows int) (appendText, error) {
	n := bindings.StructTypeChildCount(kind)
	names := make([][]byte, n)
	writers := make([]appendText, n)
	for i := range n {
		names[i] = rowtext.AppendName(nil, bindings.StructTypeChildName(kind, i))
		childKind := bindings.StructTypeChildType(kind, i)
		var err error
		writers[i], err = member(bindings.StructVectorGetChild(v, i), childKind, rows)
		bindings.DestroyLogicalType(&childKind)
		if err != nil {
			return nil, err
		}
	}
	return func(b []byte, i int) []byte {
		b = append(b, '{')
		for m, write := range writers {
			if m > 0 {
				b = append(b, ',')
			}
			b = write(append(b, names[m]...), i)
		}
		return append(b, '}')
	}, nil
}
