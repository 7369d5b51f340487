package delivery

import (
	"slices"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/columnar"
	"github.com/windlass-io/windlass/internal/problem"
)

// Format is an output format of rows.
type Format string

// The formats. NDJSON, Arrow and Parquet are streams that only the modern form has.
const (
	JSON    Format = "json"
	CSV     Format = "csv"
	NDJSON  Format = "ndjson"
	Arrow          = Format(columnar.Arrow)
	Parquet        = Format(columnar.Parquet)
)

// media has the media types of each format. The first one is used in answers.
var media = []struct {
	format Format
	types  []string
}{
	{JSON, []string{"application/json"}},
	{CSV, []string{"text/csv"}},
	{NDJSON, []string{"application/x-ndjson", "application/jsonl"}},
	{Arrow, []string{columnar.Arrow.ContentType()}},
	{Parquet, []string{columnar.Parquet.ContentType(), "application/x-parquet"}},
}

// formatNames has the names of the formats.
var formatNames = func() []string {
	names := make([]string, len(media))
	for i := range media {
		names[i] = string(media[i].format)
	}
	return names
}()

// Formats returns the names of the formats.
func Formats() []string { return slices.Clone(formatNames) }

// ContentType returns the media type for answers.
func (f Format) ContentType() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8; header=present"
	case NDJSON:
		return "application/x-ndjson"
	case JSON:
		return "application/json"
	case Arrow, Parquet:
		return columnar.Format(f).ContentType()
	default:
		return "application/octet-stream"
	}
}

// modernOnly reports whether only the modern form has the format.
func (f Format) modernOnly() bool { return f == NDJSON || f == Arrow || f == Parquet }

// chooseFormat selects the format: the parameter's, else the one that the
// Accept header prefers, JSON first.
func (q *Query) chooseFormat(accept string) error {
	if q.Format == "" && q.Callback == "" && !q.Schema {
		q.Format = accepted(accept)
		if q.Format == "" && (q.modern || q.ordered != nil) {
			return problem.New(problem.NotAcceptable, "None of the formats of rows is acceptable: Accept has %s.",
				excerpt(accept)).WithHint("Accept application/json, or use format=%s.",
				strings.Join(formatNames, ", "))
		}
	}
	if q.Format == "" {
		q.Format = JSON
	}
	q.modern = q.modern || q.Format.modernOnly()
	return nil
}

// maxRanges limits how many parts of an Accept header are read.
const maxRanges = 50

// accepted returns the format with the highest quality (RFC 9110, section 12.5.1):
// if there are several, the first one in the header, and JSON for a wildcard. It
// returns "" if none is acceptable.
func accepted(accept string) Format {
	if strings.TrimSpace(accept) == "" {
		return JSON
	}
	quality := make([]float64, len(media))
	precision := make([]int, len(media))
	order := make([]int, len(media))
	for place, part := range strings.Split(accept, ",") {
		if place == maxRanges {
			break
		}
		media, q := parseRangeOf(part)
		for i := range quality {
			if p := matches(media, i); p > precision[i] {
				precision[i], quality[i], order[i] = p, q, place
			}
		}
	}
	best := -1
	for i, q := range quality {
		if q > 0 && (best < 0 || q > quality[best] || q == quality[best] && order[i] < order[best]) {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	return media[best].format
}

// parseRangeOf parses one part of an Accept header into a media range and its
// quality.
func parseRangeOf(part string) (name string, quality float64) {
	name, parameters, _ := strings.Cut(part, ";")
	quality = 1
	for parameter := range strings.SplitSeq(parameters, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		if strings.EqualFold(strings.TrimSpace(key), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || !(q >= 0 && q <= 1) {
				q = 0
			}
			quality = q
		}
	}
	return strings.ToLower(strings.TrimSpace(name)), quality
}

// matches returns how precisely a media range matches a format, or 0 if it doesn't.
func matches(name string, i int) int {
	switch {
	case slices.Contains(media[i].types, name):
		return 3
	case name == "*/*":
		return 1
	case strings.HasSuffix(name, "/*") && strings.HasPrefix(media[i].types[0], strings.TrimSuffix(name, "*")):
		return 2
	default:
		return 0
	}
}
