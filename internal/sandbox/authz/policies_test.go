package authz_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/sandboxtest"
)

// TestPoliciesAreNamed checks for each kind of policy that the explanation has
// its name.
func TestPoliciesAreNamed(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "acme")
	server.MustPut(t, server.Customer.Keys, "acme", "a", "x")
	root := server.IAM(server.Customer.Keys)
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ada, _ := server.MustUser(
		t,
		server.Customer,
		"ada",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","s3:PutObject"],`+
			`"Resource":"*"}]}`,
	)
	must(root.CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: aws.String("staff")}))
	must(
		root.AddUserToGroup(
			t.Context(),
			&iam.AddUserToGroupInput{GroupName: aws.String("staff"), UserName: aws.String("ada")},
		),
	)
	readOnly := "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
	must(
		root.AttachGroupPolicy(
			t.Context(),
			&iam.AttachGroupPolicyInput{GroupName: aws.String("staff"), PolicyArn: &readOnly},
		),
	)
	edge, err := root.CreatePolicy(t.Context(), &iam.CreatePolicyInput{
		PolicyName: aws.String("edge"),
		Path:       aws.String("/team/"),
		PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny",` +
				`"Action":"s3:DeleteObject","Resource":"*"}]}`,
		),
	})
	must(edge, err)
	must(
		root.PutUserPermissionsBoundary(
			t.Context(),
			&iam.PutUserPermissionsBoundaryInput{UserName: aws.String("ada"), PermissionsBoundary: edge.Policy.Arn},
		),
	)
	role := server.MustRole(
		t,
		server.Customer,
		"all",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",`+
			`"Principal":{"AWS":"`+server.Customer.ID+`"},"Action":"sts:AssumeRole"}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
	)
	out, err := server.STS(ada).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn:         &role,
		RoleSessionName: aws.String("loader"),
		PolicyArns:      []ststypes.PolicyDescriptorType{{Arn: &readOnly}},
		Policy: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"}]}`,
		),
	})
	must(out, err)
	session := aws.Credentials{
		AccessKeyID:     *out.Credentials.AccessKeyId,
		SecretAccessKey: *out.Credentials.SecretAccessKey,
		SessionToken:    *out.Credentials.SessionToken,
	}

	get := func(keys aws.Credentials) {
		_, _ = server.S3(keys).
			GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("acme"), Key: aws.String("a")})
		// only the decision matters
	}
	remove := func(keys aws.Credentials) {
		_, _ = server.S3(keys).
			DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("acme"), Key: aws.String("a")})
		// only the decision matters
	}
	for _, test := range []struct {
		call func(aws.Credentials)
		keys aws.Credentials
		want string
	}{
		{get, ada, "identity policy 2 (AmazonS3ReadOnlyAccess of group staff)"},
		{remove, ada, "the permissions boundary (edge)"},
		{get, session, "identity policy 1 (policy-1)"},
		{remove, session, "session policy 1"},
	} {
		test.call(test.keys)
		if got := server.Sandbox.Find(authz.Filter{Service: "s3", Limit: 1})[0]; !strings.Contains(
			got.Explanation,
			test.want,
		) {
			t.Errorf("%s: %q does not name %s", got.Action, got.Explanation, test.want)
		}
	}
}
