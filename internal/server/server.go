// Package server assembles the service and runs it. It is the only package
// that imports all parts.
//
//	Open       state, rows, services, handlers
//	Bootstrap  the first workspace, its owner and a token, at the first start
//	Serve      until the context ends
//	Close      in the reverse order of Open
package server

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/crypto/acme/autocert"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/arrival"
	"github.com/windlass-io/windlass/internal/arrival/sqs"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/attempt"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/clientaddr"
	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/console"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/dataset/alter"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/doctor/webhook"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/postgres"
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/engine/sql"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/idempotency"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/limit"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/login"
	"github.com/windlass-io/windlass/internal/node"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/s3"
	"github.com/windlass-io/windlass/internal/pipeline"
	"github.com/windlass-io/windlass/internal/principal"
	"github.com/windlass-io/windlass/internal/private"
	"github.com/windlass-io/windlass/internal/query"
	"github.com/windlass-io/windlass/internal/reach"
	"github.com/windlass-io/windlass/internal/rehearsal"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/spool"
	"github.com/windlass-io/windlass/internal/statekey"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/telemetry"
	"github.com/windlass-io/windlass/internal/telemetry/metrics"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/usage"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/jwks"
	"github.com/windlass-io/windlass/internal/vending/provider"
	"github.com/windlass-io/windlass/internal/vending/rolepolicy"
	"github.com/windlass-io/windlass/internal/view"
	"github.com/windlass-io/windlass/internal/workspace"
)

// Config configures a server. Every field without "optional" is
// required.
type Config struct {
	Settings config.Config
	Version  string
	// AWS is the service's own identity; its region is Settings.AWSRegion.
	AWS    aws.CredentialsProvider
	Logger *slog.Logger
	Now    func() time.Time
	// Sandbox is the stand-in for AWS at Settings.AWSEndpoint, if it runs in this
	// process. The console shows it. Optional.
	Sandbox rehearsal.Sandbox
	// Admin is the listener for metrics, pprof and health. Serve closes it.
	// Optional.
	Admin net.Listener
	// SQL starts the process of a SQL query: a program and its arguments. Optional:
	// this program with the command sql-worker.
	SQL []string
	// Redirect is the listener that redirects plain HTTP and answers ACME
	// challenges. Serve closes it. Optional.
	Redirect net.Listener
	// MetricsAllowed reports whether a request may read /metrics on the
	// public listener. Optional: by default a request with a token whose
	// scopes and maker allow it.
	MetricsAllowed func(*http.Request) bool
}

// Server is the assembled service.
type Server struct {
	config  Config
	store   *store.Store
	node    *node.Member
	nodes   *node.Service
	key     *keyCheck
	rows    rowEngine
	files   *segment.Engine  // rows, if they are in files
	tables  *postgres.Engine // rows, if they are in a database
	metrics *metrics.Metrics
	audits  *timedAudit
	failing failing
	checker *access.RecordingChecker

	proxies clientaddr.Proxies
	limiter *limit.Limiter
	spool   *spool.Pool
	tls     *tls.Config       // nil: the service uses plain HTTP
	acme    *autocert.Manager // nil: no ACME
	cert    *certificate      // nil: no certificate in files
	hits    seldom

	workspaces    *workspace.Service
	tokens        *token.Service
	audit         *audit.Service
	log           *security.Log
	security      *security.Service
	attempts      *attempt.Counter
	recorder      *audit.Recorder
	reads         *audit.Reads // nil: reads are recorded one by one
	login         *login.Service
	credentials   *credential.Service
	identity      *principal.Service
	integrations  *integration.Service
	providers     *provider.Service
	grants        *grant.Service
	vending       *vending.Service
	doctor        *doctor.Service
	roles         *assume.Caller
	reach         *reach.Service
	sources       *source.Service
	datasets      *dataset.Service
	delivery      *delivery.Service
	cursors       *statekey.Box
	idempotency   *idempotency.Service
	query         *query.Service
	sql           *sql.Engine // nil: rows are in a database
	views         *view.Service
	usage         *usage.Counter
	found         *dataset.Cache // of datasets and views
	loads         *load.Service
	workers       *load.Workers
	feeds         *feed.Service
	pipelines     *pipeline.Service
	schedules     *schedule.Service
	events        *arrival.Service
	notifications *notification.Service
	schemas       *alter.Service
	timers        timers

	api     *api.API
	console *console.Console

	firstTokenTimer *time.Timer // deletes the file with the first token
}

// Open builds the service from its settings. Whoever opens it closes it.
func Open(ctx context.Context, cfg Config) (*Server, error) {
	s := &Server{config: cfg}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close()) //nolint:contextcheck // closing is not cancelled
	}
	return s, nil
}

func (s *Server) open(ctx context.Context) error {
	for _, step := range []func(context.Context) error{s.openState, s.openLimits, s.openServices, s.openDoors} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	s.register()
	return nil
}

