package dataset

// RejectCode is the reason for rejecting a row, for programs.
type RejectCode string

// The reject codes.
const (
	MissingRequired RejectCode = "missing_required" // a required column is absent
	NullNotAllowed  RejectCode = "null_not_allowed" // null in a column that doesn't allow it
	WrongType       RejectCode = "wrong_type"       // not of the declared type
	WrongFormat     RejectCode = "wrong_format"     // not in the declared format
	OutOfRange      RejectCode = "out_of_range"     // beyond what the type can hold
	TooLong         RejectCode = "too_long"         // an index part beyond its limit
	FieldCount      RejectCode = "field_count"      // more or fewer fields than the header
	RecordTooLong   RejectCode = "record_too_long"  // longer than the limit for records
	BadEncoding     RejectCode = "bad_encoding"     // bytes that are invalid in the encoding
	BadJSON         RejectCode = "bad_json"         // doesn't parse
	TooDeep         RejectCode = "too_deep"         // nested too deep
	DuplicateMember RejectCode = "duplicate_member" // one member twice in an object
	KeyMissing      RejectCode = "key_missing"      // a part of the declared unique index is null
	UnclosedQuote   RejectCode = "unclosed_quote"   // a quote isn't closed within the limit for records
)

// RejectCodes returns every code.
func RejectCodes() []RejectCode {
	return []RejectCode{
		MissingRequired, NullNotAllowed, WrongType, WrongFormat, OutOfRange, TooLong, FieldCount, RecordTooLong,
		BadEncoding, BadJSON, TooDeep, DuplicateMember, KeyMissing, UnclosedQuote,
	}
}

// Rejected is a rejected row, and the reason.
type Rejected struct {
	Object string     // key of the object
	Line   int64      // line, or record number, in the object; from 1
	Column string     // empty if the fault isn't in a single column
	Value  string     // the offending value, cut to 200 characters
	Code   RejectCode `json:",omitempty"` // empty for rows that were rejected before there were codes
	Reason string     // one sentence in the platform's words
	Number int64      `json:",omitempty"` // number of the row in the object, from 1
	Raw    string     `json:",omitempty"` // the record as written, cut to 64 KiB; empty for typed files
	// ResolvedBy is the load that later accepted the row, or empty.
	ResolvedBy string `json:",omitempty"`
}
