package postgres

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// statement builds SQL with its parameters.
type statement struct {
	text strings.Builder
	args []any
}

// arg adds a parameter and returns its placeholder, with a cast to a kind's type.
func (s *statement) arg(k kind, value any) string {
	s.args = append(s.args, value)
	place := "$" + strconv.Itoa(len(s.args)) + "::"
	switch k {
	case kindNumeric:
		return place + "text::numeric"
	case kindText:
		return "(" + place + `text COLLATE "C")`
	case kindInt, kindFloat, kindBool, kindDate, kindMoment:
	}
	return place + k.sqlType()
}

// bytesArg adds a parameter of bytes.
func (s *statement) bytesArg(value []byte) string {
	s.args = append(s.args, value)
	return "$" + strconv.Itoa(len(s.args)) + "::bytea"
}

// intArg adds a number.
func (s *statement) intArg(n int64) string { return s.arg(kindInt, n) }

// valueOf returns value i of a vector as a parameter.
func valueOf(v *dataset.Vector, i int) any {
	switch kindOf(v.Type) {
	case kindInt:
		return v.Ints[i]
	case kindFloat:
		return v.Floats[i]
	case kindBool:
		return v.Ints[i] != 0
	case kindDate:
		return dayOf(v.Ints[i])
	case kindMoment:
		return momentOf(v.Ints[i])
	case kindNumeric:
		return string(dataset.AppendDecimal(nil, v.Wide[i], v.Scale))
	case kindText:
	}
	return keptText(v.BytesAt(i))
}

