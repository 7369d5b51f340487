// Package assume calls AWS STS: AssumeRole for customers' roles, and
// GetCallerIdentity for the service's own principal. No other package calls
// AssumeRole.
//
// Every request has the integration's External ID, a session name and a
// duration. [Caller] caches sessions in memory until shortly before they
// expire, and returns the same session for equal requests. When AWS denies a
// request, its session leaves the cache. Only [Caller.Probe] calls AssumeRole
// without the External ID or with a wrong one, and it discards the session.
//
// When AWS returns an error, the error is an [*object.Failure]. If STS would
// reject the request as malformed, it isn't sent, and the error is a problem
// with code invalid.
package assume

import (
	"cmp"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
)

const (
	maxAttempts = 3                // of one call, including the first
	maxBackoff  = 2 * time.Second  // default of Config.MaxBackoff
	callTimeout = 15 * time.Second // default of Config.Timeout
)

// Config configures a [Caller].
type Config struct {
	// AWS has the service's own credentials and region. Region and Credentials
	// are required. Calls go to the STS endpoint of the region, never to the
	// global one.
	AWS aws.Config
	// Endpoint replaces the address of STS, such as with the sandbox's:
	// "http://127.0.0.1:9000". Default: AWS's endpoint for the region.
	Endpoint string
	// HTTPClient sends the requests. Default: the SDK's client.
	HTTPClient *http.Client
	// Principal overrides the ARN that trust policies name. Set it when the
	// service runs as a role with a path, because the ARN of a session doesn't
	// contain the path. Optional.
	Principal string
	// MaxBackoff is the longest wait between two attempts of a call; 0 means 2
	// seconds. Each wait is a random part of it.
	MaxBackoff time.Duration
	// Timeout limits one call, including all attempts; 0 means 15 seconds.
	Timeout time.Duration
	// APIOptions change the client, such as to count calls. Optional.
	APIOptions []func(*middleware.Stack) error
	// Now returns the current time, which decides when a session expires.
	// Required.
	Now func() time.Time
}

// Caller calls STS as the service. It is safe for concurrent use.
type Caller struct {
	sts         *sts.Client
	credentials aws.CredentialsProvider
	principal   string
	timeout     time.Duration
	now         func() time.Time
	cache       *cache
}

// New returns a Caller. It sends no request.
func New(config Config) *Caller {
	return &Caller{
		sts:         newSTS(config),
		credentials: config.AWS.Credentials,
		principal:   config.Principal,
		timeout:     cmp.Or(config.Timeout, callTimeout),
		now:         config.Now,
		cache:       newCache(),
	}
}

func newSTS(config Config) *sts.Client {
	return sts.NewFromConfig(config.AWS, func(o *sts.Options) {
		o.Retryer = retry.NewStandard(func(r *retry.StandardOptions) {
			r.MaxAttempts, r.MaxBackoff = maxAttempts, cmp.Or(config.MaxBackoff, maxBackoff)
			r.Retryables = append(r.Retryables, retry.IsErrorRetryableFunc(isTruncated))
		})
		o.APIOptions = append(o.APIOptions, config.APIOptions...)
		if config.Endpoint != "" {
			o.BaseEndpoint = aws.String(config.Endpoint)
		}
		if config.HTTPClient != nil {
			o.HTTPClient = config.HTTPClient
		} else {
			o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(callTimeout)
		}
	})
}
