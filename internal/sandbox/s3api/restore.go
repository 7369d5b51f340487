package s3api

import (
	"encoding/xml"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type restoreDocument struct {
	XMLName xml.Name `xml:"RestoreRequest"`
	Days    int
}

// restoreObject brings an object back from the archive, at once.
func (c *call) restoreObject() error {
	v, err := c.nowVersioned("RestoreObject")
	if err != nil {
		return err
	}
	var document restoreDocument
	if given, err := c.readXML(&document); err != nil {
		return err
	} else if !given || document.Days < 1 {
		return malformedXML()
	}
	if v.StorageClass != "GLACIER" && v.StorageClass != "DEEP_ARCHIVE" {
		return awserror.New(http.StatusForbidden, "InvalidObjectState", "Restore is not allowed for the object's current storage class")
	}
	status := http.StatusAccepted
	if v.Restored.After(c.now) {
		status = http.StatusOK
	}
	return c.amend(status, v, func(changed *s3store.Version) error {
		changed.Restored = c.moment().Add(time.Duration(min(document.Days, 36500)) * 24 * time.Hour)
		return nil
	})
}
