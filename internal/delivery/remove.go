package delivery

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/delivery/criteria"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/usage"
)

// Removal selects rows to delete.
type Removal struct {
	Dataset string // name or ID
	Key     string // empty: every one
	Subkey  string // empty: every one
	Date    string // a day or a moment; empty: every one
	// Values has from, to, conditions on columns, all and dry_run.
	Values url.Values
	// IfVersion is the version that the dataset must have, as the client sends it;
	// empty: any.
	IfVersion string
}

// Removed is the result of a removal.
type Removed struct {
	Rows    int64
	Version int64 // of the dataset afterwards
	DryRun  bool  // the rows weren't deleted
}

// removing has the parameters that select rows to delete.
var removing = []string{"from", "to", "and", "or", "not.and", "not.or"}

// Delete deletes the rows of a key, or those that match conditions. Without
// either it returns an error, unless the request names all rows.
func (s *Service) Delete(ctx context.Context, actor access.Actor, workspace string, removal Removal) (Removed, error) {
	options, query, err := s.parseRemoval(&removal)
	if err != nil {
		return Removed{}, err
	}
	expected, err := parseVersion(removal.IfVersion)
	if err != nil {
		return Removed{}, err
	}
	found, _, err := s.find(ctx, actor, access.DataDelete, workspace, removal.Dataset)
	if err != nil {
		return Removed{}, err
	}
	p, err := query.planFor(found)
	if err != nil {
		return Removed{}, err
	}
	asked := pair{}
	if removal.Key != "" {
		asked.key = &removal.Key
	}
	if removal.Subkey != "" {
		asked.subkey = &removal.Subkey
	}
	if index := found.Schema.Index; asked.key != nil && index.Key == "" || asked.subkey != nil && index.Subkey == "" {
		return Removed{}, indexLacks(p, asked)
	}
	order := engine.Removal{Selection: p.selection, Count: options.dryRun}
	order.Key, order.Subkey, order.Limit = asked.key, asked.subkey, 1
	if expected >= 0 {
		order.IfVersion = &expected
	}
	done, err := s.deleteNoted(ctx, &found, &order)
	if errors.Is(err, engine.ErrCrossed) {
		err = versionChanged(found.Name, done.Version, expected)
	}
	if err == nil && !options.dryRun {
		usage.Of(ctx).Rows(found.ID, done.Rows)
	}
	return Removed{done.Rows, done.Version, options.dryRun}, err
}

type removeOptions struct{ all, dryRun bool }

// parseRemoval parses the parameters of a removal.
func (s *Service) parseRemoval(removal *Removal) (removeOptions, Query, error) {
	flags := &parser{}
	values := url.Values{}
	for name, list := range removal.Values {
		switch folded := strings.ToLower(name); {
		case (folded == "all" || folded == "dry_run") && len(list) == 1:
			flags.values.set(folded, list[0])
		case slices.Contains(IgnoredParameters, folded), slices.Contains(removing, folded), !isKnown(folded):
			values[name] = list
		default:
			return removeOptions{}, Query{}, noRemoval(name)
		}
	}
	options := removeOptions{flags.flag("all"), flags.flag("dry_run")}
	query, err := Parse(values, s.config.Now())
	if flags.err != nil {
		err = flags.err
	}
	if err != nil {
		return options, query, err
	}
	if removal.Key == "" && query.narrows() == options.all {
		return options, query, whatToDelete(options.all)
	}
	if removal.Date != "" {
		first, after, err := parseSpan(removal.Date)
		if err != nil {
			return options, query, err
		}
		query.window = days(first, after)
	}
	return options, query, nil
}

// whatToDelete returns the error for a removal that has neither a key nor
// conditions, or has conditions and names all rows.
func whatToDelete(all bool) error {
	if all {
		return problem.New(problem.Invalid, "The parameter all can't be combined with conditions.").
			WithReason(conflicting).WithPlace(problem.Place{Parameter: "all"}).WithHint("Remove one of them.")
	}
	return problem.New(problem.Invalid, "The request doesn't specify which rows to "+
		"delete.").WithReason("filter_required").
		WithHint("Name a key in the path, or add a condition such as day=lt.2024-01-01. all=true deletes every row; dry_run=true counts.")
}

func noRemoval(name string) error {
	return problem.New(problem.Invalid, "The parameter %s isn't for deleting, or is given more than once.",
		excerpt(name)).WithReason(unknownParameter).WithPlace(problem.Place{Parameter: clipped(name)}).
		WithHint("Use from, to, all, dry_run, and conditions such as column=eq.value. Put a column of this name in " +
			"double quotes.")
}

// narrows reports whether the query has conditions.
func (q *Query) narrows() bool { return len(q.conditions) > 0 || q.window != window{} }

// isKnown reports whether a lower-case name is that of a parameter of reads.
func isKnown(folded string) bool {
	return criteria.IsLogic(folded) || isListed(folded) ||
		slices.Contains([]string{"transform", "transforms"}, folded)
}
