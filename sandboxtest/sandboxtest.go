// Package sandboxtest gives a test an AWS of its own: S3, IAM, STS and KMS in
// memory behind a loopback server, with real SDK clients for it. Signatures are
// checked and policies decided as AWS does, so that a test can hold software to
// what it may do, and to what it must be refused. Where it differs from AWS is
// told in docs/divergences.md.
//
// A server has two accounts, Service and Customer, each with the keys of its
// root; MustUser, MustRole and MustAssume make others. Servers share nothing:
// any number may run in parallel, in one process. Programs, other SDKs and the
// aws command find a server by the environment that [Server.Env] gives.
//
// Why a call was refused is told by [Server.Refusal]. To see how software has
// it when AWS breaks, break it: see [Server.Break].
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
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

// Server is a running sandbox.
type Server struct {
	URL      string // endpoint of S3, IAM, STS and KMS, such as "http://127.0.0.1:40001"
	Region   string
	Service  Account // the account of the service under test
	Customer Account // the account that owns the buckets
	Sandbox  *sandbox.Sandbox
	http     *httptest.Server
	stopped  sync.Once
	mu       sync.Mutex
	removed  map[fault.Kind]int // calls that were struck by faults that are removed; guarded by mu
}

// Account is one account of the server.
type Account struct {
	ID   string
	Name string
	Keys aws.Credentials // of the account's root
}

// Option changes what [Start] starts: one of the functions that begin with With.
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

// Stop ends the server before the test does, to start another on its folder.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.stopped.Do(func() {
		s.http.Close()
		if err := s.Sandbox.Close(); err != nil {
			t.Errorf("closing the sandbox: %v", err)
		}
	})
}

// Config is an SDK configuration for this server with these keys; the zero
// keys make an anonymous caller.
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

// Env is an environment for exec.Cmd: the test's own with other AWS settings,
// by which a program on this machine finds the server and acts with these keys.
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

// Refusal describes the last denied call: who asked for what, and why it was
// denied. It is empty when none was. Use it in the message of a failing test.
func (s *Server) Refusal() string {
	for _, d := range s.Sandbox.Decisions(0) {
		if d.Effect != "allow" {
			return d.Principal + " asked for " + d.Action + " on " + d.Resource + ": " + d.Explanation
		}
	}
	return ""
}

// S3 is an S3 client with these keys.
func (s *Server) S3(keys aws.Credentials, options ...func(*s3.Options)) *s3.Client {
	return s3.NewFromConfig(
		s.Config(keys),
		append([]func(*s3.Options){func(o *s3.Options) { o.UsePathStyle = true }}, options...)...)
}

// IAM is an IAM client with these keys.
func (s *Server) IAM(keys aws.Credentials) *iam.Client { return iam.NewFromConfig(s.Config(keys)) }

// KMS is a KMS client with these keys.
func (s *Server) KMS(keys aws.Credentials) *kms.Client { return kms.NewFromConfig(s.Config(keys)) }

// STS is an STS client with these keys.
func (s *Server) STS(keys aws.Credentials, options ...func(*sts.Options)) *sts.Client {
	return sts.NewFromConfig(s.Config(keys), options...)
}

// ClientAt is an S3 client for a sandbox in another process. It tries once.
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
