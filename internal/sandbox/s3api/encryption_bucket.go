package s3api

import (
	"encoding/xml"
	"net/http"

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

func (c *call) getBucketEncryption() error {
	if err := c.allowBucket("GetEncryptionConfiguration"); err != nil {
		return err
	}
	standard := c.bucket.Settings().Encryption
	if standard == nil {
		standard = &s3store.Encryption{Algorithm: "AES256"}
	}
	document := encryptionDocument{Namespace: namespace}
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
	return c.writeXML(document)
}

func (c *call) putBucketEncryption() error {
	if err := c.allowBucket("PutEncryptionConfiguration"); err != nil {
		return err
	}
	var document encryptionDocument
	if given, err := c.readXML(&document); err != nil {
		return err
	} else if !given || len(document.Rules) != 1 {
		return malformedXML()
	}
	rule := document.Rules[0]
	standard := &s3store.Encryption{Algorithm: rule.Default.SSEAlgorithm, KeyID: rule.Default.KMSMasterKeyID, BucketKey: rule.BucketKeyEnabled}
	switch standard.Algorithm {
	case "AES256":
		if standard.KeyID != "" {
			return invalidArgument("KMSMasterKeyID", standard.KeyID, "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse")
		}
	case "aws:kms", "aws:kms:dsse":
	default:
		return malformedXML()
	}
	if err := c.resolveKey(standard); err != nil {
		return err
	}
	return c.configure(http.StatusOK, func(s *s3store.Settings) error {
		s.Encryption = standard
		return nil
	})
}

func (c *call) deleteBucketEncryption() error {
	if err := c.allowBucket("PutEncryptionConfiguration"); err != nil {
		return err
	}
	return c.configure(http.StatusNoContent, func(s *s3store.Settings) error {
		s.Encryption = nil
		return nil
	})
}
