package s3api

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// getObject answers GET and HEAD.
func (c *call) getObject() error {
	if c.query.Has("partNumber") {
		if _, err := c.partNumber(); err != nil {
			return err
		}
	}
	v, err := c.readable("GetObject")
	if err != nil {
		return err
	}
	if err := c.checkCustomerKey(v, customerHeader); err != nil {
		return err
	}
	if err := c.readCondition(v); err != nil {
		return err
	}
	if err := c.allowDecrypt(v); err != nil {
		return err
	}
	if err := c.archived(v); err != nil {
		return err
	}
	if err := c.overrides(v); err != nil {
		return err
	}
	span, err := c.span(v)
	if err != nil {
		return err
	}
	return c.send(v, span)
}

// readable gives the version that a request names, once the caller may read
// it. What is not there is 404 only for those who may list the bucket; for
// others it is as if it were forbidden, so that nothing can be guessed.
func (c *call) readable(action string) (*s3store.Version, error) {
	id := c.query.Get("versionId")
	v, missing := c.bucket.Get(c.Key, id)
	var keys []authz.Key
	if missing == nil {
		c.object, keys = v, existingTagKeys(v)
	}
	if err := c.allowObject(c.versioned(action), keys...); err != nil {
		return nil, err
	}
	if missing == nil && !v.DeleteMarker {
		return v, nil
	}
	list := "ListBucket"
	if id != "" {
		list = "ListBucketVersions"
	}
	if request, decision := c.decide(list, c.bucketARN(), c.bucket); !decision.Allowed() {
		return nil, c.denied(request, decision)
	}
	if missing != nil {
		if id != "" && errors.Is(missing, s3store.ErrNoVersion) {
			return nil, c.checkVersionID(id)
		}
		return nil, c.storeError(missing)
	}
	c.versionHeaders(v)
	if id == "" {
		return nil, noSuchKey(c.Key)
	}
	c.Writer.Header().Set("Last-Modified", v.Modified.Format(http.TimeFormat))
	return nil, methodNotAllowed(c.Request.Method, "DELETE_MARKER")
}

// versionPattern is what a version ID may look like, on AWS and elsewhere.
var versionPattern = regexp.MustCompile(`^[\w.-]{20,64}$`)

// checkVersionID tells an ID that no version ever had from one that is gone.
func (c *call) checkVersionID(id string) error {
	return cmp.Or(readableVersionID(id), noSuchVersion(c.Key, id))
}

// readableVersionID refuses an ID that no version ever had.
func readableVersionID(id string) error {
	if id != s3store.NullVersion && !versionPattern.MatchString(id) {
		return invalidArgument("versionId", id, "Invalid version id specified")
	}
	return nil
}

func existingTagKeys(v *s3store.Version) []authz.Key {
	var keys []authz.Key
	for _, tag := range v.Tags {
		keys = append(keys, authz.K("s3:ExistingObjectTag/"+tag.Key, tag.Value))
	}
	return keys
}

// readCondition holds a read to its conditions. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html.
func (c *call) readCondition(v *s3store.Version) error {
	h := c.Request.Header
	match, none := h.Get("If-Match"), h.Get("If-None-Match")
	if match != "" && !etagIn(match, v.ETag) {
		return preconditionFailed("If-Match")
	}
	if since, err := http.ParseTime(h.Get("If-Unmodified-Since")); err == nil && match == "" && v.Modified.After(since) {
		return preconditionFailed("If-Unmodified-Since")
	}
	notModified := func() error {
		c.versionHeaders(v)
		c.Writer.Header().Set("ETag", quote(v.ETag))
		c.Writer.Header().Set("Last-Modified", v.Modified.Format(http.TimeFormat))
		return awserror.New(http.StatusNotModified, "NotModified", "Not Modified")
	}
	if none != "" && etagIn(none, v.ETag) {
		return notModified()
	}
	if since, err := http.ParseTime(h.Get("If-Modified-Since")); err == nil && none == "" && !v.Modified.After(since) {
		return notModified()
	}
	return nil
}

