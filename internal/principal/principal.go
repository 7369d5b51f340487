// Package principal describes the AWS principal that Windlass acts as: the
// source of its credentials, its ARN, and what it may do. The best principal
// is a role of the machine that may call sts:AssumeRole and nothing else.
// Anything else results in a [Warning].
package principal

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
)

// Config configures a [Service]. All fields are required unless they say
// optional.
type Config struct {
	Checker access.Checker
	Roles   Roles
	// AWS has the service's own credentials and region.
	AWS aws.Config
	// Endpoint replaces the address of AWS, such as with the sandbox's. Optional.
	Endpoint string
	// HTTPClient sends the requests. Optional; default: the SDK's client.
	HTTPClient *http.Client
	Now        func() time.Time
}

// Roles returns the service's principal. *[assume.Caller] implements it.
type Roles interface {
	Principal(ctx context.Context) (assume.Principal, error)
}

// Report describes the service's principal.
type Report struct {
	ARN       string        // the ARN for trust policies; empty if GetCallerIdentity failed
	CallerARN string        // as GetCallerIdentity returned it
	Account   string        // twelve digits
	Partition string        // "aws", "aws-cn", …
	Region    string        // of the STS endpoint that is used
	Source    Source        // of the credentials
	LongTerm  bool          // the credentials are an access key that doesn't expire
	Root      bool          // the root user of the account
	ExpiresAt time.Time     // of the credentials; zero for a long-term key
	Skew      time.Duration // AWS's clock minus ours, to the second
	RequestID string        // of GetCallerIdentity
	Rights    []Right       // what the principal may do, as far as known
	Warnings  []Warning     // most severe first
	FoundAt   time.Time
}

// reuse is how long a report is cached. A new one needs several calls to AWS.
const reuse = time.Minute

// timeout limits all calls of one report together.
const timeout = 20 * time.Second

// Service reports the service's principal. It is safe for concurrent use.
type Service struct {
	config Config
	s3     *s3.Client
	iam    *iam.Client

	mu   sync.Mutex
	last Report
}

// New returns a service. It sends no request.
func New(config Config) *Service {
	endpoint := func(to **string) {
		if config.Endpoint != "" {
			*to = aws.String(config.Endpoint)
		}
	}
	return &Service{
		config: config,
		s3: s3.NewFromConfig(config.AWS, func(o *s3.Options) {
			endpoint(&o.BaseEndpoint)
			o.UsePathStyle, o.RetryMaxAttempts = true, attempts
			if config.HTTPClient != nil {
				o.HTTPClient = config.HTTPClient
			}
		}),
		iam: iam.NewFromConfig(config.AWS, func(o *iam.Options) {
			endpoint(&o.BaseEndpoint)
			o.RetryMaxAttempts = attempts
			if config.HTTPClient != nil {
				o.HTTPClient = config.HTTPClient
			}
		}),
	}
}

// attempts is the number of attempts of a call, including the first.
const attempts = 2

// Show returns a report, which may be up to a minute old. When AWS can't be
// reached, the report has a warning; that isn't an error.
func (s *Service) Show(ctx context.Context, actor access.Actor) (Report, error) {
	resource := access.Resource{Workspace: actor.Workspace, Kind: "identity"}
	if err := s.config.Checker.Check(ctx, actor, access.IdentityRead, resource); err != nil {
		return Report{}, err
	}
	s.mu.Lock() // concurrent callers wait for one report
	defer s.mu.Unlock()
	if now := s.config.Now(); !s.last.FoundAt.IsZero() && now.Sub(s.last.FoundAt) < reuse {
		return s.last, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	s.last = s.report(ctx)
	return s.last, nil
}

func (s *Service) report(ctx context.Context) Report {
	r := Report{
		Region: s.config.AWS.Region, FoundAt: s.config.Now().UTC().Truncate(time.Second),
		Rights: []Right{}, Warnings: []Warning{},
	}
	credentials, err := s.config.AWS.Credentials.Retrieve(ctx)
	if err != nil {
		r.Source = Source{Kind: None, Detail: kinds[None]}
		r.Warnings = append(r.Warnings, noCredentials(err))
		return r
	}
	r.Source = sourceOf(credentials.Source)
	r.LongTerm = credentials.SessionToken == ""
	if credentials.CanExpire {
		r.ExpiresAt = credentials.Expires.UTC()
	}
	own, err := s.config.Roles.Principal(ctx)
	if err != nil {
		r.Warnings = append(r.Warnings, noResponse(err))
		return r
	}
	r.ARN, r.CallerARN, r.Account, r.Partition = own.ARN, own.CallerARN, own.Account, own.Partition
	r.Root, r.Skew, r.RequestID = own.Root, own.Skew, own.RequestID
	if !r.Root { // the root user may do everything
		r.Rights = append(s.try(ctx), s.simulate(ctx, &r)...)
	}
	r.Warnings = r.warnings()
	return r
}
