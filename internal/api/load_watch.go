package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
)

func (a *API) listLoadObjects(ctx context.Context, call Call, in *listLoadObjectsInput) (
	*body[paging.List[LedgerEntry]], error,
) {
	found, err := a.config.Services.Loads.Objects(ctx, call.Actor, call.Workspace, in.Load,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[LedgerEntry]]{mapPage(found, toLedgerEntry)}, err
}

func (a *API) watchLoadRoute() {
	events := operation("watch-load", "GET /v1/workspaces/{ws}/loads/{load}/events", "Loads",
		"Follow a load: server-sent events progress and end")
	events.Parameters = pathParameters("ws", "load")
	events.Responses = map[string]*huma.Response{"200": {
		Description: "Events. The data of each is the load.",
		Content:     map[string]*huma.MediaType{"text/event-stream": textMedia()},
	}}
	a.raw(events, a.watchLoad)
}

// watchLoad sends the load when it changes, and again when it has ended.
func (a *API) watchLoad(w http.ResponseWriter, r *http.Request, call Call) error {
	return a.sendEvents(w, r, call, func(ctx context.Context, s *eventStream) error {
		see := func(l load.Load) error {
			event := "progress"
			if l.State.Ended() {
				event = "end"
			}
			s.send(event, toLoad(l))
			s.flush()
			return nil
		}
		return a.config.Services.Loads.Watch(ctx, call.Actor, call.Workspace, r.PathValue("load"), see)
	})
}
