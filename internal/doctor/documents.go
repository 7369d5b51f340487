package doctor

import (
	"encoding/json"

	"github.com/windlass-io/windlass/internal/problem"
)

// maxDocument bounds a pasted document, in bytes. AWS's own bound is 20,480
// for a bucket policy, and less for the rest.
const maxDocument = 32 << 10

// Documents are policies as the customer says they are now. Each may be
// missing. They help to tell causes apart where AWS says nothing, and are never
// taken for proof.
type Documents struct {
	Trust      json.RawMessage `json:"trust_policy,omitempty"`
	Permission json.RawMessage `json:"permission_policy,omitempty"`
	Boundary   json.RawMessage `json:"permissions_boundary,omitempty"`
	Bucket     json.RawMessage `json:"bucket_policy,omitempty"`
}

// check bounds the documents and says which are not JSON.
func (d Documents) check() error {
	var findings []problem.Finding
	for _, document := range []struct {
		path string
		text json.RawMessage
	}{
		{"trust_policy", d.Trust}, {"permission_policy", d.Permission}, {"permissions_boundary", d.Boundary}, {"bucket_policy", d.Bucket},
	} {
		switch {
		case len(document.text) > maxDocument:
			findings = append(findings, problem.Finding{Path: document.path, Message: "The document is longer than any policy that AWS takes."})
		case len(document.text) > 0 && !json.Valid(document.text):
			findings = append(findings, problem.Finding{Path: document.path, Message: "The document is not JSON."})
		}
	}
	if len(findings) > 0 {
		return problem.New(problem.Invalid, "The documents cannot be read.").WithFindings(findings...)
	}
	return nil
}
