package api

import (
	"context"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/json"
)

// Source is a source in the API.
type Source struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	Integration string        `json:"integration,omitempty" doc:"ID of the integration, if the source uses one."`
	Credential  string        `json:"credential,omitempty" doc:"ID of the access key, if the source uses one."`
	Bucket      string        `json:"bucket"`
	Pattern     string        `json:"pattern" doc:"Pattern of keys: * within a segment, ** across segments, ?, […], {a,b}."`
	Exclude     []string      `json:"exclude"`
	Format      source.Format `json:"format"`

	Dialect   tabular.Dialect `json:"dialect" doc:"Each setting with its value and origin; null means detected for each object."`
	CreatedAt time.Time       `json:"created_at"`
	UpdatedAt time.Time       `json:"updated_at"`
}

// SourceObject is an object of a source's bucket, with its state.
type SourceObject struct {
	Key      string       `json:"key"`
	Size     int64        `json:"size" doc:"Bytes."`
	ETag     string       `json:"etag"`
	Modified time.Time    `json:"modified"`
	Matched  bool         `json:"matched"`
	Match    source.Match `json:"match" enum:"matched,no_match,excluded,marker,empty" doc:"Whether the source loads the object, and if not, why."`
	Reason   string       `json:"reason,omitempty" doc:"Why it doesn't match or wasn't loaded."`
	Outcome  string       `json:"outcome,omitempty" doc:"loaded, skipped or failed; absent if this version is new."`
	Load     string       `json:"load,omitempty" doc:"The load that decided."`
	LoadedAt time.Time    `json:"loaded_at,omitzero"`
	Rows     int64        `json:"rows,omitempty"`
	Rejected int64        `json:"rejected,omitempty"`
}

// SourcePreview is the beginning of the oldest object that matches.
type SourcePreview struct {
	Key         string           `json:"key"`
	Size        int64            `json:"size" doc:"Bytes, as stored."`
	Modified    time.Time        `json:"modified"`
	Format      string           `json:"format"`
	Compression string           `json:"compression,omitempty"`
	Columns     []dataset.Column `json:"columns" doc:"Columns as they would be guessed."`
	Index       dataset.Index    `json:"index" doc:"Index as it would be guessed, with the reason."`
	Rows        [][]any          `json:"rows" doc:"The first rows, in the order of the columns."`
	Rejected    []RejectedRow    `json:"rejected" doc:"Rows that would be rejected, of the first rows."`
	Notes       []string         `json:"notes"`
	Dialect     tabular.Dialect  `json:"dialect" doc:"Each setting used to read the object, and its origin."`
}

// RejectedRow is a row that was or would be rejected.
type RejectedRow struct {
	Object string `json:"object"`
	Line   int64  `json:"line"`
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"`
	Error  string `json:"error"`
}

type sourceFormat struct {
	Name              source.FormatName `json:"name,omitempty" enum:"auto,csv,tsv,psv,json,jsonl,parquet,avro,xlsx" doc:"Default auto: detected from the content."`
	Encoding          tabular.Encoding  `json:"encoding,omitempty" doc:"Encoding of text: utf-8, utf-16, utf-16le, utf-16be, latin1 or windows-1252. Default: detected."`
	Compression       string            `json:"compression,omitempty" doc:"Always detected from the content. If set, an object with other compression fails."`
	Delimiter         string            `json:"delimiter,omitempty" maxLength:"40" doc:"Delimiter between fields: 1 to 8 characters. \\t and \\x01 are escapes. Default: detected."`
	Quote             *string           `json:"quote,omitempty" maxLength:"1" doc:"One ASCII character, or empty for none. Default: detected."`
	Escape            *string           `json:"escape,omitempty" maxLength:"1" doc:"Escape before a quote inside quotes; empty: the quote is doubled. Default: detected."`
	Comment           *string           `json:"comment,omitempty" maxLength:"1" doc:"Begins comment lines; empty for none. Default: # in the lines before the header."`
	SkipLines         *int              `json:"skip_lines,omitempty" doc:"Lines before the header, 0 to 1,000. Default: detected."`
	Header            *bool             `json:"header,omitempty" doc:"Whether the first record has column names. Default: detected."`
	TrailingDelimiter *bool             `json:"trailing_delimiter,omitempty" doc:"Whether a delimiter follows the last field. Default: detected."`
	NullMarkers       []string          `json:"null_markers,omitzero" nullable:"false" doc:"Up to 20 texts that mean null, instead of the built-in ones. They also apply to strings."`
	NumberFormat      string            `json:"number_format,omitempty" maxLength:"20" doc:"Example of how numbers are written, such as 1.234,5. Default: detected for each column."`
	TimeZone          string            `json:"time_zone,omitempty" maxLength:"100" doc:"IANA time zone of times without one. Default UTC."`
	MaxRecordBytes    int               `json:"max_record_bytes,omitempty" doc:"Longer records are rejected: 1,024 to 67,108,864; default 16,777,216."`
	JSONPath          string            `json:"json_path,omitempty" maxLength:"500" doc:"JSONPath (RFC 9535) to the records of a JSON document, such as $.features[*] or $..items[?@.price > 10]. Other paths than $, .name and [*] hold the document in memory."`
	Flatten           *json.Flatten     `json:"flatten,omitempty" doc:"Make columns of the members of nested objects of JSON, such as address.city. Default: they stay objects."`
	Sheet             string            `json:"sheet,omitempty" maxLength:"255" doc:"The sheet of an Excel workbook; default: the first visible one."`
	Member            string            `json:"member,omitempty" maxLength:"1024" doc:"Pattern of the members of zip archives to load. Default: all."`
	IncludeMarkers    bool              `json:"include_markers,omitempty" doc:"Also load marker files such as _SUCCESS and .crc files, and empty objects. Default: ignored."`
}

