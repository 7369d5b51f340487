package directory

import (
	"encoding/json"

	"github.com/windlass-io/windlass/iam"
)

// Document is a policy as written, compiled for decisions.
type Document struct {
	Text     string
	kind     iam.Kind
	compiled *iam.Compiled
}

// NewDocument parses a policy. The error is the policy engine's, with every
// problem.
func NewDocument(kind iam.Kind, text string) (*Document, error) {
	policy, err := iam.Parse(kind, []byte(text))
	if err != nil {
		return nil, err
	}
	compiled, err := iam.Compile(policy)
	if err != nil {
		return nil, err
	}
	return &Document{text, kind, compiled}, nil
}

// Compiled returns the policy for decisions, or nil if there is no document.
func (d *Document) Compiled() *iam.Compiled {
	if d == nil {
		return nil
	}
	return d.compiled
}

// Policy returns the policy with its positions, or nil if there is no
// document.
func (d *Document) Policy() *iam.Policy {
	if d == nil {
		return nil
	}
	return d.compiled.Policy()
}

type documentRecord struct {
	Kind iam.Kind `json:"kind"`
	Text string   `json:"text"`
}

// MarshalJSON writes the document for the journal.
func (d *Document) MarshalJSON() ([]byte, error) {
	return json.Marshal(documentRecord{d.kind, d.Text})
}

// UnmarshalJSON reads the document from the journal.
func (d *Document) UnmarshalJSON(data []byte) error {
	var record documentRecord
	if err := json.Unmarshal(data, &record); err != nil {
		return err
	}
	read, err := NewDocument(record.Kind, record.Text)
	if err != nil {
		return err
	}
	*d = *read
	return nil
}
