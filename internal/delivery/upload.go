package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/spool"
	"github.com/windlass-io/windlass/internal/tabular"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/usage"
)

// MaxUploadBytes is the default limit of an upload's size.
const MaxUploadBytes = 512 << 20

// maxRejectedRows limits the rejected rows in the response to an upload.
const maxRejectedRows = 20

// Upload has the rows of a request, in any format that a load reads. The content
// determines the format.
type Upload struct {
	Dataset string // name or ID
	Name    string // of the file, optional: its extension is a hint if the content is ambiguous
	Body    io.Reader
	Length  int64      // bytes of the body; -1 if not known yet
	Values  url.Values // duplicateKeyHandling, overwrite, maximumValidationErrors, wait, create, name, again
	// Within is how long Upload waits for the rows to be loaded; 0: until they are.
	Within time.Duration
}

// Uploaded is the result of an upload.
type Uploaded struct {
	Dataset      string // its name
	LoadID       string // of the recorded load; empty: none
	JobID        string // the load's second ID
	Loading      bool   // the rows are still being loaded, because the caller doesn't wait
	Known        string // the load that loaded the same file before; nothing is loaded again
	Bytes        int64
	Rows         int64 // new rows, replacements included
	Duplicates   int64 // rows that were skipped, or that replaced another row
	Rejected     int64
	RejectedRows []dataset.Rejected // the first of the rejected rows
	Notes        []string
}

// Upload loads the valid rows of a request, or none if more rows are rejected
// than allowed. If the dataset doesn't exist, Upload creates it with a schema
// inferred from the rows.
func (s *Service) Upload(ctx context.Context, actor access.Actor, workspace string, upload Upload) (Uploaded, error) {
	options, err := parseUpload(upload.Values)
	if err != nil {
		return Uploaded{}, err
	}
	into, err := s.destination(ctx, actor, workspace, upload.Dataset, options.create)
	if err != nil {
		return Uploaded{}, err
	}
	if upload.Length > s.config.UploadBytes {
		return Uploaded{}, s.tooLarge()
	}
	// Receive the whole body first: a slow sender must not block the dataset.
	file, size, sum, err := s.receive(ctx, upload.Body)
	if err != nil {
		return Uploaded{}, err
	}
	job := &uploadJob{
		service: s, actor: actor, into: into, name: upload.Name, file: file, size: size, options: options,
		version: "sha256:" + sum,
	}
	if err := job.begin(ctx); err != nil {
		return Uploaded{}, errors.Join(err, file.Close())
	}
	if job.record != nil && (!options.wait || upload.Within > 0) {
		return s.loadWithin(ctx, job, upload.Within)
	}
	if err = job.run(ctx); err == nil {
		usage.Of(ctx).Rows(job.into.ID, job.done.Rows)
	}
	return job.done, err
}

// loadWithin loads the rows of a job. If that takes longer than a time, they are loaded
// after the answer.
func (s *Service) loadWithin(ctx context.Context, job *uploadJob, within time.Duration) (Uploaded, error) {
	answer, ended := job.done, make(chan error, 1)
	answer.Loading = true
	s.loading.Go(func() { ended <- job.run(context.WithoutCancel(ctx)) }) // the load records the error
	if within <= 0 {
		return answer, nil
	}
	late := time.NewTimer(within)
	defer late.Stop()
	select {
	case err := <-ended:
		if err == nil {
			usage.Of(ctx).Rows(job.into.ID, job.done.Rows)
		}
		return job.done, err
	case <-late.C:
		return answer, nil
	case <-ctx.Done():
		return answer, ctx.Err()
	}
}

// Wait waits for uploads in progress.
func (s *Service) Wait() { s.loading.Wait() }

// destination is the target of an upload: a dataset, or the name of one to create.
type destination struct {
	dataset.Dataset
	create bool
}

// destination finds the dataset of an upload. If it doesn't exist, it is
// created later, if the actor may create it.
func (s *Service) destination(ctx context.Context, actor access.Actor, workspace, name string, create bool) (
	destination, error,
) {
	found, _, err := s.find(ctx, actor, access.DataWrite, workspace, name)
	if err == nil || !create || !problem.Is(err, problem.NotFound) {
		return destination{Dataset: found}, err
	}
	written := access.Resource{Workspace: workspace, Kind: "dataset", ID: name}
	made := access.Resource{Workspace: workspace, Kind: "dataset"}
	if !access.Allowed(actor, access.DataWrite, written) || !access.Allowed(actor, access.DatasetCreate, made) {
		return destination{}, err
	}
	if fault := dataset.NameFault(name); fault != "" {
		return destination{}, problem.Wrap(err, problem.Invalid, "The dataset name %s %s.", excerpt(name),
			strings.TrimSuffix(fault, ".")).WithReason(invalidValue)
	}
	return destination{dataset.Dataset{Workspace: workspace, Name: name}, true}, nil
}

