package objects

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/checksum"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/encryption"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type attributesDocument struct {
	XMLName      xml.Name      `xml:"GetObjectAttributesResponse"`
	Namespace    string        `xml:"xmlns,attr"`
	ETag         string        `xml:",omitempty"`
	Checksum     *checksum.XML `xml:",omitempty"`
	ObjectParts  *partsXML     `xml:",omitempty"`
	StorageClass string        `xml:",omitempty"`
	ObjectSize   *int64        `xml:",omitempty"`
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
	checksum.XML
}

// GetObjectAttributes serves the operation GetObjectAttributes.
func GetObjectAttributes(c *front.Call) error {
	asked, err := requestedAttributes(c)
	if err != nil {
		return err
	}
	v, err := readableVersion(c, "GetObject")
	if err != nil {
		return err
	}
	if err := c.AllowObject(c.Versioned("GetObjectAttributes"), front.ExistingTagKeys(v)...); err != nil {
		return err
	}
	if err := encryption.CheckCustomerKey(c, v, encryption.CustomerHeader); err != nil {
		return err
	}
	document, err := attributes(c, v, asked)
	if err != nil {
		return err
	}
	c.VersionHeaders(v)
	c.Writer.Header().Set("Last-Modified", v.Modified.Format(http.TimeFormat))
	return c.WriteXML(document)
}

// requestedAttributes returns the requested attributes.
func requestedAttributes(c *front.Call) ([]string, error) {
	header := strings.Join(c.Request.Header.Values("X-Amz-Object-Attributes"), ",")
	if header == "" {
		return nil, s3error.InvalidRequest(
			"The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty",
		)
	}
	var asked []string
	for name := range strings.SplitSeq(header, ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains([]string{"ETag", "Checksum", "StorageClass", "ObjectSize", "ObjectParts"}, name) {
			return nil, s3error.InvalidArgument("x-amz-object-attributes", name, "Invalid attribute name specified.")
		}
		asked = append(asked, name)
	}
	return asked, nil
}

func attributes(c *front.Call, v *s3store.Version, asked []string) (*attributesDocument, error) {
	document := &attributesDocument{Namespace: front.Namespace}
	for _, name := range asked {
		switch name {
		case "ETag":
			document.ETag = v.ETag
		case "Checksum":
			if v.Checksum.Value != "" {
				sum := checksum.NewXML(v.Checksum, true)
				document.Checksum = &sum
			}
		case "StorageClass":
			document.StorageClass = front.StorageClass(v)
		case "ObjectSize":
			document.ObjectSize = &v.Size
		case "ObjectParts":
			parts, err := attributeParts(c, v)
			if err != nil {
				return nil, err
			}
			document.ObjectParts = parts
		}
	}
	return document, nil
}

// attributeParts returns the parts of a multipart object. As in S3, they are
// listed only when their checksums are known.
func attributeParts(c *front.Call, v *s3store.Version) (*partsXML, error) {
	if len(v.PartSizes) == 0 {
		return nil, nil
	}
	limit, err := headerInt(c.Request, "X-Amz-Max-Parts", front.MaxKeys)
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
		out.Parts = append(out.Parts, attributePartXML{i + 1, v.PartSizes[i], checksum.NewXML(sum, false)})
		out.NextPartNumberMarker = i + 1
	}
	return out, nil
}

// headerInt parses a number in a header.
func headerInt(r *http.Request, name string, fallback int) (int, error) {
	text := r.Header.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, s3error.InvalidArgument(
			strings.ToLower(name),
			text,
			"Provided %s not an integer or within integer range",
			strings.ToLower(name),
		)
	}
	return min(n, front.MaxKeys), nil
}
