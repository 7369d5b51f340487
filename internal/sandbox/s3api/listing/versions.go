package listing

import (
	"encoding/xml"
	"strconv"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// versionXML is a version or a delete marker, depending on its name.
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
	Owner             front.OwnerXML
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
	CommonPrefixes      []PrefixXML
}

// ListObjectVersions serves the operation ListObjectVersions.
func ListObjectVersions(c *front.Call) error {
	if err := c.AllowBucket("ListBucketVersions", ConditionKeys(c)...); err != nil {
		return err
	}
	if n, err := strconv.Atoi(c.Query.Get("max-keys")); err == nil && n < 0 {
		return s3error.InvalidArgument("maxKeys", c.Query.Get("max-keys"), "max-keys cannot be negative")
	}
	l, err := NewLister(c)
	if err != nil {
		return err
	}
	l.Listing.Versions, l.Listing.After, l.Listing.AfterID = true, c.Query.Get(
		"key-marker",
	), c.Query.Get(
		"version-id-marker",
	)
	if l.Listing.AfterID != "" && l.Listing.After == "" {
		return s3error.InvalidArgument(
			"version-id-marker",
			l.Listing.AfterID,
			"A version-id marker cannot be specified without a key marker.",
		)
	}
	if c.Query.Has("version-id-marker") && l.Listing.AfterID == "" {
		return s3error.InvalidArgument("version-id-marker", "", "A version-id marker cannot be empty.")
	}
	page := c.Bucket.List(l.Listing)
	document := versionsDocument{
		Namespace:       front.Namespace,
		Name:            c.BucketName,
		Prefix:          l.Text(l.Listing.Prefix),
		KeyMarker:       l.Text(l.Listing.After),
		VersionIDMarker: l.Listing.AfterID,
		MaxKeys:         l.Listing.Max,
		Delimiter:       l.Text(l.Listing.Delimiter),
		EncodingType:    l.EncodingType(),
		IsTruncated:     page.Truncated,
		CommonPrefixes:  l.prefixes(page),
	}
	if page.Truncated {
		document.NextKeyMarker, document.NextVersionIDMarker = l.Text(page.Next), page.NextID
	}
	for i, v := range page.Versions {
		document.Versions = append(document.Versions, l.version(v, page.Latest[i]))
	}
	return c.WriteXML(document)
}

func (l lister) version(v *s3store.Version, latest bool) versionXML {
	out := versionXML{
		XMLName: xml.Name{Local: "DeleteMarker"}, Key: l.Text(v.Key), VersionID: v.ID, IsLatest: latest,
		LastModified: front.FormatTime(v.Modified), Owner: front.OwnerXML{ID: l.owner(v.Owner)},
	}
	if !v.DeleteMarker {
		out.XMLName.Local = "Version"
		out.ETag, out.Size, out.StorageClass = front.Quote(v.ETag), &v.Size, front.StorageClass(v)
		out.ChecksumAlgorithm, out.ChecksumType = v.Checksum.Algorithm, v.Checksum.Type
	}
	return out
}
