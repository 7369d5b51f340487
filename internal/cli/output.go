package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"text/tabwriter"
)

// printJSON writes a document as indented JSON, without escaping HTML
// characters.
func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(notNull(v))
}

// notNull returns an empty list in place of a nil one, which JSON writes as null.
func notNull(v any) any {
	if list := reflect.ValueOf(v); list.Kind() == reflect.Slice && list.IsNil() {
		return reflect.MakeSlice(list.Type(), 0, 0).Interface()
	}
	return v
}

// printTable writes rows under a head, columns aligned.
func printTable(w io.Writer, head []string, rows [][]string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, strings.ToUpper(strings.Join(head, "\t")))
	for _, row := range rows {
		_, _ = fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	return table.Flush()
}
