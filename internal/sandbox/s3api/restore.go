package s3api

import (
	"encoding/xml"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
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
	if v.StorageClass != "GLACIER" && v.StorageClass != "DEEP_ARCHIVE" && !c.struck(fault.Archived) {
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

// archived refuses to read what lies in an archive, until it is restored.
func (c *call) archived(v *s3store.Version) error {
	if c.Request.Method != http.MethodGet {
		return nil
	}
	if class, archived := c.archive(v); archived {
		return awserror.New(http.StatusForbidden, "InvalidObjectState", "The operation is not valid for the object's storage class").With("StorageClass", class)
	}
	return nil
}

// archive says whether a version cannot be read for the archive that it lies
// in, by itself or by a fault, and which that is.
func (c *call) archive(v *s3store.Version) (class string, archived bool) {
	if !v.Restored.After(c.now) && c.struck(fault.Archived) {
		return "GLACIER", true
	}
	return v.StorageClass, c.inArchive(v)
}

// inArchive says whether a version lies in an archive, and is not restored.
func (c *call) inArchive(v *s3store.Version) bool {
	return (v.StorageClass == "GLACIER" || v.StorageClass == "DEEP_ARCHIVE") && !v.Restored.After(c.now)
}
