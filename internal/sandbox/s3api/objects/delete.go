package objects

import (
	"encoding/xml"
	"net/http"
	"strconv"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/checksum"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/objectlock"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// maxDeletions is the maximum number of objects in one DeleteObjects.
const maxDeletions = 1000

// DeleteObject serves the operation DeleteObject.
func DeleteObject(c *front.Call) error {
	deleted, err := deleteVersion(c, c.Key, c.Query.Get("versionId"), deleteCondition{
		etag: c.Request.Header.Get("If-Match"), size: c.Request.Header.Get("X-Amz-If-Match-Size"),
		modified: c.Request.Header.Get("X-Amz-If-Match-Last-Modified-Time"),
	})
	if err != nil {
		return err
	}
	if deleted.VersionID != "" {
		c.Writer.Header().Set("X-Amz-Version-Id", deleted.VersionID)
	}
	if deleted.DeleteMarker {
		c.Writer.Header().Set("X-Amz-Delete-Marker", "true")
	}
	return c.NoContent()
}

// deleteCondition is a condition on the object to delete. Empty fields match
// everything.
type deleteCondition struct {
	etag     string
	size     string // in decimal
	modified string // in the format of HTTP
}

func (d deleteCondition) check(key string, current *s3store.Version) error {
	if d == (deleteCondition{}) {
		return nil
	}
	if current == nil {
		return s3error.NoSuchKey(key)
	}
	if d.etag != "" && d.etag != "*" && front.Unquote(d.etag) != current.ETag {
		return s3error.PreconditionFailed("If-Match")
	}
	if d.size != "" && d.size != strconv.FormatInt(current.Size, 10) {
		return s3error.PreconditionFailed("x-amz-if-match-size")
	}
	if d.modified == "" {
		return nil
	}
	if at, err := front.ParseHTTPTime(d.modified); err != nil || !at.Equal(current.Modified) {
		return s3error.PreconditionFailed("x-amz-if-match-last-modified-time")
	}
	return nil
}

// deleteVersion decides and performs one deletion.
func deleteVersion(c *front.Call, key, id string, condition deleteCondition) (s3store.Deleted, error) {
	target := c.ForObject(c.Bucket, key, id)
	action := "DeleteObject"
	if id != "" {
		action = "DeleteObjectVersion"
	}
	if err := target.AllowObject(action); err != nil {
		return s3store.Deleted{}, err
	}
	if id != "" {
		if err := front.ReadableVersionID(id); err != nil {
			return s3store.Deleted{}, err
		}
	}
	bypass, err := objectlock.MayBypass(target)
	if err != nil {
		return s3store.Deleted{}, err
	}
	check := func(current *s3store.Version) error {
		if id != "" && current != nil && current.Locked(c.Now, bypass) {
			return s3error.AccessDenied("Access Denied because object protected by object lock.")
		}
		return condition.check(key, current)
	}
	deleted, err := c.Config.Store.Delete(c.Bucket, &s3store.Deletion{
		Key: key, ID: id, Now: c.Timestamp(), Owner: c.Bucket.Account, Check: check, Cause: c.Cause(),
	})
	if err != nil {
		return deleted, target.StoreError(err)
	}
	return deleted, nil
}

type deleteDocument struct {
	XMLName xml.Name `xml:"Delete"`
	Quiet   bool
	Objects []struct {
		Key              string
		VersionID        string `xml:"VersionId"`
		ETag             string
		Size             string
		LastModifiedTime string
	} `xml:"Object"`
}

type deletedXML struct {
	Key                   string
	VersionID             string `xml:"VersionId,omitempty"`
	DeleteMarker          string `xml:",omitempty"`
	DeleteMarkerVersionID string `xml:"DeleteMarkerVersionId,omitempty"`
}

type deleteErrorXML struct {
	Key       string
	VersionID string `xml:"VersionId,omitempty"`
	Code      string
	Message   string
}

type deleteResult struct {
	XMLName   xml.Name         `xml:"DeleteResult"`
	Namespace string           `xml:"xmlns,attr"`
	Deleted   []deletedXML     `xml:",omitempty"`
	Errors    []deleteErrorXML `xml:"Error,omitempty"`
}

// DeleteObjects serves the operation DeleteObjects.
func DeleteObjects(c *front.Call) error {
	if claimed, err := checksum.FromRequest(c.Request); err != nil {
		return err
	} else if claimed.Algorithm == "" && c.Request.Header.Get("Content-Md5") == "" {
		return s3error.InvalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	}
	var document deleteDocument
	if given, err := c.ReadXML(&document); err != nil {
		return err
	} else if !given || len(document.Objects) == 0 || len(document.Objects) > maxDeletions {
		return s3error.MalformedXML()
	}
	result := deleteResult{Namespace: front.Namespace}
	for _, object := range document.Objects {
		deleted, err := deleteListed(
			c,
			object.Key,
			object.VersionID,
			deleteCondition{object.ETag, object.Size, object.LastModifiedTime},
		)
		if err != nil {
			e := awserror.From(err)
			result.Errors = append(result.Errors, deleteErrorXML{object.Key, object.VersionID, e.Code, e.Message})
			continue
		}
		if document.Quiet {
			continue
		}
		shown := deletedXML{Key: object.Key, VersionID: object.VersionID}
		if deleted.DeleteMarker {
			shown.DeleteMarker, shown.DeleteMarkerVersionID = strconv.FormatBool(true), deleted.VersionID
		}
		result.Deleted = append(result.Deleted, shown)
	}
	return c.WriteXML(result)
}

func deleteListed(c *front.Call, key, id string, condition deleteCondition) (s3store.Deleted, error) {
	if key == "" || len(key) > 1024 {
		return s3store.Deleted{}, awserror.New(http.StatusBadRequest, "MalformedXML", "The key is not valid.")
	}
	return deleteVersion(c, key, id, condition)
}
