package sql

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine/segment"
)

// DeletesSchema is the schema of the tables with the deleted positions of files.
const DeletesSchema = "windlass_internal"

// addTable adds a view of a dataset's rows to a job, with the files that it reads.
// Files of the same columns are read together; one with deleted rows is read by
// itself.
func (j *Job) addTable(name string, schema *dataset.Schema, segments []segment.PinnedSegment) {
	var parts []string
	for from := 0; from < len(segments); {
		to := from + 1
		for to < len(segments) && segments[from].Deletes == nil && segments[to].Deletes == nil &&
			sameColumns(segments[from].Columns, segments[to].Columns) {
			to++
		}
		parts = append(parts, j.selectFrom(schema, segments[from:to]))
		from = to
	}
	if len(parts) == 0 {
		parts = []string{selectNothing(schema)}
	}
	j.Views = append(j.Views, View{Name: name, Select: strings.Join(parts, " UNION ALL ")})
}

func sameColumns(a, b []dataset.Column) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || sqlType(a[i]) != sqlType(b[i]) {
			return false
		}
	}
	return true
}

// selectFrom returns the SELECT of files with the same columns. Columns are named
// by their position, because Parquet's names may differ only in case.
func (j *Job) selectFrom(schema *dataset.Schema, segments []segment.PinnedSegment) string {
	files := make([]string, len(segments))
	for i, s := range segments {
		files[i] = literal(s.Path)
		j.Files = append(j.Files, s.Path)
	}
	have := segments[0].Columns
	places := make(map[string]int, len(have))
	aliases := make([]string, len(have))
	for i, c := range have {
		places[c.Name], aliases[i] = i, fmt.Sprintf("c%d", i)
	}
	values := make([]string, len(schema.Columns))
	for i, name := range dataset.SQLNames(schema.Columns) {
		value := "CAST(NULL AS " + sqlType(schema.Columns[i]) + ")"
		if at, ok := places[schema.Columns[i].Name]; ok {
			value = convert(aliases[at], have[at], schema.Columns[i])
		}
		values[i] = value + " AS " + identifier(name)
	}
	source := "read_parquet([" + strings.Join(files, ", ") + "])"
	deletes := segments[0].Deletes
	if deletes == nil {
		return fmt.Sprintf("SELECT %s FROM %s AS f(%s)", strings.Join(values, ", "), source,
			strings.Join(aliases, ", "))
	}
	table := fmt.Sprintf("d%d", len(j.Deletes))
	j.Deletes = append(j.Deletes, Deletes{Table: table, Bitmap: deletes})
	position := "file_row_number"
	for _, c := range have {
		if strings.EqualFold(c.Name, position) { // hides the position
			position = "row_number() OVER () - 1"
		}
	}
	return fmt.Sprintf("SELECT %s FROM (SELECT *, %s FROM %s) AS f(%s, s0, s1, s2, pos) ANTI JOIN %s.%s AS d ON f.pos = d.pos",
		strings.Join(values, ", "), position, source, strings.Join(aliases, ", "), DeletesSchema, table)
}

// selectNothing returns a SELECT of no rows.
func selectNothing(schema *dataset.Schema) string {
	values := make([]string, len(schema.Columns))
	for i, name := range dataset.SQLNames(schema.Columns) {
		values[i] = "CAST(NULL AS " + sqlType(schema.Columns[i]) + ") AS " + identifier(name)
	}
	if len(values) == 0 {
		values = []string{`CAST(NULL AS VARCHAR) AS "column"`}
	}
	return "SELECT " + strings.Join(values, ", ") + " WHERE false"
}

// sqlType returns DuckDB's type of a column.
func sqlType(c dataset.Column) string {
	switch c.Type {
	case dataset.Integer:
		return "BIGINT"
	case dataset.Decimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", c.Precision, c.Scale)
	case dataset.Number:
		return "DOUBLE"
	case dataset.Boolean:
		return "BOOLEAN"
	case dataset.Date:
		return "DATE"
	case dataset.DateTime:
		return "TIMESTAMP WITH TIME ZONE"
	case dataset.Object, dataset.Array, dataset.Any:
		return "JSON"
	case dataset.String:
		return "VARCHAR"
	default:
		return "VARCHAR"
	}
}

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
