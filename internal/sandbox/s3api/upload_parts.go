package s3api

import (
	"cmp"
	"encoding/xml"
)

type partXML struct {
	PartNumber   int
	LastModified string
	ETag         string
	Size         int64
	checksumXML
}

type partsDocument struct {
	XMLName              xml.Name `xml:"ListPartsResult"`
	Namespace            string   `xml:"xmlns,attr"`
	Bucket               string
	Key                  string
	UploadID             string `xml:"UploadId"`
	Initiator            ownerXML
	Owner                ownerXML
	StorageClass         string
	PartNumberMarker     int
	NextPartNumberMarker int
	MaxParts             int
	IsTruncated          bool
	ChecksumAlgorithm    string    `xml:",omitempty"`
	ChecksumType         string    `xml:",omitempty"`
	Parts                []partXML `xml:"Part"`
}

func (c *call) listParts() error {
	if err := c.allowObject("ListMultipartUploadParts"); err != nil {
		return err
	}
	u, err := c.upload()
	if err != nil {
		return err
	}
	limit, err := c.intParameter("max-parts", maxKeys, 0, maxKeys)
	if err != nil {
		return err
	}
	after, err := c.intParameter("part-number-marker", 0, 0, 1<<30)
	if err != nil {
		return err
	}
	document := partsDocument{
		Namespace: namespace, Bucket: c.Bucket, Key: c.Key, UploadID: u.ID, PartNumberMarker: after, MaxParts: limit,
		Initiator: ownerXML{ID: u.Initiator}, Owner: ownerXML{ID: c.canonicalID(c.bucket.Account)}, StorageClass: storageClass(u.Version),
		ChecksumAlgorithm: cmp.Or(u.Version.Checksum.Algorithm, "null"), ChecksumType: cmp.Or(u.Version.Checksum.Type, "null"),
	}
	for _, part := range c.bucket.Parts(u) {
		if part.Number <= after {
			continue
		}
		if len(document.Parts) == limit {
			document.IsTruncated = true
			break
		}
		shown := partXML{PartNumber: part.Number, LastModified: stamp(part.Modified), ETag: quote(part.ETag), Size: part.Blob.Size}
		if u.Version.Checksum.Algorithm != "" {
			shown.checksumXML = showChecksum(part.Checksum, false)
		}
		document.Parts = append(document.Parts, shown)
		document.NextPartNumberMarker = part.Number
	}
	return c.writeXML(document)
}
