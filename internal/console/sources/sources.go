package sources

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/source"
)

// sourcesPage lists the data sources.
type sourcesPage struct {
	page.Frame
	Sources []sourceView
	CanAdd  bool // there is an integration or a key to read through
	Next    string
}

// sourceView is a data source as pages show it.
type sourceView struct {
	ID, Name, Bucket, Pattern string
	Format                    string // its name: "csv"
	Delimiter, JSONPath       string
	Exclude                   []string
	Through, ThroughPath      string // name and page of the integration or key
	CreatedAt, UpdatedAt      time.Time
	Settings                  source.Format
}

// Path is the source's page.
func (s sourceView) Path() string { return view.SourcePath(s.ID) }

// Address is the bucket and pattern as an s3:// address.
func (s sourceView) Address() string { return "s3://" + s.Bucket + "/" + s.Pattern }

// FormatName returns the format in words.
func (s sourceView) FormatName() string {
	for _, f := range formats {
		if f.Value == s.Format {
			return f.Name
		}
	}
	return s.Format
}

var formats = []page.Option{
	{Value: string(source.Auto), Name: "By content"},
	{Value: string(source.CSV), Name: "CSV"},
	{Value: string(source.TSV), Name: "TSV"},
	{Value: string(source.PSV), Name: "Pipe-separated"},
	{Value: string(source.JSON), Name: "JSON"},
	{Value: string(source.JSONL), Name: "JSONL"},
	{Value: string(source.Parquet), Name: "Parquet"},
	{Value: string(source.Avro), Name: "Avro"},
	{Value: string(source.XLSX), Name: "Excel"},
}

func viewSource(s source.Source, ways []wayIn) sourceView {
	v := sourceView{
		ID: s.ID, Name: s.Name, Bucket: s.Bucket, Pattern: s.Pattern, Exclude: s.Exclude,
		Format: string(s.Format.Name), Delimiter: s.Format.Delimiter, JSONPath: s.Format.JSONPath,
		CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt, Settings: s.Format,
		Through: "an access key", ThroughPath: "/sources/credentials",
	}
	if s.IntegrationID != "" {
		v.Through, v.ThroughPath = "an integration", view.IntegrationPath(s.IntegrationID)
	}
	for _, way := range ways {
		if way.id == s.IntegrationID || way.id == s.CredentialID {
			v.Through = way.name
		}
	}
	return v
}

// wayIn is an integration or an access key to read through.
type wayIn struct {
	id, name    string
	integration bool
	buckets     []string // of the declared locations
}

// waysIn returns all integrations and access keys of the workspace.
func (h *Handlers) waysIn(v *shell.Visit) ([]wayIn, error) {
	var ways []wayIn
	integrations, err := h.Integrations.List(v.Context(), v.Actor, v.Workspace,
		paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return nil, err
	}
	for _, i := range integrations.Items {
		way := wayIn{id: i.ID, name: i.Name, integration: true}
		for _, l := range i.Locations {
			way.buckets = append(way.buckets, l.Bucket)
		}
		ways = append(ways, way)
	}
	keys, err := h.Credentials.List(v.Context(), v.Actor, v.Workspace, paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return nil, err
	}
	for _, k := range keys.Items {
		ways = append(ways, wayIn{id: k.ID, name: k.Name})
	}
	return ways, nil
}

func (h *Handlers) sources(w http.ResponseWriter, v *shell.Visit) error {
	ways, err := h.waysIn(v)
	if err != nil {
		return err
	}
	found, err := h.Sources.List(v.Context(), v.Actor, v.Workspace,
		paging.Request{Cursor: v.URL.Query().Get("cursor")})
	if err != nil {
		return err
	}
	p := &sourcesPage{
		Frame:  h.Frame(v, "Data sources", "/sources/data", page.Crumb{Name: "Sources"}),
		CanAdd: len(ways) > 0, Next: page.NextPath("/sources/data", found.Next),
	}
	for _, s := range found.Items {
		p.Sources = append(p.Sources, viewSource(s, ways))
	}
	h.Show(w, v.Request, http.StatusOK, "sources/sources", p)
	return nil
}
