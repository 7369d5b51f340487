package delivery

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/usage"
)

// Request is a request to read.
type Request struct {
	Target    Target
	Values    url.Values // the parameters
	Accept    string     // the header
	Count     bool       // the client prefers count=exact
	IfVersion string     // the version of the dataset that the client expects; empty: any
}

// Read prepares the answer to a request, without reading rows. The caller
// closes it.
func (s *Service) Read(ctx context.Context, actor access.Actor, workspace string, request Request) (*Answer, error) {
	values, parameters, err := s.viewParameters(ctx, &actor, workspace, &request)
	if err != nil {
		return nil, err
	}
	query, err := Parse(values, s.config.Now())
	if err != nil {
		return nil, err
	}
	if request.Count && !query.count {
		query.count, query.modern, query.preferred = true, true, true
	}
	if err := query.chooseFormat(request.Accept); err != nil {
		return nil, err
	}
	names, pairs, err := request.Target.split(query.separator)
	if err != nil {
		return nil, err
	}
	if err := query.checkNames(names); err != nil {
		return nil, err
	}
	a := &Answer{
		service: s, query: query, target: request.Target, pairs: pairs, parameters: parameters,
		tokenID: tokenOf(&actor), begin: s.config.Now(),
		note:      usage.Of(ctx),
		stopTimer: func() {},
	}
	if err := a.prepare(ctx, actor, workspace, names, request.IfVersion); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func tokenOf(actor *access.Actor) string {
	if actor.Token != "" {
		return actor.Token
	}
	return actor.ID
}

// checkNames rejects several datasets if the answer can only have one.
func (q *Query) checkNames(names []string) error {
	if len(names) < 2 {
		return nil
	}
	refuse := func(what string) error {
		return problem.New(problem.Invalid, "%s; %d were named.", what, len(names)).WithReason(oneDataset).
			WithHint("Send one request for each.")
	}
	switch {
	case q.pollName != "":
		return refuse("A queryId is of one dataset")
	case q.modern:
		return refuse("Conditions, select, order, paging and streams work on one dataset")
	case q.Format == CSV || q.Schema:
		return refuse("CSV and schemas work for one dataset at a time")
	default:
		return nil
	}
}

// prepare finds the datasets, checks the query for each, and pins their
// versions. The read must be recorded before any data is sent.
func (a *Answer) prepare(ctx context.Context, actor access.Actor, workspace string, names []string,
	ifVersion string,
) error {
	if a.query.modern {
		a.stream = a.query.Format != JSON
	} else if err := a.chooseStream(names); err != nil {
		return err
	}
	err := a.plan(ctx, actor, workspace, names)
	for i := range a.reads {
		err = errors.Join(err, a.reads[i].Wait())
	}
	if err != nil {
		return err
	}
	if a.query.pollName != "" {
		if err := a.preparePoll(ctx); err != nil {
			return err
		}
		if err := a.choosePoll(ctx); err != nil {
			return err
		}
	}
	if a.query.modern {
		if err := a.prepareModern(ctx); err != nil {
			return err
		}
	}
	return a.checkVersion(ifVersion)
}

// checkVersion returns an error if the dataset doesn't have the version that
// the client expects.
func (a *Answer) checkVersion(expected string) error {
	if expected == "" {
		return nil
	}
	version, ok := a.Version()
	if !ok {
		return problem.New(problem.Invalid, "Windlass-If-Version works only in requests for one dataset.").
			WithReason(oneDataset)
	}
	n, err := parseVersion(expected)
	if err != nil || n == version {
		return err
	}
	return versionChanged(a.plans[0].dataset.Name, version, n)
}

// parseVersion parses the version that a client expects; -1 means any.
func parseVersion(text string) (int64, error) {
	if text == "" {
		return -1, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return -1, problem.New(problem.Invalid, "Windlass-If-Version is %s, which isn't a version number.",
			excerpt(text)).
			WithReason(invalidValue).WithHint("Send the value of Windlass-Dataset-Version.")
	}
	return n, nil
}

func versionChanged(name string, version, expected int64) error {
	return problem.New(problem.Precondition, "The dataset %s has changed: its version is %d, not %d.", name, version,
		expected).WithReason("version_changed").WithHint("Read again from the beginning.")
}

// plan finds the datasets and checks the query for each.
func (a *Answer) plan(ctx context.Context, actor access.Actor, workspace string, names []string) error {
	for _, name := range names {
		found, read, err := a.service.find(ctx, actor, access.DataRead, workspace, name)
		if err != nil {
			return err
		}
		a.reads = append(a.reads, reading{Read: read})
		if err := a.open(ctx, &actor, found); err != nil {
			return err
		}
	}
	for _, p := range a.pairs {
		if p.key != nil && a.plans[p.plan].dataset.Schema.Index.Key == "" || p.subkey != nil &&
			a.plans[p.plan].dataset.Schema.Index.Subkey == "" {
			return indexLacks(a.plans[p.plan], p)
		}
	}
	return nil
}

// open creates the query's plan for a dataset or view, and pins its version.
func (a *Answer) open(ctx context.Context, actor *access.Actor, found dataset.Dataset) error {
	if found.View != nil {
		return a.openView(ctx, actor, found)
	}
	p, err := a.query.planWith(found, &a.service.shapes)
	if err != nil {
		return err
	}
	a.plans = append(a.plans, p)
	p.view, err = a.service.config.Rows.Open(ctx, found.ID)
	return err
}

func indexLacks(p *plan, asked pair) error {
	part := "key"
	if p.dataset.Schema.Index.Key != "" && asked.subkey != nil {
		part = "subkey"
	}
	return problem.New(problem.Invalid, "The dataset %s has no %s to look rows up by.", p.dataset.Name, part).
		WithReason(invalidValue).
		WithHint("Remove the %s from the path; column=eq.value compares any column.", part)
}

// Load reads the first rows. It reports everything that can be wrong with the
// request. Write calls it unless it was called before.
func (a *Answer) Load(ctx context.Context) error {
	if a.loaded || a.query.Schema {
		return nil
	}
	a.loaded = true
	if a.query.modern {
		return a.loadModern(ctx)
	}
	if a.keeps() {
		if a.kept = a.service.answers.get(a.digest()); a.kept != nil {
			return nil
		}
	}
	var err error
	a.first, err = a.lookup(ctx, a.pairs[0])
	return err
}

func (a *Answer) lookup(ctx context.Context, p pair) (engine.Rows, error) {
	if a.scan {
		return a.scanAll(ctx)
	}
	selection := a.plans[p.plan].selection
	selection.Key, selection.Subkey = p.key, p.subkey
	return a.plans[p.plan].view.Lookup(ctx, selection)
}

// code returns 14 hex digits that relate an answer to the log.
func (s *Service) code() string {
	var b [7]byte
	if _, err := io.ReadFull(s.config.Random, b[:]); err != nil {
		return "unknown"
	}
	return hex.EncodeToString(b[:])
}

// brokenError reports an answer that couldn't be written completely.
type brokenError struct {
	code  string
	cause error
}

func (e *brokenError) Error() string {
	return fmt.Sprintf("writing rows, code %s: %v", e.code, e.cause)
}

func (e *brokenError) Unwrap() error { return e.cause }
