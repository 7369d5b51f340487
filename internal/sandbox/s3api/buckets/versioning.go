package buckets

import (
	"encoding/xml"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type versioningDocument struct {
	XMLName   xml.Name           `xml:"VersioningConfiguration"`
	Namespace string             `xml:"xmlns,attr,omitempty"`
	Status    s3store.Versioning `xml:",omitempty"`
	MfaDelete string             `xml:",omitempty"`
}

// GetBucketVersioning serves the operation GetBucketVersioning.
func GetBucketVersioning(c *front.Call) error {
	if err := c.AllowBucket("GetBucketVersioning"); err != nil {
		return err
	}
	return c.WriteXML(versioningDocument{Namespace: front.Namespace, Status: c.Bucket.Settings().Versioning})
}

// PutBucketVersioning serves the operation PutBucketVersioning.
func PutBucketVersioning(c *front.Call) error {
	if err := c.AllowBucket("PutBucketVersioning"); err != nil {
		return err
	}
	var document versioningDocument
	if given, err := c.ReadXML(&document); err != nil {
		return err
	} else if !given || document.Status == "" {
		return awserror.New(
			http.StatusBadRequest,
			"IllegalVersioningConfigurationException",
			"The Versioning element must be specified",
		)
	}
	if document.Status != s3store.Enabled && document.Status != s3store.Suspended {
		return s3error.MalformedXML()
	}
	if document.MfaDelete == "Enabled" {
		return s3error.NotImplemented()
	}
	return c.Configure(http.StatusOK, func(s *s3store.Settings) error {
		if s.ObjectLock && document.Status == s3store.Suspended {
			return awserror.New(
				http.StatusConflict,
				"InvalidBucketState",
				"An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
			)
		}
		s.Versioning = document.Status
		return nil
	})
}
