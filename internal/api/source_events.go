package api

import (
	"context"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/arrival"
	"github.com/windlass-io/windlass/internal/event"
	"github.com/windlass-io/windlass/internal/paging"
)

// SourceEvents is the queue that receives the events of a source's bucket, in the
// API.
type SourceEvents struct {
	Source           string              `json:"source" doc:"The source's ID."`
	Queue            string              `json:"queue" doc:"The queue's ARN."`
	Route            arrival.Route       `json:"route"`
	KMSKeyARN        string              `json:"kms_key_arn,omitempty"`
	SenderARN        string              `json:"sender_arn,omitempty"`
	WindowSeconds    int                 `json:"window_seconds" doc:"How long to collect objects before a load starts."`
	MaxObjects       int                 `json:"max_objects" doc:"Number of objects that starts a load immediately."`
	ListEverySeconds int                 `json:"list_every_seconds" doc:"How often to list the bucket for objects that events missed."`
	State            arrival.State       `json:"state" doc:"unproven, listening, partial, silent, failing, attention or paused."`
	Reason           string              `json:"reason,omitempty"`
	Hint             string              `json:"hint,omitempty"`
	Schedules        int                 `json:"schedules" doc:"How many schedules listen to events. Without one, objects wait."`
	SetAt            time.Time           `json:"set_at"`
	LastReceive      time.Time           `json:"last_receive,omitzero"`
	LastEvent        time.Time           `json:"last_event,omitzero"`
	TestEvent        time.Time           `json:"test_event,omitzero"`
	Confirm          *SourceEventsTopic  `json:"confirm,omitempty" doc:"A subscription of SNS that its owner must confirm."`
	Counts           arrival.Counts      `json:"counts"`
	Waiting          int                 `json:"waiting" doc:"Objects that wait to be loaded."`
	OldestWaiting    time.Time           `json:"oldest_waiting,omitzero"`
	LastList         *SourceEventsReport `json:"last_list,omitempty"`
	Version          int64               `json:"version"`
}

// SourceEventsTopic is a subscription that waits for its confirmation.
type SourceEventsTopic struct {
	Topic string `json:"topic"`
	Token string `json:"token"`
}

// SourceEventsReport is the report of a list, in the API.
type SourceEventsReport struct {
	ID         string              `json:"id"`
	StartedAt  time.Time           `json:"started_at"`
	EndedAt    time.Time           `json:"ended_at"`
	Complete   bool                `json:"complete"`
	Fault      string              `json:"fault,omitempty" doc:"Why it stopped early."`
	Seen       int64               `json:"seen" doc:"Objects in the bucket."`
	Matched    int64               `json:"matched"`
	Missed     int64               `json:"missed" doc:"New objects without an event."`
	Backfilled int64               `json:"backfilled" doc:"Objects from before the queue was set."`
	Gone       int64               `json:"gone" doc:"Loaded objects that the bucket no longer has."`
	Held       int64               `json:"held" doc:"Of these, objects whose rows stay until a person applies the deletes, because they are too many."`
	Applied    bool                `json:"apply_deletes,omitempty" doc:"A person asked to remove the rows of all deleted objects."`
	MissedKeys []arrival.MissedKey `json:"missed_keys,omitempty" doc:"The first 100."`
}

// WaitingObject is an object that waits to be loaded, in the API.
type WaitingObject struct {
	Key       string         `json:"key"`
	Action    event.Action   `json:"action" doc:"load, remove, retry, or check when events can't be ordered. The bucket decides."`
	Origin    arrival.Origin `json:"origin" doc:"event or list."`
	FirstSeen time.Time      `json:"first_seen"`
	EventAt   time.Time      `json:"event_at,omitzero"`
	Attempts  int            `json:"attempts"`
	NextAt    time.Time      `json:"next_attempt,omitzero"`
	Exhausted bool           `json:"exhausted,omitempty" doc:"Only a list of the bucket tries it again."`
	Error     string         `json:"error,omitempty" doc:"Error of the last attempt."`
}

