package s3_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/objecttest"
	"github.com/windlass-io/windlass/internal/object/s3"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/sandboxtest"
)

// reach returns the access to a sandbox's bucket with an access key.
func reach(server *sandboxtest.Server, keys aws.Credentials, bucket string) object.Access {
	return object.Access{
		Bucket: bucket, Endpoint: server.URL,
		Keys: func(context.Context) (object.Keys, error) {
			return object.Keys{
				AccessKeyID: keys.AccessKeyID, SecretAccessKey: secret.New(keys.SecretAccessKey),
				SessionToken: secret.New(keys.SessionToken),
			}, nil
		},
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	transport := s3.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	var n atomic.Int64
	objecttest.Run(t, func(t *testing.T) object.Bucket {
		name := fmt.Sprintf("conformance-%d", n.Add(1))
		server.MustBucket(t, server.Customer.Keys, name)
		return s3.Open(reach(server, server.Customer.Keys, name), s3.Config{Transport: transport})
	})
}

func TestRegionOfARealBucketIsLearned(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t, sandboxtest.WithRegion("eu-west-1"))
	if _, err := server.S3(server.Customer.Keys).CreateBucket(t.Context(), &sdk.CreateBucketInput{
		Bucket: aws.String("far-away"), CreateBucketConfiguration: &types.CreateBucketConfiguration{
			LocationConstraint: "eu-west-1",
		},
	}); err != nil {
		t.Fatal(err)
	}
	server.MustPut(t, server.Customer.Keys, "far-away", "k", "hello")
	b := s3.Open(reach(server, server.Customer.Keys, "far-away"), s3.Config{})
	if got, _ := objecttest.MustRead(t, b, "k", object.ReadOptions{}); got != "hello" || b.Region() != "eu-west-1" {
		t.Errorf("got %q from region %s", got, b.Region())
	}
}

func TestRefusalsOfARealBucket(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "data")
	server.MustPut(t, server.Customer.Keys, "data", "open/k", "x")
	server.MustPut(t, server.Customer.Keys, "data", "closed/k", "x")
	keys, _ := server.MustUser(t, server.Customer, "reader", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/open/*"},
		{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::data","Condition":{"StringLike":{"s3:prefix":"open/*"}}}]}`)
	b := s3.Open(reach(server, keys, "data"), s3.Config{})
	if _, err := b.List(t.Context(), "open/", "", 10); err != nil {
		t.Errorf("the open prefix: %v", err)
	}
	for what, err := range map[string]error{
		"listing":  second(b.List(t.Context(), "closed/", "", 10)),
		"reading":  second(read(t.Context(), b, "closed/k", object.ReadOptions{})),
		"writing":  b.Put(t.Context(), "open/new", nil),
		"deleting": b.Delete(t.Context(), "open/k"),
	} {
		var f *object.Failure
		if !errors.As(err, &f) || !f.Denied() || f.Code != "AccessDenied" || f.RequestID == "" ||
			!strings.HasPrefix(f.Resource, "s3://data/") {
			t.Errorf("%s: got %+v", what, err)
		}
	}
	_, err := s3.Open(reach(server, server.Customer.Keys, "no-such-bucket"), s3.Config{}).List(t.Context(), "", "", 1)
	var f *object.Failure
	if !errors.As(err, &f) || !f.Missing() || f.Code != "NoSuchBucket" {
		t.Errorf("a missing bucket: %v", err)
	}
}

// A listing that breaks off is requested again. One that always breaks off is
// an error, whatever its status. Only successes report a request ID.
func TestListingThatBreaksOff(t *testing.T) {
	t.Parallel()
	for line, works := range map[string]bool{
		"cut,action=ListObjectsV2,bytes=60,count=2": true,
		"cut,action=ListObjectsV2,bytes=60":         false,
	} {
		server := sandboxtest.Start(t)
		server.MustBucket(t, server.Customer.Keys, "data")
		server.MustPut(t, server.Customer.Keys, "data", "open/k", "x")
		server.Break(t, line)
		way, reached := reach(server, server.Customer.Keys, "data"), 0
		way.Answered = func(string) { reached++ }
		page, err := s3.Open(way, s3.Config{MaxBackoff: time.Millisecond, Attempts: 3}).List(t.Context(), "open/", "",
			10)
		if works && (err != nil || len(page.Objects) != 1 || reached != 1) {
			t.Errorf("%s: got %+v, %v; %d request IDs", line, page, err, reached)
		}
		var f *object.Failure
		if !works && (!errors.As(err, &f) || f.Status != 0 || reached != 0 || server.Hits("cut") != 3) {
			t.Errorf("%s: got %+v after %d tries", line, f, server.Hits("cut"))
		}
	}
}
