package s3api

import (
	"strconv"

	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

const (
	maxParts    = 10_000
	minPartSize = 5 << 20
	maxObject   = 50 << 40
)

// upload gives the upload that a call names.
func (c *call) upload() (*s3store.Upload, error) {
	u, err := c.bucket.Upload(c.Key, c.query.Get("uploadId"))
	if err != nil {
		return nil, c.storeError(err)
	}
	return u, nil
}

func (c *call) partNumber() (int, error) {
	text := c.query.Get("partNumber")
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxParts {
		return 0, invalidArgument("partNumber", text, "Part number must be an integer between 1 and 10000, inclusive.")
	}
	return n, nil
}

func (c *call) abortMultipartUpload() error {
	if err := c.allowObject("AbortMultipartUpload"); err != nil {
		return err
	}
	u, err := c.upload()
	if err != nil {
		return err
	}
	if text := c.Request.Header.Get("X-Amz-If-Match-Initiated-Time"); text != "" {
		if at, err := parseHTTPTime(text); err != nil || !at.After(c.now) && !at.Equal(u.Initiated) {
			return preconditionFailed("x-amz-if-match-initiated-time")
		}
	}
	if err := c.api.config.Store.Abort(c.bucket, u); err != nil {
		return c.storeError(err)
	}
	return c.noContent()
}
