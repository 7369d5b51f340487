package multipart

import (
	"cmp"
	"encoding/xml"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/checksum"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
)

type partXML struct {
	PartNumber   int
	LastModified string
	ETag         string
	Size         int64
	checksum.XML
}

type partsDocument struct {
	XMLName              xml.Name `xml:"ListPartsResult"`
	Namespace            string   `xml:"xmlns,attr"`
	Bucket               string
	Key                  string
	UploadID             string `xml:"UploadId"`
	Initiator            front.OwnerXML
	Owner                front.OwnerXML
	StorageClass         string
	PartNumberMarker     int
	NextPartNumberMarker int
	MaxParts             int
	IsTruncated          bool
	ChecksumAlgorithm    string    `xml:",omitempty"`
	ChecksumType         string    `xml:",omitempty"`
	Parts                []partXML `xml:"Part"`
}

// ListParts serves the operation ListParts.
func ListParts(c *front.Call) error {
	if err := c.AllowObject("ListMultipartUploadParts"); err != nil {
		return err
	}
	u, err := findUpload(c)
	if err != nil {
		return err
	}
	limit, err := c.IntParameter("max-parts", front.MaxKeys, 0, front.MaxKeys)
	if err != nil {
		return err
	}
	after, err := c.IntParameter("part-number-marker", 0, 0, 1<<30)
	if err != nil {
		return err
	}
	document := partsDocument{
		Namespace:        front.Namespace,
		Bucket:           c.BucketName,
		Key:              c.Key,
		UploadID:         u.ID,
		PartNumberMarker: after,
		MaxParts:         limit,
		Initiator: front.OwnerXML{
			ID: u.Initiator,
		},
		Owner:        front.OwnerXML{ID: c.CanonicalID(c.Bucket.Account)},
		StorageClass: front.StorageClass(u.Version),
		ChecksumAlgorithm: cmp.Or(
			u.Version.Checksum.Algorithm,
			"null",
		),
		ChecksumType: cmp.Or(u.Version.Checksum.Type, "null"),
	}
	for _, part := range c.Bucket.Parts(u) {
		if part.Number <= after {
			continue
		}
		if len(document.Parts) == limit {
			document.IsTruncated = true
			break
		}
		shown := partXML{
			PartNumber:   part.Number,
			LastModified: front.FormatTime(part.Modified),
			ETag:         front.Quote(part.ETag),
			Size:         part.Blob.Size,
		}
		if u.Version.Checksum.Algorithm != "" {
			shown.XML = checksum.NewXML(part.Checksum, false)
		}
		document.Parts = append(document.Parts, shown)
		document.NextPartNumberMarker = part.Number
	}
	return c.WriteXML(document)
}
