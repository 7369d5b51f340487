package sandboxtest_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/sandboxtest"
)

// TestUpload tests software that may only write to one prefix.
func ExampleStart() {
	TestUpload := func(t *testing.T) {
		t.Parallel()
		server := sandboxtest.Start(t)
		server.MustBucket(t, server.Customer.Keys, "acme-data")
		keys, _ := server.MustUser(
			t,
			server.Customer,
			"uploader",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject",`+
				`"Resource":"arn:aws:s3:::acme-data/in/*"}]}`,
		)

		client := server.S3(keys) // pass it, or server.Config(keys), to the software under test
		put := func(key string) error {
			_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("acme-data"), Key: &key})
			return err
		}
		if err := put("in/a.csv"); err != nil {
			t.Error(err)
		}
		if err := put("out/a.csv"); err == nil {
			t.Error("it may write where it must not")
		}
	}
	fmt.Println(
		testing.RunTests(
			func(_, _ string) (bool, error) { return true, nil },
			[]testing.InternalTest{{Name: "TestUpload", F: TestUpload}},
		),
	)
	// Output: true
}

// A role can only be assumed with its External ID.
func ExampleServer_MustRole() {
	TestAssume := func(t *testing.T) {
		server := sandboxtest.Start(t)
		keys, user := server.MustUser(
			t,
			server.Service,
			"windlass",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`,
		)
		role := server.MustRole(
			t,
			server.Customer,
			"reader",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+user+
				`"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"8f14e45f"}}}]}`,
		)
		server.MustAssume(t, keys, role, "8f14e45f")
		_, err := server.STS(keys).
			AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("test")})
		if err == nil {
			t.Error("it is let in without the External ID")
		}
	}
	fmt.Println(
		testing.RunTests(
			func(_, _ string) (bool, error) { return true, nil },
			[]testing.InternalTest{{Name: "TestAssume", F: TestAssume}},
		),
	)
	// Output: true
}
