package s3api

import (
	"encoding/xml"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type retentionDocument struct {
	XMLName   xml.Name `xml:"Retention"`
	Namespace string   `xml:"xmlns,attr,omitempty"`
	Mode      string
	Until     string `xml:"RetainUntilDate"`
}

func (c *call) getObjectRetention() error {
	v, err := c.nowVersioned("GetObjectRetention")
	if err != nil {
		return err
	}
	if err := c.lockable(); err != nil {
		return err
	}
	if v.Retention.Mode == "" {
		return noLock()
	}
	return c.writeXML(retentionDocument{Namespace: namespace, Mode: v.Retention.Mode, Until: v.Retention.Until.Format("2006-01-02T15:04:05.000Z")})
}

func (c *call) putObjectRetention() error {
	var document retentionDocument
	given, err := c.readXML(&document)
	if err != nil {
		return err
	}
	at, dateErr := parseMoment(document.Until)
	switch {
	case !given || !knownMode(document.Mode) || dateErr != nil:
		return malformedXML()
	case !at.After(c.now):
		return invalidArgument("x-amz-object-lock-retain-until-date", document.Until, "The retain until date must be in the future!")
	}
	v, err := c.nowVersioned("PutObjectRetention", authz.K("s3:object-lock-mode", document.Mode), authz.K("s3:object-lock-retain-until-date", document.Until))
	if err != nil {
		return err
	}
	if err := c.lockable(); err != nil {
		return err
	}
	bypass, err := c.mayBypass()
	if err != nil {
		return err
	}
	return c.amend(http.StatusOK, v, func(changed *s3store.Version) error {
		weaker := changed.Retention.Mode != "" && changed.Retention.Until.After(c.now) && (at.Before(changed.Retention.Until) || document.Mode != changed.Retention.Mode)
		if weaker && (changed.Retention.Mode == "COMPLIANCE" || !bypass) {
			return accessDenied("Access Denied because object protected by object lock.")
		}
		changed.Retention.Mode, changed.Retention.Until = document.Mode, at
		return nil
	})
}
