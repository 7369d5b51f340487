package buckets

import (
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// checkLogging checks that the target bucket exists. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html.
func checkLogging(c *front.Call, text string) error {
	var d struct {
		XMLName xml.Name `xml:"BucketLoggingStatus"`
		Enabled *struct {
			TargetBucket string
		} `xml:"LoggingEnabled"`
	}
	if err := xml.Unmarshal([]byte(text), &d); err != nil || d.Enabled != nil && d.Enabled.TargetBucket == "" {
		return s3error.MalformedXML()
	}
	if d.Enabled == nil {
		return nil
	}
	target := c.Config.Store.Bucket(d.Enabled.TargetBucket)
	switch {
	case target == nil:
		return logTarget(d.Enabled.TargetBucket, "The target bucket for logging does not exist")
	case target.Account != c.Bucket.Account:
		return logTarget(target.Name, "The owner for the bucket to be logged and the target bucket must be the same.")
	case target.Region != c.Bucket.Region:
		return awserror.New(
			http.StatusForbidden,
			"CrossLocationLoggingProhibited",
			"Cross S3 location logging not allowed.",
		)
	default:
		return nil
	}
}

func logTarget(bucket, message string) error {
	return awserror.New(http.StatusBadRequest, "InvalidTargetBucketForLogging", "%s", message).
		With("TargetBucket", s3error.Cut(bucket))
}

// checkReplication requires versioning and rules. It doesn't check the
// destinations.
func checkReplication(c *front.Call, text string) error {
	var d struct {
		XMLName xml.Name   `xml:"ReplicationConfiguration"`
		Role    string     `xml:"Role"`
		Rules   []struct{} `xml:"Rule"`
	}
	if err := xml.Unmarshal([]byte(text), &d); err != nil || len(d.Rules) == 0 || len(d.Rules) > 1000 {
		return s3error.MalformedXML()
	}
	if c.Bucket.Settings().Versioning != s3store.Enabled {
		return s3error.InvalidRequest("Versioning must be 'Enabled' on the bucket to apply a replication configuration")
	}
	return nil
}

func checkAccelerate(c *front.Call, text string) error {
	var d struct {
		XMLName xml.Name `xml:"AccelerateConfiguration"`
		Status  string
	}
	if err := xml.Unmarshal([]byte(text), &d); err != nil || d.Status != "Enabled" && d.Status != "Suspended" {
		return s3error.MalformedXML()
	}
	if strings.Contains(c.BucketName, ".") {
		return s3error.InvalidRequest(
			"S3 Transfer Acceleration is not supported for buckets with periods (.) in their names",
		)
	}
	return nil
}
