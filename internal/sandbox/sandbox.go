// Package sandbox is an embedded AWS stand-in: S3, IAM, STS, KMS, SQS and Organizations
// behind one HTTP endpoint. It verifies every call's signature and decides every call
// with package iam. Use it for tests and rehearsals: what it allows AWS would
// allow, and what it denies AWS would deny. docs/divergences.md lists the
// differences.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/sandbox/authz"
	"github.com/windlass-io/windlass/internal/sandbox/directory"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/sandbox/iamapi"
	"github.com/windlass-io/windlass/internal/sandbox/journal"
	"github.com/windlass-io/windlass/internal/sandbox/kmsapi"
	"github.com/windlass-io/windlass/internal/sandbox/notify"
	"github.com/windlass-io/windlass/internal/sandbox/orgapi"
	"github.com/windlass-io/windlass/internal/sandbox/query"
	"github.com/windlass-io/windlass/internal/sandbox/s3api"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/buckets"
	"github.com/windlass-io/windlass/internal/sandbox/sqsapi"
	"github.com/windlass-io/windlass/internal/sandbox/sqsstore"
	"github.com/windlass-io/windlass/internal/sandbox/stsapi"
	"github.com/windlass-io/windlass/internal/sandbox/webidentity"
	"github.com/windlass-io/windlass/internal/secret"
)

// The two accounts that a sandbox has by default.
const (
	ServiceAccountID  = "111111111111" // named "service": the service's own account
	CustomerAccountID = "222222222222" // named "customer": the owner of the buckets
)

// DefaultRegion is the default region of a sandbox.
const DefaultRegion = "us-east-1"

// Config configures a sandbox. The zero value is a sandbox in memory in
// us-east-1 with two accounts.
type Config struct {
	Dir string // the folder that keeps everything; empty: memory only, lost at Close
	// sync acknowledged changes to disk; without it they survive a crash of
	// the process, but not a power cut
	Sync   bool
	Region string           // default us-east-1
	Logger *slog.Logger     // logs each call; default: discarded
	Now    func() time.Time // default: the system's clock
	// fetches the keys of OpenID Connect providers; default: a client with a
	// timeout of 5 seconds
	Client   *http.Client
	Accounts []AccountSpec  // default: the service's and a customer's
	Random   func() float64 // returns numbers in [0, 1) for faults with a probability; default: the system's

	// Buckets are the defaults of new buckets. The zero value is AWS's current
	// defaults. Before April 2023 they were {Ownership: "ObjectWriter",
	// PublicAccess: true}.
	Buckets s3api.BucketDefaults
}

// AccountSpec describes an account. The sandbox generates empty fields. With
// Config.Dir an existing account keeps its root key.
type AccountSpec struct {
	ID                  string // 12 digits; required
	Name                string // such as "service"; required
	RootAccessKeyID     string
	RootSecretAccessKey secret.String
	CanonicalID         string // the account's canonical user ID in S3
}

// Account is one AWS account of the sandbox, with its root access key.
type Account struct {
	ID                  string // 12 digits
	Name                string // "service", "customer"
	RootAccessKeyID     string
	RootSecretAccessKey secret.String
}

// Sandbox is one AWS. It is an [http.Handler] and safe for concurrent use. One
// process can have several.
type Sandbox struct {
	config     Config
	journal    *journal.Journal // nil in memory
	mu         sync.Mutex
	accounts   []Account // guarded by mu
	directory  *directory.Directory
	faults     *fault.Set
	authorizer *authz.Authorizer
	services   map[string]query.Service // by their names in signatures, without S3
	queues     *sqsstore.Store
	s3         *s3api.API
	tool       http.Handler // endpoints that aren't part of AWS
}

// Open creates a sandbox, or opens the existing one in config.Dir. The caller
// closes it.
func Open(_ context.Context, config Config) (*Sandbox, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Sandbox{
		config: config,
		faults: fault.NewSet(fault.Config{Now: config.Now, Random: config.Random, Logger: config.Logger}),
	}
	store, err := s.load()
	if err != nil {
		return nil, err
	}
	if s.authorizer, err = authz.New(
		authz.Config{Directory: s.directory, Logger: config.Logger, Now: config.Now},
	); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.tool = s.toolRoutes()
	shared := query.Config{Directory: s.directory, Authorizer: s.authorizer, Now: config.Now}
	queues := sqsapi.New(sqsapi.Config{Config: shared, Store: s.queues})
	s.services = map[string]query.Service{
		"iam": iamapi.New(shared),
		"sts": stsapi.New(
			stsapi.Config{Config: shared, Keys: &webidentity.Remote{Client: config.Client, Now: config.Now}},
		),
		"kms":           kmsapi.New(shared),
		"sqs":           queues.JSON(),
		sqsForm:         queues.Query(),
		"organizations": orgapi.New(shared),
	}
	notifier := notify.New(notify.Config{
		Directory: s.directory, Authorizer: s.authorizer, Queues: s.queues, Faults: s.faults, Now: config.Now,
	})
	store.Watch(notifier)
	s.s3 = s3api.New(
		s3api.Config{
			Store:      store,
			Directory:  s.directory,
			Authorizer: s.authorizer,
			Now:        config.Now,
			Region:     config.Region,
			Buckets:    config.Buckets,
			Notifier:   notifier,
		},
	)
	if s.accounts, err = openAccounts(s.directory, config.Accounts, config.Now().UTC()); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (c Config) withDefaults() (Config, error) {
	if c.Region == "" {
		c.Region = DefaultRegion
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now //nolint:forbidigo // the default of the field through which every clock comes in
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 5 * time.Second}
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	if len(c.Accounts) == 0 {
		c.Accounts = []AccountSpec{{ID: ServiceAccountID, Name: "service"}, {ID: CustomerAccountID, Name: "customer"}}
	}
	if !buckets.IsRegion(c.Region) {
		return c, problem.New(problem.Invalid, "invalid region %q", c.Region).
			WithHint("Use a name such as us-east-1 or eu-central-1.")
	}
	for _, spec := range c.Accounts {
		if len(spec.ID) != 12 || spec.Name == "" {
			return c, fmt.Errorf("account %q (%q): specify an ID of 12 digits and a name", spec.ID, spec.Name)
		}
	}
	return c, nil
}

// Close closes the sandbox. With a folder, all acknowledged changes are kept.
func (s *Sandbox) Close() error {
	if s.journal == nil {
		return nil
	}
	return s.journal.Close()
}

// Accounts returns the configured accounts in order, then added ones.
func (s *Sandbox) Accounts() []Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.accounts)
}

// Region returns the sandbox's region: that of its STS, and of buckets created
// without a location constraint.
func (s *Sandbox) Region() string { return s.config.Region }

// Faults returns the set of active faults, to which faults can be added.
func (s *Sandbox) Faults() *fault.Set { return s.faults }
