package criteria

import (
	"errors"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// operators has the operators of conditions, with their synonyms.
var operators = map[string]string{
	"eq": "eq", "neq": "neq", "gt": "gt", "gte": "gte", "lt": "lt", "lte": "lte", "ne": "neq", "ge": "gte", "le": "lte",
	"in": "in", "like": "like", "ilike": "ilike", "is": "is", "isdistinct": "isdistinct",
}

// LooksLikeCondition reports whether a value begins with an operator.
func LooksLikeCondition(value string) bool {
	word, _, ok := strings.Cut(strings.TrimPrefix(value, "not."), ".")
	return ok && operators[word] != ""
}

// IsLogic reports whether a parameter with this name joins conditions.
func IsLogic(name string) bool { return logic[name] != (join{}) }

// join defines how a parameter joins conditions.
type join struct {
	op  engine.Operator
	not bool
	yes bool
}

var logic = map[string]join{
	"and": {engine.And, false, true}, "or": {engine.Or, false, true},
	"not.and": {engine.And, true, true}, "not.or": {engine.Or, true, true},
}

// Conditions parses the conditions of a request. The zero value isn't usable:
// Schema is required.
type Conditions struct {
	Schema *dataset.Schema
	List   []engine.Condition // all of which must hold
	count  int
}

// Filter adds the condition of a parameter that is named after a column.
func (c *Conditions) Filter(name, value string) error {
	r := &reader{scanner: scanner{parameter: name, text: value, reason: InvalidFilter}, conditions: c}
	column, _, _ := c.Schema.Column(name)
	not, operator, err := r.operator(column)
	if err != nil {
		return err
	}
	from := r.at
	var operands operands
	if operator == "in" {
		operands, err = r.list()
		if err == nil && !r.done() {
			err = r.malformed("%s follows the list.", r.next())
		}
	} else {
		operands = []operand{{r.text[from:], from}}
	}
	if err != nil {
		return err
	}
	made, err := r.condition(column, not, operator, operands)
	if err == nil {
		c.List = append(c.List, made)
	}
	return err
}

// Logic adds the conditions of a parameter and, or, not.and or not.or.
func (c *Conditions) Logic(name, value string) error {
	r := &reader{scanner: scanner{parameter: name, text: value, reason: InvalidFilter}, conditions: c, inLogic: true}
	how := logic[name]
	made, err := r.logic(how, how.not, 1)
	if err == nil && !r.done() {
		err = r.malformed("%s follows the last bracket.", r.next())
	}
	if err == nil {
		c.List = append(c.List, made)
	}
	return err
}

// reader parses conditions.
type reader struct {
	scanner
	conditions *Conditions
	inLogic    bool
}

// operand is a value as sent, and its position.
type operand struct {
	text string
	at   int
}

type operands []operand

// logic parses "(condition,…)". With not it returns the negation, pushed down to
// the conditions: not (a and b) is not a or not b.
func (r *reader) logic(how join, not bool, depth int) (engine.Condition, error) {
	joined := engine.Condition{Op: how.op}
	if not {
		joined.Op = engine.And + engine.Or - how.op
	}
	if depth > MaxDepth {
		return joined, r.fail(TooMany, r.at, "%s: logic is nested more than %d levels deep.", r.parameter, MaxDepth).
			WithHint("Nest it less: and(a,and(b,c)) is and(a,b,c).")
	}
	if !r.accept('(') {
		return joined, r.malformed("an opening bracket is missing before %s.", r.next()).
			WithHint("Write %s=(column.eq.value,other.is.null).", r.parameter)
	}
	for {
		part, err := r.member(not, depth)
		if err != nil {
			return joined, err
		}
		joined.Parts = append(joined.Parts, part)
		if r.accept(')') {
			return joined, nil
		}
		if !r.accept(',') {
			return joined, r.malformed("a comma or a closing bracket is missing before %s.", r.next()).
				WithHint("Put values with , ( ) or a double quote in double quotes, and close every bracket.")
		}
	}
}

// member parses a condition within logic.
func (r *reader) member(not bool, depth int) (engine.Condition, error) {
	for word, how := range logic {
		if strings.HasPrefix(r.text[r.at:], word+"(") {
			r.at += len(word)
			return r.logic(how, not != how.not, depth+1)
		}
	}
	from := r.at
	name, err := r.name()
	if err != nil {
		return engine.Condition{}, err
	}
	column, err := r.find(r.conditions.Schema, name, from)
	if err != nil {
		return engine.Condition{}, err
	}
	if !r.accept('.') {
		return engine.Condition{}, r.malformed("an operator is missing after %s.", quote(name)).
			WithHint("Write %s.eq.value.", name)
	}
	negated, operator, err := r.operator(column)
	if err != nil {
		return engine.Condition{}, err
	}
	var values operands
	if operator == "in" {
		values, err = r.list()
	} else {
		values = operands{{at: r.at}}
		values[0].text, err = r.value()
	}
	if err != nil {
		return engine.Condition{}, err
	}
	return r.condition(column, negated != not, operator, values)
}

// operator parses "[not.]operator.".
func (r *reader) operator(column dataset.Column) (not bool, operator string, err error) {
	whole := r.text[r.at:]
	if strings.HasPrefix(whole, "not.") {
		not = true
		r.at += len("not.")
	}
	from := r.at
	word := r.word()
	if operator = operators[word]; operator != "" && r.accept('.') {
		return not, operator, nil
	}
	write := "Write " + column.Name + "=eq." + whole + "."
	if r.inLogic {
		write = "Write " + column.Name + ".eq.value."
	} else if len(whole) > shown || operator != "" {
		write = "Write " + column.Name + "=eq.value."
	}
	at := r.at
	r.at = from
	var e *problem.Error
	if at < len(r.text) && r.text[at] == '.' && word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") == "" {
		e = r.fail(UnknownOperator, from, "%s: there is no operator %s.", r.parameter, quote(word)).
			WithHint("Use eq, neq, gt, gte, lt, lte, in, like, ilike, is or isdistinct. %s", write)
	} else {
		e = r.malformed("an operator is missing.").WithHint("%s", write)
	}
	e.Place.Column = column.Name
	return not, "", e
}

