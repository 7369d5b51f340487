package view

import (
	"net/url"

	"github.com/windlass-io/windlass/internal/dataset"
)

// RejectReason is one reason for which rows of a load were rejected.
type RejectReason struct {
	Code    string // empty for all reasons
	Name    string
	Rows    int64
	Path    string
	Current bool
}

// rejectReasons returns a load's reasons in the order of their codes, the reason
// current selected. They begin with all of them, and are nil when there is only one
// reason.
func rejectReasons(path string, counts map[dataset.RejectCode]int64, current string) []RejectReason {
	if len(counts) < 2 {
		return nil
	}
	all := RejectReason{Name: "All", Path: path, Current: current == ""}
	list := []RejectReason{}
	for _, code := range dataset.RejectCodes() {
		if counts[code] == 0 {
			continue
		}
		all.Rows += counts[code]
		list = append(list, RejectReason{
			Code: string(code), Name: RejectName(code), Rows: counts[code],
			Path: path + "?" + url.Values{"reason": {string(code)}}.Encode(), Current: current == string(code),
		})
	}
	return append([]RejectReason{all}, list...)
}

// RejectName returns a reason as pages name it.
func RejectName(code dataset.RejectCode) string {
	switch code {
	case dataset.MissingRequired:
		return "Missing value"
	case dataset.NullNotAllowed:
		return "Null"
	case dataset.WrongType:
		return "Wrong type"
	case dataset.WrongFormat:
		return "Wrong format"
	case dataset.OutOfRange:
		return "Out of range"
	case dataset.TooLong:
		return "Too long"
	case dataset.FieldCount:
		return "Number of fields"
	case dataset.RecordTooLong:
		return "Record too long"
	case dataset.BadEncoding:
		return "Encoding"
	case dataset.BadJSON:
		return "Invalid JSON"
	case dataset.TooDeep:
		return "Nested too deep"
	case dataset.DuplicateMember:
		return "Member twice"
	case dataset.KeyMissing:
		return "No key"
	case dataset.UnclosedQuote:
		return "Open quote"
	}
	return string(code)
}
