package s3api

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// maxMetadata is the most that user metadata may weigh: names and values.
const maxMetadata = 2 << 10

// standardHeaders are kept with an object and given back as they were.
var standardHeaders = []string{"Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires", "X-Amz-Website-Redirect-Location"}

func (c *call) putObject() error {
	v, err := c.newVersion()
	if err != nil {
		return err
	}
	if err := c.allowPut(v); err != nil {
		return err
	}
	if err := c.requireLength(); err != nil {
		return err
	}
	in, err := c.ingest(maxPut)
	if err != nil {
		return err
	}
	blob, d, err := c.store(in)
	if err != nil {
		return err
	}
	v.Size, v.ETag, v.Checksum = d.size, hex.EncodeToString(d.md5), d.checksum
	v.Segments = []s3store.Segment{{Blob: blob}}
	stored, err := c.api.config.Store.Put(c.bucket, v, c.putCondition())
	if err != nil {
		return c.storeError(err)
	}
	c.newVersionHeaders(stored)
	c.encryptionHeaders(stored)
	c.Writer.Header().Set("ETag", quote(stored.ETag))
	c.Writer.Header().Set("X-Amz-Object-Size", strconv.FormatInt(stored.Size, 10))
	c.checksumHeaders(stored.Checksum)
	c.Writer.WriteHeader(http.StatusOK)
	return nil
}

// allowPut decides a write with all that comes with it.
func (c *call) allowPut(v *s3store.Version) error {
	if err := c.allowObject("PutObject", requestTagKeys(v.Tags)...); err != nil {
		return err
	}
	if len(v.Tags) > 0 {
		if err := c.allowObject("PutObjectTagging", requestTagKeys(v.Tags)...); err != nil {
			return err
		}
	}
	if v.Retention.Mode != "" && c.Request.Header.Get("X-Amz-Object-Lock-Mode") != "" {
		if err := c.allowObject("PutObjectRetention"); err != nil {
			return err
		}
	}
	if v.Retention.Hold {
		if err := c.allowObject("PutObjectLegalHold"); err != nil {
			return err
		}
	}
	if c.Request.Header.Get("X-Amz-Acl") != "" || c.grants() {
		if err := c.allowObject("PutObjectAcl"); err != nil {
			return err
		}
	}
	if err := c.newACL(v); err != nil {
		return err
	}
	return c.allowGenerate(v)
}

// requireLength refuses a body of which the length is not said.
func (c *call) requireLength() error {
	if c.Request.ContentLength < 0 && c.Request.Header.Get("X-Amz-Decoded-Content-Length") == "" {
		return awserror.New(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	return nil
}

// store writes a body to the content and checks its digests; what does not
// hold leaves nothing.
func (c *call) store(in *ingest) (*s3store.Blob, digests, error) {
	blob, err := c.api.config.Store.NewBlob(c.ctx, in, in.body.Length)
	if err != nil {
		return nil, digests{}, in.fault(err)
	}
	d, err := in.finish()
	if err != nil {
		blob.Drop()
		return nil, digests{}, err
	}
	return blob, d, nil
}

// newVersion reads what a request says of the object that it makes.
func (c *call) newVersion() (*s3store.Version, error) {
	v := &s3store.Version{Key: c.Key, Modified: c.moment(), Owner: c.bucket.Account, Headers: map[string]string{}}
	for _, name := range standardHeaders {
		if value := c.Request.Header.Get(name); value != "" {
			v.Headers[name] = value
		}
	}
	if err := checkRedirect(v.Headers["X-Amz-Website-Redirect-Location"]); err != nil {
		return nil, err
	}
	// aws-chunked is how the body came, not what it is.
	if encoding, ok := v.Headers["Content-Encoding"]; ok {
		v.Headers["Content-Encoding"] = withoutChunked(encoding)
		if v.Headers["Content-Encoding"] == "" {
			delete(v.Headers, "Content-Encoding")
		}
	}
	if v.Headers["Content-Type"] == "" {
		v.Headers["Content-Type"] = "binary/octet-stream"
	}
	weight := 0
	for name, values := range c.Request.Header {
		if rest, ok := strings.CutPrefix(strings.ToLower(name), "x-amz-meta-"); ok {
			if v.Metadata == nil {
				v.Metadata = map[string]string{}
			}
			v.Metadata[rest] = strings.Join(values, ",")
			weight += len(rest) + len(v.Metadata[rest])
		}
	}
	if weight > maxMetadata {
		return nil, awserror.New(http.StatusBadRequest, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size").
			With("Size", itoa(weight)).With("MaxSizeAllowed", itoa(maxMetadata))
	}
	if err := c.readStorage(v); err != nil {
		return nil, err
	}
	tags, err := headerTags(c.Request.Header.Get("X-Amz-Tagging"))
	v.Tags = tags
	return v, err
}

// checkRedirect holds an object's redirect to a place that a website can name.
func checkRedirect(location string) error {
	for _, prefix := range []string{"", "/", "http://", "https://"} {
		if prefix == location || prefix != "" && strings.HasPrefix(location, prefix) {
			return nil
		}
	}
	return awserror.New(http.StatusBadRequest, "InvalidRedirectLocation", "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.")
}

func (c *call) readStorage(v *s3store.Version) error {
	switch class := c.Request.Header.Get("X-Amz-Storage-Class"); class {
	case "", "STANDARD":
	case "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR":
		v.StorageClass = class
	default:
		return awserror.New(http.StatusBadRequest, "InvalidStorageClass", "The storage class you specified is not valid").With("StorageClassRequested", cut(class))
	}
	if err := c.readRetention(v); err != nil {
		return err
	}
	return c.readEncryption(v)
}

func withoutChunked(encoding string) string {
	parts := slices.DeleteFunc(strings.Split(encoding, ","), func(part string) bool {
		part = strings.TrimSpace(part)
		return part == "" || strings.EqualFold(part, "aws-chunked")
	})
	return strings.TrimSpace(strings.Join(parts, ","))
}

// putCondition is what must hold of the object that is there when it is
// replaced; nil when nothing is asked.
func (c *call) putCondition() func(*s3store.Version) error {
	match, none := c.Request.Header.Get("If-Match"), c.Request.Header.Get("If-None-Match")
	if match == "" && none == "" {
		return nil
	}
	return func(current *s3store.Version) error {
		switch {
		case none != "" && (none != "*" || match != ""):
			return notImplemented()
		case none == "*" && current != nil:
			return preconditionFailed("If-None-Match")
		case match != "" && current == nil:
			return noSuchKey(c.Key)
		case match != "" && match != "*" && unquote(match) != current.ETag:
			return preconditionFailed("If-Match")
		}
		return nil
	}
}

func quote(etag string) string { return `"` + etag + `"` }

func unquote(etag string) string { return strings.Trim(strings.TrimSpace(etag), `"`) }
