package front

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
)

// EscapesBucket reports whether a key, used as a path, would leave its bucket.
func EscapesBucket(key string) bool {
	depth := 0
	for segment := range strings.SplitSeq(key, "/") {
		switch segment {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return true
			}
		default:
			depth++
		}
	}
	return depth == 0 && strings.Contains(key, ".")
}

// ParseHTTPTime parses a time in the format of HTTP or XML.
func ParseHTTPTime(text string) (time.Time, error) {
	if at, err := http.ParseTime(text); err == nil {
		return at, nil
	}
	return ParseTime(text)
}

// FormatTime formats a time as in S3's documents.
func FormatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// MaxKeys is the maximum and default page size of a list.
const MaxKeys = 1000

// ParseTime parses a time of a document.
func ParseTime(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	return at.UTC(), err
}

// IntParameter parses a number in the query.
func (c *Call) IntParameter(name string, fallback, least, most int) (int, error) {
	text := c.Query.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err == nil && n < least {
		return 0, s3error.InvalidArgument(
			name,
			text,
			"Argument %s must be an integer between %d and 2147483647",
			name,
			least,
		)
	}
	if err != nil {
		return 0, s3error.InvalidArgument(name, text, "Provided %s not an integer or within integer range", name)
	}
	return min(n, most), nil
}

// Token returns an opaque continuation token.
func Token(after string) string { return base64.URLEncoding.EncodeToString([]byte("1" + after)) }

// Continuation decodes the continuation token of a request.
func (c *Call) Continuation() (after string, _ error) {
	if !c.Query.Has("continuation-token") {
		return "", nil
	}
	text := c.Query.Get("continuation-token")
	raw, err := base64.URLEncoding.DecodeString(text)
	if err != nil || len(raw) == 0 || raw[0] != '1' {
		return "", s3error.InvalidArgument("continuation-token", text, "The continuation token provided is incorrect")
	}
	return string(raw[1:]), nil
}

// MaxParts is the maximum number of parts of an upload.
const MaxParts = 10_000

// PartNumber parses the part number in the query.
func (c *Call) PartNumber() (int, error) {
	text := c.Query.Get("partNumber")
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > MaxParts {
		return 0, s3error.InvalidArgument(
			"partNumber",
			text,
			"Part number must be an integer between 1 and 10000, inclusive.",
		)
	}
	return n, nil
}
