package platform

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/transfer"
)

// dataPath is the path for loading, reading and deleting rows.
const dataPath = "/v1/data/{ws}/{dataset}"

func (p *Platform) recordRoutes() []Route {
	routes := []Route{{
		ID: "upload-rows", Method: http.MethodPost, Path: dataPath, Tag: "Data", Summary: "Load the rows of the body",
		Description: "Any format that a load reads: JSON, JSON lines, CSV with any delimiter, Parquet, Avro, Excel (.xlsx), plain, compressed or in a zip archive; the content tells which. At most 512 MiB. A dataset that is created has the types that all rows show. Rows that are not valid are left out and listed.",
		Query: []Parameter{
			{"duplicateKeyHandling", "", "ignore (the default) keeps the old row, replace keeps the new one."},
			{"overwrite", "boolean", "The same as duplicateKeyHandling=replace."},
			{"maximumValidationErrors", "integer", "Load nothing if more rows than this are invalid."},
			{"wait", "boolean", "false: return before the rows are loaded; see the job."},
			{"create", "boolean", "false: don't create a dataset that doesn't exist."},
			{"name", "", "The name of the file: its ending is a hint where the content leaves the format open. A file of the same name and content is loaded once; known names the load that did."},
			{"again", "boolean", "Load a named file that was loaded before once more."},
		},
		Body:   []string{"application/json", "application/jsonl", "text/csv", "application/octet-stream"},
		Handle: p.upload,
	}}
	routes = append(routes, Route{
		ID: "platform-write-rows", Method: http.MethodPost, Path: "/v1/record/{ws}/{dataset}", Tag: "Data",
		Summary: "Write rows that are readable immediately",
		Description: "A JSON array of objects, or one object: up to 10,000 rows and 16 MiB. It creates no job. If " +
			"rows are rejected, the status is 400 and errors lists them; the others are written.",
		Query: []Parameter{
			{"duplicateKeyHandling", "", "ignore (the default) keeps the old row, replace keeps the new one."},
			{"overwrite", "boolean", "The same as duplicateKeyHandling=replace."},
			{"createDatasetOnDemand", "boolean", "Create the dataset if it doesn't exist; default true."},
			{"wait", "", "Has no effect: the response always waits."},
			{"event", "", "Has no effect."},
			{"persist", "", "Has no effect."},
			{"updateState", "", "Has no effect."},
		},
		Body: []string{"application/json"}, Handle: answering(p.write),
	})
	for i, path := range []string{"", "/{key}", "/{key}/{subkey}", "/{key}/{subkey}/{date}"} {
		routes = append(routes, Route{
			ID: []string{"delete-rows", "delete-key", "delete-subkey", "delete-date"}[i], Method: http.MethodDelete,
			Path: dataPath + path, Tag: "Data",
			Summary: []string{
				"Delete rows by conditions", "Delete the rows of a key", "Delete the rows of a key and subkey",
				"Delete the rows of a key, a subkey and a day",
			}[i],
			Description: "Conditions on columns, such as column=eq.value, narrow the rows; see docs/reading.md for " +
				"the grammar. Windlass-If-Version is the version that the dataset must have.",
			Query: deleteParameters(), Conditions: true, Handle: p.deleteRows,
		})
	}
	return routes
}

func deleteParameters() []Parameter {
	return []Parameter{
		{"from", "", "First day."},
		{"to", "", "Last day, inclusive."},
		{"and", "", "Conditions that must all match."},
		{"or", "", "Conditions of which at least one must match."},
		{"not.and", "", "Conditions of which at least one must not match."},
		{"not.or", "", "Conditions of which none may match."},
		{"all", "boolean", "Delete every row, if there is neither a key nor a condition."},
		{"dry_run", "boolean", "Count the rows, but delete none."},
	}
}

// uploaded is the platform's response to a load.
type uploaded struct {
	done
	JobID      string         `json:"jobId,omitempty"`
	JobURL     string         `json:"jobUrl,omitempty"`
	Rows       int64          `json:"rows"`
	Duplicates int64          `json:"duplicates"`
	Rejected   int64          `json:"rejected"`
	Known      string         `json:"known,omitempty"` // the load that loaded the same file before
	Errors     []rejectedLine `json:"errors,omitempty"`
	Notes      []string       `json:"notes,omitempty"`
}

// rejectedLine is a rejected row, and the reason.
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

