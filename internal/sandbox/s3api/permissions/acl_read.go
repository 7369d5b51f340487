package permissions

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/grants"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

const (
	groupPrefix = "http://acs.amazonaws.com/groups/"
	maxGrants   = 100
)

var (
	// BucketCanned are the names of the predefined lists for buckets.
	BucketCanned = []string{
		"private",
		"public-read",
		"public-read-write",
		"authenticated-read",
		"log-delivery-write",
		"aws-exec-read",
		"bucket-owner-read",
		"bucket-owner-full-control",
	}
	objectCanned = []string{
		"private",
		"public-read",
		"public-read-write",
		"authenticated-read",
		"aws-exec-read",
		"bucket-owner-read",
		"bucket-owner-full-control",
	}
)

func groupURI(group string) string {
	if group == "LogDelivery" {
		return groupPrefix + "s3/" + group
	}
	return groupPrefix + "global/" + group
}

func groupOf(uri string) (string, bool) {
	for _, group := range []string{"AllUsers", "AuthenticatedUsers", "LogDelivery"} {
		if uri == groupURI(group) {
			return group, true
		}
	}
	return "", false
}

func ownerOnly(owner string) *s3store.ACL {
	return &s3store.ACL{Grants: []s3store.Grant{{Account: owner, Permission: "FULL_CONTROL"}}}
}

// checkCanned validates x-amz-acl.
func checkCanned(name string, known []string) error {
	if name != "" && !slices.Contains(known, name) {
		return awserror.New(http.StatusBadRequest, "InvalidArgument", "").
			With("ArgumentName", "x-amz-acl").
			With("ArgumentValue", s3error.Cut(name))
	}
	return nil
}

// cannedACL returns the predefined access control list with a name. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl.
func cannedACL(name, owner, bucketOwner string) *s3store.ACL {
	acl := ownerOnly(owner)
	add := func(grants ...s3store.Grant) { acl.Grants = append(acl.Grants, grants...) }
	switch name {
	case "public-read":
		add(s3store.Grant{Group: "AllUsers", Permission: "READ"})
	case "public-read-write":
		add(s3store.Grant{Group: "AllUsers", Permission: "READ"}, s3store.Grant{Group: "AllUsers", Permission: "WRITE"})
	case "authenticated-read":
		add(s3store.Grant{Group: "AuthenticatedUsers", Permission: "READ"})
	case "log-delivery-write":
		add(
			s3store.Grant{Group: "LogDelivery", Permission: "WRITE"},
			s3store.Grant{Group: "LogDelivery", Permission: "READ_ACP"},
		)
	case "bucket-owner-read":
		if owner != bucketOwner {
			add(s3store.Grant{Account: bucketOwner, Permission: "READ"})
		}
	case "bucket-owner-full-control":
		if owner != bucketOwner {
			add(s3store.Grant{Account: bucketOwner, Permission: "FULL_CONTROL"})
		}
	}
	return acl
}

// grantHeaders are the headers that grant a permission, with the permission.
var grantHeaders = []struct{ header, permission string }{
	{"X-Amz-Grant-Full-Control", "FULL_CONTROL"},
	{"X-Amz-Grant-Read", "READ"},
	{"X-Amz-Grant-Read-Acp", "READ_ACP"},
	{"X-Amz-Grant-Write", "WRITE"},
	{"X-Amz-Grant-Write-Acp", "WRITE_ACP"},
}

// HasGrantHeaders reports whether a request has headers that grant
// permissions.
func HasGrantHeaders(c *front.Call) bool {
	for _, h := range grantHeaders {
		if c.Request.Header.Get(h.header) != "" {
			return true
		}
	}
	return false
}

// HeaderACL returns the list in the headers.
func HeaderACL(c *front.Call, owner string, known []string) (*s3store.ACL, error) {
	name := c.Request.Header.Get("X-Amz-Acl")
	if err := checkCanned(name, known); err != nil {
		return nil, err
	}
	if !HasGrantHeaders(c) {
		bucketOwner := owner
		if c.Bucket != nil {
			bucketOwner = c.Bucket.Account
		}
		return cannedACL(name, owner, bucketOwner), nil
	}
	if name != "" {
		return nil, s3error.InvalidRequest("Specifying both Canned ACLs and Header Grants is not allowed.")
	}
	acl := &s3store.ACL{}
	for _, h := range grantHeaders {
		grants, err := headerGrants(c, c.Request.Header.Get(h.header), h.permission)
		if err != nil {
			return nil, err
		}
		acl.Grants = append(acl.Grants, grants...)
	}
	return acl, nil
}

