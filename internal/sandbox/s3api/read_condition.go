package s3api

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// readCondition holds a read to its conditions. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html.
func (c *call) readCondition(v *s3store.Version) error {
	h := c.Request.Header
	match, none := h.Get("If-Match"), h.Get("If-None-Match")
	if match != "" && !etagIn(match, v.ETag) {
		return preconditionFailed("If-Match")
	}
	if since, err := http.ParseTime(h.Get("If-Unmodified-Since")); err == nil && match == "" && v.Modified.After(since) {
		return preconditionFailed("If-Unmodified-Since")
	}
	notModified := func() error {
		c.versionHeaders(v)
		c.Writer.Header().Set("ETag", quote(v.ETag))
		c.Writer.Header().Set("Last-Modified", v.Modified.Format(http.TimeFormat))
		return awserror.New(http.StatusNotModified, "NotModified", "Not Modified")
	}
	if none != "" && etagIn(none, v.ETag) {
		return notModified()
	}
	if since, err := http.ParseTime(h.Get("If-Modified-Since")); err == nil && none == "" && !v.Modified.After(since) {
		return notModified()
	}
	return nil
}

func etagIn(list, etag string) bool {
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimPrefix(strings.TrimSpace(item), "W/")
		if item == "*" || unquote(item) == etag {
			return true
		}
	}
	return false
}