// value parses a value within logic or a list, up to a comma or a bracket.
func (r *reader) value() (string, error) {
	if r.at < len(r.text) && r.text[r.at] == '"' {
		return r.quoted()
	}
	from := r.at
	for !r.done() && r.text[r.at] != ',' && r.text[r.at] != ')' {
		if r.text[r.at] == '(' || r.text[r.at] == '"' {
			return "", r.malformed("a value has %s.", r.next()).
				WithHint("Put values with , ( ) or a double quote in double quotes.")
		}
		r.at++
	}
	return strings.Trim(r.text[from:r.at], " "), nil
}

// list parses "(value,…)".
func (r *reader) list() (operands, error) {
	from := r.at
	if !r.accept('(') {
		return nil, r.malformed("the list of in isn't in brackets.").WithHint("Write in.(first,second).")
	}
	if r.accept(')') {
		return operands{}, nil
	}
	var list operands
	for {
		for r.accept(' ') {
		}
		at := r.at
		text, err := r.value()
		if err != nil {
			return nil, err
		}
		for r.accept(' ') {
		}
		if list = append(list, operand{text, at}); len(list) > MaxListed {
			return nil, r.fail(TooMany, at, "%s: a list has more than %d values.", r.parameter, MaxListed).
				WithHint("Send several requests, each with a part of the list.")
		}
		if r.accept(')') {
			return list, nil
		}
		if !r.accept(',') {
			r.at = max(r.at, from)
			return nil, r.malformed("a comma or a closing bracket is missing before %s.", r.next()).
				WithHint("Write in.(first,\"second, with a comma\").")
		}
	}
}

// condition creates a condition from its parsed parts.
func (r *reader) condition(column dataset.Column, not bool, operator string, values operands) (
	engine.Condition, error,
) {
	made, err := r.make(column, not, operator, values)
	if e := (*problem.Error)(nil); errors.As(err, &e) {
		e.Place.Column = column.Name
	}
	return made, err
}

