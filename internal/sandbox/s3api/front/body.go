package front

import (
	"crypto/md5" //nolint:gosec // S3's own digests: they find damage and guard nothing
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/checksum"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

// MaxPut is the largest body of one request.
const MaxPut = 5 << 30

// Body reads a request's body and verifies what the request claims about it:
// length, signature, Content-MD5 and additional checksum. Don't use the data
// before finish has returned nil.
type Body struct {
	*checksum.Digester
	call    *Call
	body    *sigv4.Body
	limit   int64
	wantMD5 string // hex, or empty
	claimed s3store.Checksum
}

// ReadBody returns the request's body, up to limit bytes.
func (c *Call) ReadBody(limit int64) (*Body, error) {
	if kind := c.Request.Header.Get(
		"X-Amz-Content-Sha256",
	); c.Signature == nil &&
		strings.HasPrefix(kind, "STREAMING-AWS4-") {
		return nil, s3error.InvalidRequest(
			"Anonymous requests don't support this x-amz-content-sha256 value. Please use UNSIGNED-PAYLOAD or " +
				"STREAMING-UNSIGNED-PAYLOAD-TRAILER.",
		)
	}
	body, err := sigv4.NewBody(c.Request, c.Signature, c.SigningKey)
	if err != nil {
		return nil, s3error.SignatureError(err, c.Now)
	}
	in := &Body{call: c, body: body, limit: limit}
	if body.Length > limit {
		return nil, s3error.TooLarge(limit)
	}
	if text, given := c.Request.Header["Content-Md5"]; given {
		raw, err := base64.StdEncoding.DecodeString(text[0])
		if err != nil || len(raw) != md5.Size {
			return nil, awserror.New(http.StatusBadRequest, "InvalidDigest", "The Content-Md5 you specified is not "+
				"valid.").
				With("Content-MD5", s3error.Cut(text[0]))
		}
		in.wantMD5 = hex.EncodeToString(raw)
	}
	if !c.ChecksumOfObject {
		if in.claimed, err = checksum.FromRequest(c.Request); err != nil {
			return nil, err
		}
	}
	in.Digester, err = checksum.NewDigester(body, in.claimed.Algorithm)
	return in, err
}

// ReadFile returns a reader for the file of a browser's form. The signature
// doesn't cover the file, and its length isn't known in advance.
func (c *Call) ReadFile(file io.Reader, limit int64) (*Body, error) {
	claimed, err := checksum.FromRequest(c.Request)
	if err != nil {
		return nil, err
	}
	in := &Body{call: c, body: &sigv4.Body{Reader: file, Length: -1}, limit: limit, claimed: claimed}
	in.Digester, err = checksum.NewDigester(in.body, claimed.Algorithm)
	return in, err
}

// Read returns the body's own bytes.
func (in *Body) Read(p []byte) (int, error) {
	n, err := in.Digester.Read(p)
	if in.Count > in.limit {
		return 0, s3error.TooLarge(in.limit)
	}
	return n, err
}

// readError returns a read error in S3's words.
func (in *Body) readError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return s3error.IncompleteBody()
	}
	var e *sigv4.Error
	if errors.As(err, &e) {
		return s3error.SignatureError(err, in.call.Now)
	}
	return err
}

// finish checks the digests once the body has been read to its end.
func (in *Body) finish() (checksum.Digests, error) {
	if in.body.Length >= 0 && in.Count != in.body.Length {
		return checksum.Digests{}, s3error.LengthMismatch()
	}
	d := in.Digests()
	d.Requested = in.claimed.Algorithm != ""
	if got := hex.EncodeToString(d.MD5); in.wantMD5 != "" && in.wantMD5 != got {
		return d, awserror.New(http.StatusBadRequest, "BadDigest", "The Content-MD5 you specified did not match "+
			"what we received.").
			With("ExpectedDigest", in.wantMD5).
			With("CalculatedDigest", base64.StdEncoding.EncodeToString(d.MD5))
	}
	if !d.Requested {
		return d, nil
	}
	want := in.claimed.Value
	if trailer := in.body.Trailer().Get(checksum.Header(in.claimed.Algorithm)); trailer != "" {
		if !checksum.IsValid(in.claimed.Algorithm, trailer) {
			return d, s3error.InvalidRequest(
				"Value for x-amz-checksum-%s trailing header is invalid.",
				strings.ToLower(in.claimed.Algorithm),
			)
		}
		want = trailer
	}
	if want != "" && want != d.Checksum.Value {
		return d, awserror.New(
			http.StatusBadRequest,
			"BadDigest",
			"The %s you specified did not match the calculated checksum.",
			in.claimed.Algorithm,
		)
	}
	return d, nil
}

// StoreBody stores a body and verifies its digests. It removes an invalid
// body.
func (c *Call) StoreBody(in *Body) (*s3store.Blob, checksum.Digests, error) {
	blob, err := c.Config.Store.NewBlob(c.Context, in, in.body.Length)
	if err != nil {
		return nil, checksum.Digests{}, in.readError(err)
	}
	d, err := in.finish()
	if err != nil {
		blob.Drop()
		return nil, checksum.Digests{}, err
	}
	return blob, d, nil
}

// MatchUpload selects the digests that the body's upload needs.
func (in *Body) MatchUpload(want s3store.Checksum) (err error) {
	have := in.claimed.Algorithm
	switch {
	case want.Algorithm == "":
		if have != "" && have != checksum.Default {
			in.Joining = checksum.NewHash(checksum.Default)
		}
	case have == "" && want.Type == "COMPOSITE":
		return checksumMismatch(want.Algorithm, "null")
	case have == "":
		in.Digester, err = checksum.NewDigester(in.body, want.Algorithm)
	case have != want.Algorithm:
		return checksumMismatch(want.Algorithm, have)
	}
	return err
}

func checksumMismatch(want, got string) error {
	return s3error.InvalidRequest(
		"Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s",
		want,
		got,
	)
}
