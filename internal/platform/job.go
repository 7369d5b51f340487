package platform

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
)

// jobOut is a load as the platform writes it.
type jobOut struct {
	ID                   string   `json:"id"`
	JobID                string   `json:"jobId"`
	Type                 string   `json:"type"`
	DatasetID            string   `json:"datasetId"`
	DataSourceID         string   `json:"dataSourceId,omitempty"`
	SourceType           string   `json:"sourceType"`
	Status               string   `json:"status"`
	LastGoodStatus       string   `json:"lastGoodStatus"`
	Progress             int64    `json:"progress"` // percent
	Duration             int64    `json:"duration"` // milliseconds
	Ingested             int64    `json:"ingested"`
	Validated            int64    `json:"validated"`
	Invalid              int64    `json:"invalid"`
	Duplicates           int64    `json:"duplicates"`
	DuplicateKeyHandling string   `json:"duplicateKeyHandling"`
	Message              string   `json:"message"`
	Notes                []string `json:"notes"`
	Date                 int64    `json:"date"`
	Updated              int64    `json:"updated"`
}

// ingest is the one type of jobs.
const ingest = "ingest"

func (p *Platform) jobRoutes() []Route {
	const path = "/v1/jobs/{ws}/{type}"
	return []Route{
		{
			ID: "platform-create-job", Method: http.MethodPost, Path: path, Tag: tag, Summary: "Load a data source",
			Body: []string{"application/json"}, Handle: p.withBody(p.createJob),
		},
		{
			ID: "platform-list-jobs", Method: http.MethodGet, Path: path, Tag: tag,
			Summary: "List the jobs of a type, or get one job by its ID",
			Description: "The stock client reads a job at this path when it wants to cancel it. Reading doesn't " +
				"cancel anything.",
			Query: listParameters(), Handle: answering(p.listJobs),
		},
		{
			ID: "platform-get-job", Method: http.MethodGet, Path: path + "/{job}", Tag: tag, Summary: "One job",
			Handle: answering(p.getJob),
		},
		{
			ID: "platform-job-invalid-records", Method: http.MethodGet, Path: path + "/{job}/invalid-records-log",
			Tag:     tag,
			Summary: "The rejected rows of a job, as CSV", Answer: "text/csv", Handle: p.invalidRecords,
		},
		{
			ID: "platform-cancel-job", Method: http.MethodPost, Path: path + "/{job}/cancel", Tag: tag,
			Summary: "Cancel a job; none of its rows are kept", Handle: answering(p.cancelJob),
		},
	}
}

func checkJobType(r *http.Request) error {
	if kind := r.PathValue("type"); !strings.EqualFold(kind, ingest) {
		return problem.New(problem.NotFound, "Unknown type %q of jobs.", kind).WithHint("Use ingest.")
	}
	return nil
}

// jobDone is the platform's response to a change of a job.
type jobDone struct {
	done
	JobID  string `json:"jobId"`
	JobURL string `json:"jobUrl"`
}

func (p *Platform) createJob(r *http.Request, call Call, in *taking) (any, error) {
	if err := checkJobType(r); err != nil {
		return nil, err
	}
	order := load.Order{
		Dataset: in.text("datasetId", "dataset"), Source: in.text("dataSourceId", "dataSource"),
		Duplicates: in.duplicates(),
	}
	var most int64
	ok, err := in.take(&most, "maximumValidationErrors")
	in.fail(err)
	if ok {
		order.MaxRejected = &most
	}
	if err := in.end("type", "sourceType"); err != nil {
		return nil, err
	}
	src, err := p.source(r, call, order.Source)
	if err != nil {
		return nil, err
	}
	order.Source = src.ID
	started, err := p.config.Loads.Start(r.Context(), call.Actor, call.Workspace, order)
	if err != nil {
		return nil, err
	}
	jobID := started.JobID()
	return jobDone{
		done{true, "jobId: " + jobID + " has been created"}, jobID, jobURL(r, jobID),
	}, nil
}

// duplicates takes the setting for rows whose index already exists.
func (t *taking) duplicates() engine.Duplicates {
	var given any
	_, err := t.take(&given, "duplicateKeyHandling")
	t.fail(err)
	switch given {
	case true, "true", "replace":
		return engine.Replace
	case nil, false, "false", "ignore", "":
		return engine.Ignore
	}
	t.fail(problem.New(problem.Invalid, "The member duplicateKeyHandling must be true, false, replace or ignore.").
		WithReason("invalid_body"))
	return engine.Ignore
}

func (p *Platform) listJobs(r *http.Request, call Call) (any, error) {
	if job := r.PathValue("type"); strings.HasPrefix(load.IDOfJob(job), "load_") {
		return p.job(r, call, job)
	}
	if err := checkJobType(r); err != nil {
		return nil, err
	}
	wanted, err := parseListing(r)
	if err != nil {
		return nil, err
	}
	found, err := p.loads(r, call)
	if err != nil {
		return nil, err
	}
	found = pick(found, wanted, func(l load.Load) time.Time { return l.CreatedAt })
	out := make([]jobOut, len(found))
	for i := range found {
		out[i] = p.toJob(&found[i])
	}
	return out, nil
}

