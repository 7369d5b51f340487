// Package buckets creates, lists and deletes buckets, and reads and changes
// their settings: versioning, tags, CORS, lifecycle, website and the other
// configurations. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html.
package buckets

import (
	"cmp"
	"encoding/xml"
	"errors"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/grants"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/permissions"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/tagging"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// maxBuckets is the maximum number of buckets per account.
const maxBuckets = 10_000

var (
	bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	regionPattern = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
)

// IsRegion reports whether a text has the format of a Region name, such as
// "us-east-1".
func IsRegion(text string) bool { return regionPattern.MatchString(text) }

// CheckName validates a bucket's name. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html.
func CheckName(name string) error {
	bad := !bucketPattern.MatchString(name) || strings.Contains(name, "..") || net.ParseIP(name) != nil
	for _, prefix := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		bad = bad || strings.HasPrefix(name, prefix)
	}
	for _, suffix := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		bad = bad || strings.HasSuffix(name, suffix)
	}
	if bad {
		return awserror.New(http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid.").
			With("BucketName", s3error.Cut(name))
	}
	return nil
}

type createBucketDocument struct {
	XMLName            xml.Name `xml:"CreateBucketConfiguration"`
	LocationConstraint string
	Tags               *tagging.TagSet
}

// CreateBucket serves the operation CreateBucket.
func CreateBucket(c *front.Call) error {
	if err := CheckName(c.BucketName); err != nil {
		return err
	}
	var document createBucketDocument
	if _, err := c.ReadXML(&document); err != nil {
		return err
	}
	region, err := newRegion(c, document.LocationConstraint)
	if err != nil {
		return err
	}
	var keys []authz.Key
	if document.LocationConstraint != "" {
		keys = append(keys, authz.K("s3:locationconstraint", document.LocationConstraint))
	}
	if err := c.AllowBucket("CreateBucket", keys...); err != nil {
		return err
	}
	settings, err := newSettings(c)
	if err != nil {
		return err
	}
	if err := newTags(c, settings, document.Tags); err != nil {
		return err
	}
	store := c.Config.Store
	if len(store.Buckets(c.Caller.Account)) >= maxBuckets {
		return awserror.New(
			http.StatusBadRequest,
			"TooManyBuckets",
			"You have attempted to create more buckets than allowed",
		)
	}
	have, err := store.CreateBucket(c.BucketName, c.Caller.Account, region, c.Now, settings)
	if errors.Is(err, s3store.ErrBucketExists) {
		if err := checkExisting(c, have, region); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	c.Writer.Header().Set("Location", "/"+c.BucketName)
	c.Writer.Header().Set("X-Amz-Bucket-Arn", c.BucketARN())
	c.Writer.WriteHeader(http.StatusOK)
	return nil
}

// newTags sets the tags of a new bucket. They need a permission of their own.
func newTags(c *front.Call, settings *s3store.Settings, tags *tagging.TagSet) error {
	if tags == nil || len(tags.Tags) == 0 {
		return nil
	}
	if err := tagging.Check(tags.Tags, tagging.MaxBucket); err != nil {
		return err
	}
	if err := c.AllowBucket("TagResource", tagging.RequestKeys(tags.Tags)...); err != nil {
		return err
	}
	settings.Tags = tags.Tags
	return nil
}

// checkExisting returns the error for an existing bucket. Only in us-east-1
// can one's own bucket be created again.
func checkExisting(c *front.Call, have *s3store.Bucket, region string) error {
	if have.Account != c.Caller.Account {
		return awserror.New(http.StatusConflict, "BucketAlreadyExists", "The requested bucket name is not "+
			"available. The bucket namespace is shared by all users of the system. Please select a different name "+
			"and try again.").
			With("BucketName", c.BucketName)
	}
	if have.Region == "us-east-1" && region == "us-east-1" {
		return nil
	}
	return awserror.New(http.StatusConflict, "BucketAlreadyOwnedByYou", "Your previous request to create the named "+
		"bucket succeeded and you already own it.").
		With("BucketName", c.BucketName)
}

// newRegion returns the region of a new bucket.
func newRegion(c *front.Call, constraint string) (string, error) {
	illegal := func(what string) error {
		return awserror.New(
			http.StatusBadRequest,
			"IllegalLocationConstraintException",
			"The %s location constraint is incompatible for the region specific endpoint this request was sent to.",
			what,
		)
	}
	switch {
	case constraint == "" && c.Region == "us-east-1":
		return c.Region, nil
	case constraint == "":
		return "", illegal("unspecified")
	case constraint == "us-east-1" || constraint != "EU" && !regionPattern.MatchString(constraint):
		return "", awserror.New(http.StatusBadRequest, "InvalidLocationConstraint", "The specified "+
			"location-constraint is not valid").
			With("LocationConstraint", s3error.Cut(constraint))
	case constraint == "EU":
		constraint = "eu-west-1"
	}
	if c.Region != "us-east-1" && c.Region != constraint {
		return "", illegal(constraint)
	}
	return constraint, nil
}

// newSettings returns the settings of a new bucket: no ACLs, and no public
// access.
func newSettings(c *front.Call) (*s3store.Settings, error) {
	standard := c.Config.Buckets
	ownership := c.Request.Header.Get("X-Amz-Object-Ownership")
	switch ownership {
	case "":
		ownership = cmp.Or(standard.Ownership, grants.OwnerEnforced)
	case "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter":
	default:
		return nil, s3error.InvalidArgument(
			"x-amz-object-ownership",
			ownership,
			"Invalid x-amz-object-ownership header: %s",
			s3error.Cut(ownership),
		)
	}
	acl, err := permissions.HeaderACL(c, c.Caller.Account, permissions.BucketCanned)
	if err != nil {
		return nil, err
	}
	if ownership == grants.OwnerEnforced && !permissions.OnlyOwner(acl, c.Caller.Account) {
		return nil, awserror.New(
			http.StatusBadRequest,
			"InvalidBucketAclWithObjectOwnership",
			"Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
		)
	}
	settings := &s3store.Settings{Ownership: ownership, ACL: acl}
	if !standard.PublicAccess {
		settings.PublicBlock = &s3store.PublicBlock{
			BlockPublicAcls:       true,
			IgnorePublicAcls:      true,
			BlockPublicPolicy:     true,
			RestrictPublicBuckets: true,
		}
		if acl.Public() {
			return nil, awserror.New(
				http.StatusBadRequest,
				"InvalidBucketAclWithBlockPublicAccessError",
				"Bucket cannot have public ACLs set with BlockPublicAccess enabled",
			)
		}
	}
	if strings.EqualFold(c.Request.Header.Get("X-Amz-Bucket-Object-Lock-Enabled"), "true") {
		settings.ObjectLock, settings.Versioning = true, s3store.Enabled
	}
	return settings, nil
}

// HeadBucket serves the operation HeadBucket.
func HeadBucket(c *front.Call) error {
	if err := c.AllowBucket("ListBucket"); err != nil {
		return err
	}
	c.Writer.Header().Set("X-Amz-Access-Point-Alias", "false")
	c.Writer.WriteHeader(http.StatusOK)
	return nil
}

// DeleteBucket serves the operation DeleteBucket.
func DeleteBucket(c *front.Call) error {
	if err := c.AllowBucket("DeleteBucket"); err != nil {
		return err
	}
	switch err := c.Config.Store.DeleteBucket(c.Bucket); {
	case errors.Is(err, s3store.ErrBucketNotEmpty):
		message := "The bucket you tried to delete is not empty."
		if c.Bucket.Settings().Versioning != s3store.NeverVersioned {
			message += " You must delete all versions in the bucket."
		}
		return awserror.New(http.StatusConflict, "BucketNotEmpty", "%s", message).With("BucketName", c.BucketName)
	case errors.Is(err, s3store.ErrNoBucket):
		return s3error.NoSuchBucket(c.BucketName)
	case err != nil:
		return err
	}
	return c.NoContent()
}

type locationDocument struct {
	XMLName   xml.Name `xml:"LocationConstraint"`
	Namespace string   `xml:"xmlns,attr"`
	Region    string   `xml:",chardata"`
}

// GetBucketLocation serves the operation GetBucketLocation.
func GetBucketLocation(c *front.Call) error {
	if err := c.AllowBucket("GetBucketLocation"); err != nil {
		return err
	}
	document := locationDocument{Namespace: front.Namespace, Region: c.Bucket.Region}
	if document.Region == "us-east-1" {
		document.Region = "" // as in S3, the first Region has no name
	}
	return c.WriteXML(document)
}

type bucketXML struct {
	Name         string
	CreationDate string
	BucketRegion string `xml:",omitempty"`
}

type bucketsDocument struct {
	XMLName           xml.Name `xml:"ListAllMyBucketsResult"`
	Namespace         string   `xml:"xmlns,attr"`
	Owner             front.OwnerXML
	Buckets           []bucketXML `xml:"Buckets>Bucket"`
	ContinuationToken string      `xml:",omitempty"`
	Prefix            string      `xml:",omitempty"`
}

// ListBuckets serves the operation ListBuckets.
func ListBuckets(c *front.Call) error {
	if err := c.Allow("ListAllMyBuckets", "*", nil); err != nil {
		return err
	}
	limit, err := c.IntParameter("max-buckets", maxBuckets, 1, maxBuckets)
	if err != nil || c.Query.Has("max-buckets") && c.Query.Get("max-buckets") != strconv.Itoa(limit) {
		return s3error.InvalidArgument(
			"max-buckets",
			c.Query.Get("max-buckets"),
			"Argument max-buckets must be an integer between 1 and 10000.",
		)
	}
	document := bucketsDocument{
		Namespace: front.Namespace,
		Owner:     front.OwnerXML{ID: c.CanonicalID(c.Caller.Account)},
		Prefix:    c.Query.Get("prefix"),
	}
	after, err := c.Continuation()
	if err != nil {
		return err
	}
	region := c.Query.Get("bucket-region")
	for _, b := range c.Config.Store.Buckets(c.Caller.Account) {
		if b.Name <= after || !strings.HasPrefix(b.Name, document.Prefix) || region != "" && b.Region != region {
			continue
		}
		if len(document.Buckets) == limit {
			document.ContinuationToken = front.Token(document.Buckets[limit-1].Name)
			break
		}
		document.Buckets = append(document.Buckets, bucketXML{b.Name, front.FormatTime(b.Created), b.Region})
	}
	return c.WriteXML(document)
}
