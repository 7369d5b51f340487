// Package parquetfile stores rows in immutable Parquet files that are sorted by
// a dataset's index.
//
// A [Run] collects batches, sorts them and becomes one file by [Write]. A [Reader] finds rows
// in a file. [Select] reads selected rows from several files, [All] reads all of them, [Match]
// finds their positions, [Scan] walks a file's index for a merge, and [Compact] merges files
// into one. [Check] verifies a file.
//
// The rows of a file come in the order key, subkey, date, sequence number;
// nulls come last. Column names are the dataset's own, so that other tools can
// read the files; three columns follow them: _seq, _updated and _load.
package parquetfile

import (
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// Spec is the shape of a dataset's rows: its columns, and the indexes of the
// index's parts among them, or -1.
type Spec struct {
	Columns []dataset.Column
	Key     int
	Subkey  int
	Date    int
}

// SpecOf returns the spec of a schema. If the index names an unknown column,
// the error is a problem with code invalid.
func SpecOf(schema *dataset.Schema) (Spec, error) {
	s := Spec{Columns: schema.Columns, Key: -1, Subkey: -1, Date: -1}
	for _, part := range []struct {
		name string
		at   *int
	}{{schema.Index.Key, &s.Key}, {schema.Index.Subkey, &s.Subkey}, {schema.Index.Date, &s.Date}} {
		if part.name == "" {
			continue
		}
		_, i, ok := schema.Column(part.name)
		if !ok {
			return Spec{}, problem.New(problem.Invalid,
				"The index names the column %q, which doesn't exist in the dataset.", part.name)
		}
		*part.at = i
	}
	return s, nil
}

// parts returns the columns of the index, in the order in which rows are sorted.
func (s *Spec) parts() []int {
	parts := make([]int, 0, 3)
	for _, p := range []int{s.Key, s.Subkey, s.Date} {
		if p >= 0 {
			parts = append(parts, p)
		}
	}
	return parts
}

// Meta has the values that all rows of a run share.
type Meta struct {
	Load    string    // ID of the load
	Updated time.Time // the time of loading, stored in microseconds
}

// Info describes a file. MinKey and MaxKey are bounds of the keys of all rows,
// including nulls, in the form of [Run.Tuple]: prefixes of at most 256 bytes
// that compare with other tuples by [bytes.Compare]. MinDate and MaxDate are
// bounds of the non-null dates, in microseconds since 1970.
type Info struct {
	Rows           int64
	Bytes          int64  // size of the file
	MinKey, MaxKey []byte // nil if the index has no key
	Dates          bool   // at least one row has a date of the index
	NullDates      bool   // at least one row has no date
	MinDate        int64  // when Dates
	MaxDate        int64
}

// Source is a file to read, without the rows that were deleted from it.
type Source struct {
	Reader  *Reader
	Deleted *roaring.Bitmap // positions of rows; nil for none
}

func (s *Source) deleted(row int64) bool {
	return s.Deleted != nil && s.Deleted.Contains(uint32(row))
}
