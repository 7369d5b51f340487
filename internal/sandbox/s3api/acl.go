package s3api

import (
	"encoding/xml"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// ownerEnforced is the ownership under which access control lists are off.
const ownerEnforced = "BucketOwnerEnforced"

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
	Owner     ownerXML
	Grants    []grantXML `xml:"AccessControlList>Grant"`
}

// writeACL shows a list; with access control lists off it is the owner's full
// control, whatever was set before.
func (c *call) writeACL(acl *s3store.ACL, owner string) error {
	if acl == nil || c.bucket.Settings().Ownership == ownerEnforced {
		acl = private(owner)
	}
	document := aclDocument{Namespace: namespace, Owner: ownerXML{ID: c.canonicalID(owner)}}
	for _, grant := range acl.Grants {
		grantee := granteeXML{Namespace: "http://www.w3.org/2001/XMLSchema-instance", Type: "CanonicalUser", ID: c.canonicalID(grant.Account)}
		if grant.Group != "" {
			grantee.Type, grantee.ID, grantee.URI = "Group", "", groupURI(grant.Group)
		}
		document.Grants = append(document.Grants, grantXML{grantee, grant.Permission})
	}
	return c.writeXML(document)
}

func (c *call) getBucketACL() error {
	if err := c.allowBucket("GetBucketAcl"); err != nil {
		return err
	}
	return c.writeACL(c.bucket.Settings().ACL, c.bucket.Account)
}

func (c *call) getObjectACL() error {
	v, err := c.named("GetObjectAcl")
	if err != nil {
		return err
	}
	c.versionHeaders(v)
	return c.writeACL(v.ACL, c.ownerOf(v))
}

func (c *call) putBucketACL() error {
	if err := c.allowBucket("PutBucketAcl"); err != nil {
		return err
	}
	acl, err := c.readACL(c.bucket.Account, bucketCanned)
	if err != nil {
		return err
	}
	return c.configure(http.StatusOK, func(s *s3store.Settings) error {
		s.ACL = acl
		return nil
	})
}

func (c *call) putObjectACL() error {
	v, err := c.named("PutObjectAcl")
	if err != nil {
		return err
	}
	acl, err := c.readACL(c.ownerOf(v), objectCanned)
	if err != nil {
		return err
	}
	return c.amend(http.StatusOK, v, func(changed *s3store.Version) error {
		changed.ACL = acl
		return nil
	})
}

// newACL gives a new object the list and the owner that the request and the
// bucket's ownership controls make.
func (c *call) newACL(v *s3store.Version) error {
	settings := c.bucket.Settings()
	canned := c.Request.Header.Get("X-Amz-Acl")
	if settings.Ownership != ownerEnforced && c.Caller.Account != "" &&
		(settings.Ownership != "BucketOwnerPreferred" || canned != "bucket-owner-full-control") {
		v.Owner = c.Caller.Account
	}
	if canned == "" && !c.grants() {
		return nil
	}
	acl, err := c.headerACL(v.Owner, objectCanned)
	if err != nil {
		return err
	}
	if err := c.acceptable(acl, v.Owner); err != nil {
		return err
	}
	v.ACL = acl
	return nil
}

// ownerOf gives the account that owns an object, which is the bucket's where
// access control lists are off.
func (c *call) ownerOf(v *s3store.Version) string {
	if c.bucket.Settings().Ownership == ownerEnforced || v.Owner == "" {
		return c.bucket.Account
	}
	return v.Owner
}

// acceptable refuses a list that the bucket's settings do not let in.
func (c *call) acceptable(acl *s3store.ACL, owner string) error {
	settings := c.bucket.Settings()
	if settings.Ownership == ownerEnforced && !onlyOwner(acl, owner) {
		return noLists()
	}
	if block := settings.PublicBlock; block != nil && block.BlockPublicAcls && acl.Public() {
		return accessDenied("User: %s is not authorized to perform this request because public access control lists (ACLs) are blocked by the BlockPublicAcls setting in S3 Block Public Access", c.Caller.ARN)
	}
	return nil
}

func noLists() error {
	return awserror.New(http.StatusBadRequest, "AccessControlListNotSupported", "The bucket does not allow ACLs.")
}

func onlyOwner(acl *s3store.ACL, owner string) bool {
	for _, grant := range acl.Grants {
		if grant.Account != owner || grant.Permission != "FULL_CONTROL" {
			return false
		}
	}
	return true
}
