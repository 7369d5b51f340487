package objects_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/sandboxtest"
)

func TestCopy(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "from")
	server.MustBucket(t, server.Customer.Keys, "target")
	client, ctx := server.S3(server.Customer.Keys), t.Context()
	_, err := client.PutObject(
		ctx,
		&s3.PutObjectInput{
			Bucket:      aws.String("from"),
			Key:         aws.String("a b"),
			Body:        strings.NewReader("text"),
			ContentType: aws.String("text/plain"),
			Metadata:    map[string]string{"k": "v"},
			Tagging:     aws.String("t=1"),
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CopyObject(
		ctx,
		&s3.CopyObjectInput{Bucket: aws.String("target"), Key: aws.String("c"), CopySource: aws.String("from/a%20b")},
	); err != nil {
		t.Fatal(err)
	}
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("target"), Key: aws.String("c")})
	if got := awstest.Body(
		t,
		out,
		err,
	); got != "text" || *out.ContentType != "text/plain" || out.Metadata["k"] != "v" ||
		aws.ToInt32(out.TagCount) != 1 {
		t.Errorf("the copy is %q, %s, %v", got, *out.ContentType, out.Metadata)
	}
	_, err = client.CopyObject(
		ctx,
		&s3.CopyObjectInput{Bucket: aws.String("from"), Key: aws.String("a b"), CopySource: aws.String("from/a%20b")},
	)
	if awstest.Code(err) != "InvalidRequest" {
		t.Errorf("copying onto itself: %v", err)
	}
	// A copy needs permission to read the source and to write the target.
	reader, _ := server.MustUser(
		t,
		server.Customer,
		"reader",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject*",`+
			`"Resource":"arn:aws:s3:::from/*"}]}`,
	)
	writer, _ := server.MustUser(
		t,
		server.Customer,
		"writer",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject*",`+
			`"Resource":"arn:aws:s3:::target/*"}]}`,
	)
	for name, keys := range map[string]aws.Credentials{"only the source": reader, "only the target": writer} {
		_, err := server.S3(keys).
			CopyObject(ctx,
				&s3.CopyObjectInput{
					Bucket: aws.String("target"), Key: aws.String("d"),
					CopySource: aws.String("from/a%20b"),
				})
		if awstest.Code(err) != "AccessDenied" {
			t.Errorf("with %s: %v", name, err)
		}
	}
}

func TestDeleteObjects(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "deleting")
	for _, key := range []string{"mine/1", "mine/2", "other"} {
		server.MustPut(t, server.Customer.Keys, "deleting", key, "x")
	}
	user, _ := server.MustUser(
		t,
		server.Customer,
		"u",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:DeleteObject",`+
			`"Resource":"arn:aws:s3:::deleting/mine/*"}]}`,
	)
	out, err := server.S3(user).
		DeleteObjects(t.Context(),
			&s3.DeleteObjectsInput{
				Bucket: aws.String("deleting"),
				Delete: &types.Delete{Objects: []types.ObjectIdentifier{
					{Key: aws.String("mine/1")}, {Key: aws.String("other")}, {Key: aws.String("mine/none")},
				}},
			})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Deleted) != 2 || len(out.Errors) != 1 || *out.Errors[0].Code != "AccessDenied" ||
		*out.Errors[0].Key != "other" {
		t.Errorf("deleted %v, errors %v", out.Deleted, out.Errors)
	}
}

func TestChecksumsOfPut(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "checked")
	client, ctx := server.S3(server.Customer.Keys), t.Context()
	for _, algorithm := range []types.ChecksumAlgorithm{
		types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmCrc32c,
		types.ChecksumAlgorithmCrc64nvme, types.ChecksumAlgorithmSha1, types.ChecksumAlgorithmSha256,
	} {
		_, err := client.PutObject(
			ctx,
			&s3.PutObjectInput{
				Bucket:            aws.String("checked"),
				Key:               aws.String(string(algorithm)),
				Body:              strings.NewReader("hello"),
				ChecksumAlgorithm: algorithm,
			},
		)
		if err != nil {
			t.Fatalf("%s: %v", algorithm, err)
		}
		out, err := client.GetObject(
			ctx,
			&s3.GetObjectInput{
				Bucket:       aws.String("checked"),
				Key:          aws.String(string(algorithm)),
				ChecksumMode: types.ChecksumModeEnabled,
			},
		)
		if got := awstest.Body(t, out, err); got != "hello" { // the SDK checks the checksum
			t.Errorf("%s: %q", algorithm, got)
		}
	}
	_, err := client.PutObject(
		ctx,
		&s3.PutObjectInput{
			Bucket:         aws.String("checked"),
			Key:            aws.String("wrong"),
			Body:           strings.NewReader("hello"),
			ChecksumSHA256: aws.String("LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564="),
		},
	)
	if awstest.Code(err) != "BadDigest" {
		t.Errorf("with a wrong checksum: %v", err)
	}
	_, err = client.PutObject(
		ctx,
		&s3.PutObjectInput{
			Bucket:     aws.String("checked"),
			Key:        aws.String("wrong"),
			Body:       strings.NewReader("hello"),
			ContentMD5: aws.String("1B2M2Y8AsgTpgAmY7PhCfg=="),
		},
	)
	if awstest.Code(err) != "BadDigest" {
		t.Errorf("with a wrong MD5: %v", err)
	}
	if _, err := client.HeadObject(
		ctx,
		&s3.HeadObjectInput{Bucket: aws.String("checked"), Key: aws.String("wrong")},
	); awstest.Code(
		err,
	) != "NotFound" {
		t.Errorf("what was refused is there: %v", err)
	}
}
