package cli

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/problem"
)

func newDatasetWrite(conn *connection, streams Streams) *cobra.Command {
	var write client.RowWrite
	cmd := &cobra.Command{
		Use: "write DATASET [FILE]", Short: "Write rows", Args: cobra.RangeArgs(1, 2),
		Long: `Write rows in one commit, from a file or standard input: a JSON array of objects, or
one JSON object per line. A write has at most 10,000 rows and 16 MiB; use a source to
load more.

Rows that aren't valid are rejected and listed, and the exit status is 1. The
other rows are written, unless --atomic is set.`,
		Example: "  windlass dataset write prices rows.json --on-conflict merge\n" +
			"  echo '{\"symbol\":\"MSFT\",\"day\":\"2026-01-02\",\"close\":1.5}' | windlass dataset write prices\n" +
			"  windlass dataset write wells rows.json --create --key station --date day",
		RunE: func(cmd *cobra.Command, args []string) error {
			rows := streams.In
			if len(args) > 1 {
				file, err := os.Open(args[1])
				if err != nil {
					return usageError{err}
				}
				defer func() { _ = file.Close() }()
				rows = file
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			done, err := api.WriteRows(cmd.Context(), args[0], rows, write)
			if err != nil {
				return err
			}
			return printWritten(&done, conn.json, streams)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&write.OnConflict, "on-conflict", "", "if the index already exists: ignore, replace, merge or "+
		"fail (default ignore)")
	flags.BoolVar(&write.Create, "create", false, "create the dataset if it doesn't exist")
	flags.StringVar(&write.Key, "key", "", "with --create: the key of the unique index")
	flags.StringVar(&write.Subkey, "subkey", "", "with --create: the subkey of the unique index")
	flags.StringVar(&write.Date, "date", "", "with --create: the date of the unique index")
	flags.BoolVar(&write.Atomic, "atomic", false, "write nothing if a row is rejected")
	flags.Int64Var(&write.IfVersion, "if-version", 0, "write only if the dataset has this version")
	return cmd
}

func printWritten(done *client.WrittenRows, asJSON bool, streams Streams) error {
	var err error
	if asJSON {
		err = printJSON(streams.Out, done)
	} else {
		_, err = fmt.Fprintf(streams.Out, "inserted: %d, replaced: %d, ignored: %d, rejected: %d (version %d)\n",
			done.Inserted, done.Replaced, done.Ignored, done.Rejected, done.Version)
		for _, row := range done.Results {
			text := row.Reason
			if row.Column != "" {
				text = row.Column + ": " + text
			}
			_, _ = fmt.Fprintf(streams.Out, "  row %d: %s\n", row.Row, text)
		}
	}
	if err != nil || done.Rejected == 0 {
		return err
	}
	return problem.New(problem.Refused, "Rows were rejected: %d.", done.Rejected).
		WithHint("Correct them and write them again.")
}

func newDatasetDeleteRows(conn *connection, streams Streams) *cobra.Command {
	var removal client.RowRemoval
	var conditions []string
	var from, to string
	cmd := &cobra.Command{
		Use: "delete-rows DATASET [KEY [SUBKEY [DAY]]]", Short: "Delete rows by key or condition",
		Args: cobra.RangeArgs(1, 4),
		Long: `Delete the rows of a key, the rows that match conditions, or all rows with --all. You
can't restore them. --dry-run only counts them.`,
		Example: "  windlass dataset delete-rows prices MSFT\n" +
			"  windlass dataset delete-rows prices --where day=lt.2020-01-01 --dry-run",
		RunE: func(cmd *cobra.Command, args []string) error {
			query, err := conditionQuery(conditions, from, to)
			if err != nil {
				return err
			}
			removal.Keys, removal.Query = args[1:], query
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			done, err := api.DeleteRows(cmd.Context(), args[0], removal)
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, done)
			}
			return printRemoved(streams.Out, &done, removal.DryRun)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&conditions, "where", nil, "condition as COLUMN=OPERATOR.VALUE, such as price=lt.5; may be repeated")
	flags.StringVar(&from, "from", "", "first day, such as 2026-01-31")
	flags.StringVar(&to, "to", "", "last day, inclusive")
	flags.BoolVar(&removal.All, "all", false, "every row")
	flags.BoolVar(&removal.DryRun, "dry-run", false, "count the rows, but delete none")
	flags.Int64Var(&removal.IfVersion, "if-version", 0, "delete only if the dataset has this version")
	return cmd
}

// conditionQuery returns the parameters of conditions and days.
func conditionQuery(conditions []string, from, to string) (url.Values, error) {
	query := url.Values{}
	for _, text := range conditions {
		column, condition, ok := strings.Cut(text, "=")
		if !ok || column == "" {
			return nil, usagef("--where %q isn't COLUMN=OPERATOR.VALUE", text)
		}
		query.Add(column, condition)
	}
	for name, day := range map[string]string{"from": from, "to": to} {
		if day != "" {
			query.Set(name, day)
		}
	}
	return query, nil
}

func printRemoved(w io.Writer, done *client.RemovedRows, dryRun bool) error {
	what := "deleted"
	if dryRun {
		what = "would be deleted"
	}
	_, err := fmt.Fprintf(w, "rows %s: %d (version %d)\n", what, done.Deleted, done.Version)
	return err
}
