package s3api

import (
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

func (c *call) uploadPart() error {
	if c.Request.Header.Get("X-Amz-Copy-Source") != "" {
		return c.uploadPartCopy()
	}
	if err := c.allowObject("PutObject"); err != nil {
		return err
	}
	number, err := c.partNumber()
	if err != nil {
		return err
	}
	u, err := c.upload()
	if err != nil {
		return err
	}
	if err := c.requireLength(); err != nil {
		return err
	}
	if err := c.sameCustomerKey(u.Version); err != nil {
		return err
	}
	if err := c.allowDecrypt(u.Version); err != nil {
		return err
	}
	in, err := c.ingest(maxPut)
	if err != nil {
		return err
	}
	if err := in.asPartOf(u); err != nil {
		return err
	}
	blob, d, err := c.store(in)
	if err != nil {
		return err
	}
	part := &s3store.Part{Number: number, Blob: blob, ETag: hex.EncodeToString(d.md5), Checksum: d.checksum, Joinable: d.joinable, Modified: c.moment()}
	if err := c.api.config.Store.PutPart(c.bucket, u, part); err != nil {
		return c.storeError(err)
	}
	c.encryptionHeaders(u.Version)
	c.Writer.Header().Set("ETag", quote(part.ETag))
	if d.given || u.Version.Checksum.Algorithm != "" {
		c.Writer.Header().Set(checksumHeader(d.checksum.Algorithm), d.checksum.Value)
	}
	c.Writer.WriteHeader(http.StatusOK)
	return nil
}

// asPartOf has the body digested as its upload needs it.
func (in *ingest) asPartOf(u *s3store.Upload) (err error) {
	want, have := u.Version.Checksum, in.claimed.Algorithm
	switch {
	case want.Algorithm == "":
		if have != "" && have != defaultAlgorithm {
			in.joinable = newHash(defaultAlgorithm)
		}
	case have == "" && want.Type == "COMPOSITE":
		return checksumMismatch(want.Algorithm, "null")
	case have == "":
		in.digester, err = newDigester(in.body, in.body.Length, want.Algorithm)
	case have != want.Algorithm:
		return checksumMismatch(want.Algorithm, have)
	}
	return err
}

func checksumMismatch(want, got string) error {
	return invalidRequest("Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s", want, got)
}

func (c *call) uploadPartCopy() error {
	if err := c.allowObject("PutObject"); err != nil {
		return err
	}
	number, err := c.partNumber()
	if err != nil {
		return err
	}
	from, err := c.source()
	if err != nil {
		return err
	}
	u, err := c.upload()
	if err != nil {
		return err
	}
	if err := c.sameCustomerKey(u.Version); err != nil {
		return err
	}
	if err := c.allowDecrypt(u.Version); err != nil {
		return err
	}
	offset, length := int64(0), from.version.Size
	if text := c.Request.Header.Get("X-Amz-Copy-Source-Range"); text != "" {
		first, last, ok := strictRange(text)
		if !ok {
			return invalidArgument("x-amz-copy-source-range", text, "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy")
		}
		if last >= from.version.Size {
			return invalidArgument("x-amz-copy-source-range", text, "Range specified is not valid for source object of size: %d", from.version.Size)
		}
		offset, length = first, last-first+1
	}
	if length > maxPut {
		return invalidRequest("The specified copy source is larger than the maximum allowable size for a copy source: %d", int64(maxPut))
	}
	blob, d, err := c.copyBody(from.version, offset, length, u.Version.Checksum.Algorithm)
	if err != nil {
		return err
	}
	part := &s3store.Part{Number: number, Blob: blob, ETag: hex.EncodeToString(d.md5), Checksum: d.checksum, Modified: c.moment()}
	if err := c.api.config.Store.PutPart(c.bucket, u, part); err != nil {
		return c.storeError(err)
	}
	c.sourceHeader(from)
	c.encryptionHeaders(u.Version)
	result := copyResult{XMLName: xml.Name{Local: "CopyPartResult"}, Namespace: namespace, LastModified: stamp(part.Modified), ETag: quote(part.ETag)}
	if u.Version.Checksum.Algorithm != "" {
		result.checksumXML = showChecksum(part.Checksum, false)
	}
	return c.writeXML(result)
}

func strictRange(text string) (first, last int64, ok bool) {
	rest, ok := strings.CutPrefix(text, "bytes=")
	from, to, ok2 := strings.Cut(rest, "-")
	if !ok || !ok2 {
		return 0, 0, false
	}
	first, err := strconv.ParseInt(from, 10, 64)
	last, err2 := strconv.ParseInt(to, 10, 64)
	return first, last, err == nil && err2 == nil && first >= 0 && first <= last
}
