package multipart

import (
	"crypto/md5" //nolint:gosec // S3's own digests: they find damage and guard nothing
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/checksum"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/encryption"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/objects"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type completeDocument struct {
	XMLName xml.Name       `xml:"CompleteMultipartUpload"`
	Parts   []completePart `xml:"Part"`
}

type completePart struct {
	PartNumber *int
	ETag       *string
	checksum.XML
}

type completeResult struct {
	XMLName   xml.Name `xml:"CompleteMultipartUploadResult"`
	Namespace string   `xml:"xmlns,attr"`
	Location  string
	Bucket    string
	Key       string
	ETag      string
	checksum.XML
}

// CompleteMultipartUpload serves the operation CompleteMultipartUpload.
func CompleteMultipartUpload(c *front.Call) error {
	if err := c.AllowObject("PutObject"); err != nil {
		return err
	}
	document, err := readCompletion(c)
	if err != nil {
		return err
	}
	u, err := findUpload(c)
	if err != nil {
		return repeatCompletion(c, document, err)
	}
	if err := encryption.AllowDecrypt(c, u.Version); err != nil {
		return err
	}
	if err := checkCompletion(c, u, document); err != nil {
		return err
	}
	parts, err := selectParts(c, u, document)
	if err != nil {
		return err
	}
	v := *u.Version
	v.Modified, v.Upload = c.Timestamp(), u.ID
	if err := assembleVersion(c, &v, u, parts); err != nil {
		return err
	}
	v.Cause = c.Cause("ObjectCreated:CompleteMultipartUpload")
	stored, err := c.Config.Store.Complete(c.Bucket, u, &v, parts, objects.PutCondition(c))
	if errors.Is(err, s3store.ErrNoUpload) {
		return repeatCompletion(c, document, c.StoreError(err))
	}
	if err != nil {
		return c.StoreError(err)
	}
	return writeCompletion(c, stored)
}

// readCompletion parses the list of parts. The checksum headers of this
// request describe the object, not the document.
func readCompletion(c *front.Call) (*completeDocument, error) {
	c.ChecksumOfObject = true
	var document completeDocument
	given, err := c.ReadXML(&document)
	if err != nil {
		return nil, err
	}
	if !given || len(document.Parts) == 0 || len(document.Parts) > front.MaxParts {
		return nil, s3error.MalformedXML()
	}
	for i, part := range document.Parts {
		if part.PartNumber == nil || part.ETag == nil {
			return nil, s3error.MalformedXML()
		}
		if *part.PartNumber < 1 {
			return nil, s3error.InvalidArgument("PartNumber", strconv.Itoa(*part.PartNumber), "PartNumber must be >= 1")
		}
		if i > 0 && *part.PartNumber <= *document.Parts[i-1].PartNumber {
			return nil, awserror.New(http.StatusBadRequest, "InvalidPartOrder", "The list of parts was not in "+
				"ascending order. Parts must be ordered by part number.").
				With("UploadId", c.Query.Get("uploadId"))
		}
		if named := part.List(); len(named) > 1 ||
			len(named) == 1 && !checksum.IsValid(named[0].Algorithm, named[0].Value) {
			return nil, s3error.InvalidArgument(
				"Checksum",
				listChecksums(named),
				"Invalid Base64 or multiple checksums present in request",
			)
		}
	}
	return &document, nil
}

func listChecksums(sums []s3store.Checksum) string {
	if len(sums) == 1 {
		return sums[0].Value
	}
	var b strings.Builder
	for _, sum := range sums {
		b.WriteString(sum.Algorithm + ":" + sum.Value + ";")
	}
	return b.String()
}

