package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/problem"
)

// changesPath is the path for following the changes of a dataset.
const changesPath = "/v1/workspaces/{ws}/datasets/{dataset}/changes"

// How often a follower checks for changes, and how often a stream without changes
// sends a comment, so that proxies don't close it.
const (
	lookEvery = 500 * time.Millisecond
	pingEvery = 15 * time.Second
	maxWait   = 60 // maximum seconds that a request waits for changes
)

func (a *API) changesRoutes() {
	op := operation("follow-changes", "GET "+changesPath, "Data", "Follow the changes of a dataset")
	op.Description = "With Accept: text/event-stream, sends server-sent events as they happen. Otherwise, returns " +
		"the events since the cursor; wait=30 waits for the first. The events are ready, rows (added and replaced " +
		"rows), delete (the index values of rows that were deleted or no longer match the conditions), reset (read " +
		"the dataset again) and end. Each has a cursor: pass it as Last-Event-ID or cursor within 24 hours to " +
		"continue after it. Without one, changes begin now. Events come at least once and in order."
	op.Security = []map[string][]string{{"bearer": {}}, {"query": {}}}
	op.Parameters = append(pathParameters("ws", "dataset"),
		parameter("cursor", huma.TypeString, "The cursor of an event, or the value of \"next\" in a response."),
		parameter("wait", huma.TypeInteger, "Seconds to wait for changes, at most 60. Not for streams."),
		parameter("select", huma.TypeString, "Columns to return, separated by commas; name:column renames one."),
		parameter("numbers", huma.TypeString, "string: write integers and decimals as JSON strings."),
		parameter("and", huma.TypeString, "Conditions that must all match."),
		parameter("or", huma.TypeString, "Conditions of which at least one must match."),
		&huma.Param{
			Name: "Last-Event-ID", In: "header", Description: "The id of the last event, as browsers send it.",
			Schema: &huma.Schema{Type: huma.TypeString},
		})
	op.Responses = dataResponses("The events.", "text/event-stream", "application/json")
	a.raw(op, a.followChanges)
}

func (a *API) followChanges(w http.ResponseWriter, r *http.Request, call Call) error {
	values, err := readParametersOf(r)
	if err != nil {
		return a.refuseData(w, r, err)
	}
	request := delivery.Following{Dataset: r.PathValue("dataset"), Values: url.Values{}}
	wait, applied := door.Wait(r)
	for name, list := range values {
		switch strings.ToLower(name) {
		case "cursor":
			request.Cursor = list[0]
		case "wait":
			seconds, err := strconv.Atoi(list[0])
			if wait, applied = time.Duration(seconds)*time.Second, ""; err != nil || seconds < 0 || seconds > maxWait {
				return a.refuseData(w, r, problem.New(problem.Invalid,
					"The parameter wait must be a number of seconds from 0 to %d.", maxWait).
					WithReason("invalid_value").WithPlace(problem.Place{Parameter: "wait"}).
					WithHint("Write wait=30."))
			}
		default:
			request.Values[name] = list
		}
	}
	if id := r.Header.Get("Last-Event-ID"); id != "" { // sent by a browser that reconnects
		request.Cursor = id
	}
	follower, err := a.config.Services.Delivery.Follow(r.Context(), call.Actor, call.Workspace, request)
	if err != nil {
		return a.refuseData(w, r, err)
	}
	defer follower.Close()
	w.Header().Set("Cache-Control", "no-store")
	if prefers(r, "text/event-stream") {
		return a.streamChanges(w, r, call, follower) //nolint:contextcheck // the request carries the context
	}
	if applied != "" {
		w.Header().Set("Preference-Applied", applied)
	}
	return a.listChanges(w, r, call, follower, wait)
}

// changeEvent is an event in a list.
type changeEvent struct {
	Event  string          `json:"event"`
	Data   json.RawMessage `json:"data"`
	Cursor string          `json:"cursor"`
}

