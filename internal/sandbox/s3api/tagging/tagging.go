// Package tagging reads and changes the tags of buckets and objects.
package tagging

import (
	"encoding/xml"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type taggingDocument struct {
	XMLName   xml.Name `xml:"Tagging"`
	Namespace string   `xml:"xmlns,attr,omitempty"`
	TagSet    *TagSet
}

// TagSet is a list of tags in a document.
type TagSet struct {
	Tags []directory.Tag `xml:"Tag"`
}

// readTags returns the tags in a request.
func readTags(c *front.Call, limit int) ([]directory.Tag, error) {
	text, err := c.ReadDocument()
	if err != nil {
		return nil, err
	}
	return Parse(text, limit)
}

// Parse parses a document with tags.
func Parse(text []byte, limit int) ([]directory.Tag, error) {
	var document taggingDocument
	if err := xml.Unmarshal(text, &document); err != nil || document.TagSet == nil {
		return nil, s3error.MalformedXML()
	}
	return document.TagSet.Tags, Check(document.TagSet.Tags, limit)
}

func writeTags(c *front.Call, tags []directory.Tag) error {
	return c.WriteXML(taggingDocument{Namespace: front.Namespace, TagSet: &TagSet{tags}})
}

// GetBucketTagging serves the operation GetBucketTagging.
func GetBucketTagging(c *front.Call) error {
	if err := c.AllowBucket("GetBucketTagging"); err != nil {
		return err
	}
	tags := c.Bucket.Settings().Tags
	if len(tags) == 0 {
		return awserror.New(http.StatusNotFound, "NoSuchTagSet", "The TagSet does not exist.").
			With("BucketName", c.BucketName)
	}
	return writeTags(c, tags)
}

// PutBucketTagging serves the operation PutBucketTagging.
func PutBucketTagging(c *front.Call) error {
	if err := c.AllowBucket("PutBucketTagging"); err != nil {
		return err
	}
	tags, err := readTags(c, MaxBucket)
	if err != nil {
		return err
	}
	return c.Configure(http.StatusNoContent, func(s *s3store.Settings) error {
		s.Tags = tags
		return nil
	})
}

// DeleteBucketTagging serves the operation DeleteBucketTagging.
func DeleteBucketTagging(c *front.Call) error {
	if err := c.AllowBucket("PutBucketTagging"); err != nil {
		return err
	}
	return c.Configure(http.StatusNoContent, func(s *s3store.Settings) error {
		s.Tags = nil
		return nil
	})
}

// GetObjectTagging serves the operation GetObjectTagging.
func GetObjectTagging(c *front.Call) error {
	v, err := c.ObjectVersion("GetObjectTagging")
	if err != nil {
		return err
	}
	c.VersionHeaders(v)
	return writeTags(c, v.Tags)
}

// PutObjectTagging serves the operation PutObjectTagging.
func PutObjectTagging(c *front.Call) error {
	tags, err := readTags(c, MaxObject)
	if err != nil {
		return err
	}
	return setTags(c, http.StatusOK, "PutObjectTagging", tags)
}

// DeleteObjectTagging serves the operation DeleteObjectTagging.
func DeleteObjectTagging(c *front.Call) error {
	return setTags(c, http.StatusNoContent, "DeleteObjectTagging", nil)
}

func setTags(c *front.Call, status int, action string, tags []directory.Tag) error {
	v, err := c.ObjectVersion(action, RequestKeys(tags)...)
	if err != nil {
		return err
	}
	return c.Amend(status, v, func(changed *s3store.Version) error {
		changed.Tags = tags
		changed.Cause = c.Cause("ObjectTagging:" + map[bool]string{
			true:  "Put",
			false: "Delete",
		}[status == http.StatusOK])
		return nil
	})
}
