package s3api

import (
	"encoding/xml"
	"net/http"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
)

// Access control lists are there to be read: a bucket and its objects belong
// to the bucket's account, which has full control. Where they could be set,
// only what grants nothing more is taken.

type granteeXML struct {
	Namespace string `xml:"xmlns:xsi,attr"`
	Type      string `xml:"xsi:type,attr"`
	ID        string
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

func (c *call) writeACL() error {
	owner := canonicalID(c.bucket.Account)
	grantee := granteeXML{"http://www.w3.org/2001/XMLSchema-instance", "CanonicalUser", owner}
	return c.writeXML(aclDocument{Namespace: namespace, Owner: ownerXML{ID: owner}, Grants: []grantXML{{grantee, "FULL_CONTROL"}}})
}

func (c *call) getBucketACL() error {
	if err := c.allowBucket("GetBucketAcl"); err != nil {
		return err
	}
	return c.writeACL()
}

func (c *call) getObjectACL() error {
	v, err := c.named("GetObjectAcl")
	if err != nil {
		return err
	}
	c.versionHeaders(v)
	return c.writeACL()
}

func (c *call) putBucketACL() error {
	if err := c.allowBucket("PutBucketAcl"); err != nil {
		return err
	}
	return c.putACL()
}

func (c *call) putObjectACL() error {
	if _, err := c.named("PutObjectAcl"); err != nil {
		return err
	}
	return c.putACL()
}

type putACLDocument struct {
	XMLName xml.Name `xml:"AccessControlPolicy"`
	Owner   ownerXML
	Grants  []struct {
		Grantee struct {
			ID  string
			URI string
		}
		Permission string
	} `xml:"AccessControlList>Grant"`
}

func (c *call) putACL() error {
	var document putACLDocument
	given, err := c.readXML(&document)
	if err != nil {
		return err
	}
	own := true
	for _, grant := range document.Grants {
		own = own && grant.Grantee.ID == canonicalID(c.bucket.Account) && grant.Permission == "FULL_CONTROL"
	}
	canned := c.Request.Header.Get("X-Amz-Acl")
	if c.bucket.Settings().Ownership == "BucketOwnerEnforced" && (!given || !own || len(document.Grants) == 0) && canned != "private" && canned != "bucket-owner-full-control" {
		return awserror.New(http.StatusBadRequest, "AccessControlListNotSupported", "The bucket does not allow ACLs.")
	}
	if !own || canned != "" && canned != "private" && canned != "bucket-owner-full-control" || c.grants() {
		return notImplemented()
	}
	c.Writer.WriteHeader(http.StatusOK)
	return nil
}

// grants says whether a request grants by headers.
func (c *call) grants() bool {
	for _, name := range []string{"Full-Control", "Read", "Read-Acp", "Write", "Write-Acp"} {
		if c.Request.Header.Get("X-Amz-Grant-"+name) != "" {
			return true
		}
	}
	return false
}

// checkACL holds a write to the access control lists that are known.
func (c *call) checkACL() error {
	acl := c.Request.Header.Get("X-Amz-Acl")
	if !c.grants() && (acl == "" || acl == "private" || acl == "bucket-owner-full-control") {
		return nil
	}
	if c.bucket.Settings().Ownership == "BucketOwnerEnforced" {
		return awserror.New(http.StatusBadRequest, "AccessControlListNotSupported", "The bucket does not allow ACLs.")
	}
	return notImplemented()
}
