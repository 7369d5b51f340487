package delivery

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// Request is a read as it arrives.
type Request struct {
	Target Target
	Values url.Values // the parameters
	CSV    bool       // the caller prefers CSV, should the parameters not say
	Lines  bool       // the caller prefers NDJSON, should the parameters not say
}

// Read prepares the answer to a request. All that can be wrong with it is found
// here; while the rows are written only the engine can fail.
func (s *Service) Read(ctx context.Context, actor access.Actor, workspace string, request Request) (*Answer, error) {
	query, err := Parse(request.Values, s.config.Now())
	if err != nil {
		return nil, err
	}
	query.chooseFormat(request)
	names, pairs, err := request.Target.split(query.separator)
	if err != nil {
		return nil, err
	}
	if len(names) > 1 && (query.Format == CSV || query.Schema) {
		return nil, problem.New(problem.Invalid, "One dataset at a time is written as CSV, or as its schema; %d were named.", len(names))
	}
	a := &Answer{service: s, query: query, pairs: pairs}
	if err := a.chooseStream(names); err != nil {
		return nil, err
	}
	err = a.plan(ctx, actor, workspace, names)
	if err == nil && !query.Schema {
		a.first, err = a.lookup(ctx, pairs[0])
	}
	for i := range a.reads { // nothing leaves before it is recorded
		err = errors.Join(err, a.reads[i].Wait())
	}
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (q *Query) chooseFormat(request Request) {
	switch {
	case q.Format != "":
	case request.Lines && q.Callback == "":
		q.Format = NDJSON
	case request.CSV && q.Callback == "":
		q.Format = CSV
	default:
		q.Format = JSON
	}
}

// plan finds the datasets and checks the query against each.
func (a *Answer) plan(ctx context.Context, actor access.Actor, workspace string, names []string) error {
	for _, name := range names {
		found, read, err := a.service.find(ctx, actor, access.DataRead, workspace, name)
		if err != nil {
			return err
		}
		a.reads = append(a.reads, reading{Read: read})
		held, err := a.query.hold(found)
		if err != nil {
			return err
		}
		a.plans = append(a.plans, held)
	}
	for _, p := range a.pairs {
		if p.key != nil && a.plans[p.plan].dataset.Schema.Index.Key == "" || p.subkey != nil &&
			a.plans[p.plan].dataset.Schema.Index.Subkey == "" {
			return indexLacks(a.plans[p.plan], p)
		}
	}
	return nil
}

func indexLacks(p *plan, asked pair) error {
	part := "key"
	if p.dataset.Schema.Index.Key != "" && asked.subkey != nil {
		part = "subkey"
	}
	return problem.New(problem.Invalid, "The dataset %s has no %s to look rows up by.", p.dataset.Name, part).
		WithHint("Leave the %s out of the path; subattribute=column|value compares any column.", part)
}

func (a *Answer) lookup(ctx context.Context, p pair) (engine.Rows, error) {
	if a.scan {
		return a.scanAll(ctx)
	}
	selection := a.plans[p.plan].selection
	selection.Key, selection.Subkey = p.key, p.subkey
	return a.service.config.Rows.Lookup(ctx, selection)
}

// code makes the 14 hex digits that tie an answer to the log.
func (s *Service) code() string {
	var b [7]byte
	if _, err := io.ReadFull(s.config.Random, b[:]); err != nil {
		return "unknown"
	}
	return hex.EncodeToString(b[:])
}

// brokenError is an answer that could not be written to its end.
type brokenError struct {
	code  string
	cause error
}

func (e *brokenError) Error() string {
	return fmt.Sprintf("writing rows, code %s: %v", e.code, e.cause)
}

func (e *brokenError) Unwrap() error { return e.cause }
