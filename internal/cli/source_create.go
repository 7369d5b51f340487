package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

// sourceCreation creates a source, and what loads it.
type sourceCreation struct {
	spec   client.SourceSpec
	format formatFlags
	feed   feedFlags
	timed  client.ScheduleSpec
	start  string
	run    loadRun
}

func newSourceCreate(conn *connection, streams Streams) *cobra.Command {
	var s sourceCreation
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Create a source, and in the same step its dataset, schedule and first load",
		Long: `Create a source from an integration or an access key, a bucket and a pattern.

In a pattern, * matches within a segment, ** across segments, ? one character,
[a-z] one of a set, and {a,b} one of several.

With --dataset, the source is also set up to be loaded into a dataset: the settings of the
feed, --cron or --every for a schedule, and --load to start the first load. Either all of
it is created, or nothing. With --cron, --time-zone is also the zone of the schedule.`,
		Example: "  windlass source create --name prices --integration int_… --bucket customer-data --pattern 'shared/prices/*.csv'\n" +
			"  windlass source create --integration customer --bucket customer-data --pattern 'shared/prices/*.csv' \\\n" +
			"    --dataset prices --cron '0 6 * * 1-5' --time-zone Europe/Berlin --load --wait",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.create(cmd, conn, streams) },
	}
	flags := cmd.Flags()
	flags.StringVar(&s.spec.Name, "name", "", "name (default: generated)")
	flags.StringVar(&s.spec.Integration, "integration", "", "integration to use, by ID or name")
	flags.StringVar(&s.spec.Credential, "credential", "", "access key to use, by ID or name")
	flags.StringVar(&s.spec.Bucket, "bucket", "", "bucket")
	flags.StringVar(&s.spec.Pattern, "pattern", "", "pattern of the keys to load")
	flags.StringArrayVar(&s.spec.Exclude, "exclude", nil, "pattern of keys to exclude; may be repeated")
	s.format.add(cmd)
	flags.StringVar(&s.spec.Dataset, "dataset", "", "dataset to load into, by name; the first load creates it")
	s.feed.add(flags)
	flags.StringVar(&s.timed.Cron, "cron", "", "load on a schedule: cron expression, such as '0 6 * * 1-5' or @daily")
	flags.StringVar(&s.timed.Every, "every", "", "load on a schedule: interval, 1m to 366d, such as 15m, 6h or 7d")
	flags.StringVar(&s.start, "start-at", "", "first possible fire time, such as 2026-01-31T06:00:00Z")
	flags.BoolVar(&s.spec.Load, "load", false, "also start a load")
	flags.BoolVar(&s.run.wait, "wait", false, "with --load, wait until the load ends and print progress")
	flags.BoolVar(&s.run.strict, "strict", false, "with --wait, exit with status 1 when a row was rejected")
	for _, name := range []string{"bucket", "pattern"} {
		_ = cmd.MarkFlagRequired(name)
	}
	cmd.MarkFlagsMutuallyExclusive("cron", "every")
	return cmd
}

func (s *sourceCreation) create(cmd *cobra.Command, conn *connection, streams Streams) error {
	api, err := conn.client(streams)
	if err != nil {
		return err
	}
	if err := s.read(cmd); err != nil {
		return err
	}
	made, err := api.CreateSource(cmd.Context(), s.spec)
	if err != nil {
		return checkSetting(err)
	}
	if conn.json {
		return s.printJSON(cmd, api, streams, &made)
	}
	if err := printSource(conn, streams, made.Source); err != nil {
		return err
	}
	if made.Feed != nil {
		_, _ = fmt.Fprintf(streams.Out, "\nLoads into %s by feed %s.\n", made.Feed.Dataset, made.Feed.ID)
	}
	if made.Schedule != nil {
		_, _ = fmt.Fprintln(streams.Out)
		if err := printSchedule(conn, streams, made.Schedule); err != nil {
			return err
		}
	}
	if made.Load == nil {
		return nil
	}
	_, _ = fmt.Fprintln(streams.Out)
	return s.run.follow(cmd, api, conn, streams, *made.Load)
}

// read reads the flags.
func (s *sourceCreation) read(cmd *cobra.Command) error {
	var given client.SourceFormat
	if s.format.apply(cmd, &given) {
		s.spec.Format = &given
	}
	settings, err := s.feed.settings(cmd)
	if err != nil {
		return err
	}
	if settings != (client.FeedSettings{}) {
		s.spec.Feed = &settings
	}
	if s.timed.StartAt, err = parseTime("start-at", s.start); err != nil {
		return err
	}
	if s.timed.Cron != "" {
		s.timed.TimeZone = s.format.TimeZone
	}
	if s.timed.Cron != "" || s.timed.Every != "" {
		s.spec.Schedule = &s.timed
	}
	switch {
	case s.run.wait && !s.spec.Load:
		return usagef("--wait needs --load")
	case s.spec.Dataset == "" && (s.spec.Feed != nil || s.spec.Schedule != nil || s.spec.Load):
		return usagef("name the dataset to load into with --dataset")
	}
	return nil
}

// printJSON prints all that was created as one document, with --wait when the load has
// ended.
func (s *sourceCreation) printJSON(cmd *cobra.Command, api *client.Client, streams Streams,
	made *client.CreatedSource,
) error {
	if !s.run.wait {
		return printJSON(streams.Out, made)
	}
	last := ""
	ended, err := api.WaitLoad(cmd.Context(), made.Load.ID,
		func(l client.Load) { last = progress(streams.Err, l, last) })
	if err != nil {
		return err
	}
	made.Load = &ended
	if err := printJSON(streams.Out, made); err != nil {
		return err
	}
	return loadStatus(&ended, s.run.strict)
}
