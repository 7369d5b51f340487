package s3api

import (
	"encoding/xml"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type holdDocument struct {
	XMLName   xml.Name `xml:"LegalHold"`
	Namespace string   `xml:"xmlns,attr,omitempty"`
	Status    string
}

func (c *call) getObjectLegalHold() error {
	v, err := c.nowVersioned("GetObjectLegalHold")
	if err != nil {
		return err
	}
	if err := c.lockable(); err != nil {
		return err
	}
	status := "OFF"
	if !v.Retention.Hold && !v.Retention.HoldSet {
		return noLock()
	}
	if v.Retention.Hold {
		status = "ON"
	}
	return c.writeXML(holdDocument{Namespace: namespace, Status: status})
}

func (c *call) putObjectLegalHold() error {
	var document holdDocument
	given, err := c.readXML(&document)
	if err != nil {
		return err
	}
	if !given || document.Status != "ON" && document.Status != "OFF" {
		return malformedXML()
	}
	v, err := c.nowVersioned("PutObjectLegalHold", authz.K("s3:object-lock-legal-hold", document.Status))
	if err != nil {
		return err
	}
	if err := c.lockable(); err != nil {
		return err
	}
	return c.amend(http.StatusOK, v, func(changed *s3store.Version) error {
		changed.Retention.Hold, changed.Retention.HoldSet = document.Status == "ON", true
		return nil
	})
}
