package delivery

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/windlass-io/windlass/internal/delivery/criteria"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// Query has the parsed parameters of a request, independent of a dataset.
type Query struct {
	Format   Format
	Schema   bool   // the columns instead of rows
	System   bool   // with _systemRecordProperties
	Callback string // JSONP: the function to call; empty for JSON

	order   engine.Order // which rows to take
	reverse bool         // return the rows in reverse
	limit   int
	offset  int
	every   int
	window  window
	after   *time.Time // loaded after

	dateField string // empty: the index's date
	quoted    bool   // integers and decimals are strings in JSON
	most      int    // the requested limit; 0: none
	narrow    bool   // a parameter selects rows
	takes     bool   // last, first or next set the number of rows
	taken     bool   // one of the parameters in takes is set
	modern    bool
	filter    []string // nil: all columns
	equal     []engine.Match
	separator string

	conditions []condition        // on columns
	selected   *criteria.Selected // nil: not given
	ordered    *criteria.Ordered  // nil: not given
	count      bool
	cursor     string
	continued  bool        // there is a cursor
	pollName   string      // the queryId; empty: none
	preferred  bool        // count was a preference
	given      [][2]string // the parameters that matter, by name
}

// Parse parses the parameters of a request. Ranges are relative to now. Names
// ignore case. An unknown parameter is a condition on a column, except for some
// parameters of old clients, which are ignored.
func Parse(values url.Values, now time.Time) (Query, error) {
	p := &parser{now: now}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names) // report the same fault every time
	for _, name := range names {
		if err := p.take(name, values[name]); err != nil {
			return Query{}, err
		}
	}
	return p.query()
}

// IgnoredParameters has parameters that old clients send and that have no effect,
// and parameters that are read elsewhere.
var IgnoredParameters = []string{"token", "cache", "cachettl", "collectionname", "_", "displaypercent"}

// parser parses parameters. values and logic are by lower-case name.
type parser struct {
	now        time.Time
	values     texts
	logic      map[string][]string // nil: none
	conditions []condition
	given      [][2]string
	err        error
}

var known = []string{
	"last", "first", "limit", "offset", "from", "to", "on", "range", "calendar", "forward", "future", "next",
	"interval", "sort", "dateField", "subattribute", "filter", "format", "schema", "includeSystemRecordProperties",
	"includeInternalRecordProperties", "updated", "queryId", "batchSeparator", "callback", "numbers", "select",
	"order", "count", "cursor", "and", "or", "not.and", "not.or",
}

// writing are the parameters of writes whose names have capital letters.
var writing = []string{"duplicateKeyHandling", "maximumValidationErrors", "createDatasetOnDemand", "updateState"}

// spelled returns the name of a parameter as the documentation writes it.
func spelled(folded string) string {
	for _, name := range slices.Concat(known, writing) {
		if strings.EqualFold(name, folded) {
			return name
		}
	}
	return folded
}

// listed are the names of the known parameters in lower case.
var listed = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range known {
		names[strings.ToLower(name)] = true
	}
	return names
}()

// isListed reports whether a lower-case name is that of a known parameter.
func isListed(folded string) bool { return listed[folded] }

func (p *parser) take(name string, values []string) error {
	folded := strings.ToLower(name)
	if slices.Contains(IgnoredParameters, folded) {
		return nil
	}
	if isListed(folded) {
		name = folded
	}
	for _, value := range values {
		p.given = append(p.given, [2]string{name, value})
	}
	_, twice := p.values.of(folded)
	switch {
	case folded == "transform" || folded == "transforms":
		return problem.New(problem.Invalid, "The parameter %s isn't served here.", name).WithReason(unknownParameter).
			WithPlace(problem.Place{Parameter: name}).WithHint("Leave it out; filter and select choose columns.")
	case criteria.IsLogic(folded):
		if p.logic == nil {
			p.logic = map[string][]string{}
		}
		p.logic[folded] = append(p.logic[folded], values...)
		p.conditions = append(p.conditions, condition{folded, values})
	case !isListed(folded):
		p.conditions = append(p.conditions, condition{name, values})
	case len(values) != 1 || twice:
		return problem.New(problem.Invalid, "The parameter %s is given more than once.", excerpt(name)).
			WithReason(repeatedParameter).WithPlace(problem.Place{Parameter: name}).WithHint("Send it once.")
	default:
		p.values.set(folded, values[0])
	}
	return nil
}

