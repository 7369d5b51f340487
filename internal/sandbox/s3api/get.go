package s3api

import (
	"errors"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// getObject answers GET and HEAD.
func (c *call) getObject() error {
	if c.query.Has("partNumber") {
		if _, err := c.partNumber(); err != nil {
			return err
		}
	}
	v, err := c.readable("GetObject")
	if err != nil {
		return err
	}
	if err := c.checkCustomerKey(v, customerHeader); err != nil {
		return err
	}
	if err := c.readCondition(v); err != nil {
		return err
	}
	if err := c.allowDecrypt(v); err != nil {
		return err
	}
	if err := c.archived(v); err != nil {
		return err
	}
	if err := c.overrides(v); err != nil {
		return err
	}
	span, err := c.span(v)
	if err != nil {
		return err
	}
	return c.send(v, span)
}

// readable gives the version that a request names, once the caller may read
// it. What is not there is 404 only for those who may list the bucket; for
// others it is as if it were forbidden, so that nothing can be guessed.
func (c *call) readable(action string) (*s3store.Version, error) {
	id := c.query.Get("versionId")
	v, missing := c.bucket.Get(c.Key, id)
	var keys []authz.Key
	if missing == nil {
		c.object, keys = v, existingTagKeys(v)
	}
	if err := c.allowObject(c.versioned(action), keys...); err != nil {
		return nil, err
	}
	if missing == nil && !v.DeleteMarker {
		return v, nil
	}
	list := "ListBucket"
	if id != "" {
		list = "ListBucketVersions"
	}
	if request, decision := c.decide(list, c.bucketARN(), c.bucket); !decision.Allowed() {
		return nil, c.denied(request, decision)
	}
	if missing != nil {
		if id != "" && errors.Is(missing, s3store.ErrNoVersion) {
			return nil, c.checkVersionID(id)
		}
		return nil, c.storeError(missing)
	}
	c.versionHeaders(v)
	if id == "" {
		return nil, noSuchKey(c.Key)
	}
	c.Writer.Header().Set("Last-Modified", v.Modified.Format(http.TimeFormat))
	return nil, methodNotAllowed(c.Request.Method, "DELETE_MARKER")
}

func existingTagKeys(v *s3store.Version) []authz.Key {
	var keys []authz.Key
	for _, tag := range v.Tags {
		keys = append(keys, authz.K("s3:ExistingObjectTag/"+tag.Key, tag.Value))
	}
	return keys
}