// upload loads the rows of the body. With the preference respond-async, it
// responds as soon as the body has arrived, and with wait=N after N seconds at the latest.
func (p *Platform) upload(w http.ResponseWriter, r *http.Request, call Call) error {
	transfer.Upload(r)
	values := r.URL.Query()
	_, async := door.Preference(r, "respond-async")
	within, applied := door.Wait(r)
	switch {
	case values.Has("wait"):
		within, applied, async = 0, "", false
	case within == 0 && (async || applied != ""):
		values.Set("wait", "false")
	}
	sent, err := p.config.Delivery.Upload(r.Context(), call.Actor, call.Workspace, delivery.Upload{
		Dataset: r.PathValue("dataset"), Name: values.Get("name"), Body: r.Body, Length: r.ContentLength, Values: values,
		Within: within,
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if applied != "" {
		w.Header().Set("Preference-Applied", applied)
	}
	if sent.Loading && (async || applied != "") {
		status = http.StatusAccepted
		if async {
			w.Header().Set("Preference-Applied", strings.TrimSuffix("respond-async, "+applied, ", "))
		}
		w.Header().Set("Location", "/v1/workspaces/"+url.PathEscape(r.PathValue("ws"))+"/loads/"+sent.LoadID)
	}
	return writeStatus(w, status, showUploaded(r, &sent))
}

func showUploaded(r *http.Request, sent *delivery.Uploaded) uploaded {
	out := uploaded{
		done: done{true, fmt.Sprintf("Data upload of %dB for %s completed", sent.Bytes, sent.Dataset)},
		Rows: sent.Rows, Duplicates: sent.Duplicates, Rejected: sent.Rejected, Errors: rejectedLines(sent.RejectedRows),
		Notes: sent.Notes,
	}
	if sent.Known != "" {
		out.Message = "The file was loaded into " + sent.Dataset + " before"
		out.Known = sent.Known
	}
	if sent.JobID != "" {
		out.JobID, out.JobURL = sent.JobID, jobURL(r, sent.JobID)
		out.Message += ", jobId: " + sent.JobID + " has been created"
	}
	return out
}

// jobURL returns the path of a job.
func jobURL(r *http.Request, jobID string) string {
	return fmt.Sprintf("/v1/jobs/%s/%s/%s", strings.ToUpper(r.PathValue("ws")), ingest, jobID)
}

func (p *Platform) write(r *http.Request, call Call) (any, error) {
	options, err := delivery.ParseRecord(r.URL.Query())
	if err != nil {
		return nil, err
	}
	transfer.Upload(r)
	written, err := p.config.Delivery.WriteRows(r.Context(), call.Actor, call.Workspace, delivery.RowWrite{
		WriteOptions: options, Dataset: r.PathValue("dataset"), Body: r.Body,
	})
	if err != nil {
		return nil, err
	}
	if written.Rejected > 0 {
		return nil, refusedRows(&written)
	}
	return done{true, fmt.Sprintf("wrote %d messages", written.Inserted+written.Replaced)}, nil
}

// refusedRows is the error of a write with rejected rows.
func refusedRows(written *delivery.Written) error {
	findings := written.Findings()
	e := problem.New(problem.Invalid, "Rejected rows: %d. Written rows: %d. The first rejected is %s: %s.",
		written.Rejected, written.Inserted+written.Replaced, findings[0].Path, findings[0].Message).
		WithReason(delivery.RowsRejected).WithHint("Correct the rejected rows and write them again.")
	return e.WithFindings(findings...)
}

// deletion is the platform's response to a deletion.
type deletion struct {
	done
	Deleted int64 `json:"deleted"`
	Version int64 `json:"version"`
}

func (p *Platform) deleteRows(w http.ResponseWriter, r *http.Request, call Call) error {
	removed, err := p.config.Delivery.Delete(r.Context(), call.Actor, call.Workspace, delivery.Removal{
		Dataset: r.PathValue("dataset"), Key: r.PathValue("key"), Subkey: r.PathValue("subkey"),
		Date: r.PathValue("date"), Values: r.URL.Query(), IfVersion: r.Header.Get("Windlass-If-Version"),
	})
	if err != nil {
		return err
	}
	w.Header().Set("Windlass-Dataset-Version", strconv.FormatInt(removed.Version, 10))
	message := fmt.Sprintf("deleted %d records", removed.Rows)
	if removed.DryRun {
		message = fmt.Sprintf("would delete %d records", removed.Rows)
	}
	return writeJSON(w, deletion{done{true, message}, removed.Rows, removed.Version})
}
