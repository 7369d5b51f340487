package api

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/platform"
)

// platformRoutes mounts the platform's routes. They also accept the token in
// the query, and refuse requests with status 400 where other routes use 422,
// because the platform's clients expect that.
func (a *API) platformRoutes() {
	s := &a.config.Services
	served := platform.New(platform.Config{
		Datasets: s.Datasets, Delivery: s.Delivery, Integrations: s.Integrations, Rows: s.Rows,
		Audit: s.Audit, Credentials: s.Credentials, Loads: s.Loads, Schedules: s.Schedules, Sources: s.Sources,
		Schemas: s.Schemas, Notifications: s.Notifications,
		Now: a.config.Now, MaxBodyBytes: a.config.MaxBodyBytes, Document: a.writeDocument,
	})
	for _, route := range served.Routes() {
		a.mountPlatform(&route)
	}
}

func (a *API) mountPlatform(route *platform.Route) {
	op := platformOperation(route)
	handle := func(w http.ResponseWriter, r *http.Request, call Call) error {
		if call.Workspace == "" {
			call.Workspace = call.Actor.Workspace
		}
		err := route.CheckQuery(r)
		if err == nil {
			err = route.Handle(w, r, platform.Call(call))
		}
		if err != nil {
			return a.refuseData(w, r, err)
		}
		return nil
	}
	if !route.Open {
		a.raw(op, handle)
		return
	}
	a.huma.OpenAPI().AddOperation(&op)
	a.mux.HandleFunc(op.Method+" "+op.Path, func(w http.ResponseWriter, r *http.Request) {
		if err := handle(w, r, Call{}); err != nil {
			a.writeError(w, r, err)
		}
	})
}

var pathParameterForm = regexp.MustCompile(`{(\w+)}`)

func platformOperation(route *platform.Route) huma.Operation {
	op := operation(route.ID, route.Method+" "+route.Path, route.Tag, route.Summary)
	op.Description, op.DefaultStatus = route.Description, http.StatusOK
	op.Security = []map[string][]string{{"bearer": {}}, {"query": {}}}
	if route.Open {
		op.Security = []map[string][]string{}
	}
	for _, name := range pathParameterForm.FindAllStringSubmatch(route.Path, -1) {
		op.Parameters = append(op.Parameters, pathParameters(name[1])...)
	}
	for _, p := range route.Query {
		kind := p.Type
		if kind == "" {
			kind = huma.TypeString
		}
		op.Parameters = append(op.Parameters, parameter(p.Name, kind, p.Doc))
	}
	if len(route.Body) > 0 {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
		for _, media := range route.Body {
			op.RequestBody.Content[media] = &huma.MediaType{}
		}
	}
	media := route.Answer
	if media == "" {
		media = "application/json"
	}
	op.Responses = dataResponses(route.Summary+".", media)
	if route.Open {
		delete(op.Responses, "404")
	}
	return op
}

// writeDocument writes the OpenAPI document as JSON.
func (a *API) writeDocument(w io.Writer) error {
	text, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		return err
	}
	_, _ = w.Write(text) // the client may have disconnected
	return nil
}

// routed returns the request with the path of the platform's route, if it uses
// another path of the route.
func routed(r *http.Request) *http.Request {
	escaped := r.URL.EscapedPath()
	route, ok := platform.Path(r.Method, escaped)
	if !ok || route == escaped {
		return r
	}
	plain, err := url.PathUnescape(route)
	if err != nil {
		return r
	}
	changed := r.Clone(r.Context())
	changed.URL.Path, changed.URL.RawPath = plain, route
	return changed
}

// ofDataset reports whether a path is that of a dataset's changes or document, which
// browsers request without headers.
func ofDataset(escaped string) bool {
	parts := strings.Split(escaped, "/")
	return len(parts) == 7 && parts[1] == "v1" && parts[2] == "workspaces" && parts[4] == "datasets" &&
		(parts[6] == "changes" || parts[6] == "openapi.json")
}

// queryToken returns the token in the query of a request to the platform's routes, and
// to the routes of a dataset that browsers request without headers. given reports
// whether the query has one, which may be empty.
func queryToken(r *http.Request) (token string, given bool) {
	escaped := r.URL.EscapedPath()
	if _, ok := platform.Path(r.Method, escaped); !ok && (r.Method != http.MethodGet || !ofDataset(escaped)) {
		return "", false
	}
	query := r.URL.Query()
	return strings.TrimSpace(query.Get("token")), query.Has("token")
}
