package objectlock

import (
	"encoding/xml"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type retentionDocument struct {
	XMLName   xml.Name `xml:"Retention"`
	Namespace string   `xml:"xmlns,attr,omitempty"`
	Mode      string
	Until     string `xml:"RetainUntilDate"`
}

// GetObjectRetention serves the operation GetObjectRetention.
func GetObjectRetention(c *front.Call) error {
	v, err := c.LockedVersion("GetObjectRetention")
	if err != nil {
		return err
	}
	if err := requireLock(c); err != nil {
		return err
	}
	if v.Retention.Mode == "" {
		return noRetention()
	}
	return c.WriteXML(
		retentionDocument{
			Namespace: front.Namespace,
			Mode:      v.Retention.Mode,
			Until:     v.Retention.Until.Format("2006-01-02T15:04:05.000Z"),
		},
	)
}

// PutObjectRetention serves the operation PutObjectRetention.
func PutObjectRetention(c *front.Call) error {
	var document retentionDocument
	given, err := c.ReadXML(&document)
	if err != nil {
		return err
	}
	at, dateErr := front.ParseTime(document.Until)
	switch {
	case !given || !isMode(document.Mode) || dateErr != nil:
		return s3error.MalformedXML()
	case !at.After(c.Now):
		return s3error.InvalidArgument(
			"x-amz-object-lock-retain-until-date",
			document.Until,
			"The retain until date must be in the future!",
		)
	}
	v, err := c.LockedVersion(
		"PutObjectRetention",
		authz.K("s3:object-lock-mode", document.Mode),
		authz.K("s3:object-lock-retain-until-date", document.Until),
	)
	if err != nil {
		return err
	}
	if err := requireLock(c); err != nil {
		return err
	}
	bypass, err := MayBypass(c)
	if err != nil {
		return err
	}
	return c.Amend(http.StatusOK, v, func(changed *s3store.Version) error {
		weaker := changed.Retention.Mode != "" && changed.Retention.Until.After(c.Now) &&
			(at.Before(changed.Retention.Until) || document.Mode != changed.Retention.Mode)
		if weaker && (changed.Retention.Mode == "COMPLIANCE" || !bypass) {
			return s3error.AccessDenied("Access Denied because object protected by object lock.")
		}
		changed.Retention.Mode, changed.Retention.Until = document.Mode, at
		return nil
	})
}
