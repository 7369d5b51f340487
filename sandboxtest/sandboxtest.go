// Package sandboxtest runs an AWS stand-in for a test: S3, IAM, STS and KMS in
// memory behind a loopback server, with SDK clients for it. It verifies
// signatures and evaluates policies like AWS, so that a test can check both
// what software may do and what is denied. docs/divergences.md lists the
// differences from AWS.
//
// A server has two accounts, Service and Customer, each with root keys.
// MustUser, MustRole and MustAssume create other principals. Servers share
// nothing, so any number of them can run in parallel in one process.
// [Server.Env] returns the environment with which programs, other SDKs and the
// aws command find a server.
//
// [Server.Refusal] explains why a call was denied. To test how software
// handles failures of AWS, use [Server.Break].
package sandboxtest

import (
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

// Server is a running sandbox.
type Server struct {
	URL      string // endpoint of all services, such as "http://127.0.0.1:40001"
	Region   string
	Service  Account // account of the service under test
	Customer Account // account that owns the buckets
	Sandbox  *sandbox.Sandbox
	http     *httptest.Server
	stopped  sync.Once
	mu       sync.Mutex
	removed  map[fault.Kind]int // calls affected by faults removed since; guarded by mu
}

// Account is one account of the server.
type Account struct {
	ID   string
	Name string
	Keys aws.Credentials // of the account's root user
}

// Option configures the server that [Start] starts. Use the functions that
// begin with With.
type Option func(*sandbox.Config)

// WithDir stores everything in a folder.
func WithDir(dir string) Option { return func(c *sandbox.Config) { c.Dir = dir } }

// WithRegion sets the region.
func WithRegion(region string) Option { return func(c *sandbox.Config) { c.Region = region } }

// WithClock sets the clock by which signatures and sessions expire.
func WithClock(now func() time.Time) Option { return func(c *sandbox.Config) { c.Now = now } }

// Start runs a sandbox until the test ends.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	var config sandbox.Config
	for _, option := range options {
		option(&config)
	}
	box, err := sandbox.Open(t.Context(), config)
	if err != nil {
		t.Fatalf("opening the sandbox: %v %s", err, problem.From(err).Hint)
	}
	s := &Server{Region: box.Region(), Sandbox: box, http: httptest.NewServer(box), removed: map[fault.Kind]int{}}
	s.URL = s.http.URL
	t.Cleanup(func() { s.Stop(t) })
	for _, account := range box.Accounts() {
		a := Account{ID: account.ID, Name: account.Name, Keys: aws.Credentials{
			AccessKeyID:     account.RootAccessKeyID,
			SecretAccessKey: account.RootSecretAccessKey.Reveal(),
		}}
		switch account.Name {
		case "service":
			s.Service = a
		case "customer":
			s.Customer = a
		}
	}
	return s
}

// Stop stops the server before the test ends, so that another one can open its
// folder.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.stopped.Do(func() {
		s.http.Close()
		if err := s.Sandbox.Close(); err != nil {
			t.Errorf("closing the sandbox: %v", err)
		}
	})
}

// Config returns an SDK configuration for this server with these keys. Zero
// keys mean an anonymous caller.
func (s *Server) Config(keys aws.Credentials) aws.Config {
	config := aws.Config{
		Region:       s.Region,
		BaseEndpoint: &s.URL,
		HTTPClient:   s.http.Client(),
		Credentials:  aws.AnonymousCredentials{},
	}
	if keys.AccessKeyID != "" {
		config.Credentials = credentials.NewStaticCredentialsProvider(
			keys.AccessKeyID,
			keys.SecretAccessKey,
			keys.SessionToken,
		)
	}
	return config
}

// Env returns an environment for exec.Cmd: the test's own with AWS settings
// replaced, so that a program on this machine finds the server and uses these
// keys.
func (s *Server) Env(keys aws.Credentials) []string {
	own := slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "AWS_") })
	env := append(own,
		"AWS_ENDPOINT_URL="+s.URL, "AWS_REGION="+s.Region, "AWS_DEFAULT_REGION="+s.Region,
		"AWS_ACCESS_KEY_ID="+keys.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+keys.SecretAccessKey,
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "NO_PROXY=*",
	)
	if keys.SessionToken != "" {
		env = append(env, "AWS_SESSION_TOKEN="+keys.SessionToken)
	}
	return env
}

// Refusal describes the last denied call and why it was denied, or returns ""
// if none was. Use it in the message of a failing test.
func (s *Server) Refusal() string {
	for _, d := range s.Sandbox.Decisions(0) {
		if d.Effect != "allow" {
			return d.Principal + " asked for " + d.Action + " on " + d.Resource + ": " + d.Explanation
		}
	}
	return ""
}

// S3 returns an S3 client with these keys.
func (s *Server) S3(keys aws.Credentials, options ...func(*s3.Options)) *s3.Client {
	return s3.NewFromConfig(
		s.Config(keys),
		append([]func(*s3.Options){func(o *s3.Options) { o.UsePathStyle = true }}, options...)...)
}

// IAM returns an IAM client with these keys.
func (s *Server) IAM(keys aws.Credentials) *iam.Client { return iam.NewFromConfig(s.Config(keys)) }

// KMS returns a KMS client with these keys.
func (s *Server) KMS(keys aws.Credentials) *kms.Client { return kms.NewFromConfig(s.Config(keys)) }

// Organizations returns a client of AWS Organizations with these keys.
func (s *Server) Organizations(keys aws.Credentials) *organizations.Client {
	return organizations.NewFromConfig(s.Config(keys))
}

// SQS returns a client of SQS.
func (s *Server) SQS(keys aws.Credentials) *sqs.Client { return sqs.NewFromConfig(s.Config(keys)) }

// STS returns an STS client with these keys.
func (s *Server) STS(keys aws.Credentials, options ...func(*sts.Options)) *sts.Client {
	return sts.NewFromConfig(s.Config(keys), options...)
}

// ClientAt returns an S3 client for a sandbox in another process. It doesn't
// retry.
func ClientAt(url string, keys aws.Credentials) *s3.Client {
	return s3.New(s3.Options{
		Region:           sandbox.DefaultRegion,
		BaseEndpoint:     &url,
		UsePathStyle:     true,
		RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(
			keys.AccessKeyID,
			keys.SecretAccessKey,
			keys.SessionToken,
		),
	})
}
