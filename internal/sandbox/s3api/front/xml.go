package front

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
)

// Namespace is the XML namespace of S3's documents.
const Namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// maxDocument limits the size of an XML or JSON document in a request, in bytes:
// 1,000 deletions with the longest keys, escaped.
const maxDocument = 8 << 20

// WriteXML returns 200 with a document.
func (c *Call) WriteXML(document any) error { return c.WriteXMLStatus(http.StatusOK, document) }

// WriteXMLStatus responds with a status and a document.
func (c *Call) WriteXMLStatus(status int, document any) error {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if err := xml.NewEncoder(&b).Encode(document); err != nil {
		return err
	}
	c.Writer.Header().Set("Content-Type", "application/xml")
	c.Writer.WriteHeader(status)
	_, _ = c.Writer.Write(b.Bytes()) // the client may have disconnected
	return nil
}

// NoContent returns 204.
func (c *Call) NoContent() error {
	c.Writer.WriteHeader(http.StatusNoContent)
	return nil
}

// ReadDocument returns a request's document and verifies its digests.
func (c *Call) ReadDocument() ([]byte, error) {
	if strings.HasPrefix(c.Request.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return nil, s3error.InvalidRequest("The value of x-amz-content-sha256 header is invalid.")
	}
	var b bytes.Buffer
	in, err := c.ReadBody(maxDocument)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(&b, in); err != nil {
		return nil, in.readError(err)
	}
	if _, err := in.finish(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// ReadXML parses a request's document into v. It returns false for an empty
// document and leaves v unchanged.
func (c *Call) ReadXML(v any) (given bool, err error) {
	text, err := c.ReadDocument()
	if err != nil {
		return false, err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return false, nil
	}
	decoder := xml.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(v); err != nil {
		return false, s3error.MalformedXML()
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return false, s3error.MalformedXML()
	}
	return true, nil
}