type setEventsInput struct {
	InSource
	Body struct {
		Queue            string        `json:"queue" maxLength:"512" doc:"The queue's ARN, or its URL."`
		Route            arrival.Route `json:"route,omitempty" enum:"direct,sns,eventbridge" doc:"Default direct."`
		KMSKeyARN        string        `json:"kms_key_arn,omitempty" maxLength:"256" doc:"KMS key of an encrypted queue."`
		SenderARN        string        `json:"sender_arn,omitempty" maxLength:"512" doc:"The topic or the rule."`
		WindowSeconds    *int          `json:"window_seconds,omitempty" minimum:"0" maximum:"900" doc:"Default 30."`
		MaxObjects       int           `json:"max_objects,omitempty" minimum:"1" maximum:"100000" doc:"Default 1,000."`
		ListEverySeconds int           `json:"list_every_seconds,omitempty" minimum:"300" maximum:"604800" doc:"Default an hour."`
	}
}

type reconcileInput struct {
	InSource
	Body *struct {
		ApplyDeletes bool `json:"apply_deletes,omitempty" doc:"Remove the rows of all deleted objects of feeds whose deleted setting is remove, even if they are many. Needs data.delete. It applies to this list only."`
	}
}

type listWaitingInput struct {
	InSource
	InPage
	State string `query:"state" enum:"waiting,failed" default:"waiting"`
}

type listEventListsInput struct {
	InSource
	InPage
}

func (a *API) eventRoutes() {
	const one, tag = "/v1/workspaces/{ws}/sources/{source}/events", "Bucket events"
	route(a, operation("set-source-events", "PUT "+one, tag, "Set the queue that receives the bucket's events"),
		a.setEvents)
	route(a, operation("get-source-events", "GET "+one, tag, "Get the queue, its state and its counts"), a.getEvents)
	route(a, operation("delete-source-events", "DELETE "+one, tag,
		"Stop receiving events for good; messages stay in the queue"), a.deleteEvents)
	route(a, answering(operation("pause-source-events", "POST "+one+"/pause", tag,
		"Pause: receive no events and start no loads")), a.pauseEvents)
	route(a, answering(operation("resume-source-events", "POST "+one+"/resume", tag,
		"Receive events again and list the bucket")), a.resumeEvents)
	route(a, operation("list-source-waiting", "GET "+one+"/objects", tag, "List objects that wait to be loaded, by "+
		"key"),
		a.listWaiting)
	reconcile := operation("reconcile-source-events", "POST "+one+"/list", tag,
		"List the bucket for objects that events missed, and for deleted ones")
	reconcile.DefaultStatus = http.StatusAccepted
	route(a, reconcile, a.reconcileEvents)
	a.raw(eventsSetupOperation(operation("get-source-events-setup", "GET "+one+"/setup", tag,
		"Get the documents to set up the queue, in a format")), a.eventsSetup)
	route(a, answering(operation("verify-source-events", "POST "+one+"/verifications", tag,
		"Check the queue with the role that reads it")), a.verifyEvents)
	route(a, operation("list-source-event-lists", "GET "+one+"/lists", tag, "Get the reports of bucket lists, "+
		"newest first"),
		a.listEventLists)
}

func (a *API) setEvents(ctx context.Context, call Call, in *setEventsInput) (*body[SourceEvents], error) {
	draft := arrival.Draft{
		Queue: in.Body.Queue, Route: in.Body.Route, KMSKeyARN: in.Body.KMSKeyARN, SenderARN: in.Body.SenderARN,
		MaxObjects: in.Body.MaxObjects, ListEvery: time.Duration(in.Body.ListEverySeconds) * time.Second,
	}
	if in.Body.WindowSeconds != nil {
		window := time.Duration(*in.Body.WindowSeconds) * time.Second
		draft.Window = &window
	}
	shown, err := a.config.Services.Events.Set(ctx, call.Actor, call.Workspace, in.Source, draft)
	return &body[SourceEvents]{toSourceEvents(&shown)}, err
}

func (a *API) getEvents(ctx context.Context, call Call, in *InSource) (*body[SourceEvents], error) {
	shown, err := a.config.Services.Events.Get(ctx, call.Actor, call.Workspace, in.Source)
	return &body[SourceEvents]{toSourceEvents(&shown)}, err
}

