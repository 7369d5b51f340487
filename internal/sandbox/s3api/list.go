package s3api

import (
	"encoding/xml"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

const maxKeys = 1000

type objectXML struct {
	Key               string
	LastModified      string
	ETag              string
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
	Size              int64
	StorageClass      string
	Owner             *ownerXML `xml:",omitempty"`
}

type prefixXML struct{ Prefix string }

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
	CommonPrefixes        []prefixXML
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
	CommonPrefixes []prefixXML
}

// lister is what all the list calls share.
type lister struct {
	listing s3store.Listing
	encoded bool // keys are percent-encoded in the answer
	owner   func(account string) string
}

func (c *call) lister() (lister, error) {
	l := lister{owner: c.owners(), listing: s3store.Listing{Prefix: c.query.Get("prefix"), Delimiter: c.query.Get("delimiter")}}
	switch kind := c.query.Get("encoding-type"); kind {
	case "":
	case "url":
		l.encoded = true
	default:
		return l, invalidArgument("encoding-type", kind, "Invalid Encoding Method specified in Request")
	}
	var err error
	l.listing.Max, err = c.intParameter("max-keys", maxKeys, 0, maxKeys)
	return l, err
}

// owners gives the canonical user IDs of accounts, each looked up once.
func (c *call) owners() func(account string) string {
	known := map[string]string{}
	return func(account string) string {
		id, ok := known[account]
		if !ok {
			id = c.canonicalID(account)
			known[account] = id
		}
		return id
	}
}

// text writes a key as the caller asked for it.
func (l lister) text(key string) string {
	if !l.encoded {
		return key
	}
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(key), "%2F", "/"), "%2A", "*")
}

func (l lister) encodingType() string {
	if l.encoded {
		return "url"
	}
	return ""
}

func (l lister) prefixes(page s3store.Page) []prefixXML {
	var list []prefixXML
	for _, prefix := range page.Prefixes {
		list = append(list, prefixXML{l.text(prefix)})
	}
	return list
}

func (l lister) objects(page s3store.Page, owner bool) []objectXML {
	list := make([]objectXML, len(page.Versions))
	for i, v := range page.Versions {
		list[i] = objectXML{
			Key: l.text(v.Key), LastModified: stamp(v.Modified), ETag: quote(v.ETag), Size: v.Size, StorageClass: storageClass(v),
			ChecksumAlgorithm: v.Checksum.Algorithm, ChecksumType: v.Checksum.Type,
		}
		if owner {
			list[i].Owner = &ownerXML{ID: l.owner(v.Owner)}
		}
	}
	return list
}

func storageClass(v *s3store.Version) string {
	if v.StorageClass == "" {
		return "STANDARD"
	}
	return v.StorageClass
}

func (c *call) listObjectsV2() error {
	if err := c.allowBucket("ListBucket", c.listKeys()...); err != nil {
		return err
	}
	l, err := c.lister()
	if err != nil {
		return err
	}
	startAfter := c.query.Get("start-after")
	if l.listing.After, err = c.continuation(); err != nil {
		return err
	}
	if !c.query.Has("continuation-token") {
		l.listing.After = startAfter
	}
	page := c.bucket.List(l.listing)
	document := listV2Document{
		Namespace: namespace, Name: c.Bucket, Prefix: l.text(l.listing.Prefix), Delimiter: l.text(l.listing.Delimiter),
		MaxKeys: l.listing.Max, EncodingType: l.encodingType(), KeyCount: len(page.Versions) + len(page.Prefixes),
		IsTruncated: page.Truncated, ContinuationToken: c.query.Get("continuation-token"), StartAfter: l.text(startAfter),
		Contents: l.objects(page, c.query.Get("fetch-owner") == "true"), CommonPrefixes: l.prefixes(page),
	}
	if page.Truncated {
		document.NextContinuationToken = token(page.Next)
	}
	return c.writeXML(document)
}

func (c *call) listObjects() error {
	if err := c.allowBucket("ListBucket", c.listKeys()...); err != nil {
		return err
	}
	l, err := c.lister()
	if err != nil {
		return err
	}
	l.listing.After = c.query.Get("marker")
	page := c.bucket.List(l.listing)
	document := listV1Document{
		Namespace: namespace, Name: c.Bucket, Prefix: l.text(l.listing.Prefix), Marker: l.text(l.listing.After),
		Delimiter: l.text(l.listing.Delimiter), MaxKeys: l.listing.Max, EncodingType: l.encodingType(),
		IsTruncated: page.Truncated, Contents: l.objects(page, true), CommonPrefixes: l.prefixes(page),
	}
	if page.Truncated && l.listing.Delimiter != "" {
		document.NextMarker = l.text(page.Next)
	}
	return c.writeXML(document)
}
