package job_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/internal/job"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/sandboxtest"
)

// step is a job with a role session of a sandbox, which may read and write
// under builds/ of the bucket ci-artifacts, and nothing else.
type step struct {
	aws    *sandboxtest.Server
	keeper *job.Keeper
	env    []string
	*job.Endpoint
}

func startStep(t *testing.T) *step {
	t.Helper()
	s := &step{aws: sandboxtest.Start(t)}
	s.aws.MustBucket(t, s.aws.Customer.Keys, "ci-artifacts")
	s.aws.MustPut(t, s.aws.Customer.Keys, "ci-artifacts", "builds/1.txt", "one")
	s.aws.MustPut(t, s.aws.Customer.Keys, "ci-artifacts", "private/1.txt", "no")
	service, arn := s.aws.MustUser(t, s.aws.Service, "windlass",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`)
	role := s.aws.MustRole(t, s.aws.Customer, "ci",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+arn+
			`"},"Action":"sts:AssumeRole"}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::ci-artifacts/builds/*"}]}`)
	s.keeper = &job.Keeper{Now: time.Now, Vend: func(context.Context) (job.Credentials, error) {
		keys := s.aws.MustAssume(t, service, role, "")
		return job.Credentials{
			AccessKeyID: keys.AccessKeyID, SecretAccessKey: secret.New(keys.SecretAccessKey),
			SessionToken: secret.New(keys.SessionToken),
			Expiration:   time.Now().Add(time.Hour),
		}, nil
	}}
	endpoint, err := job.Listen(t.Context(), s.keeper.Credentials)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = endpoint.Close() })
	s.Endpoint = endpoint
	home := t.TempDir()
	shared := filepath.Join(home, "credentials")
	root := s.aws.Customer.Keys
	if err := os.WriteFile(shared, []byte("[default]\naws_access_key_id = "+root.AccessKeyID+
		"\naws_secret_access_key = "+root.SecretAccessKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// The root's keys are in the environment and in files, but none may be used.
	s.env = job.Environment(append(os.Environ(),
		"HOME="+home, "AWS_SHARED_CREDENTIALS_FILE="+shared, "AWS_ACCESS_KEY_ID="+root.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY="+root.SecretAccessKey,
		"AWS_ENDPOINT_URL="+s.aws.URL, "AWS_REGION="+s.aws.Region, "AWS_CA_BUNDLE=", "AWS_PAGER="),
		endpoint.ContainerVariables())
	return s
}

// run runs a command of the job.
func (s *step) run(t *testing.T, args ...string) (status int, out string) {
	t.Helper()
	if _, err := exec.LookPath(args[0]); err != nil {
		t.Skipf("SKIPPED: %s is not installed", args[0])
	}
	var output bytes.Buffer
	status, err := job.Command{Args: args, Env: s.env, Out: &output, Err: &output}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return status, output.String()
}

func TestAWSCommandUsesTheEndpoint(t *testing.T) {
	t.Parallel()
	s := startStep(t)
	if status, out := s.run(t, "aws", "s3", "cp", "s3://ci-artifacts/builds/1.txt", "-"); status != 0 || out != "one" {
		t.Errorf("reading ended with %d: %s", status, out)
	}
	if status, out := s.run(t, "aws", "s3", "cp", "s3://ci-artifacts/private/1.txt", "-"); status == 0 ||
		!strings.Contains(out, "403") {
		t.Errorf("reading elsewhere ended with %d: %s", status, out)
	}
	if status, out := s.run(t, "aws", "sts", "get-caller-identity", "--query", "Arn", "--output",
		"text"); status != 0 || !strings.Contains(out, ":assumed-role/ci/") {
		t.Errorf("the caller is %s", out)
	}
}

func TestBoto3UsesTheEndpoint(t *testing.T) {
	t.Parallel()
	s := startStep(t)
	script := "import boto3\n" +
		"s3 = boto3.client('s3')\n" +
		"s3.put_object(Bucket='ci-artifacts', Key='builds/2.txt', Body=b'two')\n" +
		"print(s3.get_object(Bucket='ci-artifacts', Key='builds/2.txt')['Body'].read().decode(), boto3.client('sts').get_caller_identity()['Arn'])\n"
	if status, out := s.run(t, "python3", "-c", script); status != 0 || !strings.HasPrefix(out, "two arn:aws:sts::") ||
		!strings.Contains(out, ":assumed-role/ci/") {
		t.Errorf("boto3 ended with %d: %s", status, out)
	}
}

func TestGoSDKUsesTheEndpoint(t *testing.T) {
	t.Parallel()
	s := startStep(t)
	provider := endpointcreds.New(s.URL, func(o *endpointcreds.Options) { o.AuthorizationToken = s.Token.Reveal() })
	client := s3.New(s3.Options{
		BaseEndpoint: aws.String(s.aws.URL), Region: s.aws.Region, UsePathStyle: true,
		Credentials: aws.NewCredentialsCache(provider),
	})
	got, err := client.GetObject(t.Context(), &s3.GetObjectInput{
		Bucket: aws.String("ci-artifacts"),
		Key:    aws.String("builds/1.txt"),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if text, err := io.ReadAll(got.Body); err != nil || string(text) != "one" {
		t.Errorf("it reads %q: %v", text, err)
	}
}
