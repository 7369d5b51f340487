package cli

import (
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/windlass-io/windlass/client"
)

// selectionFlags has the flags that select the objects of a replay or a backfill.
type selectionFlags struct {
	keys                           []string
	prefix                         string
	from, to, loadedFrom, loadedTo string
	all                            bool
}

// add adds the flags. Only a replay can choose by the time of loading.
func (f *selectionFlags) add(flags *pflag.FlagSet, loaded bool) {
	flags.StringArrayVar(&f.keys, "key", nil, "key of an object (repeatable)")
	flags.StringVar(&f.prefix, "prefix", "", "objects whose keys begin with this prefix")
	flags.StringVar(&f.from, "from", "", "objects written at this time or later, such as 2026-01-31T06:00:00Z")
	flags.StringVar(&f.to, "to", "", "objects written before this time")
	if loaded {
		flags.StringVar(&f.loadedFrom, "loaded-from", "", "objects loaded at this time or later")
		flags.StringVar(&f.loadedTo, "loaded-to", "", "objects loaded before this time")
	}
	flags.BoolVar(&f.all, "all", false, "every object")
}

// selection returns the selection by the flags, or nil if none is given.
func (f *selectionFlags) selection() (*client.Selection, error) {
	modified, err := rangeOf("from", f.from, "to", f.to)
	if err != nil {
		return nil, err
	}
	loaded, err := rangeOf("loaded-from", f.loadedFrom, "loaded-to", f.loadedTo)
	if err != nil {
		return nil, err
	}
	if len(f.keys) == 0 && f.prefix == "" && modified == nil && loaded == nil && !f.all {
		return nil, nil //nolint:nilnil // nothing is selected
	}
	return &client.Selection{Keys: f.keys, Prefix: f.prefix, Modified: modified, Loaded: loaded, All: f.all}, nil
}

func rangeOf(fromFlag, from, toFlag, to string) (*client.TimeRange, error) {
	if from == "" && to == "" {
		return nil, nil //nolint:nilnil // it isn't set
	}
	begin, err := parseTime(fromFlag, from)
	if err != nil {
		return nil, err
	}
	end, err := parseTime(toFlag, to)
	if err != nil {
		return nil, err
	}
	return &client.TimeRange{From: timeOf(begin), To: timeOf(end)}, nil
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func newLoadReplay(conn *connection, streams Streams) *cobra.Command {
	return newLoadOf(conn, streams, &cobra.Command{
		Use:   "replay FEED",
		Short: "Remove the rows of chosen objects and load the objects again",
		Long: "Remove the rows of chosen objects and load the objects again, in one transaction. Readers see the " +
			"old\n" +
			"rows until then. An object that is missing or can't be read keeps its rows.",
		Example: "  windlass load replay feed_06h06hqhb6gtcr3q3jgb1g7ptm --prefix prices/2026-01 --dry-run --wait\n" +
			"  windlass load replay feed_06h06hqhb6gtcr3q3jgb1g7ptm --all --wait",
	}, "replay")
}

func newLoadBackfill(conn *connection, streams Streams) *cobra.Command {
	return newLoadOf(conn, streams, &cobra.Command{
		Use:     "backfill FEED",
		Short:   "Load chosen objects that no load has seen, at low priority",
		Example: "  windlass load backfill feed_06h06hqhb6gtcr3q3jgb1g7ptm --from 2025-01-01T00:00:00Z --to 2026-01-01T00:00:00Z",
	}, "backfill")
}

// newLoadOf returns a command that loads chosen objects of a feed.
func newLoadOf(conn *connection, streams Streams, cmd *cobra.Command, kind string) *cobra.Command {
	var run loadRun
	var chosen selectionFlags
	cmd.Args = cobra.ExactArgs(1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		selection, err := chosen.selection()
		if err != nil {
			return err
		}
		if selection == nil {
			return usagef("choose the objects: --key, --prefix, --from and --to, or --all")
		}
		run.spec.Feed, run.spec.Kind, run.spec.Select = args[0], kind, selection
		return run.start(cmd, conn, streams)
	}
	chosen.add(cmd.Flags(), kind == "replay")
	run.add(cmd.Flags())
	return cmd
}

func newLoadAgain(conn *connection, streams Streams) *cobra.Command {
	var run loadRun
	cmd := &cobra.Command{
		Use: "again LOAD", Short: "Remove the rows of a load's objects and load the objects " +
			"again", Args: cobra.ExactArgs(1),
		Long: "Remove the rows of a load's objects and load the objects again, in one transaction. Objects that\n" +
			"another load has loaded since are skipped.",
		Example: "  windlass load again load_06h06hqhb6gtcr3q3jgb1g7ptm --wait",
		RunE: func(cmd *cobra.Command, args []string) error {
			run.spec.Kind, run.spec.Select = "replay", &client.Selection{Load: args[0]}
			return run.start(cmd, conn, streams)
		},
	}
	run.add(cmd.Flags())
	return cmd
}

// loadRun starts a load and may wait for its end.
type loadRun struct {
	spec         client.LoadSpec
	wait, strict bool
}

func (r *loadRun) add(flags *pflag.FlagSet) {
	flags.BoolVar(&r.strict, "strict", false, "with --wait, exit with status 1 when a row was rejected")
	flags.BoolVar(&r.spec.DryRun, "dry-run", false, "only plan the load")
	flags.BoolVar(&r.wait, "wait", false, "wait until the load ends and print progress")
}

func (r *loadRun) start(cmd *cobra.Command, conn *connection, streams Streams) error {
	api, err := conn.client(streams)
	if err != nil {
		return err
	}
	started, err := api.StartLoad(cmd.Context(), r.spec)
	if err != nil {
		return checkSetting(err)
	}
	return r.follow(cmd, api, conn, streams, started)
}

// follow prints a load that was started, with --wait when it has ended.
func (r *loadRun) follow(cmd *cobra.Command, api *client.Client, conn *connection, streams Streams,
	started client.Load,
) error {
	if !r.wait {
		return printLoad(conn, streams, started)
	}
	last := ""
	ended, err := api.WaitLoad(cmd.Context(), started.ID,
		func(l client.Load) { last = progress(streams.Err, l, last) })
	if err != nil {
		return err
	}
	if err := printLoad(conn, streams, ended); err != nil {
		return err
	}
	return loadStatus(&ended, r.strict)
}
