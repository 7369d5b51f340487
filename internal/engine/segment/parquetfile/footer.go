package parquetfile

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/windlass-io/windlass/internal/dataset"
)

const magic = "PAR1"

// specKey is the name of a file's metadata with its spec.
const specKey = "windlass"

// sumsKey is the name of a column's metadata with the checksums of its column
// index and offset index. Parquet itself has no checksums for these.
const sumsKey = "windlass.crc32"

func formatSums(sums [2]uint32) string { return fmt.Sprintf("%08x%08x", sums[0], sums[1]) }

func parseSums(list []format.KeyValue) (sums [2]uint32, ok bool) {
	for _, kv := range list {
		if n, err := strconv.ParseUint(kv.Value, 16, 64); kv.Key == sumsKey && err == nil {
			return [2]uint32{uint32(n >> 32), uint32(n)}, true
		}
	}
	return sums, false
}

// storedSpec is the form of a spec in a file: Parquet has one type for object,
// array and any, and names of system columns may differ.
type storedSpec struct {
	Version int            `json:"version"`
	Columns []storedColumn `json:"columns"`
	Key     int            `json:"key"`
	Subkey  int            `json:"subkey"`
	Date    int            `json:"date"`
}

type storedColumn struct {
	Name      string       `json:"name"`
	Type      dataset.Type `json:"type"`
	Precision int          `json:"precision,omitempty"`
	Scale     int          `json:"scale,omitempty"`
}

func (s *Spec) marshal() (string, error) {
	stored := storedSpec{Version: 1, Key: s.Key, Subkey: s.Subkey, Date: s.Date}
	for _, c := range s.Columns {
		stored.Columns = append(stored.Columns, storedColumn{c.Name, c.Type, c.Precision, c.Scale})
	}
	text, err := json.Marshal(stored)
	return string(text), err
}

func unmarshalSpec(text string) (Spec, error) {
	var stored storedSpec
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return Spec{}, err
	}
	if stored.Version != 1 {
		return Spec{}, fmt.Errorf("version %d is newer than this program", stored.Version)
	}
	s := Spec{Key: stored.Key, Subkey: stored.Subkey, Date: stored.Date}
	for _, c := range stored.Columns {
		s.Columns = append(s.Columns, dataset.Column{
			Name: c.Name, Type: c.Type, Precision: c.Precision,
			Scale: c.Scale,
		})
	}
	for _, p := range []int{s.Key, s.Subkey, s.Date} {
		if p < -1 || p >= len(s.Columns) {
			return Spec{}, fmt.Errorf("the index names column %d of %d", p, len(s.Columns))
		}
	}
	return s, nil
}

// The system columns follow the dataset's own.
const (
	systemSeq = iota
	systemUpdated
	systemLoad
	systemColumns
)

// allColumns returns the columns of a file: those of the spec and the system
// columns. A system column whose name is taken gets underscores in front.
func (s *Spec) allColumns() []dataset.Column {
	taken := map[string]bool{}
	for _, c := range s.Columns {
		taken[c.Name] = true
	}
	columns := append([]dataset.Column(nil), s.Columns...)
	for _, c := range []dataset.Column{
		{Name: "_seq", Type: dataset.Integer},
		{Name: "_updated", Type: dataset.DateTime},
		{Name: "_load", Type: dataset.String},
	} {
		for taken[c.Name] {
			c.Name = "_" + c.Name
		}
		columns = append(columns, c)
	}
	return columns
}

// schemaOf returns the schema of a file.
func schemaOf(columns []dataset.Column) thrift.Slice[format.SchemaElement] {
	schema := thrift.Slice[format.SchemaElement]{{Name: "rows", NumChildren: thrift.New(int32(len(columns)))}}
	for i, c := range columns {
		e := format.SchemaElement{Name: c.Name, RepetitionType: thrift.New(format.Optional)}
		if i >= len(columns)-systemColumns {
			e.RepetitionType = thrift.New(format.Required)
		}
		describe(&e, c)
		schema = append(schema, e)
	}
	return schema
}

// describe sets the physical and logical type of a column.
func describe(e *format.SchemaElement, c dataset.Column) {
	e.Type = thrift.New(physical(c.Type))
	switch c.Type {
	case dataset.String:
		e.LogicalType.Value = &format.StringType{}
		e.ConvertedType = thrift.New(deprecated.UTF8)
	case dataset.Object, dataset.Array, dataset.Any:
		e.LogicalType.Value = &format.JsonType{}
		e.ConvertedType = thrift.New(deprecated.Json)
	case dataset.Date:
		e.LogicalType.Value = &format.DateType{}
		e.ConvertedType = thrift.New(deprecated.Date)
	case dataset.DateTime:
		e.LogicalType.Value = &format.TimestampType{
			IsAdjustedToUTC: true,
			Unit:            format.TimeUnit{Value: &format.MicroSeconds{}},
		}
		e.ConvertedType = thrift.New(deprecated.TimestampMicros)
	case dataset.Decimal:
		e.TypeLength = thrift.New(int32(wideBytes))
		e.LogicalType.Value = &format.DecimalType{Precision: int32(c.Precision), Scale: int32(c.Scale)}
		e.ConvertedType = thrift.New(deprecated.Decimal)
		e.Precision, e.Scale = thrift.New(int32(c.Precision)), thrift.New(int32(c.Scale))
	default:
	}
}

// wideBytes is the size of a decimal in a file.
const wideBytes = 16

// physical returns the type in which a column's values are written.
func physical(t dataset.Type) format.Type {
	switch t {
	case dataset.Integer, dataset.DateTime:
		return format.Int64
	case dataset.Number:
		return format.Double
	case dataset.Boolean:
		return format.Boolean
	case dataset.Date:
		return format.Int32
	case dataset.Decimal:
		return format.FixedLenByteArray
	default:
		return format.ByteArray
	}
}
