package sigv4

import (
	"bufio"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// MinChunk is the minimum size of a chunk in bytes, except for the last one
// with data.
const MinChunk = 8 << 10

const (
	maxChunkLine   = 4 << 10  // maximum length of a chunk header or a trailer line
	maxSurplus     = 64 << 10 // bytes beyond the declared length that are read to determine the error
	maxTrailers    = 16       // lines
	chunkBuffer    = 32 << 10 // bytes read ahead
	signatureLabel = "chunk-signature="

	signatureLength = 64 // hex digits
)

// chunked decodes aws-chunked bodies. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html.
type chunked struct {
	from      bufio.Reader
	signer    *chunkSigner // nil when chunks are not signed
	left      int64        // of the payload
	chunk     int64        // of this chunk
	trailing  bool         // a trailer follows the last chunk
	announced []string     // the trailers that were announced, in canonical form
	trailer   http.Header
	started   bool
	small     bool  // whether the previous chunk has less than MinChunk
	err       error // returned by every Read after the first error
}

func (c *chunked) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	if c.chunk == 0 {
		if c.err = c.next(); c.err != nil {
			return 0, c.err
		}
	}
	if int64(len(p)) > c.chunk {
		p = p[:c.chunk]
	}
	n, err := c.from.Read(p)
	c.chunk -= int64(n)
	c.left -= int64(n)
	if c.signer != nil {
		c.signer.hash.Write(p[:n])
	}
	if err != nil {
		c.err = unexpected(err)
	}
	return n, c.err
}

// next ends the current chunk and begins the next. After the last one it reads
// the trailer and returns io.EOF.
func (c *chunked) next() error {
	if c.started {
		if err := c.endChunk(); err != nil {
			return err
		}
	}
	c.started = true
	line, err := c.line()
	if err != nil {
		return err
	}
	if err := c.head(line); err != nil {
		return err
	}
	if c.chunk == 0 {
		return c.end()
	}
	if c.small {
		return &Error{Kind: ChunkTooSmall}
	}
	c.small = c.chunk < MinChunk
	if c.chunk > c.left {
		return c.surplus()
	}
	return nil
}

// head reads the line before a chunk, with its size and signature.
func (c *chunked) head(line string) (err error) {
	size, extension, _ := strings.Cut(line, ";")
	c.chunk, err = strconv.ParseInt(size, 16, 64)
	if err != nil || c.chunk < 0 {
		return &Error{Kind: ChunkMalformed}
	}
	if c.signer == nil {
		return nil
	}
	claimed, ok := strings.CutPrefix(extension, signatureLabel)
	if !ok || len(claimed) != signatureLength {
		return &Error{Kind: ChunkMalformed}
	}
	c.signer.claimed = claimed
	return nil
}

// surplus distinguishes a chunk that exceeds the remaining length from one with
// a wrong size.
func (c *chunked) surplus() error {
	if c.chunk > c.left+maxSurplus {
		return &Error{Kind: LengthMismatch}
	}
	if _, err := c.from.Discard(int(c.chunk)); err != nil {
		return unexpected(err)
	}
	if line, err := c.line(); err != nil || line != "" {
		return &Error{Kind: ChunkMalformed}
	}
	return &Error{Kind: LengthMismatch}
}

func (c *chunked) endChunk() error {
	if line, err := c.line(); err != nil {
		return err
	} else if line != "" {
		return &Error{Kind: ChunkMalformed}
	}
	if c.signer != nil {
		return c.signer.checkChunk()
	}
	return nil
}

func (c *chunked) end() error {
	if c.left != 0 {
		return &Error{Kind: LengthMismatch}
	}
	if c.signer != nil {
		if err := c.signer.checkChunk(); err != nil {
			return err
		}
	}
	if err := c.readTrailer(); err != nil {
		return err
	}
	return io.EOF
}

func (c *chunked) readTrailer() error {
	c.trailer = http.Header{}
	var signed strings.Builder
	var signature string
	for n := 0; ; n++ {
		line, err := c.line()
		if errors.Is(err, io.ErrUnexpectedEOF) && !c.trailing {
			break // some clients omit the last empty line
		}
		if err != nil {
			return err
		}
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || n == maxTrailers {
			return &Error{Kind: TrailerMalformed}
		}
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if name == "x-amz-trailer-signature" {
			signature = value
			continue
		}
		signed.WriteString(name + ":" + value + "\n")
		c.trailer.Add(name, value)
	}
	return c.checkTrailer(signed.String(), signature)
}

func (c *chunked) checkTrailer(signed, signature string) error {
	signs := c.signer != nil && c.trailing
	if signs && signature == "" && len(c.trailer) == 0 {
		return &Error{Kind: TrailerMalformed}
	}
	if signs && len(signature) != signatureLength {
		return &Error{Kind: ChunkMalformed}
	}
	for name := range c.trailer {
		if !slices.Contains(c.announced, name) {
			return &Error{Kind: TrailerMalformed, Header: name}
		}
	}
	for _, name := range c.announced {
		if c.trailer.Get(name) == "" {
			return &Error{Kind: TrailerMalformed, Header: name}
		}
	}
	if signs {
		return c.signer.checkTrailer(signed, signature)
	}
	return nil
}

// line reads to the next CRLF and strips it.
func (c *chunked) line() (string, error) {
	line, err := c.from.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) || len(line) > maxChunkLine {
		return "", &Error{Kind: ChunkMalformed}
	}
	if err != nil && len(line) > 0 {
		return "", &Error{Kind: ChunkMalformed}
	}
	if err != nil {
		return "", unexpected(err)
	}
	text, ok := strings.CutSuffix(string(line), "\r\n")
	if !ok || strings.Contains(text, "\r") {
		return "", &Error{Kind: ChunkMalformed}
	}
	return text, nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// chunkSigner chains the signatures of the chunks.
type chunkSigner struct {
	key      []byte
	stamp    string
	scope    string
	previous string // signature of the previous chunk, or of the request
	claimed  string // signature of this chunk
	hash     hash.Hash
}

func (s *chunkSigner) checkChunk() error {
	toSign := algorithm + "-PAYLOAD\n" + s.stamp + "\n" + s.scope + "\n" + s.previous + "\n" + EmptyHash + "\n" +
		hex.EncodeToString(s.hash.Sum(nil))
	s.hash.Reset()
	return s.check(toSign, s.claimed)
}

func (s *chunkSigner) checkTrailer(lines, claimed string) error {
	hash := sha256.Sum256([]byte(lines))
	return s.check(
		algorithm+"-TRAILER\n"+s.stamp+"\n"+s.scope+"\n"+s.previous+"\n"+hex.EncodeToString(hash[:]),
		claimed,
	)
}

func (s *chunkSigner) check(toSign, claimed string) error {
	want := hex.EncodeToString(sum(s.key, toSign))
	if subtle.ConstantTimeCompare([]byte(want), []byte(claimed)) != 1 {
		return &Error{Kind: ChunkMismatch}
	}
	s.previous = want
	return nil
}
