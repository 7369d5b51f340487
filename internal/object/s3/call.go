package s3

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/internal/object"
)

// call sends a request, and repeats it once if the refusal names another
// region.
func call[Out any](ctx context.Context, b *Bucket, operation, key string,
	ask func(context.Context, func(*sdk.Options)) (*Out, error),
) (*Out, error) {
	region := b.Region()
	out, err := ask(ctx, inRegion(region))
	if err == nil {
		return out, nil
	}
	failure, other := b.failure(ctx, operation, key, err)
	if other != nil {
		return nil, other
	}
	if !elsewhere(failure, region) {
		return nil, failure
	}
	b.region.Store(&failure.Region)
	if out, err = ask(ctx, inRegion(failure.Region)); err == nil {
		return out, nil
	}
	if failure, other = b.failure(ctx, operation, key, err); other != nil {
		return nil, other
	}
	return nil, failure
}

func inRegion(region string) func(*sdk.Options) {
	return func(o *sdk.Options) { o.Region = region }
}

// elsewhere reports whether a refusal says that the bucket is in another region:
// 301 PermanentRedirect, 400 AuthorizationHeaderMalformed, or a 403 that names
// it.
func elsewhere(f *object.Failure, asked string) bool {
	switch f.Status {
	case 301, 307, 400, 403:
		return f.Region != asked && regionName.MatchString(f.Region)
	}
	return false
}
