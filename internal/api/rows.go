package api

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/transfer"
)

// rowMedia are the media types of rows to write.
var rowMedia = []string{"application/json", "application/x-ndjson", "application/jsonl"}

const writeDescription = "A JSON array of objects, one object, or one object per line: up to 10,000 rows and 16 MiB, " +
	"64 KiB per row. The rows are one commit, durable and readable when the response arrives. A row that isn't " +
	"valid, or has a member that isn't a column, is rejected; the others are written. Windlass-If-Version is " +
	"the version that the dataset must have."

func (a *API) writeRoutes() {
	op := operation("write-rows", "POST /v1/workspaces/{ws}/datasets/{dataset}/rows", "Data", "Write rows")
	op.DefaultStatus = http.StatusOK
	op.Description = writeDescription
	op.Parameters = append(pathParameters("ws", "dataset"), writeParameters()...)
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	for _, media := range rowMedia {
		op.RequestBody.Content[media] = textMedia()
	}
	op.RequestBody.Content["application/json"] = &huma.MediaType{
		Schema: &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{
			Description: "An object whose members are columns.",
		}},
		Example: rowsMedia().Example,
	}
	written := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[writtenRows](), true, "WrittenRows")
	op.Responses = dataResponses("The result for the rows.", "application/json")
	op.Responses["200"].Content["application/json"] = &huma.MediaType{
		Schema: written, Example: writtenExample("wells", 7),
	}
	op.Responses["201"] = &huma.Response{
		Description: "The dataset was created.", Content: op.Responses["200"].Content,
		Headers: map[string]*huma.Param{"Location": {
			Description: "The path of the dataset.", Schema: &huma.Schema{Type: huma.TypeString},
		}},
	}
	for status, doc := range map[string]string{
		"409": "The dataset's index differs from key, subkey and date.",
		"412": "The dataset has another version.",
		"413": "The body is too large.",
		"415": "The body isn't JSON or JSON lines.",
		"422": "A row was rejected, and atomic is true: nothing was written.",
	} {
		op.Responses[status] = &huma.Response{
			Description: doc, Content: map[string]*huma.MediaType{"application/problem+json": {}},
		}
	}
	a.raw(op, a.writeRows)
}

func writeParameters() []*huma.Param {
	return []*huma.Param{
		parameter("on_conflict", huma.TypeString, "What happens to a row whose index already exists: ignore (the "+
			"default), replace, merge (only the members in the request) or fail (the row is rejected)."),
		parameter("create", huma.TypeBoolean, "Create the dataset with a schema inferred from the rows, if it "+
			"doesn't exist."),
		parameter("key", huma.TypeString, "With create: the key of the unique index."),
		parameter("subkey", huma.TypeString, "With create: the subkey of the unique index."),
		parameter("date", huma.TypeString, "With create: the date of the unique index."),
		parameter("atomic", huma.TypeBoolean, "Write nothing if a row is rejected."),
		parameter("results", huma.TypeString, "Rows in the response: errors (the default), all or none."),
	}
}

// writtenRows is the answer to a write.
type writtenRows struct {
	Dataset  string       `json:"dataset"`
	Version  int64        `json:"version" doc:"Version of the dataset. Each commit increases it."`
	Inserted int64        `json:"inserted"`
	Replaced int64        `json:"replaced" doc:"Merged rows included."`
	Ignored  int64        `json:"ignored"`
	Rejected int64        `json:"rejected"`
	Results  []writtenRow `json:"results" doc:"The rejected rows, or those that the parameter results selects."`
}

type writtenRow struct {
	Row    int                `json:"row" doc:"Its position in the body, from 0."`
	Status delivery.RowStatus `json:"status" enum:"inserted,replaced,ignored,rejected"`
	Column string             `json:"column,omitempty"`
	Value  string             `json:"value,omitempty"`
	Reason string             `json:"reason,omitempty"`
}

// writtenExample is the answer to a write of two rows.
func writtenExample(dataset string, version int64) writtenRows {
	return writtenRows{Dataset: dataset, Version: version, Inserted: 1, Ignored: 1, Results: []writtenRow{}}
}

func (a *API) writeRows(w http.ResponseWriter, r *http.Request, call Call) error {
	options, results, err := delivery.ParseWrite(r.URL.Query())
	if err == nil {
		err = checkRowMedia(r)
	}
	if err != nil {
		return a.refuseData(w, r, err)
	}
	if err := tooLarge(r, delivery.MaxWriteBytes); err != nil {
		return err
	}
	transfer.Upload(r)
	written, err := a.config.Services.Delivery.WriteRows(r.Context(), call.Actor, call.Workspace, delivery.RowWrite{
		WriteOptions: options, Dataset: r.PathValue("dataset"), Body: r.Body,
		IfVersion: r.Header.Get("Windlass-If-Version"),
	})
	if err != nil && problem.From(err).Reason == delivery.RowsRejected {
		return err // the parameters are valid: 422
	}
	if err != nil {
		return a.refuseData(w, r, err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("Windlass-Dataset-Version", strconv.FormatInt(written.Version, 10))
	if door.Prefers(r, "return", "minimal") {
		results = "none"
		h.Set("Preference-Applied", "return=minimal")
	}
	status := http.StatusOK
	if written.Created {
		status = http.StatusCreated
		h.Set("Location", "/v1/workspaces/"+url.PathEscape(r.PathValue("ws"))+"/datasets/"+url.PathEscape(written.Dataset))
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(showWritten(&written, results))
	return nil
}

func checkRowMedia(r *http.Request) error {
	text := r.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(text)
	if text == "" || err == nil && slices.Contains(rowMedia, media) {
		return nil
	}
	return problem.New(problem.UnsupportedMedia, "Rows can't be sent as %s.", clip.To(text, 100)).
		WithHint("Send the header Content-Type: application/json, or application/x-ndjson.")
}

// showWritten returns the answer to a write, with the rows that results names.
func showWritten(written *delivery.Written, results string) writtenRows {
	out := writtenRows{
		Dataset: written.Dataset, Version: written.Version, Inserted: written.Inserted, Replaced: written.Replaced,
		Ignored: written.Ignored, Rejected: written.Rejected, Results: []writtenRow{},
	}
	for i, row := range written.Rows {
		if results == "all" || results == "errors" && row.Status == delivery.RowRejected {
			out.Results = append(out.Results, writtenRow{i, row.Status, row.Column, row.Value, row.Reason})
		}
	}
	return out
}
