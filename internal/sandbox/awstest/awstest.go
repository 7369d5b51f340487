// Package awstest has helpers for the tests of the sandbox's packages: they
// read results of the AWS SDK, and send requests that no SDK would send.
package awstest

import (
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
)

// TrustPolicy lets USER assume a role with EXTERNAL_ID: see [Fill].
const TrustPolicy = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "USER"},
      "Action": "sts:AssumeRole",
      "Condition": {"StringEquals": {"sts:ExternalId": "EXTERNAL_ID"}}
    }
  ]
}`

// Fill replaces the placeholders of a document. pairs are placeholders, each
// followed by its text.
func Fill(document string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(document)
}

// KeyPolicy returns a key policy that allows the account's root everything and
// one principal these actions.
func KeyPolicy(account, principal string, actions ...string) string {
	return Fill(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::ACCOUNT:root"},"Action":"kms:*","Resource":"*"},
		{"Effect":"Allow","Principal":{"AWS":"WHO"},"Action":["ACTIONS"],"Resource":"*"}]}`,
		"ACCOUNT", account, "WHO", principal, "ACTIONS", strings.Join(actions, `","`))
}

// Err returns the error of a call whose result doesn't matter.
func Err[T any](_ T, err error) error { return err }

// Code returns the error code that AWS responded with, "" for no error. Any
// other error is returned as its text.
func Code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// Status returns the HTTP status of an error of AWS, 0 for any other error.
func Status(err error) int {
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

// Body reads an object's body to its end.
func Body(t testing.TB, out *s3.GetObjectOutput, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	text, err := io.ReadAll(out.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Random returns n pseudorandom bytes, the same for the same seed.
func Random(seed uint64, n int) []byte {
	data := make([]byte, n)
	source := rand.NewPCG(seed, 1)
	for i := 0; i+8 <= n; i += 8 {
		binary.LittleEndian.PutUint64(data[i:], source.Uint64())
	}
	return data
}

// OpenBox opens a sandbox with the bucket "fuzzed", and returns the keys of the
// root of the bucket's account.
func OpenBox(t testing.TB) (*sandbox.Sandbox, aws.Credentials) {
	t.Helper()
	box, err := sandbox.Open(t.Context(), sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	account := box.Accounts()[1]
	keys := aws.Credentials{AccessKeyID: account.RootAccessKeyID, SecretAccessKey: account.RootSecretAccessKey.Reveal()}
	if out := Send(t, box, keys, "s3", http.MethodPut, "/fuzzed", "", nil); out.Code != http.StatusOK {
		t.Fatalf("creating the bucket: %d", out.Code)
	}
	return box, keys
}

// Send signs a request for a service and serves it without a connection.
func Send(
	t testing.TB, box http.Handler, keys aws.Credentials, service, method, target, body string, header http.Header,
) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost"+target, strings.NewReader(body))
	for name, values := range header {
		r.Header[name] = values
	}
	hash := sigv4.Hash([]byte(body))
	r.Header.Set("X-Amz-Content-Sha256", hash)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" })
	if err := signer.SignHTTP(t.Context(), keys, r, hash, service, "us-east-1",
		time.Now()); err != nil { //nolint:forbidigo // requests are signed by the clock of the SDK
		t.Fatal(err)
	}
	out := httptest.NewRecorder()
	box.ServeHTTP(out, r)
	return out
}
