package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/server"
)

// rig is the service and a sandbox, each with its own address, and a customer
// who has a bucket.
type rig struct {
	URL      string // of the service
	SignIn   string // address that signs the owner in, once
	Token    string // of the owner's first application
	Customer *customer
	Operator *customer        // the root of the service's AWS account
	AWS      *sandbox.Sandbox // to break
	Endpoint string           // of AWS

	flags map[string]string               // more settings of the service; optional
	now   func() time.Time                // the service's clock; default: the system's
	carry func(http.Handler) http.Handler // between all callers and AWS; optional
}

// customer is the owner of an AWS account, at work with the AWS SDK.
type customer struct {
	t      *testing.T
	config aws.Config
	s3     *s3.Client
	iam    *iam.Client
}

// newRig starts both. They end with the test.
func newRig(t *testing.T, changes ...func(*rig)) *rig {
	t.Helper()
	r := &rig{now: time.Now, carry: func(h http.Handler) http.Handler { return h }}
	for _, change := range changes {
		change(r)
	}
	logger := slog.New(slog.DiscardHandler)
	box, err := sandbox.Open(t.Context(), sandbox.Config{Logger: logger, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	r.AWS, r.Endpoint = box, serveSandbox(t, box, r.carry)
	accounts := map[string]sandbox.Account{}
	for _, account := range box.Accounts() {
		accounts[account.Name] = account
	}
	r.Customer = newCustomer(t, r.Endpoint, box.Region(), accounts["customer"])
	r.Operator = newCustomer(t, r.Endpoint, box.Region(), accounts["service"])
	r.serve(t, serviceIdentity(t, r.Endpoint, box.Region(), accounts["service"]), logger)
	return r
}

func serveSandbox(t *testing.T, box *sandbox.Sandbox, carry func(http.Handler) http.Handler) string {
	t.Helper()
	listener := listen(t)
	web := &http.Server{Handler: carry(box), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = web.Serve(listener) }()
	t.Cleanup(func() {
		_ = web.Close()
		<-ended
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

// serve starts the service like windlass serve.
func (r *rig) serve(t *testing.T, identity aws.CredentialsProvider, logger *slog.Logger) {
	t.Helper()
	listener := listen(t)
	r.URL = "http://" + listener.Addr().String()
	flags := map[string]string{
		"listen": listener.Addr().String(), "dir": t.TempDir(), "workspace": "harbour", "owner": "ada@example.com",
		"aws_endpoint": r.Endpoint, "aws_region": r.AWS.Region(), "threads": "1", "memory": "256MiB",
	}
	maps.Copy(flags, r.flags)
	settings, err := config.Load(config.Sources{Getenv: func(string) string { return "" }, Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	service, err := server.Open(t.Context(), server.Config{
		Settings: settings, Version: "test", AWS: identity,
		Logger: logger, Now: r.now, Sandbox: r.AWS,
	})
	if err != nil {
		t.Fatal(err)
	}
	start, err := service.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.SignIn = start.SignIn.Reveal()
	token, err := os.ReadFile(start.TokenFile)
	if err != nil {
		t.Fatal(err)
	}
	r.Token = strings.TrimSpace(string(token))
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- service.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func awsConfig(endpoint, region, accessKeyID, secretAccessKey string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider(accessKeyID, secretAccessKey, ""),
	}
}

// serviceIdentity creates a user that may only assume roles, also on behalf
// of others.
func serviceIdentity(t *testing.T, endpoint, region string, account sandbox.Account) aws.CredentialsProvider {
	t.Helper()
	client := iam.NewFromConfig(awsConfig(endpoint, region, account.RootAccessKeyID,
		account.RootSecretAccessKey.Reveal()))
	user := aws.String("windlass")
	if _, err := client.CreateUser(t.Context(), &iam.CreateUserInput{UserName: user}); err != nil {
		t.Fatal(err)
	}
	_, err := client.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{
		UserName: user, PolicyName: aws.String("assume-roles"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","sts:SetSourceIdentity","sts:TagSession"],"Resource":"*"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	key, err := client.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: user})
	if err != nil {
		t.Fatal(err)
	}
	return fromFile(t, *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey)
}

// fromFile returns credentials from a shared credentials file of the AWS
// tools, as operators provide them.
func fromFile(t *testing.T, accessKeyID, secretAccessKey string) aws.CredentialsProvider {
	t.Helper()
	file := filepath.Join(t.TempDir(), "credentials")
	text := "[windlass]\naws_access_key_id = " + accessKeyID + "\naws_secret_access_key = " + secretAccessKey + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := awsconfig.LoadDefaultConfig(t.Context(), awsconfig.WithSharedConfigProfile("windlass"),
		awsconfig.WithSharedCredentialsFiles([]string{file}), awsconfig.WithSharedConfigFiles(nil))
	if err != nil {
		t.Fatal(err)
	}
	return loaded.Credentials
}

func newCustomer(t *testing.T, endpoint, region string, account sandbox.Account) *customer {
	t.Helper()
	config := awsConfig(endpoint, region, account.RootAccessKeyID, account.RootSecretAccessKey.Reveal())
	return &customer{
		t: t, config: config, s3: s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }),
		iam: iam.NewFromConfig(config),
	}
}

// Fill creates a bucket with objects.
func (c *customer) Fill(bucket string, objects map[string]string) {
	c.t.Helper()
	if _, err := c.s3.CreateBucket(c.t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		c.t.Fatal(err)
	}
	for key, body := range objects {
		if _, err := c.s3.PutObject(c.t.Context(), &s3.PutObjectInput{
			Bucket: &bucket, Key: &key,
			Body: strings.NewReader(body),
		}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// CreateRole creates a role according to the guide, which trusts this account
// with an arbitrary External ID. It returns the role's ARN.
func (c *customer) CreateRole(name string) string {
	c.t.Helper()
	trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"0000"}}}]}`, sandbox.CustomerAccountID)
	out, err := c.iam.CreateRole(c.t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})
	if err != nil {
		c.t.Fatal(err)
	}
	return *out.Role.Arn
}

// PutPolicy returns a role its permission policy.
func (c *customer) PutPolicy(role, document string) {
	c.t.Helper()
	if _, err := c.iam.PutRolePolicy(c.t.Context(),
		&iam.PutRolePolicyInput{
			RoleName: &role, PolicyName: aws.String("windlass-access"),
			PolicyDocument: &document,
		}); err != nil {
		c.t.Fatal(err)
	}
}

// EditTrust replaces a role's trust policy.
func (c *customer) EditTrust(role, document string) {
	c.t.Helper()
	if _, err := c.iam.UpdateAssumeRolePolicy(c.t.Context(), &iam.UpdateAssumeRolePolicyInput{
		RoleName:       &role,
		PolicyDocument: &document,
	}); err != nil {
		c.t.Fatal(err)
	}
}
