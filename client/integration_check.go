package client

import (
	"context"
	"net/http"
)

// PastedDocuments has the existing policies of a role. Each is a policy, or
// the output of the aws command with the policy in it. Some may be empty, but
// not all.
type PastedDocuments struct {
	TrustPolicy         string   `json:"trust_policy,omitempty"`
	PermissionPolicies  []string `json:"permission_policies,omitempty"` // all of the role's permission policies
	PermissionsBoundary string   `json:"permissions_boundary,omitempty"`
	// BucketPolicies by bucket name and KeyPolicies by key ARN are evaluated
	// together with the role's permission policies.
	BucketPolicies map[string]string `json:"bucket_policies,omitempty"`
	KeyPolicies    map[string]string `json:"key_policies,omitempty"`
}

// CheckedDocuments lists how pasted documents differ from what an integration
// needs.
type CheckedDocuments struct {
	Verdict   string             `json:"verdict"`  // fits, unreadable, insecure, missing, unknown, excess
	Findings  []DocumentFinding  `json:"findings"` // most severe first
	Questions []DocumentQuestion `json:"questions"`
	Diff      *SetupDiff         `json:"diff,omitempty"` // from the pasted documents to the required ones
}

// DocumentFinding is one difference.
type DocumentFinding struct {
	Code     string `json:"code"`
	Severity string `json:"severity"` // unreadable, insecure, missing, unknown, excess, advice
	// trust_policy, permission_policy, permissions_boundary, bucket_policy,
	// key_policy
	Document string `json:"document"`
	Message  string `json:"message"`
	Why      string `json:"why,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Fix      string `json:"fix,omitempty"`
	Line     int    `json:"line,omitempty"` // from 1; 0: no specific line
}

// DocumentQuestion is a call that the documents were evaluated for.
type DocumentQuestion struct {
	Document string `json:"document"`
	Asked    string `json:"asked"`
	Wanted   bool   `json:"wanted"` // whether it must be allowed
	Allowed  bool   `json:"allowed"`
}

// CheckIntegration checks the existing policies of a role. It doesn't call
// AWS.
func (c *Client) CheckIntegration(
	ctx context.Context,
	integration string,
	documents PastedDocuments,
) (CheckedDocuments, error) {
	return ask[CheckedDocuments](ctx, c, http.MethodPost, c.in("integrations", integration, "check"), nil, documents)
}
