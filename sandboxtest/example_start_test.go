package sandboxtest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/sandboxtest"
)

// This is a test of software that may only write under one prefix.
func ExampleStart() {
	var t *testing.T // the argument of the test

	testUpload(t)
}

func testUpload(t *testing.T) {
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
