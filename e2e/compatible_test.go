package e2e

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/client"
)

// compatible is a running S3-compatible service, neither AWS nor the sandbox,
// with its own users and policies.
type compatible struct {
	url          string
	root, secret string
	// grant creates the users reader and writer, who may read or write daily/
	// of acme-data, and nobody, who may do nothing.
	grant func(*testing.T)
	// prefixes reports whether its policies support a condition on s3:prefix.
	prefixes bool
}

// The users' secrets; their access key IDs are their names.
const (
	readerSecret = "readersecretreader"
	writerSecret = "writersecretwriter"
	nobodySecret = "nobodysecretnobody"
)

func (c *compatible) client() *s3.Client {
	return s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &c.url, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(c.root, c.secret, ""),
	})
}

// fill creates the bucket and its objects.
func (c *compatible) fill(t *testing.T) {
	t.Helper()
	bucket := aws.String("acme-data")
	if _, err := c.client().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"daily/prices.csv", "private/salaries.csv"} {
		if _, err := c.client().PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: bucket, Key: &key,
			Body: strings.NewReader("a,b\n1,2\n3,4\n"),
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAccessKeyOfACompatibleService checks that an access key of an
// S3-compatible service is verified like one of AWS, loads the objects that it
// can read, and is removed. It runs with each service that is installed.
func TestAccessKeyOfACompatibleService(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T) *compatible{
		"versitygw": startVersity, "MinIO": startMinIO,
		"Ceph": startCeph,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			c.fill(t)
			c.grant(t)
			r := newRig(t)
			api, err := client.New(client.Config{URL: r.URL, Token: r.Token, Workspace: "harbour"})
			if err != nil {
				t.Fatal(err)
			}
			c.verdicts(t, api)
			c.load(t, api)
		})
	}
}

// verdicts checks the doctor's findings for each key.
func (c *compatible) verdicts(t *testing.T, api *client.Client) {
	t.Helper()
	listed, why := "warn", "lists-outside"
	if c.prefixes {
		listed, why = "pass", ""
	}
	for name, tt := range map[string]struct {
		key, secret, access         string
		state, check, status, cause string
	}{
		"reads":            {"reader", readerSecret, "read", "verified", "list-outside", listed, why},
		"reads and writes": {"writer", writerSecret, "readwrite", "verified", "delete", "pass", ""},
		"writes too much":  {"writer", writerSecret, "read", "verified", "put-refused", "warn", "writes"},
		"may do anything":  {c.root, c.secret, "read", "failing", "get-outside", "fail", "reads-outside"},
		"may do nothing":   {"nobody", nobodySecret, "read", "failing", "list", "fail", "refused"},
		"a wrong secret":   {"reader", "wrongsecretwrong", "read", "failing", "region", "fail", "access-key"},
		"an unknown key":   {"stranger", readerSecret, "read", "failing", "region", "fail", "access-key"},
	} {
		key := c.add(t, api, name, tt.key, tt.secret)
		run, err := api.VerifyCredential(t.Context(), key.ID,
			client.KeyOrder{Locations: []client.Location{{Bucket: "acme-data", Prefix: "daily/"}}, Access: tt.access})
		if err != nil {
			t.Fatal(err)
		}
		check := checkOf(run, tt.check)
		if run.State != tt.state || check.Status != tt.status || check.CauseCode != tt.cause {
			t.Errorf("%s: %s: %s; want %s, and %s %s %s", name, run.State, run.Reason, tt.state, tt.check, tt.status,
				tt.cause)
			for _, c := range run.Checks {
				t.Errorf("  %s %s %s [%s] %s %+v", c.Code, c.Status, c.Detail, c.CauseCode, c.Cause, c.Calls)
			}
		}
		c.clean(t, name)
	}
}

// clean checks that the bucket has the objects of fill and no others, so that no probe leaves
// anything.
func (c *compatible) clean(t *testing.T, after string) {
	t.Helper()
	listed, err := c.client().ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("acme-data")})
	if err != nil || len(listed.Contents) != 2 {
		t.Errorf("after %s there are %d objects, want 2: %v", after, len(listed.Contents), err)
	}
}

// load loads the objects that the reader's key can read, and removes the
// source and the key.
func (c *compatible) load(t *testing.T, api *client.Client) {
	t.Helper()
	key := c.add(t, api, "loader", "reader", readerSecret)
	source, err := api.CreateSource(t.Context(), client.SourceSpec{
		Name: "prices", Credential: key.ID,
		Bucket: "acme-data", Pattern: "daily/*.csv",
	})
	if err != nil {
		t.Fatal(err)
	}
	begun, err := api.StartLoad(t.Context(), client.LoadSpec{Source: source.ID, Dataset: "PRICES"})
	if err != nil {
		t.Fatal(err)
	}
	done, err := api.WaitLoad(t.Context(), begun.ID, func(client.Load) {})
	if err != nil || done.State != "loaded" || done.Progress.Rows != 2 {
		t.Errorf("loaded %d rows, %s: %s %v", done.Progress.Rows, done.State, done.Error, err)
	}
	if err := api.RemoveCredential(t.Context(), key.ID, ""); err == nil {
		t.Error("a key that a source uses was removed")
	}
	if err := api.RemoveSource(t.Context(), source.ID, ""); err != nil {
		t.Fatal(err)
	}
	if err := api.RemoveCredential(t.Context(), key.ID, ""); err != nil {
		t.Error(err)
	}
}

func (c *compatible) add(t *testing.T, api *client.Client, name, id, secret string) client.Credential {
	t.Helper()
	key, err := api.AddCredential(t.Context(), client.CredentialSpec{
		Name: name, AccessKeyID: id,
		SecretAccessKey: secret, Region: "us-east-1", Endpoint: c.url,
	})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func checkOf(run client.Verification, code string) client.Check {
	for _, c := range run.Checks {
		if c.Code == code {
			return c
		}
	}
	return client.Check{}
}
