package s3api

import (
	"encoding/xml"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
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

func (c *call) getPublicAccessBlock() error {
	if err := c.allowBucket("GetBucketPublicAccessBlock"); err != nil {
		return err
	}
	block := c.bucket.Settings().PublicBlock
	if block == nil {
		return awserror.New(http.StatusNotFound, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found").With("BucketName", c.Bucket)
	}
	return c.writeXML(publicBlockDocument{Namespace: namespace, BlockPublicAcls: block.BlockPublicAcls, IgnorePublicAcls: block.IgnorePublicAcls, BlockPublicPolicy: block.BlockPublicPolicy, RestrictPublicBuckets: block.RestrictPublicBuckets})
}

func (c *call) putPublicAccessBlock() error {
	if err := c.allowBucket("PutBucketPublicAccessBlock"); err != nil {
		return err
	}
	var d publicBlockDocument
	if given, err := c.readXML(&d); err != nil {
		return err
	} else if !given {
		return malformedXML()
	}
	return c.configure(http.StatusOK, func(s *s3store.Settings) error {
		s.PublicBlock = &s3store.PublicBlock{BlockPublicAcls: d.BlockPublicAcls, IgnorePublicAcls: d.IgnorePublicAcls, BlockPublicPolicy: d.BlockPublicPolicy, RestrictPublicBuckets: d.RestrictPublicBuckets}
		return nil
	})
}

func (c *call) deletePublicAccessBlock() error {
	if err := c.allowBucket("PutBucketPublicAccessBlock"); err != nil {
		return err
	}
	return c.configure(http.StatusNoContent, func(s *s3store.Settings) error {
		s.PublicBlock = nil
		return nil
	})
}

type policyStatusDocument struct {
	XMLName   xml.Name `xml:"PolicyStatus"`
	Namespace string   `xml:"xmlns,attr"`
	IsPublic  bool
}

func (c *call) getBucketPolicyStatus() error {
	if err := c.allowBucket("GetBucketPolicyStatus"); err != nil {
		return err
	}
	document := c.policyOf(c.bucket)
	if document == nil {
		return noBucketPolicy(c.Bucket)
	}
	return c.writeXML(policyStatusDocument{Namespace: namespace, IsPublic: isPublic(document.Policy())})
}

type ownershipDocument struct {
	XMLName   xml.Name `xml:"OwnershipControls"`
	Namespace string   `xml:"xmlns,attr,omitempty"`
	Rules     []struct {
		ObjectOwnership string
	} `xml:"Rule"`
}

func (c *call) getBucketOwnershipControls() error {
	if err := c.allowBucket("GetBucketOwnershipControls"); err != nil {
		return err
	}
	ownership := c.bucket.Settings().Ownership
	if ownership == "" {
		return awserror.New(http.StatusNotFound, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found.").With("BucketName", c.Bucket)
	}
	document := ownershipDocument{Namespace: namespace}
	document.Rules = append(document.Rules, struct{ ObjectOwnership string }{ownership})
	return c.writeXML(document)
}

func (c *call) putBucketOwnershipControls() error {
	if err := c.allowBucket("PutBucketOwnershipControls"); err != nil {
		return err
	}
	var document ownershipDocument
	if given, err := c.readXML(&document); err != nil {
		return err
	} else if !given || len(document.Rules) != 1 {
		return malformedXML()
	}
	ownership := document.Rules[0].ObjectOwnership
	switch ownership {
	case "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter":
	default:
		return malformedXML()
	}
	return c.configure(http.StatusOK, func(s *s3store.Settings) error {
		if ownership == ownerEnforced && s.ACL != nil && !onlyOwner(s.ACL, c.bucket.Account) {
			return awserror.New(http.StatusBadRequest, "InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
		}
		s.Ownership = ownership
		return nil
	})
}

func (c *call) deleteBucketOwnershipControls() error {
	if err := c.allowBucket("PutBucketOwnershipControls"); err != nil {
		return err
	}
	return c.configure(http.StatusNoContent, func(s *s3store.Settings) error {
		s.Ownership = ""
		return nil
	})
}

type paymentDocument struct {
	XMLName   xml.Name `xml:"RequestPaymentConfiguration"`
	Namespace string   `xml:"xmlns,attr,omitempty"`
	Payer     string
}

func (c *call) getBucketRequestPayment() error {
	if err := c.allowBucket("GetBucketRequestPayment"); err != nil {
		return err
	}
	payer := "BucketOwner"
	if c.bucket.Settings().RequesterPay {
		payer = "Requester"
	}
	return c.writeXML(paymentDocument{Namespace: namespace, Payer: payer})
}

func (c *call) putBucketRequestPayment() error {
	if err := c.allowBucket("PutBucketRequestPayment"); err != nil {
		return err
	}
	var document paymentDocument
	if given, err := c.readXML(&document); err != nil {
		return err
	} else if !given || document.Payer != "Requester" && document.Payer != "BucketOwner" {
		return malformedXML()
	}
	return c.configure(http.StatusOK, func(s *s3store.Settings) error {
		s.RequesterPay = document.Payer == "Requester"
		return nil
	})
}

// checkPayer refuses a requester who does not say that it pays.
func (c *call) checkPayer() error {
	if !c.bucket.Settings().RequesterPay || c.Caller.Account == c.bucket.Account {
		return nil
	}
	says := c.Request.Header.Get("X-Amz-Request-Payer")
	if says == "" {
		says = c.query.Get("x-amz-request-payer")
	}
	if c.Caller.Account == "" || says != "requester" {
		return accessDenied("Access Denied")
	}
	c.Writer.Header().Set("X-Amz-Request-Charged", "requester")
	return nil
}

type abacDocument struct {
	XMLName   xml.Name `xml:"AbacStatus"`
	Namespace string   `xml:"xmlns,attr"`
	Status    string
}

// getBucketABAC answers that a bucket's tags have no part in decisions, which
// is how buckets are made.
func (c *call) getBucketABAC() error {
	if err := c.allowBucket("GetBucketAbac"); err != nil {
		return err
	}
	return c.writeXML(abacDocument{Namespace: namespace, Status: "Disabled"})
}
