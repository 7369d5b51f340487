package front

import (
	"cmp"
	"errors"
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// ExistingTagKeys returns the condition keys of a version's tags.
func ExistingTagKeys(v *s3store.Version) []authz.Key {
	var keys []authz.Key
	for _, tag := range v.Tags {
		keys = append(keys, authz.K("s3:ExistingObjectTag/"+tag.Key, tag.Value))
	}
	return keys
}

// StorageClass returns the storage class of a version, STANDARD by default.
func StorageClass(v *s3store.Version) string {
	if v.StorageClass == "" {
		return "STANDARD"
	}
	return v.StorageClass
}

// LockedVersion is used for actions whose name doesn't change with a version.
func (c *Call) LockedVersion(action string, keys ...authz.Key) (*s3store.Version, error) {
	if err := c.AllowObject(action, keys...); err != nil {
		return nil, err
	}
	v, err := c.Bucket.Get(c.Key, c.Query.Get("versionId"))
	if err != nil {
		if id := c.Query.Get("versionId"); id != "" {
			return nil, c.CheckVersionID(id)
		}
		return nil, c.StoreError(err)
	}
	if v.DeleteMarker {
		return nil, s3error.MethodNotAllowed(c.Request.Method, "DELETE_MARKER")
	}
	return v, nil
}

// StoreError returns an error of the store in S3's words.
func (c *Call) StoreError(err error) error {
	switch {
	case errors.Is(err, s3store.ErrNoBucket):
		return s3error.NoSuchBucket(c.BucketName)
	case errors.Is(err, s3store.ErrNoKey):
		return s3error.NoSuchKey(c.Key)
	case errors.Is(err, s3store.ErrNoVersion):
		return s3error.NoSuchVersion(c.Key, c.Query.Get("versionId"))
	case errors.Is(err, s3store.ErrNoUpload):
		return s3error.NoSuchUpload(c.Query.Get("uploadId"))
	default:
		return err
	}
}

// Quote returns an ETag in quotes.
func Quote(etag string) string { return `"` + etag + `"` }

// Unquote returns an ETag without quotes.
func Unquote(etag string) string { return strings.Trim(strings.TrimSpace(etag), `"`) }

// VersionHeaders writes the headers of the version that was created or found.
func (c *Call) VersionHeaders(v *s3store.Version) {
	header := c.Writer.Header()
	if v.ID != s3store.NullVersion || c.Bucket.Settings().Versioning != s3store.NeverVersioned {
		header.Set("X-Amz-Version-Id", v.ID)
	}
	if v.DeleteMarker {
		header.Set("X-Amz-Delete-Marker", "true")
	}
}

// NewVersionHeaders writes the ID of a new version. If versioning is suspended
// the ID is "null", and S3 omits it.
func (c *Call) NewVersionHeaders(v *s3store.Version) {
	if v.ID != s3store.NullVersion {
		c.VersionHeaders(v)
	}
}

// ObjectVersion returns the version in a call if the caller may call the
// action on it. It must not be a delete marker.
func (c *Call) ObjectVersion(action string, keys ...authz.Key) (*s3store.Version, error) {
	v, missing := c.Bucket.Get(c.Key, c.Query.Get("versionId"))
	if missing == nil {
		c.Version = v
		keys = append(keys, ExistingTagKeys(v)...)
	}
	if err := c.AllowObject(c.Versioned(action), keys...); err != nil {
		return nil, err
	}
	if missing != nil {
		if id := c.Query.Get("versionId"); id != "" {
			return nil, c.CheckVersionID(id)
		}
		return nil, c.StoreError(missing)
	}
	if v.DeleteMarker {
		c.VersionHeaders(v)
		if c.Query.Get("versionId") == "" {
			return nil, s3error.NoSuchKey(c.Key)
		}
		return nil, s3error.MethodNotAllowed(c.Request.Method, "DELETE_MARKER")
	}
	return v, nil
}

// Amend changes a version's properties and responds with a status.
func (c *Call) Amend(status int, v *s3store.Version, change func(*s3store.Version) error) error {
	changed, err := c.Config.Store.Amend(c.Bucket, v.Key, v.ID, change)
	if err != nil {
		return c.StoreError(err)
	}
	c.VersionHeaders(changed)
	c.Writer.WriteHeader(status)
	return nil
}

// versionPattern matches version IDs of AWS and other stores.
var versionPattern = regexp.MustCompile(`^[\w.-]{20,64}$`)

// CheckVersionID returns the error for a version that wasn't found: an invalid
// ID, or a deleted version.
func (c *Call) CheckVersionID(id string) error {
	return cmp.Or(ReadableVersionID(id), s3error.NoSuchVersion(c.Key, id))
}

// ReadableVersionID rejects IDs that no version can have.
func ReadableVersionID(id string) error {
	if id != s3store.NullVersion && !versionPattern.MatchString(id) {
		return s3error.InvalidArgument("versionId", id, "Invalid version id specified")
	}
	return nil
}

// Versioned returns the action for a request that names a version:
// GetObjectVersion for GetObject, GetObjectVersionTagging for GetObjectTagging.
func (c *Call) Versioned(action string) string {
	if c.Query.Get("versionId") == "" {
		return action
	}
	return strings.Replace(action, "Object", "ObjectVersion", 1)
}
