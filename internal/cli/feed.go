package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/windlass-io/windlass/client"
)

func newFeed(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{
		Use: "feed", Short: "Set how sources are loaded into datasets", Args: cobra.NoArgs,
		Long: "A feed loads one source into one dataset. It has the settings of these loads, and the ledger,\n" +
			"which records what happened to each object. The first load or schedule creates it.",
	}
	conn.flags(cmd)
	cmd.AddCommand(newFeedCreate(&conn, streams), newFeedList(&conn, streams), newFeedShow(&conn, streams),
		newFeedUpdate(&conn, streams), newFeedRemove(&conn, streams), newFeedLedger(&conn, streams),
		newFeedSkip(&conn, streams))
	return invalidIsUsage(cmd)
}

// feedOrPair makes a command accept either a feed, or a source and a dataset.
func feedOrPair(cmd *cobra.Command) {
	cmd.MarkFlagsOneRequired("feed", "source")
	cmd.MarkFlagsMutuallyExclusive("feed", "source")
	cmd.MarkFlagsMutuallyExclusive("feed", "dataset")
	cmd.MarkFlagsRequiredTogether("source", "dataset")
}

// feedFlags has the flags of a feed's settings.
type feedFlags struct {
	duplicates  string
	maxRejected int64
	maxPercent  int
	overwritten string
	deleted     string
	maxDeleted  int
	drift       client.FeedDrift
	columns     shapeFlags
	atOnce      int
	order       string
}

func (f *feedFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.duplicates, "duplicates", "",
		"keep the old row (ignore) or the new one (replace) when the index exists (default ignore)")
	flags.Int64Var(&f.maxRejected, "max-rejected", -1, "fail a load after more rejected rows than this; -1: no limit")
	flags.IntVar(&f.maxPercent, "max-rejected-percent", 100,
		"fail an object when this percentage of its rows is rejected")
	flags.StringVar(&f.overwritten, "overwritten", "default",
		"add the rows of a new version of an object (append), replace those of older versions, or ignore it;\n"+
			"default: replace, and append with a declared unique index")
	flags.StringVar(&f.deleted, "deleted", "keep", "keep or remove the rows of a deleted object")
	flags.IntVar(&f.maxDeleted, "max-deleted-percent", 50,
		"fail a load that would remove the rows of more than this percentage of objects, and of at least 10")
	flags.StringVar(&f.drift.New, "drift-new", "",
		"for a column that only objects have: add it, ignore it with a note, or fail the load (default add)")
	flags.StringVar(&f.drift.Missing, "drift-missing", "",
		"for an object without a column: use null in its rows, or fail the load (default null)")
	flags.StringVar(&f.drift.Changed, "drift-changed", "",
		"for values that don't fit a guessed column: widen it, reject the rows, or fail the load (default widen)")
	flags.IntVar(&f.atOnce, "objects-at-once", 8, "number of objects to read at once, 1 to 64; fewer if memory is "+
		"short")
	flags.StringVar(&f.order, "order", "oldest", "load the oldest or the newest objects first")
	f.columns.add(flags)
}

// settings returns the settings whose flags are given.
func (f *feedFlags) settings(cmd *cobra.Command) (client.FeedSettings, error) {
	columns, err := f.columns.given(cmd)
	return client.FeedSettings{
		Duplicates: set(cmd, "duplicates", &f.duplicates), MaxRejected: set(cmd, "max-rejected", &f.maxRejected),
		MaxRejectedPercent: set(cmd, "max-rejected-percent", &f.maxPercent),
		Overwritten:        set(cmd, "overwritten", &f.overwritten), Deleted: set(cmd, "deleted", &f.deleted),
		MaxDeletedPercent: set(cmd, "max-deleted-percent", &f.maxDeleted), Drift: f.drift,
		ObjectsAtOnce: set(cmd, "objects-at-once", &f.atOnce), Order: set(cmd, "order", &f.order), FeedColumns: columns,
	}, err
}

func newFeedCreate(conn *connection, streams Streams) *cobra.Command {
	var spec client.FeedSpec
	var settings feedFlags
	cmd := &cobra.Command{
		Use: "create", Short: "Create a feed, to set it up before the first load", Args: cobra.NoArgs,
		Example: "  windlass feed create --source prices --dataset prices --duplicates replace",
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			if spec.FeedSettings, err = settings.settings(cmd); err != nil {
				return err
			}
			made, err := api.CreateFeed(cmd.Context(), spec)
			if err != nil {
				return err
			}
			return printFeed(conn, streams, &made)
		},
	}
	cmd.Flags().StringVar(&spec.Source, "source", "", "source, by ID or name")
	cmd.Flags().StringVar(&spec.Dataset, "dataset", "", "dataset, by name")
	settings.add(cmd.Flags())
	for _, name := range []string{"source", "dataset"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

func newFeedList(conn *connection, streams Streams) *cobra.Command {
	var filter client.FeedFilter
	cmd := &cobra.Command{
		Use: "list", Short: "List feeds", Args: cobra.NoArgs,
		Example: "  windlass feed list --dataset prices",
		RunE: listing[client.Feed]{
			head: []string{"id", "source", "dataset", "duplicates"},
			page: ofAllIn(&filter, (*client.Client).Feeds),
			row: func(f *client.Feed) []string {
				return []string{f.ID, f.Source, f.Dataset, f.Duplicates}
			},
		}.run(conn, streams),
	}
	cmd.Flags().StringVar(&filter.Source, "source", "", "only feeds of this source, by ID or name")
	cmd.Flags().StringVar(&filter.Dataset, "dataset", "", "only feeds of this dataset, by name")
	return cmd
}

func newFeedShow(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "show FEED", Short: "Show one feed", Args: cobra.ExactArgs(1),
		Example: "  windlass feed show feed_06h06hqhb6gtcr3q3jgb1g7ptm",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			found, err := api.Feed(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return printFeed(conn, streams, &found)
		},
	}
}

