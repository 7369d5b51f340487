package duckdb

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// query is a selection in SQL. No text of the caller is in it: columns go by
// their place, values are parameters.
type query struct {
	table *table
	where []string
	args  []any
	none  bool // the selection can match nothing
}

// find gives the SQL of a column's value and its type. A column that the
// schema has and the table does not is null everywhere.
func (q *query) find(s *engine.Selection, name string) (sql string, kind dataset.Type, err error) {
	c, _, ok := s.Schema.Column(name)
	if !ok {
		return "", "", problem.New(problem.Invalid, "The dataset has no column %q.", name)
	}
	p := q.table.find(name)
	if p < 0 {
		return "CAST(NULL AS " + storageOf(c.Type).sql + ")", c.Type, nil
	}
	if have := q.table.columns[p].kind; storageOf(have) != storageOf(c.Type) {
		return "TRY_CAST(" + physical(p) + " AS " + storageOf(c.Type).sql + ")", c.Type, nil
	}
	return physical(p), c.Type, nil
}

// conditions builds the WHERE of a selection.
func (q *query) conditions(s *engine.Selection) error {
	if err := q.equals(s, "key", s.Schema.Index.Key, s.Key); err != nil {
		return err
	}
	if err := q.equals(s, "subkey", s.Schema.Index.Subkey, s.Subkey); err != nil {
		return err
	}
	for _, m := range s.Equal {
		if err := q.match(s, m); err != nil {
			return err
		}
	}
	if s.LoadedAfter != nil {
		q.where = append(q.where, "_updated > "+q.parameter(timestamp(s.LoadedAfter.UnixMicro())))
	}
	return q.window(s)
}

// equals adds the equality of a part of the index.
func (q *query) equals(s *engine.Selection, part, name string, want *string) error {
	if want == nil {
		return nil
	}
	if name == "" {
		return problem.New(problem.Invalid, "The dataset's index has no %s.", part)
	}
	return q.match(s, engine.Match{Column: name, Value: *want})
}

func (q *query) match(s *engine.Selection, m engine.Match) error {
	sql, kind, err := q.find(s, m.Column)
	if err != nil {
		return err
	}
	value, ok := parse(m.Value, kind)
	switch {
	case !ok && !m.Not: // no value of this type is written so
		q.none = true
	case !ok:
	case m.Not:
		q.where = append(q.where, sql+" IS DISTINCT FROM "+q.parameter(value))
	default:
		q.where = append(q.where, sql+" = "+q.parameter(value))
	}
	return nil
}

func (q *query) parameter(value any) string {
	q.args = append(q.args, value)
	return "$" + strconv.Itoa(len(q.args))
}

// window adds the bounds of the date.
func (q *query) window(s *engine.Selection) error {
	if s.From == nil && s.To == nil {
		return nil
	}
	sql, kind, err := q.date(s)
	if err != nil {
		return err
	}
	if s.From != nil {
		q.where = append(q.where, sql+" >= "+q.parameter(bound(*s.From, kind)))
	}
	if s.To != nil {
		q.where = append(q.where, sql+" < "+q.parameter(bound(*s.To, kind)))
	}
	return nil
}

// date gives the SQL of the date that a selection goes by, and its type.
func (q *query) date(s *engine.Selection) (sql string, kind dataset.Type, err error) {
	if s.DateColumn == "" {
		return "_updated", dataset.DateTime, nil
	}
	sql, kind, err = q.find(s, s.DateColumn)
	if err == nil && kind != dataset.Date && kind != dataset.DateTime {
		err = problem.New(problem.Invalid, "Column %q is no date: it is of type %s.", s.DateColumn, kind)
	}
	return sql, kind, err
}

// bound is a moment as a timestamp or a date. A date stands for the first
// moment of its day, so what bounds it within the day is the day after.
func bound(t time.Time, kind dataset.Type) any {
	t = t.UTC()
	if kind == dataset.DateTime {
		return timestamp(t.UnixMicro())
	}
	days := t.Unix() / 86400
	if t.Unix()%86400 < 0 {
		days--
	}
	if t.Sub(time.Unix(days*86400, 0)) > 0 {
		days++
	}
	return date(days) //nolint:gosec // a time.Time within the years that requests may name
}

func (q *query) whereSQL() string {
	if len(q.where) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(q.where, " AND ")
}

// lookup gives the whole statement for a selection. Offset and step are left
// to whoever reads the result.
func (q *query) lookup(s *engine.Selection, columns []dataset.Column) (string, error) {
	name, err := quoteTable(s.DatasetID)
	if err != nil {
		return "", err
	}
	list := make([]string, 0, len(columns)+1)
	for _, c := range columns {
		sql, _, err := q.find(s, c.Name)
		if err != nil {
			return "", err
		}
		list = append(list, sql)
	}
	if err := q.conditions(s); err != nil {
		return "", err
	}
	by, _, err := q.date(s)
	if err != nil {
		return "", err
	}
	direction := " DESC"
	if s.Order == engine.Ascending {
		direction = " ASC"
	}
	return "SELECT " + strings.Join(append(list, "_updated"), ", ") + " FROM " + name + q.whereSQL() +
			" ORDER BY " + by + direction + " NULLS LAST, _seq" + direction + " LIMIT " + strconv.FormatInt(needed(s),
			10),
		nil
}

// needed is how many rows, from the first in order, the selection looks at.
func needed(s *engine.Selection) int64 {
	return int64(s.Offset) + (int64(s.Limit)-1)*int64(max(s.Every, 1)) + 1
}

// parse reads a value of a column from its text form; ok is false when no
// value of the type is written so.
func parse(text string, kind dataset.Type) (value any, ok bool) {
	switch kind {
	case dataset.Integer:
		n, err := strconv.ParseInt(text, 10, 64)
		return n, err == nil
	case dataset.Number:
		n, err := strconv.ParseFloat(text, 64)
		return n, err == nil
	case dataset.Boolean:
		switch strings.ToLower(text) {
		case "true", "1":
			return true, true
		case "false", "0":
			return false, true
		}
		return nil, false
	case dataset.Date:
		return parseTime(text, kind, time.DateOnly, "20060102")
	case dataset.DateTime:
		return parseTime(text, kind, time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly, "20060102")
	case dataset.String, dataset.Object, dataset.Array, dataset.Any, dataset.Decimal:
		return text, utf8.ValidString(text)
	default:
		return nil, false
	}
}

func parseTime(text string, kind dataset.Type, layouts ...string) (any, bool) {
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, text, time.UTC); err == nil {
			return bound(t, kind), true
		}
	}
	return nil, false
}
