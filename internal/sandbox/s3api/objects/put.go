package objects

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/encryption"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/objectlock"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/permissions"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/tagging"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// maxMetadata limits the size of user metadata in bytes, names and values.
const maxMetadata = 2 << 10

// StandardHeaders are stored with an object and returned unchanged.
var StandardHeaders = []string{
	"Content-Type",
	"Cache-Control",
	"Content-Disposition",
	"Content-Encoding",
	"Content-Language",
	"Expires",
	"X-Amz-Website-Redirect-Location",
}

// PutObject serves the operation PutObject.
func PutObject(c *front.Call) error {
	v, err := NewVersion(c)
	if err != nil {
		return err
	}
	if err := AllowPut(c, v); err != nil {
		return err
	}
	if err := RequireLength(c); err != nil {
		return err
	}
	in, err := c.ReadBody(front.MaxPut)
	if err != nil {
		return err
	}
	blob, d, err := c.StoreBody(in)
	if err != nil {
		return err
	}
	v.Size, v.ETag, v.Checksum = d.Size, hex.EncodeToString(d.MD5), d.Checksum
	v.Segments = []s3store.Segment{{Blob: blob}}
	v.Cause = c.Cause("ObjectCreated:Put")
	stored, err := c.Config.Store.Put(c.Bucket, v, PutCondition(c))
	if err != nil {
		return c.StoreError(err)
	}
	c.NewVersionHeaders(stored)
	encryption.WriteHeaders(c, stored)
	c.Writer.Header().Set("ETag", front.Quote(stored.ETag))
	c.Writer.Header().Set("X-Amz-Object-Size", strconv.FormatInt(stored.Size, 10))
	WriteChecksumHeaders(c, stored.Checksum)
	c.Writer.WriteHeader(http.StatusOK)
	return nil
}

// AllowPut authorizes a write, including its tags, ACL and lock.
func AllowPut(c *front.Call, v *s3store.Version) error {
	if err := c.AllowObject("PutObject", tagging.RequestKeys(v.Tags)...); err != nil {
		return err
	}
	if len(v.Tags) > 0 {
		if err := c.AllowObject("PutObjectTagging", tagging.RequestKeys(v.Tags)...); err != nil {
			return err
		}
	}
	if v.Retention.Mode != "" && c.Request.Header.Get("X-Amz-Object-Lock-Mode") != "" {
		if err := c.AllowObject("PutObjectRetention"); err != nil {
			return err
		}
	}
	if v.Retention.Hold {
		if err := c.AllowObject("PutObjectLegalHold"); err != nil {
			return err
		}
	}
	if c.Request.Header.Get("X-Amz-Acl") != "" || permissions.HasGrantHeaders(c) {
		if err := c.AllowObject("PutObjectAcl"); err != nil {
			return err
		}
	}
	if err := permissions.SetObjectACL(c, v); err != nil {
		return err
	}
	return encryption.AllowGenerate(c, v)
}

// RequireLength rejects a body without a declared length.
func RequireLength(c *front.Call) error {
	if c.Request.ContentLength < 0 && c.Request.Header.Get("X-Amz-Decoded-Content-Length") == "" {
		return awserror.New(
			http.StatusLengthRequired,
			"MissingContentLength",
			"You must provide the Content-Length HTTP header.",
		)
	}
	return nil
}

// NewVersion returns a version with the properties in the request.
func NewVersion(c *front.Call) (*s3store.Version, error) {
	v := &s3store.Version{Key: c.Key, Modified: c.Timestamp(), Owner: c.Bucket.Account, Headers: map[string]string{}}
	for _, name := range StandardHeaders {
		if value := c.Request.Header.Get(name); value != "" {
			v.Headers[name] = value
		}
	}
	if err := checkRedirect(v.Headers["X-Amz-Website-Redirect-Location"]); err != nil {
		return nil, err
	}
	// aws-chunked describes how the body was sent, not the object.
	if encoding, ok := v.Headers["Content-Encoding"]; ok {
		v.Headers["Content-Encoding"] = removeChunked(encoding)
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
		return nil, awserror.New(http.StatusBadRequest, "MetadataTooLarge", "Your metadata headers exceed the "+
			"maximum allowed metadata size").
			With("Size", strconv.Itoa(weight)).
			With("MaxSizeAllowed", strconv.Itoa(maxMetadata))
	}
	if err := readStorage(c, v); err != nil {
		return nil, err
	}
	tags, err := tagging.FromHeader(c.Request.Header.Get("X-Amz-Tagging"))
	v.Tags = tags
	return v, err
}

// checkRedirect validates an object's website redirect.
func checkRedirect(location string) error {
	for _, prefix := range []string{"", "/", "http://", "https://"} {
		if prefix == location || prefix != "" && strings.HasPrefix(location, prefix) {
			return nil
		}
	}
	return awserror.New(
		http.StatusBadRequest,
		"InvalidRedirectLocation",
		"The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
	)
}

func readStorage(c *front.Call, v *s3store.Version) error {
	switch class := c.Request.Header.Get("X-Amz-Storage-Class"); class {
	case "", "STANDARD":
	case "REDUCED_REDUNDANCY",
		"STANDARD_IA",
		"ONEZONE_IA",
		"INTELLIGENT_TIERING",
		"GLACIER",
		"DEEP_ARCHIVE",
		"GLACIER_IR":
		v.StorageClass = class
	default:
		return awserror.New(http.StatusBadRequest, "InvalidStorageClass", "The storage class you specified is not "+
			"valid").
			With("StorageClassRequested", s3error.Cut(class))
	}
	if err := objectlock.Read(c, v); err != nil {
		return err
	}
	return encryption.Read(c, v)
}

func removeChunked(encoding string) string {
	parts := slices.DeleteFunc(strings.Split(encoding, ","), func(part string) bool {
		part = strings.TrimSpace(part)
		return part == "" || strings.EqualFold(part, "aws-chunked")
	})
	return strings.TrimSpace(strings.Join(parts, ","))
}

// PutCondition returns the condition on the object to replace, or nil.
func PutCondition(c *front.Call) func(*s3store.Version) error {
	match, none := c.Request.Header.Get("If-Match"), c.Request.Header.Get("If-None-Match")
	if match == "" && none == "" {
		return nil
	}
	return func(current *s3store.Version) error {
		switch {
		case none != "" && (none != "*" || match != ""):
			return s3error.NotImplemented()
		case none == "*" && current != nil:
			return s3error.PreconditionFailed("If-None-Match")
		case match != "" && current == nil:
			return s3error.NoSuchKey(c.Key)
		case match != "" && match != "*" && front.Unquote(match) != current.ETag:
			return s3error.PreconditionFailed("If-Match")
		}
		return nil
	}
}
