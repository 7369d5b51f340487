package encryption

import (
	"encoding/xml"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type encryptionDocument struct {
	XMLName   xml.Name `xml:"ServerSideEncryptionConfiguration"`
	Namespace string   `xml:"xmlns,attr,omitempty"`
	Rules     []struct {
		Default struct {
			SSEAlgorithm   string
			KMSMasterKeyID string `xml:",omitempty"`
		} `xml:"ApplyServerSideEncryptionByDefault"`
		BucketKeyEnabled bool
	} `xml:"Rule"`
}

// GetBucketEncryption serves the operation GetBucketEncryption.
func GetBucketEncryption(c *front.Call) error {
	if err := c.AllowBucket("GetEncryptionConfiguration"); err != nil {
		return err
	}
	standard := c.Bucket.Settings().Encryption
	if standard == nil {
		standard = &s3store.Encryption{Algorithm: "AES256"}
	}
	document := encryptionDocument{Namespace: front.Namespace}
	document.Rules = append(document.Rules, struct {
		Default struct {
			SSEAlgorithm   string
			KMSMasterKeyID string `xml:",omitempty"`
		} `xml:"ApplyServerSideEncryptionByDefault"`
		BucketKeyEnabled bool
	}{})
	rule := &document.Rules[0]
	rule.Default.SSEAlgorithm, rule.BucketKeyEnabled = standard.Algorithm, standard.BucketKey
	if standard.KeyID != "alias/aws/s3" {
		rule.Default.KMSMasterKeyID = standard.KeyID
	}
	return c.WriteXML(document)
}

// PutBucketEncryption serves the operation PutBucketEncryption.
func PutBucketEncryption(c *front.Call) error {
	if err := c.AllowBucket("PutEncryptionConfiguration"); err != nil {
		return err
	}
	var document encryptionDocument
	if given, err := c.ReadXML(&document); err != nil {
		return err
	} else if !given || len(document.Rules) != 1 {
		return s3error.MalformedXML()
	}
	rule := document.Rules[0]
	standard := &s3store.Encryption{
		Algorithm: rule.Default.SSEAlgorithm,
		KeyID:     rule.Default.KMSMasterKeyID,
		BucketKey: rule.BucketKeyEnabled,
	}
	switch standard.Algorithm {
	case "AES256":
		if standard.KeyID != "" {
			return s3error.InvalidArgument(
				"KMSMasterKeyID",
				standard.KeyID,
				"a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
			)
		}
	case "aws:kms", "aws:kms:dsse":
	default:
		return s3error.MalformedXML()
	}
	if err := resolveKey(c, standard); err != nil {
		return err
	}
	return c.Configure(http.StatusOK, func(s *s3store.Settings) error {
		s.Encryption = standard
		return nil
	})
}

// DeleteBucketEncryption serves the operation DeleteBucketEncryption.
func DeleteBucketEncryption(c *front.Call) error {
	if err := c.AllowBucket("PutEncryptionConfiguration"); err != nil {
		return err
	}
	return c.Configure(http.StatusNoContent, func(s *s3store.Settings) error {
		s.Encryption = nil
		return nil
	})
}
