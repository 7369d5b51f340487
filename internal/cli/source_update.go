package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

// checkSetting converts the error for an invalid setting to a usage error, so that
// the command exits with status 2.
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
		Long: "Change a source's name, pattern or format. Other settings stay the same. The change applies to\n" +
			"later loads; it doesn't affect loaded rows.",
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
				return usageError{errors.New("nothing to change: use at least one of the flags")}
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
	flags.StringArrayVar(&exclude, "exclude", nil, "pattern of keys to exclude, replacing all previous ones; may "+
		"be repeated")
	format.add(cmd)
	return cmd
}
