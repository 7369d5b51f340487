package sigv4

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Body is the payload of a request, verified while it is read. Only trust it
// when Read has returned [io.EOF]: any other error means that the body isn't
// the signed one.
type Body struct {
	io.Reader
	Length  int64              // of the payload itself; -1 if unknown
	trailer func() http.Header // headers after the payload
}

// Trailer returns the headers after the payload. It is empty before Read has
// returned [io.EOF].
func (b *Body) Trailer() http.Header {
	if b.trailer == nil {
		return nil
	}
	return b.trailer()
}

// NewBody returns the payload of an unsigned request, for which s is nil, or
// of one whose signature has been verified with signingKey.
func NewBody(r *http.Request, s *Signature, signingKey []byte) (*Body, error) {
	kind := r.Header.Get("X-Amz-Content-Sha256")
	if s != nil && s.Presigned && !contains(s.SignedHeaders, "x-amz-content-sha256") {
		kind = UnsignedPayload
	}
	switch {
	case kind == "" || kind == UnsignedPayload:
		return &Body{Reader: r.Body, Length: r.ContentLength}, nil
	case strings.HasPrefix(kind, "STREAMING-"):
		return newChunked(r, s, signingKey, kind)
	case s != nil && !IsHash(kind):
		return nil, &Error{Kind: Malformed, Part: "x-amz-content-sha256", Claimed: kind}
	}
	return &Body{
		Reader: &hashed{from: r.Body, hash: sha256.New(), want: strings.ToLower(kind)},
		Length: r.ContentLength,
	}, nil
}

func newChunked(r *http.Request, s *Signature, signingKey []byte, kind string) (*Body, error) {
	signed := kind == StreamingSigned || kind == StreamingSignedTrailer
	if !signed && kind != StreamingUnsignedTrailer {
		return nil, &Error{Kind: UnsupportedAlgorithm, Part: kind}
	}
	length, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
	if err != nil || length < 0 {
		return nil, &Error{Kind: LengthMissing}
	}
	c := &chunked{left: length, trailing: kind != StreamingSigned}
	if signed {
		if s == nil {
			return nil, &Error{Kind: Incomplete, Part: "Authorization"}
		}
		c.signer = &chunkSigner{
			key:      signingKey,
			stamp:    s.stamp,
			scope:    s.Scope.String(),
			previous: s.Value,
			hash:     sha256.New(),
		}
	}
	c.from.Reset(r.Body)
	for name := range strings.SplitSeq(r.Header.Get("X-Amz-Trailer"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			c.announced = append(c.announced, http.CanonicalHeaderKey(name))
		}
	}
	return &Body{Reader: c, Length: length, trailer: func() http.Header { return c.trailer }}, nil
}

// hashed compares a body with its hash at the end.
type hashed struct {
	from io.Reader
	hash hash.Hash
	want string
}

func (h *hashed) Read(p []byte) (int, error) {
	n, err := h.from.Read(p)
	h.hash.Write(p[:n])
	if err == io.EOF {
		if got := hex.EncodeToString(h.hash.Sum(nil)); subtle.ConstantTimeCompare([]byte(got), []byte(h.want)) != 1 {
			return n, &Error{Kind: PayloadMismatch, Claimed: h.want, Computed: got}
		}
	}
	return n, err
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}
