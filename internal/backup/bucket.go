package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/windlass-io/windlass/internal/problem"
)

// The memory limits of one transfer.
const (
	partBytes   = 8 << 20
	bufferBytes = 16 << 20
	partsAtOnce = 2
)

// HTTP statuses of S3's answers.
const (
	statusForbidden    = 403
	statusNotFound     = 404
	statusConflict     = 409
	statusPrecondition = 412
)

// Bucket is a place in a bucket of S3, under a prefix.
type Bucket struct {
	bucket, prefix string
	client         *s3.Client
	transfers      *transfermanager.Client
}

// bucketForm is s3://BUCKET or s3://BUCKET/PREFIX.
var bucketForm = regexp.MustCompile(`^s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?$`)

// NewBucket returns a place at an address like s3://acme-backups/windlass. An empty
// endpoint means AWS.
func NewBucket(address string, identity aws.Config, endpoint string) (*Bucket, error) {
	parts := bucketForm.FindStringSubmatch(address)
	if parts == nil {
		return nil, problem.New(problem.Invalid, "%q isn't the address of a bucket.", address).
			WithHint("Give s3://BUCKET/PREFIX.")
	}
	b := &Bucket{bucket: parts[1], prefix: strings.Trim(parts[2], "/")}
	if b.prefix != "" {
		b.prefix += "/"
	}
	b.client = s3.NewFromConfig(identity, func(o *s3.Options) {
		o.AppID = "windlass"
		if endpoint != "" {
			o.BaseEndpoint, o.UsePathStyle = aws.String(endpoint), true
		}
	})
	b.transfers = transfermanager.New(b.client, func(o *transfermanager.Options) {
		o.PartSizeBytes, o.Concurrency = partBytes, partsAtOnce
		o.GetObjectType, o.GetObjectBufferSize = types.GetObjectRanges, bufferBytes
	})
	return b, nil
}

func (b *Bucket) key(name string) *string { return aws.String(b.prefix + name) }

// Put implements [Place].
func (b *Bucket) Put(ctx context.Context, name, path string, _ bool) error {
	file, err := os.Open(path) //nolint:gosec // a file of the state
	if err != nil {
		return err
	}
	_, err = b.transfers.UploadObject(ctx, &transfermanager.UploadObjectInput{
		Bucket: &b.bucket, Key: b.key(name), Body: file,
	})
	return errors.Join(b.explain("PutObject", name, err), file.Close())
}

// Write implements [Place].
func (b *Bucket) Write(ctx context.Context, name string, body []byte) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.bucket, Key: b.key(name), Body: bytes.NewReader(body),
	})
	return b.explain("PutObject", name, err)
}

// Create implements [Place].
func (b *Bucket) Create(ctx context.Context, name string, body []byte) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.bucket, Key: b.key(name), Body: bytes.NewReader(body), IfNoneMatch: aws.String("*"),
	})
	switch statusOf(err) {
	case statusPrecondition, statusConflict: // there, or just being written
		return fs.ErrExist
	}
	return b.explain("PutObject", name, err)
}

// Read implements [Place].
func (b *Bucket) Read(ctx context.Context, name string) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancel(ctx)
	got, err := b.transfers.GetObject(ctx, &transfermanager.GetObjectInput{Bucket: &b.bucket, Key: b.key(name)})
	if err != nil {
		cancel()
		return nil, b.explain("GetObject", name, err)
	}
	return &reading{got.Body, cancel}, nil
}

// reading is an object that is being read.
type reading struct {
	io.Reader
	cancel context.CancelFunc
}

func (r *reading) Close() error {
	r.cancel()
	return nil
}

// List implements [Place].
func (b *Bucket) List(ctx context.Context, folder string) ([]Entry, error) {
	var found []Entry
	pages := s3.NewListObjectsV2Paginator(
		b.client,
		&s3.ListObjectsV2Input{Bucket: &b.bucket, Prefix: b.key(folder + "/")},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, b.explain("ListObjectsV2", folder, err)
		}
		for i := range page.Contents {
			o := &page.Contents[i]
			name := strings.TrimPrefix(aws.ToString(o.Key), b.prefix)
			found = append(found, Entry{name, aws.ToInt64(o.Size), aws.ToTime(o.LastModified)})
		}
	}
	return found, nil
}

// Remove implements [Place].
func (b *Bucket) Remove(ctx context.Context, name string) error {
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.bucket, Key: b.key(name)})
	return b.explain("DeleteObject", name, err)
}

// Flush implements [Place]: S3 responds once an object is durable.
func (b *Bucket) Flush(context.Context) error { return nil }

// statusOf returns the HTTP status of a refusal; 0 for another error.
func statusOf(err error) int {
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}

// explain returns an error that names the refused operation.
func (b *Bucket) explain(operation, name string, err error) error {
	if err == nil {
		return nil
	}
	what := "s3://" + b.bucket + "/" + b.prefix + name
	var api smithy.APIError
	switch {
	case operation == "GetObject" && statusOf(err) == statusNotFound:
		return fmt.Errorf("reading %s: %w", what, fs.ErrNotExist)
	case statusOf(err) == statusForbidden:
		return problem.Wrap(err, problem.Unavailable, "S3 refused %s of %s.", operation, what).
			WithHint("The backup needs s3:ListBucket of the bucket, and s3:GetObject, s3:PutObject, s3:DeleteObject and "+
				"s3:AbortMultipartUpload of %s*.", "s3://"+b.bucket+"/"+b.prefix)
	case errors.As(err, &api):
		return problem.Wrap(err, problem.Unavailable, "%s of %s failed: %s (%s).", operation, what, api.ErrorMessage(),
			api.ErrorCode())
	default:
		return problem.Wrap(err, problem.Unavailable, "%s of %s failed: %v", operation, what, err)
	}
}
