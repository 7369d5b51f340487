package s3api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// send answers with a span of a version, and to HEAD with the headers alone.
func (c *call) send(v *s3store.Version, s span) error {
	var body *s3store.Reader
	if c.Request.Method == http.MethodGet {
		var err error
		if body, err = open(v); err != nil {
			return err
		}
		defer body.Close()
	}
	header := c.Writer.Header()
	c.objectHeaders(v)
	header.Set("Content-Length", strconv.FormatInt(s.length, 10))
	status := http.StatusOK
	if s.partial && v.Size > 0 {
		status = http.StatusPartialContent
		header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", s.offset, s.offset+s.length-1, v.Size))
	}
	if c.query.Has("partNumber") && len(v.PartSizes) > 0 {
		header.Set("X-Amz-Mp-Parts-Count", itoa(len(v.PartSizes)))
	}
	if strings.EqualFold(c.Request.Header.Get("X-Amz-Checksum-Mode"), "ENABLED") {
		c.checksumHeaders(spanChecksum(v, s))
	}
	c.Writer.WriteHeader(status)
	if body != nil {
		_ = body.Send(c.Writer, s.offset, s.length) // the status is out: a fault can only cut the connection
	}
	return nil
}

// open gives the body of a version. One that is gone was replaced or deleted a
// moment ago.
func open(v *s3store.Version) (*s3store.Reader, error) {
	body, err := v.Open()
	if errors.Is(err, s3store.ErrGone) {
		return nil, noSuchKey(v.Key)
	}
	return body, err
}

// overrides sets the headers that the query asks for; only signed requests
// may ask.
func (c *call) overrides(v *s3store.Version) error {
	header := c.Writer.Header()
	for name, value := range v.Headers {
		header.Set(name, value)
	}
	for _, name := range standardHeaders {
		value := c.query.Get("response-" + strings.ToLower(name))
		if value == "" {
			continue
		}
		if c.Caller.Type == iam.Anonymous {
			return invalidRequest("Request specific response headers cannot be used for anonymous GET requests.")
		}
		header.Set(name, value)
	}
	return nil
}

// objectHeaders tells what GET and HEAD tell of a version.
func (c *call) objectHeaders(v *s3store.Version) {
	header := c.Writer.Header()
	c.versionHeaders(v)
	c.encryptionHeaders(v)
	c.lockHeaders(v)
	header.Set("Accept-Ranges", "bytes")
	header.Set("ETag", quote(v.ETag))
	header.Set("Last-Modified", v.Modified.Format(http.TimeFormat))
	for name, value := range v.Metadata {
		header["x-amz-meta-"+name] = []string{value}
	}
	if v.StorageClass != "" {
		header.Set("X-Amz-Storage-Class", v.StorageClass)
	}
	if len(v.Tags) > 0 {
		header.Set("X-Amz-Tagging-Count", itoa(len(v.Tags)))
	}
}

// versionHeaders tells which version was made or met.
func (c *call) versionHeaders(v *s3store.Version) {
	header := c.Writer.Header()
	if v.ID != s3store.NullVersion || c.bucket.Settings().Versioning != s3store.NeverVersioned {
		header.Set("X-Amz-Version-Id", v.ID)
	}
	if v.DeleteMarker {
		header.Set("X-Amz-Delete-Marker", "true")
	}
}

// newVersionHeaders tells the ID of a version that was made: where versioning
// is suspended it is "null", and S3 leaves it out.
func (c *call) newVersionHeaders(v *s3store.Version) {
	if v.ID != s3store.NullVersion {
		c.versionHeaders(v)
	}
}

func (c *call) checksumHeaders(sum s3store.Checksum) {
	if sum.Algorithm == "" || sum.Value == "" {
		return
	}
	c.Writer.Header().Set(checksumHeader(sum.Algorithm), sum.Value)
	c.Writer.Header().Set("X-Amz-Checksum-Type", sum.Type)
}
