package multipart

import (
	"encoding/xml"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/listing"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
)

type uploadXML struct {
	Key               string
	UploadID          string `xml:"UploadId"`
	Initiator         front.OwnerXML
	Owner             front.OwnerXML
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
	CommonPrefixes     []listing.PrefixXML
}

// ListMultipartUploads serves the operation ListMultipartUploads.
func ListMultipartUploads(c *front.Call) error {
	if err := c.AllowBucket("ListBucketMultipartUploads", listing.ConditionKeys(c)...); err != nil {
		return err
	}
	l, err := listing.NewLister(c)
	if err != nil {
		return err
	}
	limit, err := c.IntParameter("max-uploads", front.MaxKeys, 0, front.MaxKeys)
	if err != nil {
		return err
	}
	keyMarker, idMarker := c.Query.Get("key-marker"), c.Query.Get("upload-id-marker")
	if keyMarker != "" && idMarker != "" && !isUploadOf(keyMarker, idMarker) {
		return s3error.InvalidArgument("upload-id-marker", idMarker, "Invalid uploadId marker")
	}
	document := uploadsDocument{
		Namespace:      front.Namespace,
		Bucket:         c.BucketName,
		KeyMarker:      l.Text(keyMarker),
		UploadIDMarker: idMarker,
		EncodingType:   l.EncodingType(),
		Prefix:         l.Text(l.Listing.Prefix),
		Delimiter:      l.Text(l.Listing.Delimiter),
		MaxUploads:     limit,
	}
	var prefixes []string
	for _, u := range c.Bucket.Uploads(l.Listing.Prefix) {
		if keyMarker != "" && (u.Key < keyMarker || u.Key == keyMarker && (idMarker == "" || u.ID <= idMarker)) {
			continue
		}
		common := commonPrefix(u.Key, l.Listing.Prefix, l.Listing.Delimiter)
		if common != "" && (slices.Contains(prefixes, common) || common == keyMarker) {
			continue
		}
		if len(document.Uploads)+len(prefixes) == limit {
			document.IsTruncated = limit > 0
			break
		}
		if common != "" {
			prefixes = append(prefixes, common)
			document.CommonPrefixes = append(document.CommonPrefixes, listing.PrefixXML{Prefix: l.Text(common)})
			document.NextKeyMarker, document.NextUploadIDMarker = l.Text(common), ""
			continue
		}
		document.Uploads = append(document.Uploads, uploadXML{
			Key: l.Text(
				u.Key,
			),
			UploadID:          u.ID,
			Initiator:         front.OwnerXML{ID: u.Initiator},
			Owner:             front.OwnerXML{ID: c.CanonicalID(c.Bucket.Account)},
			StorageClass:      front.StorageClass(u.Version),
			Initiated:         front.FormatTime(u.Initiated),
			ChecksumAlgorithm: u.Version.Checksum.Algorithm,
			ChecksumType:      u.Version.Checksum.Type,
		})
		document.NextKeyMarker, document.NextUploadIDMarker = l.Text(u.Key), u.ID
	}
	if !document.IsTruncated {
		document.NextKeyMarker, document.NextUploadIDMarker = "", ""
	}
	return c.WriteXML(document)
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
