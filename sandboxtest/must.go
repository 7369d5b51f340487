package sandboxtest

import (
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// MustBucket creates a bucket in the server's region, in the account of these
// root keys.
func (s *Server) MustBucket(t testing.TB, keys aws.Credentials, name string) {
	t.Helper()
	input := &s3.CreateBucketInput{Bucket: &name}
	if s.Region != "us-east-1" { // us-east-1 has no location constraint
		input.CreateBucketConfiguration = &types.CreateBucketConfiguration{
			LocationConstraint: types.BucketLocationConstraint(s.Region),
		}
	}
	if _, err := s.S3(keys).CreateBucket(t.Context(), input); err != nil {
		t.Fatalf("creating bucket %s: %v", name, err)
	}
}

// MustPut puts an object and returns its ETag.
func (s *Server) MustPut(t testing.TB, keys aws.Credentials, bucket, key, body string) string {
	t.Helper()
	out, err := s.S3(keys).
		PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(body)})
	if err != nil {
		t.Fatalf("putting s3://%s/%s: %v", bucket, key, err)
	}
	return aws.ToString(out.ETag)
}

// MustUser creates a user with these inline policies and returns its access key
// and ARN.
func (s *Server) MustUser(t testing.TB, account Account, name string, policies ...string) (aws.Credentials, string) {
	t.Helper()
	client := s.IAM(account.Keys)
	user, err := client.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name})
	if err != nil {
		t.Fatalf("creating user %s: %v", name, err)
	}
	for i, policy := range policies {
		_, err := client.PutUserPolicy(
			t.Context(),
			&iam.PutUserPolicyInput{UserName: &name, PolicyName: policyName(i), PolicyDocument: &policy},
		)
		if err != nil {
			t.Fatalf("putting a policy on user %s: %v", name, err)
		}
	}
	key, err := client.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		t.Fatalf("creating a key for user %s: %v", name, err)
	}
	keys := aws.Credentials{AccessKeyID: *key.AccessKey.AccessKeyId, SecretAccessKey: *key.AccessKey.SecretAccessKey}
	return keys, *user.User.Arn
}

// MustRole creates a role with this trust policy and these inline policies, and
// returns its ARN.
func (s *Server) MustRole(t testing.TB, account Account, name, trust string, policies ...string) string {
	t.Helper()
	client := s.IAM(account.Keys)
	role, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})
	if err != nil {
		t.Fatalf("creating role %s: %v", name, err)
	}
	for i, policy := range policies {
		_, err := client.PutRolePolicy(
			t.Context(),
			&iam.PutRolePolicyInput{RoleName: &name, PolicyName: policyName(i), PolicyDocument: &policy},
		)
		if err != nil {
			t.Fatalf("putting a policy on role %s: %v", name, err)
		}
	}
	return *role.Role.Arn
}

// MustTrust replaces a role's trust policy.
func (s *Server) MustTrust(t testing.TB, account Account, role, trust string) {
	t.Helper()
	_, err := s.IAM(account.Keys).
		UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: &role, PolicyDocument: &trust})
	if err != nil {
		t.Fatalf("editing the trust policy of role %s: %v", role, err)
	}
}

// MustAssume assumes a role and returns the session's keys. An empty externalID
// isn't sent.
func (s *Server) MustAssume(t testing.TB, keys aws.Credentials, roleARN, externalID string) aws.Credentials {
	t.Helper()
	input := &sts.AssumeRoleInput{RoleArn: &roleARN, RoleSessionName: aws.String("sandboxtest")}
	if externalID != "" {
		input.ExternalId = &externalID
	}
	out, err := s.STS(keys).AssumeRole(t.Context(), input)
	if err != nil {
		t.Fatalf("assuming %s: %v", roleARN, err)
	}
	return aws.Credentials{
		AccessKeyID:     *out.Credentials.AccessKeyId,
		SecretAccessKey: *out.Credentials.SecretAccessKey,
		SessionToken:    *out.Credentials.SessionToken,
	}
}

// MustKey creates a KMS key with a policy and returns its ARN. An empty policy
// is KMS's default policy.
func (s *Server) MustKey(t testing.TB, account Account, policy string) string {
	t.Helper()
	input := &kms.CreateKeyInput{}
	if policy != "" {
		input.Policy = &policy
	}
	out, err := s.KMS(account.Keys).CreateKey(t.Context(), input)
	if err != nil {
		t.Fatalf("creating a key in account %s: %v", account.ID, err)
	}
	return *out.KeyMetadata.Arn
}

// MustQueue creates a queue in the account and returns its URL and ARN. A bucket's
// events may be sent to it if a policy is given, in which QUEUE is the queue's
// ARN; see [EventsPolicy].
func (s *Server) MustQueue(t testing.TB, account Account, name, policy string) (url, arn string) {
	t.Helper()
	region := s.Config(account.Keys).Region
	arn = "arn:aws:sqs:" + region + ":" + account.ID + ":" + name
	in := &sqs.CreateQueueInput{QueueName: &name}
	if policy != "" {
		in.Attributes = map[string]string{"Policy": strings.ReplaceAll(policy, "QUEUE", arn)}
	}
	out, err := s.SQS(account.Keys).CreateQueue(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return *out.QueueUrl, arn
}

// EventsPolicy returns a queue policy that lets S3 send a bucket's events.
func EventsPolicy(account Account, bucket string) string {
	return `{"Version":"2012-10-17","Statement":[{"Sid":"BucketEvents","Effect":"Allow",
		"Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"QUEUE",
		"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:s3:::` + bucket + `"},
		"StringEquals":{"aws:SourceAccount":"` + account.ID + `"}}}]}`
}

func policyName(i int) *string { return aws.String("policy-" + strconv.Itoa(i+1)) }
