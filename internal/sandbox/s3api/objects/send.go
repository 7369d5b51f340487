package objects

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/checksum"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/encryption"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/objectlock"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// sendVersion responds with a span of a version, or with only the headers to
// HEAD.
func sendVersion(c *front.Call, v *s3store.Version, s span) error {
	var body *s3store.Reader
	if c.Request.Method == http.MethodGet {
		var err error
		if body, err = open(v); err != nil {
			return err
		}
		defer body.Close()
	}
	header := c.Writer.Header()
	writeObjectHeaders(c, v)
	header.Set("Content-Length", strconv.FormatInt(s.length, 10))
	status := http.StatusOK
	if s.partial && v.Size > 0 {
		status = http.StatusPartialContent
		header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", s.offset, s.offset+s.length-1, v.Size))
	}
	if c.Query.Has("partNumber") && len(v.PartSizes) > 0 {
		header.Set("X-Amz-Mp-Parts-Count", strconv.Itoa(len(v.PartSizes)))
	}
	if strings.EqualFold(c.Request.Header.Get("X-Amz-Checksum-Mode"), "ENABLED") {
		WriteChecksumHeaders(c, spanChecksum(v, s))
	}
	c.Writer.WriteHeader(status)
	if body != nil {
		_ = body.Send(c.Writer, s.offset, s.length) // the status is sent: an error can only close the connection
	}
	return nil
}

// open returns the body of a version. It fails if the version was just
// replaced or deleted.
func open(v *s3store.Version) (*s3store.Reader, error) {
	body, err := v.Open()
	if errors.Is(err, s3store.ErrGone) {
		return nil, s3error.NoSuchKey(v.Key)
	}
	return body, err
}

// setResponseHeaders sets the headers in the query. Only signed requests may
// set them.
func setResponseHeaders(c *front.Call, v *s3store.Version) error {
	header := c.Writer.Header()
	for name, value := range v.Headers {
		header.Set(name, value)
	}
	for _, name := range StandardHeaders {
		value := c.Query.Get("response-" + strings.ToLower(name))
		if value == "" {
			continue
		}
		if c.Caller.Type == iam.Anonymous {
			return s3error.InvalidRequest(
				"Request specific response headers cannot be used for anonymous GET requests.",
			)
		}
		header.Set(name, value)
	}
	return nil
}

// writeObjectHeaders writes the headers that GET and HEAD share.
func writeObjectHeaders(c *front.Call, v *s3store.Version) {
	header := c.Writer.Header()
	c.VersionHeaders(v)
	encryption.WriteHeaders(c, v)
	objectlock.WriteHeaders(c, v)
	header.Set("Accept-Ranges", "bytes")
	header.Set("ETag", front.Quote(v.ETag))
	header.Set("Last-Modified", v.Modified.Format(http.TimeFormat))
	for name, value := range v.Metadata {
		header["x-amz-meta-"+name] = []string{value}
	}
	if v.StorageClass != "" {
		header.Set("X-Amz-Storage-Class", v.StorageClass)
	}
	if len(v.Tags) > 0 {
		header.Set("X-Amz-Tagging-Count", strconv.Itoa(len(v.Tags)))
	}
}

// WriteChecksumHeaders writes the headers of a checksum, unless it is unknown.
func WriteChecksumHeaders(c *front.Call, sum s3store.Checksum) {
	if sum.Algorithm == "" || sum.Value == "" {
		return
	}
	c.Writer.Header().Set(checksum.Header(sum.Algorithm), sum.Value)
	c.Writer.Header().Set("X-Amz-Checksum-Type", sum.Type)
}
