package platform

import (
	"cmp"
	"context"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// sourceOut is a source as the platform writes it.
type sourceOut struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	Type         string    `json:"type"`
	Source       objectsIn `json:"source"`
	CredentialID string    `json:"credentialId,omitempty"`
	Date         int64     `json:"date"`
	Updated      int64     `json:"updated"`
}

// objectsIn is which objects a source has.
type objectsIn struct {
	Bucket      string `json:"awsbucketName"`
	FileKey     string `json:"fileKey,omitempty"`
	FilePattern string `json:"filePattern,omitempty"`
	JSONPath    string `json:"jsonPath,omitempty"`
}

func toSource(s source.Source) sourceOut {
	out := sourceOut{
		ID: s.ID, Name: s.Name, Type: "AWS-S3", CredentialID: s.CredentialID,
		Source: objectsIn{Bucket: s.Bucket, FilePattern: s.Pattern, JSONPath: s.Format.JSONPath},
		Date:   millis(s.CreatedAt), Updated: millis(s.UpdatedAt),
	}
	if !strings.ContainsAny(s.Pattern, `*?[{\`) {
		out.Source.FileKey, out.Source.FilePattern = s.Pattern, ""
	}
	return out
}

// thingDone is the platform's response to a change of a thing.
type thingDone struct {
	done
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (p *Platform) sourceRoutes() []Route {
	const list, one = "/v1/data-sources/{ws}", "/v1/data-sources/{ws}/{source}"
	body := []string{"application/json"}
	credential := []Parameter{{Name: "credentialId", Doc: "The source's own, by its ID or name."}}
	routes := []Route{
		{
			ID: "platform-list-sources", Method: http.MethodGet, Path: list, Summary: "List data sources",
			Query: listParameters(), Handle: answering(p.listSources),
		},
		{
			ID: "platform-create-source", Method: http.MethodPost, Path: list, Summary: "Create a data source",
			Body: body, Handle: p.withBody(p.createSource),
		},
		{
			ID: "platform-get-source", Method: http.MethodGet, Path: one, Summary: "One data source",
			Handle: answering(p.getSource),
		},
		{
			ID: "platform-update-source", Method: http.MethodPut, Path: one, Summary: "Change a data source",
			Body: body, Handle: p.withBody(p.updateSource),
		},
		{
			ID: "platform-delete-source", Method: http.MethodDelete, Path: one, Summary: "Remove a data source",
			Description: "Loaded rows stay. It needs no confirmation.", Handle: answering(p.deleteSource),
		},
		{
			ID: "platform-bucket-contents", Method: http.MethodGet, Path: list + "/bucket-contents",
			Summary:     "The objects of a bucket, page by page",
			Description: "More follow while the answer has the header Windlass-Next-Cursor. Without credentialId the workspace's integration opens the bucket.",
			Query: []Parameter{
				{"bucket", "", "The bucket."},
				{"prefix", "", "Only keys that begin so."},
				{"cursor", "", "The Windlass-Next-Cursor of the previous response."},
				{"limit", "integer", "Maximum number of objects, at most 1,000. Default: 100."},
				credential[0],
			},
			Handle: p.bucketContents,
		},
		{
			ID: "platform-sample-source", Method: http.MethodGet, Path: "/v1/sample-data-source/{ws}/{source}",
			Summary: "Preview the first rows of a data source's oldest object", Query: credential,
			Handle: answering(p.sampleSource),
		},
		{
			ID: "platform-generate-schema", Method: http.MethodGet, Path: "/v1/generate-schema/{ws}/{source}",
			Summary: "Infer the schema of a data source's oldest object", Query: credential,
			Handle: answering(p.schemaOfSource),
		},
		{
			ID: "platform-generate-schema-of", Method: http.MethodPost, Path: "/v1/generate-schema/{ws}",
			Summary: "Infer the schema of a data source without storing it", Body: body,
			Handle: p.withBody(p.schemaOfDraft),
		},
	}
	for i := range routes {
		routes[i].Tag = tag
	}
	return routes
}

// source returns a source by its ID or its name, ignoring case.
func (p *Platform) source(r *http.Request, call Call, idOrName string) (source.Source, error) {
	return resolve(r.Context(), call, idOrName, lookup[source.Source]{
		get: p.config.Sources.Get, list: p.config.Sources.List, listing: access.SourceList, kind: "source",
		names: func(s source.Source) (string, string) { return s.ID, s.Name },
	})
}

// lookup defines how things of one kind are found.
type lookup[T any] struct {
	get     func(ctx context.Context, actor access.Actor, workspace, idOrName string) (T, error)
	list    func(context.Context, access.Actor, string, paging.Request) (paging.List[T], error)
	listing access.Action
	kind    string
	names   func(T) (id, name string)
}

// resolve returns a thing by its ID or name. If none has exactly this name, it
// ignores case, if exactly one matches and the actor may list them.
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

func (p *Platform) listSources(r *http.Request, call Call) (any, error) {
	return listOf(r, call, p.config.Sources.List, func(s source.Source) time.Time { return s.CreatedAt }, toSource)
}

// listOf returns the selected items of a list.
func listOf[T, D any](r *http.Request, call Call,
	list func(context.Context, access.Actor, string, paging.Request) (paging.List[T], error),
	at func(T) time.Time, convert func(T) D,
) (any, error) {
	wanted, err := parseListing(r)
	if err != nil {
		return nil, err
	}
	found, err := all(r.Context(), call, list)
	if err != nil {
		return nil, err
	}
	found = pick(found, wanted, at)
	out := make([]D, len(found))
	for i := range found {
		out[i] = convert(found[i])
	}
	return out, nil
}

func (p *Platform) getSource(r *http.Request, call Call) (any, error) {
	found, err := p.source(r, call, r.PathValue("source"))
	if err != nil {
		return nil, err
	}
	return toSource(found), nil
}

// sourceMembers has the members of a [sourceOut] that clients may send back.
var sourceMembers = []string{"id", "date", "updated", "description"}

// takeSource parses a source. The members about objects may be in "source" or
// next to its name.
func takeSource(in *taking) (source.Draft, error) {
	draft := source.Draft{Name: in.text("name"), CredentialID: in.text("credentialId", "credential")}
	kind := in.text("type", "sourceType")
	objects := in
	inner := in.object("source", "sourceObject")
	if inner != nil {
		objects = &taking{members: inner}
	}
	address := objects.text("url")
	if strings.EqualFold(kind, "HTTP") || strings.EqualFold(kind, "URL") || address != "" {
		return draft, problem.New(problem.Invalid, "Data sources of type HTTP aren't supported.").
			WithReason("invalid_body").WithHint("Put the file into a bucket, or upload it with POST /v1/data.")
	}
	if kind != "" && !strings.EqualFold(kind, "AWS-S3") {
		return draft, problem.New(problem.Invalid, "Unknown type %q of data sources.", kind).
			WithReason("invalid_body").WithHint("Use AWS-S3.")
	}
	draft.Bucket = objects.text("awsbucketName", "awsBucketName", "bucket")
	key := objects.text("fileKey", "key", "awsfileKey", "fileName")
	draft.Pattern = objects.text("filePattern", "pattern")
	if key != "" && draft.Pattern == "" {
		draft.Pattern = source.Escape(key)
	}
	draft.Format.JSONPath = objects.text("jsonPath")
	if inner != nil {
		if err := objects.end(); err != nil {
			return draft, err
		}
	}
	return draft, in.end(sourceMembers...)
}

// withAccess sets the access to the bucket: the named access key, else the
// workspace's integration.
func (p *Platform) withAccess(r *http.Request, call Call, draft *source.Draft) error {
	if draft.CredentialID != "" {
		found, err := p.credential(r, call, draft.CredentialID)
		draft.CredentialID = found.ID
		return err
	}
	id, err := p.config.Integrations.Onboarded(r.Context(), call.Actor, call.Workspace)
	draft.IntegrationID = id
	return err
}

// objectOut is an object of a bucket as the platform writes it.
type objectOut struct {
	Key          string `json:"key"`
	LastModified string `json:"lastModified"`
	Size         int64  `json:"size"`
}

func (p *Platform) bucketContents(w http.ResponseWriter, r *http.Request, call Call) error {
	limit, err := number(r, "limit", 1)
	if err != nil {
		return err
	}
	draft := source.Draft{CredentialID: parameter(r, "credentialId")}
	if err := p.withAccess(r, call, &draft); err != nil {
		return err
	}
	objects, next, err := p.config.Sources.BucketObjects(r.Context(), call.Actor, call.Workspace, source.BucketOrder{
		IntegrationID: draft.IntegrationID, CredentialID: draft.CredentialID, Bucket: parameter(r, "bucket"),
		Prefix: parameter(r, "prefix"), Cursor: parameter(r, "cursor"), Limit: cmp.Or(limit, 100),
	})
	if err != nil {
		return err
	}
	out := make([]objectOut, len(objects))
	for i := range objects {
		out[i] = objectOut{
			objects[i].Key, objects[i].Modified.UTC().Format("2006-01-02T15:04:05.000Z"), objects[i].Size,
		}
	}
	if next != "" {
		w.Header().Set("Windlass-Next-Cursor", next)
	}
	return writeJSON(w, out)
}

func (p *Platform) createSource(r *http.Request, call Call, in *taking) (any, error) {
	draft, err := takeSource(in)
	if err != nil {
		return nil, err
	}
	if err := p.withAccess(r, call, &draft); err != nil {
		return nil, err
	}
	made, err := p.config.Sources.Create(r.Context(), call.Actor, call.Workspace, draft)
	if err != nil {
		return nil, err
	}
	return thingDone{done{true, "Data source has been created"}, made.ID, made.Name}, nil
}

func (p *Platform) updateSource(r *http.Request, call Call, in *taking) (any, error) {
	found, err := p.source(r, call, r.PathValue("source"))
	if err != nil {
		return nil, err
	}
	draft, err := takeSource(in)
	if err != nil {
		return nil, err
	}
	if draft.Bucket != "" && draft.Bucket != found.Bucket {
		return nil, problem.New(problem.Conflict, "The bucket of the data source %s can't change.", found.Name).
			WithHint("Create another data source.")
	}
	if draft.CredentialID != "" {
		key, err := p.credential(r, call, draft.CredentialID)
		if err != nil {
			return nil, err
		}
		if key.ID != found.CredentialID {
			return nil, problem.New(problem.Conflict, "The credential of the data source %s can't change.", found.Name).
				WithHint("Create another data source.")
		}
	}
	format := found.Format
	format.JSONPath = draft.Format.JSONPath
	name, pattern := cmp.Or(draft.Name, found.Name), cmp.Or(draft.Pattern, found.Pattern)
	changed, err := p.config.Sources.Update(r.Context(), call.Actor, call.Workspace, found.ID,
		source.Change{Name: &name, Pattern: &pattern, Format: &format})
	if err != nil {
		return nil, err
	}
	return thingDone{done{true, "Data source has been updated"}, changed.ID, changed.Name}, nil
}

func (p *Platform) deleteSource(r *http.Request, call Call) (any, error) {
	found, err := p.source(r, call, r.PathValue("source"))
	if err != nil {
		return nil, err
	}
	err = p.config.Sources.Remove(r.Context(), call.Actor, call.Workspace, found.ID, impact.Waived())
	if err != nil {
		return nil, err
	}
	return thingDone{done{true, "Data source has been deleted"}, found.ID, found.Name}, nil
}

// preview previews the source in the path.
func (p *Platform) preview(r *http.Request, call Call) (source.Preview, error) {
	found, err := p.source(r, call, r.PathValue("source"))
	if err != nil {
		return source.Preview{}, err
	}
	if named := parameter(r, "credentialId"); named != "" {
		key, err := p.credential(r, call, named)
		if err != nil {
			return source.Preview{}, err
		}
		if key.ID != found.CredentialID {
			return source.Preview{}, problem.New(problem.Conflict, "The data source %s has another credential.", found.Name).
				WithHint("Leave credentialId out.")
		}
	}
	return p.config.Sources.Preview(r.Context(), call.Actor, call.Workspace, found.ID)
}

func (p *Platform) sampleSource(r *http.Request, call Call) (any, error) {
	seen, err := p.preview(r, call)
	if err != nil {
		return nil, err
	}
	rows := make([]map[string]any, len(seen.Rows))
	for i, values := range seen.Rows {
		rows[i] = map[string]any{}
		for j, c := range seen.Schema.Columns {
			rows[i][c.Name] = values[j]
		}
	}
	return rows, nil
}

// generated is a schema that data showed.
type generated struct {
	Schema        schemaOut `json:"schema"`
	ColumnMapping mapping   `json:"columnMapping"`
}

func (p *Platform) schemaOfSource(r *http.Request, call Call) (any, error) {
	seen, err := p.preview(r, call)
	if err != nil {
		return nil, err
	}
	return generated{toSchema(&seen.Schema), toMapping(seen.Schema.Index)}, nil
}

func (p *Platform) schemaOfDraft(r *http.Request, call Call, in *taking) (any, error) {
	draft, err := takeSource(in)
	if err != nil {
		return nil, err
	}
	if err := p.withAccess(r, call, &draft); err != nil {
		return nil, err
	}
	draft.Name = cmp.Or(draft.Name, path.Base(draft.Pattern))
	seen, err := p.config.Sources.PreviewDraft(r.Context(), call.Actor, call.Workspace, draft)
	if err != nil {
		return nil, err
	}
	return generated{toSchema(&seen.Schema), toMapping(seen.Schema.Index)}, nil
}
