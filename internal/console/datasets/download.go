package datasets

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/problem"
)

// downloadNames has the common names of the formats for downloads.
var downloadNames = map[delivery.Format]string{
	delivery.CSV: "CSV", delivery.NDJSON: "NDJSON", delivery.Parquet: "Parquet",
}

// download returns the address of all rows of the query, in a format.
func (r rowsQuery) download(format delivery.Format) string {
	q := r.start().values()
	q.Set("format", string(format))
	return r.path + "/download?" + q.Encode()
}

// downloadRows sends all rows that match the filters as a file. An error
// midway closes the connection, so that the file doesn't look complete.
func (h *Handlers) downloadRows(w http.ResponseWriter, v *shell.Visit) error {
	f, err := h.frame(v, "")
	if err != nil {
		return err
	}
	format := delivery.Format(v.URL.Query().Get("format"))
	if downloadNames[format] == "" {
		return problem.New(problem.Invalid, "Rows can't be downloaded as %q.", string(format)).
			WithHint("Use csv, ndjson or parquet.")
	}
	query := readRows(v.URL.Query(), f.Dataset.Path(), &f.found.Schema)
	asked := query.asked()
	asked.Del("cursor")
	asked.Set("format", string(format))
	asked.Set("select", selected(query.Columns))
	answer, err := h.Delivery.Read(v.Context(), v.Actor, v.Workspace,
		delivery.Request{Target: delivery.Target{Datasets: f.found.ID}, Values: asked})
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }() // its counts are already recorded
	return h.Download(w, v, answer.ContentType(), url.PathEscape(f.Dataset.Name)+"."+string(format), answer.Write)
}

// selected names columns as the data API reads them; "*" for all.
func selected(columns []string) string {
	if columns == nil {
		return "*"
	}
	names := make([]string, len(columns))
	for n, c := range columns {
		if names[n] = c; !plainName.MatchString(c) {
			names[n] = delivery.QuotedColumn(c)
		}
	}
	return strings.Join(names, ",")
}
