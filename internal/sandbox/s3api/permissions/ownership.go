package permissions

import (
	"encoding/xml"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/grants"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type publicBlockDocument struct {
	XMLName               xml.Name `xml:"PublicAccessBlockConfiguration"`
	Namespace             string   `xml:"xmlns,attr,omitempty"`
	BlockPublicAcls       bool
	IgnorePublicAcls      bool
	BlockPublicPolicy     bool
	RestrictPublicBuckets bool
}

// GetPublicAccessBlock serves the operation GetPublicAccessBlock.
func GetPublicAccessBlock(c *front.Call) error {
	if err := c.AllowBucket("GetBucketPublicAccessBlock"); err != nil {
		return err
	}
	block := c.Bucket.Settings().PublicBlock
	if block == nil {
		return awserror.New(http.StatusNotFound, "NoSuchPublicAccessBlockConfiguration", "The public access block "+
			"configuration was not found").
			With("BucketName", c.BucketName)
	}
	return c.WriteXML(
		publicBlockDocument{
			Namespace:             front.Namespace,
			BlockPublicAcls:       block.BlockPublicAcls,
			IgnorePublicAcls:      block.IgnorePublicAcls,
			BlockPublicPolicy:     block.BlockPublicPolicy,
			RestrictPublicBuckets: block.RestrictPublicBuckets,
		},
	)
}

// PutPublicAccessBlock serves the operation PutPublicAccessBlock.
func PutPublicAccessBlock(c *front.Call) error {
	if err := c.AllowBucket("PutBucketPublicAccessBlock"); err != nil {
		return err
	}
	var d publicBlockDocument
	if given, err := c.ReadXML(&d); err != nil {
		return err
	} else if !given {
		return s3error.MalformedXML()
	}
	return c.Configure(http.StatusOK, func(s *s3store.Settings) error {
		s.PublicBlock = &s3store.PublicBlock{
			BlockPublicAcls:       d.BlockPublicAcls,
			IgnorePublicAcls:      d.IgnorePublicAcls,
			BlockPublicPolicy:     d.BlockPublicPolicy,
			RestrictPublicBuckets: d.RestrictPublicBuckets,
		}
		return nil
	})
}

// DeletePublicAccessBlock serves the operation DeletePublicAccessBlock.
func DeletePublicAccessBlock(c *front.Call) error {
	if err := c.AllowBucket("PutBucketPublicAccessBlock"); err != nil {
		return err
	}
	return c.Configure(http.StatusNoContent, func(s *s3store.Settings) error {
		s.PublicBlock = nil
		return nil
	})
}

type policyStatusDocument struct {
	XMLName   xml.Name `xml:"PolicyStatus"`
	Namespace string   `xml:"xmlns,attr"`
	IsPublic  bool
}

// GetBucketPolicyStatus serves the operation GetBucketPolicyStatus.
func GetBucketPolicyStatus(c *front.Call) error {
	if err := c.AllowBucket("GetBucketPolicyStatus"); err != nil {
		return err
	}
	document := c.PolicyOf(c.Bucket)
	if document == nil {
		return noBucketPolicy(c.BucketName)
	}
	return c.WriteXML(policyStatusDocument{Namespace: front.Namespace, IsPublic: grants.IsPublic(document.Policy())})
}

type ownershipDocument struct {
	XMLName   xml.Name `xml:"OwnershipControls"`
	Namespace string   `xml:"xmlns,attr,omitempty"`
	Rules     []struct {
		ObjectOwnership string
	} `xml:"Rule"`
}

// GetBucketOwnershipControls serves the operation GetBucketOwnershipControls.
func GetBucketOwnershipControls(c *front.Call) error {
	if err := c.AllowBucket("GetBucketOwnershipControls"); err != nil {
		return err
	}
	ownership := c.Bucket.Settings().Ownership
	if ownership == "" {
		return awserror.New(http.StatusNotFound, "OwnershipControlsNotFoundError", "The bucket ownership controls "+
			"were not found.").
			With("BucketName", c.BucketName)
	}
	document := ownershipDocument{Namespace: front.Namespace}
	document.Rules = append(document.Rules, struct{ ObjectOwnership string }{ownership})
	return c.WriteXML(document)
}

// PutBucketOwnershipControls serves the operation PutBucketOwnershipControls.
func PutBucketOwnershipControls(c *front.Call) error {
	if err := c.AllowBucket("PutBucketOwnershipControls"); err != nil {
		return err
	}
	var document ownershipDocument
	if given, err := c.ReadXML(&document); err != nil {
		return err
	} else if !given || len(document.Rules) != 1 {
		return s3error.MalformedXML()
	}
	ownership := document.Rules[0].ObjectOwnership
	switch ownership {
	case "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter":
	default:
		return s3error.MalformedXML()
	}
	return c.Configure(http.StatusOK, func(s *s3store.Settings) error {
		if ownership == grants.OwnerEnforced && s.ACL != nil && !OnlyOwner(s.ACL, c.Bucket.Account) {
			return awserror.New(
				http.StatusBadRequest,
				"InvalidBucketAclWithObjectOwnership",
				"Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
			)
		}
		s.Ownership = ownership
		return nil
	})
}

// DeleteBucketOwnershipControls serves the operation
// DeleteBucketOwnershipControls.
func DeleteBucketOwnershipControls(c *front.Call) error {
	if err := c.AllowBucket("PutBucketOwnershipControls"); err != nil {
		return err
	}
	return c.Configure(http.StatusNoContent, func(s *s3store.Settings) error {
		s.Ownership = ""
		return nil
	})
}
