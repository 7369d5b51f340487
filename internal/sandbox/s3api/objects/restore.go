package objects

import (
	"encoding/xml"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type restoreDocument struct {
	XMLName xml.Name `xml:"RestoreRequest"`
	Days    int
}

// RestoreObject restores an archived object, immediately.
func RestoreObject(c *front.Call) error {
	v, err := c.LockedVersion("RestoreObject")
	if err != nil {
		return err
	}
	var document restoreDocument
	if given, err := c.ReadXML(&document); err != nil {
		return err
	} else if !given || document.Days < 1 {
		return s3error.MalformedXML()
	}
	if v.StorageClass != "GLACIER" && v.StorageClass != "DEEP_ARCHIVE" && !c.HasFault(fault.Archived) {
		return awserror.New(
			http.StatusForbidden,
			"InvalidObjectState",
			"Restore is not allowed for the object's current storage class",
		)
	}
	status := http.StatusAccepted
	if v.Restored.After(c.Now) {
		status = http.StatusOK
	}
	return c.Amend(status, v, func(changed *s3store.Version) error {
		changed.Cause = c.Cause("ObjectRestore:Post", "ObjectRestore:Completed")
		changed.Restored = c.Timestamp().Add(time.Duration(min(document.Days, 36500)) * 24 * time.Hour)
		return nil
	})
}

// checkArchive rejects reads of an archived object that isn't restored.
func checkArchive(c *front.Call, v *s3store.Version) error {
	if c.Request.Method != http.MethodGet {
		return nil
	}
	if class, archived := archiveClass(c, v); archived {
		return awserror.New(http.StatusForbidden, "InvalidObjectState", "The operation is not valid for the "+
			"object's storage class").
			With("StorageClass", class)
	}
	return nil
}

// archiveClass returns a version's storage class, and reports whether the
// version can't be read because it is archived, by its class or by a fault.
func archiveClass(c *front.Call, v *s3store.Version) (class string, archived bool) {
	if !v.Restored.After(c.Now) && c.HasFault(fault.Archived) {
		return "GLACIER", true
	}
	return v.StorageClass, isArchived(c, v)
}

// isArchived reports whether a version is archived and not restored.
func isArchived(c *front.Call, v *s3store.Version) bool {
	return (v.StorageClass == "GLACIER" || v.StorageClass == "DEEP_ARCHIVE") && !v.Restored.After(c.Now)
}
