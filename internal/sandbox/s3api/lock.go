package s3api

import (
	"encoding/xml"
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type lockDocument struct {
	XMLName           xml.Name `xml:"ObjectLockConfiguration"`
	Namespace         string   `xml:"xmlns,attr,omitempty"`
	ObjectLockEnabled string
	Rule              *struct {
		DefaultRetention *struct {
			Mode  string
			Days  *int `xml:",omitempty"`
			Years *int `xml:",omitempty"`
		}
	} `xml:",omitempty"`
}

func (c *call) getObjectLockConfiguration() error {
	if err := c.allowBucket("GetBucketObjectLockConfiguration"); err != nil {
		return err
	}
	settings := c.bucket.Settings()
	if !settings.ObjectLock {
		return awserror.New(http.StatusNotFound, "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket.").With("BucketName", c.Bucket)
	}
	document := lockDocument{Namespace: namespace, ObjectLockEnabled: "Enabled"}
	if text := settings.Documents["object-lock"]; text != "" {
		if err := xml.Unmarshal([]byte(text), &document); err != nil {
			return err
		}
		document.Namespace = namespace
	}
	return c.writeXML(document)
}

func (c *call) putObjectLockConfiguration() error {
	if err := c.allowBucket("PutBucketObjectLockConfiguration"); err != nil {
		return err
	}
	var document lockDocument
	if given, err := c.readXML(&document); err != nil {
		return err
	} else if !given {
		return awserror.New(http.StatusBadRequest, "MissingRequestBodyError", "Request Body is empty")
	}
	if err := document.check(); err != nil {
		return err
	}
	text, err := xml.Marshal(document)
	if err != nil {
		return err
	}
	return c.configure(http.StatusOK, func(s *s3store.Settings) error {
		if s.Versioning != s3store.Enabled {
			return awserror.New(http.StatusConflict, "InvalidBucketState", "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
		}
		s.ObjectLock = true
		s.Documents["object-lock"] = string(text)
		return nil
	})
}

// check holds a configuration to S3's rules.
func (d *lockDocument) check() error {
	if d.ObjectLockEnabled != "Enabled" {
		return malformedXML()
	}
	if d.Rule == nil {
		return nil
	}
	standard := d.Rule.DefaultRetention
	if standard == nil || !knownMode(standard.Mode) || (standard.Days == nil) == (standard.Years == nil) {
		return malformedXML()
	}
	for _, period := range []struct {
		name  string
		value *int
		most  int
	}{{"Days", standard.Days, 36500}, {"Years", standard.Years, 100}} {
		switch {
		case period.value == nil:
		case *period.value <= 0:
			return invalidArgument(period.name, itoa(*period.value), "Default retention period must be a positive integer value.")
		case *period.value > period.most:
			return invalidArgument(period.name, itoa(*period.value), "Default retention period too large.")
		}
	}
	return nil
}

func knownMode(mode string) bool { return mode == "GOVERNANCE" || mode == "COMPLIANCE" }

// readRetention gives a new version the lock that the request, or else the
// bucket, asks for.
func (c *call) readRetention(v *s3store.Version) error {
	h := c.Request.Header
	mode, until, hold := h.Get("X-Amz-Object-Lock-Mode"), h.Get("X-Amz-Object-Lock-Retain-Until-Date"), h.Get("X-Amz-Object-Lock-Legal-Hold")
	settings := c.bucket.Settings()
	if err := checkLockHeaders(mode, until, hold, c.now); err != nil {
		return err
	}
	if (mode != "" || hold != "") && !settings.ObjectLock {
		return invalidRequest("Bucket is missing ObjectLockConfiguration")
	}
	if mode != "" {
		at, err := parseMoment(until)
		if err != nil {
			return err
		}
		v.Retention = s3store.Retention{Mode: mode, Until: at}
	} else if settings.ObjectLock {
		v.Retention = c.standardRetention(settings)
	}
	v.Retention.Hold, v.Retention.HoldSet = hold == "ON", hold != ""
	return nil
}

// checkLockHeaders says what is wrong with the lock that a request asks for.
func checkLockHeaders(mode, until, hold string, now time.Time) error {
	if mode == "" && until != "" {
		return invalidArgument("x-amz-object-lock-mode", mode, "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied.")
	}
	if mode != "" && until == "" {
		return invalidArgument("x-amz-object-lock-retain-until-date", until, "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied.")
	}
	if mode != "" {
		at, err := parseMoment(until)
		switch {
		case !knownMode(mode):
			return invalidArgument("x-amz-object-lock-mode", mode, "Unknown wormMode directive.")
		case err != nil:
			return invalidArgument("x-amz-object-lock-retain-until-date", until, "The retain until date must be provided in ISO 8601 format")
		case !at.After(now):
			return invalidArgument("x-amz-object-lock-retain-until-date", until, "The retain until date must be in the future!")
		}
	}
	if hold != "" && hold != "ON" && hold != "OFF" {
		return invalidArgument("x-amz-object-lock-legal-hold", hold, "Legal Hold must be either of 'ON' or 'OFF'")
	}
	return nil
}

func parseMoment(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	return at.UTC(), err
}

func (c *call) standardRetention(settings *s3store.Settings) s3store.Retention {
	var document lockDocument
	if err := xml.Unmarshal([]byte(settings.Documents["object-lock"]), &document); err != nil || document.Rule == nil || document.Rule.DefaultRetention == nil {
		return s3store.Retention{}
	}
	standard := document.Rule.DefaultRetention
	days := 0
	if standard.Days != nil {
		days = *standard.Days
	}
	if standard.Years != nil {
		days = *standard.Years * 365
	}
	return s3store.Retention{Mode: standard.Mode, Until: c.moment().AddDate(0, 0, days)}
}

// mayBypass says whether the request asks to pass over a governance lock, and
// may.
func (c *call) mayBypass() (bool, error) {
	if !strings.EqualFold(c.Request.Header.Get("X-Amz-Bypass-Governance-Retention"), "true") {
		return false, nil
	}
	return true, c.allowObject("BypassGovernanceRetention")
}

type retentionDocument struct {
	XMLName   xml.Name `xml:"Retention"`
	Namespace string   `xml:"xmlns,attr,omitempty"`
	Mode      string
	Until     string `xml:"RetainUntilDate"`
}

func (c *call) lockable() error {
	if !c.bucket.Settings().ObjectLock {
		return invalidRequest("Bucket is missing Object Lock Configuration")
	}
	return nil
}

func noLock() error {
	return awserror.New(http.StatusNotFound, "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration.")
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

// nowVersioned is named for actions whose name does not change with a version.
func (c *call) nowVersioned(action string, keys ...authz.Key) (*s3store.Version, error) {
	if err := c.allowObject(action, keys...); err != nil {
		return nil, err
	}
	v, err := c.bucket.Get(c.Key, c.query.Get("versionId"))
	if err != nil {
		if id := c.query.Get("versionId"); id != "" {
			return nil, c.checkVersionID(id)
		}
		return nil, c.storeError(err)
	}
	if v.DeleteMarker {
		return nil, methodNotAllowed(c.Request.Method, "DELETE_MARKER")
	}
	return v, nil
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

// lockHeaders tells what lock a version has.
func (c *call) lockHeaders(v *s3store.Version) {
	h := c.Writer.Header()
	if v.Retention.Mode != "" {
		h.Set("X-Amz-Object-Lock-Mode", v.Retention.Mode)
		h.Set("X-Amz-Object-Lock-Retain-Until-Date", stamp(v.Retention.Until))
	}
	if v.Retention.Hold {
		h.Set("X-Amz-Object-Lock-Legal-Hold", "ON")
	}
}