// openState opens the state, the rows and the master key.
func (s *Server) openState(ctx context.Context) (err error) {
	settings := &s.config.Settings
	if err := private.Folder(settings.Dir); err != nil {
		return err
	}
	s.metrics = metrics.New(s.config.Version)
	s.store, err = store.Open(ctx, store.Config{
		DSN: settings.Database, Migrated: s.migrated, Refuse: settings.KeepsSchema(),
		Wrote: func(took time.Duration) { s.metrics.Transaction("state", took) },
	})
	if err != nil {
		return err
	}
	if err = s.join(ctx); err != nil {
		return err
	}
	if err = s.openRows(ctx); err != nil {
		return err
	}
	return private.Files(settings.Dir)
}

// migrated logs a migration.
func (s *Server) migrated(applied store.Migration, took time.Duration) {
	s.config.Logger.Info(telemetry.MigrationApplied, "id", applied.ID, "name", applied.Name, "took", took)
}

// openServices builds the domain, from the ground up.
func (s *Server) openServices(ctx context.Context) error {
	settings, now := &s.config.Settings, s.config.Now
	if err := s.requireKey(ctx); err != nil {
		return err
	}
	sealer, err := openSealer(&s.config)
	if err != nil {
		return err
	}
	s.key = &keyCheck{store: s.store, sealer: sealer, now: now}
	if err := s.key.verify(ctx); err != nil {
		return err
	}
	s.cursors = statekey.New(statekey.Config{Name: "cursor", Store: s.store, Sealer: sealer, Now: now})
	s.idempotency = idempotency.New(idempotency.Config{
		Store: s.store, Now: now,
		Box: statekey.New(statekey.Config{Name: "idempotency", Store: s.store, Sealer: sealer, Now: now}),
	})
	guard, endpoints := s.newGuard(), settings.DialPolicy()
	buckets := s.newBucketTransports(guard)
	s.roles = assume.New(assume.Config{
		AWS: aws.Config{Region: settings.AWSRegion, Credentials: s.config.AWS}, Endpoint: settings.AWSEndpoint,
		Now: now, APIOptions: s.countCalls(),
	})

	roles := s.roles
	s.openAudit(ctx)
	s.identity = principal.New(principal.Config{
		Checker: s.checker, Roles: roles, AWS: aws.Config{Region: settings.AWSRegion, Credentials: s.config.AWS},
		Endpoint: settings.AWSEndpoint, Now: now,
	})
	s.openSecurity()
	s.workspaces = workspace.New(workspace.Config{
		Store: s.store, Checker: s.checker, Now: now, Home: settings.Workspace, Changed: func() { s.tokens.Forget() },
		Log: s.log, Most: settings.MaxMembers,
	})
	s.tokens = token.New(token.Config{
		Checker: s.checker, Store: loggedTokens{s.store, s.log}, Dataset: s.datasetID, Members: s.workspaces, Now: now,
		Most: settings.MaxTokens,
	})
	s.login = login.New(login.Config{
		Checker: s.checker, Store: s.store, Sessions: s.tokens,
		Counter: attempt.New(s.store, now), Now: now,
	})
	s.credentials = credential.New(credential.Config{
		Checker: s.checker, Store: s.store, Sealer: sealer, Endpoint: settings.AWSEndpoint, Endpoints: endpoints,
		Now: now, Most: settings.MaxKeys,
	})
	s.integrations = integration.New(integration.Config{
		Checker: s.checker, Store: s.store, Roles: roles, Dependents: s.store, Endpoint: settings.AWSEndpoint,
		Endpoints: endpoints, TemplateURL: settings.TemplateURL, Notes: s.recorder, Edited: s.verifyEdited,
		Queues: s.store.QueuesOf,
		Random: rand.Reader, Now: now,
		Most: settings.MaxIntegrations,
	})
	s.doctor = doctor.New(doctor.Config{
		Checker: s.checker, Integrations: s.integrations, Credentials: s.credentials, Roles: roles, Store: s.store,
		Recorder: s.recorder, Notes: s.recorder,
		Open: func(reach object.Access) object.Bucket {
			return s3.Open(reach, s3.Config{
				Transport: buckets.of(reach), Attempts: 2, MaxBackoff: time.Second,
				Timeout: 20 * time.Second, APIOptions: s.countCalls(),
			})
		},
		Notifier: webhook.New(guard.Client(dial.Webhook)), Observe: s.metrics.Verified,
		Keep: settings.HistoryKeep, KeepChanges: time.Duration(settings.HistoryDays) * 24 * time.Hour,
		Random: rand.Reader, Logger: s.config.Logger, Now: s.node.Now,
	})
	s.providers = provider.New(provider.Config{
		Checker: s.checker, Store: s.store, Audience: settings.PublicURL,
		Endpoints: endpoints, Now: now, Most: settings.MaxProviders,
	})
	vends := vendingWay{s.integrations, s.store}
	s.grants = grant.New(grant.Config{
		Checker: s.checker, Store: s.store, Providers: s.store, Integrations: vends,
		Now: now, Most: settings.MaxGrants,
	})
	s.vending = vending.New(vending.Config{
		Checker: s.checker, Recorder: s.recorder, Store: s.store, Workspaces: s.workspaces,
		Keys:   jwks.New(jwks.Config{Client: guard.Client(dial.JWKS), Now: now, Observe: s.metrics.JWKSFetched}),
		Grants: s.grants, Providers: s.providers, Integrations: vends, Roles: roles, Shed: s.shedToken, Log: s.log,
		Observe:  s.metrics.Vended,
		Revoker:  rolepolicy.New(rolepolicy.Config{Region: settings.AWSRegion, Endpoint: settings.AWSEndpoint}),
		Endpoint: settings.AWSEndpoint, Now: now,
	})
	s.reach = reach.New(reach.Config{
		Integrations: s.integrations, Grants: s.grants, Credentials: s.credentials, Members: s.store,
		Checker: s.checker, Revocations: s.store, Now: now,
	})
	s.found = dataset.NewCache(readables{s.store}, s.keepDatasets(), now)
	s.datasets = dataset.New(dataset.Config{
		Checker: s.checker, Store: datasetStore{s.store, s.found}, Rows: rows{s.rows}, Now: now,
		Most: settings.MaxDatasets, Views: usedViews{s},
	})
	rejects := engine.RejectBudget{Rows: settings.RejectRows, Bytes: int64(settings.RejectBytes)}
	s.schemas = alter.New(alter.Config{
		Datasets: s.datasets, Store: s.store, Rows: s.rows, Now: now, Changed: s.found.Forget,
		Rejects: rejects, Views: usedViews{s},
	})
	s.sources = source.New(source.Config{
		Checker: s.checker, Store: s.store, Integrations: integrationWay{s.integrations},
		Credentials: credentialWay{s.credentials}, Ledger: s.rows,
		Open: func(reach object.Access) object.Bucket {
			return s3.Open(reach, s3.Config{Transport: buckets.of(reach), APIOptions: s.countCalls()})
		}, Now: now, Most: settings.MaxSources,
	})
	s.delivery = delivery.New(delivery.Config{
		Checker: s.checker, Datasets: s.found, Views: deliveredViews{s}, Indexes: s.datasets, Loads: uploadLoads{s},
		Schemas: s.store, Feeds: s.store, Changed: s.found.Forget,
		Rows: s.rows, Random: rand.Reader, Now: now,
		Rejects: rejects, UnpackedBytes: int64(settings.UnpackedBytes), Spool: s.spool,
		UploadBytes: int64(settings.UploadBytes), Cursors: s.cursors, Polls: s.store, Breaks: s.store,
		Observe: s.metrics.Read,
	})
	s.usage = usage.NewCounter(usage.Config{Store: s.store, Logger: s.config.Logger, Now: now})
	if err := s.openQuery(); err != nil {
		return err
	}
	s.loads = load.New(load.Config{
		Checker: s.checker, Store: s.store, Sources: s.sources, Rejects: s.rows, Now: s.node.Now,
		Draining: s.node.Draining,
		Observer: s.metrics,
		Limits: load.Limits{
			Crashes: settings.LoadCrashes, PerWorkspace: settings.WorkspaceLoads, Queued: settings.WorkspaceQueue,
		},
	})
	loader := load.NewLoader(load.LoaderConfig{
		Checker: s.checker, Sources: s.sources, Datasets: s.datasets, Schemas: s.store, Rows: s.rows,
		Feeds: s.store, Now: now,
		Rejects:       rejects,
		UnpackedBytes: int64(settings.UnpackedBytes), DocumentBytes: int64(settings.Memory) / 16,
		Waiting: s.store,
		Changed: s.found.Forget,
	})
	s.feeds = feed.NewService(feed.Config{Checker: s.checker, Store: s.store, Sources: s.sources, Now: now})
	s.schedules = schedule.New(schedule.Config{
		Checker: s.checker, Store: s.store, Sources: s.sources, Loads: s.loads, Logger: s.config.Logger,
		Now:  s.node.Now,
		Most: settings.MaxSchedules, Observe: s.metrics.ScheduleRun,
	})
	s.pipelines = pipeline.New(pipeline.Config{
		Sources: s.sources, Feeds: s.feeds, Schedules: s.schedules, Loads: s.loads, Store: s.store,
	})
	s.events = arrival.New(arrival.Config{
		Checker: s.checker, Store: s.store, Sources: s.sources, Integrations: s.integrations, Ledger: s.rows,
		Open: func(reach arrival.QueueAccess) arrival.Queue {
			transport := buckets.of(object.Access{Endpoint: reach.Endpoint})
			return sqs.Open(reach, sqs.Config{Transport: transport, APIOptions: s.countCalls()})
		},
		Logger: s.config.Logger, Now: now,
		Received: func(result arrival.Result) { s.metrics.EventMessage(string(result)) },
	})
	s.nodes = node.NewService(s.checker, s.store)
	s.openNotifications(guard, sealer)
	s.workers = load.NewWorkers(s.loads, loader, s.node.ID(), settings.Loads, s.config.Logger)
	return nil
}

