package e2e

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/doctor/doctortest"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/secret"
)

// versityGateway is the S3-compatible service that access keys are tried on:
// another S3 than ours and AWS's, with users and bucket policies of its own.
const versityGateway = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"

const gatewayRoot, gatewaySecret = "rootkey", "rootsecretrootsecret"

// gateway is a running one.
type gateway struct{ program, address string }

// startGateway builds and runs the gateway; the test is skipped where it
// cannot be built, which needs a module proxy the first time.
func startGateway(t *testing.T) *gateway {
	t.Helper()
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "install", versityGateway)
	build.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("%s is not to be had here: %v\n%s", versityGateway, err, out)
	}
	for _, name := range []string{"data", "iam"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gateway{program: filepath.Join(dir, "versitygw"), address: listener.Addr().String()}
	_ = listener.Close()
	run := exec.CommandContext(t.Context(), g.program, "--port", g.address, "--access", gatewayRoot, "--secret", gatewaySecret,
		"--iam-dir", filepath.Join(dir, "iam"), "--quiet", "posix", filepath.Join(dir, "data"))
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run.Process.Kill(); _ = run.Wait() })
	waitFor(t, "the gateway", func() bool {
		c, err := net.Dial("tcp", g.address)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return g
}

func (g *gateway) client() *s3.Client {
	return s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + g.address), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(gatewayRoot, gatewaySecret, ""),
	})
}

func (g *gateway) addUser(t *testing.T, name, password string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), g.program, "admin", "--access", gatewayRoot, "--secret", gatewaySecret, "--endpoint-url", "http://"+g.address,
		"create-user", "--access", name, "--secret", password, "--role", "user").CombinedOutput()
	if err != nil {
		t.Fatalf("making a user: %v\n%s", err, out)
	}
}

// An access key of an S3-compatible service is proven as one of AWS is.
func TestAccessKeyOfACompatibleService(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds another program")
	}
	g := startGateway(t)
	bucket := aws.String("acme-data")
	if _, err := g.client().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"daily/prices.csv", "private/salaries.csv"} {
		if _, err := g.client().PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: &key, Body: strings.NewReader("a,b\n1,2\n")}); err != nil {
			t.Fatal(err)
		}
	}
	g.addUser(t, "reader", "readersecretreader")
	g.addUser(t, "writer", "writersecretwriter")
	g.addUser(t, "nobody", "nobodysecretnobody")
	policy := `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Principal":{"AWS":["reader","writer"]},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-data"},` +
		`{"Effect":"Allow","Principal":{"AWS":["reader","writer"]},"Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/daily/*"},` +
		`{"Effect":"Allow","Principal":{"AWS":["writer"]},"Action":["s3:PutObject","s3:DeleteObject"],"Resource":"arn:aws:s3:::acme-data/daily/*"}]}`
	if _, err := g.client().PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: bucket, Policy: &policy}); err != nil {
		t.Fatal(err)
	}

	w := doctortest.Start(t)
	for name, tt := range map[string]struct {
		key, password string
		access        integration.Mode
		state         doctor.State
		check         doctor.Code
		status        doctor.Status
		cause         doctor.CauseCode
	}{
		// The gateway's policies know no condition on s3:prefix.
		"reads":            {"reader", "readersecretreader", integration.Read, doctor.Verified, doctor.CodeListOutside, doctor.Warn, doctor.CauseTooMuchList},
		"reads and writes": {"writer", "writersecretwriter", integration.ReadWrite, doctor.Verified, doctor.CodeDelete, doctor.Pass, ""},
		"writes too much":  {"writer", "writersecretwriter", integration.Read, doctor.Verified, doctor.CodePutRefused, doctor.Warn, doctor.CauseTooMuchPut},
		"may do anything":  {gatewayRoot, gatewaySecret, integration.Read, doctor.Failing, doctor.CodeGetOutside, doctor.Fail, doctor.CauseTooMuchGet},
		"may do nothing":   {"nobody", "nobodysecretnobody", integration.Read, doctor.Failing, doctor.CodeList, doctor.Fail, doctor.CauseRefused},
		"a wrong secret":   {"reader", "wrongsecretwrong", integration.Read, doctor.Failing, doctor.CodeRegion, doctor.Fail, doctor.CauseAccessKey},
		"an unknown key":   {"stranger", "readersecretreader", integration.Read, doctor.Failing, doctor.CodeRegion, doctor.Fail, doctor.CauseAccessKey},
	} {
		t.Run(name, func(t *testing.T) {
			key, err := w.Credentials.Add(t.Context(), w.Actor, doctortest.Workspace, credential.Draft{
				Name: name, AccessKeyID: tt.key, SecretAccessKey: secret.New(tt.password), Region: "us-east-1", Endpoint: "http://" + g.address,
			})
			if err != nil {
				t.Fatal(err)
			}
			v, err := w.Doctor.VerifyCredential(t.Context(), w.Actor, doctortest.Workspace, key.ID, doctor.KeyOrder{
				Locations: []object.Location{{Bucket: "acme-data", Prefix: "daily/"}}, Access: tt.access,
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			c := v.Check(tt.check)
			if v.State != tt.state || c == nil || c.Status != tt.status || c.CauseCode != tt.cause {
				t.Errorf("%s: %s\n", v.State, v.Reason)
				for _, c := range v.Checks {
					t.Errorf("%s %s %s [%s] %s %+v", c.Code, c.Status, c.Detail, c.CauseCode, c.Cause, c.Calls)
				}
			}
		})
	}
}
