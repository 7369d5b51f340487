package s3api

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// versioned gives the action for a request that names a version:
// GetObjectVersion for GetObject, GetObjectVersionTagging for GetObjectTagging.
func (c *call) versioned(action string) string {
	if c.query.Get("versionId") == "" {
		return action
	}
	return strings.Replace(action, "Object", "ObjectVersion", 1)
}

type versioningDocument struct {
	XMLName   xml.Name           `xml:"VersioningConfiguration"`
	Namespace string             `xml:"xmlns,attr,omitempty"`
	Status    s3store.Versioning `xml:",omitempty"`
	MfaDelete string             `xml:",omitempty"`
}

func (c *call) getBucketVersioning() error {
	if err := c.allowBucket("GetBucketVersioning"); err != nil {
		return err
	}
	return c.writeXML(versioningDocument{Namespace: namespace, Status: c.bucket.Settings().Versioning})
}

func (c *call) putBucketVersioning() error {
	if err := c.allowBucket("PutBucketVersioning"); err != nil {
		return err
	}
	var document versioningDocument
	if given, err := c.readXML(&document); err != nil {
		return err
	} else if !given || document.Status == "" {
		return awserror.New(http.StatusBadRequest, "IllegalVersioningConfigurationException", "The Versioning element must be specified")
	}
	if document.Status != s3store.Enabled && document.Status != s3store.Suspended {
		return malformedXML()
	}
	if document.MfaDelete == "Enabled" {
		return notImplemented()
	}
	return c.configure(http.StatusOK, func(s *s3store.Settings) error {
		if s.ObjectLock && document.Status == s3store.Suspended {
			return awserror.New(http.StatusConflict, "InvalidBucketState", "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.")
		}
		s.Versioning = document.Status
		return nil
	})
}

// versionXML is a version or a delete marker; its name says which.
type versionXML struct {
	XMLName           xml.Name
	ETag              string `xml:",omitempty"`
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
	Size              *int64 `xml:",omitempty"`
	StorageClass      string `xml:",omitempty"`
	Key               string
	VersionID         string `xml:"VersionId"`
	IsLatest          bool
	LastModified      string
	Owner             ownerXML
}

type versionsDocument struct {
	XMLName             xml.Name `xml:"ListVersionsResult"`
	Namespace           string   `xml:"xmlns,attr"`
	Name                string
	Prefix              string
	KeyMarker           string
	VersionIDMarker     string `xml:"VersionIdMarker"`
	NextKeyMarker       string `xml:",omitempty"`
	NextVersionIDMarker string `xml:"NextVersionIdMarker,omitempty"`
	MaxKeys             int
	Delimiter           string `xml:",omitempty"`
	EncodingType        string `xml:",omitempty"`
	IsTruncated         bool
	Versions            []versionXML
	CommonPrefixes      []prefixXML
}

func (c *call) listObjectVersions() error {
	if err := c.allowBucket("ListBucketVersions", c.listKeys()...); err != nil {
		return err
	}
	if n, err := strconv.Atoi(c.query.Get("max-keys")); err == nil && n < 0 {
		return invalidArgument("maxKeys", c.query.Get("max-keys"), "max-keys cannot be negative")
	}
	l, err := c.lister()
	if err != nil {
		return err
	}
	l.listing.Versions, l.listing.After, l.listing.AfterID = true, c.query.Get("key-marker"), c.query.Get("version-id-marker")
	if l.listing.AfterID != "" && l.listing.After == "" {
		return invalidArgument("version-id-marker", l.listing.AfterID, "A version-id marker cannot be specified without a key marker.")
	}
	if c.query.Has("version-id-marker") && l.listing.AfterID == "" {
		return invalidArgument("version-id-marker", "", "A version-id marker cannot be empty.")
	}
	page := c.bucket.List(l.listing)
	document := versionsDocument{
		Namespace: namespace, Name: c.Bucket, Prefix: l.text(l.listing.Prefix), KeyMarker: l.text(l.listing.After),
		VersionIDMarker: l.listing.AfterID, MaxKeys: l.listing.Max, Delimiter: l.text(l.listing.Delimiter),
		EncodingType: l.encodingType(), IsTruncated: page.Truncated, CommonPrefixes: l.prefixes(page),
	}
	if page.Truncated {
		document.NextKeyMarker, document.NextVersionIDMarker = l.text(page.Next), page.NextID
	}
	for i, v := range page.Versions {
		document.Versions = append(document.Versions, l.version(v, page.Latest[i]))
	}
	return c.writeXML(document)
}

func (l lister) version(v *s3store.Version, latest bool) versionXML {
	out := versionXML{
		XMLName: xml.Name{Local: "DeleteMarker"}, Key: l.text(v.Key), VersionID: v.ID, IsLatest: latest,
		LastModified: stamp(v.Modified), Owner: ownerXML{ID: l.owner(v.Owner)},
	}
	if !v.DeleteMarker {
		out.XMLName.Local = "Version"
		out.ETag, out.Size, out.StorageClass = quote(v.ETag), &v.Size, storageClass(v)
		out.ChecksumAlgorithm, out.ChecksumType = v.Checksum.Algorithm, v.Checksum.Type
	}
	return out
}
