// Package statement checks a parsed SQL statement before it runs: it must only
// read and only call functions on an allow list. It also returns the statement's
// tables, so that the caller makes only these available.
//
// DuckDB parses the statement and serializes its tree; this package walks it.
// It refuses everything that it doesn't know.
package statement

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/sql"
)

//go:embed functions.txt
var functionList string

var functions = func() map[string]bool {
	known := map[string]bool{}
	for line := range strings.Lines(functionList) {
		if name, _, _ := strings.Cut(line, "#"); strings.TrimSpace(name) != "" {
			for f := range strings.FieldsSeq(name) {
				known[f] = true
			}
		}
	}
	for _, operator := range operators {
		known[operator] = true
	}
	return known
}()

// operators are functions too, in the tree.
var operators = []string{
	"!", "!__postfix", "!~~", "!~~*", "%", "&", "&&", "*", "**", "+", "-", "->>", "/", "//", "<->", "<<", "<=>", "<@",
	">>", "@", "@>", "^", "^@", "|", "||", "~", "~~", "~~*", "~~~", "->",
}

var tableFunctions = []string{"unnest", "generate_series", "range"}

var expressionClasses = set("CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION",
	"OPERATOR", "STAR", "SUBQUERY", "WINDOW", "PARAMETER", "COLLATE", "LAMBDA", "LAMBDA_REF", "POSITIONAL_REFERENCE",
	"BETWEEN", "DEFAULT", "TYPE")

var nodeTypes = set(
	"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE",
	"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "PIVOT",
	"LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER", "DISTINCT_MODIFIER",
	"ORDER_DEFAULT", "ASCENDING", "DESCENDING",
	"DECIMAL_TYPE_INFO", "STRING_TYPE_INFO", "LIST_TYPE_INFO", "STRUCT_TYPE_INFO", "ARRAY_TYPE_INFO",
	"GENERIC_TYPE_INFO", "UNBOUND_TYPE_INFO", "INTEGER_LITERAL_TYPE_INFO",
)

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

// Refuse returns the fault of a statement that isn't allowed.
func Refuse(offset int, message string) *sql.StatementError {
	return &sql.StatementError{
		Reason: engine.SQLNotAllowed, Message: message, Offset: offset,
		Hint: "A query is one SELECT, WITH … SELECT or VALUES over the workspace's datasets, or EXPLAIN of one.",
	}
}

// Check checks the tree of a statement, as json_serialize_sql returns it. shift is added
// to all positions. The error is a [*sql.StatementError], unless the tree is malformed.
func Check(tree []byte, shift int) (sql.Names, error) {
	var parsed struct {
		Failed     bool        `json:"error"`
		Type       string      `json:"error_type"`
		Message    string      `json:"error_message"`
		Position   json.Number `json:"position"`
		Statements []any       `json:"statements"`
	}
	decoder := json.NewDecoder(bytes.NewReader(tree))
	decoder.UseNumber()
	if err := decoder.Decode(&parsed); err != nil {
		return sql.Names{}, err
	}
	switch {
	case parsed.Failed && parsed.Type == "parser":
		return sql.Names{}, &sql.StatementError{
			Reason: engine.SQLSyntax, Message: sentence(parsed.Message), Offset: position(parsed.Position, shift),
		}
	case parsed.Failed:
		return sql.Names{}, Refuse(shift, "Only statements that read are allowed.")
	case len(parsed.Statements) == 0:
		return sql.Names{}, &sql.StatementError{
			Reason: engine.SQLSyntax, Message: "The statement is empty.",
			Offset: -1,
		}
	case len(parsed.Statements) > 1:
		return sql.Names{}, Refuse(-1, "A query must be a single statement.")
	}
	w := walker{shift: shift}
	if err := w.walk(parsed.Statements[0], nil); err != nil {
		return sql.Names{}, err
	}
	slices.Sort(w.names.Parameters)
	w.names.Parameters = slices.Compact(w.names.Parameters)
	slices.Sort(w.names.Changing)
	w.names.Changing = slices.Compact(w.names.Changing)
	w.names.Ordered = ordered(parsed.Statements[0])
	return w.names, nil
}

// sentence converts a message of DuckDB to a sentence.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return "The statement can't be parsed."
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "!") {
		text += "."
	}
	return text
}

func position(n json.Number, shift int) int {
	at, err := n.Int64()
	if err != nil || at < 0 || at > math.MaxInt32 {
		return -1
	}
	return int(at) + shift
}

// walker collects what a tree names.
type walker struct {
	shift int
	names sql.Names
}

type object = map[string]any

// walk checks a part of the tree. scope has the names of the visible common
// table expressions.
func (w *walker) walk(part any, scope []string) error {
	switch part := part.(type) {
	case []any:
		for _, item := range part {
			if err := w.walk(item, scope); err != nil {
				return err
			}
		}
		return nil
	case object:
		return w.object(part, scope)
	default:
		return nil
	}
}

