package s3api

import (
	"crypto/md5" //nolint:gosec // an ETag is an MD5; it guards nothing
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

// maxPut is the largest body of one request.
const maxPut = 5 << 30

// ingest reads a body and checks all that is claimed of it: its length, its
// signature, Content-MD5 and the additional checksum. What it gave is to be
// believed once finish has answered no error.
type ingest struct {
	*digester
	call    *call
	body    *sigv4.Body
	limit   int64
	wantMD5 string // hex, or empty
	claimed s3store.Checksum
}

func (c *call) ingest(limit int64) (*ingest, error) {
	if kind := c.Request.Header.Get("X-Amz-Content-Sha256"); c.Signature == nil && strings.HasPrefix(kind, "STREAMING-AWS4-") {
		return nil, invalidRequest("Anonymous requests don't support this x-amz-content-sha256 value. Please use UNSIGNED-PAYLOAD or STREAMING-UNSIGNED-PAYLOAD-TRAILER.")
	}
	body, err := sigv4.NewBody(c.Request, c.Signature, c.SigningKey)
	if err != nil {
		return nil, SignatureError(err, c.now)
	}
	in := &ingest{call: c, body: body, limit: limit}
	if body.Length > limit {
		return nil, tooLarge(limit)
	}
	if text, given := c.Request.Header["Content-Md5"]; given {
		raw, err := base64.StdEncoding.DecodeString(text[0])
		if err != nil || len(raw) != md5.Size {
			return nil, awserror.New(http.StatusBadRequest, "InvalidDigest", "The Content-Md5 you specified is not valid.").With("Content-MD5", cut(text[0]))
		}
		in.wantMD5 = hex.EncodeToString(raw)
	}
	if !c.ofObject {
		if in.claimed, err = claimedChecksum(c.Request); err != nil {
			return nil, err
		}
	}
	in.digester, err = newDigester(body, body.Length, in.claimed.Algorithm)
	return in, err
}

// Read gives the body's own bytes.
func (in *ingest) Read(p []byte) (int, error) {
	n, err := in.digester.Read(p)
	if in.read > in.limit {
		return 0, tooLarge(in.limit)
	}
	return n, err
}

// fault gives an error of reading as S3 answers it.
func (in *ingest) fault(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return incompleteBody()
	}
	var e *sigv4.Error
	if errors.As(err, &e) {
		return SignatureError(err, in.call.now)
	}
	return err
}

// finish checks the digests once the body has been read to its end.
func (in *ingest) finish() (digests, error) {
	if in.body.Length >= 0 && in.read != in.body.Length {
		return digests{}, lengthMismatch()
	}
	d := in.digests()
	d.given = in.claimed.Algorithm != ""
	if got := hex.EncodeToString(d.md5); in.wantMD5 != "" && in.wantMD5 != got {
		return d, awserror.New(http.StatusBadRequest, "BadDigest", "The Content-MD5 you specified did not match what we received.").
			With("ExpectedDigest", in.wantMD5).With("CalculatedDigest", base64.StdEncoding.EncodeToString(d.md5))
	}
	if !d.given {
		return d, nil
	}
	want := in.claimed.Value
	if trailer := in.body.Trailer().Get(checksumHeader(in.claimed.Algorithm)); trailer != "" {
		if !wellFormed(in.claimed.Algorithm, trailer) {
			return d, invalidRequest("Value for x-amz-checksum-%s trailing header is invalid.", strings.ToLower(in.claimed.Algorithm))
		}
		want = trailer
	}
	if want != "" && want != d.checksum.Value {
		return d, awserror.New(http.StatusBadRequest, "BadDigest", "The %s you specified did not match the calculated checksum.", in.claimed.Algorithm)
	}
	return d, nil
}
