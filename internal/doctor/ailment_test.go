package doctor_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

const (
	otherPrincipal = "arn:aws:iam::111111111111:user/somebody"
	otherID        = "ffffffffffffffffffffffffffffffff"
)

// customerRole is the role for the matcher of a fault.
const customerRole = "*:role/" + doctortest.RoleName

const (
	listStatement = `{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-data","Condition":{"StringLike":{"s3:prefix":"daily/*"}}}`
	getStatement  = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/daily/*"}`
)

// trust is a trust policy of one statement.
func trust(principal, condition string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal +
		`"},"Action":"sts:AssumeRole"` + condition + `}]}`
}

func equals(id string) string {
	return `,"Condition":{"StringEquals":{"sts:ExternalId":"` + id + `"}}`
}

func policy(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// trusted creates the role with another trust policy than the printed one.
func trusted(text func(p *patient) string, pasted bool) func(*patient) {
	return func(p *patient) {
		documents, err := p.i.Documents()
		if err != nil {
			p.Fatal(err)
		}
		p.role(text(p), string(documents.Permission))
		if pasted {
			p.documents.Trust = json.RawMessage(text(p))
		}
	}
}

// permitted creates the role with another permission policy than the printed
// one, or with none if text is empty.
func permitted(text string, pasted bool) func(*patient) {
	return func(p *patient) {
		documents, err := p.i.Documents()
		if err != nil {
			p.Fatal(err)
		}
		if text == "" {
			p.role(string(documents.Trust))
			return
		}
		p.role(string(documents.Trust), text)
		if pasted {
			p.documents.Permission = json.RawMessage(text)
		}
	}
}

// instead returns a response to the calls of one API in place of AWS.
func instead(pick func(*http.Request) bool, status int, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		if !pick(r) {
			return nil, nil //nolint:nilnil // nil: AWS responds
		}
		return &http.Response{
			StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Body:   io.NopCloser(strings.NewReader(body)),
			Header: http.Header{"Content-Type": {"text/xml"}, "X-Amz-Request-Id": {"REQ"}, "X-Amzn-Requestid": {"REQ"}},
		}, nil
	}
}

// toSTS reports whether a request is one to STS: it is the only API that is
// called with POST here.
func toSTS(r *http.Request) bool { return r.Method == http.MethodPost }

func toS3(r *http.Request) bool { return r.Method != http.MethodPost }

// asks reports whether a request's form has a text. It restores the body.
func asks(r *http.Request, text string) bool {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return bytes.Contains(body, []byte(text))
}

func stsError(code, message string) string {
	return "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + message +
		"</Message></Error><RequestId>REQ</RequestId></ErrorResponse>"
}

// failing makes one API fail until the fault is fixed.
func failing(pick func(*http.Request) bool, status int, body string) func(*patient) {
	return func(p *patient) { p.Carrier.Fail(instead(pick, status, body)) } //nolint:bodyclose // the carrier closes the body
}

// broken breaks AWS until it is fixed.
func broken(f fault.Fault) func(*patient) { return func(p *patient) { p.AWS.MustFault(p.T, f) } }

// recovered is a fix by someone else.
func recovered(p *patient, _ *doctor.Fix) {
	p.Carrier.Fail(nil)
	p.AWS.Sandbox.Faults().Clear()
}