func newFeedUpdate(conn *connection, streams Streams) *cobra.Command {
	var settings feedFlags
	cmd := &cobra.Command{
		Use: "update FEED", Short: "Change a feed; it applies to later loads", Args: cobra.ExactArgs(1),
		Long:    "Change a feed. Other settings stay the same. The change applies to loads that start afterwards.",
		Example: "  windlass feed update feed_06h06hqhb6gtcr3q3jgb1g7ptm --max-rejected-percent 5",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			var change client.FeedChange
			if change.FeedSettings, err = settings.settings(cmd); err != nil {
				return err
			}
			if change == (client.FeedChange{}) {
				return usagef("nothing to change: use at least one of the flags")
			}
			changed, err := api.UpdateFeed(cmd.Context(), args[0], change)
			if err != nil {
				return err
			}
			return printFeed(conn, streams, &changed)
		},
	}
	settings.add(cmd.Flags())
	return cmd
}

func newFeedRemove(conn *connection, streams Streams) *cobra.Command {
	return newRemove(conn, streams, &cobra.Command{
		Use: "remove FEED", Short: "Remove a feed with its schedules and its ledger; the rows stay",
		Long: "Remove a feed with its schedules and its ledger, and cancel its loads. The rows stay. A new feed of\n" +
			"the same source and dataset loads every object again.",
		Example: "  windlass feed remove feed_06h06hqhb6gtcr3q3jgb1g7ptm",
	}, "feed", (*client.Client).FeedImpact, (*client.Client).RemoveFeed)
}

func newFeedLedger(conn *connection, streams Streams) *cobra.Command {
	var filter client.LedgerFilter
	cmd := &cobra.Command{
		Use: "ledger FEED", Short: "List what happened to each version of each object", Args: cobra.ExactArgs(1),
		Example: "  windlass feed ledger feed_06h06hqhb6gtcr3q3jgb1g7ptm --state failed",
		RunE:    ledger(&filter).run(conn, streams),
	}
	cmd.Flags().
		StringVar(&filter.State, "state", "", "only entries in this state: loaded, gone, replaced, "+
			"removed, ignored or failed")
	cmd.Flags().StringVar(&filter.Prefix, "prefix", "", "only keys that begin with this prefix")
	return cmd
}

func newFeedSkip(conn *connection, streams Streams) *cobra.Command {
	var keys []string
	cmd := &cobra.Command{
		Use: "skip FEED", Short: "Ignore failed objects: no load tries them again", Args: cobra.ExactArgs(1),
		Long: "Ignore objects that failed or whose rows were removed: no load tries them again. A newer version\n" +
			"of an object is loaded as usual.",
		Example: "  windlass feed skip feed_06h06hqhb6gtcr3q3jgb1g7ptm --key prices/broken.csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			changed, err := api.SkipObjects(cmd.Context(), args[0], keys)
			if err != nil {
				return err
			}
			return ledger(nil).show(conn, streams, changed)
		},
	}
	cmd.Flags().StringArrayVar(&keys, "key", nil, "key of an object (repeatable)")
	_ = cmd.MarkFlagRequired("key")
	return cmd
}

// ledger returns the entries of a feed's ledger that filter names.
func ledger(filter *client.LedgerFilter) listing[client.LedgerEntry] {
	return listing[client.LedgerEntry]{
		head: []string{"key", "version", "state", "rows", "rejected", "load", "why"},
		page: ofOneIn(filter, (*client.Client).FeedLedger),
		row: func(e *client.LedgerEntry) []string {
			return []string{
				e.Key, e.Version, e.State, strconv.FormatInt(e.Rows, 10), strconv.FormatInt(e.Rejected, 10), e.Load,
				e.Reason,
			}
		},
	}
}

func printFeed(conn *connection, streams Streams, f *client.Feed) error {
	if conn.json {
		return printJSON(streams.Out, f)
	}
	most := "any number"
	if f.MaxRejected != nil {
		most = strconv.FormatInt(*f.MaxRejected, 10)
	}
	columns, metadata, partitions := describeColumns(&f.FeedColumns)
	_, err := fmt.Fprintf(streams.Out,
		"%s\n  source                %s\n  dataset               %s\n  duplicates            %s\n"+
			"  max rejected          %s\n  max rejected percent  %d\n  overwritten           %s\n"+
			"  deleted               %s\n  max deleted percent   %d\n  drift                 new %s, missing %s, changed %s\n"+
			"  objects at once       %d\n  order                 %s first\n"+
			"  columns               %s\n  metadata              %s\n  partitions            %s\n",
		f.ID, f.Source, f.Dataset, f.Duplicates, most, f.MaxRejectedPercent, f.Overwritten, f.Deleted,
		f.MaxDeletedPercent, f.Drift.New, f.Drift.Missing, f.Drift.Changed,
		f.ObjectsAtOnce, f.Order, columns, metadata, partitions)
	return err
}
