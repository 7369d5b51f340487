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
		Long: "List how loaded objects differed from the schema of a dataset: new and missing columns, and\n" +
			"columns that were widened. The drift setting of a feed decides what a load does about them.",
		Example: "  windlass dataset drift prices",
		RunE: listing[client.Drift]{
			head: []string{"at", "drift", "column", "outcome", "type", "rows", "first", "load"},
			page: ofOne((*client.Client).Drift),
			row: func(d *client.Drift) []string {
				return []string{
					moment(d.At, ""), d.Kind, d.Column, d.Outcome, typeChange(d), strconv.FormatInt(d.Rows, 10),
					firstDrift(d), d.Load,
				}
			},
		}.run(conn, streams),
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
