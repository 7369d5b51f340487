package view

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// filter is a condition on the columns of a view that runs with its statement. It may
// select more rows than the conditions of a read, but never fewer: those are tested
// again on the result.
type filter struct {
	text   string // SQL; empty: every row
	values map[string]engine.SQLParameter
}

// maxFilterValues limits the values of a filter. Conditions with more are left out.
const maxFilterValues = 200

// filterOf returns the filter for a selection of a view's rows.
func filterOf(schema *dataset.Schema, s *engine.Selection) filter {
	w := &filterWriter{schema: schema, values: map[string]engine.SQLParameter{}}
	parts := []string{
		w.part(schema.Index.Key, s.Key, s.Keys), w.part(schema.Index.Subkey, s.Subkey, s.Subkeys),
		w.bound(s.DateColumn, ">=", s.From, -1), w.bound(s.DateColumn, "<=", s.To, 1),
	}
	for i := range s.Where {
		parts = append(parts, w.condition(&s.Where[i]))
	}
	return filter{joined(parts, " AND "), w.values}
}

// key returns a text that differs for filters that select different rows.
func (f *filter) key() string {
	if f.text == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString(f.text)
	for i := range len(f.values) {
		v := f.values[filterParameter(i)]
		fmt.Fprintf(&b, "\x00%s %s", v.Kind, v.Text)
	}
	return b.String()
}

func filterParameter(i int) string { return "f" + strconv.Itoa(i) }

// joined joins the conditions that aren't empty.
func joined(parts []string, with string) string {
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return "(" + strings.Join(parts, with) + ")"
}

// filterWriter writes a filter. Its methods return "" for a condition that every row
// may satisfy.
type filterWriter struct {
	schema *dataset.Schema
	values map[string]engine.SQLParameter
}

func (w *filterWriter) condition(c *engine.Condition) string {
	switch c.Op {
	case engine.And:
		var parts []string
		for i := range c.Parts {
			parts = append(parts, w.condition(&c.Parts[i]))
		}
		return joined(parts, " AND ")
	case engine.Or:
		return w.any(len(c.Parts), func(i int) string { return w.condition(&c.Parts[i]) })
	case engine.Anything:
		if c.Negate == c.Nulls {
			return w.null(c)
		}
		return ""
	default:
		return w.test(c)
	}
}

// null writes the conditions is.null and is.not_null.
func (w *filterWriter) null(c *engine.Condition) string {
	if _, _, ok := w.schema.Column(c.Column); !ok {
		return ""
	}
	if c.Nulls {
		return identifier(c.Column) + " IS NULL"
	}
	return identifier(c.Column) + " IS NOT NULL"
}

// comparisons has the SQL of the operators.
var comparisons = map[engine.Operator]string{
	engine.Equal: "=", engine.In: "=", engine.Less: "<", engine.LessEqual: "<=", engine.Greater: ">",
	engine.GreaterEqual: ">=",
}

// test writes the comparison of a column with values.
func (w *filterWriter) test(c *engine.Condition) string {
	column, _, ok := w.schema.Column(c.Column)
	op := comparisons[c.Op]
	if !ok || op == "" || c.Negate || len(c.Values.Nulls) == 0 {
		return ""
	}
	tests := w.any(len(c.Values.Nulls), func(i int) string { return w.compare(&column, op, &c.Values, i) })
	if tests != "" && c.Nulls {
		return joined([]string{tests, identifier(c.Column) + " IS NULL"}, " OR ")
	}
	return tests
}

// any joins n conditions by OR. If every row may satisfy one of them, it removes the
// values of the others and returns "".
func (w *filterWriter) any(n int, write func(i int) string) string {
	before, parts := len(w.values), make([]string, n)
	for i := range parts {
		if parts[i] = write(i); parts[i] == "" {
			for len(w.values) > before {
				delete(w.values, filterParameter(len(w.values)-1))
			}
			return ""
		}
	}
	return joined(parts, " OR ")
}

// compare writes the comparison of a column with value i of a vector.
func (w *filterWriter) compare(c *dataset.Column, op string, v *dataset.Vector, i int) string {
	if v.Nulls[i] || v.Type != c.Type {
		return ""
	}
	name := identifier(c.Name)
	switch c.Type {
	case dataset.String:
		if op == "=" {
			return w.with(name+" = ", engine.SQLString, string(v.BytesAt(i)))
		}
	case dataset.Integer:
		return w.with(name+" "+op+" ", engine.SQLInteger, strconv.FormatInt(v.Ints[i], 10))
	case dataset.Number:
		if x := v.Floats[i]; !math.IsNaN(x) && !math.IsInf(x, 0) {
			return w.with(name+" "+op+" ", engine.SQLDouble, strconv.FormatFloat(x, 'g', -1, 64))
		}
	case dataset.Date:
		return w.moment(c, op, time.Unix(v.Ints[i]*secondsPerDay, 0))
	case dataset.DateTime:
		return w.moment(c, op, time.UnixMicro(v.Ints[i]))
	default:
	}
	return ""
}

const secondsPerDay = 24 * 60 * 60

// moment writes the comparison of a date or a time. It is a unit wider on each side,
// because DuckDB's times may have nanoseconds.
func (w *filterWriter) moment(c *dataset.Column, op string, at time.Time) string {
	switch op {
	case "=":
		return joined([]string{w.bound(c.Name, ">=", &at, -1), w.bound(c.Name, "<=", &at, 1)}, " AND ")
	case "<", "<=":
		return w.bound(c.Name, "<=", &at, 1)
	default:
		return w.bound(c.Name, ">=", &at, -1)
	}
}

// bound writes a bound of a date or time, shifted by so many units.
func (w *filterWriter) bound(name, op string, at *time.Time, shift int) string {
	c, _, ok := w.schema.Column(name)
	if !ok || name == "" || at == nil || at.Year() < 1 || at.Year() > 9000 {
		return ""
	}
	switch c.Type {
	case dataset.Date:
		return w.with(identifier(name)+" "+op+" ", engine.SQLDate, at.UTC().AddDate(0, 0, shift).Format(time.DateOnly))
	case dataset.DateTime:
		moved := at.UTC().Add(time.Duration(shift) * time.Microsecond)
		return w.with(identifier(name)+" "+op+" ", engine.SQLDateTime, moved.Format(time.RFC3339Nano))
	default:
		return ""
	}
}

// part writes the condition that a part of the index has one of the values.
func (w *filterWriter) part(name string, value *string, values []string) string {
	if value != nil {
		values = []string{*value}
	}
	c, _, ok := w.schema.Column(name)
	if !ok || name == "" || c.Type != dataset.String || len(values) == 0 {
		return ""
	}
	return w.any(len(values), func(i int) string {
		return w.with(identifier(name)+" = ", engine.SQLString, values[i])
	})
}

// with appends a value to a condition.
func (w *filterWriter) with(text string, kind engine.SQLKind, value string) string {
	if len(w.values) >= maxFilterValues || strings.ContainsRune(value, 0) {
		return ""
	}
	name := filterParameter(len(w.values))
	w.values[name] = engine.SQLParameter{Kind: kind, Text: value}
	return text + "$" + name
}

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
