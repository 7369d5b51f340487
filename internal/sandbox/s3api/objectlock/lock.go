// Package objectlock stores retention periods and legal holds. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html.
package objectlock

import (
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

func isMode(mode string) bool { return mode == "GOVERNANCE" || mode == "COMPLIANCE" }

// Read sets a new version's lock: the request's, or else the bucket's default.
func Read(c *front.Call, v *s3store.Version) error {
	h := c.Request.Header
	mode, until, hold := h.Get(
		"X-Amz-Object-Lock-Mode",
	), h.Get(
		"X-Amz-Object-Lock-Retain-Until-Date",
	), h.Get(
		"X-Amz-Object-Lock-Legal-Hold",
	)
	settings := c.Bucket.Settings()
	if err := checkLockHeaders(mode, until, hold, c.Now); err != nil {
		return err
	}
	if (mode != "" || hold != "") && !settings.ObjectLock {
		return s3error.InvalidRequest("Bucket is missing ObjectLockConfiguration")
	}
	if mode != "" {
		at, err := front.ParseTime(until)
		if err != nil {
			return err
		}
		v.Retention = s3store.Retention{Mode: mode, Until: at}
	} else if settings.ObjectLock {
		v.Retention = defaultRetention(c, settings)
	}
	v.Retention.Hold, v.Retention.HoldSet = hold == "ON", hold != ""
	return nil
}

// checkLockHeaders validates the lock in a request.
func checkLockHeaders(mode, until, hold string, now time.Time) error {
	if mode == "" && until != "" {
		return s3error.InvalidArgument(
			"x-amz-object-lock-mode",
			mode,
			"x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied.",
		)
	}
	if mode != "" && until == "" {
		return s3error.InvalidArgument(
			"x-amz-object-lock-retain-until-date",
			until,
			"x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied.",
		)
	}
	if mode != "" {
		at, err := front.ParseTime(until)
		switch {
		case !isMode(mode):
			return s3error.InvalidArgument("x-amz-object-lock-mode", mode, "Unknown wormMode directive.")
		case err != nil:
			return s3error.InvalidArgument(
				"x-amz-object-lock-retain-until-date",
				until,
				"The retain until date must be provided in ISO 8601 format",
			)
		case !at.After(now):
			return s3error.InvalidArgument(
				"x-amz-object-lock-retain-until-date",
				until,
				"The retain until date must be in the future!",
			)
		}
	}
	if hold != "" && hold != "ON" && hold != "OFF" {
		return s3error.InvalidArgument(
			"x-amz-object-lock-legal-hold",
			hold,
			"Legal Hold must be either of 'ON' or 'OFF'",
		)
	}
	return nil
}

// MayBypass reports whether the request asks to bypass governance locks, and
// the caller may do so.
func MayBypass(c *front.Call) (bool, error) {
	if !strings.EqualFold(c.Request.Header.Get("X-Amz-Bypass-Governance-Retention"), "true") {
		return false, nil
	}
	return true, c.AllowObject("BypassGovernanceRetention")
}

func requireLock(c *front.Call) error {
	if !c.Bucket.Settings().ObjectLock {
		return s3error.InvalidRequest("Bucket is missing Object Lock Configuration")
	}
	return nil
}

func noRetention() error {
	return awserror.New(
		http.StatusNotFound,
		"NoSuchObjectLockConfiguration",
		"The specified object does not have a ObjectLock configuration.",
	)
}

// WriteHeaders writes the headers that describe a version's lock.
func WriteHeaders(c *front.Call, v *s3store.Version) {
	h := c.Writer.Header()
	if v.Retention.Mode != "" {
		h.Set("X-Amz-Object-Lock-Mode", v.Retention.Mode)
		h.Set("X-Amz-Object-Lock-Retain-Until-Date", front.FormatTime(v.Retention.Until))
	}
	if v.Retention.Hold {
		h.Set("X-Amz-Object-Lock-Legal-Hold", "ON")
	}
}
