package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// versityGateway is built by the test; the others are looked for.
const versityGateway = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"

// tool finds a program on the path or in bin/bench, where make bench-sandbox
// puts its programs. Without it, the test is skipped with a message.
func tool(t *testing.T, name, where string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	path, err := filepath.Abs(filepath.Join("..", "bin", "bench", name))
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Skipf("SKIPPED: %s is neither on the path nor in bin/bench (%s); access keys are not tried on it", name,
			where)
	}
	return path
}

// background runs a program until the test ends.
func background(t *testing.T, env []string, program string, args ...string) {
	t.Helper()
	run := exec.CommandContext(t.Context(), program, args...)
	run.Env = append(os.Environ(), env...)
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run.Process.Kill(); _ = run.Wait() })
}

// done runs a program and waits for its end.
func done(t *testing.T, program string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(program), strings.Join(args, " "), err, out)
	}
}

// answers waits until a service responds to HTTP.
func answers(t *testing.T, url string) {
	t.Helper()
	waitFor(t, url, func() bool {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			return false
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		return err == nil && response.StatusCode < http.StatusInternalServerError
	})
}

func startVersity(t *testing.T) *compatible {
	t.Helper()
	dir := t.TempDir()
	program, err := exec.LookPath("versitygw")
	if err != nil {
		program = filepath.Join(dir, "versitygw")
		build := exec.CommandContext(t.Context(), "go", "install", versityGateway)
		build.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=")
		if out, err := build.CombinedOutput(); err != nil {
			t.Skipf("SKIPPED: %s is not to be had here: %v\n%s", versityGateway, err, out)
		}
	}
	for _, name := range []string{"data", "iam"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	address := freeAddress(t)
	c := &compatible{url: "http://" + address, root: "rootkey", secret: "rootsecretrootsecret"}
	background(t, nil, program, "--port", address, "--access", c.root, "--secret", c.secret, "--iam-dir",
		filepath.Join(dir, "iam"), "--quiet", "posix", filepath.Join(dir, "data"))
	answers(t, c.url)
	c.grant = func(t *testing.T) {
		for name, secret := range map[string]string{
			"reader": readerSecret, "writer": writerSecret,
			"nobody": nobodySecret,
		} {
			done(t, program, "admin", "--access", c.root, "--secret", c.secret, "--endpoint-url", c.url, "create-user",
				"--access", name, "--secret", secret, "--role", "user")
		}
		c.bucketPolicy(t, `"reader"`, `"writer"`)
	}
	return c
}

func startMinIO(t *testing.T) *compatible {
	t.Helper()
	program := tool(t, "minio", "make stores builds it")
	mc := tool(t, "mc", "make stores builds it")
	dir := t.TempDir()
	address := freeAddress(t)
	c := &compatible{url: "http://" + address, root: "rootkey", secret: "rootsecretrootsecret", prefixes: true}
	background(t, []string{
		"MINIO_ROOT_USER=" + c.root, "MINIO_ROOT_PASSWORD=" + c.secret, "MINIO_BROWSER=off",
		"CI=true", "HOME=" + dir,
	},
		program, "server", "--quiet", "--address", address, filepath.Join(dir, "data"))
	answers(t, c.url+"/minio/health/ready")
	c.grant = func(t *testing.T) {
		admin := func(args ...string) {
			t.Helper()
			done(t, mc, append([]string{"--config-dir", filepath.Join(dir, "mc")}, args...)...)
		}
		admin("alias", "set", "here", c.url, c.root, c.secret)
		for name, user := range map[string]struct{ secret, actions string }{
			"reader": {readerSecret, `"s3:GetObject"`},
			"writer": {writerSecret, `"s3:GetObject","s3:PutObject","s3:DeleteObject"`},
			"nobody": {secret: nobodySecret},
		} {
			admin("admin", "user", "add", "here", name, user.secret)
			if user.actions == "" {
				continue
			}
			file := filepath.Join(dir, name+".json")
			document := `{"Version":"2012-10-17","Statement":[` +
				`{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::acme-data"],"Condition":{"StringLike":{"s3:prefix":["daily/*"]}}},` +
				`{"Effect":"Allow","Action":[` + user.actions + `],"Resource":["arn:aws:s3:::acme-data/daily/*"]}]}`
			if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
				t.Fatal(err)
			}
			admin("admin", "policy", "create", "here", name+"-access", file)
			admin("admin", "policy", "attach", "here", name+"-access", "--user", name)
		}
	}
	return c
}

// bucketPolicy allows two users in the bucket's policy, for services that
// need one. The principals are in the service's own syntax, in quotes.
func (c *compatible) bucketPolicy(t *testing.T, reader, writer string) {
	t.Helper()
	condition := ""
	if c.prefixes {
		condition = `,"Condition":{"StringLike":{"s3:prefix":"daily/*"}}`
	}
	both := "[" + reader + "," + writer + "]"
	policy := `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Principal":{"AWS":` + both +
		`},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-data"` + condition + `},` +
		`{"Effect":"Allow","Principal":{"AWS":` + both +
		`},"Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/daily/*"},` +
		`{"Effect":"Allow","Principal":{"AWS":[` + writer +
		`]},"Action":["s3:PutObject","s3:DeleteObject"],"Resource":"arn:aws:s3:::acme-data/daily/*"}]}`
	if _, err := c.client().PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{
		Bucket: aws.String("acme-data"),
		Policy: &policy,
	}); err != nil {
		t.Fatal(err)
	}
}
