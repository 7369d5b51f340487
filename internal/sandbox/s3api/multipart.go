package s3api

import (
	"crypto/md5" //nolint:gosec // an ETag is an MD5; it guards nothing
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

const (
	maxParts    = 10_000
	minPartSize = 5 << 20
	maxObject   = 50 << 40
)

type initiateResult struct {
	XMLName   xml.Name `xml:"InitiateMultipartUploadResult"`
	Namespace string   `xml:"xmlns,attr"`
	Bucket    string
	Key       string
	UploadID  string `xml:"UploadId"`
}

func (c *call) createMultipartUpload() error {
	v, err := c.newVersion()
	if err != nil {
		return err
	}
	if err := c.allowPut(v); err != nil {
		return err
	}
	if v.Checksum, err = c.uploadChecksum(); err != nil {
		return err
	}
	u := &s3store.Upload{Key: c.Key, ID: newUploadID(), Initiated: c.moment(), Initiator: c.Caller.ARN, Version: v}
	if err := c.api.config.Store.CreateUpload(c.bucket, u); err != nil {
		return c.storeError(err)
	}
	c.encryptionHeaders(v)
	if v.Checksum.Algorithm != "" {
		c.Writer.Header().Set("X-Amz-Checksum-Algorithm", v.Checksum.Algorithm)
		c.Writer.Header().Set("X-Amz-Checksum-Type", v.Checksum.Type)
	}
	return c.writeXML(initiateResult{Namespace: namespace, Bucket: c.Bucket, Key: c.Key, UploadID: u.ID})
}

func newUploadID() string { return rand.Text() + rand.Text() + rand.Text() }

// uploadChecksum reads which checksum the object of an upload will have. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html#Full-object-checksums.
func (c *call) uploadChecksum() (s3store.Checksum, error) {
	algorithm := strings.ToUpper(c.Request.Header.Get("X-Amz-Checksum-Algorithm"))
	kind := strings.ToUpper(c.Request.Header.Get("X-Amz-Checksum-Type"))
	if algorithm == "" {
		if kind != "" {
			return s3store.Checksum{}, invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
		}
		return s3store.Checksum{}, nil
	}
	if newHash(algorithm) == nil {
		return s3store.Checksum{}, invalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
	}
	_, isCRC := crcOf(algorithm)
	switch {
	case kind == "" && algorithm == defaultAlgorithm:
		kind = "FULL_OBJECT"
	case kind == "":
		kind = "COMPOSITE"
	case kind != "FULL_OBJECT" && kind != "COMPOSITE":
		return s3store.Checksum{}, invalidRequest("Value for x-amz-checksum-type header is invalid.")
	case kind == "FULL_OBJECT" && !isCRC, kind == "COMPOSITE" && algorithm == defaultAlgorithm:
		return s3store.Checksum{}, invalidRequest("The %s checksum type cannot be used with the %s checksum algorithm.", kind, strings.ToLower(algorithm))
	}
	return s3store.Checksum{Algorithm: algorithm, Type: kind}, nil
}

// upload gives the upload that a call names.
func (c *call) upload() (*s3store.Upload, error) {
	u, err := c.bucket.Upload(c.Key, c.query.Get("uploadId"))
	if err != nil {
		return nil, c.storeError(err)
	}
	return u, nil
}

func (c *call) partNumber() (int, error) {
	text := c.query.Get("partNumber")
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxParts {
		return 0, invalidArgument("partNumber", text, "Part number must be an integer between 1 and 10000, inclusive.")
	}
	return n, nil
}

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
	if err := c.allowGenerate(u.Version); err != nil {
		return err
	}
	in, err := c.ingest(maxPut)
	if err != nil {
		return err
	}
	if want := u.Version.Checksum.Algorithm; want != "" {
		if in.claimed.Algorithm != "" && in.claimed.Algorithm != want {
			return invalidRequest("Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s", strings.ToLower(want), strings.ToLower(in.claimed.Algorithm))
		}
		if in.claimed.Algorithm == "" {
			if in.digester, err = newDigester(in.body, in.body.Length, want); err != nil {
				return err
			}
		}
	}
	blob, d, err := c.store(in)
	if err != nil {
		return err
	}
	part := &s3store.Part{Number: number, Blob: blob, ETag: hex.EncodeToString(d.md5), Checksum: d.checksum, Modified: c.moment()}
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
	return c.writeXML(copyResult{
		XMLName: xml.Name{Local: "CopyPartResult"}, Namespace: namespace, LastModified: stamp(part.Modified),
		ETag: quote(part.ETag), checksumXML: showChecksum(part.Checksum, false),
	})
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

type completeDocument struct {
	XMLName xml.Name `xml:"CompleteMultipartUpload"`
	Parts   []struct {
		PartNumber int
		ETag       string
		checksumXML
	} `xml:"Part"`
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
	var document completeDocument
	given, err := c.readXML(&document)
	if err != nil {
		return err
	}
	if !given || len(document.Parts) == 0 || len(document.Parts) > maxParts {
		return malformedXML()
	}
	u, err := c.upload()
	if err != nil {
		return err
	}
	parts, err := c.chosenParts(u, &document)
	if err != nil {
		return err
	}
	v := *u.Version
	v.Modified = c.moment()
	if err := c.assemble(&v, parts); err != nil {
		return err
	}
	stored, err := c.api.config.Store.Complete(c.bucket, u, &v, parts, c.putCondition())
	if err != nil {
		return c.storeError(err)
	}
	c.versionHeaders(stored)
	c.encryptionHeaders(stored)
	return c.writeXML(completeResult{
		Namespace: namespace, Location: "http://" + c.Request.Host + c.Request.URL.EscapedPath(), Bucket: c.Bucket, Key: c.Key,
		ETag: quote(stored.ETag), checksumXML: showChecksum(stored.Checksum, true),
	})
}

// chosenParts gives the parts that the document names, in its order, which
// must be that of their numbers.
func (c *call) chosenParts(u *s3store.Upload, document *completeDocument) ([]*s3store.Part, error) {
	have := map[int]*s3store.Part{}
	for _, part := range c.bucket.Parts(u) {
		have[part.Number] = part
	}
	for i := range document.Parts {
		if i > 0 && document.Parts[i].PartNumber <= document.Parts[i-1].PartNumber {
			return nil, awserror.New(http.StatusBadRequest, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.").With("UploadId", u.ID)
		}
	}
	var parts []*s3store.Part
	for i, named := range document.Parts {
		part := have[named.PartNumber]
		if part == nil || unquote(named.ETag) != part.ETag || !named.agrees(part.Checksum) {
			return nil, awserror.New(http.StatusBadRequest, "InvalidPart", "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.").
				With("UploadId", u.ID).With("PartNumber", itoa(named.PartNumber)).With("ETag", unquote(named.ETag))
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
func (c *call) assemble(v *s3store.Version, parts []*s3store.Part) error {
	all := md5.New() //nolint:gosec // as above
	v.PartSizes, v.PartSums, v.Size = nil, nil, 0
	composite := newHash(v.Checksum.Algorithm)
	for _, part := range parts {
		raw, err := hex.DecodeString(part.ETag)
		if err != nil {
			return err
		}
		all.Write(raw)
		v.Size += part.Blob.Size
		v.PartSizes = append(v.PartSizes, part.Blob.Size)
		if composite != nil {
			sum, err := base64.StdEncoding.DecodeString(part.Checksum.Value)
			if err != nil {
				return err
			}
			composite.Write(sum)
			v.PartSums = append(v.PartSums, part.Checksum.Value)
		}
	}
	if v.Size > maxObject {
		return tooLarge(maxObject)
	}
	if text := c.Request.Header.Get("X-Amz-Mp-Object-Size"); text != "" && text != strconv.FormatInt(v.Size, 10) {
		return invalidRequest("The provided 'x-amz-mp-object-size' header value %s does not match what was computed: %d", cut(text), v.Size)
	}
	v.ETag = hex.EncodeToString(all.Sum(nil)) + "-" + itoa(len(parts))
	if v.Checksum.Type == "COMPOSITE" {
		v.Checksum.Value = sum64(composite) + "-" + itoa(len(parts))
	} else {
		if v.Checksum.Algorithm == "" {
			v.Checksum = s3store.Checksum{Algorithm: defaultAlgorithm, Type: "FULL_OBJECT"}
		}
		v.Checksum.Value, _ = joinParts(v.Checksum.Algorithm, parts)
	}
	return c.claimedTotal(v)
}

// claimedTotal compares the object's checksum with what the caller expects.
func (c *call) claimedTotal(v *s3store.Version) error {
	kind := strings.ToUpper(c.Request.Header.Get("X-Amz-Checksum-Type"))
	if kind != "" && kind != v.Checksum.Type {
		return invalidRequest("The upload was created using the %s checksum mode. The complete request must use the same checksum mode.", v.Checksum.Type)
	}
	for _, algorithm := range algorithms {
		want := c.Request.Header.Get(checksumHeader(algorithm))
		if want == "" || algorithm != v.Checksum.Algorithm || v.Checksum.Value == "" {
			continue
		}
		if got, _, _ := strings.Cut(v.Checksum.Value, "-"); want != v.Checksum.Value && want != got {
			return awserror.New(http.StatusBadRequest, "BadDigest", "The %s you specified did not match the calculated checksum.", algorithm)
		}
	}
	return nil
}

func (c *call) abortMultipartUpload() error {
	if err := c.allowObject("AbortMultipartUpload"); err != nil {
		return err
	}
	u, err := c.upload()
	if err != nil {
		return err
	}
	if err := c.api.config.Store.Abort(c.bucket, u); err != nil {
		return c.storeError(err)
	}
	return c.noContent()
}

type partXML struct {
	PartNumber   int
	LastModified string
	ETag         string
	Size         int64
	checksumXML
}

type partsDocument struct {
	XMLName              xml.Name `xml:"ListPartsResult"`
	Namespace            string   `xml:"xmlns,attr"`
	Bucket               string
	Key                  string
	UploadID             string `xml:"UploadId"`
	Initiator            ownerXML
	Owner                ownerXML
	StorageClass         string
	PartNumberMarker     int
	NextPartNumberMarker int
	MaxParts             int
	IsTruncated          bool
	ChecksumAlgorithm    string    `xml:",omitempty"`
	ChecksumType         string    `xml:",omitempty"`
	Parts                []partXML `xml:"Part"`
}

func (c *call) listParts() error {
	if err := c.allowObject("ListMultipartUploadParts"); err != nil {
		return err
	}
	u, err := c.upload()
	if err != nil {
		return err
	}
	limit, err := c.intParameter("max-parts", maxKeys, 0, maxKeys)
	if err != nil {
		return err
	}
	after, err := c.intParameter("part-number-marker", 0, 0, 1<<30)
	if err != nil {
		return err
	}
	document := partsDocument{
		Namespace: namespace, Bucket: c.Bucket, Key: c.Key, UploadID: u.ID, PartNumberMarker: after, MaxParts: limit,
		Initiator: ownerXML{ID: u.Initiator}, Owner: ownerXML{ID: canonicalID(c.bucket.Account)}, StorageClass: storageClass(u.Version),
		ChecksumAlgorithm: u.Version.Checksum.Algorithm, ChecksumType: u.Version.Checksum.Type,
	}
	for _, part := range c.bucket.Parts(u) {
		if part.Number <= after {
			continue
		}
		if len(document.Parts) == limit {
			document.IsTruncated = true
			break
		}
		shown := partXML{PartNumber: part.Number, LastModified: stamp(part.Modified), ETag: quote(part.ETag), Size: part.Blob.Size}
		if u.Version.Checksum.Algorithm != "" {
			shown.checksumXML = showChecksum(part.Checksum, false)
		}
		document.Parts = append(document.Parts, shown)
		document.NextPartNumberMarker = part.Number
	}
	return c.writeXML(document)
}

type uploadXML struct {
	Key               string
	UploadID          string `xml:"UploadId"`
	Initiator         ownerXML
	Owner             ownerXML
	StorageClass      string
	Initiated         string
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
}

type uploadsDocument struct {
	XMLName            xml.Name `xml:"ListMultipartUploadsResult"`
	Namespace          string   `xml:"xmlns,attr"`
	Bucket             string
	KeyMarker          string
	UploadIDMarker     string `xml:"UploadIdMarker"`
	NextKeyMarker      string `xml:",omitempty"`
	NextUploadIDMarker string `xml:"NextUploadIdMarker,omitempty"`
	Prefix             string
	Delimiter          string `xml:",omitempty"`
	EncodingType       string `xml:",omitempty"`
	MaxUploads         int
	IsTruncated        bool
	Uploads            []uploadXML `xml:"Upload"`
	CommonPrefixes     []prefixXML
}

func (c *call) listMultipartUploads() error {
	if err := c.allowBucket("ListBucketMultipartUploads", c.listKeys()...); err != nil {
		return err
	}
	l, err := c.lister()
	if err != nil {
		return err
	}
	limit, err := c.intParameter("max-uploads", maxKeys, 0, maxKeys)
	if err != nil {
		return err
	}
	keyMarker, idMarker := c.query.Get("key-marker"), c.query.Get("upload-id-marker")
	document := uploadsDocument{
		Namespace: namespace, Bucket: c.Bucket, KeyMarker: l.text(keyMarker), UploadIDMarker: idMarker, EncodingType: l.encodingType(),
		Prefix: l.text(l.listing.Prefix), Delimiter: l.text(l.listing.Delimiter), MaxUploads: limit,
	}
	var prefixes []string
	for _, u := range c.bucket.Uploads(l.listing.Prefix) {
		if keyMarker != "" && (u.Key < keyMarker || u.Key == keyMarker && (idMarker == "" || u.ID <= idMarker)) {
			continue
		}
		common := commonPrefix(u.Key, l.listing.Prefix, l.listing.Delimiter)
		if common != "" && (slices.Contains(prefixes, common) || common == keyMarker) {
			continue
		}
		if len(document.Uploads)+len(prefixes) == limit {
			document.IsTruncated = limit > 0
			break
		}
		if common != "" {
			prefixes = append(prefixes, common)
			document.CommonPrefixes = append(document.CommonPrefixes, prefixXML{l.text(common)})
			document.NextKeyMarker, document.NextUploadIDMarker = l.text(common), ""
			continue
		}
		document.Uploads = append(document.Uploads, uploadXML{
			Key: l.text(u.Key), UploadID: u.ID, Initiator: ownerXML{ID: u.Initiator}, Owner: ownerXML{ID: canonicalID(c.bucket.Account)},
			StorageClass: storageClass(u.Version), Initiated: stamp(u.Initiated),
			ChecksumAlgorithm: u.Version.Checksum.Algorithm, ChecksumType: u.Version.Checksum.Type,
		})
		document.NextKeyMarker, document.NextUploadIDMarker = l.text(u.Key), u.ID
	}
	if !document.IsTruncated {
		document.NextKeyMarker, document.NextUploadIDMarker = "", ""
	}
	return c.writeXML(document)
}

func commonPrefix(key, prefix, delimiter string) string {
	if delimiter == "" {
		return ""
	}
	at := strings.Index(key[len(prefix):], delimiter)
	if at < 0 {
		return ""
	}
	return key[:len(prefix)+at+len(delimiter)]
}
