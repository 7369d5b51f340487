package s3api

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// maxDeletions is how many objects one DeleteObjects names.
const maxDeletions = 1000

func (c *call) deleteObject() error {
	deleted, err := c.deleteOne(c.Key, c.query.Get("versionId"), deleteCondition{
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
	return c.noContent()
}

// deleteCondition is what must hold of an object that is deleted; what is
// empty asks nothing.
type deleteCondition struct {
	etag     string
	size     string // in decimal
	modified string // as HTTP writes times
}

func (d deleteCondition) check(key string, current *s3store.Version) error {
	if d == (deleteCondition{}) {
		return nil
	}
	if current == nil {
		return noSuchKey(key)
	}
	if d.etag != "" && d.etag != "*" && unquote(d.etag) != current.ETag {
		return preconditionFailed("If-Match")
	}
	if d.size != "" && d.size != strconv.FormatInt(current.Size, 10) {
		return preconditionFailed("x-amz-if-match-size")
	}
	if d.modified == "" {
		return nil
	}
	if at, err := parseHTTPTime(d.modified); err != nil || !at.Equal(current.Modified) {
		return preconditionFailed("x-amz-if-match-last-modified-time")
	}
	return nil
}

// parseHTTPTime reads a time as HTTP writes it, or as XML does.
func parseHTTPTime(text string) (time.Time, error) {
	if at, err := http.ParseTime(text); err == nil {
		return at, nil
	}
	return parseMoment(text)
}

// deleteOne decides and carries out one deletion.
func (c *call) deleteOne(key, id string, condition deleteCondition) (s3store.Deleted, error) {
	one := c.on(c.bucket, key, id)
	action := "DeleteObject"
	if id != "" {
		action = "DeleteObjectVersion"
	}
	if err := one.allowObject(action); err != nil {
		return s3store.Deleted{}, err
	}
	if id != "" {
		if err := readableVersionID(id); err != nil {
			return s3store.Deleted{}, err
		}
	}
	bypass, err := one.mayBypass()
	if err != nil {
		return s3store.Deleted{}, err
	}
	check := func(current *s3store.Version) error {
		if id != "" && current != nil && current.Locked(c.now, bypass) {
			return accessDenied("Access Denied because object protected by object lock.")
		}
		return condition.check(key, current)
	}
	deleted, err := c.api.config.Store.Delete(c.bucket, key, id, c.moment(), c.bucket.Account, check)
	if err != nil {
		return deleted, one.storeError(err)
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

func (c *call) deleteObjects() error {
	if claimed, err := claimedChecksum(c.Request); err != nil {
		return err
	} else if claimed.Algorithm == "" && c.Request.Header.Get("Content-Md5") == "" {
		return invalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	}
	var document deleteDocument
	if given, err := c.readXML(&document); err != nil {
		return err
	} else if !given || len(document.Objects) == 0 || len(document.Objects) > maxDeletions {
		return malformedXML()
	}
	result := deleteResult{Namespace: namespace}
	for _, object := range document.Objects {
		deleted, err := c.deleteNamed(object.Key, object.VersionID, deleteCondition{object.ETag, object.Size, object.LastModifiedTime})
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
	return c.writeXML(result)
}

func (c *call) deleteNamed(key, id string, condition deleteCondition) (s3store.Deleted, error) {
	if key == "" || len(key) > 1024 {
		return s3store.Deleted{}, awserror.New(http.StatusBadRequest, "MalformedXML", "The key is not valid.")
	}
	return c.deleteOne(key, id, condition)
}
