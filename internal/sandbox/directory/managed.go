package directory

import (
	"fmt"
	"time"

	"github.com/windlass-io/windlass/iam"
)

// managedPolicy is an AWS managed policy, as published.
type managedPolicy struct{ name, path, description, document string }

func managedPolicies() []managedPolicy {
	return []managedPolicy{
		{
			"AdministratorAccess",
			"/",
			"Provides full access to AWS services and resources.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
		},
		{
			"AmazonS3FullAccess",
			"/",
			"Provides full access to all buckets via the AWS Management Console.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],` +
				`"Resource":"*"}]}`,
		},
		{
			"AmazonS3ReadOnlyAccess",
			"/",
			"Provides read only access to all buckets via the AWS Management Console.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*",` +
				`"s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]}`,
		},
		{
			"IAMFullAccess",
			"/",
			"Provides full access to IAM via the AWS Management Console.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*",` +
				`"organizations:DescribeAccount","organizations:DescribeOrganization",` +
				`"organizations:DescribeOrganizationalUnit","organizations:DescribePolicy",` +
				`"organizations:ListChildren","organizations:ListParents","organizations:ListPoliciesForTarget",` +
				`"organizations:ListRoots","organizations:ListPolicies","organizations:ListTargetsForPolicy"],` +
				`"Resource":"*"}]}`,
		},
		{
			"IAMReadOnlyAccess",
			"/",
			"Provides read only access to IAM via the AWS Management Console.",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GenerateCredentialReport",` +
				`"iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*","iam:SimulateCustomPolicy",` +
				`"iam:SimulatePrincipalPolicy"],"Resource":"*"}]}`,
		},
		{
			"AWSDenyAll",
			"/",
			"Deny all access.",
			`{"Version":"2012-10-17","Statement":[{"Sid":"DenyAll","Effect":"Deny","Action":["*"],"Resource":"*"}]}`,
		},
	}
}

// addManaged adds AWS's own policies to the directory. They aren't in the
// journal.
func (d *Directory) addManaged() error {
	published := time.Date(2015, 2, 6, 18, 39, 46, 0, time.UTC)
	for i, p := range managedPolicies() {
		document, err := NewDocument(iam.Identity, p.document)
		if err != nil {
			return fmt.Errorf("reading %s: %w", p.name, err)
		}
		d.tables.policies.rows.Set(rowKey("aws", p.name), &Policy{
			Account:     "aws",
			Path:        p.path,
			Name:        p.name,
			ID:          fmt.Sprintf("ANPAWINDLASS%09d", i),
			Description: p.description,
			Created:     published,
			Updated:     published,
			Default:     "v1",
			Last:        1,
			Versions:    []PolicyVersion{{ID: "v1", Document: document, Created: published}},
		})
	}
	return nil
}