func (p *parser) query() (Query, error) {
	q := Query{
		Format: Format(p.oneOf("format", "", formatNames...)),
		Schema: p.flag("schema"), System: p.flag("includesystemrecordproperties") ||
			p.flag("includeinternalrecordproperties"),
		Callback: p.callback(), offset: p.number("offset", 0, 0, maxOffset),
		every:  p.number("interval", 1, 1, maxInterval),
		quoted: p.oneOf("numbers", "", "string") == "string", dateField: p.text("datefield"), filter: p.filter(),
		equal: p.subattributes(), separator: p.separator(), after: p.updated(),
	}
	p.span(&q)
	p.choose(&q)
	q.most, q.narrow = p.number("limit", 0, 1, 1<<31-1), p.narrowing()
	p.modern(&q)
	q.given = p.given
	return q, p.err
}

// Limits of how far back or ahead a request can read.
const (
	maxOffset   = 10_000_000
	maxInterval = 50_000
)

// invalid reports an invalid value of a parameter.
func (p *parser) invalid(name, format string, args ...any) {
	p.fail(problem.New(problem.Invalid, format, args...).WithReason(invalidValue).
		WithPlace(problem.Place{Parameter: name}))
}

// failValue reports an invalid value with an error that doesn't name the
// parameter yet.
func (p *parser) failValue(name string, err error) {
	if e := (*problem.Error)(nil); errors.As(err, &e) {
		err = e.WithReason(invalidValue).WithPlace(problem.Place{Parameter: name})
	}
	p.fail(err)
}

// text returns the text of a parameter, or "".
func (p *parser) text(name string) string {
	text, _ := p.values.of(name)
	return text
}

func (p *parser) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// number parses a number. It returns preset if the parameter is missing.
func (p *parser) number(name string, preset, least, most int) int {
	text, ok := p.values.of(name)
	if !ok {
		return preset
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		name = spelled(name)
		p.invalid(name, "The parameter %s is %s; it must be a whole number from %d to %d.", name, excerpt(text), least,
			most)
		return preset
	}
	return n
}

// rows parses a number of rows and limits it to the maximum. It returns 0 if
// the parameter is missing.
func (p *parser) rows(name string) int { return min(p.number(name, 0, 1, 1<<31-1), MaxRows) }

// flag parses a boolean. The name without a value means true.
func (p *parser) flag(name string) bool {
	text, ok := p.values.of(name)
	if !ok {
		return false
	}
	switch strings.ToLower(text) {
	case "true", "1", "":
		return true
	case "false", "0":
		return false
	}
	name = spelled(name)
	p.invalid(name, "The parameter %s is %s; it must be true or false.", name, excerpt(text))
	return false
}

func (p *parser) oneOf(name, preset string, values ...string) string {
	text, ok := p.values.of(name)
	if !ok {
		return preset
	}
	folded := strings.ToLower(text)
	if !slices.Contains(values, folded) {
		name = spelled(name)
		p.invalid(name, "The parameter %s is %s; it must be %s.", name, excerpt(text), strings.Join(values, " or "))
	}
	return folded
}

// span parses the window. on takes precedence over from and to, and these
// over range.
func (p *parser) span(q *Query) {
	forward := p.forward()
	if text, ok := p.values.of("range"); ok {
		w, err := parseRange(text, p.now, forward)
		if err != nil {
			p.failValue("range", err)
		}
		q.window = w
	}
	from, hasFrom := p.day("from")
	to, hasTo := p.day("to")
	if hasFrom || hasTo {
		q.window = window{from.from, to.to}
	}
	if on, ok := p.day("on"); ok {
		q.window = on
	}
}

func (p *parser) forward() bool { return p.flag("calendar") || p.flag("forward") || p.flag("future") }

func (p *parser) day(name string) (window, bool) {
	text, ok := p.values.of(name)
	if !ok {
		return window{}, false
	}
	first, after, err := parseSpan(text)
	if err != nil {
		p.failValue(name, err)
	}
	return days(first, after), true
}

