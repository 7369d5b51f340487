package s3api

import (
	"encoding/hex"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// source is what a copy reads.
type source struct {
	bucket  *s3store.Bucket
	key     string
	id      string // version ID, or empty
	version *s3store.Version
}

// source finds what x-amz-copy-source names, once the caller may read it.
func (c *call) source() (*source, error) {
	header := c.Request.Header.Get("X-Amz-Copy-Source")
	path, query, _ := strings.Cut(header, "?")
	plain, err := url.PathUnescape(strings.TrimPrefix(path, "/"))
	bucket, key, ok := strings.Cut(plain, "/")
	switch {
	case err != nil:
		return nil, invalidArgument("x-amz-copy-source", header, "Invalid copy source encoding")
	case checkBucketName(bucket) != nil:
		return nil, invalidArgument("x-amz-copy-source", header, "Invalid copy source bucket name")
	case !ok || key == "" || climbs(key):
		return nil, invalidArgument("x-amz-copy-source", key, "Invalid copy source object key")
	}
	id := ""
	if query != "" {
		values, err := url.ParseQuery(query)
		if err != nil || !values.Has("versionId") {
			return nil, invalidArgument("x-amz-copy-source", header, "Unsupported copy source parameter.")
		}
		id = values.Get("versionId")
	}
	from := &source{bucket: c.api.config.Store.Bucket(bucket), key: key, id: id}
	if from.bucket == nil {
		return nil, noSuchBucket(bucket)
	}
	if owner := c.Request.Header.Get("X-Amz-Source-Expected-Bucket-Owner"); owner != "" && owner != from.bucket.Account {
		return nil, accessDenied("Access Denied")
	}
	reader := c.on(from.bucket, key, id)
	if from.version, err = reader.readable("GetObject"); err != nil {
		return nil, err
	}
	if err := reader.checkCustomerKey(from.version, "X-Amz-Copy-Source-Server-Side-Encryption-Customer-"); err != nil {
		return nil, err
	}
	if err := reader.allowDecrypt(from.version); err != nil {
		return nil, err
	}
	if err := c.sourceCondition(from.version); err != nil {
		return nil, err
	}
	if class, archived := reader.archive(from.version); archived {
		return nil, awserror.New(http.StatusForbidden, "InvalidObjectState", "Operation is not valid for the source object's storage class").With("StorageClass", class)
	}
	return from, nil
}

// climbs says whether a key, read as a path, leads to no place below its
// bucket.
func climbs(key string) bool {
	depth := 0
	for segment := range strings.SplitSeq(key, "/") {
		switch segment {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return true
			}
		default:
			depth++
		}
	}
	return depth == 0 && strings.Contains(key, ".")
}

// on is this call as if it were for another object.
func (c *call) on(bucket *s3store.Bucket, key, id string) *call {
	other := *c
	other.bucket, other.Bucket, other.Key, other.object = bucket, bucket.Name, key, nil
	other.query = url.Values{}
	if id != "" {
		other.query.Set("versionId", id)
	}
	return &other
}

// sourceCondition holds the source to the conditions of the copy.
func (c *call) sourceCondition(v *s3store.Version) error {
	get := func(name string) string { return c.Request.Header.Get("X-Amz-Copy-Source-If-" + name) }
	match, none := get("Match"), get("None-Match")
	if match != "" && !etagIn(match, v.ETag) {
		return preconditionFailed("x-amz-copy-source-If-Match")
	}
	if since, err := http.ParseTime(get("Unmodified-Since")); err == nil && match == "" && v.Modified.After(since) {
		return preconditionFailed("x-amz-copy-source-If-Unmodified-Since")
	}
	if none != "" && etagIn(none, v.ETag) {
		return preconditionFailed("x-amz-copy-source-If-None-Match")
	}
	if since, err := http.ParseTime(get("Modified-Since")); err == nil && none == "" && !v.Modified.After(since) {
		return preconditionFailed("x-amz-copy-source-If-Modified-Since")
	}
	return nil
}

type copyResult struct {
	XMLName      xml.Name
	Namespace    string `xml:"xmlns,attr"`
	LastModified string
	ETag         string
	checksumXML
}