// listChanges returns the changes since the cursor. It waits for the first one.
func (a *API) listChanges(w http.ResponseWriter, r *http.Request, call Call, follower *delivery.Follower,
	wait time.Duration,
) error {
	out := struct {
		Events []changeEvent `json:"events"`
		Next   string        `json:"next"`
	}{Events: []changeEvent{}}
	events, err := follower.Next(r.Context())
	if out.Events = listed(events); err == nil && len(out.Events) == 0 && wait > 0 {
		out.Events, err = a.waitForChanges(r, call, follower, wait) //nolint:contextcheck // the request carries the context
	}
	if err != nil {
		return a.refuseData(w, r, err)
	}
	if out.Next, err = follower.Cursor(r.Context()); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
	return nil
}

// waitForChanges returns the next changes, or none if there are none in time. A
// waiting request counts as a stream and ends when its token does.
func (a *API) waitForChanges(r *http.Request, call Call, follower *delivery.Follower, wait time.Duration) (
	[]changeEvent, error,
) {
	ctx, cancel, err := a.stream(r, &call.Actor)
	defer cancel()
	if err != nil {
		return nil, err
	}
	deadline, looks := time.NewTimer(wait), time.NewTicker(lookEvery)
	defer deadline.Stop()
	defer looks.Stop()
	found := []changeEvent{}
	for waiting := true; waiting && len(found) == 0; {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-deadline.C:
			waiting = false
		case <-looks.C:
		}
		events, err := follower.Next(ctx)
		if ended := context.Cause(ctx); ended != nil {
			return nil, ended
		}
		if err != nil {
			return nil, err
		}
		found = listed(events)
	}
	return found, a.recheckToken(ctx, tokenFrom(ctx), &call.Actor)
}

// listed returns the events of a list.
func listed(events []delivery.ChangeEvent) []changeEvent {
	list := []changeEvent{}
	for _, e := range events {
		if e.Name != delivery.EventReady {
			list = append(list, changeEvent{e.Name, e.Data, e.Cursor})
		}
	}
	return list
}

// streamChanges sends changes until the client leaves, the token ends or an hour
// has passed.
func (a *API) streamChanges(w http.ResponseWriter, r *http.Request, call Call, follower *delivery.Follower) error {
	setEventStream(w.Header())
	if r.Method == http.MethodHead {
		return nil
	}
	ctx, cancel, err := a.stream(r, &call.Actor)
	defer cancel()
	if err != nil {
		w.Header().Set("Content-Type", "application/json")
		return err
	}
	_, _ = fmt.Fprint(w, "retry: 3000\n\n")
	out := http.NewResponseController(w)
	looks, pings := time.NewTicker(lookEvery), time.NewTicker(pingEvery)
	defer looks.Stop()
	defer pings.Stop()
	for {
		events, err := follower.Next(ctx)
		if err != nil {
			endChanges(w, reasonOf(ctx, r))
			return nil //nolint:nilerr // the stream has begun, so the client reconnects
		}
		for _, e := range events {
			_, _ = fmt.Fprintf(w, "id: %s\nevent: %s\ndata: %s\n\n", e.Cursor, e.Name, e.Data)
			if e.Name == delivery.EventEnd {
				return nil
			}
		}
		if out.Flush() != nil {
			return nil //nolint:nilerr // the client left
		}
		if len(events) > 0 {
			a.countProgress(ctx)
		}
		select {
		case <-ctx.Done():
			endChanges(w, reasonOf(ctx, r))
			return nil
		case <-pings.C:
			_, _ = fmt.Fprint(w, ": ping\n\n")
		case <-looks.C:
		}
	}
}

func endChanges(w http.ResponseWriter, reason string) {
	writeEvent(w, delivery.EventEnd, map[string]string{"reason": reason})
	_ = http.NewResponseController(w).Flush()
}

// reasonOf returns why a stream ends.
func reasonOf(ctx context.Context, r *http.Request) string {
	cause := context.Cause(ctx)
	switch {
	case r.Context().Err() != nil:
		return "shutdown"
	case problem.Is(cause, problem.Unauthenticated), errors.Is(cause, errChanged):
		return "token_revoked"
	case problem.Is(cause, problem.RateLimited):
		return "quota"
	default:
		return "reconnect"
	}
}
