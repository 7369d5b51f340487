package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

// queryFlags has the flags of "windlass query".
type queryFlags struct {
	file, format, output string
	parameters           []string
	limit                int
}

func newQuery(streams Streams) *cobra.Command {
	var conn connection
	var flags queryFlags
	cmd := &cobra.Command{
		Use: "query [SQL]", Short: "Run SQL over the workspace's datasets", Args: cobra.MaximumNArgs(1),
		Long: `Run SQL over the workspace's datasets: one SELECT, WITH … SELECT or VALUES.

Without SQL the statement is read from the file of -f, or from standard input.
A table is printed on a terminal, CSV otherwise. JSON and tables have at most
1,000 rows unless --limit says more; CSV, NDJSON, Arrow and Parquet have all
rows.`,
		Example: "  windlass query \"select symbol, max(price) from prices group by symbol\"\n" +
			"  windlass query \"select * from prices where symbol = \\$s\" --param s=MSFT --format ndjson\n" +
			"  windlass query -f report.sql --output report.csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := flags.query(args, &conn, streams)
			if err != nil {
				return err
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			found, err := api.Query(cmd.Context(), q)
			if err != nil {
				return err
			}
			defer func() { _ = found.Body.Close() }()
			return flags.write(found, q.Format, streams)
		},
	}
	conn.flags(cmd)
	set := cmd.Flags()
	set.StringVarP(&flags.file, "file", "f", "", "file with the statement")
	set.StringArrayVar(&flags.parameters, "param", nil, "value of $NAME, as NAME=VALUE; may be repeated")
	set.StringVar(&flags.format, "format", "", "table, csv, json, ndjson, arrow or parquet")
	set.StringVarP(&flags.output, "output", "o", "", "file for the rows")
	set.IntVar(&flags.limit, "limit", 0, "maximum number of rows")
	return cmd
}

// query returns the query of a command line.
func (f *queryFlags) query(args []string, conn *connection, streams Streams) (client.Query, error) {
	q := client.Query{Limit: f.limit, Format: f.format}
	switch {
	case f.limit < 0:
		return q, usagef("--limit is %d; use 1 or more", f.limit)
	case len(args) > 0 && f.file != "":
		return q, usagef("the statement is given twice: as an argument and with --file")
	case conn.json && f.format != "" && f.format != "json":
		return q, usagef("--json and --format %s can't be combined", f.format)
	case conn.json:
		q.Format = "json"
	case q.Format == "" && f.output == "" && isTerminalFile(streams.Out):
		q.Format = "table"
	case q.Format == "":
		q.Format = "csv"
	}
	binary := q.Format == "arrow" || q.Format == "parquet"
	switch {
	case !binary && !slices.Contains([]string{"table", "csv", "json", "ndjson"}, q.Format):
		return q, usagef("--format %s is unknown; use table, csv, json, ndjson, arrow or parquet", q.Format)
	case binary && f.output == "" && isTerminalFile(streams.Out):
		return q, usagef("--format %s is for files: use --output", q.Format)
	}
	var err error
	if q.SQL, err = f.statement(args, streams); err != nil {
		return q, err
	}
	for _, p := range f.parameters {
		name, value, ok := strings.Cut(p, "=")
		if !ok || name == "" {
			return q, usagef("--param %q isn't NAME=VALUE", p)
		}
		if q.Parameters == nil {
			q.Parameters = map[string]any{}
		}
		q.Parameters[strings.TrimPrefix(name, "$")] = value
	}
	return q, nil
}

// maxStatement limits how much of a statement is read. The server's limit is lower.
const maxStatement = 1 << 20

func (f *queryFlags) statement(args []string, streams Streams) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	source := streams.In
	if f.file != "" {
		file, err := os.Open(f.file)
		if err != nil {
			return "", usageError{err}
		}
		defer func() { _ = file.Close() }()
		source = file
	}
	text, err := io.ReadAll(io.LimitReader(source, maxStatement))
	if err != nil {
		return "", fmt.Errorf("reading the statement: %w", err)
	}
	if strings.TrimSpace(string(text)) == "" {
		return "", usagef("no statement: pass it as an argument, with --file, or on standard input")
	}
	return string(text), nil
}

// write writes the rows to the output file, which is only created when it is
// complete, or to standard output.
func (f *queryFlags) write(found *client.QueryResult, format string, streams Streams) error {
	if f.output == "" {
		return writeQuery(found, format, streams.Out, streams.Err)
	}
	file, err := os.CreateTemp(filepath.Dir(f.output), ".windlass-query-*")
	if err != nil {
		return usageError{err}
	}
	return moveTo(f.output, file, writeQuery(found, format, file, streams.Err))
}

// moveTo closes a temporary file and moves it to a path, or removes it if err or
// closing it is an error.
func moveTo(path string, file *os.File, err error) error {
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

func writeQuery(found *client.QueryResult, format string, out, errs io.Writer) error {
	if format == "table" {
		return writeQueryTable(found.Body, out, errs)
	}
	if _, err := io.Copy(out, found.Body); err != nil {
		return fmt.Errorf("reading rows: %w", err)
	}
	if format == "json" {
		if _, err := fmt.Fprintln(out); err != nil {
			return err
		}
	}
	if found.Truncated {
		noteTruncated(errs)
	}
	return nil
}

func writeQueryTable(body io.Reader, out, errs io.Writer) error {
	var table client.QueryTable
	if err := json.NewDecoder(body).Decode(&table); err != nil {
		return fmt.Errorf("reading rows: %w", err)
	}
	head := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		head[i] = c.Name
	}
	rows := make([][]string, len(table.Rows))
	for i, values := range table.Rows {
		for _, v := range values {
			rows[i] = append(rows[i], cell(v))
		}
	}
	if err := printTable(out, head, rows); err != nil {
		return err
	}
	if table.Truncated {
		noteTruncated(errs)
	}
	return nil
}

func noteTruncated(errs io.Writer) {
	_, _ = fmt.Fprintln(errs, "There are more rows. Use --limit, or --format csv for all of them.")
}

// cell returns a value as a table shows it, in one line and without control
// characters.
func cell(v json.RawMessage) string {
	text := string(v)
	var s string
	if json.Unmarshal(v, &s) == nil && text != "null" {
		text = s
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
}

// isTerminalFile reports whether a writer is a terminal.
func isTerminalFile(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
