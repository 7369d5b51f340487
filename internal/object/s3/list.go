package s3

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/windlass-io/windlass/internal/object"
)

// maxPage is the maximum number of objects that S3 returns in one page.
const maxPage = 1000

// List returns one page of the objects whose keys begin with prefix, in key
// order, at most limit of them and never more than 1,000.
func (b *Bucket) List(ctx context.Context, prefix, cursor string, limit int) (object.Page, error) {
	if err := b.permit(prefix); err != nil {
		return object.Page{}, err
	}
	input := &sdk.ListObjectsV2Input{
		Bucket:       aws.String(b.access.Bucket),
		Prefix:       aws.String(prefix),
		MaxKeys:      aws.Int32(int32(min(max(limit, 1), maxPage))),
		EncodingType: types.EncodingTypeUrl, // XML cannot carry every key
		RequestPayer: types.RequestPayer(b.payer()),
	}
	if cursor != "" {
		input.ContinuationToken = aws.String(cursor)
	}
	out, err := call(ctx, b, "ListObjectsV2", prefix,
		func(ctx context.Context, region func(*sdk.Options)) (*sdk.ListObjectsV2Output, error) {
			ctx, cancel := context.WithTimeout(ctx, b.config.Timeout)
			defer cancel()
			return b.client.ListObjectsV2(ctx, input, region)
		})
	if err != nil {
		return object.Page{}, err
	}
	if aws.ToString(out.Name) == "" { // every listing names its bucket; a response without a name comes from another service
		return object.Page{}, &object.Failure{
			Operation: "ListObjectsV2", Resource: b.address(prefix), Status: http.StatusOK, RequestID: requestID(out),
			Message: "the response isn't a bucket listing",
		}
	}
	return page(out)
}

func page(out *sdk.ListObjectsV2Output) (object.Page, error) {
	p := object.Page{RequestID: requestID(out), Objects: make([]object.Info, 0, len(out.Contents))}
	for _, o := range out.Contents {
		info := object.Info{
			Key:      aws.ToString(o.Key),
			Size:     aws.ToInt64(o.Size),
			ETag:     unquote(aws.ToString(o.ETag)),
			Modified: aws.ToTime(o.LastModified),
			Class:    class(string(o.StorageClass)),
		}
		if out.EncodingType == types.EncodingTypeUrl {
			key, err := url.QueryUnescape(info.Key)
			if err != nil {
				return object.Page{}, fmt.Errorf("reading a listing's key %q: %w", info.Key, err)
			}
			info.Key = key
		}
		p.Objects = append(p.Objects, info)
	}
	if aws.ToBool(out.IsTruncated) {
		p.Next = aws.ToString(out.NextContinuationToken)
	}
	return p, nil
}

func requestID(out *sdk.ListObjectsV2Output) string {
	id, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata) // empty if the service returns none
	return id
}

func class(c string) string {
	if c == "STANDARD" {
		return ""
	}
	return c
}