// repeatCompletion repeats the response for an upload that was completed with
// the same parts. For any other upload it returns fault.
func repeatCompletion(c *front.Call, document *completeDocument, fault error) error {
	id := c.Query.Get("uploadId")
	v := c.Bucket.Completed(c.Key, id)
	if v == nil {
		return fault
	}
	sum := md5.New() //nolint:gosec // as above
	for _, part := range document.Parts {
		raw, err := hex.DecodeString(front.Unquote(*part.ETag))
		if err != nil {
			return fault
		}
		sum.Write(raw)
	}
	if multipartETag(sum.Sum(nil), len(document.Parts)) != v.ETag {
		return fault
	}
	return writeCompletion(c, v)
}

func multipartETag(sum []byte, parts int) string {
	return hex.EncodeToString(sum) + "-" + strconv.Itoa(parts)
}

func writeCompletion(c *front.Call, v *s3store.Version) error {
	c.NewVersionHeaders(v)
	encryption.WriteHeaders(c, v)
	return c.WriteXML(completeResult{
		Namespace: front.Namespace,
		Location:  "http://" + c.Request.Host + c.Request.URL.EscapedPath(),
		Bucket:    c.BucketName,
		Key:       c.Key,
		ETag:      front.Quote(v.ETag),
		XML:       checksum.NewXML(v.Checksum, true),
	})
}

// checkCompletion compares the request's claims about the object with those at
// the upload's creation.
func checkCompletion(c *front.Call, u *s3store.Upload, document *completeDocument) error {
	if text := c.Request.Header.Get("X-Amz-Mp-Object-Size"); text != "" {
		if size, err := strconv.ParseInt(text, 10, 64); err != nil {
			return s3error.InvalidRequest("Value for x-amz-mp-object-size header is invalid: '%s'", s3error.Cut(text))
		} else if size < 0 {
			return s3error.InvalidRequest("Value for x-amz-mp-object-size header is less than zero: '%d'", size)
		}
	}
	claimed := 0
	for _, algorithm := range checksum.Algorithms {
		if c.Request.Header.Get(checksum.Header(algorithm)) != "" {
			claimed++
		}
	}
	if claimed > 1 {
		return s3error.InvalidRequest(
			"Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
		)
	}
	kind, created := strings.ToUpper(c.Request.Header.Get("X-Amz-Checksum-Type")), u.Version.Checksum
	if kind != "" && kind != "FULL_OBJECT" && kind != "COMPOSITE" {
		return s3error.InvalidRequest("Value for x-amz-checksum-type header is invalid.")
	}
	if kind != "" && created.Type != "" && kind != created.Type {
		return s3error.InvalidRequest(
			"The upload was created using the %s checksum mode. The complete request must use the same checksum mode.",
			created.Type,
		)
	}
	for _, part := range document.Parts {
		if created.Type == "COMPOSITE" && len(part.List()) == 0 {
			return s3error.InvalidRequest(
				"The upload was created using a %s checksum. The complete request must include the checksum for "+
					"each part. It was missing for part %d in the request.",
				strings.ToLower(created.Algorithm),
				*part.PartNumber,
			)
		}
	}
	return nil
}