// SourceSpec is embedded in bodies. It is exported because huma requires that.
type SourceSpec struct {
	Name        string        `json:"name,omitempty" maxLength:"255" doc:"Default: generated."`
	Integration string        `json:"integration,omitempty" maxLength:"255" doc:"An integration, by ID or name. Either this or credential."`
	Credential  string        `json:"credential,omitempty" maxLength:"255" doc:"An access key, by ID or name."`
	Bucket      string        `json:"bucket" maxLength:"63"`
	Pattern     string        `json:"pattern" maxLength:"1024"`
	Exclude     []string      `json:"exclude,omitempty" maxItems:"50"`
	Format      *sourceFormat `json:"format,omitempty"`
}

func (s *SourceSpec) draft() source.Draft {
	draft := source.Draft{
		Name: s.Name, IntegrationID: s.Integration, CredentialID: s.Credential, Bucket: s.Bucket, Pattern: s.Pattern,
		Exclude: s.Exclude,
	}
	if s.Format != nil {
		draft.Format = source.Format(*s.Format)
	}
	return draft
}

type updateSourceInput struct {
	InSource
	Body struct {
		Name    *string       `json:"name,omitempty" maxLength:"255"`
		Pattern *string       `json:"pattern,omitempty" maxLength:"1024"`
		Exclude *[]string     `json:"exclude,omitempty" maxItems:"50"`
		Format  *sourceFormat `json:"format,omitempty"`
	}
}

// InSource is embedded in the input of every route under a source.
type InSource struct {
	InWorkspace
	Source string `path:"source" maxLength:"255" doc:"The source's ID or name."`
}

type listSourcesInput struct {
	InWorkspace
	InPage
}

type listSourceObjectsInput struct {
	InSource
	InPage
	Prefix string `query:"prefix" maxLength:"1024" doc:"Default: the fixed beginning of the pattern."`
}

type confirmSourceInput struct {
	InSource
	Confirm
}

func (a *API) sourceRoutes() {
	route(a, operation("list-sources", "GET /v1/workspaces/{ws}/sources", "Sources", "List sources"), a.listSources)
	route(a, operation("create-source", "POST /v1/workspaces/{ws}/sources", "Sources", "Create a source of objects "+
		"to load; with a dataset, also its feed, a schedule and the first load"),
		a.createSource)
	route(a, operation("get-source", "GET /v1/workspaces/{ws}/sources/{source}", "Sources", "One source"), a.getSource)
	route(a, operation("update-source", "PATCH /v1/workspaces/{ws}/sources/{source}", "Sources", "Change a source"),
		a.updateSource)
	route(a, destructive(operation("delete-source", "DELETE /v1/workspaces/{ws}/sources/{source}", "Sources",
		"Remove a source; loaded rows stay")), a.deleteSource)
	impactRoute(a, "get-source-impact", "/v1/workspaces/{ws}/sources/{source}", "Sources", "Get what stops if it "+
		"is removed",
		a.sourceImpact)
	preview := operation("preview-source", "POST /v1/workspaces/{ws}/sources/{source}/preview", "Sources",
		"Preview the guessed schema and the first rows of the oldest matching object")
	preview.DefaultStatus = http.StatusOK
	route(a, preview, a.previewSource)
	a.previewRoutes()
	route(a, operation("list-source-objects", "GET /v1/workspaces/{ws}/sources/{source}/objects", "Sources",
		"List the bucket's objects: whether each matches and is loaded, and why"), a.listSourceObjects)
}

