package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

// columnHelp describes a column on the command line.
const columnHelp = `NAME:TYPE, then options after commas: required, not-null, or description=TEXT`

func newDatasetCreate(conn *connection, streams Streams) *cobra.Command {
	var draft client.DatasetDraft
	var columns []string
	var index client.Index
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Create a dataset with its columns", Args: cobra.ExactArgs(1),
		Long: `Create a dataset with its columns, before anything is loaded into it. A load or a
write creates a dataset automatically; declare the columns if their types must not be
guessed.

Types are string, integer, decimal, number, boolean, date, date-time, object, array
and any. A column may be missing and null unless it is required or not-null.`,
		Example: "  windlass dataset create prices --column symbol:string,required --column date:date --column close:number \\\n" +
			"    --key symbol --date date --unique",
		RunE: func(cmd *cobra.Command, args []string) error {
			draft.Name = args[0]
			for _, text := range columns {
				column, err := parseColumn(text)
				if err != nil {
					return err
				}
				draft.Columns = append(draft.Columns, column)
			}
			if index != (client.Index{}) {
				draft.Index = &index
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			made, err := api.CreateDataset(cmd.Context(), draft)
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, made)
			}
			_, err = fmt.Fprintf(streams.Out, "Created dataset %s (%s) with %s.\n", made.Name, made.ID,
				counted(len(made.Columns), "column"))
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&columns, "column", nil, "a column; may be repeated: "+columnHelp)
	flags.StringVar(&draft.Title, "title", "", "title for people")
	flags.StringVar(&draft.Description, "description", "", "description of the dataset")
	flags.StringVar(&index.Key, "key", "", "column that finds rows")
	flags.StringVar(&index.Subkey, "subkey", "", "second column that finds rows")
	flags.StringVar(&index.Date, "date", "", "column that orders rows in time")
	flags.BoolVar(&index.Unique, "unique", false, "rows with the same key, subkey and date are duplicates")
	_ = cmd.MarkFlagRequired("column")
	return cmd
}

// parseColumn parses a column on the command line.
func parseColumn(text string) (client.Column, error) {
	head, rest, _ := strings.Cut(text, ",")
	name, kind, found := strings.Cut(head, ":")
	if !found || name == "" || kind == "" {
		return client.Column{}, usagef("invalid --column %q: use %s", text, columnHelp)
	}
	column := client.Column{Name: name, Type: kind, AllowNull: true}
	for rest != "" {
		var word string
		if strings.HasPrefix(rest, "description=") {
			word, rest = rest, "" // it may have commas
		} else {
			word, rest, _ = strings.Cut(rest, ",")
		}
		switch {
		case word == "required":
			column.Required = true
		case word == "not-null":
			column.AllowNull = false
		case strings.HasPrefix(word, "description="):
			column.Description = strings.TrimPrefix(word, "description=")
		default:
			return client.Column{}, usagef("--column %q has the unknown option %q; use %s", text, word, columnHelp)
		}
	}
	return column, nil
}

func newDatasetUpdate(conn *connection, streams Streams) *cobra.Command {
	var title, description string
	cmd := &cobra.Command{
		Use: "update DATASET", Short: "Change a dataset's title or description", Args: cobra.ExactArgs(1),
		Long: `Change a dataset's title or description. windlass dataset rename changes its name,
and windlass dataset schema its columns and index.`,
		Example: "  windlass dataset update prices --title 'End-of-day prices'",
		RunE: func(cmd *cobra.Command, args []string) error {
			var change client.DatasetChange
			if cmd.Flags().Changed("title") {
				change.Title = &title
			}
			if cmd.Flags().Changed("description") {
				change.Description = &description
			}
			if change == (client.DatasetChange{}) {
				return usagef("nothing to change: use --title or --description")
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			changed, err := api.UpdateDataset(cmd.Context(), args[0], change)
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, changed)
			}
			_, err = fmt.Fprintf(streams.Out, "Updated dataset %s.\n", changed.Name)
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&title, "title", "", "title for people")
	flags.StringVar(&description, "description", "", "description of the dataset")
	return cmd
}
