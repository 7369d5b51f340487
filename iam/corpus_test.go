package iam_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/windlass-io/windlass/iam"
)

// corpusCase is one decision of testdata/decisions.json and its source.
type corpusCase struct {
	ID          string   `json:"id"`
	Source      string   `json:"source"`
	Description string   `json:"description"`
	Features    []string `json:"features"`
	Policies    struct {
		Identity []json.RawMessage `json:"identity,omitempty"`
		Resource json.RawMessage   `json:"resource,omitempty"`
		Trust    json.RawMessage   `json:"trust,omitempty"`
		Session  []json.RawMessage `json:"session,omitempty"`
		Boundary json.RawMessage   `json:"boundary,omitempty"`
	} `json:"policies"`
	Principal struct {
		Type     string `json:"type"`
		ARN      string `json:"arn"`
		Role     string `json:"role"`
		User     string `json:"user"`
		Account  string `json:"account"`
		Service  string `json:"service"`
		Provider string `json:"provider"`
	} `json:"principal"`
	Action          string                  `json:"action"`
	Resource        string                  `json:"resource"`
	ResourceAccount string                  `json:"resourceAccount"`
	Context         map[string]corpusValues `json:"context"`
	Expected        string                  `json:"expected"`
}

// corpusValues is a string or a list of strings.
type corpusValues []string

func (v *corpusValues) UnmarshalJSON(text []byte) error {
	if text[0] == '[' {
		return json.Unmarshal(text, (*[]string)(v))
	}
	*v = make([]string, 1)
	return json.Unmarshal(text, &(*v)[0])
}

func readCorpus(tb testing.TB) []corpusCase {
	tb.Helper()
	text, err := os.ReadFile("testdata/decisions.json")
	if err != nil {
		tb.Fatal(err)
	}
	var corpus struct{ Cases []corpusCase }
	if err := json.Unmarshal(text, &corpus); err != nil {
		tb.Fatal(err)
	}
	return corpus.Cases
}

func mustCompile(tb testing.TB, kind iam.Kind, document []byte) *iam.Compiled {
	tb.Helper()
	if document == nil {
		return nil
	}
	policy, err := iam.Parse(kind, document)
	if err != nil {
		tb.Fatalf("%s policy %s: %v", kind, document, err)
	}
	compiled, err := iam.Compile(policy)
	if err != nil {
		tb.Fatalf("%s policy %s: %v", kind, document, err)
	}
	return compiled
}

func (c *corpusCase) policies(tb testing.TB) *iam.Policies {
	tb.Helper()
	p := &iam.Policies{
		Resource: mustCompile(tb, iam.Resource, c.Policies.Resource),
		Trust:    mustCompile(tb, iam.Trust, c.Policies.Trust),
		Boundary: mustCompile(tb, iam.Boundary, c.Policies.Boundary),
	}
	for _, document := range c.Policies.Identity {
		p.Identity = append(p.Identity, mustCompile(tb, iam.Identity, document))
	}
	for _, document := range c.Policies.Session {
		p.Session = append(p.Session, mustCompile(tb, iam.Session, document))
	}
	return p
}

func (c *corpusCase) request(tb testing.TB) *iam.Request {
	tb.Helper()
	kind, err := iam.ParsePrincipalType(c.Principal.Type)
	if err != nil {
		tb.Fatal(err)
	}
	r := &iam.Request{
		Principal: iam.Principal{
			Type: kind, ARN: c.Principal.ARN, RoleARN: c.Principal.Role, UserARN: c.Principal.User,
			Account: c.Principal.Account, Service: c.Principal.Service, Provider: c.Principal.Provider,
		},
		Action: c.Action, Resource: c.Resource, ResourceAccount: c.ResourceAccount,
	}
	for key, values := range c.Context {
		r.Context.Set(key, values...)
	}
	return r
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	for _, c := range readCorpus(t) {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			got := iam.Evaluate(c.policies(t), c.request(t))
			if got.Effect.String() != c.Expected {
				t.Errorf("%s\ngot %s (%+v), want %s\nsource: %s", c.Description, got.Effect, got, c.Expected, c.Source)
			}
		})
	}
}
