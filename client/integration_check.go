package client

import (
	"context"
	"net/http"
)

// PastedDocuments are the policies that a role has already. Each is the
// policy, or what the aws command printed around it. Each may be missing; not
// all.
type PastedDocuments struct {
	TrustPolicy         string   `json:"trust_policy,omitempty"`
	PermissionPolicies  []string `json:"permission_policies,omitempty"` // all that the role has
	PermissionsBoundary string   `json:"permissions_boundary,omitempty"`
	// BucketPolicies by the bucket's name, KeyPolicies by the key's ARN: they
	// count with the role's permission policies.
	BucketPolicies map[string]string `json:"bucket_policies,omitempty"`
	KeyPolicies    map[string]string `json:"key_policies,omitempty"`
}

// CheckedDocuments is how pasted documents differ from what an integration
// needs.
type CheckedDocuments struct {
	Verdict   string             `json:"verdict"`  // fits, unreadable, insecure, missing, unknown, excess
	Findings  []DocumentFinding  `json:"findings"` // the worst first
	Questions []DocumentQuestion `json:"questions"`
	Diff      *SetupDiff         `json:"diff,omitempty"` // from what was pasted to what is printed
}

// DocumentFinding is one difference.
type DocumentFinding struct {
	Code     string `json:"code"`
	Severity string `json:"severity"` // unreadable, insecure, missing, unknown, excess, advice
	Document string `json:"document"` // trust_policy, permission_policy, permissions_boundary, bucket_policy, key_policy
	Message  string `json:"message"`
	Why      string `json:"why,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Fix      string `json:"fix,omitempty"`
	Line     int    `json:"line,omitempty"` // from 1; 0: nowhere in particular
}

// DocumentQuestion is a call that the documents were asked about.
type DocumentQuestion struct {
	Document string `json:"document"`
	Asked    string `json:"asked"`
	Wanted   bool   `json:"wanted"` // whether it must be allowed
	Allowed  bool   `json:"allowed"`
}

// CheckIntegration judges documents that a role has already, with no call to
// AWS.
func (c *Client) CheckIntegration(ctx context.Context, integration string, documents PastedDocuments) (CheckedDocuments, error) {
	return ask[CheckedDocuments](ctx, c, http.MethodPost, c.in("integrations", integration, "check"), nil, documents)
}
