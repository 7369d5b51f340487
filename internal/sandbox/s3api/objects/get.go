// Package objects reads, writes, copies and deletes objects.
package objects

import (
	"errors"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/encryption"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// GetObject serves GET and HEAD.
func GetObject(c *front.Call) error {
	if c.Query.Has("partNumber") {
		if _, err := c.PartNumber(); err != nil {
			return err
		}
	}
	v, err := readableVersion(c, "GetObject")
	if err != nil {
		return err
	}
	if err := encryption.CheckCustomerKey(c, v, encryption.CustomerHeader); err != nil {
		return err
	}
	if err := checkReadConditions(c, v); err != nil {
		return err
	}
	if err := encryption.AllowDecrypt(c, v); err != nil {
		return err
	}
	if err := checkArchive(c, v); err != nil {
		return err
	}
	if err := setResponseHeaders(c, v); err != nil {
		return err
	}
	span, err := findSpan(c, v)
	if err != nil {
		return err
	}
	return sendVersion(c, v, span)
}

// readableVersion returns the requested version if the caller may read it. For
// missing objects, callers who may list the bucket get 404 and others get 403,
// so that they can't guess names.
func readableVersion(c *front.Call, action string) (*s3store.Version, error) {
	id := c.Query.Get("versionId")
	v, missing := c.Bucket.Get(c.Key, id)
	var keys []authz.Key
	if missing == nil {
		c.Version, keys = v, front.ExistingTagKeys(v)
	}
	if err := c.AllowObject(c.Versioned(action), keys...); err != nil {
		return nil, err
	}
	if missing == nil && !v.DeleteMarker {
		return v, nil
	}
	list := "ListBucket"
	if id != "" {
		list = "ListBucketVersions"
	}
	if request, decision := c.Decide(list, c.BucketARN(), c.Bucket); !decision.Allowed() {
		return nil, c.Denial(request, decision)
	}
	if missing != nil {
		if id != "" && errors.Is(missing, s3store.ErrNoVersion) {
			return nil, c.CheckVersionID(id)
		}
		return nil, c.StoreError(missing)
	}
	c.VersionHeaders(v)
	if id == "" {
		return nil, s3error.NoSuchKey(c.Key)
	}
	c.Writer.Header().Set("Last-Modified", v.Modified.Format(http.TimeFormat))
	return nil, s3error.MethodNotAllowed(c.Request.Method, "DELETE_MARKER")
}
