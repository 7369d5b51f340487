package sandbox_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc64"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/sandboxtest"
)

// body reads an object's body to its end.
func body(t *testing.T, out *s3.GetObjectOutput, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	text, err := io.ReadAll(out.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func random(seed uint64, n int) []byte {
	data := make([]byte, n)
	source := rand.NewPCG(seed, 1)
	for i := 0; i+8 <= n; i += 8 {
		binary.LittleEndian.PutUint64(data[i:], source.Uint64())
	}
	return data
}

func TestMultipart(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []types.ChecksumAlgorithm{"", types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmCrc32c, types.ChecksumAlgorithmCrc64nvme, types.ChecksumAlgorithmSha1, types.ChecksumAlgorithmSha256} {
		t.Run("checksum "+string(algorithm), func(t *testing.T) {
			t.Parallel()
			server := sandboxtest.Start(t)
			server.MustBucket(t, server.Customer.Keys, "big")
			client, ctx := server.S3(server.Customer.Keys), t.Context()
			bucket, key := aws.String("big"), aws.String("a/b")
			begun, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key, ChecksumAlgorithm: algorithm, ContentType: aws.String("text/x")})
			if err != nil {
				t.Fatal(err)
			}
			whole := random(1, 5<<20+2048)
			parts := [][]byte{whole[:5<<20], whole[5<<20:]}
			var done []types.CompletedPart
			for i, part := range parts {
				out, err := client.UploadPart(ctx, &s3.UploadPartInput{Bucket: bucket, Key: key, UploadId: begun.UploadId, PartNumber: aws.Int32(int32(i + 1)), Body: bytes.NewReader(part), ChecksumAlgorithm: algorithm})
				if err != nil {
					t.Fatal(err)
				}
				done = append(done, types.CompletedPart{PartNumber: aws.Int32(int32(i + 1)), ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32, ChecksumCRC32C: out.ChecksumCRC32C, ChecksumCRC64NVME: out.ChecksumCRC64NVME, ChecksumSHA1: out.ChecksumSHA1, ChecksumSHA256: out.ChecksumSHA256})
			}
			listed, err := client.ListParts(ctx, &s3.ListPartsInput{Bucket: bucket, Key: key, UploadId: begun.UploadId})
			if err != nil || len(listed.Parts) != 2 {
				t.Fatalf("listing parts: %v, %v", listed, err)
			}
			_, err = client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: key, UploadId: begun.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: done}})
			if err != nil {
				t.Fatal(err)
			}
			out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, ChecksumMode: types.ChecksumModeEnabled})
			if got := body(t, out, err); got != string(whole) {
				t.Errorf("the object has %d bytes, want %d", len(got), len(whole))
			}
			if !strings.HasSuffix(*out.ETag, `-2"`) || *out.ContentType != "text/x" {
				t.Errorf("ETag %s, Content-Type %s", *out.ETag, *out.ContentType)
			}
			if algorithm == types.ChecksumAlgorithmCrc64nvme {
				h := crc64.New(crc64.MakeTable(0x9a6c9329ac4bc9b5))
				h.Write(whole)
				if want := base64.StdEncoding.EncodeToString(h.Sum(nil)); aws.ToString(out.ChecksumCRC64NVME) != want {
					t.Errorf("joined checksum %s, want %s", aws.ToString(out.ChecksumCRC64NVME), want)
				}
			}
			ranged, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, Range: aws.String("bytes=5242870-5242889")})
			if got := body(t, ranged, err); got != string(whole[5242870:5242890]) {
				t.Error("a range over two parts is not what was put")
			}
			second, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, PartNumber: aws.Int32(2)})
			if got := body(t, second, err); got != string(parts[1]) || aws.ToInt32(second.PartsCount) != 2 {
				t.Errorf("part 2 has %d bytes of %d parts", len(got), aws.ToInt32(second.PartsCount))
			}
		})
	}
}

