package notify

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/s3store"
	"github.com/windlass-io/windlass/internal/sandbox/sqsstore"
)

// message is an event message of S3. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html.
type message struct {
	Records []record
}

type record struct {
	EventVersion string            `json:"eventVersion"`
	EventSource  string            `json:"eventSource"`
	Region       string            `json:"awsRegion"`
	Time         string            `json:"eventTime"`
	Name         string            `json:"eventName"`
	User         map[string]string `json:"userIdentity"`
	Request      map[string]string `json:"requestParameters"`
	Response     map[string]string `json:"responseElements"`
	S3           entity            `json:"s3"`
}

type entity struct {
	SchemaVersion   string       `json:"s3SchemaVersion"`
	ConfigurationID string       `json:"configurationId"`
	Bucket          bucketEntity `json:"bucket"`
	Object          objectEntity `json:"object"`
}

type bucketEntity struct {
	Name  string            `json:"name"`
	Owner map[string]string `json:"ownerIdentity"`
	ARN   string            `json:"arn"`
}

type objectEntity struct {
	Key       string `json:"key"`
	Size      *int64 `json:"size,omitempty"`
	ETag      string `json:"eTag,omitempty"`
	VersionID string `json:"versionId,omitempty"`
	Sequencer string `json:"sequencer"`
}

const timeLayout = "2006-01-02T15:04:05.000Z"

func (n *Notifier) message(rule *Rule, change *s3store.Change, event, sequencer string) message {
	v := change.Version
	object := objectEntity{Key: encodeKey(v.Key), Sequencer: sequencer}
	if change.ID != s3store.NullVersion {
		object.VersionID = change.ID
	}
	if !change.Removed {
		object.ETag = v.ETag
		if !v.DeleteMarker {
			object.Size = &v.Size
		}
	}
	version := "2.1"
	if strings.HasPrefix(event, "ObjectTagging:") || strings.HasPrefix(event, "ObjectAcl:") {
		version = "2.3"
	}
	return message{Records: []record{{
		EventVersion: version, EventSource: "aws:s3", Region: change.Bucket.Region,
		Time: n.config.Now().UTC().Format(timeLayout), Name: event,
		User:     map[string]string{"principalId": "AWS:" + change.Cause.Principal},
		Request:  map[string]string{"sourceIPAddress": change.Cause.IP},
		Response: map[string]string{"x-amz-request-id": change.Cause.RequestID, "x-amz-id-2": rand.Text()},
		S3: entity{
			SchemaVersion: "1.0", ConfigurationID: rule.ID,
			Bucket: bucketEntity{
				change.Bucket.Name,
				map[string]string{"principalId": change.Bucket.Account},
				"arn:aws:s3:::" + change.Bucket.Name,
			},
			Object: object,
		},
	}}}
}

type testEvent struct {
	Service   string
	Event     string
	Time      string
	Bucket    string
	RequestID string `json:"RequestId"`
	HostID    string `json:"HostId"`
}

// Test sends the test event to every destination. Faults never touch it.
func (n *Notifier) Test(b *s3store.Bucket, configuration *Configuration, requestID string) error {
	for _, rule := range configuration.Queues {
		queue := n.config.Queues.Queue(rule.Queue)
		if queue == nil {
			continue // deleted a moment ago
		}
		body, err := json.Marshal(testEvent{
			"Amazon S3", "s3:TestEvent", n.config.Now().UTC().Format(timeLayout), b.Name, requestID,
			rand.Text(),
		})
		if err != nil {
			return err
		}
		err = queue.Send([]*sqsstore.Message{{Body: string(body), Sender: sender}}, make([]time.Duration, 1))
		if err != nil {
			return err
		}
	}
	return nil
}
