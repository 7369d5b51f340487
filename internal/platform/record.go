package platform

import (
	"fmt"
	"net/http"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/transfer"
)

// dataPath is where rows are loaded, read and deleted.
const dataPath = "/v1/data/{ws}/{dataset}"

func (p *Platform) recordRoutes() []Route {
	routes := []Route{{
		ID: "upload-rows", Method: http.MethodPost, Path: dataPath, Tag: "Data", Summary: "Load the rows of the body",
		Description: "JSON, JSON lines, CSV with commas, tabs or bars, or Parquet, plain or compressed; told by its content, at most 512 MiB. Rows that are not valid are left out and told.",
		Query: []Parameter{
			{"duplicateKeyHandling", "", "ignore (the default) keeps the old row, replace the new one."},
			{"overwrite", "boolean", "The same as duplicateKeyHandling=replace."},
			{"maximumValidationErrors", "integer", "Load nothing when more rows than this are not valid."},
			{"wait", "boolean", "Has no effect: the answer always waits."},
		},
		Body:   []string{"application/json", "application/jsonl", "text/csv", "application/octet-stream"},
		Handle: answering(p.upload),
	}}
	for i, path := range []string{"/{key}", "/{key}/{subkey}", "/{key}/{subkey}/{date}"} {
		routes = append(routes, Route{
			ID: []string{"delete-key", "delete-subkey", "delete-date"}[i], Method: http.MethodDelete,
			Path: dataPath + path, Tag: "Data",
			Summary: []string{
				"Delete the rows of a key", "Delete the rows of a key and subkey",
				"Delete the rows of a key, a subkey and a day",
			}[i],
			Query: []Parameter{
				{"from", "", "From this day on."},
				{"to", "", "Up to and with this day."},
			},
			Handle: answering(p.deleteRows),
		})
	}
	return routes
}

// uploaded is how the platform's clients hear of what they loaded.
type uploaded struct {
	done
	Rows       int64          `json:"rows"`
	Duplicates int64          `json:"duplicates"`
	Rejected   int64          `json:"rejected"`
	Errors     []rejectedLine `json:"errors,omitempty"`
	Notes      []string       `json:"notes,omitempty"`
}

// rejectedLine is a row that was left out, and why.
type rejectedLine struct {
	Line   int64  `json:"line"`
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
}

func rejectedLines(rows []dataset.Rejected) []rejectedLine {
	lines := make([]rejectedLine, len(rows))
	for i, r := range rows {
		lines[i] = rejectedLine{r.Line, r.Column, r.Value, r.Reason}
	}
	return lines
}

func (p *Platform) upload(r *http.Request, call Call) (any, error) {
	transfer.Upload(r)
	sent, err := p.config.Delivery.Upload(r.Context(), call.Actor, call.Workspace, delivery.Upload{
		Dataset: r.PathValue("dataset"), Body: r.Body, Length: r.ContentLength, Values: r.URL.Query(),
	})
	if err != nil {
		return nil, err
	}
	return uploaded{
		done: done{true, fmt.Sprintf("Data upload of %dB for %s completed", sent.Bytes, sent.Dataset)},
		Rows: sent.Rows, Duplicates: sent.Duplicates, Rejected: sent.Rejected, Errors: rejectedLines(sent.Told),
		Notes: sent.Notes,
	}, nil
}

// deletion is how the platform's clients hear of what they deleted.
type deletion struct {
	done
	Deleted int64 `json:"deleted"`
}

func (p *Platform) deleteRows(r *http.Request, call Call) (any, error) {
	n, err := p.config.Delivery.Delete(r.Context(), call.Actor, call.Workspace, delivery.Removal{
		Dataset: r.PathValue("dataset"), Key: r.PathValue("key"), Subkey: r.PathValue("subkey"),
		Date: r.PathValue("date"), Values: r.URL.Query(),
	})
	if err != nil {
		return nil, err
	}
	return deletion{done{true, fmt.Sprintf("deleted %d records", n)}, n}, nil
}