// verifyEdited starts the verification of an integration whose last
// verification no longer applies.
func (s *Server) verifyEdited(ctx context.Context, edited integration.Integration) {
	s.doctor.Edited(ctx, edited)
}

// openDoors builds the HTTP handlers.
func (s *Server) openDoors(context.Context) (err error) {
	s.api, err = api.New(api.Config{
		Version: s.config.Version, Authenticator: s.tokens, Workspaces: s.workspaces, Logger: s.config.Logger,
		Now:     s.config.Now,
		Observe: s.metrics.Request, PublicURL: s.config.Settings.PublicURL, Refused: s.refusedToken,
		PageDenied: s.deniedPage,
		Checker:    s.checker, Rejected: s.metrics.Rejected,
		MaxBodyBytes: int64(s.config.Settings.HTTPBodyBytes), MaxUploadBytes: int64(s.config.Settings.UploadBytes),
		Limiter: s.limiter, Spool: s.spool, Idempotency: s.idempotency,
		Usage: s.usage,
		Services: api.Services{
			Audit: s.audit, Credentials: s.credentials, Datasets: s.datasets, Delivery: s.delivery, Rows: s.rows,
			Doctor: s.doctor,
			Events: s.events,
			Feeds:  s.feeds,
			Grants: s.grants, Providers: s.providers, Vending: s.vending, Identity: s.identity,
			Nodes:         s.nodes,
			Notifications: s.notifications,
			Integrations:  s.integrations, Loads: s.loads, Login: s.login, Query: s.query, Views: s.views,
			Usage: usage.New(s.checker, s.usage),
			Reach: s.reach, Schedules: s.schedules, Schemas: s.schemas, Sources: s.sources,
			Pipelines: s.pipelines,
			Tokens:    s.tokens, Workspaces: s.workspaces,
			Security: s.security,
		},
	})
	if err != nil {
		return err
	}
	services := console.Services{
		Identity: s.identity, Integrations: s.integrations, Doctor: s.doctor, Credentials: s.credentials,
		Sources:  s.sources,
		Datasets: s.datasets, Rows: s.rows, Schemas: s.schemas, Loads: s.loads, Schedules: s.schedules,
		Nodes: s.nodes, Notifications: s.notifications, Feeds: s.feeds, Pipelines: s.pipelines,
		Delivery: s.delivery, Query: s.query, Views: s.views,
		Tokens: s.tokens, Login: s.login,
		Audit:     s.audit,
		Providers: s.providers, Grants: s.grants, Vending: s.vending, Reach: s.reach, Security: s.security,
		Usage: usage.New(s.checker, s.usage),
	}
	if s.config.Sandbox != nil {
		services.Sandbox = rehearsal.New(rehearsal.Config{
			Checker: s.checker, Sandbox: s.config.Sandbox, Endpoint: s.config.Settings.AWSEndpoint,
			Region: s.config.Settings.AWSRegion,
		})
	}
	s.console, err = console.New(console.Config{
		OpenID: s.openID(), Members: s.workspaces, Sessions: s.store.Sessions(s.config.Now),
		BaseURL: s.config.Settings.PublicURL,
		Secure:  s.config.Settings.TLS(), Logger: s.config.Logger, Now: s.config.Now, Log: s.log,
		Services: services, Limiter: s.limiter, Spool: s.spool, Rejected: s.metrics.Rejected,
		Observe: s.metrics.Request,
	})
	if err != nil {
		return err
	}
	return s.openTLS()
}

// Close ends the service and closes everything that Open opened. It may be
// called after Open has failed.
func (s *Server) Close() error {
	var faults []error
	if s.delivery != nil {
		s.delivery.Wait()
	}
	if s.views != nil {
		s.views.Close()
	}
	if s.log != nil {
		faults = append(faults, s.log.Stop(context.Background()))
	}
	if s.reads != nil {
		faults = append(faults, s.reads.Stop(context.Background()))
	}
	if s.rows != nil {
		faults = append(faults, s.rows.Close())
	}
	if s.node != nil {
		faults = append(faults, s.node.Leave(context.Background()))
	}
	if s.store != nil {
		faults = append(faults, s.store.Close())
	}
	return errors.Join(faults...)
}
