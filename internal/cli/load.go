package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newLoad(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{}
	conn.flags(cmd)
	(&loadFiles{conn: &conn, streams: streams}).add(cmd)
	cmd.AddCommand(newLoadStart(&conn, streams), newLoadList(&conn, streams), newLoadShow(&conn, streams),
		newLoadWatch(&conn, streams), newLoadObjects(&conn, streams),
		newLoadReplay(&conn, streams), newLoadBackfill(&conn, streams), newLoadAgain(&conn, streams),
		newLoadCancel(&conn, streams), newLoadRejects(&conn, streams))
	return cmd
}

func newLoadStart(conn *connection, streams Streams) *cobra.Command {
	var run loadRun
	var chosen selectionFlags
	var most int64
	var percent int
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Load a source's objects into a dataset",
		Long: "Load a source's objects into a dataset. If the dataset doesn't exist, the load creates it\nwith " +
			"an inferred schema. Objects that are already loaded are skipped.\n\nWith --wait, the exit status is 0 " +
			"when every object was loaded or there was nothing to\nload, and 1 when the load failed, was " +
			"cancelled, or an object couldn't be loaded. With\n--strict it is 1 when a row was rejected, too. An " +
			"object fails when all of its rows are\nrejected; --max-rejected-percent lowers that limit.",
		Example: "  windlass load start --source prices --dataset prices --wait\n  windlass load start --source prices --dataset prices --dry-run --wait",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			run.spec.MaxRejected = set(cmd, "max-rejected", &most)
			run.spec.MaxRejectedPercent = set(cmd, "max-rejected-percent", &percent)
			var err error
			if run.spec.Select, err = chosen.selection(); err != nil {
				return err
			}
			return run.start(cmd, conn, streams)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&run.spec.Feed, "feed", "", "feed, by ID; or a source and a dataset")
	flags.StringVar(&run.spec.Source, "source", "", "source, by ID or name")
	flags.StringVar(&run.spec.Dataset, "dataset", "", "dataset, by name")
	flags.StringVar(&run.spec.Duplicates, "duplicates", "",
		"keep the old row (ignore) or the new one (replace) when the index exists (default: the feed's)")
	flags.Int64Var(&most, "max-rejected", 0, "fail after more rejected rows than this (default: the feed's)")
	flags.IntVar(&percent, "max-rejected-percent", 0,
		"fail an object when this percentage of its rows is rejected (default: the feed's)")
	flags.StringVar(&run.spec.Kind, "kind", "", "replay or backfill chosen objects (default: load new objects)")
	chosen.add(flags, true)
	run.add(flags)
	feedOrPair(cmd)
	return cmd
}

// loadStatus returns the error that sets the exit status of a load that has
// ended.
func loadStatus(ended *client.Load, strict bool) error {
	if ended.State != "loaded" || ended.Outcome == "partial" || strict && ended.Progress.Rejected > 0 {
		return errNo
	}
	return nil
}

// progress prints a load's progress unless it equals the last line, and
// returns the line.
func progress(w io.Writer, l client.Load, last string) string {
	p := l.Progress
	line := fmt.Sprintf("%s: %d of %d objects, %d rows, %d rejected", l.State, p.ObjectsDone, p.Objects, p.Rows,
		p.Rejected)
	if p.ETASeconds != nil {
		line += fmt.Sprintf(", %s left", time.Duration(*p.ETASeconds)*time.Second)
	}
	if line != last {
		_, _ = fmt.Fprintln(w, line)
	}
	return line
}

