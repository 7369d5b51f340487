package delivery

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// Bounds of one write.
const (
	MaxWriteBytes = 16 << 20
	MaxWriteRows  = 10_000
	maxRowBytes   = 64 << 10
)

// Write writes the rows of a JSON array, or one JSON object. They are readable
// when it returns, and leave no load. A row that isn't valid, or has a member that
// is no column, is rejected; the others are written.
func (s *Service) Write(ctx context.Context, actor access.Actor, workspace string, upload Upload) (Uploaded, error) {
	options, err := parseWrite(upload.Values)
	if err != nil {
		return Uploaded{}, err
	}
	into, err := s.destination(ctx, actor, workspace, upload.Dataset, options.create)
	if err != nil {
		return Uploaded{}, err
	}
	rows, err := readRows(upload.Body)
	if err != nil {
		return Uploaded{}, err
	}
	if len(rows) == 0 {
		return Uploaded{Dataset: into.Name}, nil
	}
	known, places, rejected := into.split(rows)
	job := &uploadJob{service: s, actor: actor, into: into, options: options, shown: MaxWriteRows}
	job.done = Uploaded{Dataset: into.Name, Rejected: int64(len(rejected)), Told: rejected}
	if len(known) == 0 {
		return job.done, nil
	}
	err = job.write(ctx, known)
	for i := len(rejected); i < len(job.done.Told); i++ { // rows of known, counted from 1
		if line := job.done.Told[i].Line; line >= 1 && line <= int64(len(places)) {
			job.done.Told[i].Line = places[line-1]
		}
	}
	slices.SortStableFunc(job.done.Told, func(a, b dataset.Rejected) int { return int(a.Line - b.Line) })
	return job.done, err
}

func (j *uploadJob) write(ctx context.Context, rows []json.RawMessage) error {
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	before := j.done
	j.file, j.size = j.service.config.Spool.File(), int64(len(text))
	if _, err := j.file.Write(text); err != nil {
		return errors.Join(err, j.file.Close())
	}
	if err := j.begin(ctx); err != nil {
		return errors.Join(err, j.file.Close())
	}
	j.done.Rejected, j.done.Told = before.Rejected, before.Told
	return j.run(ctx)
}

func parseWrite(values url.Values) (uploadOptions, error) {
	p := &parser{values: map[string]string{}}
	for name, v := range values {
		folded := strings.ToLower(name)
		switch {
		case slices.Contains(IgnoredParameters, folded),
			slices.Contains([]string{"event", "persist", "updatestate", "wait"}, folded):
		case slices.Contains([]string{"duplicatekeyhandling", "overwrite", "createdatasetondemand"}, folded):
			p.values[folded] = v[0]
		default:
			return uploadOptions{}, problem.New(problem.Invalid, "There is no parameter %s for writing.",
				excerpt(name)).WithReason("unknown_parameter").
				WithHint("There are duplicateKeyHandling and createDatasetOnDemand.")
		}
	}
	o := uploadOptions{
		duplicates: p.duplicates(), most: -1, wait: true, create: p.flagOr("createdatasetondemand", true),
	}
	return o, p.err
}

// readRows reads a JSON array of rows, or one row.
func readRows(body io.Reader) ([]json.RawMessage, error) {
	text, err := io.ReadAll(io.LimitReader(body, MaxWriteBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxWriteBytes {
		return nil, problem.New(problem.TooLarge, "The body has more than %d MiB.", MaxWriteBytes>>20).
			WithHint("Write the rows in several requests, or upload them as a file.")
	}
	text = bytes.TrimSpace(text)
	if len(text) > 0 && text[0] == '{' {
		text = slices.Concat([]byte("["), text, []byte("]"))
	}
	var rows []json.RawMessage
	if json.Unmarshal(text, &rows) != nil || rows == nil {
		return nil, problem.New(problem.Invalid, "The body isn't a JSON array of objects.").WithReason("invalid_body").
			WithHint(`Send the rows as [{"symbol":"AAPL","close":1.5}].`)
	}
	if len(rows) > MaxWriteRows {
		return nil, problem.New(problem.TooLarge, "The body has %d rows, more than %d.", len(rows), MaxWriteRows).
			WithHint("Write the rows in several requests, or upload them as a file.")
	}
	return rows, nil
}

// split separates the rows that can be read from those that can't. places are the
// numbers of the first, from 1.
func (d *destination) split(rows []json.RawMessage) (known []json.RawMessage, places []int64,
	rejected []dataset.Rejected,
) {
	for i, row := range rows {
		if column, reason := d.fault(row); reason != "" {
			rejected = append(rejected, dataset.Rejected{Line: int64(i + 1), Column: column, Reason: reason})
			continue
		}
		known, places = append(known, row), append(places, int64(i+1))
	}
	return known, places, rejected
}

// fault returns why a row can't be read, and the member; both are empty for a
// good row. Any member is known of a dataset that is yet to be created.
func (d *destination) fault(row json.RawMessage) (column, reason string) {
	var members map[string]json.RawMessage
	switch {
	case len(row) > maxRowBytes:
		return "", fmt.Sprintf("the row has more than %d KiB", maxRowBytes>>10)
	case json.Unmarshal(row, &members) != nil || members == nil:
		return "", "the row isn't a JSON object"
	case d.create:
		return "", ""
	}
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if _, _, ok := d.Schema.Column(name); !ok {
			return name, "the dataset has no such column"
		}
	}
	return "", ""
}
