package console

import (
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/source"
)

// sourcesPage lists the data sources.
type sourcesPage struct {
	shell
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
}

// Path is the source's page.
func (s sourceView) Path() string { return sourcePath(s.ID) }

// Address is the bucket and pattern as an s3:// address.
func (s sourceView) Address() string { return "s3://" + s.Bucket + "/" + s.Pattern }

// FormatName is the format in words.
func (s sourceView) FormatName() string {
	for _, f := range formats {
		if f.Value == s.Format {
			return f.Name
		}
	}
	return s.Format
}

var formats = []option{
	{string(source.Auto), "By content"},
	{string(source.CSV), "CSV"},
	{string(source.TSV), "TSV"},
	{string(source.PSV), "Pipe-separated"},
	{string(source.JSON), "JSON"},
	{string(source.JSONL), "JSONL"},
	{string(source.Parquet), "Parquet"},
}

func viewSource(s source.Source, ways []wayIn) sourceView {
	v := sourceView{
		ID: s.ID, Name: s.Name, Bucket: s.Bucket, Pattern: s.Pattern, Exclude: s.Exclude,
		Format: string(s.Format.Name), Delimiter: s.Format.Delimiter, JSONPath: s.Format.JSONPath,
		CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt,
		Through: "an access key", ThroughPath: "/sources/credentials",
	}
	if s.IntegrationID != "" {
		v.Through, v.ThroughPath = "an integration", integrationPath(s.IntegrationID)
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

// waysIn are all integrations and access keys of the workspace.
func (c *Console) waysIn(v *visit) ([]wayIn, error) {
	var ways []wayIn
	integrations, err := c.config.Integrations.List(v.Context(), v.actor, v.workspace,
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
	keys, err := c.config.Credentials.List(v.Context(), v.actor, v.workspace, paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return nil, err
	}
	for _, k := range keys.Items {
		ways = append(ways, wayIn{id: k.ID, name: k.Name})
	}
	return ways, nil
}

func (c *Console) sources(w http.ResponseWriter, v *visit) error {
	ways, err := c.waysIn(v)
	if err != nil {
		return err
	}
	found, err := c.config.Sources.List(v.Context(), v.actor, v.workspace,
		paging.Request{Cursor: v.URL.Query().Get("cursor")})
	if err != nil {
		return err
	}
	p := &sourcesPage{
		shell:  c.shell(v, "Data sources", "/sources/data", crumb{Name: "Sources"}),
		CanAdd: len(ways) > 0, Next: nextPage("/sources/data", found.Next),
	}
	for _, s := range found.Items {
		p.Sources = append(p.Sources, viewSource(s, ways))
	}
	c.show(w, v.Request, http.StatusOK, "sources", p)
	return nil
}
