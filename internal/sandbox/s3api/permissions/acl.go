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

type granteeXML struct {
	Namespace string `xml:"xmlns:xsi,attr"`
	Type      string `xml:"xsi:type,attr"`
	ID        string `xml:",omitempty"`
	URI       string `xml:",omitempty"`
}

type grantXML struct {
	Grantee    granteeXML
	Permission string
}

type aclDocument struct {
	XMLName   xml.Name `xml:"AccessControlPolicy"`
	Namespace string   `xml:"xmlns,attr"`
	Owner     front.OwnerXML
	Grants    []grantXML `xml:"AccessControlList>Grant"`
}

// writeACL responds with a list. If access control lists are disabled, that is
// full control for the owner.
func writeACL(c *front.Call, acl *s3store.ACL, owner string) error {
	if acl == nil || c.Bucket.Settings().Ownership == grants.OwnerEnforced {
		acl = ownerOnly(owner)
	}
	document := aclDocument{Namespace: front.Namespace, Owner: front.OwnerXML{ID: c.CanonicalID(owner)}}
	for _, grant := range acl.Grants {
		grantee := granteeXML{
			Namespace: "http://www.w3.org/2001/XMLSchema-instance",
			Type:      "CanonicalUser",
			ID:        c.CanonicalID(grant.Account),
		}
		if grant.Group != "" {
			grantee.Type, grantee.ID, grantee.URI = "Group", "", groupURI(grant.Group)
		}
		document.Grants = append(document.Grants, grantXML{grantee, grant.Permission})
	}
	return c.WriteXML(document)
}

// GetBucketACL serves the operation GetBucketAcl.
func GetBucketACL(c *front.Call) error {
	if err := c.AllowBucket("GetBucketAcl"); err != nil {
		return err
	}
	return writeACL(c, c.Bucket.Settings().ACL, c.Bucket.Account)
}

// GetObjectACL serves the operation GetObjectAcl.
func GetObjectACL(c *front.Call) error {
	v, err := c.ObjectVersion("GetObjectAcl")
	if err != nil {
		return err
	}
	c.VersionHeaders(v)
	return writeACL(c, v.ACL, ownerOf(c, v))
}

// PutBucketACL serves the operation PutBucketAcl.
func PutBucketACL(c *front.Call) error {
	if err := c.AllowBucket("PutBucketAcl"); err != nil {
		return err
	}
	acl, err := readACL(c, c.Bucket.Account, BucketCanned)
	if err != nil {
		return err
	}
	return c.Configure(http.StatusOK, func(s *s3store.Settings) error {
		s.ACL = acl
		return nil
	})
}

// PutObjectACL serves the operation PutObjectAcl.
func PutObjectACL(c *front.Call) error {
	v, err := c.ObjectVersion("PutObjectAcl")
	if err != nil {
		return err
	}
	acl, err := readACL(c, ownerOf(c, v), objectCanned)
	if err != nil {
		return err
	}
	return c.Amend(http.StatusOK, v, func(changed *s3store.Version) error {
		changed.ACL = acl
		changed.Cause = c.Cause("ObjectAcl:Put")
		return nil
	})
}

// SetObjectACL sets a new object's owner and access control list, from the
// request and the bucket's ownership controls.
func SetObjectACL(c *front.Call, v *s3store.Version) error {
	settings := c.Bucket.Settings()
	canned := c.Request.Header.Get("X-Amz-Acl")
	if settings.Ownership != grants.OwnerEnforced && c.Caller.Account != "" &&
		(settings.Ownership != "BucketOwnerPreferred" || canned != "bucket-owner-full-control") {
		v.Owner = c.Caller.Account
	}
	if canned == "" && !HasGrantHeaders(c) {
		return nil
	}
	acl, err := HeaderACL(c, v.Owner, objectCanned)
	if err != nil {
		return err
	}
	if err := checkAllowed(c, acl, v.Owner); err != nil {
		return err
	}
	v.ACL = acl
	return nil
}

// ownerOf returns the account that owns an object: the bucket's if access
// control lists are disabled.
func ownerOf(c *front.Call, v *s3store.Version) string {
	if c.Bucket.Settings().Ownership == grants.OwnerEnforced || v.Owner == "" {
		return c.Bucket.Account
	}
	return v.Owner
}

// checkAllowed rejects a list that the bucket's settings don't allow.
func checkAllowed(c *front.Call, acl *s3store.ACL, owner string) error {
	settings := c.Bucket.Settings()
	if settings.Ownership == grants.OwnerEnforced && !OnlyOwner(acl, owner) {
		return aclsDisabled()
	}
	if block := settings.PublicBlock; block != nil && block.BlockPublicAcls && acl.Public() {
		return s3error.AccessDenied(
			"User: %s is not authorized to perform this request because public access control lists (ACLs) are "+
				"blocked by the BlockPublicAcls setting in S3 Block Public Access",
			c.Caller.ARN,
		)
	}
	return nil
}

func aclsDisabled() error {
	return awserror.New(http.StatusBadRequest, "AccessControlListNotSupported", "The bucket does not allow ACLs.")
}

// OnlyOwner reports whether a list grants only its owner full control.
func OnlyOwner(acl *s3store.ACL, owner string) bool {
	for _, grant := range acl.Grants {
		if grant.Account != owner || grant.Permission != "FULL_CONTROL" {
			return false
		}
	}
	return true
}