// dayOf and momentOf return dates as parameters. Dates outside PostgreSQL's range
// become -infinity or infinity.
func dayOf(days int64) pgtype.Date {
	switch {
	case days < minDay:
		return pgtype.Date{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
	case days > maxDay:
		return pgtype.Date{InfinityModifier: pgtype.Infinity, Valid: true}
	default:
		return pgtype.Date{Time: time.Unix(days*86400, 0).UTC(), Valid: true}
	}
}

func momentOf(micros int64) pgtype.Timestamp {
	if micros < minMoment {
		return pgtype.Timestamp{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
	}
	return pgtype.Timestamp{Time: time.UnixMicro(micros).UTC(), Valid: true}
}

// source maps the columns of a plan to those of a snapshot.
type source struct {
	*snapshot
	plan  *parquetfile.Plan
	stale bool // a column that conditions need has a type that SQL can't convert
}

// stored returns the index of a plan's column in the table, or false if the table
// doesn't have it.
func (s *source) stored(need int) (int, bool) {
	name := s.plan.Needs()[need].Name
	for i := range s.Columns {
		if s.Columns[i].Name == name {
			return i, true
		}
	}
	return 0, false
}

// expr returns SQL for a column of the plan, in the plan's type.
func (s *source) expr(need int) string {
	seq, updated := s.plan.System()
	switch need {
	case seq:
		return colSeq
	case updated:
		return colUpdated
	}
	want := s.plan.Needs()[need]
	at, ok := s.stored(need)
	if !ok {
		return "NULL::" + kindOf(want.Type).sqlType()
	}
	have := s.Columns[at]
	name := columnName(at, have)
	from, to := kindOf(have.Type), kindOf(want.Type)
	switch {
	case from == to:
		return name
	case from == kindInt && (to == kindFloat || to == kindNumeric), from == kindNumeric && to == kindFloat,
		from == kindDate && to == kindMoment:
		return name + "::" + to.sqlType()
	case from != kindText && to == kindText, from == kindFloat && to == kindNumeric:
		s.stale = true // Go converts it to text
	}
	return "NULL::" + to.sqlType()
}

// conditions adds the conditions of a plan, each after " AND ".
func (s *source) conditions(q *statement) {
	for _, f := range s.plan.Filters() {
		q.text.WriteString(" AND ")
		s.filter(q, &f)
	}
	for _, c := range s.plan.Where() {
		q.text.WriteString(" AND ")
		s.condition(q, c)
	}
}

func (s *source) filter(q *statement, f *parquetfile.Filter) {
	column := s.expr(f.Need)
	k := kindOf(s.plan.Needs()[f.Need].Type)
	bound := func() string {
		switch k {
		case kindInt: // the number of a row
			return q.intArg(f.Bound)
		case kindDate:
			return q.arg(k, dayOf(f.Bound))
		default:
			return q.arg(k, momentOf(f.Bound))
		}
	}
	switch f.Op {
	case parquetfile.AtLeast:
		q.text.WriteString(column + " >= " + bound())
	case parquetfile.Below:
		q.text.WriteString(column + " < " + bound())
	case parquetfile.Equal:
		q.text.WriteString(column + " = " + q.arg(k, valueOf(f.Value, 0)))
	default:
		q.text.WriteString(column + " IS DISTINCT FROM " + q.arg(k, valueOf(f.Value, 0)))
	}
}

// condition adds a tree of conditions.
func (s *source) condition(q *statement, c *engine.Condition) {
	if c.Op == engine.And || c.Op == engine.Or {
		word, none := " AND ", "TRUE"
		if c.Op == engine.Or {
			word, none = " OR ", "FALSE"
		}
		if len(c.Parts) == 0 {
			q.text.WriteString(none)
			return
		}
		q.text.WriteString("(")
		for i := range c.Parts {
			if i > 0 {
				q.text.WriteString(word)
			}
			s.condition(q, &c.Parts[i])
		}
		q.text.WriteString(")")
		return
	}
	need, err := s.plan.Need(c.Column)
	if err != nil { // can't happen: the plan has checked it
		q.text.WriteString("FALSE")
		return
	}
	column := s.expr(need)
	test := s.test(q, c, column, kindOf(s.plan.Needs()[need].Type))
	if c.Negate {
		test = "NOT (" + test + ")"
	}
	fmt.Fprintf(&q.text, "CASE WHEN %s IS NULL THEN %t ELSE %s END", column, c.Nulls, test)
}

// operators are the comparisons in SQL.
var operators = map[engine.Operator]string{
	engine.Equal: "=", engine.Less: "<", engine.LessEqual: "<=", engine.Greater: ">", engine.GreaterEqual: ">=",
}

// test returns the test of a value that isn't null.
func (s *source) test(q *statement, c *engine.Condition, column string, k kind) string {
	switch c.Op {
	case engine.Anything:
		return "TRUE"
	case engine.Like:
		return column + " ~ " + q.arg(kindText, expression(c.Pattern))
	case engine.In:
		return s.in(q, &c.Values, column, k)
	default:
		if k != kindFloat {
			return column + " " + operators[c.Op] + " " + q.arg(k, valueOf(&c.Values, 0))
		}
		x := c.Values.Floats[0]
		if math.IsNaN(x) { // never matches, but PostgreSQL sorts it after all numbers
			return "FALSE"
		}
		return column + " " + operators[c.Op] + " " + q.arg(k, x) + " AND " + column + " <> 'NaN'"
	}
}

// in returns the test for one of several values.
func (s *source) in(q *statement, list *dataset.Vector, column string, k kind) string {
	var texts []string
	var values []any
	for i := range list.Nulls {
		switch {
		case k == kindFloat && math.IsNaN(list.Floats[i]): // equals nothing
		case k == kindNumeric || k == kindText:
			texts = append(texts, valueOf(list, i).(string))
		default:
			values = append(values, valueOf(list, i))
		}
	}
	place := func(list any) string {
		q.args = append(q.args, list)
		return "$" + strconv.Itoa(len(q.args))
	}
	switch k {
	case kindNumeric:
		return column + " = ANY(" + place(texts) + "::text[]::numeric[])"
	case kindText:
		return column + " = ANY(" + place(texts) + "::text[])"
	case kindInt:
		return column + " = ANY(" + place(as[int64](values)) + "::int8[])"
	case kindFloat:
		return column + " = ANY(" + place(as[float64](values)) + "::float8[])"
	case kindBool:
		return column + " = ANY(" + place(as[bool](values)) + "::bool[])"
	case kindDate:
		return column + " = ANY(" + place(as[pgtype.Date](values)) + "::date[])"
	default:
		return column + " = ANY(" + place(as[pgtype.Timestamp](values)) + "::timestamp[])"
	}
}

func as[T any](values []any) []T {
	list := make([]T, len(values))
	for i := range values {
		list[i] = values[i].(T)
	}
	return list
}

// expression returns a pattern as a regular expression of PostgreSQL for stored
// texts. If case is ignored, letters become lists of letters, so that the
// database's rules for case don't matter.
func expression(p *engine.Pattern) string {
	b := []byte("^(?:")
	p.Each(func(letters []rune) {
		if len(letters) > 1 {
			b = append(b, '[')
		}
		for _, r := range letters {
			if r <= 1 {
				b = fmt.Appendf(b, `\u0001\u%04x`, r+1)
			} else {
				b = fmt.Appendf(b, `\U%08x`, r)
			}
		}
		if len(letters) > 1 {
			b = append(b, ']')
		}
	}, func() {
		b = append(b, `(?:\u0001[\u0001\u0002]|[^\u0001])`...)
	}, func() {
		b = append(b, `(?:\u0001[\u0001\u0002]|[^\u0001])*`...)
	})
	return string(append(b, ")$"...))
}
