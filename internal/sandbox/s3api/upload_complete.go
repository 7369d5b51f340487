package s3api

import (
	"crypto/md5" //nolint:gosec // an ETag is an MD5; it guards nothing
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

type completeDocument struct {
	XMLName xml.Name       `xml:"CompleteMultipartUpload"`
	Parts   []completePart `xml:"Part"`
}

type completePart struct {
	PartNumber *int
	ETag       *string
	checksumXML
}

type completeResult struct {
	XMLName   xml.Name `xml:"CompleteMultipartUploadResult"`
	Namespace string   `xml:"xmlns,attr"`
	Location  string
	Bucket    string
	Key       string
	ETag      string
	checksumXML
}

func (c *call) completeMultipartUpload() error {
	if err := c.allowObject("PutObject"); err != nil {
		return err
	}
	document, err := c.readCompletion()
	if err != nil {
		return err
	}
	u, err := c.upload()
	if err != nil {
		return c.completedBefore(document, err)
	}
	if err := c.allowDecrypt(u.Version); err != nil {
		return err
	}
	if err := c.checkCompletion(u, document); err != nil {
		return err
	}
	parts, err := c.chosenParts(u, document)
	if err != nil {
		return err
	}
	v := *u.Version
	v.Modified, v.Upload = c.moment(), u.ID
	if err := c.assemble(&v, u, parts); err != nil {
		return err
	}
	stored, err := c.api.config.Store.Complete(c.bucket, u, &v, parts, c.putCondition())
	if errors.Is(err, s3store.ErrNoUpload) {
		return c.completedBefore(document, c.storeError(err))
	}
	if err != nil {
		return c.storeError(err)
	}
	return c.writeCompletion(stored)
}

// readCompletion reads which parts make the object. The checksum headers of
// this request speak of the object, not of the document.
func (c *call) readCompletion() (*completeDocument, error) {
	c.ofObject = true
	var document completeDocument
	given, err := c.readXML(&document)
	if err != nil {
		return nil, err
	}
	if !given || len(document.Parts) == 0 || len(document.Parts) > maxParts {
		return nil, malformedXML()
	}
	for i, part := range document.Parts {
		if part.PartNumber == nil || part.ETag == nil {
			return nil, malformedXML()
		}
		if *part.PartNumber < 1 {
			return nil, invalidArgument("PartNumber", itoa(*part.PartNumber), "PartNumber must be >= 1")
		}
		if i > 0 && *part.PartNumber <= *document.Parts[i-1].PartNumber {
			return nil, awserror.New(http.StatusBadRequest, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.").With("UploadId", c.query.Get("uploadId"))
		}
		if named := part.named(); len(named) > 1 || len(named) == 1 && !wellFormed(named[0].Algorithm, named[0].Value) {
			return nil, invalidArgument("Checksum", listChecksums(named), "Invalid Base64 or multiple checksums present in request")
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

// completedBefore answers once more for an upload that these parts completed;
// for any other the fault stands.
func (c *call) completedBefore(document *completeDocument, fault error) error {
	id := c.query.Get("uploadId")
	v := c.bucket.Completed(c.Key, id)
	if v == nil {
		return fault
	}
	sum := md5.New() //nolint:gosec // as above
	for _, part := range document.Parts {
		raw, err := hex.DecodeString(unquote(*part.ETag))
		if err != nil {
			return fault
		}
		sum.Write(raw)
	}
	if multipartETag(sum.Sum(nil), len(document.Parts)) != v.ETag {
		return fault
	}
	return c.writeCompletion(v)
}

func multipartETag(sum []byte, parts int) string { return hex.EncodeToString(sum) + "-" + itoa(parts) }

func (c *call) writeCompletion(v *s3store.Version) error {
	c.newVersionHeaders(v)
	c.encryptionHeaders(v)
	return c.writeXML(completeResult{
		Namespace: namespace, Location: "http://" + c.Request.Host + c.Request.URL.EscapedPath(), Bucket: c.Bucket, Key: c.Key,
		ETag: quote(v.ETag), checksumXML: showChecksum(v.Checksum, true),
	})
}

// checkCompletion holds what the request says of the object to how the upload
// was created.
func (c *call) checkCompletion(u *s3store.Upload, document *completeDocument) error {
	if text := c.Request.Header.Get("X-Amz-Mp-Object-Size"); text != "" {
		if size, err := strconv.ParseInt(text, 10, 64); err != nil {
			return invalidRequest("Value for x-amz-mp-object-size header is invalid: '%s'", cut(text))
		} else if size < 0 {
			return invalidRequest("Value for x-amz-mp-object-size header is less than zero: '%d'", size)
		}
	}
	claimed := 0
	for _, algorithm := range algorithms {
		if c.Request.Header.Get(checksumHeader(algorithm)) != "" {
			claimed++
		}
	}
	if claimed > 1 {
		return invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
	}
	kind, created := strings.ToUpper(c.Request.Header.Get("X-Amz-Checksum-Type")), u.Version.Checksum
	if kind != "" && kind != "FULL_OBJECT" && kind != "COMPOSITE" {
		return invalidRequest("Value for x-amz-checksum-type header is invalid.")
	}
	if kind != "" && created.Type != "" && kind != created.Type {
		return invalidRequest("The upload was created using the %s checksum mode. The complete request must use the same checksum mode.", created.Type)
	}
	for _, part := range document.Parts {
		if created.Type == "COMPOSITE" && len(part.named()) == 0 {
			return invalidRequest("The upload was created using a %s checksum. The complete request must include the checksum for each part. It was missing for part %d in the request.", strings.ToLower(created.Algorithm), *part.PartNumber)
		}
	}
	return nil
}

// chosenParts gives the parts that the document names, in its order.
func (c *call) chosenParts(u *s3store.Upload, document *completeDocument) ([]*s3store.Part, error) {
	have := map[int]*s3store.Part{}
	for _, part := range c.bucket.Parts(u) {
		have[part.Number] = part
	}
	parts := make([]*s3store.Part, 0, len(document.Parts))
	for i, named := range document.Parts {
		part := have[*named.PartNumber]
		if part != nil && u.Version.Checksum.Algorithm != "" {
			if sums := named.named(); len(sums) == 1 && sums[0].Algorithm != part.Checksum.Algorithm {
				return nil, awserror.New(http.StatusBadRequest, "BadDigest", "The %s you specified for part %d did not match what we received.", strings.ToLower(sums[0].Algorithm), part.Number)
			}
		}
		if part == nil || unquote(*named.ETag) != part.ETag || !named.agrees(part.Checksum) {
			return nil, awserror.New(http.StatusBadRequest, "InvalidPart", "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.").
				With("UploadId", u.ID).With("PartNumber", itoa(*named.PartNumber)).With("ETag", unquote(*named.ETag))
		}
		if i < len(document.Parts)-1 && part.Blob.Size < minPartSize {
			return nil, awserror.New(http.StatusBadRequest, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size").
				With("ProposedSize", strconv.FormatInt(part.Blob.Size, 10)).With("MinSizeAllowed", itoa(minPartSize)).
				With("PartNumber", itoa(part.Number)).With("ETag", part.ETag)
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// assemble gives the object its size, ETag and checksum.
func (c *call) assemble(v *s3store.Version, u *s3store.Upload, parts []*s3store.Part) error {
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
		return tooLarge(maxObject)
	}
	if text := c.Request.Header.Get("X-Amz-Mp-Object-Size"); text != "" && text != strconv.FormatInt(v.Size, 10) {
		return invalidRequest("The provided 'x-amz-mp-object-size' header value %s does not match what was computed: %d", cut(text), v.Size)
	}
	v.ETag = multipartETag(all.Sum(nil), len(parts))
	if err := joinChecksums(v, parts); err != nil {
		return err
	}
	return c.claimedTotal(u, v)
}

// joinChecksums gives the object the checksum that its parts make.
func joinChecksums(v *s3store.Version, parts []*s3store.Part) error {
	if v.Checksum.Type != "COMPOSITE" {
		if v.Checksum.Algorithm == "" {
			v.Checksum = s3store.Checksum{Algorithm: defaultAlgorithm, Type: "FULL_OBJECT"}
		}
		v.Checksum.Value, _ = joinParts(v.Checksum.Algorithm, parts)
		return nil
	}
	composite := newHash(v.Checksum.Algorithm)
	for _, part := range parts {
		sum, err := base64.StdEncoding.DecodeString(part.Checksum.Value)
		if err != nil {
			return err
		}
		composite.Write(sum)
	}
	v.Checksum.Value = sum64(composite) + "-" + itoa(len(parts))
	return nil
}

// claimedTotal compares the object's checksum with what the caller expects,
// when the upload was created with one.
func (c *call) claimedTotal(u *s3store.Upload, v *s3store.Version) error {
	algorithm := u.Version.Checksum.Algorithm
	if algorithm == "" {
		return nil
	}
	want := c.Request.Header.Get(checksumHeader(algorithm))
	if want == "" {
		return nil
	}
	got, _, _ := strings.Cut(v.Checksum.Value, "-")
	value, count, counted := strings.Cut(want, "-")
	_, err := strconv.ParseUint(count, 10, 16)
	switch {
	case !wellFormed(algorithm, value), counted && (v.Checksum.Type != "COMPOSITE" || err != nil):
		return invalidRequest("Value for x-amz-checksum-%s header is invalid.", strings.ToLower(algorithm))
	case want != v.Checksum.Value && want != got:
		return awserror.New(http.StatusBadRequest, "BadDigest", "The %s you specified did not match the calculated checksum.", algorithm)
	}
	return nil
}
