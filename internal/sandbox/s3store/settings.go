package s3store

import (
	"encoding/json"
	"maps"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// Versioning is the versioning state of a bucket.
type Versioning string

// The states. Once enabled, versioning can only be suspended.
const (
	NeverVersioned Versioning = ""
	Enabled        Versioning = "Enabled"
	Suspended      Versioning = "Suspended"
)

// Settings has all settings of a bucket.
type Settings struct {
	Versioning   Versioning
	Policy       string               // the document as sent; may be empty
	Ownership    string               // "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"
	ACL          *ACL                 `json:",omitempty"` // nil: private
	PublicBlock  *PublicBlock         // nil if it was deleted
	Encryption   *Encryption          // nil: SSE-S3
	RequesterPay bool                 // whether the requester pays
	Tags         []directory.Tag      // nil if there are none
	ObjectLock   bool                 // object lock is enabled
	Documents    map[string]string    // other configurations, as sent, by sub-resource: "cors", "lifecycle", …
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

// Encryption is the bucket's default encryption.
type Encryption struct {
	Algorithm string // "AES256", "aws:kms", "aws:kms:dsse"
	KeyID     string `json:",omitempty"` // of KMS; empty: AWS's own key
	BucketKey bool   `json:",omitempty"`
}

// Document returns the bucket policy as it was set, or nil.
func (s *Settings) Document() *directory.Document { return s.document }

// SetPolicy sets the bucket policy, which the caller has parsed.
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
