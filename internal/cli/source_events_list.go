package cli

import (
	"github.com/spf13/cobra"
)

func newSourceEventsList(conn *connection, streams Streams) *cobra.Command {
	var confirmed confirmation
	var applies bool
	cmd := &cobra.Command{
		Use: "list SOURCE", Short: "List the bucket for objects that events missed, and for deleted ones",
		Args: cobra.ExactArgs(1),
		Long: "List the bucket for objects that events missed, and for deleted ones. Feeds whose setting deleted is\n" +
			"remove lose the rows of deleted objects, unless 10 or more and over max_deleted_percent of the feed's\n" +
			"objects are gone: then nothing is removed until you confirm it with --apply-deletes.",
		Example: "  windlass source events list prices\n" +
			"  windlass source events list prices --apply-deletes",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			list := api.ListSourceEvents
			if applies {
				if err := confirmed.askPlainly(streams, "Remove the rows of all deleted objects of the source "+args[0]+
					"? This can't be undone."); err != nil {
					return err
				}
				list = api.ApplySourceDeletes
			}
			found, err := list(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return printSourceEvents(conn, streams, &found)
		},
	}
	cmd.Flags().BoolVar(&applies, "apply-deletes", false, "remove the rows of all deleted objects, even if they are many")
	confirmed.flags(cmd)
	return cmd
}
