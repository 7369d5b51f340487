package cli

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newLoadList(conn *connection, streams Streams) *cobra.Command {
	var filter client.LoadFilter
	var since, until string
	list := listing[client.Load]{
		head: []string{"id", "dataset", "state", "rows", "rejected", "begun"},
		page: ofAllIn(&filter, (*client.Client).FindLoads),
		row: func(l *client.Load) []string {
			return []string{
				l.ID, l.Dataset, l.State, strconv.FormatInt(l.Progress.Rows, 10),
				strconv.FormatInt(l.Progress.Rejected, 10), moment(l.CreatedAt, ""),
			}
		},
	}.run(conn, streams)
	cmd := &cobra.Command{
		Use: "list", Short: "List loads, newest first", Args: cobra.NoArgs,
		Example: "  windlass load list\n  windlass load list --state failed --dataset prices --since 2026-01-31T06:00:00Z",
		RunE: func(cmd *cobra.Command, args []string) error {
			for flag, text := range map[string]string{"since": since, "until": until} {
				at, err := parseTime(flag, text)
				if err != nil {
					return err
				}
				if flag == "since" {
					filter.Since = timeOf(at)
				} else {
					filter.Until = timeOf(at)
				}
			}
			return checkSetting(list(cmd, args))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&filter.State, "state", "",
		"only loads in this state: queued, planning, reading, committing, loaded, failed or cancelled")
	flags.StringVar(&filter.Kind, "kind", "", "only loads of this kind: load, replay, backfill, rejected, change or events")
	flags.StringVar(&filter.Feed, "feed", "", "only loads of this feed, by ID")
	flags.StringVar(&filter.Source, "source", "", "only loads of this source, by ID or name")
	flags.StringVar(&filter.Dataset, "dataset", "", "only loads into this dataset, by name or ID")
	flags.StringVar(&since, "since", "", "only loads created at this time or later, such as 2026-01-31T06:00:00Z")
	flags.StringVar(&until, "until", "", "only loads created before this time")
	return cmd
}

func newLoadWatch(conn *connection, streams Streams) *cobra.Command {
	run := loadRun{wait: true}
	cmd := &cobra.Command{
		Use: "watch LOAD", Short: "Print the progress of a load until it ends", Args: cobra.ExactArgs(1),
		Long:    "Print the progress of a load until it ends. The exit status is that of windlass load start --wait.",
		Example: "  windlass load watch load_06h06hqhb6gtcr3q3jgb1g7ptm",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			return run.follow(cmd, api, conn, streams, client.Load{ID: args[0]})
		},
	}
	cmd.Flags().BoolVar(&run.strict, "strict", false, "exit with status 1 when a row was rejected")
	return cmd
}

func newLoadObjects(conn *connection, streams Streams) *cobra.Command {
	list := ledger(nil)
	list.page = ofOne((*client.Client).LoadObjects)
	return &cobra.Command{
		Use: "objects LOAD", Short: "List the objects of a load with their rows and states", Args: cobra.ExactArgs(1),
		Example: "  windlass load objects load_06h06hqhb6gtcr3q3jgb1g7ptm",
		RunE:    list.run(conn, streams),
	}
}