func etagIn(list, etag string) bool {
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimPrefix(strings.TrimSpace(item), "W/")
		if item == "*" || unquote(item) == etag {
			return true
		}
	}
	return false
}

// overrides sets the headers that the query asks for; only signed requests
// may ask.
func (c *call) overrides(v *s3store.Version) error {
	header := c.Writer.Header()
	for name, value := range v.Headers {
		header.Set(name, value)
	}
	for _, name := range standardHeaders {
		value := c.query.Get("response-" + strings.ToLower(name))
		if value == "" {
			continue
		}
		if c.Caller.Type == iam.Anonymous {
			return invalidRequest("Request specific response headers cannot be used for anonymous GET requests.")
		}
		header.Set(name, value)
	}
	return nil
}

// span is the part of an object that is asked for.
type span struct {
	offset, length int64
	partial        bool
	part           int // number of the part that was asked for; 0 for none
}

func (c *call) span(v *s3store.Version) (span, error) {
	whole := span{0, v.Size, false, 0}
	text := c.Request.Header.Get("Range")
	if c.query.Has("partNumber") {
		if text != "" {
			return whole, invalidRequest("Cannot specify both Range header and partNumber query parameter")
		}
		return c.partSpan(v)
	}
	if text == "" {
		return whole, nil
	}
	first, last, ok := parseRange(text, v.Size)
	if !ok {
		return whole, nil // S3 ignores what it cannot read
	}
	if first > last {
		e := awserror.New(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable").
			With("RangeRequested", cut(text)).With("ActualObjectSize", strconv.FormatInt(v.Size, 10))
		e.Header = map[string]string{"Content-Range": "bytes */" + strconv.FormatInt(v.Size, 10)}
		return whole, e
	}
	return span{first, last - first + 1, true, 0}, nil
}

// parseRange reads one range of bytes. first is beyond last for a range that
// cannot be satisfied.
func parseRange(text string, size int64) (first, last int64, ok bool) {
	rest, ok := strings.CutPrefix(text, "bytes=")
	if !ok || strings.Contains(rest, ",") {
		return 0, 0, false
	}
	from, to, ok := strings.Cut(rest, "-")
	if !ok {
		return 0, 0, false
	}
	if from == "" {
		n, err := strconv.ParseInt(to, 10, 64)
		if err != nil || n < 0 {
			return 0, 0, false
		}
		if n == 0 {
			return 1, 0, true
		}
		if size == 0 {
			return 0, 0, false
		}
		return max(0, size-n), size - 1, true
	}
	first, err := strconv.ParseInt(from, 10, 64)
	if err != nil || first < 0 {
		return 0, 0, false
	}
	last = size - 1
	if to != "" {
		if last, err = strconv.ParseInt(to, 10, 64); err != nil || last < first {
			return 0, 0, false
		}
		last = min(last, size-1)
	}
	if first >= size {
		return 1, 0, true
	}
	return first, last, true
}

// partSpan finds one part of a multipart object.
func (c *call) partSpan(v *s3store.Version) (span, error) {
	n, err := c.partNumber()
	if err != nil {
		return span{}, err
	}
	sizes := v.PartSizes
	if len(sizes) == 0 {
		sizes = []int64{v.Size}
	}
	if n > len(sizes) {
		return span{}, awserror.New(http.StatusRequestedRangeNotSatisfiable, "InvalidPartNumber", "The requested partnumber is not satisfiable.").
			With("PartNumberRequested", itoa(n)).With("ActualPartCount", itoa(len(sizes)))
	}
	out := span{length: sizes[n-1], partial: true, part: n}
	for _, size := range sizes[:n-1] {
		out.offset += size
	}
	return out, nil
}

func (c *call) send(v *s3store.Version, s span) error {
	var body *s3store.Reader
	if c.Request.Method == http.MethodGet {
		var err error
		if body, err = open(v); err != nil {
			return err
		}
		defer body.Close()
	}
	header := c.Writer.Header()
	c.objectHeaders(v)
	header.Set("Content-Length", strconv.FormatInt(s.length, 10))
	status := http.StatusOK
	if s.partial && v.Size > 0 {
		status = http.StatusPartialContent
		header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", s.offset, s.offset+s.length-1, v.Size))
	}
	if c.query.Has("partNumber") && len(v.PartSizes) > 0 {
		header.Set("X-Amz-Mp-Parts-Count", itoa(len(v.PartSizes)))
	}
	if strings.EqualFold(c.Request.Header.Get("X-Amz-Checksum-Mode"), "ENABLED") {
		c.checksumHeaders(spanChecksum(v, s))
	}
	c.Writer.WriteHeader(status)
	if body != nil {
		_ = body.Send(c.Writer, s.offset, s.length) // the status is out: a fault can only cut the connection
	}
	return nil
}

// open gives the body of a version. One that is gone was replaced or deleted a
// moment ago.
func open(v *s3store.Version) (*s3store.Reader, error) {
	body, err := v.Open()
	if errors.Is(err, s3store.ErrGone) {
		return nil, noSuchKey(v.Key)
	}
	return body, err
}

// spanChecksum gives the checksum of what is sent, when it is known: of the
// whole, or of one part.
func spanChecksum(v *s3store.Version, s span) s3store.Checksum {
	switch {
	case !s.partial || s.part > 0 && len(v.PartSizes) == 0:
		return v.Checksum
	case s.part > 0 && len(v.PartSums) == len(v.PartSizes):
		return s3store.Checksum{Algorithm: v.Checksum.Algorithm, Value: v.PartSums[s.part-1], Type: v.Checksum.Type}
	default:
		return s3store.Checksum{}
	}
}

// objectHeaders tells what GET and HEAD tell of a version.
func (c *call) objectHeaders(v *s3store.Version) {
	header := c.Writer.Header()
	c.versionHeaders(v)
	c.encryptionHeaders(v)
	c.lockHeaders(v)
	header.Set("Accept-Ranges", "bytes")
	header.Set("ETag", quote(v.ETag))
	header.Set("Last-Modified", v.Modified.Format(http.TimeFormat))
	for name, value := range v.Metadata {
		header["x-amz-meta-"+name] = []string{value}
	}
	if v.StorageClass != "" {
		header.Set("X-Amz-Storage-Class", v.StorageClass)
	}
	if len(v.Tags) > 0 {
		header.Set("X-Amz-Tagging-Count", itoa(len(v.Tags)))
	}
}

// versionHeaders tells which version was made or met.
func (c *call) versionHeaders(v *s3store.Version) {
	header := c.Writer.Header()
	if v.ID != s3store.NullVersion || c.bucket.Settings().Versioning != s3store.NeverVersioned {
		header.Set("X-Amz-Version-Id", v.ID)
	}
	if v.DeleteMarker {
		header.Set("X-Amz-Delete-Marker", "true")
	}
}

// newVersionHeaders tells the ID of a version that was made: where versioning
// is suspended it is "null", and S3 leaves it out.
func (c *call) newVersionHeaders(v *s3store.Version) {
	if v.ID != s3store.NullVersion {
		c.versionHeaders(v)
	}
}

func (c *call) checksumHeaders(sum s3store.Checksum) {
	if sum.Algorithm == "" || sum.Value == "" {
		return
	}
	c.Writer.Header().Set(checksumHeader(sum.Algorithm), sum.Value)
	c.Writer.Header().Set("X-Amz-Checksum-Type", sum.Type)
}

// archived refuses to read what lies in an archive, until it is restored.
func (c *call) archived(v *s3store.Version) error {
	if c.Request.Method != http.MethodGet {
		return nil
	}
	class := v.StorageClass
	if c.struck(fault.Archived) {
		class = "GLACIER"
	} else if !c.inArchive(v) {
		return nil
	}
	return awserror.New(http.StatusForbidden, "InvalidObjectState", "The operation is not valid for the object's storage class").With("StorageClass", class)
}

// inArchive says whether a version lies in an archive, and is not restored.
func (c *call) inArchive(v *s3store.Version) bool {
	return (v.StorageClass == "GLACIER" || v.StorageClass == "DEEP_ARCHIVE") && !v.Restored.After(c.now)
}
