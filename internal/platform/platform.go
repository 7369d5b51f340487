// Package platform serves the routes of the data platform whose stock client and
// apps must work unchanged. A handler decodes a call, calls a service and encodes
// the result. The package has no store and no rules of its own.
//
// Each kind of thing has a file with its routes and handlers; [Platform.Routes]
// lists the kinds. docs/platform.md has the table of calls.
package platform

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/dataset/alter"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/source"
)

// Config has the services that the routes call. If a service is nil, its routes
// don't exist.
type Config struct {
	Audit        *audit.Service
	Credentials  *credential.Service
	Datasets     *dataset.Service
	Delivery     *delivery.Service
	Integrations *integration.Service
	Loads        *load.Service
	Schedules    *schedule.Service
	Schemas      *alter.Service // optional: columns can't be changed
	Sources      *source.Service
	// Notifications are the webhooks.
	Notifications *notification.Service
	Rows          engine.Engine // with Datasets
	Now           func() time.Time

	MaxBodyBytes int64 // of a document
	// Document writes the OpenAPI document as JSON.
	Document func(w io.Writer) error
}

// Platform is the platform's routes.
type Platform struct{ config Config }

// New returns the routes of the services.
func New(config Config) *Platform { return &Platform{config} }

// Call has the actor and the workspace of a request.
type Call struct {
	Actor     access.Actor
	Workspace string // workspace ID; empty on public routes
}

// Route is one call of the platform.
type Route struct {
	ID          string // of the operation, such as "platform-list-datasets"
	Method      string
	Path        string // with {ws} for the workspace
	Tag         string
	Summary     string
	Description string
	Query       []Parameter // known parameters; others are refused by name
	Conditions  bool        // on columns are in the query too
	Body        []string    // media types of the body; empty: none
	Answer      string      // media type of the response; empty: JSON
	// Open means that no token is needed.
	Open bool

	Handle func(w http.ResponseWriter, r *http.Request, call Call) error
}

// Parameter is a query parameter.
type Parameter struct {
	Name string
	Type string // of JSON Schema; empty: string
	Doc  string
}

// tag is the tag of operations that only the platform's clients use.
const tag = "Platform"

// Routes returns every route.
func (p *Platform) Routes() []Route {
	var routes []Route
	if p.config.Datasets != nil {
		routes = append(routes, p.datasetRoutes()...)
	}
	if p.config.Delivery != nil {
		routes = append(routes, p.recordRoutes()...)
	}
	if p.config.Integrations != nil {
		routes = append(routes, p.onboardingRoutes()...)
	}
	if p.config.Loads != nil && p.config.Sources != nil {
		routes = append(routes, p.jobRoutes()...)
		routes = append(routes, p.logRoute())
	}
	if p.config.Sources != nil && p.config.Credentials != nil && p.config.Integrations != nil {
		routes = append(routes, p.credentialRoutes()...)
		routes = append(routes, p.sourceRoutes()...)
	}
	if p.config.Schedules != nil && p.config.Sources != nil {
		routes = append(routes, p.scheduleRoutes()...)
	}
	if p.config.Notifications != nil {
		routes = append(routes, p.webhookRoutes()...)
	}
	if p.config.Datasets != nil && p.config.Delivery != nil {
		routes = append(routes, p.metaRoutes()...)
	}
	if p.config.Document != nil {
		routes = append(routes, p.documentRoute())
	}
	return routes
}

// documentRoute serves the OpenAPI document to everyone, as the platform did.
func (p *Platform) documentRoute() Route {
	return Route{
		ID: "platform-openapi", Method: http.MethodGet, Path: "/v1/openapi-doc", Tag: tag, Open: true,
		Summary: "The OpenAPI document of every route",
		Handle: func(w http.ResponseWriter, _ *http.Request, _ Call) error {
			w.Header().Set("Content-Type", "application/json")
			return p.config.Document(w)
		},
	}
}

// answering returns a handler that writes the result of do as JSON.
func answering(do func(r *http.Request, call Call) (any, error)) func(http.ResponseWriter, *http.Request, Call) error {
	return func(w http.ResponseWriter, r *http.Request, call Call) error {
		out, err := do(r, call)
		if err != nil {
			return err
		}
		return writeJSON(w, out)
	}
}

func writeJSON(w http.ResponseWriter, out any) error { return writeStatus(w, http.StatusOK, out) }

func writeStatus(w http.ResponseWriter, status int, out any) error {
	text, err := json.Marshal(out)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // the client may have disconnected
	return nil
}

// done is the platform's response to a change.
type done struct {
	Success bool   `json:"success"`
	Message string `json:"message"`
}

// millis returns a time in the platform's form, 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