func TestMultipartRefusals(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "big")
	client, ctx := server.S3(server.Customer.Keys), t.Context()
	bucket, key := aws.String("big"), aws.String("k")
	begun, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	var etags []*string
	for i := range 2 {
		out, err := client.UploadPart(ctx, &s3.UploadPartInput{Bucket: bucket, Key: key, UploadId: begun.UploadId, PartNumber: aws.Int32(int32(i + 1)), Body: strings.NewReader("tiny")})
		if err != nil {
			t.Fatal(err)
		}
		etags = append(etags, out.ETag)
	}
	part := func(n int32, etag *string) types.CompletedPart {
		return types.CompletedPart{PartNumber: &n, ETag: etag}
	}
	for name, test := range map[string]struct {
		id    *string
		parts []types.CompletedPart
		want  string
	}{
		"no such upload":  {aws.String("nope"), []types.CompletedPart{part(1, etags[0])}, "NoSuchUpload"},
		"too small":       {begun.UploadId, []types.CompletedPart{part(1, etags[0]), part(2, etags[1])}, "EntityTooSmall"},
		"not in order":    {begun.UploadId, []types.CompletedPart{part(2, etags[1]), part(1, etags[0])}, "InvalidPartOrder"},
		"no such part":    {begun.UploadId, []types.CompletedPart{part(3, etags[0])}, "InvalidPart"},
		"another's ETag":  {begun.UploadId, []types.CompletedPart{part(1, aws.String(`"0"`))}, "InvalidPart"},
		"no part at all":  {begun.UploadId, nil, "MalformedXML"},
		"one part, small": {begun.UploadId, []types.CompletedPart{part(2, etags[1])}, ""},
	} {
		if test.want == "" {
			continue
		}
		_, err := client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: key, UploadId: test.id, MultipartUpload: &types.CompletedMultipartUpload{Parts: test.parts}})
		if got := code(err); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
	uploads, err := client.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: bucket})
	if err != nil || len(uploads.Uploads) != 1 {
		t.Fatalf("uploads: %+v, %v", uploads, err)
	}
	if _, err := client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: bucket, Key: key, UploadId: begun.UploadId}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ListParts(ctx, &s3.ListPartsInput{Bucket: bucket, Key: key, UploadId: begun.UploadId}); code(err) != "NoSuchUpload" {
		t.Errorf("parts of an aborted upload: %v", err)
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "versioned")
	client, ctx := server.S3(server.Customer.Keys), t.Context()
	bucket, key := aws.String("versioned"), aws.String("k")
	server.MustPut(t, server.Customer.Keys, "versioned", "k", "null")
	_, err := client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
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
	if _, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key}); code(err) != "NoSuchKey" {
		t.Errorf("reading what is deleted: %v", err)
	}
	for id, want := range map[string]string{"null": "null", *first.VersionId: "one"} {
		out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, VersionId: &id})
		if got := body(t, out, err); got != want {
			t.Errorf("version %s is %q, want %q", id, got, want)
		}
	}
	list, err := client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: bucket})
	if err != nil || len(list.Versions) != 2 || len(list.DeleteMarkers) != 1 || !*list.DeleteMarkers[0].IsLatest {
		t.Errorf("versions: %+v, %v", list, err)
	}
	if _, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: key, VersionId: marker.VersionId}); err != nil {
		t.Fatal(err)
	}
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
	if got := body(t, out, err); got != "one" {
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
		"everything":         {s3.ListObjectsV2Input{}, keys},
		"a prefix":           {s3.ListObjectsV2Input{Prefix: aws.String("dir/")}, []string{"dir/", "dir/1", "dir/2", "dir/sub/3"}},
		"folders":            {s3.ListObjectsV2Input{Delimiter: aws.String("/")}, []string{"a", "a b+c", "dir", "dir/*", "dir0", "x/*", "z&<>", "é/*"}},
		"a folder":           {s3.ListObjectsV2Input{Prefix: aws.String("dir/"), Delimiter: aws.String("/")}, []string{"dir/", "dir/1", "dir/2", "dir/sub/*"}},
		"after a key":        {s3.ListObjectsV2Input{StartAfter: aws.String("dir/1")}, []string{"dir/2", "dir/sub/3", "dir0", "x//y", "z&<>", "é/ü"}},
		"folders, after one": {s3.ListObjectsV2Input{StartAfter: aws.String("dir/"), Delimiter: aws.String("/")}, []string{"dir0", "x/*", "z&<>", "é/*"}},
		"nothing":            {s3.ListObjectsV2Input{Prefix: aws.String("none")}, nil},
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

func TestCopy(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "from")
	server.MustBucket(t, server.Customer.Keys, "target")
	client, ctx := server.S3(server.Customer.Keys), t.Context()
	_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("from"), Key: aws.String("a b"), Body: strings.NewReader("text"), ContentType: aws.String("text/plain"), Metadata: map[string]string{"k": "v"}, Tagging: aws.String("t=1")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: aws.String("target"), Key: aws.String("c"), CopySource: aws.String("from/a%20b")}); err != nil {
		t.Fatal(err)
	}
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("target"), Key: aws.String("c")})
	if got := body(t, out, err); got != "text" || *out.ContentType != "text/plain" || out.Metadata["k"] != "v" || aws.ToInt32(out.TagCount) != 1 {
		t.Errorf("the copy is %q, %s, %v", got, *out.ContentType, out.Metadata)
	}
	_, err = client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: aws.String("from"), Key: aws.String("a b"), CopySource: aws.String("from/a%20b")})
	if code(err) != "InvalidRequest" {
		t.Errorf("copying onto itself: %v", err)
	}
	// A copy takes the right to read the source and to write the target.
	reader, _ := server.MustUser(t, server.Customer, "reader", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject*","Resource":"arn:aws:s3:::from/*"}]}`)
	writer, _ := server.MustUser(t, server.Customer, "writer", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject*","Resource":"arn:aws:s3:::target/*"}]}`)
	for name, keys := range map[string]aws.Credentials{"only the source": reader, "only the target": writer} {
		_, err := server.S3(keys).CopyObject(ctx, &s3.CopyObjectInput{Bucket: aws.String("target"), Key: aws.String("d"), CopySource: aws.String("from/a%20b")})
		if code(err) != "AccessDenied" {
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
	user, _ := server.MustUser(t, server.Customer, "u", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::deleting/mine/*"}]}`)
	out, err := server.S3(user).DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: aws.String("deleting"), Delete: &types.Delete{Objects: []types.ObjectIdentifier{
		{Key: aws.String("mine/1")}, {Key: aws.String("other")}, {Key: aws.String("mine/none")},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Deleted) != 2 || len(out.Errors) != 1 || *out.Errors[0].Code != "AccessDenied" || *out.Errors[0].Key != "other" {
		t.Errorf("deleted %v, errors %v", out.Deleted, out.Errors)
	}
}

func TestChecksumsOfPut(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.MustBucket(t, server.Customer.Keys, "checked")
	client, ctx := server.S3(server.Customer.Keys), t.Context()
	for _, algorithm := range []types.ChecksumAlgorithm{types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmCrc32c, types.ChecksumAlgorithmCrc64nvme, types.ChecksumAlgorithmSha1, types.ChecksumAlgorithmSha256} {
		_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("checked"), Key: aws.String(string(algorithm)), Body: strings.NewReader("hello"), ChecksumAlgorithm: algorithm})
		if err != nil {
			t.Fatalf("%s: %v", algorithm, err)
		}
		out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("checked"), Key: aws.String(string(algorithm)), ChecksumMode: types.ChecksumModeEnabled})
		if got := body(t, out, err); got != "hello" { // the SDK checks the checksum
			t.Errorf("%s: %q", algorithm, got)
		}
	}
	_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("checked"), Key: aws.String("wrong"), Body: strings.NewReader("hello"), ChecksumSHA256: aws.String("LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564=")})
	if code(err) != "BadDigest" {
		t.Errorf("with a wrong checksum: %v", err)
	}
	_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("checked"), Key: aws.String("wrong"), Body: strings.NewReader("hello"), ContentMD5: aws.String("1B2M2Y8AsgTpgAmY7PhCfg==")})
	if code(err) != "BadDigest" {
		t.Errorf("with a wrong MD5: %v", err)
	}
	if _, err := client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String("checked"), Key: aws.String("wrong")}); code(err) != "NotFound" {
		t.Errorf("what was refused is there: %v", err)
	}
}
