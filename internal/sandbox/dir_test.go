package sandbox_test

import (
	"bytes"
	"crypto/sha256"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/internal/sandbox/sandboxtest"
)

func TestFolderKeepsEverything(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx := t.Context()
	large := bytes.Repeat([]byte("0123456789abcdef"), 40_000)

	first := sandboxtest.Start(t, sandboxtest.WithDir(dir))
	first.MustBucket(t, first.Customer.Keys, "kept")
	first.MustPut(t, first.Customer.Keys, "kept", "x", "small")
	first.MustPut(t, first.Customer.Keys, "kept", "x/y", string(large))
	first.MustPut(t, first.Customer.Keys, "kept", "gone", "gone")
	client := first.S3(first.Customer.Keys)
	if _, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("kept"), Key: aws.String("gone")}); err != nil {
		t.Fatal(err)
	}
	user, userARN := first.MustUser(t, first.Service, "loader", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`)
	role := first.MustRole(t, first.Customer, "reader", fill(trustPolicy, "USER", userARN, "EXTERNAL_ID", "abc"),
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::kept/*"}]}`)
	session := first.MustAssume(t, user, role, "abc")
	first.Stop(t)

	second := sandboxtest.Start(t, sandboxtest.WithDir(dir))
	if second.Customer.Keys != first.Customer.Keys {
		t.Error("the customer's root has another key after a restart")
	}
	for key, want := range map[string]string{"x": "small", "x/y": string(large)} {
		out, err := second.S3(session).GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("kept"), Key: &key})
		if err != nil {
			t.Fatalf("reading %s with the session of before: %v", key, err)
		}
		body, err := io.ReadAll(out.Body)
		if err != nil || sha256.Sum256(body) != sha256.Sum256([]byte(want)) {
			t.Errorf("%s has %d bytes, want %d (%v)", key, len(body), len(want), err)
		}
	}
	if _, err := second.STS(user).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("again"), ExternalId: aws.String("abc")}); err != nil {
		t.Errorf("assuming the role after a restart: %v", err)
	}
	list, err := second.S3(second.Customer.Keys).ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("kept")})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, object := range list.Contents {
		keys = append(keys, *object.Key)
	}
	if got := strings.Join(keys, " "); got != "x x/y" {
		t.Errorf("the bucket has %q, want %q", got, "x x/y")
	}
}