func printLoad(conn *connection, streams Streams, l client.Load) error {
	if conn.json {
		return printJSON(streams.Out, l)
	}
	p := l.Progress
	state := l.State
	if l.Outcome != "" {
		state += ", " + l.Outcome
	}
	_, _ = fmt.Fprintf(streams.Out, "%s  %s\n  dataset   %s\n  objects   %d of %d, %d loaded before\n  rows      %d, %d rejected, %d duplicates\n",
		l.ID, state, l.Dataset, p.ObjectsDone, p.Objects, p.Known, p.Rows, p.Rejected, p.Duplicates)
	if p.RowsRemoved > 0 {
		_, _ = fmt.Fprintf(streams.Out, "  removed   %d rows\n", p.RowsRemoved)
	}
	for _, note := range l.Notes {
		_, _ = fmt.Fprintf(streams.Out, "  note      %s\n", note)
	}
	for _, reason := range slices.Sorted(maps.Keys(p.RejectedByReason)) {
		_, _ = fmt.Fprintf(streams.Out, "  rejected  %s: %d\n", reason, p.RejectedByReason[reason])
	}
	for _, fault := range l.Problems {
		_, _ = fmt.Fprintf(streams.Out, "  failed    %s: %s (%s)\n", fault.Key, fault.Reason, fault.Code)
	}
	if l.Error != "" {
		_, _ = fmt.Fprintf(streams.Out, "  error     %s: %s %s\n", l.Code, l.Error, l.Hint)
	}
	if !l.NextAttemptAt.IsZero() {
		_, _ = fmt.Fprintf(streams.Out, "  retry     %s\n", moment(l.NextAttemptAt, ""))
	}
	return nil
}

func newLoadShow(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "show LOAD", Short: "Show one load", Args: cobra.ExactArgs(1),
		Example: "  windlass load show load_06h06hqhb6gtcr3q3jgb1g7ptm",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			found, err := api.Load(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return printLoad(conn, streams, found)
		},
	}
}

func newLoadCancel(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "cancel LOAD", Short: "Cancel a load; none of its rows are kept", Args: cobra.ExactArgs(1),
		Example: "  windlass load cancel load_06h06hqhb6gtcr3q3jgb1g7ptm",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			found, err := api.CancelLoad(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return printLoad(conn, streams, found)
		},
	}
}

func newLoadRejects(conn *connection, streams Streams) *cobra.Command {
	var filter client.RejectFilter
	var reload, wait bool
	cmd := &cobra.Command{
		Use: "rejects LOAD", Short: "Print the rejected rows as CSV, or load them again", Args: cobra.ExactArgs(1),
		Long: "Print the rejected rows and their reasons as CSV. With --json, each row also has the record as it\n" +
			"was written. With --reload, load them again after you corrected the schema or the format: accepted\n" +
			"rows are added to the dataset, and the others stay rejected. Repeating it adds nothing.",
		Example: "  windlass load rejects load_06h06hqhb6gtcr3q3jgb1g7ptm > rejects.csv\n" +
			"  windlass load rejects load_06h06hqhb6gtcr3q3jgb1g7ptm --reason wrong_type --json\n" +
			"  windlass load rejects load_06h06hqhb6gtcr3q3jgb1g7ptm --reload --wait",
		RunE: func(cmd *cobra.Command, args []string) error {
			if reload {
				run := loadRun{wait: wait, spec: client.LoadSpec{Kind: "rejected", Of: args[0], Reasons: filter.Reasons}}
				return run.start(cmd, conn, streams)
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			if conn.json {
				found, err := client.Every(func(o client.PageOptions) (client.Page[client.Reject], error) {
					return api.ListLoadRejects(cmd.Context(), args[0], filter, o)
				})
				if err != nil {
					return checkSetting(err)
				}
				return printJSON(streams.Out, found)
			}
			rows, err := api.LoadRejects(cmd.Context(), args[0], filter)
			if err != nil {
				return checkSetting(err)
			}
			defer rows.Close()
			if _, err := io.Copy(streams.Out, rows); err != nil {
				return fmt.Errorf("reading rejected rows: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().StringSliceVar(&filter.Reasons, "reason", nil, "only rows with this reason, such as wrong_type (repeatable)")
	cmd.Flags().StringVar(&filter.Object, "object", "", "only rows of the object with this key")
	cmd.Flags().BoolVar(&reload, "reload", false, "load the rows again")
	cmd.Flags().BoolVar(&wait, "wait", false, "with --reload, wait until the load ends and print progress")
	cmd.MarkFlagsMutuallyExclusive("reload", "object")
	return cmd
}
