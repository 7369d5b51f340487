package csv

import (
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// The default limit of a record's size, and the range that can be declared.
const (
	MaxRecordBytes   = 16 << 20
	MinRecordLimit   = 1 << 10
	MaxRecordLimit   = 64 << 20
	MaxSkipLines     = 1000
	MaxDelimiterSize = 8 // characters
)

// Dialect describes the format of a table.
type Dialect struct {
	Delimiter string // empty: each record is one field
	Quote     byte   // 0: no quotes
	Escape    byte   // before a quote inside quotes; 0: such a quote is written twice
	Comment   byte   // begins comment lines; 0: none
	Newline   byte   // '\n', also for CRLF, or '\r' where lines end with it alone
	Header    bool   // the first record has the columns' names
	SkipLines int    // lines before the first record, without comments
	Trailing  bool   // a delimiter follows the last field of each row
}

// Options has the known properties of a table. Zero values and nil mean that
// a property is detected.
type Options struct {
	Key            string // of the object: its ending is a hint
	Delimiter      string // 1 to 8 characters
	Quote          *byte  // 0: none
	Escape         *byte  // 0: none
	Comment        *byte  // 0: none; if declared, comments may be anywhere, else only before the header
	SkipLines      *int
	Header         *bool
	Trailing       *bool
	Settings       cell.Settings
	MaxRecordBytes int            // 0: MaxRecordBytes
	ChunkBytes     int            // 0: chunk.Bytes
	Mapping        *shape.Mapping // optional: selects and renames columns
}

func (o Options) withDefaults() Options {
	if o.MaxRecordBytes == 0 {
		o.MaxRecordBytes = MaxRecordBytes
	}
	if o.ChunkBytes == 0 {
		o.ChunkBytes = chunk.Bytes
	}
	return o
}

// Why is the code of the reason for a detected setting.
type Why string

// The reasons.
const (
	TypedBelow    Why = "typed_below"     // header: a typed column wouldn't accept its first field
	FirstRowTyped Why = "first_row_typed" // header: the first record is like the others
	AllText       Why = "all_text"        // header: ambiguous
	Years         Why = "years"           // header: the first record has years that count up
	NoRows        Why = "no_rows"         // header: there is one record

	SepLine     Why = "sep_line"        // the first line is sep=
	Consistent  Why = "consistent"      // delimiter: it splits the records consistently
	OneColumn   Why = "one_column"      // delimiter: none splits the records consistently
	Usual       Why = "usual"           // nothing in the table contradicts it
	Found       Why = "found"           // the table has it
	ReadsBetter Why = "reads_better"    // escape, newline: more records have the same width with it
	Preamble    Why = "preamble"        // skip_lines: records of one field before the table
	FirstRecord Why = "first_record"    // skip_lines: the table begins at once
	LastEmpty   Why = "last_empty"      // trailing_delimiter: rows have one empty field more than the header
	HeaderLine  Why = "header_is_found" // comment: the only line with # is the header
)

// Reasons has the reason for each detected setting.
type Reasons struct {
	Delimiter, Quote, Escape, Comment, Newline, SkipLines, Header, Trailing Why
}
