package objects

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// checkReadConditions checks the conditions of a read. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html.
func checkReadConditions(c *front.Call, v *s3store.Version) error {
	h := c.Request.Header
	match, none := h.Get("If-Match"), h.Get("If-None-Match")
	if match != "" && !etagIn(match, v.ETag) {
		return s3error.PreconditionFailed("If-Match")
	}
	if since, err := http.ParseTime(
		h.Get("If-Unmodified-Since"),
	); err == nil && match == "" &&
		v.Modified.After(since) {
		return s3error.PreconditionFailed("If-Unmodified-Since")
	}
	notModified := func() error {
		c.VersionHeaders(v)
		c.Writer.Header().Set("ETag", front.Quote(v.ETag))
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
		if item == "*" || front.Unquote(item) == etag {
			return true
		}
	}
	return false
}
