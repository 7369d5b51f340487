package s3api

import (
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

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

// mayBypass says whether the request asks to pass over a governance lock, and
// may.
func (c *call) mayBypass() (bool, error) {
	if !strings.EqualFold(c.Request.Header.Get("X-Amz-Bypass-Governance-Retention"), "true") {
		return false, nil
	}
	return true, c.allowObject("BypassGovernanceRetention")
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
