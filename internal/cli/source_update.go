package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

// formatFlags are the flags of a source's format.
type formatFlags struct {
	client.SourceFormat
	header bool
}

func (f *formatFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.Name, "format", "", "auto, csv, tsv, psv, json, jsonl or parquet (default auto)")
	flags.StringVar(&f.Delimiter, "delimiter", "", "delimiter of CSV (default: detected)")
	flags.BoolVar(&f.header, "header", true, "first line of CSV has column names (default: detected)")
	flags.StringVar(&f.JSONPath, "json-path", "",
		"path to the records of a JSON document, such as '$.features[*]'")
	flags.BoolVar(&f.IncludeMarkers, "include-markers", false,
		"load markers such as _SUCCESS and .crc files, and empty objects (default: ignored)")
}

// apply sets the flags that were given in a format. It reports whether there was
// one.
func (f *formatFlags) apply(cmd *cobra.Command, to *client.SourceFormat) bool {
	given := false
	set := func(name string, assign func()) {
		if cmd.Flags().Changed(name) {
			assign()
			given = true
		}
	}
	set("format", func() { to.Name = f.Name })
	set("delimiter", func() { to.Delimiter = f.Delimiter })
	set("header", func() { to.Header = &f.header })
	set("json-path", func() { to.JSONPath = f.JSONPath })
	set("include-markers", func() { to.IncludeMarkers = f.IncludeMarkers })
	return given
}

// checkSetting turns the refusal of a setting into wrong usage, so that the command
// exits with status 2.
func checkSetting(err error) error {
	var refused *client.Error
	if errors.As(err, &refused) && refused.Code == "invalid" {
		return usageError{err}
	}
	return err
}

func newSourceUpdate(conn *connection, streams Streams) *cobra.Command {
	var name, pattern string
	var exclude []string
	var format formatFlags
	cmd := &cobra.Command{
		Use: "update SOURCE", Short: "Change a source's name, pattern or format", Args: cobra.ExactArgs(1),
		Long: "Change a source's name, pattern or format. What isn't given stays as it is. The change applies to\n" +
			"later loads; it doesn't affect rows that are loaded.",
		Example: "  windlass source update prices --delimiter ';' --header=false",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			var change client.SourceChange
			if cmd.Flags().Changed("name") {
				change.Name = &name
			}
			if cmd.Flags().Changed("pattern") {
				change.Pattern = &pattern
			}
			if cmd.Flags().Changed("exclude") {
				change.Exclude = &exclude
			}
			found, err := api.Source(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if format.apply(cmd, &found.Format) {
				change.Format = &found.Format
			}
			if change == (client.SourceChange{}) {
				return usageError{errors.New("nothing to change: give at least one of the flags")}
			}
			changed, err := api.UpdateSource(cmd.Context(), found.ID, change)
			if err != nil {
				return checkSetting(err)
			}
			return printSource(conn, streams, changed)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&name, "name", "", "new name")
	flags.StringVar(&pattern, "pattern", "", "pattern of the keys to load")
	flags.StringArrayVar(&exclude, "exclude", nil, "pattern of keys to exclude, in place of all former ones; may be repeated")
	format.add(cmd)
	return cmd
}
