package cli

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newDataset(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{Use: "dataset", Short: "List, read and change datasets", Args: cobra.NoArgs}
	conn.flags(cmd)
	cmd.AddCommand(newDatasetCreate(&conn, streams), newDatasetUpdate(&conn, streams),
		newDatasetList(&conn, streams), newDatasetShow(&conn, streams), newDatasetGet(&conn, streams),
		newDatasetWrite(&conn, streams), newDatasetDeleteRows(&conn, streams), newDatasetSchema(&conn, streams),
		newDatasetDrift(&conn, streams),
		newDatasetRename(&conn, streams), newDatasetRemove(&conn, streams), newDatasetRestore(&conn, streams))
	return cmd
}

func newDatasetList(conn *connection, streams Streams) *cobra.Command {
	var removed bool
	cmd := &cobra.Command{
		Use: "list", Short: "List datasets and views", Args: cobra.NoArgs,
		Example: "  windlass dataset list\n  windlass dataset list --removed",
		RunE: func(cmd *cobra.Command, args []string) error {
			if removed {
				return listRemovedDatasets(cmd.Context(), conn, streams)
			}
			return datasets.run(conn, streams)(cmd, args)
		},
	}
	cmd.Flags().BoolVar(&removed, "removed", false, "list only removed ones that can be restored")
	return cmd
}

var datasets = listing[client.Dataset]{
	head: []string{"name", "rows", "columns", "loaded", "id"},
	page: ofAll((*client.Client).Datasets),
	row: func(d *client.Dataset) []string {
		if d.Kind == "view" {
			return []string{d.Name, "view", strconv.Itoa(len(d.Columns)), "", d.ID}
		}
		return []string{
			d.Name, strconv.FormatInt(d.Rows, 10), strconv.Itoa(len(d.Columns)), moment(d.LoadedAt, "never"), d.ID,
		}
	},
}

func newDatasetShow(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "show DATASET", Short: "Show a dataset's columns and index", Args: cobra.ExactArgs(1),
		Example: "  windlass dataset show prices",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			d, err := api.Dataset(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, d)
			}
			_, _ = fmt.Fprintf(streams.Out, "%s  %s\n  rows    %d\n  loaded  %s\n  index   %s\n\n", d.ID, d.Name,
				d.Rows, moment(d.LoadedAt, "never"), indexOf(d.Index))
			rows := make([][]string, len(d.Columns))
			for i, c := range d.Columns {
				rows[i] = []string{c.Name, c.Type, c.Format, map[bool]string{true: "required"}[c.Required]}
			}
			return printTable(streams.Out, []string{"column", "type", "format", ""}, rows)
		},
	}
}

// indexOf formats an index in one line.
func indexOf(i client.Index) string {
	text := "key " + first(i.Key, "none")
	if i.Subkey != "" {
		text += ", subkey " + i.Subkey
	}
	text += ", date " + first(i.Date, "time of loading")
	if i.Unique {
		text += "; unique"
	}
	if i.Guessed {
		text += "; guessed: " + i.Reason
	}
	if s := i.Suggestion; s != nil {
		text += fmt.Sprintf(" Unique in %d of %d rows so far. Declare it?", s.Distinct, s.Rows)
	}
	return text
}

