package criteria

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Function computes one value from the values of a column.
type Function string

// The functions. Plain is no function: the value itself.
const (
	Plain  Function = ""
	Count  Function = "count"
	Sum    Function = "sum"
	Avg    Function = "avg"
	Min    Function = "min"
	Max    Function = "max"
	Bucket Function = "bucket" // the start of a span of time
)

var functions = []string{"count", "sum", "avg", "min", "max", "bucket"}

// Units has the units of Bucket.
var Units = []string{"year", "quarter", "month", "week", "day", "hour", "minute"}

// Item is one output of a "select".
type Item struct {
	Name     string // of the output
	Column   string // empty for count()
	Function Function
	Unit     string // of Bucket
	at       int    // of the column
	unitAt   int
}

// IsAggregate reports whether the item is computed from several rows.
func (i *Item) IsAggregate() bool { return i.Function != Plain && i.Function != Bucket }

// Selected is a "select".
type Selected struct {
	Items      []Item // nil for "*"
	Aggregates bool   // there is an aggregate, so items without one define the groups
	text       string
}

// ParseSelect parses the parameter "select".
func ParseSelect(value string) (*Selected, error) {
	s := &scanner{parameter: "select", text: value, reason: InvalidSelect}
	list := &Selected{text: value}
	if value == "*" {
		return list, nil
	}
	seen := map[string]bool{}
	for {
		item, err := s.item()
		if err != nil {
			return nil, err
		}
		if seen[item.Name] {
			return nil, s.fail(DuplicateName, item.at, "select: two outputs have the name %s.", quote(item.Name)).
				WithHint("Rename one of them: select=other:column.")
		}
		seen[item.Name] = true
		list.Aggregates = list.Aggregates || item.Function != Plain
		if list.Items = append(list.Items, item); len(list.Items) > MaxSelected {
			return nil, s.fail(TooMany, s.at, "select has more than %d names.", MaxSelected).
				WithHint("Leave select out for all columns.")
		}
		if s.done() {
			return list, nil
		}
		if !s.accept(',') {
			return nil, s.malformed("%s follows a column.", s.next()).WithHint("%s", selectForm)
		}
	}
}

const selectForm = "Write select=column,newname:column,column.sum(),count(). Casts, JSON paths and embedded " +
	"datasets aren't supported."

// item parses "[name:]column[.function(unit)]" or "[name:]count()".
func (s *scanner) item() (item Item, err error) {
	if strings.HasPrefix(s.text[s.at:], "*") {
		return item, s.malformed("* isn't alone.").WithHint("Write select=* for all columns, or name each.")
	}
	item.at = s.at
	name, err := s.name()
	if err != nil {
		return item, err
	}
	renamed := s.accept(':')
	if renamed {
		item.Name, item.at = name, s.at
		if strings.HasPrefix(s.text[s.at:], ":") {
			return item, s.malformed("casts aren't supported.").WithHint("%s", selectForm)
		}
		if name, err = s.name(); err != nil {
			return item, err
		}
	}
	if strings.Contains(name, "->") && s.text[item.at] != '"' {
		return item, s.fail(InvalidSelect, item.at, "select: JSON paths such as %s aren't supported.", quote(name)).
			WithHint("Select the column, or put its name in double quotes.")
	}
	switch {
	case strings.HasPrefix(s.text[s.at:], "("):
		err = s.wholeCount(&item, name)
	case s.accept('.'):
		item.Column = name
		err = s.function(&item)
	default:
		item.Column = name
	}
	if !renamed {
		item.Name = name
		if item.IsAggregate() {
			item.Name = string(item.Function)
		}
	}
	return item, err
}

// wholeCount parses the brackets of "count()".
func (s *scanner) wholeCount(item *Item, name string) error {
	if name != string(Count) || s.text[item.at] == '"' {
		return s.fail(InvalidSelect, item.at, "select: %s is followed by a bracket.", quote(name)).
			WithHint("%s", selectForm)
	}
	item.Function = Count
	if !s.accept('(') || !s.accept(')') {
		return s.malformed("count() has no arguments.").WithHint("Write count() or column.count().")
	}
	return nil
}

// function parses "function()" or "bucket(unit)".
func (s *scanner) function(item *Item) error {
	from := s.at
	word := s.word()
	if !slices.Contains(functions, word) {
		e := s.fail(InvalidSelect, from, "select: there is no function %s.", quote(word))
		return e.WithHint("Use %s, or put a name that has a dot in double quotes.", strings.Join(functions, "(), ")+
			"(month)")
	}
	item.Function = Function(word)
	if !s.accept('(') {
		return s.malformed("an opening bracket is missing after %s.", word).WithHint("Write column.%s().", word)
	}
	item.unitAt = s.at
	item.Unit = s.word()
	if !s.accept(')') {
		return s.malformed("a closing bracket is missing after %s(%s.", word, item.Unit).WithHint("Write column.%s().",
			word)
	}
	switch {
	case item.Function != Bucket && item.Unit != "":
		return s.fail(InvalidSelect, item.unitAt, "select: %s() has no arguments.", word)
	case item.Function == Bucket && !slices.Contains(Units, item.Unit):
		return s.fail(InvalidSelect, item.unitAt, "select: there is no unit %s.", quote(item.Unit)).
			WithHint("Use bucket with %s.", strings.Join(Units, ", "))
	}
	return nil
}

