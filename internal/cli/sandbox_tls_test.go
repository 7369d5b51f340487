package cli_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Over HTTPS, a bucket policy that denies what isn't encrypted lets requests
// pass, and one that denies what is encrypted doesn't.
func TestSandboxTLS(t *testing.T) {
	t.Parallel()
	keys := t.TempDir()
	run := startSandbox(t, "--tls", "--keys", keys)
	if !strings.HasPrefix(run.Endpoint, "https://") {
		t.Fatalf("it listens at %s", run.Endpoint)
	}
	bundle := filepath.Join(keys, "ca.pem")
	exports, err := os.ReadFile(filepath.Join(keys, "customer.env"))
	if err != nil || !strings.Contains(string(exports), "export AWS_CA_BUNDLE='"+bundle+"'\n") {
		t.Errorf("the exports don't have the certificate (%v):\n%s", err, exports)
	}
	certificate, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(certificate) {
		t.Fatal("ca.pem has no certificate")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	defer transport.CloseIdleConnections()
	customer := run.Accounts[0]
	for _, account := range run.Accounts {
		if account.Name == "customer" {
			customer = account
		}
	}
	client := s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(run.Endpoint), UsePathStyle: true,
		HTTPClient:  &http.Client{Transport: transport},
		Credentials: credentials.NewStaticCredentialsProvider(customer.AccessKeyID, customer.SecretAccessKey, ""),
	})
	bucket := aws.String("secure-bucket")
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		secure string
		denied bool
	}{{"false", false}, {"true", true}} {
		_, err := client.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{
			Bucket: bucket,
			Policy: aws.String(
				`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject",` +
					`"Resource":"arn:aws:s3:::secure-bucket/*","Condition":{"Bool":{"aws:SecureTransport":"` + test.secure + `"}}}]}`,
			),
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: bucket, Key: aws.String("k"), Body: bytes.NewReader([]byte("x")),
		})
		if denied := err != nil && strings.Contains(err.Error(), "AccessDenied"); denied != test.denied ||
			!denied && err != nil {
			t.Errorf("a Deny of requests with SecureTransport=%s: %v", test.secure, err)
		}
	}
}