func (c *call) copyObject() error {
	if err := c.checkDirectives(); err != nil {
		return err
	}
	target, err := c.newVersion()
	if err != nil {
		return err
	}
	from, err := c.source()
	if err != nil {
		return err
	}
	if err := c.mergeCopy(target, from); err != nil {
		return err
	}
	if err := c.allowPut(target); err != nil {
		return err
	}
	if from.version.Size > maxPut {
		return invalidRequest("The specified copy source is larger than the maximum allowable size for a copy source: %d", int64(maxPut))
	}
	algorithm := c.copyAlgorithm()
	if algorithm == "" {
		algorithm = from.version.Checksum.Algorithm
	}
	blob, d, err := c.copyBody(from.version, 0, from.version.Size, algorithm)
	if err != nil {
		return err
	}
	target.Size, target.ETag, target.Checksum = d.size, hex.EncodeToString(d.md5), d.checksum
	target.Segments = []s3store.Segment{{Blob: blob}}
	stored, err := c.api.config.Store.Put(c.bucket, target, c.putCondition())
	if err != nil {
		return c.storeError(err)
	}
	c.newVersionHeaders(stored)
	c.encryptionHeaders(stored)
	c.sourceHeader(from)
	return c.writeXML(copyResult{
		XMLName: xml.Name{Local: "CopyObjectResult"}, Namespace: namespace,
		LastModified: stamp(stored.Modified), ETag: quote(stored.ETag), checksumXML: showChecksum(stored.Checksum, true),
	})
}

func (c *call) copyAlgorithm() string {
	return strings.ToUpper(c.Request.Header.Get("X-Amz-Checksum-Algorithm"))
}

// checkDirectives refuses what a copy cannot be asked for, before anything is
// looked up.
func (c *call) checkDirectives() error {
	if algorithm := c.copyAlgorithm(); algorithm != "" && newHash(algorithm) == nil {
		return unknownAlgorithm()
	}
	for _, name := range []string{"metadata", "tagging"} {
		switch directive := c.Request.Header.Get("X-Amz-" + name + "-Directive"); directive {
		case "", "COPY", "REPLACE":
		default:
			return invalidArgument("x-amz-"+name+"-directive", directive, "Unknown %s directive.", name)
		}
	}
	return nil
}

func (c *call) sourceHeader(from *source) {
	if from.version.ID != s3store.NullVersion || from.bucket.Settings().Versioning != s3store.NeverVersioned {
		c.Writer.Header().Set("X-Amz-Copy-Source-Version-Id", from.version.ID)
	}
}

// mergeCopy gives the target what it takes over from its source.
func (c *call) mergeCopy(target *s3store.Version, from *source) error {
	if c.Request.Header.Get("X-Amz-Metadata-Directive") != "REPLACE" {
		redirect, has := target.Headers["X-Amz-Website-Redirect-Location"]
		if from.bucket == c.bucket && from.key == c.Key && from.id == "" && !has &&
			target.StorageClass == from.version.StorageClass && !c.namesEncryption() {
			return invalidRequest("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
		}
		target.Headers, target.Metadata = map[string]string{}, from.version.Metadata
		for name, value := range from.version.Headers {
			if name != "X-Amz-Website-Redirect-Location" {
				target.Headers[name] = value
			}
		}
		if has {
			target.Headers["X-Amz-Website-Redirect-Location"] = redirect
		}
	}
	if c.Request.Header.Get("X-Amz-Tagging-Directive") != "REPLACE" {
		if len(from.version.Tags) > 0 {
			reader := c.on(from.bucket, from.key, from.id)
			if err := reader.allowObject(reader.versioned("GetObjectTagging"), existingTagKeys(from.version)...); err != nil {
				return err
			}
		}
		target.Tags = from.version.Tags
	}
	return nil
}

// copyBody writes a part of a version anew, and digests it.
func (c *call) copyBody(v *s3store.Version, offset, length int64, algorithm string) (*s3store.Blob, digests, error) {
	reader, err := open(v)
	if err != nil {
		return nil, digests{}, err
	}
	defer reader.Close()
	stream := reader.Stream(offset, length)
	defer stream.Close()
	in, err := newDigester(stream, length, algorithm)
	if err != nil {
		return nil, digests{}, err
	}
	blob, err := c.api.config.Store.NewBlob(c.ctx, in, length)
	if err != nil {
		return nil, digests{}, err
	}
	d := in.digests()
	if d.size != length {
		blob.Drop()
		return nil, digests{}, errors.New("the body of a copy's source is shorter than it was")
	}
	return blob, d, nil
}

// moment is now as S3 keeps it.
func (c *call) moment() time.Time { return c.now.Truncate(time.Second) }
