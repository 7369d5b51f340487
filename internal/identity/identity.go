// Package identity is who Windlass itself is to AWS: where its credentials
// came from, which principal AWS takes it for, and what that principal may do
// as far as can be told. The best identity is a role of the machine that may
// do sts:AssumeRole and nothing else; what is worse is a [Warning].
package identity

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

// Config is what a [Service] needs. Every field without "optional" is required.
type Config struct {
	Checker Checker
	Roles   Roles
	// AWS has the service's own credentials and region.
	AWS aws.Config
	// Endpoint stands in for AWS, such as the sandbox's. Optional.
	Endpoint string
	// HTTPClient carries what is tried. Default: the SDK's. Optional.
	HTTPClient *http.Client
	Now        func() time.Time
}

// Checker decides and records; see package access.
type Checker interface {
	Check(ctx context.Context, actor access.Actor, action access.Action, resource access.Resource) error
}

// Roles asks AWS who the service is; *assume.Caller fulfils it.
type Roles interface {
	Identity(ctx context.Context) (assume.Identity, error)
}

// Report is who the service is, as it was found at a time.
type Report struct {
	ARN       string        // as AWS answers; empty when it did not
	Principal string        // what trust policies name
	Account   string        // twelve digits
	Partition string        // "aws", "aws-cn", …
	Region    string        // whose STS is asked for role sessions
	Source    Source        // where the credentials came from
	LongTerm  bool          // an access key without an end
	Root      bool          // the account's root user
	ExpiresAt time.Time     // of the credentials; zero for a long-term key
	Skew      time.Duration // AWS's clock minus ours, to the second
	RequestID string        // AWS's, of GetCallerIdentity
	Rights    []Right       // what it may do, as far as can be told
	Warnings  []Warning     // what should be better; the worst first
	FoundAt   time.Time
}

// fresh is how long a report is given again: it costs a few calls to AWS.
const fresh = time.Minute

// patience bounds all calls of one report.
const patience = 20 * time.Second

// Service tells who the service is. It may be used from many goroutines at
// once.
type Service struct {
	config Config
	s3     *s3.Client
	iam    *iam.Client

	mu   sync.Mutex
	last Report
}

// New makes the service. It sends nothing.
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

// attempts of a call, the first included.
const attempts = 2

// Show tells who the service is. The answer may be a minute old. That AWS
// does not answer is a warning in it, not an error.
func (s *Service) Show(ctx context.Context, actor access.Actor) (Report, error) {
	resource := access.Resource{Workspace: actor.Workspace, Kind: "identity"}
	if err := s.config.Checker.Check(ctx, actor, access.IdentityRead, resource); err != nil {
		return Report{}, err
	}
	s.mu.Lock() // one asks for all who wait
	defer s.mu.Unlock()
	if now := s.config.Now(); !s.last.FoundAt.IsZero() && now.Sub(s.last.FoundAt) < fresh {
		return s.last, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	s.last = s.find(ctx)
	return s.last, nil
}

// find asks AWS.
func (s *Service) find(ctx context.Context) Report {
	r := Report{Region: s.config.AWS.Region, FoundAt: s.config.Now().UTC().Truncate(time.Second), Rights: []Right{}, Warnings: []Warning{}}
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
	found, err := s.config.Roles.Identity(ctx)
	if err != nil {
		r.Warnings = append(r.Warnings, noAnswer(err))
		return r
	}
	r.ARN, r.Principal, r.Account, r.Partition = found.ARN, found.Principal, found.Account, found.Partition
	r.Root, r.Skew, r.RequestID = found.Root, found.Skew, found.RequestID
	if !r.Root { // a root user may do everything, and nothing of it needs to be tried
		r.Rights = append(s.try(ctx), s.simulate(ctx, &r)...)
	}
	r.Warnings = r.warnings()
	return r
}
