package load_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/s3"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/sandboxtest"
)

// reach opens a bucket of a sandbox with an access key.
func reach(server *sandboxtest.Server, keys aws.Credentials, bucket string) object.Bucket {
	return s3.Open(object.Access{
		Bucket: bucket, Endpoint: server.URL,
		Keys: func(context.Context) (object.Keys, error) {
			return object.Keys{AccessKeyID: keys.AccessKeyID, SecretAccessKey: secret.New(keys.SecretAccessKey)}, nil
		},
	}, s3.Config{})
}

// changeable is a bucket that can be replaced with another.
type changeable struct{ object.Bucket }

// TestMissingBucketAndDeniedPrefix checks that refusals of AWS give a clear
// error, and that earlier loads stay unchanged.
func TestMissingBucketAndDeniedPrefix(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	owner := server.Customer.Keys
	server.MustBucket(t, owner, "data")
	server.MustPut(t, owner, "data", "open/a.csv", lines(0, 10))
	server.MustPut(t, owner, "data", "mixed/a.csv", lines(10, 20))
	server.MustPut(t, owner, "data", "mixed/secret.csv", lines(20, 30))
	server.MustPut(t, owner, "data", "closed/a.csv", lines(30, 40))
	keys, _ := server.MustUser(t, server.Customer, "reader", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::data/open/*","arn:aws:s3:::data/mixed/a.csv"]},
		{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::data","Condition":{"StringLike":{"s3:prefix":["open/*","mixed/*"]}}}]}`)

	bucket := &changeable{reach(server, keys, "data")}
	h := build(t, doors{bucket: func(object.Bucket) object.Bucket { return bucket }})
	h.mustLoad(t, load.Order{Source: h.source(t, "open/*", source.Format{}), Dataset: "d"})

	_, err := h.load(t, load.Order{Source: h.source(t, "closed/*", source.Format{}), Dataset: "d"})
	if !problem.Is(err, problem.Refused) || !strings.Contains(err.Error(),
		"ListObjectsV2 on s3://data/closed/: 403 AccessDenied") || problem.From(err).Hint == "" {
		t.Errorf("a denied prefix: %v", err)
	}

	mixed := h.mustLoad(t, load.Order{Source: h.source(t, "mixed/*", source.Format{}), Dataset: "d"})
	if len(mixed.Problems) != 1 || mixed.Problems[0].Key != "mixed/secret.csv" ||
		mixed.Problems[0].Reason != "AWS denied reading the object (AccessDenied)." {
		t.Errorf("a denied object: %+v", mixed.Problems)
	}

	bucket.Bucket = reach(server, owner, "no-such-bucket")
	_, err = h.load(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
	if !problem.Is(err, problem.Refused) || !strings.Contains(err.Error(), "s3://no-such-bucket/: 404 NoSuchBucket") ||
		problem.From(err).Hint == "" {
		t.Errorf("a missing bucket: %v", err)
	}
	if n := h.count(t, "d"); n != 20 {
		t.Errorf("%d rows, want the 20 that could be read", n)
	}
}