// headerGrants parses grantees such as id="…", uri="…".
func headerGrants(c *front.Call, text, permission string) ([]s3store.Grant, error) {
	var grants []s3store.Grant
	for item := range strings.SplitSeq(text, ",") {
		kind, value, _ := strings.Cut(strings.TrimSpace(item), "=")
		if kind == "" {
			continue
		}
		value = strings.Trim(strings.TrimSpace(value), `"`)
		grant := s3store.Grant{Permission: permission}
		var err error
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case "id":
			grant.Account, err = accountOf(c, value)
		case "uri":
			var ok bool
			if grant.Group, ok = groupOf(value); !ok {
				err = s3error.InvalidArgument("uri", value, "Invalid group uri")
			}
		case "emailaddress":
			err = awserror.New(
				http.StatusBadRequest,
				"UnresolvableGrantByEmailAddress",
				"The e-mail address you provided does not match any account on record.",
			)
		default:
			err = s3error.InvalidArgument(kind, value, "Argument format not recognized")
		}
		if err != nil {
			return nil, err
		}
		grants = append(grants, grant)
	}
	return grants, nil
}

// accountOf returns the account with a canonical user ID.
func accountOf(c *front.Call, id string) (string, error) {
	found := ""
	_ = c.Config.Directory.View(func(tx *directory.Tx) error { // fn returns no error
		for account := range tx.Accounts.Every() {
			if front.CanonicalOf(account) == id {
				found = account.ID
			}
		}
		return nil
	})
	if found == "" {
		return "", s3error.InvalidArgument("CanonicalUser/ID", id, "Invalid id")
	}
	return found, nil
}

type putACLDocument struct {
	XMLName xml.Name `xml:"AccessControlPolicy"`
	Owner   *front.OwnerXML
	Grants  []struct {
		Grantee struct {
			Type         string `xml:"http://www.w3.org/2001/XMLSchema-instance type,attr"`
			ID           string
			URI          string
			EmailAddress string
		}
		Permission string
	} `xml:"AccessControlList>Grant"`
}

// readACL returns the list in a request: a predefined one, headers, or a
// document.
func readACL(c *front.Call, owner string, known []string) (*s3store.ACL, error) {
	text, err := c.ReadDocument()
	if err != nil {
		return nil, err
	}
	if name := c.Request.Header.Get(
		"X-Amz-Acl",
	); c.Bucket.Settings().Ownership == grants.OwnerEnforced &&
		(HasGrantHeaders(c) ||
			slices.Contains(known, name) && name != "private" && name != "bucket-owner-full-control") {
		return nil, aclsDisabled()
	}
	given := len(text) > 0
	var acl *s3store.ACL
	switch byHeader := c.Request.Header.Get("X-Amz-Acl") != "" || HasGrantHeaders(c); {
	case byHeader && given:
		return nil, awserror.New(http.StatusBadRequest, "UnexpectedContent", "This request does not support content.")
	case byHeader:
		acl, err = HeaderACL(c, owner, known)
	case given:
		acl, err = documentACL(c, text, owner)
	default:
		err = awserror.New(
			http.StatusBadRequest,
			"MissingSecurityHeader",
			"Your request was missing a required header.",
		)
	}
	if err != nil {
		return nil, err
	}
	return acl, checkAllowed(c, acl, owner)
}

func documentACL(c *front.Call, text []byte, owner string) (*s3store.ACL, error) {
	malformed := awserror.New(
		http.StatusBadRequest,
		"MalformedACLError",
		"The XML you provided was not well-formed or did not validate against our published schema.",
	)
	var document putACLDocument
	if err := xml.Unmarshal(
		text,
		&document,
	); err != nil || document.Owner == nil || document.Owner.ID == "" ||
		len(document.Grants) > maxGrants {
		return nil, malformed
	}
	acl := &s3store.ACL{}
	for _, given := range document.Grants {
		grant := s3store.Grant{Permission: given.Permission}
		if !slices.Contains([]string{"FULL_CONTROL", "READ", "WRITE", "READ_ACP", "WRITE_ACP"}, grant.Permission) {
			return nil, malformed
		}
		var err error
		switch who := given.Grantee; {
		case who.Type == "Group":
			var ok bool
			if grant.Group, ok = groupOf(who.URI); !ok {
				err = s3error.InvalidArgument("Group/URI", who.URI, "Invalid group uri")
			}
		case who.Type == "AmazonCustomerByEmail":
			err = awserror.New(
				http.StatusBadRequest,
				"UnresolvableGrantByEmailAddress",
				"The e-mail address you provided does not match any account on record.",
			)
		case who.Type != "CanonicalUser", who.ID == "":
			err = malformed
		default:
			grant.Account, err = accountOf(c, who.ID)
		}
		if err != nil {
			return nil, err
		}
		acl.Grants = append(acl.Grants, grant)
	}
	if document.Owner.ID != c.CanonicalID(owner) {
		return nil, s3error.AccessDenied("Access Denied")
	}
	return acl, nil
}