// choose determines which rows to take, how many, and their order in the
// answer. In a window, first, last, next and limit can be combined.
func (p *parser) choose(q *Query) {
	first, last, next, limit := p.rows("first"), p.rows("last"), p.rows("next"), p.rows("limit")
	if first > 0 && last > 0 || first > 0 && next > 0 || last > 0 && next > 0 {
		p.fail(problem.New(problem.Invalid, "Use only one of first, last and next.").
			WithReason(conflicting))
	}
	open := q.window == window{}
	order := engine.Descending
	switch {
	case last > 0:
		q.limit = last
	case first > 0 || next > 0:
		q.limit, order = first+next, engine.Ascending
	case !open:
		q.limit = MaxRows
	default:
		q.limit = 1
	}
	if next > 0 && q.window.from == nil && q.window.to == nil {
		today := startOfDay(p.now)
		q.window.from = &today
	}
	if limit > 0 && first+last+next > 0 {
		q.limit = min(q.limit, limit)
	} else if limit > 0 {
		q.limit = limit
	}
	q.takes = first+last+next > 0
	if p.forward() && last == 0 {
		order = engine.Ascending
	}
	q.order = order
	sorted := engine.Order(p.oneOf("sort", string(order), string(engine.Ascending), string(engine.Descending)))
	if first+last+next > 0 {
		q.reverse = sorted != order
	} else {
		q.order = sorted
	}
}

func (p *parser) filter() []string {
	text, ok := p.values.of("filter")
	if !ok || text == "" {
		return nil
	}
	var list []string
	seen := map[string]bool{}
	for name := range strings.SplitSeq(text, ",") {
		if !seen[name] {
			seen[name] = true
			list = append(list, name)
		}
	}
	return list
}

// maxMatches limits the conditions of a request.
const maxMatches = 50

// subattributes parses field|value and field~value, separated by commas.
func (p *parser) subattributes() []engine.Match {
	text, ok := p.values.of("subattribute")
	if !ok {
		return nil
	}
	var list []engine.Match
	for part := range strings.SplitSeq(text, ",") {
		at := strings.IndexAny(part, "|~")
		if at < 1 || len(list) == maxMatches {
			p.failValue("subattribute", problem.New(problem.Invalid, "The parameter subattribute has %s.",
				excerpt(part)).
				WithHint("Write field|value for equal and field~value for not equal, at most %d of them, separated "+
					"by commas.", maxMatches),
			)
			return nil
		}
		list = append(list, engine.Match{Column: part[:at], Value: part[at+1:], Not: part[at] == '~'})
	}
	return list
}

func (p *parser) separator() string {
	text, ok := p.values.of("batchseparator")
	if !ok {
		return ","
	}
	if text == "" || len(text) > 8 || strings.ContainsFunc(text,
		func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		p.invalid(
			"batchSeparator",
			"The batchSeparator is %s; it must be 1 to 8 characters that aren't letters, digits or underscores.",
			excerpt(text),
		)
	}
	return text
}

var callbackForm = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$.]{0,99}$`)

func (p *parser) callback() string {
	text, ok := p.values.of("callback")
	if ok && !callbackForm.MatchString(text) {
		p.invalid("callback", "The callback is %s; it must be the name of a function.", excerpt(text))
	}
	return text
}

// updated parses a time: milliseconds since 1970, a moment or a day.
func (p *parser) updated() *time.Time {
	text, ok := p.values.of("updated")
	if !ok {
		return nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) > 8 && n >= 0 && n < 1<<53/1000 {
		t := time.UnixMilli(n).UTC()
		return &t
	}
	t, _, err := parseSpan(text)
	if err != nil {
		p.failValue("updated", err)
	}
	return &t
}

func quoted(text string) string { return strconv.Quote(text) }

// IsParameter reports whether a parameter with this name has its own meaning.
// A column with such a name must be written in double quotes.
func IsParameter(name string) bool {
	folded := strings.ToLower(name)
	return isListed(folded) || slices.Contains(IgnoredParameters, folded) || criteria.IsLogic(folded) ||
		folded == "transform" || folded == "transforms"
}
