package sandbox_test

import (
	"io"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// The documents of the first setup guide, with the placeholders BUCKET and
// PREFIX.
const (
	storagePolicy = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["s3:PutObject", "s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObject", "s3:DeleteObjectVersion"],
      "Resource": "arn:aws:s3:::BUCKET/PREFIX/*"
    },
    {
      "Effect": "Allow",
      "Action": ["s3:ListBucket", "s3:GetBucketLocation"],
      "Resource": "arn:aws:s3:::BUCKET",
      "Condition": {"StringLike": {"s3:prefix": ["PREFIX/*"]}}
    }
  ]
}`
)

func TestStorageIntegrationSeed(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	ctx := t.Context()
	server.MustBucket(t, server.Customer.Keys, "acme-data")
	for _, key := range []string{"sales/2026.csv", "sales/2027.csv", "private/salaries.csv"} {
		server.MustPut(t, server.Customer.Keys, "acme-data", key, "a,b\n1,2\n")
	}
	loader, loaderARN := server.MustUser(
		t,
		server.Service,
		"loader",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`,
	)

	// Steps 1 and 2: a policy, and a role that trusts this account with a
	// placeholder External ID.
	admin := server.IAM(server.Customer.Keys)
	policy, err := admin.CreatePolicy(ctx, &iam.CreatePolicyInput{
		PolicyName: aws.String(
			"windlass-read",
		),
		PolicyDocument: aws.String(awstest.Fill(storagePolicy, "BUCKET", "acme-data", "PREFIX", "sales")),
	})
	if err != nil {
		t.Fatal(err)
	}
	role := server.MustRole(
		t,
		server.Customer,
		"windlass",
		awstest.Fill(awstest.TrustPolicy, "USER", "arn:aws:iam::"+server.Customer.ID+":root", "EXTERNAL_ID", "0000"),
	)
	if _, err := admin.AttachRolePolicy(
		ctx,
		&iam.AttachRolePolicyInput{RoleName: aws.String("windlass"), PolicyArn: policy.Policy.Arn},
	); err != nil {
		t.Fatal(err)
	}
	assume := func(externalID *string) error {
		_, err := server.STS(loader).
			AssumeRole(ctx,
				&sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("probe"), ExternalId: externalID})
		return err
	}
	if got := awstest.Code(assume(aws.String("0000"))); got != "AccessDenied" {
		t.Fatalf("before the trust policy is edited: got %q, want AccessDenied", got)
	}

	// The last step: the trust policy names the user and the External ID.
	server.MustTrust(
		t,
		server.Customer,
		"windlass",
		awstest.Fill(awstest.TrustPolicy, "USER", loaderARN, "EXTERNAL_ID", "b6e1f0a2"),
	)
	if got := awstest.Code(assume(nil)); got != "AccessDenied" {
		t.Errorf("without External ID: got %q, want AccessDenied", got)
	}
	if got := awstest.Code(assume(aws.String("wrong"))); got != "AccessDenied" {
		t.Errorf("with a wrong External ID: got %q, want AccessDenied", got)
	}
	session := server.MustAssume(t, loader, role, "b6e1f0a2")

	who, err := server.STS(session).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "arn:aws:sts::222222222222:assumed-role/windlass/sandboxtest"; *who.Arn != want {
		t.Errorf("identity is %s, want %s", *who.Arn, want)
	}
	client := server.S3(session)
	list := func(prefix *string) error {
		_, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("acme-data"), Prefix: prefix})
		return err
	}
	get := func(key string) (string, error) {
		out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("acme-data"), Key: &key})
		if err != nil {
			return "", err
		}
		defer out.Body.Close()
		body, err := io.ReadAll(out.Body)
		return string(body), err
	}
	if body, err := get("sales/2026.csv"); err != nil || body != "a,b\n1,2\n" {
		t.Errorf("reading a declared object: %q, %v", body, err)
	}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"list the prefix":       {list(aws.String("sales/")), ""},
		"list the bucket":       {list(nil), "AccessDenied"},
		"list another prefix":   {list(aws.String("private/")), "AccessDenied"},
		"get another prefix":    {awstest.Err(get("private/salaries.csv")), "AccessDenied"},
		"get what is not there": {awstest.Err(get("sales/none.csv")), "AccessDenied"},
		"the bucket's location": {awstest.Err(client.GetBucketLocation(ctx,
			&s3.GetBucketLocationInput{Bucket: aws.String("acme-data")})), "AccessDenied"},
	} {
		if got := awstest.Code(test.err); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
