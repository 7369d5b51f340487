// Package api is the REST API, version 1: its routes, documents and errors. A
// handler decodes the request, calls the domain and encodes the result; it
// makes no decisions.
//
// Each kind of thing has a file with its routes, its documents and its
// handlers; [routes] lists the kinds.
package api

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/arrival"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/dataset/alter"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/idempotency"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/limit"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/login"
	"github.com/windlass-io/windlass/internal/node"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/pipeline"
	"github.com/windlass-io/windlass/internal/principal"
	"github.com/windlass-io/windlass/internal/query"
	"github.com/windlass-io/windlass/internal/reach"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/security"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/spool"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/usage"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/provider"
	"github.com/windlass-io/windlass/internal/view"
	"github.com/windlass-io/windlass/internal/workspace"
)

// MaxBodyBytes is the default limit of a body with a document. Routes that
// accept rows have their own limits.
const MaxBodyBytes = 1 << 20

// Config configures the API. Every field without "optional" is required.
type Config struct {
	Version       string // of this build, as in "1.2.0"
	Authenticator Authenticator
	Workspaces    Workspaces
	Services      Services
	PublicURL     string // address of the service for clients; optional: then callers must pass it for documents
	Logger        *slog.Logger
	Now           func() time.Time
	// Checker, optional, refuses requests that an actor can never make, before
	// their body is read.
	Checker access.Checker
	// Rejected, optional, is called for each request that a limit refused.
	Rejected func(ctx context.Context, reason string)
	// Refused, optional, is called for each token that the authenticator refused,
	// and returns the error for the client.
	Refused func(ctx context.Context, token string, refusal error) error
	// PageDenied, optional, is called for each request of a web page that its token
	// doesn't allow.
	PageDenied func(ctx context.Context, actor *access.Actor, origin string)
	// Observe, optional, is called after each request. route is the pattern
	// that matched, or "".
	Observe func(method, route string, status int, took time.Duration)

	// Usage, optional, counts the reads, writes, deletions and queries of tokens.
	Usage *usage.Counter

	// Idempotency, optional, serves a request with an Idempotency-Key only once.
	Idempotency *idempotency.Service

	MaxBodyBytes   int64          // of a document; optional: 1 MiB
	MaxUploadBytes int64          // optional: 512 MiB
	Limiter        *limit.Limiter // optional: nothing is limited
	Spool          *spool.Pool    // buffers answers until clients have read them; optional
}

// Services has the parts of the domain that have routes. A nil service has
// none.
type Services struct {
	Audit         *audit.Service
	Credentials   *credential.Service
	Datasets      *dataset.Service
	Rows          engine.Engine // with Datasets
	Delivery      *delivery.Service
	Doctor        *doctor.Service
	Events        *arrival.Service
	Feeds         *feed.Service
	Grants        *grant.Service
	Identity      *principal.Service
	Integrations  *integration.Service
	Loads         *load.Service
	Login         *login.Service
	Nodes         *node.Service
	Notifications *notification.Service
	Pipelines     *pipeline.Service // with Sources, Feeds, Schedules and Loads
	Providers     *provider.Service
	Query         *query.Service
	Reach         *reach.Service
	Schedules     *schedule.Service
	Schemas       *alter.Service
	Security      *security.Service
	Sources       *source.Service
	Tokens        *token.Service
	Vending       *vending.Service
	Usage         *usage.Service
	Views         *view.Service
	Workspaces    *workspace.Service
}

// Authenticator finds the owner of a bearer token.
type Authenticator interface {
	// Authenticate returns the actor of a token. If the token is unknown,
	// expired or revoked, the error is a problem with code unauthenticated.
	Authenticate(ctx context.Context, token string) (access.Actor, error)
}

// Workspaces finds workspaces.
type Workspaces interface {
	// Resolve returns the ID of a workspace, given its name, ignoring case,
	// or its ID.
	Resolve(ctx context.Context, nameOrID string) (workspaceID string, err error)
}

// API is the handler of everything under /v1.
type API struct {
	config    Config
	ownOrigin string // of PublicURL
	mux       *table
	huma      huma.API
}

// New builds the API. An error is a programming error.
func New(config Config) (*API, error) {
	config.MaxBodyBytes = cmp.Or(config.MaxBodyBytes, MaxBodyBytes)
	config.MaxUploadBytes = cmp.Or(config.MaxUploadBytes, delivery.MaxUploadBytes)
	a := &API{config: config, ownOrigin: originOf(config.PublicURL)}
	a.mux = newTable(a.refuseRoute)
	described := describe(config.Version, config.PublicURL)
	described.Transformers = append(described.Transformers, a.annotate)
	a.huma = humago.New(a.mux, described)
	a.routes()
	a.describeHeaders()
	a.describeProblems()
	a.document()
	return a, a.docs()
}

// routes registers all routes. Each line's file has the routes themselves.
func (a *API) routes() {
	a.whoamiRoutes()
	a.ciDocumentRoutes()
	if a.config.Services.Credentials != nil {
		a.credentialRoutes()
	}
	if a.config.Services.Audit != nil {
		a.auditRoutes()
	}
	if a.config.Services.Datasets != nil {
		a.datasetRoutes()
	}
	if a.config.Services.Schemas != nil {
		a.schemaRoutes()
	}
	if a.config.Services.Delivery != nil {
		a.dataRoutes()
		a.writeRoutes()
		a.changesRoutes()
		a.datasetDocumentRoutes()
	}
	if a.config.Services.Identity != nil {
		a.identityRoutes()
	}
	if a.config.Services.Integrations != nil {
		a.integrationRoutes()
	}
	if a.config.Services.Doctor != nil {
		a.verificationRoutes()
	}
	if a.config.Services.Feeds != nil {
		a.feedRoutes()
		a.eventRoutes()
	}
	if a.config.Services.Grants != nil {
		a.grantRoutes()
	}
	if a.config.Services.Loads != nil {
		a.loadRoutes()
	}
	if a.config.Services.Login != nil {
		a.loginRoutes()
	}
	a.platformRoutes()
	if a.config.Services.Providers != nil {
		a.providerRoutes()
	}
	if a.config.Services.Reach != nil {
		a.reachRoutes()
	}
	if a.config.Services.Security != nil {
		a.securityRoutes()
	}
	if a.config.Services.Query != nil {
		a.queryRoutes()
	}
	if a.config.Services.Usage != nil {
		a.usageRoutes()
	}
	if a.config.Services.Views != nil {
		a.viewRoutes()
	}
	if a.config.Services.Sources != nil {
		a.sourceRoutes()
	}
	if a.config.Services.Nodes != nil {
		a.nodeRoutes()
	}
	if a.config.Services.Notifications != nil {
		a.notificationRoutes()
	}
	if a.config.Services.Schedules != nil {
		a.scheduleRoutes()
	}
	if a.config.Services.Tokens != nil {
		a.tokenRoutes()
	}
	if a.config.Services.Vending != nil {
		a.ciRoutes()
		a.vendRoutes()
		a.revocationRoutes()
	}
	if a.config.Services.Workspaces != nil {
		a.workspaceRoutes()
	}
}

// ServeHTTP serves one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }
