package multipart

import (
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/checksum"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/encryption"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/objects"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// UploadPart serves the operation UploadPart.
func UploadPart(c *front.Call) error {
	if c.Request.Header.Get("X-Amz-Copy-Source") != "" {
		return uploadPartCopy(c)
	}
	if err := c.AllowObject("PutObject"); err != nil {
		return err
	}
	number, err := c.PartNumber()
	if err != nil {
		return err
	}
	u, err := findUpload(c)
	if err != nil {
		return err
	}
	if err := objects.RequireLength(c); err != nil {
		return err
	}
	if err := encryption.CheckPartKey(c, u.Version); err != nil {
		return err
	}
	if err := encryption.AllowDecrypt(c, u.Version); err != nil {
		return err
	}
	in, err := c.ReadBody(front.MaxPut)
	if err != nil {
		return err
	}
	if err := in.MatchUpload(u.Version.Checksum); err != nil {
		return err
	}
	blob, d, err := c.StoreBody(in)
	if err != nil {
		return err
	}
	part := &s3store.Part{
		Number:   number,
		Blob:     blob,
		ETag:     hex.EncodeToString(d.MD5),
		Checksum: d.Checksum,
		Joinable: d.Joinable,
		Modified: c.Timestamp(),
	}
	if err := c.Config.Store.PutPart(c.Bucket, u, part); err != nil {
		return c.StoreError(err)
	}
	encryption.WriteHeaders(c, u.Version)
	c.Writer.Header().Set("ETag", front.Quote(part.ETag))
	if d.Requested || u.Version.Checksum.Algorithm != "" {
		c.Writer.Header().Set(checksum.Header(d.Checksum.Algorithm), d.Checksum.Value)
	}
	c.Writer.WriteHeader(http.StatusOK)
	return nil
}

func uploadPartCopy(c *front.Call) error {
	if err := c.AllowObject("PutObject"); err != nil {
		return err
	}
	number, err := c.PartNumber()
	if err != nil {
		return err
	}
	from, err := objects.FindSource(c)
	if err != nil {
		return err
	}
	u, err := findUpload(c)
	if err != nil {
		return err
	}
	if err := encryption.CheckPartKey(c, u.Version); err != nil {
		return err
	}
	if err := encryption.AllowDecrypt(c, u.Version); err != nil {
		return err
	}
	offset, length := int64(0), from.Version.Size
	if text := c.Request.Header.Get("X-Amz-Copy-Source-Range"); text != "" {
		first, last, ok := strictRange(text)
		if !ok {
			return s3error.InvalidArgument(
				"x-amz-copy-source-range",
				text,
				"The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are "+
					"the zero-based offsets of the first and last bytes to copy",
			)
		}
		if last >= from.Version.Size {
			return s3error.InvalidArgument(
				"x-amz-copy-source-range",
				text,
				"Range specified is not valid for source object of size: %d",
				from.Version.Size,
			)
		}
		offset, length = first, last-first+1
	}
	if length > front.MaxPut {
		return s3error.InvalidRequest(
			"The specified copy source is larger than the maximum allowable size for a copy source: %d",
			int64(front.MaxPut),
		)
	}
	blob, d, err := objects.CopyBody(c, from.Version, offset, length, u.Version.Checksum.Algorithm)
	if err != nil {
		return err
	}
	part := &s3store.Part{
		Number:   number,
		Blob:     blob,
		ETag:     hex.EncodeToString(d.MD5),
		Checksum: d.Checksum,
		Modified: c.Timestamp(),
	}
	if err := c.Config.Store.PutPart(c.Bucket, u, part); err != nil {
		return c.StoreError(err)
	}
	objects.WriteSourceHeader(c, from)
	encryption.WriteHeaders(c, u.Version)
	result := objects.CopyResult{
		XMLName:      xml.Name{Local: "CopyPartResult"},
		Namespace:    front.Namespace,
		LastModified: front.FormatTime(part.Modified),
		ETag:         front.Quote(part.ETag),
	}
	if u.Version.Checksum.Algorithm != "" {
		result.XML = checksum.NewXML(part.Checksum, false)
	}
	return c.WriteXML(result)
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
