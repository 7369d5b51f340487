// Package query implements AWS's query protocol, which IAM and STS use:
// requests are forms, and responses are XML. See
// https://docs.aws.amazon.com/IAM/latest/APIReference/programming.html.
package query

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
)

// MaxBody limits the size of a request in bytes: the largest policy, escaped,
// with the other parameters.
const MaxBody = 1 << 20

// maxMembers limits how many members of a list are read.
const maxMembers = 1000

// Params are the parameters of a request.
type Params struct{ url.Values }

// Read returns the parameters in a request's query and its form. body must
// have the request's body.
func Read(r *http.Request, body []byte) (Params, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return Params{}, malformed()
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return Params{}, malformed()
	}
	for name, list := range form {
		values[name] = append(values[name], list...)
	}
	return Params{values}, nil
}

// ReadBody reads a request's body within a limit in bytes.
func ReadBody(r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, awserror.New(
			http.StatusBadRequest,
			"IncompleteBody",
			"The request body ended before it was complete.",
		)
	}
	if int64(len(body)) > limit {
		return nil, awserror.New(
			http.StatusRequestEntityTooLarge,
			"RequestEntityTooLarge",
			"The request is larger than %d bytes.",
			limit,
		)
	}
	return body, nil
}

func malformed() error {
	return awserror.New(http.StatusBadRequest, "MalformedQueryString", "The query string contains a syntax error.")
}

// List returns the values of name.member.1, name.member.2 and so on.
func (p Params) List(name string) []string {
	var list []string
	for i := 1; i <= maxMembers; i++ {
		key := name + ".member." + strconv.Itoa(i)
		if !p.Has(key) {
			break
		}
		list = append(list, p.Get(key))
	}
	return list
}

// Records returns the members of a list of structures: for each, a function
// that returns a field's values by its name.
func (p Params) Records(name string, required string) []Params {
	var list []Params
	for i := 1; i <= maxMembers; i++ {
		prefix := name + ".member." + strconv.Itoa(i) + "."
		if !p.Has(prefix + required) {
			break
		}
		record := url.Values{}
		for key, values := range p.Values {
			if rest, ok := strings.CutPrefix(key, prefix); ok {
				record[rest] = values
			}
		}
		list = append(list, Params{record})
	}
	return list
}

// Tags returns the tags of a parameter such as "Tags".
func (p Params) Tags(name string) []directory.Tag {
	var tags []directory.Tag
	for _, record := range p.Records(name, "Key") {
		tags = append(tags, directory.Tag{Key: record.Get("Key"), Value: record.Get("Value")})
	}
	return tags
}

// Int returns a whole number, or fallback if it is missing.
func (p Params) Int(name string, fallback int) (int, error) {
	text := p.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, awserror.New(http.StatusBadRequest, "MalformedInput", "")
	}
	return n, nil
}

func cut(s string) string { return clip.To(s, 200) }

// Time formats a time as in the query protocol.
func Time(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// XML is the protocol of IAM and STS.
type XML struct {
	Namespace string // of the documents
	Failure   string // the code of an internal error
}

// UnknownAction returns the error for an action that the version doesn't have.
func (x XML) UnknownAction(action, version string) error { return InvalidAction(action, version) }

// Error returns err with the names that IAM and STS use for this package's
// signature errors.
func (x XML) Error(err error) error { return err }

// Write writes the result of a call; a nil result has no document.
func (x XML) Write(w http.ResponseWriter, requestID, action string, result any) error {
	var b strings.Builder
	fmt.Fprintf(&b, "<%sResponse xmlns=%q>\n", action, x.Namespace)
	if result != nil {
		encoder := xml.NewEncoder(&b)
		encoder.Indent("  ", "  ")
		if err := encoder.EncodeElement(
			result,
			xml.StartElement{Name: xml.Name{Local: action + "Result"}},
		); err != nil {
			return fmt.Errorf("writing the response to %s: %w", action, err)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(
		&b,
		"  <ResponseMetadata>\n    <RequestId>%s</RequestId>\n  </ResponseMetadata>\n</%sResponse>\n",
		requestID,
		action,
	)
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(http.StatusOK)
	_, err := io.WriteString(w, b.String())
	return err
}

type errorDocument struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message,omitempty"`
	RequestID string   `xml:"RequestId"`
}

// WriteError writes an error document.
func (x XML) WriteError(w http.ResponseWriter, requestID string, err error) {
	e := awserror.From(err)
	namespace := x.Namespace
	if e.Code == "InvalidAction" {
		namespace = "http://webservices.amazon.com/AWSFault/2005-15-09"
	}
	document := errorDocument{
		Namespace: namespace,
		Type:      "Sender",
		Code:      e.Code,
		Message:   e.Message,
		RequestID: requestID,
	}
	if e.Status >= http.StatusInternalServerError {
		document.Type = "Receiver"
		if e.Code == "InternalError" {
			document.Code = x.Failure
		}
	}
	text, _ := xml.Marshal(document) // a struct of strings can't fail
	for name, value := range e.Header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(e.Status)
	_, _ = io.WriteString(w, xml.Header+string(text)) // the client may have disconnected
}
