package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/secret"
)

// The names that the demo's customer uses.
const (
	bucketName    = "valley-waterworks"
	sharedPrefix  = "shared/"
	privatePrefix = "private/"
	policyName    = "windlass-read"
	roleName      = "windlass-reader"
)

// customer is the demo's customer: the owner of an AWS account who calls AWS
// with its SDK. Each call is signed and goes over HTTP.
type customer struct {
	account sandbox.Account
	s3      *s3.Client
	iam     *iam.Client
}

func newCustomer(endpoint, region string, account sandbox.Account) *customer {
	config := awsConfig(endpoint, region, account.RootAccessKeyID, account.RootSecretAccessKey.Reveal())
	return &customer{
		account: account,
		s3:      s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }),
		iam:     iam.NewFromConfig(config),
	}
}

func awsConfig(endpoint, region, accessKeyID, secretAccessKey string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider(accessKeyID, secretAccessKey, ""),
	}
}

// fill creates the bucket and uploads the files: the shared ones under
// shared/, and one that must stay unreadable under private/.
func (c *customer) fill(ctx context.Context, files []file) error {
	_, err := c.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(bucketName)})
	var mine *s3types.BucketAlreadyOwnedByYou
	if err != nil && !errors.As(err, &mine) {
		return fmt.Errorf("creating the bucket: %w", err)
	}
	for _, f := range files {
		if err := c.put(ctx, sharedPrefix+f.name, f); err != nil {
			return err
		}
	}
	return c.put(ctx, privatePrefix+"contracts.csv", file{body: []byte("contract,value\nC-1,1000000\n")})
}

func (c *customer) put(ctx context.Context, key string, f file) error {
	body, err := f.open()
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // the file was only read
	if _, err := c.s3.PutObject(ctx,
		&s3.PutObjectInput{Bucket: aws.String(bucketName), Key: aws.String(key), Body: body}); err != nil {
		return fmt.Errorf("putting %s: %w", key, err)
	}
	return nil
}

// createPolicy creates a policy for the bucket and prefix: the first step of
// the setup guide.
func (c *customer) createPolicy(ctx context.Context, document string) (policyARN string, err error) {
	out, err := c.iam.CreatePolicy(
		ctx,
		&iam.CreatePolicyInput{PolicyName: aws.String(policyName), PolicyDocument: aws.String(document)},
	)
	if err != nil {
		return "", fmt.Errorf("creating the policy: %w", err)
	}
	return aws.ToString(out.Policy.Arn), nil
}

// createRole creates a role with the policy: the second step of the guide. The
// role trusts this account and requires an arbitrary External ID for now.
func (c *customer) createRole(ctx context.Context, policyARN string) (roleARN string, err error) {
	trust, err := placeholderTrust(c.account.ID)
	if err != nil {
		return "", err
	}
	out, err := c.iam.CreateRole(
		ctx,
		&iam.CreateRoleInput{RoleName: aws.String(roleName), AssumeRolePolicyDocument: aws.String(trust)},
	)
	if err != nil {
		return "", fmt.Errorf("creating the role: %w", err)
	}
	if _, err := c.iam.AttachRolePolicy(ctx,
		&iam.AttachRolePolicyInput{RoleName: aws.String(roleName), PolicyArn: aws.String(policyARN)}); err != nil {
		return "", fmt.Errorf("attaching the policy: %w", err)
	}
	return aws.ToString(out.Role.Arn), nil
}

// editTrust replaces the trust policy's principal and External ID with the
// integration's: the last step of the guide.
func (c *customer) editTrust(ctx context.Context, document string) error {
	_, err := c.iam.UpdateAssumeRolePolicy(
		ctx,
		&iam.UpdateAssumeRolePolicyInput{RoleName: aws.String(roleName), PolicyDocument: aws.String(document)},
	)
	if err != nil {
		return fmt.Errorf("editing the trust policy: %w", err)
	}
	return nil
}

// serviceKey creates Windlass's own principal in its own account: a user that
// may only assume roles. It replaces the key of an earlier run.
func serviceKey(ctx context.Context, endpoint, region string, account sandbox.Account) (object.Keys, error) {
	client := iam.NewFromConfig(
		awsConfig(endpoint, region, account.RootAccessKeyID, account.RootSecretAccessKey.Reveal()),
	)
	user := aws.String("windlass")
	_, err := client.CreateUser(ctx, &iam.CreateUserInput{UserName: user})
	var exists *iamtypes.EntityAlreadyExistsException
	if err != nil && !errors.As(err, &exists) {
		return object.Keys{}, fmt.Errorf("creating the service's user: %w", err)
	}
	_, err = client.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
		UserName: user, PolicyName: aws.String("assume-roles"),
		PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole",` +
				`"sts:SetSourceIdentity","sts:TagSession"],"Resource":"*"}]}`,
		),
	})
	if err != nil {
		return object.Keys{}, fmt.Errorf("attaching the policy of the service's user: %w", err)
	}
	if err := deleteKeys(ctx, client, user); err != nil {
		return object.Keys{}, err
	}
	out, err := client.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: user})
	if err != nil {
		return object.Keys{}, fmt.Errorf("creating the service's access key: %w", err)
	}
	return keysOf(out.AccessKey), nil
}

func deleteKeys(ctx context.Context, client *iam.Client, user *string) error {
	keys, err := client.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: user})
	if err != nil {
		return fmt.Errorf("listing the service's access keys: %w", err)
	}
	for _, key := range keys.AccessKeyMetadata {
		if _, err := client.DeleteAccessKey(ctx,
			&iam.DeleteAccessKeyInput{UserName: user, AccessKeyId: key.AccessKeyId}); err != nil {
			return fmt.Errorf("deleting an old access key: %w", err)
		}
	}
	return nil
}

// folder returns the files in a folder, without its subfolders.
func folder(dir string) ([]file, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the data folder: %w", err)
	}
	var files []file
	for _, entry := range entries {
		if entry.Type().IsRegular() {
			files = append(files, file{name: entry.Name(), path: filepath.Join(dir, entry.Name())})
		}
	}
	return files, nil
}

// file is one object of the customer's bucket: generated, or a file on disk.
type file struct {
	name string
	body []byte
	path string // empty: use body
}

func (f file) open() (io.ReadSeekCloser, error) {
	if f.path != "" {
		return os.Open(f.path)
	}
	return readSeekNopCloser{bytes.NewReader(f.body)}, nil
}

type readSeekNopCloser struct{ io.ReadSeeker }

// Close has no effect.
func (readSeekNopCloser) Close() error { return nil }

func keysOf(key *iamtypes.AccessKey) object.Keys {
	return object.Keys{
		AccessKeyID:     aws.ToString(key.AccessKeyId),
		SecretAccessKey: secret.New(aws.ToString(key.SecretAccessKey)),
	}
}

// placeholderTrust returns the trust policy that the IAM console creates for
// "AWS account: this account" with "require an external ID".
func placeholderTrust(accountID string) (string, error) {
	document, err := json.Marshal(map[string]any{
		"Version": "2012-10-17",
		"Statement": []any{map[string]any{
			"Effect": "Allow", "Action": "sts:AssumeRole",
			"Principal": map[string]string{"AWS": "arn:aws:iam::" + accountID + ":root"},
			"Condition": map[string]any{"StringEquals": map[string]string{"sts:ExternalId": "0000"}},
		}},
	})
	return string(document), err
}