// make creates a condition. not negates it for values. A null satisfies neither a
// comparison nor its negation.
func (r *reader) make(column dataset.Column, not bool, operator string, values operands) (
	made engine.Condition, err error,
) {
	if r.conditions.count++; r.conditions.count > MaxConditions {
		return made, r.fail(TooMany, 0, "The request has more than %d conditions.", MaxConditions).
			WithHint("Use column=in.(first,second) for many values of a column, or SQL.")
	}
	made = engine.Condition{Op: engine.Anything, Column: column.Name, Values: dataset.NewVectorOf(column, len(values))}
	if err := r.allowed(column, operator, values); err != nil {
		return made, err
	}
	switch operator {
	case "is":
		err = r.is(&made, values[0])
		if not {
			made.Negate, made.Nulls = !made.Negate, !made.Nulls
		}
		return made, err
	case "like", "ilike":
		pattern, ok := engine.ParsePattern(values[0].text, operator == "ilike")
		if !ok {
			return made, r.fail(InvalidValue, values[0].at, "%s: the pattern %s ends in a backslash.", r.parameter,
				quote(values[0].text)).WithHint(`Write \\ for a backslash.`)
		}
		made.Op, made.Pattern = engine.Like, pattern
	case "in":
		err = r.in(&made, column, values)
	default:
		err = r.compare(&made, column, operator, values[0])
	}
	if operator == "isdistinct" {
		made.Nulls = !not
	}
	made.Negate = made.Negate != not
	return made, err
}

// compare sets a comparison with one value.
func (r *reader) compare(made *engine.Condition, column dataset.Column, operator string, value operand) error {
	b, err := r.literal(column, value)
	if err != nil {
		return err
	}
	if b.below {
		made.Negate = operator != "gt" && operator != "gte"
	} else {
		made.Values = b.value
		switch {
		case operator == "gt", operator == "gte" && !b.exact:
			made.Op = engine.Greater
		case operator == "gte":
			made.Op = engine.GreaterEqual
		case operator == "lt" && b.exact:
			made.Op = engine.Less
		case operator == "lt", operator == "lte":
			made.Op = engine.LessEqual
		case b.exact:
			made.Op = engine.Equal
		default:
			made.Negate = true // no value equals it
		}
	}
	if operator == "neq" || operator == "isdistinct" {
		made.Negate = !made.Negate
	}
	return nil
}

// in sets a comparison with a list.
func (r *reader) in(made *engine.Condition, column dataset.Column, values operands) error {
	for _, value := range values {
		b, err := r.literal(column, value)
		if err != nil {
			return err
		}
		if b.exact && !b.below {
			appendValue(&made.Values, &b.value)
		}
	}
	if made.Op = engine.In; len(made.Values.Nulls) == 0 {
		made.Op, made.Negate = engine.Anything, true
	}
	return nil
}

// appendValue appends the one value of a vector to another.
func appendValue(to, from *dataset.Vector) {
	switch {
	case from.Offsets != nil:
		to.AppendBytes(from.BytesAt(0))
	case from.Type == dataset.Number:
		to.AppendFloat(from.Floats[0])
	case from.Type == dataset.Decimal:
		to.AppendWide(from.Wide[0])
	default:
		to.AppendInt(from.Ints[0])
	}
}

// is sets a test for null, true or false, which is never unknown.
func (r *reader) is(made *engine.Condition, value operand) error {
	switch value.text {
	case "null":
		made.Negate, made.Nulls = true, true
	case "not_null":
	case "true", "false":
		made.Op = engine.Equal
		made.Values.AppendInt(map[string]int64{"true": 1}[value.text])
	default:
		return r.fail(InvalidValue, value.at, "%s: %s can't follow is.", r.parameter, quote(value.text)).
			WithHint("Use is.null, is.not_null, is.true or is.false.")
	}
	return nil
}

// allowed returns an error if the column's type doesn't support the operator.
func (r *reader) allowed(column dataset.Column, operator string, values operands) error {
	var fits bool
	json := slices.Contains([]dataset.Type{dataset.Object, dataset.Array, dataset.Any}, column.Type)
	switch operator {
	case "is":
		fits = values[0].text != "true" && values[0].text != "false" || column.Type == dataset.Boolean
	case "like", "ilike":
		fits = column.Type == dataset.String
	case "gt", "gte", "lt", "lte":
		fits = !json && column.Type != dataset.Boolean
	default:
		fits = !json
	}
	if fits {
		return nil
	}
	e := r.fail(OperatorNotAllowed, values.start(), "%s: %s doesn't compare a column of type %s.", r.parameter, operator,
		column.TypeName())
	switch {
	case json:
		return e.WithHint("Use is.null or is.not_null.")
	case column.Type == dataset.Boolean:
		return e.WithHint("Use eq, neq, in, isdistinct or is.")
	default:
		return e.WithHint("Use eq, neq, gt, gte, lt, lte, in, isdistinct, is.null or is.not_null.")
	}
}

func (o operands) start() int {
	if len(o) == 0 {
		return 0
	}
	return o[0].at
}
