package s3api

import (
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// checkLogging wants the bucket that the log goes to. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html.
func checkLogging(c *call, text string) error {
	var d struct {
		XMLName xml.Name `xml:"BucketLoggingStatus"`
		Enabled *struct {
			TargetBucket string
		} `xml:"LoggingEnabled"`
	}
	if err := xml.Unmarshal([]byte(text), &d); err != nil || d.Enabled != nil && d.Enabled.TargetBucket == "" {
		return malformedXML()
	}
	if d.Enabled == nil {
		return nil
	}
	target := c.api.config.Store.Bucket(d.Enabled.TargetBucket)
	switch {
	case target == nil:
		return logTarget(d.Enabled.TargetBucket, "The target bucket for logging does not exist")
	case target.Account != c.bucket.Account:
		return logTarget(target.Name, "The owner for the bucket to be logged and the target bucket must be the same.")
	case target.Region != c.bucket.Region:
		return awserror.New(http.StatusForbidden, "CrossLocationLoggingProhibited", "Cross S3 location logging not allowed.")
	default:
		return nil
	}
}

func logTarget(bucket, message string) error {
	return awserror.New(http.StatusBadRequest, "InvalidTargetBucketForLogging", "%s", message).With("TargetBucket", cut(bucket))
}

// checkReplication wants versions and rules. Where they lead is not looked at.
func checkReplication(c *call, text string) error {
	var d struct {
		XMLName xml.Name   `xml:"ReplicationConfiguration"`
		Role    string     `xml:"Role"`
		Rules   []struct{} `xml:"Rule"`
	}
	if err := xml.Unmarshal([]byte(text), &d); err != nil || len(d.Rules) == 0 || len(d.Rules) > 1000 {
		return malformedXML()
	}
	if c.bucket.Settings().Versioning != s3store.Enabled {
		return invalidRequest("Versioning must be 'Enabled' on the bucket to apply a replication configuration")
	}
	return nil
}

func checkAccelerate(c *call, text string) error {
	var d struct {
		XMLName xml.Name `xml:"AccelerateConfiguration"`
		Status  string
	}
	if err := xml.Unmarshal([]byte(text), &d); err != nil || d.Status != "Enabled" && d.Status != "Suspended" {
		return malformedXML()
	}
	if strings.Contains(c.Bucket, ".") {
		return invalidRequest("S3 Transfer Acceleration is not supported for buckets with periods (.) in their names")
	}
	return nil
}
