package main

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/sandbox/s3api"
	"github.com/windlass-io/windlass/internal/sandbox/sigv4"
	"github.com/windlass-io/windlass/internal/secret"
)

// bench is a sandbox behind versitygw's administration API, and its account.
type bench struct {
	*testing.T
	address string
}

func atBench(t *testing.T, asSent bool, do func(*bench)) {
	t.Helper()
	config := sandbox.Config{
		Accounts: []sandbox.AccountSpec{
			{ID: account, Name: "tested", RootAccessKeyID: account, RootSecretAccessKey: secret.New(rootKey)},
		},
		Buckets: s3api.BucketDefaults{PublicAccess: true},
	}
	err := serve(t.Context(), config, asSent, func(address string) error {
		do(&bench{t, address})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) s3(access, key string) *s3.Client {
	return s3.New(s3.Options{
		Region: sandbox.DefaultRegion, BaseEndpoint: &b.address, UsePathStyle: true, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(access, key, ""),
	})
}

// createUser creates a user with versitygw's administration API.
func (b *bench) createUser(access, key string) {
	b.Helper()
	body, err := xml.Marshal(struct {
		XMLName              xml.Name `xml:"Account"`
		Access, Secret, Role string
	}{Access: access, Secret: key, Role: "user"})
	if err != nil {
		b.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPatch, b.address+"/create-user", bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	hash := sigv4.Hash(body)
	r.Header.Set("X-Amz-Content-Sha256", hash)
	if err := sign(b.Context(), aws.Credentials{AccessKeyID: account, SecretAccessKey: rootKey}, r, hash); err != nil {
		b.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		b.Fatalf("create-user: %s", answer.Status)
	}
}

// TestWords allows a user by access key in a bucket policy, and checks the
// wording of errors.
func TestWords(t *testing.T) {
	t.Parallel()
	const policy = `{"Statement":[{"Effect":"Allow","Principal":"ada","Action":"s3:PutObject",` +
		`"Resource":"arn:aws:s3:::acme/*"}]}`
	bucket, object, key := aws.String("acme"), aws.String("k"), "the secret key that ada has in this"
	for name, test := range map[string]struct {
		asSent       bool
		put, refused string // in the errors of the policy, and of a denied call
	}{
		"in the other's words": {false, "", "Access Denied."},
		"as it was sent":       {true, "Invalid principal in policy", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			atBench(t, test.asSent, func(b *bench) {
				root, ada := b.s3(account, rootKey), b.s3("ada", key)
				b.createUser("ada", key)
				if _, err := root.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket}); err != nil {
					t.Fatal(err)
				}
				_, err := root.PutBucketPolicy(
					t.Context(),
					&s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String(policy)},
				)
				if test.put != "" {
					if err == nil || !strings.Contains(err.Error(), test.put) {
						t.Errorf("the policy: %v, want %q", err, test.put)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if _, err := ada.PutObject(
					t.Context(),
					&s3.PutObjectInput{Bucket: bucket, Key: object, Body: strings.NewReader("one")},
				); err != nil {
					t.Errorf("what the policy allows: %v", err)
				}
				if _, err := ada.GetObject(
					t.Context(),
					&s3.GetObjectInput{Bucket: bucket, Key: object},
				); err == nil ||
					!strings.HasSuffix(err.Error(), test.refused) {
					t.Errorf("what the policy does not allow: %v, want %q", err, test.refused)
				}
				if _, err := b.s3("ada", "another").
					PutBucketPolicy(t.Context(),
						&s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String(policy)}); err == nil ||
					!strings.Contains(err.Error(), "SignatureDoesNotMatch") {
					t.Errorf("a policy signed with another key: %v", err)
				}
			})
		})
	}
}

// TestWithARNs checks how a policy's principals are translated.
func TestWithARNs(t *testing.T) {
	t.Parallel()
	arns := map[string]string{"ada": "arn:ada", "eve": "arn:eve"}
	for principal, want := range map[string]string{
		`"ada"`:               `{"AWS":"arn:ada"}`,
		`["ada","eve"]`:       `{"AWS":["arn:ada","arn:eve"]}`,
		`{"AWS":"ada"}`:       `{"AWS":"arn:ada"}`,
		`{"AWS":["eve"]}`:     `{"AWS":["arn:eve"]}`,
		`"*"`:                 "",
		`["*"]`:               "",
		`[]`:                  "",
		`"nobody"`:            "",
		`["ada","nobody"]`:    "",
		`{"Service":"ada"}`:   "",
		`{"AWS":"arn:aws:x"}`: "",
	} {
		policy := func(principal string) string {
			return `{"Statement":[{"Action":"s3:*","Effect":"Allow","Principal":` + principal + `}]}`
		}
		got, changed := withARNs([]byte(policy(principal)), arns)
		if changed != (want != "") || changed && string(got) != policy(want) {
			t.Errorf("%s becomes %s (%t), want %s", principal, got, changed, want)
		}
	}
	if got, changed := withARNs([]byte(`{"Statement":`), arns); changed {
		t.Errorf("what is no policy becomes %s", got)
	}
}
