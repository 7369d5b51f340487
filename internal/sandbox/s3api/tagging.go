package s3api

import (
	"encoding/xml"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type taggingDocument struct {
	XMLName   xml.Name `xml:"Tagging"`
	Namespace string   `xml:"xmlns,attr,omitempty"`
	TagSet    *tagSet
}

type tagSet struct {
	Tags []directory.Tag `xml:"Tag"`
}

// readTags reads a request's tags.
func (c *call) readTags(limit int) ([]directory.Tag, error) {
	text, err := c.document()
	if err != nil {
		return nil, err
	}
	return parseTags(text, limit)
}

// parseTags reads a document of tags.
func parseTags(text []byte, limit int) ([]directory.Tag, error) {
	var document taggingDocument
	if err := xml.Unmarshal(text, &document); err != nil || document.TagSet == nil {
		return nil, malformedXML()
	}
	return document.TagSet.Tags, checkTags(document.TagSet.Tags, limit)
}

func (c *call) writeTags(tags []directory.Tag) error {
	return c.writeXML(taggingDocument{Namespace: namespace, TagSet: &tagSet{tags}})
}

func (c *call) getBucketTagging() error {
	if err := c.allowBucket("GetBucketTagging"); err != nil {
		return err
	}
	tags := c.bucket.Settings().Tags
	if len(tags) == 0 {
		return awserror.New(http.StatusNotFound, "NoSuchTagSet", "The TagSet does not exist.").With("BucketName", c.Bucket)
	}
	return c.writeTags(tags)
}

func (c *call) putBucketTagging() error {
	if err := c.allowBucket("PutBucketTagging"); err != nil {
		return err
	}
	tags, err := c.readTags(maxBucketTags)
	if err != nil {
		return err
	}
	return c.configure(http.StatusNoContent, func(s *s3store.Settings) error {
		s.Tags = tags
		return nil
	})
}

func (c *call) deleteBucketTagging() error {
	if err := c.allowBucket("PutBucketTagging"); err != nil {
		return err
	}
	return c.configure(http.StatusNoContent, func(s *s3store.Settings) error {
		s.Tags = nil
		return nil
	})
}

// named gives the version that a call names, which must be an object's, once
// the caller may do the action on it.
func (c *call) named(action string, keys ...authz.Key) (*s3store.Version, error) {
	v, missing := c.bucket.Get(c.Key, c.query.Get("versionId"))
	if missing == nil {
		c.object = v
		keys = append(keys, existingTagKeys(v)...)
	}
	if err := c.allowObject(c.versioned(action), keys...); err != nil {
		return nil, err
	}
	if missing != nil {
		if id := c.query.Get("versionId"); id != "" {
			return nil, c.checkVersionID(id)
		}
		return nil, c.storeError(missing)
	}
	if v.DeleteMarker {
		c.versionHeaders(v)
		if c.query.Get("versionId") == "" {
			return nil, noSuchKey(c.Key)
		}
		return nil, methodNotAllowed(c.Request.Method, "DELETE_MARKER")
	}
	return v, nil
}

func (c *call) getObjectTagging() error {
	v, err := c.named("GetObjectTagging")
	if err != nil {
		return err
	}
	c.versionHeaders(v)
	return c.writeTags(v.Tags)
}

func (c *call) putObjectTagging() error {
	tags, err := c.readTags(maxObjectTags)
	if err != nil {
		return err
	}
	return c.setTags(http.StatusOK, "PutObjectTagging", tags)
}

func (c *call) deleteObjectTagging() error {
	return c.setTags(http.StatusNoContent, "DeleteObjectTagging", nil)
}

func (c *call) setTags(status int, action string, tags []directory.Tag) error {
	v, err := c.named(action, requestTagKeys(tags)...)
	if err != nil {
		return err
	}
	return c.amend(status, v, func(changed *s3store.Version) error {
		changed.Tags = tags
		return nil
	})
}

// amend changes what is known of a version and answers with a status.
func (c *call) amend(status int, v *s3store.Version, change func(*s3store.Version) error) error {
	changed, err := c.api.config.Store.Amend(c.bucket, v.Key, v.ID, change)
	if err != nil {
		return c.storeError(err)
	}
	c.versionHeaders(changed)
	c.Writer.WriteHeader(status)
	return nil
}
