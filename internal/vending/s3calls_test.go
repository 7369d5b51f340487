package vending_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending/grant"
)

// s3call is one call on a key, for the SDK and as a request of package iam.
type s3call struct {
	action  grant.Action
	name    string
	do      func(*testing.T) error
	request func(key string) *iam.Request
}

func calls(client *s3.Client, key string) []s3call {
	bucket := aws.String(vendingtest.Bucket)
	onObject := func(name string) func(string) *iam.Request {
		return func(key string) *iam.Request {
			return &iam.Request{Principal: vendedTo, Action: name, Resource: "arn:aws:s3:::" + vendingtest.Bucket +
				"/" + key, ResourceAccount: vendedTo.Account}
		}
	}
	return []s3call{
		{grant.List, "s3:ListBucket", func(t *testing.T) error {
			_, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{
				Bucket: bucket, Prefix: &key,
				MaxKeys: aws.Int32(1),
			})
			return err
		}, func(key string) *iam.Request {
			r := &iam.Request{Principal: vendedTo, Action: "s3:ListBucket", Resource: "arn:aws:s3:::" +
				vendingtest.Bucket, ResourceAccount: vendedTo.Account}
			r.Context.Set("s3:prefix", key)
			return r
		}},
		{grant.Write, "s3:PutObject", func(t *testing.T) error {
			_, err := client.PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: bucket, Key: &key,
				Body: strings.NewReader("x"),
			})
			return err
		}, onObject("s3:PutObject")},
		{grant.Read, "s3:GetObject", func(t *testing.T) error {
			out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: &key})
			if err == nil {
				_ = out.Body.Close()
			}
			return err
		}, onObject("s3:GetObject")},
		{grant.Delete, "s3:DeleteObject", func(t *testing.T) error {
			_, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: &key})
			return err
		}, onObject("s3:DeleteObject")},
	}
}

var vendedTo = iam.Principal{
	Type: iam.RoleSession, ARN: "arn:aws:sts::111122223333:assumed-role/reader/session", Account: "111122223333",
	UserID: "AROAREADER:session",
}

// denied reports whether AWS denied access. Another error, such as a missing
// key, isn't a denial.
func denied(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && (api.ErrorCode() == "AccessDenied" || api.ErrorCode() == "Forbidden")
}

func mustCompile(t *testing.T, kind iam.Kind, document string) *iam.Compiled {
	t.Helper()
	policy, err := iam.Parse(kind, []byte(document))
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := iam.Compile(policy)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func secretOf(text string) secret.String { return secret.New(text) }