func (w *walker) object(o object, scope []string) (err error) {
	if err := w.check(o, scope); err != nil {
		return err
	}
	if ctes, ok := o["cte_map"].(object); ok {
		if scope, err = w.ctes(ctes, scope); err != nil {
			return err
		}
	}
	for _, key := range []string{"cte_name", "ctename"} {
		if name, ok := o[key].(string); ok {
			scope = append(slices.Clone(scope), fold(name))
		}
	}
	for key, part := range o {
		if key == "cte_map" {
			continue
		}
		if err := w.walk(part, scope); err != nil {
			return err
		}
	}
	return nil
}

// ctes walks common table expressions, each of which sees those before it, and
// returns the scope of what follows them.
func (w *walker) ctes(ctes object, scope []string) ([]string, error) {
	list, ok := ctes["map"].([]any)
	if !ok {
		return nil, errTree
	}
	scope = slices.Clone(scope)
	for _, item := range list {
		cte, _ := item.(object)
		name, ok := cte["key"].(string)
		if !ok {
			return nil, errTree
		}
		if err := w.walk(cte["value"], scope); err != nil {
			return nil, err
		}
		scope = append(scope, fold(name))
	}
	return scope, nil
}

var errTree = errors.New("the tree of the statement has another form than expected")

// check checks one object of the tree itself.
func (w *walker) check(o object, scope []string) error {
	class, isExpression := o["class"].(string)
	kind, hasType := o["type"].(string)
	at := w.offset(o)
	switch {
	case isExpression && !expressionClasses[class]:
		return Refuse(at, "Expressions of the kind "+class+" aren't allowed.")
	case !isExpression && hasType && !nodeTypes[kind]:
		if kind == "SHOW_REF" {
			return Refuse(-1, "DESCRIBE, SHOW and SUMMARIZE aren't allowed.")
		}
		return Refuse(at, "Parts of the kind "+kind+" aren't allowed.")
	case !isExpression && kind == "BASE_TABLE":
		return w.table(o, scope)
	case !isExpression && kind == "TABLE_FUNCTION":
		return w.tableFunction(o)
	case class == "PARAMETER":
		name, _ := o["identifier"].(string)
		w.names.Parameters = append(w.names.Parameters, name)
		if w.names.Uses == nil {
			w.names.Uses = map[string]int{}
		}
		w.names.Uses[fold(name)]++
	}
	if name, ok := o["function_name"].(string); ok && !functions[fold(name)] && !slices.Contains(tableFunctions,
		fold(name)) {
		return Refuse(at, "The function "+name+" isn't allowed.")
	} else if ok && changing[fold(name)] {
		w.names.Changing = append(w.names.Changing, fold(name))
	}
	if o["sample"] != nil {
		w.names.Changing = append(w.names.Changing, "sample")
	}
	return w.changingColumn(o, class)
}

// changing has the functions whose results depend on time or chance.
var changing = set("random", "current_date", "current_localtime", "current_localtimestamp", "get_current_time",
	"get_current_timestamp", "now", "today", "transaction_timestamp", "gen_random_uuid", "uuid", "uuidv4", "uuidv7",
	"current_time", "current_timestamp", "localtime", "localtimestamp")

// changingColumn records a function that is written like a column, such as
// CURRENT_DATE.
func (w *walker) changingColumn(o object, class string) error {
	names, _ := o["column_names"].([]any)
	if class != "COLUMN_REF" || len(names) != 1 {
		return nil
	}
	if name, _ := names[0].(string); changing[fold(name)] {
		w.names.Changing = append(w.names.Changing, fold(name))
	}
	return nil
}

// ordered reports whether a statement ends with ORDER BY.
func ordered(statement any) bool {
	o, _ := statement.(object)
	node, _ := o["node"].(object)
	modifiers, _ := node["modifiers"].([]any)
	return slices.ContainsFunc(modifiers, func(m any) bool {
		modifier, _ := m.(object)
		return modifier["type"] == "ORDER_MODIFIER"
	})
}

func (w *walker) offset(o object) int {
	n, _ := o["query_location"].(json.Number)
	return position(n, w.shift)
}

func (w *walker) table(o object, scope []string) error {
	name, _ := o["table_name"].(string)
	schema, _ := o["schema_name"].(string)
	catalog, _ := o["catalog_name"].(string)
	at := w.offset(o)
	switch {
	case name == "" || o["at_clause"] != nil:
		return Refuse(at, "This kind of table reference isn't allowed.")
	case catalog != "":
		return Refuse(at, "The table "+catalog+"."+schema+"."+name+" isn't one of the workspace's.")
	case schema == "" && slices.Contains(scope, fold(name)):
		return nil
	}
	alias, _ := o["alias"].(string)
	w.names.Tables = append(w.names.Tables, sql.Table{Schema: schema, Name: name, Offset: at, Alias: alias != ""})
	return nil
}

func (w *walker) tableFunction(o object) error {
	function, _ := o["function"].(object)
	name, _ := function["function_name"].(string)
	if !slices.Contains(tableFunctions, fold(name)) {
		return Refuse(w.offset(o), "The table function "+name+" isn't allowed.")
	}
	return nil
}

// fold converts ASCII letters of a name to lower case, as DuckDB does to
// compare names.
func fold(name string) string {
	b := []byte(name)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
