package cli

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newUsage(streams Streams) *cobra.Command {
	var conn connection
	var search client.UsageSearch
	var asCSV bool
	cmd := &cobra.Command{
		Use: "usage", Short: "Show what tokens read, write, delete and query", Args: cobra.NoArgs,
		Long: `Show requests, rows, bytes and times by day, token, dataset and kind, for the last 30
days. A request with the response 304 counts without rows. Requests of members in the
console appear as the token "console".`,
		Example: "  windlass usage\n  windlass usage --by token,dataset --from 2026-01-01 --csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asCSV && conn.json {
				return usagef("--json and --csv can't be combined")
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			if search.Dataset != "" {
				found, err := api.Dataset(cmd.Context(), search.Dataset)
				if err == nil {
					search.Dataset = found.ID
				}
			}
			lines, err := api.Usage(cmd.Context(), search)
			if err != nil {
				return checkSetting(err)
			}
			switch {
			case conn.json:
				return printJSON(streams.Out, lines)
			case asCSV:
				return printUsageCSV(streams.Out, search.By, lines)
			default:
				head, rows := usageTable(search.By, lines)
				return printTable(streams.Out, head, rows)
			}
		},
	}
	conn.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&search.From, "from", "", "first day, such as 2026-01-31 (default 29 days before --to)")
	flags.StringVar(&search.To, "to", "", "last day, in UTC (default today)")
	flags.StringVar(&search.Token, "token", "", "only this token, by name or ID; console for requests in the console")
	flags.StringVar(&search.Dataset, "dataset", "", "only this dataset, or view, by name or ID")
	flags.StringSliceVar(
		&search.By,
		"by",
		[]string{"day"},
		"group by day, token, dataset and kind, separated by commas",
	)
	flags.BoolVar(&asCSV, "csv", false, "CSV instead of a table")
	return cmd
}

// usageTable returns the columns that lines are grouped by, and the counts.
func usageTable(by []string, lines []client.UsageLine) (head []string, rows [][]string) {
	for _, column := range []string{"day", "token", "dataset", "kind"} {
		if slices.Contains(by, column) {
			head = append(head, column)
		}
	}
	rows = make([][]string, len(lines))
	for i, l := range lines {
		texts := map[string]string{
			"day": l.Day, "token": first(l.TokenName, l.Token), "dataset": first(first(l.DatasetName, l.Dataset), "-"),
			"kind": l.Kind,
		}
		for _, column := range head {
			rows[i] = append(rows[i], texts[column])
		}
		for _, n := range []int64{l.Requests, l.Refusals, l.Rows, l.Bytes, l.SQLMS} {
			rows[i] = append(rows[i], strconv.FormatInt(n, 10))
		}
		for _, x := range []float64{l.P50, l.P95} {
			rows[i] = append(rows[i], strconv.FormatFloat(x, 'f', -1, 64))
		}
	}
	return append(head, "requests", "refusals", "rows", "bytes", "sql_ms", "p50_ms", "p95_ms"), rows
}

func printUsageCSV(out io.Writer, by []string, lines []client.UsageLine) error {
	head, rows := usageTable(by, lines)
	w := csv.NewWriter(out)
	if err := w.WriteAll(append([][]string{head}, rows...)); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}
