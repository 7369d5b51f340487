// Package assume is the one place that calls AWS's AssumeRole, and the one
// that asks AWS who the service itself is.
//
// Every session is asked for with the integration's External ID, a session
// name and a duration. Sessions are kept in memory until shortly before they
// end and shared by those who ask for the same thing; a refusal drops what
// was kept. The two calls that break the rule on purpose, [Caller.Probe]
// without an External ID and with a wrong one, never give their session to
// anyone.
//
// An answer of AWS that is not success comes back as an [*object.Failure]; a
// request that AWS would not understand comes back as a problem of code
// invalid, before anything is sent.
package assume

import (
	"cmp"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	maxAttempts = 3                // of one call, the first included
	maxBackoff  = 2 * time.Second  // between two attempts when nothing else is set
	callTimeout = 15 * time.Second // of one call, all its attempts together
)

// Config is what a [Caller] needs.
type Config struct {
	// AWS has the service's own credentials and region. Required: Region and
	// Credentials. The region's own STS endpoint is called, never the global
	// one.
	AWS aws.Config
	// Endpoint is the address of STS when it is not AWS's own, such as the
	// sandbox's: "http://127.0.0.1:9000". Default: AWS's for the region.
	Endpoint string
	// HTTPClient carries the calls. Default: the SDK's, with connections
	// bounded in number and a timeout for each step.
	HTTPClient *http.Client
	// Principal is what trust policies name, when it is not what AWS answers:
	// a role with a path, whose sessions do not tell the path. Optional.
	Principal string
	// MaxBackoff is the longest wait between two attempts of a call, of which
	// each wait is a random part; 0 means 2 seconds.
	MaxBackoff time.Duration
	// Timeout bounds one call, all its attempts together; 0 means 15 seconds.
	Timeout time.Duration
	// Now is the clock that decides when a session is near its end. Required.
	Now func() time.Time
}

// Caller calls STS as the service. It may be used at once from many
// goroutines.
type Caller struct {
	sts         *sts.Client
	credentials aws.CredentialsProvider
	principal   string
	timeout     time.Duration
	now         func() time.Time
	cache       *cache
}

// New makes a Caller. It sends nothing.
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
			r.Retryables = append(r.Retryables, retry.IsErrorRetryableFunc(cut))
		})
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
