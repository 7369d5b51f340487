package sandboxtest_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/sandboxtest"
)

func list(t *testing.T, server *sandboxtest.Server, bucket string) ([]string, error) {
	t.Helper()
	out, err := server.S3(server.Customer.Keys).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, object := range out.Contents {
		keys = append(keys, *object.Key)
	}
	return keys, nil
}

// TestServersShareNothing runs many servers at once, each with a bucket of the
// same name in its own Region.
func TestServersShareNothing(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for n, region := range []string{"us-east-1", "eu-west-1", "ap-southeast-2", "us-east-1"} {
		all.Go(func() {
			server := sandboxtest.Start(t, sandboxtest.WithRegion(region))
			server.MustBucket(t, server.Customer.Keys, "data")
			server.MustPut(t, server.Customer.Keys, "data", fmt.Sprint(n), "x")
			keys, err := list(t, server, "data")
			if err != nil || len(keys) != 1 || keys[0] != fmt.Sprint(n) {
				t.Errorf("server %d has %v, %v", n, keys, err)
			}
			head, err := server.S3(server.Customer.Keys).
				HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("data")})
			if err != nil || *head.BucketRegion != region {
				t.Errorf("the bucket of server %d is in %v, want %s (%v)", n, head, region, err)
			}
		})
	}
	all.Wait()
}

func TestBreak(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "data")
	mend := server.Break(t, "internal,action=ListObjectsV2,bucket=data")
	if _, err := list(t, server, "data"); err == nil {
		t.Error("it is not broken")
	}
	if got := server.Hits("internal"); got == 0 {
		t.Errorf("%d calls were struck", got)
	}
	struck := server.Hits("internal")
	mend()
	if _, err := list(t, server, "data"); err != nil {
		t.Errorf("it is not removed: %v", err)
	}
	if got := server.Hits("internal"); got != struck {
		t.Errorf("%d calls were struck, and %d when it was removed", struck, got)
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "data")
	if got := server.Refusal(); got != "" {
		t.Errorf("nothing was refused: %s", got)
	}
	keys, user := server.MustUser(
		t,
		server.Customer,
		"ada",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:ListBucket","Resource":"*"}]}`,
	)
	if _, err := server.S3(keys).
		ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("data")}); err == nil {
		t.Error("the listing was not refused")
	}
	if got, want := server.Refusal(), user+" asked for s3:ListBucket on arn:aws:s3:::data: Statement 1 of identity "+
		"policy 1 (policy-1) denies"; !strings.HasPrefix(
		got,
		want,
	) {
		t.Errorf("%q, want %q…", got, want)
	}
}

func TestEnv(t *testing.T) {
	server := sandboxtest.Start(t, sandboxtest.WithRegion("eu-west-1"))
	keys, user := server.MustUser(t, server.Service, "ada")
	for _, variable := range server.Env(keys) {
		if name, value, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, value)
		}
	}
	settings, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	who, err := sts.NewFromConfig(settings).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || *who.Arn != user {
		t.Errorf("%+v, %v", who, err)
	}
}

// TestUpload and TestAssume run the examples of the documentation.
func TestUpload(t *testing.T) {
	t.Parallel()
	testUpload(t)
}

func TestAssume(t *testing.T) {
	t.Parallel()
	testAssume(t)
}
