package s3api

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type attributesDocument struct {
	XMLName      xml.Name     `xml:"GetObjectAttributesResponse"`
	Namespace    string       `xml:"xmlns,attr"`
	ETag         string       `xml:",omitempty"`
	Checksum     *checksumXML `xml:",omitempty"`
	ObjectParts  *partsXML    `xml:",omitempty"`
	StorageClass string       `xml:",omitempty"`
	ObjectSize   *int64       `xml:",omitempty"`
}

type partsXML struct {
	PartsCount           int
	PartNumberMarker     int
	NextPartNumberMarker int
	MaxParts             int
	IsTruncated          bool
	Parts                []attributePartXML `xml:"Part,omitempty"`
}

type attributePartXML struct {
	PartNumber int
	Size       int64
	checksumXML
}

func (c *call) getObjectAttributes() error {
	asked, err := c.askedAttributes()
	if err != nil {
		return err
	}
	v, err := c.readable("GetObject")
	if err != nil {
		return err
	}
	if err := c.allowObject(c.versioned("GetObjectAttributes"), existingTagKeys(v)...); err != nil {
		return err
	}
	if err := c.checkCustomerKey(v, customerHeader); err != nil {
		return err
	}
	document, err := c.attributes(v, asked)
	if err != nil {
		return err
	}
	c.versionHeaders(v)
	c.Writer.Header().Set("Last-Modified", v.Modified.Format(http.TimeFormat))
	return c.writeXML(document)
}

// askedAttributes reads which attributes a request names.
func (c *call) askedAttributes() ([]string, error) {
	header := strings.Join(c.Request.Header.Values("X-Amz-Object-Attributes"), ",")
	if header == "" {
		return nil, invalidRequest("The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty")
	}
	var asked []string
	for name := range strings.SplitSeq(header, ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains([]string{"ETag", "Checksum", "StorageClass", "ObjectSize", "ObjectParts"}, name) {
			return nil, invalidArgument("x-amz-object-attributes", name, "Invalid attribute name specified.")
		}
		asked = append(asked, name)
	}
	return asked, nil
}

func (c *call) attributes(v *s3store.Version, asked []string) (*attributesDocument, error) {
	document := &attributesDocument{Namespace: namespace}
	for _, name := range asked {
		switch name {
		case "ETag":
			document.ETag = v.ETag
		case "Checksum":
			if v.Checksum.Value != "" {
				sum := showChecksum(v.Checksum, true)
				document.Checksum = &sum
			}
		case "StorageClass":
			document.StorageClass = storageClass(v)
		case "ObjectSize":
			document.ObjectSize = &v.Size
		case "ObjectParts":
			parts, err := c.attributeParts(v)
			if err != nil {
				return nil, err
			}
			document.ObjectParts = parts
		}
	}
	return document, nil
}

// attributeParts tells the parts of a multipart object; one by one only where
// their checksums are known, as S3 does.
func (c *call) attributeParts(v *s3store.Version) (*partsXML, error) {
	if len(v.PartSizes) == 0 {
		return nil, nil
	}
	limit, err := headerInt(c.Request, "X-Amz-Max-Parts", maxKeys)
	if err != nil {
		return nil, err
	}
	after, err := headerInt(c.Request, "X-Amz-Part-Number-Marker", 0)
	if err != nil {
		return nil, err
	}
	out := &partsXML{PartsCount: len(v.PartSizes), PartNumberMarker: after, MaxParts: limit}
	if len(v.PartSums) != len(v.PartSizes) {
		return out, nil
	}
	for i := after; i < len(v.PartSizes); i++ {
		if len(out.Parts) == limit {
			out.IsTruncated = true
			break
		}
		sum := s3store.Checksum{Algorithm: v.Checksum.Algorithm, Value: v.PartSums[i]}
		out.Parts = append(out.Parts, attributePartXML{i + 1, v.PartSizes[i], showChecksum(sum, false)})
		out.NextPartNumberMarker = i + 1
	}
	return out, nil
}
