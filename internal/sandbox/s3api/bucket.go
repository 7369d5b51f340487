package s3api

import (
	"cmp"
	"encoding/xml"
	"errors"
	"net"
	"net/http"
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// maxBuckets is how many buckets an account may have.
const maxBuckets = 10_000

var (
	bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	regionPattern = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
)

// IsRegion says whether a text has the form of a region's name, such as
// "us-east-1".
func IsRegion(text string) bool { return regionPattern.MatchString(text) }

// checkBucketName holds a name to
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html.
func checkBucketName(name string) error {
	bad := !bucketPattern.MatchString(name) || strings.Contains(name, "..") || net.ParseIP(name) != nil
	for _, prefix := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		bad = bad || strings.HasPrefix(name, prefix)
	}
	for _, suffix := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		bad = bad || strings.HasSuffix(name, suffix)
	}
	if bad {
		return awserror.New(http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid.").With("BucketName", cut(name))
	}
	return nil
}

type createBucketDocument struct {
	XMLName            xml.Name `xml:"CreateBucketConfiguration"`
	LocationConstraint string
	Tags               *tagSet
}

func (c *call) createBucket() error {
	if err := checkBucketName(c.Bucket); err != nil {
		return err
	}
	var document createBucketDocument
	if _, err := c.readXML(&document); err != nil {
		return err
	}
	region, err := c.newRegion(document.LocationConstraint)
	if err != nil {
		return err
	}
	var keys []authz.Key
	if document.LocationConstraint != "" {
		keys = append(keys, authz.K("s3:locationconstraint", document.LocationConstraint))
	}
	if err := c.allowBucket("CreateBucket", keys...); err != nil {
		return err
	}
	settings, err := c.newSettings()
	if err != nil {
		return err
	}
	if err := c.newTags(settings, document.Tags); err != nil {
		return err
	}
	store := c.api.config.Store
	if len(store.Buckets(c.Caller.Account)) >= maxBuckets {
		return awserror.New(http.StatusBadRequest, "TooManyBuckets", "You have attempted to create more buckets than allowed")
	}
	have, err := store.CreateBucket(c.Bucket, c.Caller.Account, region, c.now, settings)
	if errors.Is(err, s3store.ErrBucketExists) {
		if err := c.existing(have, region); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	c.Writer.Header().Set("Location", "/"+c.Bucket)
	c.Writer.Header().Set("X-Amz-Bucket-Arn", c.bucketARN())
	c.Writer.WriteHeader(http.StatusOK)
	return nil
}

// newTags gives a new bucket its tags, which take a permission of their own.
func (c *call) newTags(settings *s3store.Settings, tags *tagSet) error {
	if tags == nil || len(tags.Tags) == 0 {
		return nil
	}
	if err := checkTags(tags.Tags, maxBucketTags); err != nil {
		return err
	}
	if err := c.allowBucket("TagResource", requestTagKeys(tags.Tags)...); err != nil {
		return err
	}
	settings.Tags = tags.Tags
	return nil
}

// existing answers for a bucket that is there already. In us-east-1, and only
// there, to make one's own bucket again is no error.
func (c *call) existing(have *s3store.Bucket, region string) error {
	if have.Account != c.Caller.Account {
		return awserror.New(http.StatusConflict, "BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.").With("BucketName", c.Bucket)
	}
	if have.Region == "us-east-1" && region == "us-east-1" {
		return nil
	}
	return awserror.New(http.StatusConflict, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.").With("BucketName", c.Bucket)
}

// newRegion gives the region of a new bucket.
func (c *call) newRegion(constraint string) (string, error) {
	illegal := func(what string) error {
		return awserror.New(http.StatusBadRequest, "IllegalLocationConstraintException", "The %s location constraint is incompatible for the region specific endpoint this request was sent to.", what)
	}
	switch {
	case constraint == "" && c.region == "us-east-1":
		return c.region, nil
	case constraint == "":
		return "", illegal("unspecified")
	case constraint == "us-east-1" || constraint != "EU" && !regionPattern.MatchString(constraint):
		return "", awserror.New(http.StatusBadRequest, "InvalidLocationConstraint", "The specified location-constraint is not valid").With("LocationConstraint", cut(constraint))
	case constraint == "EU":
		constraint = "eu-west-1"
	}
	if c.region != "us-east-1" && c.region != constraint {
		return "", illegal(constraint)
	}
	return constraint, nil
}

// newSettings are those of a bucket that is made today: owned by its account
// alone, and not public.
func (c *call) newSettings() (*s3store.Settings, error) {
	standard := c.api.config.Buckets
	ownership := c.Request.Header.Get("X-Amz-Object-Ownership")
	switch ownership {
	case "":
		ownership = cmp.Or(standard.Ownership, ownerEnforced)
	case "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter":
	default:
		return nil, invalidArgument("x-amz-object-ownership", ownership, "Invalid x-amz-object-ownership header: %s", cut(ownership))
	}
	acl, err := c.headerACL(c.Caller.Account, bucketCanned)
	if err != nil {
		return nil, err
	}
	if ownership == ownerEnforced && !onlyOwner(acl, c.Caller.Account) {
		return nil, awserror.New(http.StatusBadRequest, "InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
	}
	settings := &s3store.Settings{Ownership: ownership, ACL: acl}
	if !standard.PublicAccess {
		settings.PublicBlock = &s3store.PublicBlock{BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true}
		if acl.Public() {
			return nil, awserror.New(http.StatusBadRequest, "InvalidBucketAclWithBlockPublicAccessError", "Bucket cannot have public ACLs set with BlockPublicAccess enabled")
		}
	}
	if strings.EqualFold(c.Request.Header.Get("X-Amz-Bucket-Object-Lock-Enabled"), "true") {
		settings.ObjectLock, settings.Versioning = true, s3store.Enabled
	}
	return settings, nil
}

func (c *call) headBucket() error {
	if err := c.allowBucket("ListBucket"); err != nil {
		return err
	}
	c.Writer.Header().Set("X-Amz-Access-Point-Alias", "false")
	c.Writer.WriteHeader(http.StatusOK)
	return nil
}

func (c *call) deleteBucket() error {
	if err := c.allowBucket("DeleteBucket"); err != nil {
		return err
	}
	switch err := c.api.config.Store.DeleteBucket(c.bucket); {
	case errors.Is(err, s3store.ErrBucketNotEmpty):
		message := "The bucket you tried to delete is not empty."
		if c.bucket.Settings().Versioning != s3store.NeverVersioned {
			message += " You must delete all versions in the bucket."
		}
		return awserror.New(http.StatusConflict, "BucketNotEmpty", "%s", message).With("BucketName", c.Bucket)
	case errors.Is(err, s3store.ErrNoBucket):
		return noSuchBucket(c.Bucket)
	case err != nil:
		return err
	}
	return c.noContent()
}

type locationDocument struct {
	XMLName   xml.Name `xml:"LocationConstraint"`
	Namespace string   `xml:"xmlns,attr"`
	Region    string   `xml:",chardata"`
}

func (c *call) getBucketLocation() error {
	if err := c.allowBucket("GetBucketLocation"); err != nil {
		return err
	}
	document := locationDocument{Namespace: namespace, Region: c.bucket.Region}
	if document.Region == "us-east-1" {
		document.Region = "" // as S3 shows the region that was there first
	}
	return c.writeXML(document)
}

type bucketXML struct {
	Name         string
	CreationDate string
	BucketRegion string `xml:",omitempty"`
}

type ownerXML struct {
	ID          string
	DisplayName string `xml:",omitempty"`
}

type bucketsDocument struct {
	XMLName           xml.Name `xml:"ListAllMyBucketsResult"`
	Namespace         string   `xml:"xmlns,attr"`
	Owner             ownerXML
	Buckets           []bucketXML `xml:"Buckets>Bucket"`
	ContinuationToken string      `xml:",omitempty"`
	Prefix            string      `xml:",omitempty"`
}

func (c *call) listBuckets() error {
	if err := c.allow("ListAllMyBuckets", "*", nil); err != nil {
		return err
	}
	limit, err := c.intParameter("max-buckets", maxBuckets, 1, maxBuckets)
	if err != nil || c.query.Has("max-buckets") && c.query.Get("max-buckets") != itoa(limit) {
		return invalidArgument("max-buckets", c.query.Get("max-buckets"), "Argument max-buckets must be an integer between 1 and 10000.")
	}
	document := bucketsDocument{Namespace: namespace, Owner: ownerXML{ID: c.canonicalID(c.Caller.Account)}, Prefix: c.query.Get("prefix")}
	after, err := c.continuation()
	if err != nil {
		return err
	}
	region := c.query.Get("bucket-region")
	for _, b := range c.api.config.Store.Buckets(c.Caller.Account) {
		if b.Name <= after || !strings.HasPrefix(b.Name, document.Prefix) || region != "" && b.Region != region {
			continue
		}
		if len(document.Buckets) == limit {
			document.ContinuationToken = token(document.Buckets[limit-1].Name)
			break
		}
		document.Buckets = append(document.Buckets, bucketXML{b.Name, stamp(b.Created), b.Region})
	}
	return c.writeXML(document)
}
