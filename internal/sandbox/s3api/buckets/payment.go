package buckets

import (
	"encoding/xml"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type paymentDocument struct {
	XMLName   xml.Name `xml:"RequestPaymentConfiguration"`
	Namespace string   `xml:"xmlns,attr,omitempty"`
	Payer     string
}

// GetBucketRequestPayment serves the operation GetBucketRequestPayment.
func GetBucketRequestPayment(c *front.Call) error {
	if err := c.AllowBucket("GetBucketRequestPayment"); err != nil {
		return err
	}
	payer := "BucketOwner"
	if c.Bucket.Settings().RequesterPay {
		payer = "Requester"
	}
	return c.WriteXML(paymentDocument{Namespace: front.Namespace, Payer: payer})
}

// PutBucketRequestPayment serves the operation PutBucketRequestPayment.
func PutBucketRequestPayment(c *front.Call) error {
	if err := c.AllowBucket("PutBucketRequestPayment"); err != nil {
		return err
	}
	var document paymentDocument
	if given, err := c.ReadXML(&document); err != nil {
		return err
	} else if !given || document.Payer != "Requester" && document.Payer != "BucketOwner" {
		return s3error.MalformedXML()
	}
	return c.Configure(http.StatusOK, func(s *s3store.Settings) error {
		s.RequesterPay = document.Payer == "Requester"
		return nil
	})
}

// CheckPayer rejects a requester that doesn't agree to pay.
func CheckPayer(c *front.Call) error {
	if !c.Bucket.Settings().RequesterPay || c.Caller.Account == c.Bucket.Account {
		return nil
	}
	says := c.Request.Header.Get("X-Amz-Request-Payer")
	if says == "" {
		says = c.Query.Get("x-amz-request-payer")
	}
	if c.Caller.Account == "" || says != "requester" {
		return s3error.AccessDenied("Access Denied")
	}
	c.Writer.Header().Set("X-Amz-Request-Charged", "requester")
	return nil
}

type abacDocument struct {
	XMLName   xml.Name `xml:"AbacStatus"`
	Namespace string   `xml:"xmlns,attr"`
	Status    string
}

// GetBucketABAC returns that bucket tags have no effect on decisions, which is
// the default.
func GetBucketABAC(c *front.Call) error {
	if err := c.AllowBucket("GetBucketAbac"); err != nil {
		return err
	}
	return c.WriteXML(abacDocument{Namespace: front.Namespace, Status: "Disabled"})
}