// selectParts returns the parts in the document, in its order.
func selectParts(c *front.Call, u *s3store.Upload, document *completeDocument) ([]*s3store.Part, error) {
	have := map[int]*s3store.Part{}
	for _, part := range c.Bucket.Parts(u) {
		have[part.Number] = part
	}
	parts := make([]*s3store.Part, 0, len(document.Parts))
	for i, named := range document.Parts {
		part := have[*named.PartNumber]
		if part != nil && u.Version.Checksum.Algorithm != "" {
			if sums := named.List(); len(sums) == 1 && sums[0].Algorithm != part.Checksum.Algorithm {
				return nil, awserror.New(
					http.StatusBadRequest,
					"BadDigest",
					"The %s you specified for part %d did not match what we received.",
					strings.ToLower(sums[0].Algorithm),
					part.Number,
				)
			}
		}
		if part == nil || front.Unquote(*named.ETag) != part.ETag || !named.Matches(part.Checksum) {
			return nil, awserror.New(http.StatusBadRequest, "InvalidPart", "One or more of the specified parts "+
				"could not be found.  The part may not have been uploaded, or the specified entity tag may not "+
				"match the part's entity tag.").
				With("UploadId", u.ID).
				With("PartNumber", strconv.Itoa(*named.PartNumber)).
				With("ETag", front.Unquote(*named.ETag))
		}
		if i < len(document.Parts)-1 && part.Blob.Size < minPartSize {
			return nil, awserror.New(http.StatusBadRequest, "EntityTooSmall", "Your proposed upload is smaller than "+
				"the minimum allowed size").
				With("ProposedSize", strconv.FormatInt(part.Blob.Size, 10)).
				With("MinSizeAllowed", strconv.Itoa(minPartSize)).
				With("PartNumber", strconv.Itoa(part.Number)).
				With("ETag", part.ETag)
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// assembleVersion sets the object's size, ETag and checksum.
func assembleVersion(c *front.Call, v *s3store.Version, u *s3store.Upload, parts []*s3store.Part) error {
	all := md5.New() //nolint:gosec // as above
	v.PartSizes, v.PartSums, v.Size = nil, nil, 0
	for _, part := range parts {
		raw, err := hex.DecodeString(part.ETag)
		if err != nil {
			return err
		}
		all.Write(raw)
		v.Size += part.Blob.Size
		v.PartSizes = append(v.PartSizes, part.Blob.Size)
		if v.Checksum.Algorithm != "" {
			v.PartSums = append(v.PartSums, part.Checksum.Value)
		}
	}
	if v.Size > maxObject {
		return s3error.TooLarge(maxObject)
	}
	if text := c.Request.Header.Get("X-Amz-Mp-Object-Size"); text != "" && text != strconv.FormatInt(v.Size, 10) {
		return s3error.InvalidRequest(
			"The provided 'x-amz-mp-object-size' header value %s does not match what was computed: %d",
			s3error.Cut(text),
			v.Size,
		)
	}
	v.ETag = multipartETag(all.Sum(nil), len(parts))
	if err := joinChecksums(v, parts); err != nil {
		return err
	}
	return checkTotal(c, u, v)
}

// joinChecksums sets the object's checksum from those of its parts.
func joinChecksums(v *s3store.Version, parts []*s3store.Part) error {
	if v.Checksum.Type != "COMPOSITE" {
		if v.Checksum.Algorithm == "" {
			v.Checksum = s3store.Checksum{Algorithm: checksum.Default, Type: "FULL_OBJECT"}
		}
		v.Checksum.Value, _ = checksum.JoinParts(v.Checksum.Algorithm, parts)
		return nil
	}
	composite := checksum.NewHash(v.Checksum.Algorithm)
	for _, part := range parts {
		sum, err := base64.StdEncoding.DecodeString(part.Checksum.Value)
		if err != nil {
			return err
		}
		composite.Write(sum)
	}
	v.Checksum.Value = checksum.Encode(composite) + "-" + strconv.Itoa(len(parts))
	return nil
}

// checkTotal compares the object's checksum with the caller's, if the upload
// was created with one.
func checkTotal(c *front.Call, u *s3store.Upload, v *s3store.Version) error {
	algorithm := u.Version.Checksum.Algorithm
	if algorithm == "" {
		return nil
	}
	want := c.Request.Header.Get(checksum.Header(algorithm))
	if want == "" {
		return nil
	}
	got, _, _ := strings.Cut(v.Checksum.Value, "-")
	value, count, counted := strings.Cut(want, "-")
	_, err := strconv.ParseUint(count, 10, 16)
	switch {
	case !checksum.IsValid(algorithm, value), counted && (v.Checksum.Type != "COMPOSITE" || err != nil):
		return s3error.InvalidRequest("Value for x-amz-checksum-%s header is invalid.", strings.ToLower(algorithm))
	case want != v.Checksum.Value && want != got:
		return awserror.New(
			http.StatusBadRequest,
			"BadDigest",
			"The %s you specified did not match the calculated checksum.",
			algorithm,
		)
	}
	return nil
}
