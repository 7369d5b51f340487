package platform

import (
	"context"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// source returns a source by its ID or name, whatever the case.
func (p *Platform) source(r *http.Request, call Call, idOrName string) (source.Source, error) {
	return resolve(r.Context(), call, idOrName, lookup[source.Source]{
		get: p.config.Sources.Get, list: p.config.Sources.List, listing: access.SourceList, kind: "source",
		names: func(s source.Source) (string, string) { return s.ID, s.Name },
	})
}

// lookup is how the things of one kind are found.
type lookup[T any] struct {
	get     func(ctx context.Context, actor access.Actor, workspace, idOrName string) (T, error)
	list    func(context.Context, access.Actor, string, paging.Request) (paging.List[T], error)
	listing access.Action
	kind    string
	names   func(T) (id, name string)
}

// resolve returns a thing by its ID or name. When no thing is called exactly so,
// the case doesn't count, if one thing fits and the actor may list them.
func resolve[T any](ctx context.Context, call Call, idOrName string, l lookup[T]) (found T, err error) {
	found, err = l.get(ctx, call.Actor, call.Workspace, idOrName)
	resource := access.Resource{Workspace: call.Workspace, Kind: l.kind}
	if !problem.Is(err, problem.NotFound) || !access.Allowed(call.Actor, l.listing, resource) {
		return found, err
	}
	things, listErr := all(ctx, call, l.list)
	if listErr != nil {
		return found, listErr
	}
	var fitting []T
	for _, thing := range things {
		if id, name := l.names(thing); strings.EqualFold(id, idOrName) || strings.EqualFold(name, idOrName) {
			fitting = append(fitting, thing)
		}
	}
	if len(fitting) != 1 {
		return found, err
	}
	id, _ := l.names(fitting[0])
	return l.get(ctx, call.Actor, call.Workspace, id)
}
