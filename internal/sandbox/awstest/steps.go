package awstest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Step is one request and what the response must be.
type Step struct {
	Name   string
	Method string // default: GET for S3, POST otherwise
	Target string // path and query; default: "/"
	Body   string
	Header map[string]string
	Status int      // default: 200
	Has    []string // texts that the body must have
	Not    []string // texts that the body must not have
}

// Run sends steps in order, each signed for a service.
func Run(t *testing.T, box http.Handler, keys aws.Credentials, service string, steps []Step) {
	t.Helper()
	for _, step := range steps {
		header := http.Header{}
		method, target, status := http.MethodGet, "/", http.StatusOK
		if service != "s3" {
			method = http.MethodPost
			header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		for name, value := range step.Header {
			header.Set(name, value)
		}
		if step.Method != "" {
			method = step.Method
		}
		if step.Target != "" {
			target = step.Target
		}
		if step.Status != 0 {
			status = step.Status
		}
		out := Send(t, box, keys, service, method, target, step.Body, header)
		text := out.Body.String()
		if out.Code != status {
			t.Errorf("%s: status %d, want %d: %s", step.Name, out.Code, status, text)
		}
		for _, want := range step.Has {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the response lacks %q: %s", step.Name, want, text)
			}
		}
		for _, not := range step.Not {
			if strings.Contains(text, not) {
				t.Errorf("%s: the response has %q: %s", step.Name, not, text)
			}
		}
	}
}
