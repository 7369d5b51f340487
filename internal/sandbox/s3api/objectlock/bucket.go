package objectlock

import (
	"encoding/xml"
	"net/http"
	"strconv"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
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

// GetObjectLockConfiguration serves the operation GetObjectLockConfiguration.
func GetObjectLockConfiguration(c *front.Call) error {
	if err := c.AllowBucket("GetBucketObjectLockConfiguration"); err != nil {
		return err
	}
	settings := c.Bucket.Settings()
	if !settings.ObjectLock {
		return awserror.New(http.StatusNotFound, "ObjectLockConfigurationNotFoundError", "Object Lock configuration "+
			"does not exist for this bucket.").
			With("BucketName", c.BucketName)
	}
	document := lockDocument{Namespace: front.Namespace, ObjectLockEnabled: "Enabled"}
	if text := settings.Documents["object-lock"]; text != "" {
		if err := xml.Unmarshal([]byte(text), &document); err != nil {
			return err
		}
		document.Namespace = front.Namespace
	}
	return c.WriteXML(document)
}

// PutObjectLockConfiguration serves the operation PutObjectLockConfiguration.
func PutObjectLockConfiguration(c *front.Call) error {
	if err := c.AllowBucket("PutBucketObjectLockConfiguration"); err != nil {
		return err
	}
	var document lockDocument
	if given, err := c.ReadXML(&document); err != nil {
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
	return c.Configure(http.StatusOK, func(s *s3store.Settings) error {
		if s.Versioning != s3store.Enabled {
			return awserror.New(
				http.StatusConflict,
				"InvalidBucketState",
				"Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
			)
		}
		s.ObjectLock = true
		s.Documents["object-lock"] = string(text)
		return nil
	})
}

// check validates a configuration.
func (d *lockDocument) check() error {
	if d.ObjectLockEnabled != "Enabled" {
		return s3error.MalformedXML()
	}
	if d.Rule == nil {
		return nil
	}
	standard := d.Rule.DefaultRetention
	if standard == nil || !isMode(standard.Mode) || (standard.Days == nil) == (standard.Years == nil) {
		return s3error.MalformedXML()
	}
	for _, period := range []struct {
		name  string
		value *int
		most  int
	}{{"Days", standard.Days, 36500}, {"Years", standard.Years, 100}} {
		switch {
		case period.value == nil:
		case *period.value <= 0:
			return s3error.InvalidArgument(
				period.name,
				strconv.Itoa(*period.value),
				"Default retention period must be a positive integer value.",
			)
		case *period.value > period.most:
			return s3error.InvalidArgument(
				period.name,
				strconv.Itoa(*period.value),
				"Default retention period too large.",
			)
		}
	}
	return nil
}

func defaultRetention(c *front.Call, settings *s3store.Settings) s3store.Retention {
	var document lockDocument
	if err := xml.Unmarshal(
		[]byte(settings.Documents["object-lock"]),
		&document,
	); err != nil || document.Rule == nil ||
		document.Rule.DefaultRetention == nil {
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
	return s3store.Retention{Mode: standard.Mode, Until: c.Timestamp().AddDate(0, 0, days)}
}