func (a *API) deleteEvents(ctx context.Context, call Call, in *InSource) (*struct{}, error) {
	return nil, a.config.Services.Events.Remove(ctx, call.Actor, call.Workspace, in.Source)
}

func (a *API) pauseEvents(ctx context.Context, call Call, in *InSource) (*body[SourceEvents], error) {
	shown, err := a.config.Services.Events.Pause(ctx, call.Actor, call.Workspace, in.Source)
	return &body[SourceEvents]{toSourceEvents(&shown)}, err
}

func (a *API) resumeEvents(ctx context.Context, call Call, in *InSource) (*body[SourceEvents], error) {
	shown, err := a.config.Services.Events.Resume(ctx, call.Actor, call.Workspace, in.Source)
	return &body[SourceEvents]{toSourceEvents(&shown)}, err
}

func (a *API) reconcileEvents(ctx context.Context, call Call, in *reconcileInput) (*body[SourceEvents], error) {
	list := a.config.Services.Events.ListNow
	if in.Body != nil && in.Body.ApplyDeletes {
		list = a.config.Services.Events.ApplyDeletes
	}
	shown, err := list(ctx, call.Actor, call.Workspace, in.Source)
	return &body[SourceEvents]{toSourceEvents(&shown)}, err
}

func (a *API) listWaiting(ctx context.Context, call Call, in *listWaitingInput) (
	*body[paging.List[WaitingObject]], error,
) {
	found, err := a.config.Services.Events.Waiting(ctx, call.Actor, call.Workspace, in.Source, in.State == "failed",
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[WaitingObject]]{mapPage(found, toWaitingObject)}, err
}

func (a *API) listEventLists(ctx context.Context, call Call, in *listEventListsInput) (
	*body[paging.List[SourceEventsReport]], error,
) {
	found, err := a.config.Services.Events.Lists(ctx, call.Actor, call.Workspace, in.Source,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[SourceEventsReport]]{mapPage(found, toSourceEventsReport)}, err
}

func toSourceEvents(s *arrival.Shown) SourceEvents {
	out := SourceEvents{
		Source: s.SourceID, Queue: s.Queue, Route: s.Route, KMSKeyARN: s.KMSKeyARN, SenderARN: s.SenderARN,
		WindowSeconds: int(s.Window / time.Second), MaxObjects: s.MaxObjects,
		ListEverySeconds: int(s.ListEvery / time.Second), State: s.State, Reason: s.Reason, Schedules: s.Feeds,
		SetAt: s.SetAt, LastReceive: s.Seen.LastReceive, LastEvent: s.Seen.LastEvent, TestEvent: s.Seen.TestEvent,
		Counts: s.Seen.Counts, Waiting: s.Waiting, OldestWaiting: s.Oldest, Version: s.Version,
	}
	if s.State == arrival.Failing {
		out.Hint = s.Seen.Hint
	}
	if topic := s.Seen.Confirmation; topic.Topic != "" {
		out.Confirm = &SourceEventsTopic{topic.Topic, topic.Token}
	}
	if s.Last != nil {
		last := toSourceEventsReport(*s.Last)
		out.LastList = &last
	}
	return out
}

func toSourceEventsReport(l arrival.List) SourceEventsReport {
	return SourceEventsReport{
		ID: l.ID, StartedAt: l.StartedAt, EndedAt: l.EndedAt, Complete: l.Complete, Fault: l.Fault, Seen: l.Seen,
		Matched: l.Matched, Missed: l.Missed, Backfilled: l.Backfilled, MissedKeys: l.MissedKeys,
		Gone: l.Gone, Held: l.Held, Applied: l.Approval != "",
	}
}

func toWaitingObject(o arrival.Object) WaitingObject {
	return WaitingObject{
		Key: o.Key, Action: o.Action, Origin: o.Origin, FirstSeen: o.FirstSeen, EventAt: o.EventAt,
		Attempts: o.Attempts,
		NextAt:   o.NextAt, Exhausted: o.Exhausted, Error: o.Fault,
	}
}
