// Package notification serves the notification configuration of buckets.
package notification

import (
	"encoding/xml"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/notify"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// maxConfiguration limits the size of a configuration, in bytes: 100 rules with
// the longest filters.
const maxConfiguration = 1 << 20

// GetBucketNotification serves the operation GetBucketNotificationConfiguration.
func GetBucketNotification(c *front.Call) error {
	if err := c.AllowBucket("GetBucketNotification"); err != nil {
		return err
	}
	configuration := &notify.Configuration{Namespace: front.Namespace}
	if text := c.Bucket.Settings().Documents[notify.Document]; text != "" {
		var err error
		if configuration, err = notify.Parse([]byte(text)); err != nil {
			return err
		}
		configuration.Namespace = front.Namespace
	}
	configuration.XMLName = xml.Name{Local: "NotificationConfiguration"}
	return c.WriteXML(configuration)
}

// PutBucketNotification serves the operation PutBucketNotificationConfiguration.
// Every destination gets a test event.
func PutBucketNotification(c *front.Call) error {
	if err := c.AllowBucket("PutBucketNotification"); err != nil {
		return err
	}
	text, err := c.ReadDocument()
	if err != nil {
		return err
	}
	if len(text) > maxConfiguration {
		return s3error.TooLong(maxConfiguration)
	}
	configuration, err := notify.Parse(text)
	if err != nil {
		return s3error.MalformedXML()
	}
	if err := configuration.Check(); err != nil {
		return err
	}
	skip := c.Request.Header.Get("X-Amz-Skip-Destination-Validation") == "true"
	if !skip {
		if err := c.Config.Notifier.Validate(c.Bucket, configuration, c.RequestID); err != nil {
			return err
		}
	}
	configuration.XMLName, configuration.Namespace = xml.Name{Local: "NotificationConfiguration"}, ""
	canonical, err := xml.Marshal(configuration)
	if err != nil {
		return err
	}
	err = c.Configure(http.StatusOK, func(s *s3store.Settings) error {
		s.Documents[notify.Document] = string(canonical)
		if len(configuration.Queues) == 0 {
			delete(s.Documents, notify.Document)
		}
		return nil
	})
	if err != nil || skip {
		return err
	}
	return c.Config.Notifier.Test(c.Bucket, configuration, c.RequestID)
}
