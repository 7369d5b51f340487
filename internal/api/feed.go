package api

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/deletion"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
)

// Feed is a feed in the API.
type Feed struct {
	ID                 string            `json:"id"`
	Source             string            `json:"source" doc:"The source's ID."`
	Dataset            string            `json:"dataset" doc:"The dataset's name. The first load creates it."`
	DatasetID          string            `json:"dataset_id,omitempty" doc:"Absent until the dataset exists."`
	Duplicates         engine.Duplicates `json:"duplicates" doc:"What happens to a row whose index already exists: ignore it, or replace the old row."`
	MaxRejected        *int64            `json:"max_rejected,omitempty" doc:"A load fails after more rejected rows than this. Absent: no limit."`
	MaxRejectedPercent int               `json:"max_rejected_percent" doc:"An object fails when this percentage of its rows, and at least one, is rejected."`
	Overwritten        feed.Overwritten  `json:"overwritten" doc:"What happens to an object that was already loaded in an older version: append its rows, replace the rows of older versions, or ignore it. The default is replace, and append with a declared unique index."`
	Deleted            feed.Deleted      `json:"deleted" doc:"Whether the rows of a deleted object are kept or removed."`
	MaxDeletedPercent  int               `json:"max_deleted_percent" doc:"A load fails if it would remove the rows of more than this percentage of the objects, and of at least 10."`
	Drift              feed.Drift        `json:"drift" doc:"What happens if objects differ from the dataset's schema."`
	ObjectsAtOnce      int               `json:"objects_at_once" doc:"Number of objects read at once; fewer if memory is short."`
	Order              feed.Order        `json:"order" doc:"The order in which objects are loaded: oldest or newest first."`
	ColumnSettings
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// LedgerEntry is the result of one version of an object in a feed.
type LedgerEntry struct {
	Key      string         `json:"key"`
	Version  string         `json:"version" doc:"The version ID in a versioned bucket, else the ETag."`
	State    engine.Outcome `json:"state" doc:"loaded, gone (loaded, and no longer in the bucket), replaced (by a newer version), removed (after it was deleted), ignored or failed."`
	Code     string         `json:"code,omitempty" doc:"Why it failed, for programs."`
	Attempts int            `json:"attempts,omitempty" doc:"Number of failures. After 10, it is retried once a day."`
	Reason   string         `json:"reason,omitempty" doc:"Why it failed."`
	Load     string         `json:"load" doc:"The load that decided."`
	Size     int64          `json:"size" doc:"Bytes, as stored."`
	Modified time.Time      `json:"modified"`
	Rows     int64          `json:"rows"`
	Rejected int64          `json:"rejected"`
	At       time.Time      `json:"at"`
}

// FeedSettings are embedded in bodies: the settings of a feed.
type FeedSettings struct {
	Duplicates         *engine.Duplicates `json:"duplicates,omitempty" enum:"ignore,replace" doc:"What happens to a row whose index already exists. Default ignore."`
	MaxRejected        *int64             `json:"max_rejected,omitempty" minimum:"-1" doc:"A load fails and keeps nothing after more rejected rows than this. Default -1: no limit."`
	MaxRejectedPercent *int               `json:"max_rejected_percent,omitempty" minimum:"0" maximum:"100" doc:"An object fails when this percentage of its rows, and at least one, is rejected. Default 100."`
	Overwritten        *feed.Overwritten  `json:"overwritten,omitempty" enum:"default,append,replace,ignore" doc:"What happens to an object that was already loaded in an older version. The default is replace, and append with a declared unique index."`
	Deleted            *feed.Deleted      `json:"deleted,omitempty" enum:"keep,remove" doc:"What happens to the rows of a deleted object. Default keep."`
	MaxDeletedPercent  *int               `json:"max_deleted_percent,omitempty" minimum:"0" maximum:"100" doc:"A load fails if it would remove the rows of more than this percentage of the objects, and of at least 10. Default 50."`
	Drift              DriftSettings      `json:"drift,omitzero" doc:"What happens if objects differ from the dataset's schema."`
	ObjectsAtOnce      *int               `json:"objects_at_once,omitempty" minimum:"1" maximum:"64" doc:"Number of objects read at once; fewer if memory is short. Default 8."`
	Order              *feed.Order        `json:"order,omitempty" enum:"oldest,newest" doc:"The order in which objects are loaded, by modification time and then by key. Default oldest."`
	ColumnSettings
}

// DriftSettings define what happens when objects differ from the schema of the
// dataset.
type DriftSettings struct {
	New     *feed.OnNew     `json:"new,omitempty" enum:"add,note,fail" doc:"For a column that only objects have: add it, ignore it with a note, or fail the load. Default add."`
	Missing *feed.OnMissing `json:"missing,omitempty" enum:"null,fail" doc:"For a column that an object lacks: use null, or fail the load. Default null."`
	Changed *feed.OnChanged `json:"changed,omitempty" enum:"widen,reject,fail" doc:"For values that don't fit the type of a guessed column: widen the column, reject the rows, or fail the load. Default widen."`
}

// InFeed is embedded in the input of every route under a feed.
type InFeed struct {
	InWorkspace
	Feed string `path:"feed" maxLength:"255" doc:"The feed's ID."`
}

type confirmFeedInput struct {
	InFeed
	Confirm
}

type listFeedsInput struct {
	InWorkspace
	InPage
	Source  string `query:"source" maxLength:"255" doc:"Only feeds of this source, by ID or name."`
	Dataset string `query:"dataset" maxLength:"255" doc:"Only feeds of this dataset, by name."`
}

type createFeedInput struct {
	InWorkspace
	Body struct {
		Source  string `json:"source" maxLength:"255" doc:"The source, by ID or name."`
		Dataset string `json:"dataset" maxLength:"255" doc:"The dataset, by name. The first load creates it."`
		FeedSettings
	}
}

type updateFeedInput struct {
	InFeed
	Body struct {
		Version int64 `json:"version,omitempty" doc:"The version that you read. If it has changed, the call fails with a conflict. Default: any."`
		FeedSettings
	}
}

type skipObjectsInput struct {
	InFeed
	Body struct {
		Keys  []string `json:"keys" minItems:"1" maxItems:"1000" doc:"Keys of objects that failed, or whose rows were removed."`
		State string   `json:"state" enum:"ignored" doc:"No load tries these versions again. A newer version of an object is loaded as usual."`
	}
}

type listFeedLedgerInput struct {
	InFeed
	InPage
	State  string `query:"state" enum:"loaded,gone,replaced,removed,ignored,failed" doc:"Only entries in this state."`
	Prefix string `query:"prefix" maxLength:"1024" doc:"Only keys that begin with this prefix."`
}

func (a *API) feedRoutes() {
	const all, one, tag = "/v1/workspaces/{ws}/feeds", "/v1/workspaces/{ws}/feeds/{feed}", "Feeds"
	route(a, operation("list-feeds", "GET "+all, tag, "List feeds, oldest first"), a.listFeeds)
	route(a, operation("create-feed", "POST "+all, tag, "Set how a source is loaded into a dataset, before the first load"),
		a.createFeed)
	route(a, operation("get-feed", "GET "+one, tag, "One feed"), a.getFeed)
	route(a, operation("update-feed", "PATCH "+one, tag, "Change a feed; it applies to later loads"), a.updateFeed)
	route(a, destructive(operation("delete-feed", "DELETE "+one, tag,
		"Remove a feed with its schedules and its ledger; the rows stay")), a.deleteFeed)
	impactRoute(a, "get-feed-impact", one, tag, "Get what stops if it is removed", a.feedImpact)
	route(a, operation("list-feed-ledger", "GET "+one+"/ledger", tag,
		"List what happened to each version of each object, by key"), a.listFeedLedger)
	route(a, operation("skip-objects", "POST "+one+"/ledger", tag,
		"Ignore failed objects: no load tries them again"), a.skipObjects)
}

func (s *FeedSettings) change() feed.Change {
	change := feed.Change{
		Duplicates: s.Duplicates, MaxRejected: s.MaxRejected, MaxRejectedPercent: s.MaxRejectedPercent,
		Overwritten: s.Overwritten, Deleted: s.Deleted, MaxDeletedPercent: s.MaxDeletedPercent,
		Drift: feed.DriftChange(s.Drift), ObjectsAtOnce: s.ObjectsAtOnce, Order: s.Order,
	}
	s.addTo(&change)
	return change
}

func (a *API) listFeeds(ctx context.Context, call Call, in *listFeedsInput) (*body[paging.List[Feed]], error) {
	found, err := a.config.Services.Feeds.List(ctx, call.Actor, call.Workspace,
		feed.Filter{SourceID: in.Source, Dataset: in.Dataset}, paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[Feed]]{mapPage(found, toFeed)}, err
}

func (a *API) createFeed(ctx context.Context, call Call, in *createFeedInput) (*body[Feed], error) {
	made, err := a.config.Services.Feeds.Create(ctx, call.Actor, call.Workspace, feed.Draft{
		Source: in.Body.Source, Dataset: in.Body.Dataset, Change: in.Body.change(),
	})
	return &body[Feed]{toFeed(made)}, err
}

func (a *API) getFeed(ctx context.Context, call Call, in *InFeed) (*body[Feed], error) {
	found, err := a.config.Services.Feeds.Get(ctx, call.Actor, call.Workspace, in.Feed)
	return &body[Feed]{toFeed(found)}, err
}

func (a *API) updateFeed(ctx context.Context, call Call, in *updateFeedInput) (*body[Feed], error) {
	changed, err := a.config.Services.Feeds.Update(ctx, call.Actor, call.Workspace, in.Feed, in.Body.Version,
		in.Body.change())
	return &body[Feed]{toFeed(changed)}, err
}

func (a *API) feedImpact(ctx context.Context, call Call, in *InFeed) (impact.Impact, error) {
	return a.config.Services.Feeds.Impact(ctx, call.Actor, call.Workspace, in.Feed)
}

func (a *API) deleteFeed(ctx context.Context, call Call, in *confirmFeedInput) (*struct{}, error) {
	return nil, a.config.Services.Feeds.Remove(ctx, call.Actor, call.Workspace, in.Feed, in.given())
}

func (a *API) listFeedLedger(ctx context.Context, call Call, in *listFeedLedgerInput) (
	*body[paging.List[LedgerEntry]], error,
) {
	found, err := a.config.Services.Feeds.Ledger(ctx, call.Actor, call.Workspace, in.Feed,
		feed.LedgerFilter{State: engine.Outcome(in.State), Prefix: in.Prefix},
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[LedgerEntry]]{mapPage(found, toLedgerEntry)}, err
}

func (a *API) skipObjects(ctx context.Context, call Call, in *skipObjectsInput) (
	*body[paging.List[LedgerEntry]], error,
) {
	changed, err := a.config.Services.Feeds.Skip(ctx, call.Actor, call.Workspace, in.Feed, in.Body.Keys)
	return &body[paging.List[LedgerEntry]]{
		mapPage(paging.List[engine.LedgerEntry]{Items: changed}, toLedgerEntry),
	}, err
}

func toFeed(f feed.Feed) Feed {
	out := Feed{
		ID: f.ID, Source: f.SourceID, Dataset: f.Dataset, DatasetID: f.DatasetID, Duplicates: f.Duplicates,
		MaxRejectedPercent: f.MaxRejectedPercent, Overwritten: f.Overwritten, Deleted: f.Deleted,
		MaxDeletedPercent: f.MaxDeletedPercent, Drift: f.Drift,
		ObjectsAtOnce: f.ObjectsAtOnce, Order: f.Order,
		ColumnSettings: toColumnSettings(&f.Columns), Version: f.Version,
		CreatedAt: f.CreatedAt, UpdatedAt: f.UpdatedAt,
	}
	if f.MaxRejected >= 0 {
		out.MaxRejected = &f.MaxRejected
	}
	return out
}

func toLedgerEntry(e engine.LedgerEntry) LedgerEntry {
	if e.Outcome == engine.Loaded && e.Code == deletion.CodeGone {
		e.Outcome, e.Code = feed.Gone, ""
	}
	return LedgerEntry{
		Key: e.Object.Key, Version: e.Object.Version, State: e.Outcome, Reason: e.Reason, Code: e.Code,
		Attempts: e.Attempts, Load: e.LoadID, Size: e.Size,
		Modified: e.Modified, Rows: e.Rows, Rejected: e.Rejected, At: e.Time,
	}
}
