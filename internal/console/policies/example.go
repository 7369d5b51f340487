package policies

import (
	"embed"
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

//go:embed example/*.txt
var exampleFiles embed.FS

// policyExample is a document to begin with, and a question about it.
type policyExample struct {
	ID, Name, Text string
	Kind           iam.Kind
	Question       question
}

// policyExamples returns the documents that guides to bucket access show, and
// one for each other kind of policy.
func policyExamples() []policyExample {
	return []policyExample{
		{
			"storage-permission", "Storage integration: permission policy",
			"as published in guides; one statement can never apply", iam.Identity,
			question{
				Principal: "arn:aws:sts::222222222222:assumed-role/storage-integration/load",
				Action:    "s3:GetBucketLocation", Resource: "arn:aws:s3:::acme-data",
			},
		},
		{
			"storage-trust", "Storage integration: trust policy", "before the placeholders are filled in", iam.Trust,
			question{
				Principal: "arn:aws:iam::111111111111:user/windlass", Action: "sts:AssumeRole",
				Resource: "arn:aws:iam::222222222222:role/storage-integration",
				Context:  "sts:ExternalId=0123456789abcdef0123456789abcdef",
			},
		},
		{
			"ci-bucket", "CI bucket access: user policy", "with its published comments and placeholder",
			iam.Identity,
			question{
				Principal: "arn:aws:iam::222222222222:user/ci", Action: "s3:ListBucket",
				Resource: "arn:aws:s3:::my-bucket-name",
			},
		},
		{
			"bucket", "Bucket policy", "a partner reads one prefix; TLS only", iam.Resource,
			question{
				Principal: "arn:aws:sts::444455556666:assumed-role/reporting/nightly", Action: "s3:GetObject",
				Resource: "arn:aws:s3:::acme-data/reports/2026/q3.csv",
				Account:  "111122223333", Context: "aws:SecureTransport=true",
			},
		},
		{
			"session", "Session policy", "narrows a role to one prefix", iam.Session,
			question{
				Principal: "arn:aws:sts::111122223333:assumed-role/app/job-7", Action: "s3:GetObject",
				Resource: "arn:aws:s3:::acme-data/reports/2025/q4.csv",
			},
		},
		{
			"boundary", "Permissions boundary", "limits what a user or role may ever do", iam.Boundary,
			question{
				Principal: "arn:aws:iam::111122223333:user/ada", Action: "s3:GetObject",
				Resource: "arn:aws:s3:::acme-archive/2019.tar",
			},
		},
	}
}

// exampleOf finds an example by its ID or, with an empty ID, the first of a
// kind.
func exampleOf(id, kind string) (policyExample, bool) {
	for _, e := range policyExamples() {
		if e.ID == id || id == "" && e.Kind.String() == kind {
			return e, true
		}
	}
	return policyExample{}, false
}

// document is the example's text.
func (e policyExample) document() (string, error) {
	text, err := exampleFiles.ReadFile("example/" + e.ID + ".txt")
	if err != nil {
		return "", fmt.Errorf("reading the example %s: %w", e.ID, err)
	}
	return strings.TrimSpace(string(text)), nil
}
