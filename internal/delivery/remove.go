package delivery

import (
	"context"
	"net/url"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// Removal names rows to delete.
type Removal struct {
	Dataset string // name or ID
	Key     string // required
	Subkey  string // empty: every one
	Date    string // a day or a moment; empty: every one
	Values  url.Values
}

// Delete deletes the rows of a key, and says how many there were. from and to
// bound their dates.
func (s *Service) Delete(ctx context.Context, actor access.Actor, workspace string, removal Removal) (int64, error) {
	for name := range removal.Values {
		if folded := strings.ToLower(name); folded != "from" && folded != "to" && folded != "token" {
			return 0, problem.New(problem.Invalid, "There is no parameter %s for deleting.", excerpt(name)).
				WithHint("There are from and to.")
		}
	}
	query, err := Parse(removal.Values, s.config.Now())
	if err != nil {
		return 0, err
	}
	if removal.Date != "" {
		first, after, err := parseSpan(removal.Date)
		if err != nil {
			return 0, err
		}
		query.window = days(first, after)
	}
	found, _, err := s.find(ctx, actor, access.DataDelete, workspace, removal.Dataset)
	if err != nil {
		return 0, err
	}
	if removal.Key == "" || found.Schema.Index.Key == "" {
		return 0, problem.New(problem.Invalid, "Rows are deleted by their key, and the path or the dataset has none.")
	}
	selection := engine.Selection{
		DatasetID: found.ID, Schema: found.Schema, Key: &removal.Key, DateColumn: found.Schema.Index.Date,
		From: query.window.from, To: query.window.to, Limit: 1,
	}
	if removal.Subkey != "" {
		selection.Subkey = &removal.Subkey
	}
	return s.config.Rows.DeleteRows(ctx, selection)
}
