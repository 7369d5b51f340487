package s3

import (
	"bytes"
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/windlass-io/windlass/internal/object"
)

// Put writes an object.
func (b *Bucket) Put(ctx context.Context, key string, content []byte) error {
	if err := b.permit(key); err != nil {
		return err
	}
	_, err := call(ctx, b, "PutObject", key, func(ctx context.Context, region func(*sdk.Options)) (*sdk.PutObjectOutput,
		error,
	) {
		ctx, cancel := context.WithTimeout(ctx, b.config.Timeout)
		defer cancel()
		return b.client.PutObject(ctx, &sdk.PutObjectInput{
			Bucket:       aws.String(b.access.Bucket),
			Key:          aws.String(key),
			Body:         bytes.NewReader(content),
			RequestPayer: types.RequestPayer(b.payer()),
		}, region)
	})
	return err
}

// Delete removes an object. A missing object isn't an error.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := b.permit(key); err != nil {
		return err
	}
	_, err := call(ctx, b, "DeleteObject", key, func(ctx context.Context,
		region func(*sdk.Options),
	) (*sdk.DeleteObjectOutput, error) {
		ctx, cancel := context.WithTimeout(ctx, b.config.Timeout)
		defer cancel()
		return b.client.DeleteObject(ctx, &sdk.DeleteObjectInput{
			Bucket:       aws.String(b.access.Bucket),
			Key:          aws.String(key),
			RequestPayer: types.RequestPayer(b.payer()),
		}, region)
	})
	var f *object.Failure
	if errors.As(err, &f) && f.Code == "NoSuchKey" {
		return nil
	}
	return err
}
