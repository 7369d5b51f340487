package objects

import (
	"encoding/hex"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/buckets"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/checksum"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/encryption"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// Source is the object that a copy reads.
type source struct {
	bucket  *s3store.Bucket
	key     string
	id      string // version ID, or empty
	Version *s3store.Version
}

// FindSource finds the object in x-amz-copy-source and checks that the caller
// may read it.
func FindSource(c *front.Call) (*source, error) {
	header := c.Request.Header.Get("X-Amz-Copy-Source")
	path, query, _ := strings.Cut(header, "?")
	plain, err := url.PathUnescape(strings.TrimPrefix(path, "/"))
	bucket, key, ok := strings.Cut(plain, "/")
	switch {
	case err != nil:
		return nil, s3error.InvalidArgument("x-amz-copy-source", header, "Invalid copy source encoding")
	case buckets.CheckName(bucket) != nil:
		return nil, s3error.InvalidArgument("x-amz-copy-source", header, "Invalid copy source bucket name")
	case !ok || key == "" || front.EscapesBucket(key):
		return nil, s3error.InvalidArgument("x-amz-copy-source", key, "Invalid copy source object key")
	}
	id := ""
	if query != "" {
		values, err := url.ParseQuery(query)
		if err != nil || !values.Has("versionId") {
			return nil, s3error.InvalidArgument("x-amz-copy-source", header, "Unsupported copy source parameter.")
		}
		id = values.Get("versionId")
	}
	from := &source{bucket: c.Config.Store.Bucket(bucket), key: key, id: id}
	if from.bucket == nil {
		return nil, s3error.NoSuchBucket(bucket)
	}
	if owner := c.Request.Header.Get(
		"X-Amz-Source-Expected-Bucket-Owner",
	); owner != "" &&
		owner != from.bucket.Account {
		return nil, s3error.AccessDenied("Access Denied")
	}
	reader := c.ForObject(from.bucket, key, id)
	if from.Version, err = readableVersion(reader, "GetObject"); err != nil {
		return nil, err
	}
	if err := encryption.CheckCustomerKey(
		reader,
		from.Version,
		"X-Amz-Copy-Source-Server-Side-Encryption-Customer-",
	); err != nil {
		return nil, err
	}
	if err := encryption.AllowDecrypt(reader, from.Version); err != nil {
		return nil, err
	}
	if err := checkSourceConditions(c, from.Version); err != nil {
		return nil, err
	}
	if class, archived := archiveClass(reader, from.Version); archived {
		return nil, awserror.New(http.StatusForbidden, "InvalidObjectState", "Operation is not valid for the source "+
			"object's storage class").
			With("StorageClass", class)
	}
	return from, nil
}

// checkSourceConditions checks a copy's conditions on its source.
func checkSourceConditions(c *front.Call, v *s3store.Version) error {
	get := func(name string) string { return c.Request.Header.Get("X-Amz-Copy-Source-If-" + name) }
	match, none := get("Match"), get("None-Match")
	if match != "" && !etagIn(match, v.ETag) {
		return s3error.PreconditionFailed("x-amz-copy-source-If-Match")
	}
	if since, err := http.ParseTime(get("Unmodified-Since")); err == nil && match == "" && v.Modified.After(since) {
		return s3error.PreconditionFailed("x-amz-copy-source-If-Unmodified-Since")
	}
	if none != "" && etagIn(none, v.ETag) {
		return s3error.PreconditionFailed("x-amz-copy-source-If-None-Match")
	}
	if since, err := http.ParseTime(get("Modified-Since")); err == nil && none == "" && !v.Modified.After(since) {
		return s3error.PreconditionFailed("x-amz-copy-source-If-Modified-Since")
	}
	return nil
}

// CopyResult is the response document of a copy.
type CopyResult struct {
	XMLName      xml.Name
	Namespace    string `xml:"xmlns,attr"`
	LastModified string
	ETag         string
	checksum.XML
}

// CopyObject serves the operation CopyObject.
func CopyObject(c *front.Call) error {
	if err := checkDirectives(c); err != nil {
		return err
	}
	target, err := NewVersion(c)
	if err != nil {
		return err
	}
	from, err := FindSource(c)
	if err != nil {
		return err
	}
	if err := mergeCopy(c, target, from); err != nil {
		return err
	}
	if err := AllowPut(c, target); err != nil {
		return err
	}
	if from.Version.Size > front.MaxPut {
		return s3error.InvalidRequest(
			"The specified copy source is larger than the maximum allowable size for a copy source: %d",
			int64(front.MaxPut),
		)
	}
	algorithm := copyAlgorithm(c)
	if algorithm == "" {
		algorithm = from.Version.Checksum.Algorithm
	}
	blob, d, err := CopyBody(c, from.Version, 0, from.Version.Size, algorithm)
	if err != nil {
		return err
	}
	target.Size, target.ETag, target.Checksum = d.Size, hex.EncodeToString(d.MD5), d.Checksum
	target.Segments = []s3store.Segment{{Blob: blob}}
	target.Cause = c.Cause("ObjectCreated:Copy")
	stored, err := c.Config.Store.Put(c.Bucket, target, PutCondition(c))
	if err != nil {
		return c.StoreError(err)
	}
	c.NewVersionHeaders(stored)
	encryption.WriteHeaders(c, stored)
	WriteSourceHeader(c, from)
	return c.WriteXML(CopyResult{
		XMLName:   xml.Name{Local: "CopyObjectResult"},
		Namespace: front.Namespace,
		LastModified: front.FormatTime(
			stored.Modified,
		),
		ETag: front.Quote(stored.ETag),
		XML:  checksum.NewXML(stored.Checksum, true),
	})
}

func copyAlgorithm(c *front.Call) string {
	return strings.ToUpper(c.Request.Header.Get("X-Amz-Checksum-Algorithm"))
}

// checkDirectives validates a copy's directives before anything else.
func checkDirectives(c *front.Call) error {
	if algorithm := copyAlgorithm(c); algorithm != "" && checksum.NewHash(algorithm) == nil {
		return checksum.UnknownAlgorithm()
	}
	for _, name := range []string{"metadata", "tagging"} {
		switch directive := c.Request.Header.Get("X-Amz-" + name + "-Directive"); directive {
		case "", "COPY", "REPLACE":
		default:
			return s3error.InvalidArgument("x-amz-"+name+"-directive", directive, "Unknown %s directive.", name)
		}
	}
	return nil
}

// WriteSourceHeader writes the version ID of a copy's source.
func WriteSourceHeader(c *front.Call, from *source) {
	if from.Version.ID != s3store.NullVersion || from.bucket.Settings().Versioning != s3store.NeverVersioned {
		c.Writer.Header().Set("X-Amz-Copy-Source-Version-Id", from.Version.ID)
	}
}

// mergeCopy copies properties of the source to the target.
func mergeCopy(c *front.Call, target *s3store.Version, from *source) error {
	if c.Request.Header.Get("X-Amz-Metadata-Directive") != "REPLACE" {
		redirect, has := target.Headers["X-Amz-Website-Redirect-Location"]
		if from.bucket == c.Bucket && from.key == c.Key && from.id == "" && !has &&
			target.StorageClass == from.Version.StorageClass && !encryption.IsRequested(c) {
			return s3error.InvalidRequest(
				"This copy request is illegal because it is trying to copy an object to itself without changing the " +
					"object's metadata, storage class, website redirect location or encryption attributes.",
			)
		}
		target.Headers, target.Metadata = map[string]string{}, from.Version.Metadata
		for name, value := range from.Version.Headers {
			if name != "X-Amz-Website-Redirect-Location" {
				target.Headers[name] = value
			}
		}
		if has {
			target.Headers["X-Amz-Website-Redirect-Location"] = redirect
		}
	}
	if c.Request.Header.Get("X-Amz-Tagging-Directive") != "REPLACE" {
		if len(from.Version.Tags) > 0 {
			reader := c.ForObject(from.bucket, from.key, from.id)
			if err := reader.AllowObject(
				reader.Versioned("GetObjectTagging"),
				front.ExistingTagKeys(from.Version)...); err != nil {
				return err
			}
		}
		target.Tags = from.Version.Tags
	}
	return nil
}

// CopyBody copies a part of a version and computes its digests.
func CopyBody(
	c *front.Call,
	v *s3store.Version,
	offset, length int64,
	algorithm string,
) (*s3store.Blob, checksum.Digests, error) {
	reader, err := open(v)
	if err != nil {
		return nil, checksum.Digests{}, err
	}
	defer reader.Close()
	stream := reader.Stream(offset, length)
	defer stream.Close()
	in, err := checksum.NewDigester(stream, algorithm)
	if err != nil {
		return nil, checksum.Digests{}, err
	}
	blob, err := c.Config.Store.NewBlob(c.Context, in, length)
	if err != nil {
		return nil, checksum.Digests{}, err
	}
	d := in.Digests()
	if d.Size != length {
		blob.Drop()
		return nil, checksum.Digests{}, errors.New("the body of a copy's source is shorter than it was")
	}
	return blob, d, nil
}
