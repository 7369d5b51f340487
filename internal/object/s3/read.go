package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/windlass-io/windlass/internal/object"
)

var errIdle = errors.New("the object's bytes stopped coming")

// Read opens an object, or a part of it. The bytes are streamed. A read that
// stalls for longer than Config.Idle fails with a *object.Failure.
func (b *Bucket) Read(ctx context.Context, key string, options object.ReadOptions) (io.ReadCloser, object.Info, error) {
	if err := b.permit(key); err != nil {
		return nil, object.Info{}, err
	}
	input := &sdk.GetObjectInput{
		Bucket:       aws.String(b.access.Bucket),
		Key:          aws.String(key),
		RequestPayer: types.RequestPayer(b.payer()),
	}
	if options.IfMatch != "" {
		input.IfMatch = aws.String(`"` + options.IfMatch + `"`)
	}
	ranged := byteRange(options)
	if ranged != "" {
		input.Range = aws.String(ranged)
	}
	request, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(b.config.Timeout, func() { cancel(errIdle) })
	stop := func() { timer.Stop(); cancel(nil) }
	out, err := call(ctx, b, "GetObject", key, func(_ context.Context, region func(*sdk.Options)) (*sdk.GetObjectOutput,
		error,
	) {
		return b.client.GetObject(request, input, region)
	})
	if err != nil {
		stop()
		return nil, object.Info{}, err
	}
	info, err := b.describe(key, out, ranged != "")
	if err != nil {
		stop()
		return nil, object.Info{}, errors.Join(err, out.Body.Close())
	}
	timer.Stop()
	return &body{bucket: b, key: key, caller: ctx, request: request, inner: out.Body, timer: timer, stop: stop}, info,
		nil
}

// describe reads the response's headers.
func (b *Bucket) describe(key string, out *sdk.GetObjectOutput, ranged bool) (object.Info, error) {
	info := object.Info{
		Key:       key,
		Size:      aws.ToInt64(out.ContentLength),
		ETag:      unquote(aws.ToString(out.ETag)),
		VersionID: version(aws.ToString(out.VersionId)),
		Modified:  aws.ToTime(out.LastModified),
		Class:     class(string(out.StorageClass)),
	}
	if !ranged {
		return info, nil
	}
	_, total, found := strings.Cut(aws.ToString(out.ContentRange), "/")
	size, err := strconv.ParseInt(total, 10, 64)
	if !found || err != nil {
		return info, &object.Failure{
			Operation: "GetObject", Resource: b.address(key), Status: 200,
			Code: "RangeIgnored", Message: "the service returned the whole object for a range request",
		}
	}
	info.Size = size
	return info, nil
}

func byteRange(o object.ReadOptions) string {
	switch {
	case o.Length > 0:
		return fmt.Sprintf("bytes=%d-%d", o.Offset, o.Offset+o.Length-1)
	case o.Offset > 0:
		return fmt.Sprintf("bytes=%d-", o.Offset)
	}
	return ""
}

// version returns the version ID of an object. It is empty if versioning is
// off, in which case S3 sends "null" or nothing.
func version(id string) string {
	if id == "null" {
		return ""
	}
	return id
}

func unquote(etag string) string { return strings.Trim(etag, `"`) }

// body guards an object's bytes against standing still.
type body struct {
	bucket  *Bucket
	key     string
	caller  context.Context // only its cause is read
	request context.Context // ends with the caller's, at Close, and when the stream stalls
	inner   io.ReadCloser
	timer   *time.Timer
	stop    func()
	closed  atomic.Bool
}

// Read reads the next bytes. An error of the connection is a *object.Failure
// with no status.
func (r *body) Read(p []byte) (int, error) {
	r.timer.Reset(r.bucket.config.Idle)
	n, err := r.inner.Read(p)
	r.timer.Stop()                   // the caller may process the bytes slowly
	if err == nil || err == io.EOF { // a broken connection may have io.EOF for its cause
		return n, err
	}
	if cause := context.Cause(r.caller); cause != nil {
		return n, fmt.Errorf("reading %s: %w", r.bucket.address(r.key), cause)
	}
	if errors.Is(context.Cause(r.request), errIdle) {
		err = errIdle
	}
	return n, &object.Failure{
		Operation: "GetObject", Resource: r.bucket.address(r.key),
		Message: "the connection broke while the object was being read: " + root(err).Error(), Cause: err,
	}
}

// Close stops reading.
func (r *body) Close() error {
	if r.closed.Swap(true) {
		return nil
	}
	r.stop()
	return r.inner.Close()
}
