package objects

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// span is the requested part of an object.
type span struct {
	offset, length int64
	partial        bool
	part           int // number of the requested part; 0 for none
}

func findSpan(c *front.Call, v *s3store.Version) (span, error) {
	whole := span{0, v.Size, false, 0}
	text := c.Request.Header.Get("Range")
	if c.Query.Has("partNumber") {
		if text != "" {
			return whole, s3error.InvalidRequest("Cannot specify both Range header and partNumber query parameter")
		}
		return partSpan(c, v)
	}
	if text == "" {
		return whole, nil
	}
	first, last, ok := parseRange(text, v.Size)
	if !ok {
		return whole, nil // S3 ignores an invalid range
	}
	if first > last {
		e := awserror.New(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not "+
			"satisfiable").
			With("RangeRequested", s3error.Cut(text)).
			With("ActualObjectSize", strconv.FormatInt(v.Size, 10))
		e.Header = map[string]string{"Content-Range": "bytes */" + strconv.FormatInt(v.Size, 10)}
		return whole, e
	}
	return span{first, last - first + 1, true, 0}, nil
}

// parseRange parses one range of bytes. If the range can't be satisfied, first
// is greater than last.
func parseRange(text string, size int64) (first, last int64, ok bool) {
	rest, ok := strings.CutPrefix(text, "bytes=")
	if !ok || strings.Contains(rest, ",") {
		return 0, 0, false
	}
	from, to, ok := strings.Cut(rest, "-")
	if !ok {
		return 0, 0, false
	}
	if from == "" {
		n, err := strconv.ParseInt(to, 10, 64)
		if err != nil || n < 0 {
			return 0, 0, false
		}
		if n == 0 {
			return 1, 0, true
		}
		if size == 0 {
			return 0, 0, false
		}
		return max(0, size-n), size - 1, true
	}
	first, err := strconv.ParseInt(from, 10, 64)
	if err != nil || first < 0 {
		return 0, 0, false
	}
	last = size - 1
	if to != "" {
		if last, err = strconv.ParseInt(to, 10, 64); err != nil || last < first {
			return 0, 0, false
		}
		last = min(last, size-1)
	}
	if first >= size {
		return 1, 0, true
	}
	return first, last, true
}

// partSpan returns the span of one part of a multipart object.
func partSpan(c *front.Call, v *s3store.Version) (span, error) {
	n, err := c.PartNumber()
	if err != nil {
		return span{}, err
	}
	sizes := v.PartSizes
	if len(sizes) == 0 {
		sizes = []int64{v.Size}
	}
	if n > len(sizes) {
		return span{}, awserror.New(http.StatusRequestedRangeNotSatisfiable, "InvalidPartNumber", "The requested "+
			"partnumber is not satisfiable.").
			With("PartNumberRequested", strconv.Itoa(n)).
			With("ActualPartCount", strconv.Itoa(len(sizes)))
	}
	out := span{length: sizes[n-1], partial: true, part: n}
	for _, size := range sizes[:n-1] {
		out.offset += size
	}
	return out, nil
}

// spanChecksum returns the checksum of the sent bytes if it is known: of the
// whole object or of one part.
func spanChecksum(v *s3store.Version, s span) s3store.Checksum {
	switch {
	case !s.partial || s.part > 0 && len(v.PartSizes) == 0:
		return v.Checksum
	case s.part > 0 && len(v.PartSums) == len(v.PartSizes):
		return s3store.Checksum{Algorithm: v.Checksum.Algorithm, Value: v.PartSums[s.part-1], Type: v.Checksum.Type}
	default:
		return s3store.Checksum{}
	}
}
