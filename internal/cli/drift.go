package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newDatasetDrift(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "drift DATASET", Short: "List how objects differed from the schema, newest first",
		Args: cobra.ExactArgs(1),
		Long: "List how the objects of loads differed from the schema of a dataset: new and missing columns, and\n" +
			"columns that were widened. The drift setting of a feed decides what a load does about them.",
		Example: "  windlass dataset drift prices",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			found, err := client.Every(func(o client.PageOptions) (client.Page[client.Drift], error) {
				return api.Drift(cmd.Context(), args[0], o)
			})
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, found)
			}
			rows := make([][]string, len(found))
			for i := range found {
				d := &found[i]
				rows[i] = []string{
					moment(d.At, ""), d.Kind, d.Column, d.Outcome, typeChange(d), strconv.FormatInt(d.Rows, 10),
					firstDrift(d), d.Load,
				}
			}
			return printTable(streams.Out,
				[]string{"at", "drift", "column", "outcome", "type", "rows", "first", "load"}, rows)
		},
	}
}

// typeChange returns the types or formats of a drift.
func typeChange(d *client.Drift) string {
	if d.From != "" && d.To != "" {
		return d.From + " to " + d.To
	}
	return first(d.From, d.To)
}

// firstDrift returns the first value that differs, and where it is.
func firstDrift(d *client.Drift) string {
	place := d.Object
	if d.Line > 0 {
		place = fmt.Sprintf("%s line %d", place, d.Line)
	}
	if d.Value != "" {
		place = fmt.Sprintf("%q in %s", d.Value, place)
	}
	return place
}
