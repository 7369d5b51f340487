package listing_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/sandboxtest"
)

func TestVersions(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "versioned")
	client, ctx := server.S3(server.Customer.Keys), t.Context()
	bucket, key := aws.String("versioned"), aws.String("k")
	server.MustPut(t, server.Customer.Keys, "versioned", "k", "null")
	_, err := client.PutBucketVersioning(
		ctx,
		&s3.PutBucketVersioningInput{
			Bucket:                  bucket,
			VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	first, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("one")})
	if err != nil {
		t.Fatal(err)
	}
	marker, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: key})
	if err != nil || !aws.ToBool(marker.DeleteMarker) {
		t.Fatalf("deleting: %+v, %v", marker, err)
	}
	if _, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key}); awstest.Code(err) != "NoSuchKey" {
		t.Errorf("reading what is deleted: %v", err)
	}
	for id, want := range map[string]string{"null": "null", *first.VersionId: "one"} {
		out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, VersionId: &id})
		if got := awstest.Body(t, out, err); got != want {
			t.Errorf("version %s is %q, want %q", id, got, want)
		}
	}
	list, err := client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: bucket})
	if err != nil || len(list.Versions) != 2 || len(list.DeleteMarkers) != 1 || !*list.DeleteMarkers[0].IsLatest {
		t.Errorf("versions: %+v, %v", list, err)
	}
	if _, err := client.DeleteObject(
		ctx,
		&s3.DeleteObjectInput{Bucket: bucket, Key: key, VersionId: marker.VersionId},
	); err != nil {
		t.Fatal(err)
	}
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
	if got := awstest.Body(t, out, err); got != "one" {
		t.Errorf("without the marker the object is %q", got)
	}
}

func TestListing(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "listed")
	client, ctx := server.S3(server.Customer.Keys), t.Context()
	keys := []string{"a", "a b+c", "dir", "dir/", "dir/1", "dir/2", "dir/sub/3", "dir0", "é/ü", "x//y", "z&<>"}
	for _, key := range keys {
		server.MustPut(t, server.Customer.Keys, "listed", key, key)
	}
	for name, test := range map[string]struct {
		input s3.ListObjectsV2Input
		want  []string
	}{
		"everything": {s3.ListObjectsV2Input{}, keys},
		"a prefix": {
			s3.ListObjectsV2Input{Prefix: aws.String("dir/")},
			[]string{"dir/", "dir/1", "dir/2", "dir/sub/3"},
		},
		"folders": {
			s3.ListObjectsV2Input{Delimiter: aws.String("/")},
			[]string{"a", "a b+c", "dir", "dir/*", "dir0", "x/*", "z&<>", "é/*"},
		},
		"a folder": {
			s3.ListObjectsV2Input{Prefix: aws.String("dir/"), Delimiter: aws.String("/")},
			[]string{"dir/", "dir/1", "dir/2", "dir/sub/*"},
		},
		"after a key": {
			s3.ListObjectsV2Input{StartAfter: aws.String("dir/1")},
			[]string{"dir/2", "dir/sub/3", "dir0", "x//y", "z&<>", "é/ü"},
		},
		"folders, after one": {
			s3.ListObjectsV2Input{StartAfter: aws.String("dir/"), Delimiter: aws.String("/")},
			[]string{"dir0", "x/*", "z&<>", "é/*"},
		},
		"nothing": {s3.ListObjectsV2Input{Prefix: aws.String("none")}, nil},
	} {
		for _, size := range []int32{1, 2, 3, 1000} {
			want := slices.Clone(test.want)
			slices.Sort(want)
			input := test.input
			input.Bucket, input.MaxKeys = aws.String("listed"), &size
			var got []string
			for pages := s3.NewListObjectsV2Paginator(client, &input); pages.HasMorePages(); {
				page, err := pages.NextPage(ctx)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				for _, object := range page.Contents {
					got = append(got, *object.Key)
				}
				for _, prefix := range page.CommonPrefixes {
					got = append(got, *prefix.Prefix+"*")
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %d a page (-want +got):\n%s", name, size, diff)
			}
		}
	}
}