func (a *API) listSources(ctx context.Context, call Call, in *listSourcesInput) (*body[paging.List[Source]], error) {
	found, err := a.config.Services.Sources.List(ctx, call.Actor, call.Workspace,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[Source]]{mapPage(found, toSource)}, err
}

func (a *API) getSource(ctx context.Context, call Call, in *InSource) (*body[Source], error) {
	found, err := a.config.Services.Sources.Get(ctx, call.Actor, call.Workspace, in.Source)
	return &body[Source]{toSource(found)}, err
}

func (a *API) updateSource(ctx context.Context, call Call, in *updateSourceInput) (*body[Source], error) {
	change := source.Change{
		Name: in.Body.Name, Pattern: in.Body.Pattern, Exclude: in.Body.Exclude,
		Format: (*source.Format)(in.Body.Format),
	}
	changed, err := a.config.Services.Sources.Update(ctx, call.Actor, call.Workspace, in.Source, change)
	return &body[Source]{toSource(changed)}, err
}

func (a *API) sourceImpact(ctx context.Context, call Call, in *InSource) (impact.Impact, error) {
	return a.config.Services.Sources.Impact(ctx, call.Actor, call.Workspace, in.Source)
}

func (a *API) deleteSource(ctx context.Context, call Call, in *confirmSourceInput) (*struct{}, error) {
	return nil, a.config.Services.Sources.Remove(ctx, call.Actor, call.Workspace, in.Source, in.given())
}

func (a *API) previewSource(ctx context.Context, call Call, in *previewSourceInput) (*body[SourcePreview], error) {
	columns, err := a.previewColumns(ctx, call, in)
	if err != nil {
		return nil, err
	}
	seen, err := a.config.Services.Sources.PreviewAs(ctx, call.Actor, call.Workspace, in.Source, &columns)
	return &body[SourcePreview]{toSourcePreview(seen)}, err
}

func (a *API) listSourceObjects(ctx context.Context, call Call,
	in *listSourceObjectsInput,
) (*body[paging.List[SourceObject]], error) {
	found, next, err := a.config.Services.Sources.Objects(ctx, call.Actor, call.Workspace, in.Source, in.Prefix,
		in.Cursor, in.Limit)
	return &body[paging.List[SourceObject]]{mapPage(paging.List[source.Object]{Items: found, Next: next},
		toSourceObject)}, err
}

func toSource(s source.Source) Source {
	return Source{
		ID: s.ID, Name: s.Name, Integration: s.IntegrationID, Credential: s.CredentialID, Bucket: s.Bucket,
		Pattern: s.Pattern, Exclude: append([]string{}, s.Exclude...), Format: s.Format, CreatedAt: s.CreatedAt,
		UpdatedAt: s.UpdatedAt, Dialect: s.Format.Dialect(),
	}
}

func toSourcePreview(p source.Preview) SourcePreview {
	out := SourcePreview{
		Key: p.Object.Key, Size: p.Object.Size, Modified: p.Object.Modified, Format: string(p.Format),
		Compression: p.Compression,
		Columns:     p.Schema.Columns, Index: p.Schema.Index, Rows: append([][]any{}, p.Rows...),
		Rejected: []RejectedRow{},
		Notes:    append([]string{}, p.Notes...), Dialect: p.Dialect,
	}
	for _, r := range p.Rejected {
		out.Rejected = append(out.Rejected, RejectedRow{
			Object: r.Object, Line: r.Line, Column: r.Column,
			Value: r.Value, Error: load.ErrorText(r),
		})
	}
	return out
}

func toSourceObject(o source.Object) SourceObject {
	out := SourceObject{
		Key: o.Info.Key, Size: o.Info.Size, ETag: o.Info.ETag, Modified: o.Info.Modified, Matched: o.Matched,
		Match:  o.Match,
		Reason: o.Reason,
	}
	if e := o.Entry; e != nil {
		out.Outcome, out.Load, out.LoadedAt, out.Rows, out.Rejected = string(e.Outcome), e.LoadID, e.Time, e.Rows,
			e.Rejected
		if e.Reason != "" {
			out.Reason = e.Reason
		}
	}
	return out
}
