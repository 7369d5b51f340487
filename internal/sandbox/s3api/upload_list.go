package s3api

import (
	"encoding/xml"
	"slices"
	"strings"
)

type uploadXML struct {
	Key               string
	UploadID          string `xml:"UploadId"`
	Initiator         ownerXML
	Owner             ownerXML
	StorageClass      string
	Initiated         string
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
}

type uploadsDocument struct {
	XMLName            xml.Name `xml:"ListMultipartUploadsResult"`
	Namespace          string   `xml:"xmlns,attr"`
	Bucket             string
	KeyMarker          string
	UploadIDMarker     string `xml:"UploadIdMarker"`
	NextKeyMarker      string `xml:",omitempty"`
	NextUploadIDMarker string `xml:"NextUploadIdMarker,omitempty"`
	Prefix             string
	Delimiter          string `xml:",omitempty"`
	EncodingType       string `xml:",omitempty"`
	MaxUploads         int
	IsTruncated        bool
	Uploads            []uploadXML `xml:"Upload"`
	CommonPrefixes     []prefixXML
}

func (c *call) listMultipartUploads() error {
	if err := c.allowBucket("ListBucketMultipartUploads", c.listKeys()...); err != nil {
		return err
	}
	l, err := c.lister()
	if err != nil {
		return err
	}
	limit, err := c.intParameter("max-uploads", maxKeys, 0, maxKeys)
	if err != nil {
		return err
	}
	keyMarker, idMarker := c.query.Get("key-marker"), c.query.Get("upload-id-marker")
	if keyMarker != "" && idMarker != "" && !uploadOf(keyMarker, idMarker) {
		return invalidArgument("upload-id-marker", idMarker, "Invalid uploadId marker")
	}
	document := uploadsDocument{
		Namespace: namespace, Bucket: c.Bucket, KeyMarker: l.text(keyMarker), UploadIDMarker: idMarker, EncodingType: l.encodingType(),
		Prefix: l.text(l.listing.Prefix), Delimiter: l.text(l.listing.Delimiter), MaxUploads: limit,
	}
	var prefixes []string
	for _, u := range c.bucket.Uploads(l.listing.Prefix) {
		if keyMarker != "" && (u.Key < keyMarker || u.Key == keyMarker && (idMarker == "" || u.ID <= idMarker)) {
			continue
		}
		common := commonPrefix(u.Key, l.listing.Prefix, l.listing.Delimiter)
		if common != "" && (slices.Contains(prefixes, common) || common == keyMarker) {
			continue
		}
		if len(document.Uploads)+len(prefixes) == limit {
			document.IsTruncated = limit > 0
			break
		}
		if common != "" {
			prefixes = append(prefixes, common)
			document.CommonPrefixes = append(document.CommonPrefixes, prefixXML{l.text(common)})
			document.NextKeyMarker, document.NextUploadIDMarker = l.text(common), ""
			continue
		}
		document.Uploads = append(document.Uploads, uploadXML{
			Key: l.text(u.Key), UploadID: u.ID, Initiator: ownerXML{ID: u.Initiator}, Owner: ownerXML{ID: c.canonicalID(c.bucket.Account)},
			StorageClass: storageClass(u.Version), Initiated: stamp(u.Initiated),
			ChecksumAlgorithm: u.Version.Checksum.Algorithm, ChecksumType: u.Version.Checksum.Type,
		})
		document.NextKeyMarker, document.NextUploadIDMarker = l.text(u.Key), u.ID
	}
	if !document.IsTruncated {
		document.NextKeyMarker, document.NextUploadIDMarker = "", ""
	}
	return c.writeXML(document)
}

func commonPrefix(key, prefix, delimiter string) string {
	if delimiter == "" {
		return ""
	}
	at := strings.Index(key[len(prefix):], delimiter)
	if at < 0 {
		return ""
	}
	return key[:len(prefix)+at+len(delimiter)]
}