// Output is an item with its source and result columns.
type Output struct {
	Item
	From dataset.Column // zero for count()
	Made dataset.Column // its name is the output's
}

// Bind finds the columns of the items, and their types.
func (l *Selected) Bind(schema *dataset.Schema) ([]Output, error) {
	s := &scanner{parameter: "select", text: l.text, reason: InvalidSelect}
	outputs := make([]Output, len(l.Items))
	for i, item := range l.Items {
		o := &outputs[i]
		o.Item = item
		if item.Column != "" {
			var err error
			if o.From, err = s.find(schema, item.Column, item.at); err != nil {
				return nil, err
			}
		}
		if !o.allowed() {
			e := s.fail(OperatorNotAllowed, item.at, "select: %s() doesn't support the column %s of type %s.",
				item.Function, quote(item.Column), o.From.TypeName())
			e.Place.Column = item.Column
			return nil, e.WithHint("%s", takes[item.Function])
		}
		o.Made = o.result()
	}
	return outputs, nil
}

// takes describes the types that functions accept.
var takes = map[Function]string{
	Sum: "sum() supports integers, numbers and decimals.", Avg: "avg() supports integers, numbers and decimals.",
	Min:    "min() supports strings, numbers and dates.",
	Max:    "max() supports strings, numbers and dates.",
	Bucket: "bucket() supports dates and date-times; hour and minute need a date-time.",
}

func (o *Output) allowed() bool {
	switch t := o.From.Type; o.Function {
	case Sum, Avg:
		return t == dataset.Integer || t == dataset.Number || t == dataset.Decimal
	case Min, Max:
		return t != dataset.Boolean && t != dataset.Object && t != dataset.Array && t != dataset.Any
	case Bucket:
		return t == dataset.DateTime || t == dataset.Date && o.Unit != "hour" && o.Unit != "minute"
	default:
		return true
	}
}

// result returns the column of the output.
func (o *Output) result() dataset.Column {
	c := o.From
	switch {
	case o.Function == Count:
		c = dataset.Column{Type: dataset.Integer}
	case o.Function == Avg:
		c = dataset.Column{Type: dataset.Number}
	case o.Function == Sum && c.Type != dataset.Number: // exact for any number of rows
		c = dataset.Column{Type: dataset.Decimal, Precision: dataset.MaxPrecision, Scale: c.Scale}
	}
	c.Name = o.Name
	return c
}

// Term is one column of an "order".
type Term struct {
	Name       string
	Descending bool
	NullsFirst bool
	at         int
}

// Ordered is an "order".
type Ordered struct {
	Terms []Term
	text  string
}

// ParseOrder parses the parameter "order".
func ParseOrder(value string) (*Ordered, error) {
	s := &scanner{parameter: "order", text: value, reason: InvalidOrder}
	list := &Ordered{text: value}
	for {
		term := Term{at: s.at}
		var err error
		if term.Name, err = s.name(); err != nil {
			return nil, err
		}
		if err := s.direction(&term); err != nil {
			return nil, err
		}
		if list.Terms = append(list.Terms, term); len(list.Terms) > MaxOrdered {
			return nil, s.fail(TooMany, s.at, "order has more than %d columns.", MaxOrdered).
				WithHint("Remove the last ones: ties come in index order.")
		}
		if s.done() {
			return list, nil
		}
		if !s.accept(',') {
			return nil, s.malformed("%s follows a column.", s.next()).WithHint("Write order=column.desc,other.")
		}
	}
}

// direction parses "[.asc|.desc][.nullsfirst|.nullslast]".
func (s *scanner) direction(term *Term) error {
	directed, nulls := false, false
	for s.accept('.') {
		from := s.at
		switch word := s.word(); {
		case (word == "asc" || word == "desc") && !directed && !nulls:
			directed, term.Descending = true, word == "desc"
		case (word == "nullsfirst" || word == "nullslast") && !nulls:
			nulls, term.NullsFirst = true, word == "nullsfirst"
		default:
			return s.fail(InvalidOrder, from, "order: %s isn't a direction.", quote(word)).
				WithHint("Write column.asc or column.desc, and then .nullsfirst or .nullslast.")
		}
	}
	return nil
}

// Find returns the index of each term's column in columns.
func (l *Ordered) Find(columns []dataset.Column) ([]int, error) {
	s := &scanner{parameter: "order", text: l.text, reason: InvalidOrder}
	schema := dataset.Schema{Columns: columns}
	places := make([]int, len(l.Terms))
	for i, term := range l.Terms {
		if _, err := s.find(&schema, term.Name, term.at); err != nil {
			return nil, err
		}
		_, places[i], _ = schema.Column(term.Name)
	}
	return places, nil
}
