// Package multipart uploads objects in parts. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html.
package multipart

import (
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

const (
	minPartSize = 5 << 20
	maxObject   = 50 << 40
)

// findUpload returns the upload in a call.
func findUpload(c *front.Call) (*s3store.Upload, error) {
	u, err := c.Bucket.Upload(c.Key, c.Query.Get("uploadId"))
	if err != nil {
		return nil, c.StoreError(err)
	}
	return u, nil
}

// AbortMultipartUpload serves the operation AbortMultipartUpload.
func AbortMultipartUpload(c *front.Call) error {
	if err := c.AllowObject("AbortMultipartUpload"); err != nil {
		return err
	}
	u, err := findUpload(c)
	if err != nil {
		return err
	}
	if text := c.Request.Header.Get("X-Amz-If-Match-Initiated-Time"); text != "" {
		if at, err := front.ParseHTTPTime(text); err != nil || !at.After(c.Now) && !at.Equal(u.Initiated) {
			return s3error.PreconditionFailed("x-amz-if-match-initiated-time")
		}
	}
	if err := c.Config.Store.Abort(c.Bucket, u); err != nil {
		return c.StoreError(err)
	}
	return c.NoContent()
}