func newDatasetGet(conn *connection, streams Streams) *cobra.Command {
	var csv bool
	var parameters []string
	asked := map[string]*string{}
	cmd := &cobra.Command{
		Use:     "get DATASET|VIEW [KEY [SUBKEY]]",
		Short:   "Read rows like an app",
		Long:    "Read rows like an app. The flags are the parameters of GET /v1/data.",
		Example: "  windlass dataset get prices MSFT --last 5\n  windlass dataset get prices --from 2026-01-01 --to 2026-01-31 --csv",
		Args:    cobra.RangeArgs(1, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			query := url.Values{}
			for name, value := range asked {
				if *value != "" {
					query.Set(name, *value)
				}
			}
			for _, p := range parameters {
				name, value, ok := strings.Cut(p, "=")
				if !ok || name == "" {
					return usagef("--param %q isn't NAME=VALUE", p)
				}
				query.Set("p."+strings.TrimPrefix(name, "p."), value)
			}
			if csv {
				query.Set("format", "csv")
			}
			rows, err := api.Data(cmd.Context(), args[0], args[1:], query)
			if err != nil {
				return err
			}
			defer func() { _ = rows.Close() }()
			if _, err := io.Copy(streams.Out, rows); err != nil {
				return fmt.Errorf("reading rows: %w", err)
			}
			if !csv {
				_, err = fmt.Fprintln(streams.Out)
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&csv, "csv", false, "CSV instead of JSON")
	flags.StringArrayVar(&parameters, "param", nil, "parameter of a view, as NAME=VALUE; may be repeated")
	for _, p := range []struct{ name, doc string }{
		{"last", "number of newest rows"},
		{"first", "number of oldest rows"},
		{"limit", "maximum number of rows (default 1; at most 1,000)"},
		{"from", "first day, such as 2026-01-31"},
		{"to", "last day, inclusive"},
		{"on", "on this day"},
		{"range", "a named window, such as 3m, ytd or Q12026"},
		{"offset", "rows to skip"},
		{"subattribute", "field|value or field~value, separated by commas"},
		{"sort", "asc or desc by date"},
		{"filter", "columns, separated by commas"},
	} {
		asked[p.name] = flags.String(p.name, "", p.doc)
	}
	return cmd
}

func newDatasetRename(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "rename DATASET NAME", Short: "Rename a dataset", Args: cobra.ExactArgs(2),
		Example: "  windlass dataset rename prices prices_2025",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			_, err = api.UpdateDataset(cmd.Context(), args[0], client.DatasetChange{Name: &args[1]})
			return err
		},
	}
}

func newDatasetRemove(conn *connection, streams Streams) *cobra.Command {
	act := func(api *client.Client, ctx context.Context, name, confirm string) error {
		found, err := api.Dataset(ctx, name) // afterwards its ID is sure to name it
		if err == nil {
			err = api.RemoveDataset(ctx, found.ID, confirm)
		}
		if err != nil || conn.json {
			return err
		}
		_, err = fmt.Fprintf(
			streams.Out,
			"Removed dataset %s. You can restore it with its rows for 24 hours:\n  windlass dataset restore %s\n",
			found.Name,
			found.ID,
		)
		return err
	}
	return newRemove(conn, streams, &cobra.Command{
		Use: "remove DATASET", Short: "Remove a dataset with all its rows; you can restore it for 24 hours",
		Example: "  windlass dataset remove prices\n  windlass dataset remove prices --yes",
	}, "dataset", (*client.Client).DatasetImpact, act)
}

func newDatasetRestore(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "restore DATASET", Short: "Undo a removal, by ID or name", Args: cobra.ExactArgs(1),
		Long: "Undo a removal, by the dataset's ID or name. A name means the dataset of that name that\nwas " +
			"removed last. list --removed shows what you can restore.",
		Example: "  windlass dataset restore prices",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			restored, err := api.RestoreDataset(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, restored)
			}
			_, err = fmt.Fprintf(streams.Out, "Restored dataset %s with %d rows.\n", restored.Name, restored.Rows)
			return err
		},
	}
}

// listRemovedDatasets prints the datasets that can be restored.
func listRemovedDatasets(ctx context.Context, conn *connection, streams Streams) error {
	api, err := conn.client(streams)
	if err != nil {
		return err
	}
	found, err := api.RemovedDatasets(ctx)
	if err != nil {
		return err
	}
	if conn.json {
		return printJSON(streams.Out, found)
	}
	rows := make([][]string, len(found))
	for n, d := range found {
		rows[n] = []string{d.ID, d.Name, strconv.FormatInt(d.Rows, 10), moment(d.RemovedAt, "")}
	}
	return printTable(streams.Out, []string{"id", "name", "rows", "removed"}, rows)
}
