// Package listing lists the objects and versions of a bucket.
package listing

import (
	"encoding/xml"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// ConditionKeys returns the condition keys of list calls.
func ConditionKeys(c *front.Call) []authz.Key {
	var keys []authz.Key
	for _, name := range []string{"prefix", "delimiter", "max-keys"} {
		if c.Query.Has(name) {
			keys = append(keys, authz.K("s3:"+name, c.Query.Get(name)))
		}
	}
	return keys
}

type objectXML struct {
	Key               string
	LastModified      string
	ETag              string
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
	Size              int64
	StorageClass      string
	Owner             *front.OwnerXML `xml:",omitempty"`
}

// PrefixXML is a common prefix in a document.
type PrefixXML struct{ Prefix string }

type listV2Document struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	Namespace             string   `xml:"xmlns,attr"`
	Name                  string
	Prefix                string
	Delimiter             string `xml:",omitempty"`
	MaxKeys               int
	EncodingType          string `xml:",omitempty"`
	KeyCount              int
	IsTruncated           bool
	ContinuationToken     string `xml:",omitempty"`
	NextContinuationToken string `xml:",omitempty"`
	StartAfter            string `xml:",omitempty"`
	Contents              []objectXML
	CommonPrefixes        []PrefixXML
}

type listV1Document struct {
	XMLName        xml.Name `xml:"ListBucketResult"`
	Namespace      string   `xml:"xmlns,attr"`
	Name           string
	Prefix         string
	Marker         string
	NextMarker     string `xml:",omitempty"`
	Delimiter      string `xml:",omitempty"`
	MaxKeys        int
	EncodingType   string `xml:",omitempty"`
	IsTruncated    bool
	Contents       []objectXML
	CommonPrefixes []PrefixXML
}

// lister has what all list calls share.
type lister struct {
	Listing s3store.Listing
	encoded bool // whether keys are percent-encoded in the response
	owner   func(account string) string
}

// NewLister parses the parameters that the list operations share.
func NewLister(c *front.Call) (lister, error) {
	l := lister{
		owner:   owners(c),
		Listing: s3store.Listing{Prefix: c.Query.Get("prefix"), Delimiter: c.Query.Get("delimiter")},
	}
	switch kind := c.Query.Get("encoding-type"); kind {
	case "":
	case "url":
		l.encoded = true
	default:
		return l, s3error.InvalidArgument("encoding-type", kind, "Invalid Encoding Method specified in Request")
	}
	var err error
	l.Listing.Max, err = c.IntParameter("max-keys", front.MaxKeys, 0, front.MaxKeys)
	return l, err
}

// owners returns the canonical user IDs of accounts. It looks up each account
// once.
func owners(c *front.Call) func(account string) string {
	known := map[string]string{}
	return func(account string) string {
		id, ok := known[account]
		if !ok {
			id = c.CanonicalID(account)
			known[account] = id
		}
		return id
	}
}

// Text returns a key in the requested encoding.
func (l lister) Text(key string) string {
	if !l.encoded {
		return key
	}
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(key), "%2F", "/"), "%2A", "*")
}

func (l lister) EncodingType() string {
	if l.encoded {
		return "url"
	}
	return ""
}

func (l lister) prefixes(page s3store.Page) []PrefixXML {
	var list []PrefixXML
	for _, prefix := range page.Prefixes {
		list = append(list, PrefixXML{l.Text(prefix)})
	}
	return list
}

func (l lister) objects(page s3store.Page, owner bool) []objectXML {
	list := make([]objectXML, len(page.Versions))
	for i, v := range page.Versions {
		list[i] = objectXML{
			Key: l.Text(
				v.Key,
			),
			LastModified:      front.FormatTime(v.Modified),
			ETag:              front.Quote(v.ETag),
			Size:              v.Size,
			StorageClass:      front.StorageClass(v),
			ChecksumAlgorithm: v.Checksum.Algorithm,
			ChecksumType:      v.Checksum.Type,
		}
		if owner {
			list[i].Owner = &front.OwnerXML{ID: l.owner(v.Owner)}
		}
	}
	return list
}

// ListObjectsV2 serves the operation ListObjectsV2.
func ListObjectsV2(c *front.Call) error {
	if err := c.AllowBucket("ListBucket", ConditionKeys(c)...); err != nil {
		return err
	}
	l, err := NewLister(c)
	if err != nil {
		return err
	}
	startAfter := c.Query.Get("start-after")
	if l.Listing.After, err = c.Continuation(); err != nil {
		return err
	}
	if !c.Query.Has("continuation-token") {
		l.Listing.After = startAfter
	}
	page := c.Bucket.List(l.Listing)
	document := listV2Document{
		Namespace:         front.Namespace,
		Name:              c.BucketName,
		Prefix:            l.Text(l.Listing.Prefix),
		Delimiter:         l.Text(l.Listing.Delimiter),
		MaxKeys:           l.Listing.Max,
		EncodingType:      l.EncodingType(),
		KeyCount:          len(page.Versions) + len(page.Prefixes),
		IsTruncated:       page.Truncated,
		ContinuationToken: c.Query.Get("continuation-token"),
		StartAfter:        l.Text(startAfter),
		Contents:          l.objects(page, c.Query.Get("fetch-owner") == "true"),
		CommonPrefixes:    l.prefixes(page),
	}
	if page.Truncated {
		document.NextContinuationToken = front.Token(page.Next)
	}
	return c.WriteXML(document)
}

// ListObjects serves the operation ListObjects.
func ListObjects(c *front.Call) error {
	if err := c.AllowBucket("ListBucket", ConditionKeys(c)...); err != nil {
		return err
	}
	l, err := NewLister(c)
	if err != nil {
		return err
	}
	l.Listing.After = c.Query.Get("marker")
	page := c.Bucket.List(l.Listing)
	document := listV1Document{
		Namespace:      front.Namespace,
		Name:           c.BucketName,
		Prefix:         l.Text(l.Listing.Prefix),
		Marker:         l.Text(l.Listing.After),
		Delimiter:      l.Text(l.Listing.Delimiter),
		MaxKeys:        l.Listing.Max,
		EncodingType:   l.EncodingType(),
		IsTruncated:    page.Truncated,
		Contents:       l.objects(page, true),
		CommonPrefixes: l.prefixes(page),
	}
	if page.Truncated && l.Listing.Delimiter != "" {
		document.NextMarker = l.Text(page.Next)
	}
	return c.WriteXML(document)
}