// uploadOptions are an upload's parameters.
type uploadOptions struct {
	duplicates engine.Duplicates
	most       int64 // maximum of rejected rows; -1: no limit
	wait       bool  // wait until the rows are loaded
	create     bool  // create the dataset if it doesn't exist
	again      bool  // load a file that was loaded before
}

func parseUpload(values url.Values) (uploadOptions, error) {
	p := &parser{}
	for name, v := range values {
		folded := strings.ToLower(name)
		switch {
		case slices.Contains(IgnoredParameters, folded):
		case slices.Contains([]string{
			"duplicatekeyhandling", "overwrite", "maximumvalidationerrors", "wait", "create", "name", "again",
		}, folded):
			p.values.set(folded, v[0])
		default:
			return uploadOptions{}, problem.New(problem.Invalid, "There is no parameter %s for loading.",
				excerpt(name)).WithReason("unknown_parameter").
				WithHint("Use duplicateKeyHandling, overwrite, maximumValidationErrors, wait, create, name and again.")
		}
	}
	o := uploadOptions{
		duplicates: p.duplicates(), most: int64(p.number("maximumvalidationerrors", -1, 0, 1<<31-1)),
		wait: p.flagOr("wait", true), create: p.flagOr("create", true),
		again: p.flag("again"),
	}
	return o, p.err
}

// duplicates parses how to treat rows whose index already exists.
func (p *parser) duplicates() engine.Duplicates {
	handling := p.oneOf("duplicatekeyhandling", "ignore", "ignore", "replace", "true", "false")
	if handling == "replace" || handling == "true" || p.flag("overwrite") {
		return engine.Replace
	}
	return engine.Ignore
}

// flagOr parses a boolean. It returns preset if the parameter is missing.
func (p *parser) flagOr(name string, preset bool) bool {
	if _, ok := p.values.of(name); !ok {
		return preset
	}
	return p.flag(name)
}

// receive stores a body in a file that is deleted when it is closed, and
// returns its size and its SHA-256.
func (s *Service) receive(ctx context.Context, body io.Reader) (*spool.Buffer, int64, string, error) {
	file, sum := s.config.Spool.File(), sha256.New()
	size, err := io.Copy(io.MultiWriter(file, sum),
		io.LimitReader(tabular.UntilDone(ctx, body), s.config.UploadBytes+1))
	switch {
	case err != nil:
		return nil, 0, "", errors.Join(fmt.Errorf("receiving the upload: %w", err), file.Close())
	case size > s.config.UploadBytes:
		return nil, 0, "", errors.Join(s.tooLarge(), file.Close())
	default:
		return file, size, hex.EncodeToString(sum.Sum(nil)), nil
	}
}

func (s *Service) tooLarge() error {
	return problem.New(problem.TooLarge, "The upload has more than %d MiB.", s.config.UploadBytes>>20).
		WithHint("Send it in parts, or load it from a bucket.")
}

// stage passes all rows to the engine, and counts them and rejected ones. Once a value
// doesn't fit a guessed column, it only collects evidence.
func (j *uploadJob) stage(ctx context.Context, reader *chunk.Reader, learned *learned, staged engine.Load,
	rejects *engine.KeptRejects,
) (rows int64, err error) {
	for {
		b, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		if j.wide.learn(learned, b) {
			continue
		}
		rows += int64(b.Batch.Rows)
		if err := j.count(b.Rejected); err != nil {
			return rows, err
		}
		if err := staged.Append(ctx, &b.Batch); err != nil {
			return rows, err
		}
		if err := staged.Reject(ctx, rejects.Keep(b.Rejected)); err != nil {
			return rows, err
		}
	}
}

// count counts rejected rows. It returns an error if they are too many.
func (j *uploadJob) count(rejected []dataset.Rejected) error {
	most, done := j.options.most, &j.done
	done.Rejected += int64(len(rejected))
	more := min(len(rejected), max(0, maxRejectedRows-len(done.RejectedRows)))
	done.RejectedRows = append(done.RejectedRows, rejected[:more]...)
	if most < 0 || done.Rejected <= most {
		return nil
	}
	first := done.RejectedRows[0]
	return problem.New(problem.Invalid,
		"More than %d rows are invalid, so nothing was loaded. The first is line %d, column %q: %s.",
		most, first.Line, first.Column, strings.TrimSuffix(first.Reason, "."))
}

// notKept returns the note about rejected rows that are only counted.
func notKept(n int64) []string {
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of the rejected rows are only counted, not stored.", n)}
}
