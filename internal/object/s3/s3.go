// Package s3 reads and writes the objects of one S3 bucket through the AWS
// SDK. It is an [object.Bucket].
//
// Keys outside the declared locations are refused without a request. The
// bucket's region is learned from the x-amz-bucket-region header of a refusal,
// which S3 also sends to callers without access, and never from
// GetBucketLocation or HeadBucket, which the generated policy doesn't allow.
package s3

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// firstRegion is tried first if a bucket's region isn't configured.
const firstRegion = "us-east-1"

var regionName = regexp.MustCompile(`^[a-z]{2}[a-z0-9-]{1,30}$`)

// Config has the settings that all buckets share.
type Config struct {
	// Transport carries every request; nil means http.DefaultTransport. Use
	// one of package dial, or [NewTransport] for the operator's own address.
	Transport http.RoundTripper
	// Attempts is the number of attempts before a failure is returned;
	// 0 means 6. Only temporary failures are retried.
	Attempts int
	// MaxBackoff limits the wait between attempts. Each wait is a random part
	// of the current limit; 0 means 20 seconds.
	MaxBackoff time.Duration
	// Timeout limits a list, put or delete, including all attempts; 0 means
	// 2 minutes.
	Timeout time.Duration
	// Idle limits the wait for the next bytes of an object being read; 0
	// means 1 minute.
	Idle time.Duration
	// APIOptions modifies the client, for example to count calls.
	APIOptions []func(*middleware.Stack) error
}

func (c Config) withDefaults() Config {
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	if c.Attempts == 0 {
		c.Attempts = 6
	}
	if c.MaxBackoff == 0 {
		c.MaxBackoff = 20 * time.Second
	}
	if c.Timeout == 0 {
		c.Timeout = 2 * time.Minute
	}
	if c.Idle == 0 {
		c.Idle = time.Minute
	}
	return c
}

// Bucket is one bucket, accessed with one set of credentials. It is safe for
// concurrent use.
type Bucket struct {
	access object.Access
	config Config
	client *sdk.Client
	region atomic.Pointer[string] // the one for the next request
}

// Open returns a bucket. It sends no request.
func Open(access object.Access, config Config) *Bucket {
	config = config.withDefaults()
	b := &Bucket{access: access, config: config}
	region := access.Region
	if region == "" {
		region = firstRegion
	}
	b.region.Store(&region)
	b.client = sdk.New(b.options(region))
	return b
}

func (b *Bucket) options(region string) sdk.Options {
	options := sdk.Options{
		Region:      region,
		AppID:       "windlass",
		Credentials: credentials(b.access.Keys),
		HTTPClient: &http.Client{
			Transport: b.config.Transport,
			// Handle redirects as responses, because the signature isn't
			// valid for another host.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		Retryer: b.config.retryer(),
		// TLS already protects the data, and not every S3-compatible
		// service supports the newer checksums.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	}
	options.APIOptions = append(append(options.APIOptions, reportThrottles), b.config.APIOptions...)
	if b.access.Answered != nil {
		options.APIOptions = append(options.APIOptions, noteRequestIDs(b.access.Answered))
	}
	if b.access.Endpoint != "" {
		options.BaseEndpoint = aws.String(b.access.Endpoint)
		options.UsePathStyle = true
	}
	return options
}

// noteRequestIDs passes the request ID of each success to note; a failure has its own.
func noteRequestIDs(note func(string)) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("NoteRequestID",
			func(ctx context.Context, in middleware.InitializeInput,
				next middleware.InitializeHandler,
			) (middleware.InitializeOutput, middleware.Metadata, error) {
				out, metadata, err := next.HandleInitialize(ctx, in)
				if id, ok := awsmiddleware.GetRequestIDMetadata(metadata); ok && err == nil {
					note(id)
				}
				return out, metadata, err
			}), middleware.Before)
	}
}

// Region returns the bucket's region as far as it is known: the declared one,
// or the one that a response named.
func (b *Bucket) Region() string { return *b.region.Load() }

func credentials(keys func(context.Context) (object.Keys, error)) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		k, err := keys(ctx)
		if err != nil {
			return aws.Credentials{}, &keysError{err}
		}
		return aws.Credentials{
			AccessKeyID:     k.AccessKeyID,
			SecretAccessKey: k.SecretAccessKey.Reveal(),
			SessionToken:    k.SessionToken.Reveal(),
			CanExpire:       !k.Expires.IsZero(),
			Expires:         k.Expires,
		}, nil
	})
}

// permit returns an error if a key, or a list's prefix, isn't in a declared
// location.
func (b *Bucket) permit(key string) error {
	for _, segment := range strings.Split(key, "/") {
		if segment == "." || segment == ".." {
			// S3 treats these literally; a service or proxy that resolves them
			// could leave the location.
			return b.outside(key, "it has a segment %q, which another server may resolve", segment)
		}
	}
	if b.access.Locations == nil {
		return nil
	}
	for _, l := range b.access.Locations {
		if l.Contains(b.access.Bucket, key) {
			return nil
		}
	}
	return b.outside(key, "it is outside the declared locations")
}

func (b *Bucket) outside(key, reason string, args ...any) error {
	args = append([]any{b.address(key)}, args...)
	return problem.New(problem.Forbidden, "%s wasn't requested: "+reason+".", args...).
		WithHint("Declare a location that contains it, or choose another key.")
}

func (b *Bucket) address(key string) string { return "s3://" + b.access.Bucket + "/" + key }

func (b *Bucket) payer() string {
	if b.access.RequesterPays {
		return "requester"
	}
	return ""
}
