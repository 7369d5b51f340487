package doctor

import (
	"encoding/json"

	"github.com/windlass-io/windlass/internal/problem"
)

// maxDocument is the longest pasted document, in bytes. AWS's limit is 20,480
// for bucket policies, and less for others.
const maxDocument = 32 << 10

// Documents contains the current policies as pasted by the customer. Each is
// optional. They help to find causes that AWS doesn't mention; they prove
// nothing.
type Documents struct {
	Trust      json.RawMessage `json:"trust_policy,omitempty"`
	Permission json.RawMessage `json:"permission_policy,omitempty"`
	Boundary   json.RawMessage `json:"permissions_boundary,omitempty"`
	Bucket     json.RawMessage `json:"bucket_policy,omitempty"`
}

// check validates the size and the syntax of the documents.
func (d Documents) check() error {
	var findings []problem.Finding
	for _, document := range []struct {
		path string
		text json.RawMessage
	}{
		{"trust_policy", d.Trust},
		{"permission_policy", d.Permission},
		{"permissions_boundary", d.Boundary},
		{"bucket_policy", d.Bucket},
	} {
		switch {
		case len(document.text) > maxDocument:
			findings = append(findings, problem.Finding{
				Path: document.path, Message: "The document is longer than any policy that AWS accepts.",
			})
		case len(document.text) > 0 && !json.Valid(document.text):
			findings = append(findings, problem.Finding{Path: document.path, Message: "The document isn't valid JSON."})
		}
	}
	if len(findings) > 0 {
		return problem.New(problem.Invalid, "The documents are invalid.").WithFindings(findings...)
	}
	return nil
}