// loads returns the workspace's loads, the oldest first.
func (p *Platform) loads(r *http.Request, call Call) ([]load.Load, error) {
	found, err := all(r.Context(), call, p.config.Loads.List)
	if err != nil {
		return nil, err
	}
	for i, j := 0, len(found)-1; i < j; i, j = i+1, j-1 {
		found[i], found[j] = found[j], found[i]
	}
	return found, nil
}

func (p *Platform) getJob(r *http.Request, call Call) (any, error) {
	if err := checkJobType(r); err != nil {
		return nil, err
	}
	return p.job(r, call, r.PathValue("job"))
}

func (p *Platform) job(r *http.Request, call Call, job string) (any, error) {
	found, err := p.config.Loads.Get(r.Context(), call.Actor, call.Workspace, load.IDOfJob(job))
	if err != nil {
		return nil, missingJob(job, err)
	}
	return p.toJob(&found), nil
}

// missingJob names the job of a load that doesn't exist as the client did.
func missingJob(job string, err error) error {
	if problem.Is(err, problem.NotFound) {
		return problem.New(problem.NotFound, "There is no job %s.", job)
	}
	return err
}

func (p *Platform) toJob(l *load.Load) jobOut {
	status, good := jobStatus(l.State)
	out := jobOut{
		ID: l.JobID(), JobID: l.JobID(), Type: ingest, DatasetID: l.Dataset, DataSourceID: l.SourceID,
		SourceType: "AWS-S3", Status: status, LastGoodStatus: good, Ingested: l.Progress.Rows,
		Validated: l.Progress.Rows + l.Progress.Duplicates, Invalid: l.Progress.Rejected,
		Duplicates: l.Progress.Duplicates, DuplicateKeyHandling: string(l.Duplicates),
		Message: strings.TrimSpace(l.Fault + " " + l.Hint), Notes: append([]string{}, l.Notes...),
		Date: millis(l.CreatedAt), Updated: millis(l.CreatedAt),
	}
	if l.SourceID == load.UploadSource {
		out.DataSourceID, out.SourceType = "", "upload"
	}
	end := l.EndedAt
	if end.IsZero() {
		end = p.config.Now()
	}
	if !l.StartedAt.IsZero() {
		out.Duration, out.Updated = end.Sub(l.StartedAt).Milliseconds(), millis(end)
	}
	switch {
	case l.State == load.Loaded:
		out.Progress = 100
	case l.Progress.Bytes > 0:
		out.Progress = min(99, 100*l.Progress.BytesRead/l.Progress.Bytes)
	}
	return out
}

// jobStatus returns the platform's status for a state, and the last one that
// wasn't an error.
func jobStatus(state load.State) (status, good string) {
	switch state {
	case load.Loaded:
		return "INGESTED", "INGESTED"
	case load.Failed, load.Cancelled:
		return "ERROR", "VALIDATING"
	case load.Committing:
		return "INGESTING", "INGESTING"
	default:
		return "VALIDATING", "VALIDATING"
	}
}

// invalidRecords writes the rejected rows as CSV.
func (p *Platform) invalidRecords(w http.ResponseWriter, r *http.Request, call Call) error {
	if err := checkJobType(r); err != nil {
		return err
	}
	job := r.PathValue("job")
	found, err := p.config.Loads.Get(r.Context(), call.Actor, call.Workspace, load.IDOfJob(job))
	if err != nil {
		return missingJob(job, err)
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition",
		fmt.Sprintf(`attachment; filename="%s-%s-invalid-records.csv"`, found.Dataset, found.JobID()))
	out := csv.NewWriter(w)
	_ = out.Write([]string{"jobId", "lineNumber", "error"}) // Flush keeps the error
	first := found.JobID()
	err = p.config.Loads.Rejects(r.Context(), call.Actor, call.Workspace, found.ID, func(row dataset.Rejected) error {
		record := []string{first, strconv.FormatInt(row.Line, 10), load.ErrorText(row)}
		first = ""
		return out.Write(record)
	})
	out.Flush()
	if err = errors.Join(err, out.Error()); err != nil {
		panic(http.ErrAbortHandler) // a partial file must not look complete
	}
	return nil
}

func (p *Platform) cancelJob(r *http.Request, call Call) (any, error) {
	if err := checkJobType(r); err != nil {
		return nil, err
	}
	job := r.PathValue("job")
	ended, err := p.config.Loads.Cancel(r.Context(), call.Actor, call.Workspace, load.IDOfJob(job))
	if err != nil {
		return nil, missingJob(job, err)
	}
	return jobDone{done{true, "Job has been cancelled"}, ended.JobID(), jobURL(r, ended.JobID())}, nil
}
