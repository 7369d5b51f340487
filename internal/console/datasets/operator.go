package datasets

import (
	"strings"

	"github.com/windlass-io/windlass/internal/console/page"
)

// The operators of a filter, as the form sends them.
const (
	contains = "contains"
	begins   = "begins"
	among    = "in"
	isNull   = "null"
	notNull  = "notnull"
)

// operatorOptions has the operators to choose from.
var operatorOptions = []page.Option{
	{Value: "eq", Name: "="},
	{Value: "neq", Name: "≠"},
	{Value: "gt", Name: ">"},
	{Value: "gte", Name: "≥"},
	{Value: "lt", Name: "<"},
	{Value: "lte", Name: "≤"},
	{Value: contains, Name: "contains"},
	{Value: begins, Name: "starts with"},
	{Value: among, Name: "one of"},
	{Value: isNull, Name: "is null"},
	{Value: notNull, Name: "is not null"},
}

var (
	escapePattern = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `%`, `\%`, `_`, `\_`)
	escapeQuoted  = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
)

// conditionOf writes a filter of the form as the data API reads it.
func conditionOf(operator, value string) string {
	switch operator {
	case contains:
		return "ilike.*" + escapePattern.Replace(value) + "*"
	case begins:
		return "like." + escapePattern.Replace(value) + "*"
	case among:
		parts := strings.Split(value, ",")
		for n, part := range parts {
			parts[n] = `"` + escapeQuoted.Replace(strings.TrimSpace(part)) + `"`
		}
		return "in.(" + strings.Join(parts, ",") + ")"
	case isNull:
		return "is.null"
	case notNull:
		return "is.not_null"
	default:
		return operator + "." + value
	}
}

// words has readable forms of conditions, by how they begin.
var words = []struct{ begin, word string }{
	{"is.not_null", "is not null"},
	{"is.null", "is null"},
	{"eq.", "= "},
	{"neq.", "≠ "},
	{"gte.", "≥ "},
	{"gt.", "> "},
	{"lte.", "≤ "},
	{"lt.", "< "},
	{"in.", "one of "},
	{"ilike.", "like "},
	{"like.", "like "},
	{"is.", "is "},
	{"not.", "not "},
}

// Text is the condition as people read it.
func (f rowFilter) Text() string {
	for _, o := range operatorOptions[6:8] {
		before, after, ok := strings.Cut(conditionOf(o.Value, "\x00"), "\x00")
		middle, begins := strings.CutPrefix(f.Raw, before)
		middle, ends := strings.CutSuffix(middle, after)
		if ok && begins && ends && !strings.ContainsAny(strings.ReplaceAll(middle, `\*`, ""), "*") {
			return o.Name + " " + unescaped(middle)
		}
	}
	for _, w := range words {
		if rest, ok := strings.CutPrefix(f.Raw, w.begin); ok {
			return w.word + strings.NewReplacer(`("`, "", `")`, "", `","`, ", ").Replace(rest)
		}
	}
	return f.Raw
}

func unescaped(pattern string) string {
	return strings.NewReplacer(`\\`, `\`, `\*`, `*`, `\%`, `%`, `\_`, `_`).Replace(pattern)
}
