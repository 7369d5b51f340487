package s3api

import (
	"crypto/md5" //nolint:gosec // an ETag is an MD5; it guards nothing
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
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
	call    *call
	body    *sigv4.Body
	limit   int64
	read    int64
	md5     hash.Hash
	wantMD5 string // hex, or empty
	claimed s3store.Checksum
	sum     hash.Hash
}

// digests is what is known of a body that has been read.
type digests struct {
	size     int64
	md5      []byte
	checksum s3store.Checksum // always of an algorithm: CRC64NVME when none was asked for
	given    bool             // the caller asked for the checksum
}

func (c *call) ingest(limit int64) (*ingest, error) {
	body, err := sigv4.NewBody(c.Request, c.Signature, c.SigningKey)
	if err != nil {
		return nil, SignatureError(err, c.now)
	}
	in := &ingest{call: c, body: body, limit: limit, md5: md5.New()} //nolint:gosec // as above
	if body.Length > limit {
		return nil, tooLarge(limit)
	}
	if text := c.Request.Header.Get("Content-Md5"); text != "" {
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(raw) != md5.Size {
			return nil, awserror.New(http.StatusBadRequest, "InvalidDigest", "The Content-MD5 you specified was invalid.").With("Content-MD5", cut(text))
		}
		in.wantMD5 = hex.EncodeToString(raw)
	}
	if in.claimed, err = claimedChecksum(c.Request); err != nil {
		return nil, err
	}
	algorithm := in.claimed.Algorithm
	if algorithm == "" {
		algorithm = defaultAlgorithm
	}
	in.sum = newHash(algorithm)
	return in, nil
}

// Read gives the body's own bytes.
func (in *ingest) Read(p []byte) (int, error) {
	n, err := in.body.Read(p)
	in.read += int64(n)
	if in.read > in.limit {
		return 0, tooLarge(in.limit)
	}
	in.md5.Write(p[:n])
	in.sum.Write(p[:n])
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
		return digests{}, incompleteBody()
	}
	d := digests{size: in.read, md5: in.md5.Sum(nil), given: in.claimed.Algorithm != ""}
	if got := hex.EncodeToString(d.md5); in.wantMD5 != "" && in.wantMD5 != got {
		return d, awserror.New(http.StatusBadRequest, "BadDigest", "The Content-MD5 you specified did not match what we received.").
			With("ExpectedDigest", in.wantMD5).With("CalculatedDigest", got)
	}
	d.checksum = s3store.Checksum{Algorithm: defaultAlgorithm, Value: sum64(in.sum), Type: "FULL_OBJECT"}
	if !d.given {
		return d, nil
	}
	d.checksum.Algorithm = in.claimed.Algorithm
	want := in.claimed.Value
	if trailer := in.body.Trailer().Get(checksumHeader(in.claimed.Algorithm)); trailer != "" {
		want = trailer
	}
	if want != "" && want != d.checksum.Value {
		return d, awserror.New(http.StatusBadRequest, "BadDigest", "The %s you specified did not match the calculated checksum.", strings.ToUpper(in.claimed.Algorithm))
	}
	return d, nil
}
