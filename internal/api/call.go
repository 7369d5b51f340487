package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// Call has the actor and the workspace of a request.
type Call struct {
	Actor     access.Actor
	Workspace string // workspace ID; empty on routes without {ws}
}

// InWorkspace is embedded in the input of every route under
// /v1/workspaces/{ws}. It is exported because huma only fills exported
// embedded structs.
type InWorkspace struct {
	Name string `path:"ws" doc:"The workspace's name or ID." maxLength:"64"`
}

// InPage is embedded in the input of every list.
type InPage struct {
	Cursor string `query:"cursor" maxLength:"512" doc:"The value of \"next\" in the previous response."`
	Limit  int    `query:"limit"                                                       minimum:"1" maximum:"1000" default:"100"`
}

// mapPage converts each item of a page to its API form.
func mapPage[T, D any](found paging.List[T], convert func(T) D) paging.List[D] {
	out := paging.List[D]{Items: make([]D, len(found.Items)), Next: found.Next}
	for i, item := range found.Items {
		out.Items[i] = convert(item)
	}
	return out
}

// body wraps an answer's document, as huma requires.
type body[T any] struct{ Body T }

// route registers an operation: it authenticates the request and finds the
// workspace, both before the body is read, calls handle, and converts an error
// to a problem document.
func route[I, O any](a *API, op huma.Operation, handle func(context.Context, Call, *I) (*O, error)) {
	op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
		http.StatusUnprocessableEntity)
	op.MaxBodyBytes = max(op.MaxBodyBytes, a.config.MaxBodyBytes)
	op.BodyReadTimeout = -1 // package transfer sets the deadlines
	op.Middlewares = append(op.Middlewares, a.admit)
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		call, _ := ctx.Value(callKey{}).(Call)
		out, err := handle(ctx, call, in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return out, nil
	})
}

// callKey is the context key under which admit stores the call for route's
// handler, which passes it on as an argument.
type callKey struct{}

func (a *API) admit(ctx huma.Context, next func(huma.Context)) {
	call, err := a.call(ctx.Context(), ctx.Param("ws"))
	r, w := humago.Unwrap(ctx)
	if err == nil {
		err = a.forewarn(r, ctx.Operation().OperationID, ctx.Operation().Path, &call)
	}
	if err == nil {
		err = tooLarge(r, ctx.Operation().MaxBodyBytes)
	}
	if err != nil {
		a.writeError(w, r, err)
		return
	}
	op := ctx.Operation()
	a.once(w, r, op.OperationID, &call, func(w http.ResponseWriter, r *http.Request) {
		a.edit(w, r, func(w http.ResponseWriter, r *http.Request) {
			brief(w, r, op, func(w http.ResponseWriter, r *http.Request) {
				next(huma.WithValue(humago.NewContext(op, r, w), callKey{}, call))
			})
		})
	})
}

// operation describes a route: an ID such as "create-integration", a method
// and path such as "POST /v1/workspaces/{ws}/integrations", a tag, a summary.
func operation(operationID, methodPath, tag, summary string) huma.Operation {
	method, path, _ := strings.Cut(methodPath, " ")
	op := huma.Operation{OperationID: operationID, Method: method, Path: path, Tags: []string{tag}, Summary: summary}
	if method == http.MethodPost && !strings.HasSuffix(path, "}") {
		op.DefaultStatus = http.StatusCreated
	}
	return op
}

// call authenticates the request in ctx and finds the workspace. The error
// for another actor's workspace is the same as for one that doesn't exist.
func (a *API) call(ctx context.Context, workspaceName string) (Call, error) {
	token := tokenFrom(ctx)
	if token == "" {
		return Call{}, problem.New(problem.Unauthenticated, "This call needs a token.").WithReason("token_missing").
			WithHint("Send it as \"Authorization: Bearer sk_…\"; create one under API tokens in the console or " +
				"with windlass token create.")
	}
	actor, err := a.config.Authenticator.Authenticate(ctx, token)
	if problem.Is(err, problem.Unauthenticated) && a.config.Refused != nil {
		err = a.config.Refused(ctx, token, err)
	}
	if err != nil {
		return Call{}, a.countFailure(ctx, err)
	}
	door.SetActor(ctx, string(actor.Kind), actor.Token)
	used(ctx, &actor)
	if err := a.countActor(ctx, &actor); err != nil {
		return Call{}, err
	}
	if err := a.admitPage(ctx, &actor); err != nil {
		return Call{}, err
	}
	entered := door.From(ctx)
	actor.RequestID, actor.Address = entered.ID, entered.Address
	if workspaceName == "" {
		return Call{Actor: actor}, nil
	}
	id, err := a.config.Workspaces.Resolve(ctx, workspaceName)
	if err != nil || id != actor.Workspace {
		if err != nil && !problem.Is(err, problem.NotFound) {
			return Call{}, err
		}
		return Call{}, problem.New(problem.NotFound, "Workspace %q doesn't exist, or you don't have access to "+
			"it.", workspaceName).
			WithHint("Check the name in the path against the workspace that your token belongs to.")
	}
	return Call{Actor: actor, Workspace: id}, nil
}
