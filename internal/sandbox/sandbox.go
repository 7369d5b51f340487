// Package sandbox is the embedded AWS stand-in: S3, IAM, STS and KMS behind one
// HTTP endpoint. It verifies every call's signature and decides every call with
// package iam. Use it for rehearsals and tests: what it allows AWS would allow,
// what it denies AWS would deny. The differences are listed in
// docs/divergences.md.
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
	"github.com/windlass-io/windlass/internal/sandbox/query"
	"github.com/windlass-io/windlass/internal/sandbox/s3api"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/buckets"
	"github.com/windlass-io/windlass/internal/sandbox/stsapi"
	"github.com/windlass-io/windlass/internal/sandbox/webidentity"
	"github.com/windlass-io/windlass/internal/secret"
)

// The two accounts that a sandbox has when none are asked for.
const (
	ServiceAccountID  = "111111111111" // named "service": the account of the service itself
	CustomerAccountID = "222222222222" // named "customer": the owner of the buckets
)

// DefaultRegion is the region of a sandbox that is given none.
const DefaultRegion = "us-east-1"

// Config configures a sandbox. The zero value is a sandbox in memory in
// us-east-1 with two accounts.
type Config struct {
	Dir      string           // folder that keeps everything; empty: memory only, gone at Close
	Sync     bool             // what is acknowledged is on disk; without, it outlives the process, however that ends, but not a power cut
	Region   string           // default us-east-1
	Logger   *slog.Logger     // one line for each call; default: discarded
	Now      func() time.Time // default: the system's clock
	Client   *http.Client     // fetches the keys of OpenID Connect providers; default: patience of 5 seconds
	Accounts []AccountSpec    // default: the service's and a customer's
	Random   func() float64   // from 0 up to 1, for faults with a probability; default: the system's

	// Buckets are the defaults of new buckets. The zero value is as AWS creates
	// them today. Buckets from before April 2023 are {Ownership: "ObjectWriter",
	// PublicAccess: true}.
	Buckets s3api.BucketDefaults
}

// AccountSpec describes an account. The sandbox generates the empty fields. With
// Config.Dir they are kept: an existing account keeps its root key.
type AccountSpec struct {
	ID                  string // 12 digits; required
	Name                string // such as "service"; required
	RootAccessKeyID     string
	RootSecretAccessKey secret.String
	CanonicalID         string // by which S3 names the account as an owner
}

// Account is one AWS account of the sandbox, with the access key of its root.
type Account struct {
	ID                  string // 12 digits
	Name                string // "service", "customer"
	RootAccessKeyID     string
	RootSecretAccessKey secret.String
}

// Sandbox is one AWS. It is an [http.Handler], safe for concurrent use; many
// may live in one process.
type Sandbox struct {
	config     Config
	journal    *journal.Journal // nil in memory
	mu         sync.Mutex
	accounts   []Account // guarded by mu
	directory  *directory.Directory
	faults     *fault.Set
	authorizer *authz.Authorizer
	services   map[string]query.Service // IAM, STS and KMS by the names that signatures have for them
	s3         *s3api.API
	tool       http.Handler // what is no part of AWS
}

// Open makes a sandbox, or opens the one that is kept in config.Dir. The
// caller closes it.
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
	s.services = map[string]query.Service{
		"iam": iamapi.New(shared),
		"sts": stsapi.New(
			stsapi.Config{Config: shared, Keys: &webidentity.Remote{Client: config.Client, Now: config.Now}},
		),
		"kms": kmsapi.New(shared),
	}
	s.s3 = s3api.New(
		s3api.Config{
			Store:      store,
			Directory:  s.directory,
			Authorizer: s.authorizer,
			Now:        config.Now,
			Region:     config.Region,
			Buckets:    config.Buckets,
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
		return c, problem.New(problem.Invalid, "there is no region %q", c.Region).
			WithHint("Name one such as us-east-1 or eu-central-1.")
	}
	for _, spec := range c.Accounts {
		if len(spec.ID) != 12 || spec.Name == "" {
			return c, fmt.Errorf("account %q (%q): an ID of 12 digits and a name are needed", spec.ID, spec.Name)
		}
	}
	return c, nil
}

// Close closes the sandbox. With a folder, everything that was acknowledged is
// kept.
func (s *Sandbox) Close() error {
	if s.journal == nil {
		return nil
	}
	return s.journal.Close()
}

// Accounts returns the accounts in the order in which they were asked for, then
// those that were added.
func (s *Sandbox) Accounts() []Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.accounts)
}

// Region is the sandbox's region: that of its STS, and of a bucket that is
// made without a location constraint.
func (s *Sandbox) Region() string { return s.config.Region }

// Faults returns the faults in force, to add to them and to take from them.
func (s *Sandbox) Faults() *fault.Set { return s.faults }
