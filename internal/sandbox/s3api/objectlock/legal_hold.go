package objectlock

import (
	"encoding/xml"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type holdDocument struct {
	XMLName   xml.Name `xml:"LegalHold"`
	Namespace string   `xml:"xmlns,attr,omitempty"`
	Status    string
}

// GetObjectLegalHold serves the operation GetObjectLegalHold.
func GetObjectLegalHold(c *front.Call) error {
	v, err := c.LockedVersion("GetObjectLegalHold")
	if err != nil {
		return err
	}
	if err := requireLock(c); err != nil {
		return err
	}
	status := "OFF"
	if !v.Retention.Hold && !v.Retention.HoldSet {
		return noRetention()
	}
	if v.Retention.Hold {
		status = "ON"
	}
	return c.WriteXML(holdDocument{Namespace: front.Namespace, Status: status})
}

// PutObjectLegalHold serves the operation PutObjectLegalHold.
func PutObjectLegalHold(c *front.Call) error {
	var document holdDocument
	given, err := c.ReadXML(&document)
	if err != nil {
		return err
	}
	if !given || document.Status != "ON" && document.Status != "OFF" {
		return s3error.MalformedXML()
	}
	v, err := c.LockedVersion("PutObjectLegalHold", authz.K("s3:object-lock-legal-hold", document.Status))
	if err != nil {
		return err
	}
	if err := requireLock(c); err != nil {
		return err
	}
	return c.Amend(http.StatusOK, v, func(changed *s3store.Version) error {
		changed.Retention.Hold, changed.Retention.HoldSet = document.Status == "ON", true
		return nil
	})
}
