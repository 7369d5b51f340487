package s3store

import (
	"encoding/json"
	"maps"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// Versioning is whether a bucket keeps old versions.
type Versioning string

// The states. Once it was enabled a bucket can only be suspended.
const (
	NeverVersioned Versioning = ""
	Enabled        Versioning = "Enabled"
	Suspended      Versioning = "Suspended"
)

// Settings is all that is set on a bucket.
type Settings struct {
	Versioning   Versioning
	Policy       string               // the document as it was given; empty for none
	Ownership    string               // "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"
	ACL          *ACL                 `json:",omitempty"` // nil: private
	PublicBlock  *PublicBlock         // nil when it was deleted
	Encryption   *Encryption          // nil: SSE-S3
	RequesterPay bool                 // the requester pays
	Tags         []directory.Tag      // nil when there are none
	ObjectLock   bool                 // object lock is enabled
	Documents    map[string]string    // other configurations, as they were given, by sub-resource: "cors", "lifecycle", …
	Principals   directory.Principals // the principals of the policy when it was set
	document     *directory.Document
}

// PublicBlock is Block Public Access.
type PublicBlock struct {
	BlockPublicAcls       bool
	IgnorePublicAcls      bool
	BlockPublicPolicy     bool
	RestrictPublicBuckets bool
}

// Encryption is the bucket's default.
type Encryption struct {
	Algorithm string // "AES256", "aws:kms", "aws:kms:dsse"
	KeyID     string `json:",omitempty"` // of KMS; empty: AWS's own key
	BucketKey bool   `json:",omitempty"`
}

// Document returns the bucket policy as it was set, nil without one.
func (s *Settings) Document() *directory.Document { return s.document }

// SetPolicy sets the bucket policy, which has been read already.
func (s *Settings) SetPolicy(document *directory.Document, principals directory.Principals) {
	s.Policy, s.document, s.Principals = "", document, principals
	if document != nil {
		s.Policy = document.Text
	}
}

func (s *Settings) clone() *Settings {
	c := *s
	c.Documents = maps.Clone(s.Documents)
	if c.Documents == nil {
		c.Documents = map[string]string{}
	}
	return &c
}

// UnmarshalJSON reads the settings from the journal.
func (s *Settings) UnmarshalJSON(data []byte) error {
	type plain Settings
	if err := json.Unmarshal(data, (*plain)(s)); err != nil {
		return err
	}
	if s.Policy == "" {
		return nil
	}
	document, err := directory.NewDocument(iam.Resource, s.Policy)
	if err != nil {
		return err
	}
	s.document = document
	return nil
}
