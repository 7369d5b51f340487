package sql

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
)

// convert returns the expression that reads a column of a file in the dataset's
// type, like package parquetfile converts pages, because a dataset's types widen
// while files keep the types that they were written with. A value without an
// equivalent is null.
func convert(name string, have, want dataset.Column) string {
	if sqlType(have) == sqlType(want) {
		return name
	}
	cast := func(how string) string { return fmt.Sprintf("%s(%s AS %s)", how, name, sqlType(want)) }
	switch {
	case isText(have) && want.Type == dataset.String:
		return cast("CAST")
	case isText(have) && isText(want):
		return jsonOf(name)
	case want.Type == dataset.String:
		return textOf(name, have, false)
	case want.Type == dataset.Any:
		return jsonOf(textOf(name, have, true))
	case have.Type == dataset.Date && want.Type == dataset.DateTime, isNumeric(have) && want.Type == dataset.Number:
		return cast("CAST")
	case have.Type == dataset.Number && want.Type == dataset.Decimal:
		return fmt.Sprintf("TRY_CAST(CAST(%s AS VARCHAR) AS %s)", name, sqlType(want))
	case isNumeric(have) && want.Type == dataset.Decimal:
		return cast("TRY_CAST")
	default:
		return "CAST(NULL AS " + sqlType(want) + ")"
	}
}

// jsonOf returns a text as JSON: itself if it is JSON, else as a string.
func jsonOf(text string) string {
	return fmt.Sprintf("CASE WHEN json_valid(%s) THEN CAST(%s AS JSON) ELSE to_json(%s) END", text, text, text)
}

func isText(c dataset.Column) bool {
	switch c.Type {
	case dataset.String, dataset.Object, dataset.Array, dataset.Any:
		return true
	default:
		return false
	}
}

func isNumeric(c dataset.Column) bool {
	return c.Type == dataset.Integer || c.Type == dataset.Number || c.Type == dataset.Decimal
}

// textOf returns the canonical text of a value, quoted if it becomes a JSON
// string.
func textOf(name string, have dataset.Column, isJSON bool) string {
	quoted := func(text string) string {
		if isJSON {
			return `'"' || ` + text + ` || '"'`
		}
		return text
	}
	plain := "CAST(" + name + " AS VARCHAR)"
	switch have.Type {
	case dataset.Decimal:
		if have.Scale > 0 {
			return "rtrim(rtrim(" + plain + ", '0'), '.')"
		}
		return plain
	case dataset.Number:
		return numberText(name)
	case dataset.Date:
		return quoted(plain)
	case dataset.DateTime:
		seconds := "strftime(" + name + ", '%Y-%m-%dT%H:%M:%S')"
		return quoted(fmt.Sprintf("rtrim(rtrim(%s || strftime(%s, '.%%f'), '0'), '.') || 'Z'", seconds, name))
	default:
		return plain
	}
}

// numberText returns the text of a double as [strconv.FormatFloat] writes it with
// 'g' and the fewest digits. DuckDB writes the same digits, but with an exponent
// only from 1e16 on, and ".0" after an integer.
func numberText(name string) string {
	return strings.NewReplacer("$x", name, "$a", "CAST(abs($x) AS VARCHAR)").Replace(strings.ReplaceAll(
		`CASE WHEN isnan($x) THEN 'NaN' WHEN isinf($x) THEN if($x > 0, '+Inf', '-Inf')
 WHEN abs($x) >= 1e6 AND abs($x) < 1e16 THEN if($x < 0, '-', '') || substr($a, 1, 1) ||
 rtrim(rtrim('.' || rtrim(replace(substr(regexp_replace($a, '\.0$', ''), 2), '.', ''), '0'), '0'), '.') ||
 'e+' || lpad(CAST(strpos($a || '.', '.') - 2 AS VARCHAR), 2, '0')
 ELSE regexp_replace(CAST($x AS VARCHAR), '\.0$', '') END`, "$a", "CAST(abs($x) AS VARCHAR)"))
}
