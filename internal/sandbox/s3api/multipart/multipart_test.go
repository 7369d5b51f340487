package multipart_test

import (
	"bytes"
	"encoding/base64"
	"hash/crc64"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/sandboxtest"
)

func TestMultipart(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []types.ChecksumAlgorithm{
		"", types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmCrc32c,
		types.ChecksumAlgorithmCrc64nvme, types.ChecksumAlgorithmSha1, types.ChecksumAlgorithmSha256,
	} {
		t.Run("checksum "+string(algorithm), func(t *testing.T) {
			t.Parallel()
			server := sandboxtest.Start(t)
			server.MustBucket(t, server.Customer.Keys, "big")
			client, ctx := server.S3(server.Customer.Keys), t.Context()
			bucket, key := aws.String("big"), aws.String("a/b")
			begun, err := client.CreateMultipartUpload(
				ctx,
				&s3.CreateMultipartUploadInput{
					Bucket:            bucket,
					Key:               key,
					ChecksumAlgorithm: algorithm,
					ContentType:       aws.String("text/x"),
				},
			)
			if err != nil {
				t.Fatal(err)
			}
			whole := awstest.Random(1, 5<<20+2048)
			parts := [][]byte{whole[:5<<20], whole[5<<20:]}
			var done []types.CompletedPart
			for i, part := range parts {
				out, err := client.UploadPart(
					ctx,
					&s3.UploadPartInput{
						Bucket:            bucket,
						Key:               key,
						UploadId:          begun.UploadId,
						PartNumber:        aws.Int32(int32(i + 1)),
						Body:              bytes.NewReader(part),
						ChecksumAlgorithm: algorithm,
					},
				)
				if err != nil {
					t.Fatal(err)
				}
				done = append(
					done,
					types.CompletedPart{
						PartNumber:        aws.Int32(int32(i + 1)),
						ETag:              out.ETag,
						ChecksumCRC32:     out.ChecksumCRC32,
						ChecksumCRC32C:    out.ChecksumCRC32C,
						ChecksumCRC64NVME: out.ChecksumCRC64NVME,
						ChecksumSHA1:      out.ChecksumSHA1,
						ChecksumSHA256:    out.ChecksumSHA256,
					},
				)
			}
			listed, err := client.ListParts(ctx, &s3.ListPartsInput{Bucket: bucket, Key: key, UploadId: begun.UploadId})
			if err != nil || len(listed.Parts) != 2 {
				t.Fatalf("listing parts: %v, %v", listed, err)
			}
			_, err = client.CompleteMultipartUpload(
				ctx,
				&s3.CompleteMultipartUploadInput{
					Bucket:          bucket,
					Key:             key,
					UploadId:        begun.UploadId,
					MultipartUpload: &types.CompletedMultipartUpload{Parts: done},
				},
			)
			if err != nil {
				t.Fatal(err)
			}
			out, err := client.GetObject(
				ctx,
				&s3.GetObjectInput{Bucket: bucket, Key: key, ChecksumMode: types.ChecksumModeEnabled},
			)
			if got := awstest.Body(t, out, err); got != string(whole) {
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
			ranged, err := client.GetObject(
				ctx,
				&s3.GetObjectInput{Bucket: bucket, Key: key, Range: aws.String("bytes=5242870-5242889")},
			)
			if got := awstest.Body(t, ranged, err); got != string(whole[5242870:5242890]) {
				t.Error("a range over two parts is not what was put")
			}
			second, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, PartNumber: aws.Int32(2)})
			if got := awstest.Body(t, second, err); got != string(parts[1]) || aws.ToInt32(second.PartsCount) != 2 {
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
		out, err := client.UploadPart(
			ctx,
			&s3.UploadPartInput{
				Bucket:     bucket,
				Key:        key,
				UploadId:   begun.UploadId,
				PartNumber: aws.Int32(int32(i + 1)),
				Body:       strings.NewReader("tiny"),
			},
		)
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
		"no such upload": {aws.String("nope"), []types.CompletedPart{part(1, etags[0])}, "NoSuchUpload"},
		"too small": {
			begun.UploadId,
			[]types.CompletedPart{part(1, etags[0]), part(2, etags[1])},
			"EntityTooSmall",
		},
		"not in order": {
			begun.UploadId,
			[]types.CompletedPart{part(2, etags[1]), part(1, etags[0])},
			"InvalidPartOrder",
		},
		"no such part":    {begun.UploadId, []types.CompletedPart{part(3, etags[0])}, "InvalidPart"},
		"another's ETag":  {begun.UploadId, []types.CompletedPart{part(1, aws.String(`"0"`))}, "InvalidPart"},
		"no part at all":  {begun.UploadId, nil, "MalformedXML"},
		"one part, small": {begun.UploadId, []types.CompletedPart{part(2, etags[1])}, ""},
	} {
		if test.want == "" {
			continue
		}
		_, err := client.CompleteMultipartUpload(
			ctx,
			&s3.CompleteMultipartUploadInput{
				Bucket:          bucket,
				Key:             key,
				UploadId:        test.id,
				MultipartUpload: &types.CompletedMultipartUpload{Parts: test.parts},
			},
		)
		if got := awstest.Code(err); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
	uploads, err := client.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: bucket})
	if err != nil || len(uploads.Uploads) != 1 {
		t.Fatalf("uploads: %+v, %v", uploads, err)
	}
	if _, err := client.AbortMultipartUpload(
		ctx,
		&s3.AbortMultipartUploadInput{Bucket: bucket, Key: key, UploadId: begun.UploadId},
	); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ListParts(
		ctx,
		&s3.ListPartsInput{Bucket: bucket, Key: key, UploadId: begun.UploadId},
	); awstest.Code(
		err,
	) != "NoSuchUpload" {
		t.Errorf("parts of an aborted upload: %v", err)
	}
}
