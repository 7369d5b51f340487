package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/windlass-io/windlass/client"
)

func newSchedule(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{Use: "schedule", Short: "Load sources on a schedule", Args: cobra.NoArgs}
	conn.flags(cmd)
	cmd.AddCommand(newScheduleCreate(&conn, streams), newScheduleList(&conn, streams),
		newScheduleShow(&conn, streams), newScheduleUpdate(&conn, streams), newScheduleRemove(&conn, streams),
		newSchedulePause(&conn, streams), newScheduleResume(&conn, streams), newScheduleRun(&conn, streams),
		newScheduleRuns(&conn, streams), newScheduleNext(&conn, streams))
	return invalidIsUsage(cmd)
}

func newScheduleCreate(conn *connection, streams Streams) *cobra.Command {
	var spec client.ScheduleSpec
	var start string
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Create a schedule",
		Long: "Create a schedule that loads a source into a dataset. Without --cron and --every it is manual: it\n" +
			"loads when you run it.\n\nA cron expression has five fields: minute, hour, day, month and weekday. In the time zone of the\n" +
			"schedule, a time that a clock change skips fires right after the change, and a time that occurs twice " +
			"fires once.",
		Example: "  windlass schedule create --source prices --dataset prices --cron '0 6 * * 1-5' --time-zone Europe/Berlin\n" +
			"  windlass schedule create --source prices --dataset prices --every 15m\n" +
			"  windlass schedule create --source prices --dataset prices --on events",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			if spec.StartAt, err = parseTime("start-at", start); err != nil {
				return err
			}
			made, err := api.CreateSchedule(cmd.Context(), spec)
			if err != nil {
				return err
			}
			return printSchedule(conn, streams, &made)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&spec.Name, "name", "", "name (default: generated)")
	flags.StringVar(&spec.Feed, "feed", "", "feed, by ID; or a source and a dataset")
	flags.StringVar(&spec.Source, "source", "", "source, by ID or name")
	flags.StringVar(&spec.Dataset, "dataset", "", "dataset, by name")
	timesFlags(flags, &spec.Cron, &spec.Every, &spec.TimeZone, &start, &spec.Overlap, &spec.CatchUp)
	flags.StringVar(&spec.On, "on", "", "fire when objects arrive (events); set the source's queue first")
	flags.BoolVar(&spec.Paused, "paused", false, "create it paused")
	feedOrPair(cmd)
	cmd.MarkFlagsMutuallyExclusive("cron", "every", "on")
	return cmd
}

// timesFlags adds the flags for the fire times of a schedule.
func timesFlags(flags *pflag.FlagSet, cron, every, zone, start, overlap, catchUp *string) {
	flags.StringVar(cron, "cron", "", "cron expression, such as '0 6 * * 1-5' or @daily")
	flags.StringVar(every, "every", "", "interval, 1m to 366d, such as 15m, 6h or 7d")
	flags.StringVar(zone, "time-zone", "", "IANA time zone of --cron, such as Europe/Berlin (default UTC)")
	flags.StringVar(start, "start-at", "", "first possible fire time, such as 2026-01-31T06:00:00Z")
	flags.StringVar(overlap, "overlap", "",
		"while the last load runs: skip the fire time, or queue one load (default skip)")
	flags.StringVar(catchUp, "catch-up", "",
		"missed fire times that start a load after an outage: last, none or all (default last)")
}

// parseTime parses a flag in the form of RFC 3339; nil: it isn't set.
func parseTime(flag, text string) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil, usagef("--%s %q isn't a time such as 2026-01-31T06:00:00Z", flag, text)
	}
	return &at, nil
}

func newScheduleList(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List schedules", Args: cobra.NoArgs,
		Example: "  windlass schedule list",
		RunE: listing[client.Schedule]{
			head: []string{"id", "name", "source", "dataset", "when", "next run", "last run"},
			page: ofAll((*client.Client).Schedules),
			row: func(s *client.Schedule) []string {
				return []string{s.ID, s.Name, s.Source, s.Dataset, when(s), nextRun(s), lastRun(s)}
			},
		}.run(conn, streams),
	}
}

// when describes the fire times of a schedule.
func when(s *client.Schedule) string {
	switch {
	case s.Cron != "":
		return s.Cron + " " + s.TimeZone
	case s.Every != "":
		return "every " + s.Every
	case s.On != "":
		return "on " + s.On
	default:
		return "manual"
	}
}

func nextRun(s *client.Schedule) string {
	switch {
	case s.Paused:
		return "paused"
	case len(s.NextRuns) == 0:
		return "-"
	default:
		return s.NextRuns[0].Format(time.RFC3339)
	}
}

func lastRun(s *client.Schedule) string {
	if s.LastRun == nil {
		return "never"
	}
	return s.LastRun.FireAt.Format(time.RFC3339) + " " + s.LastRun.State
}

func newScheduleShow(conn *connection, streams Streams) *cobra.Command {
	return onNamed(conn, streams, &cobra.Command{
		Use: "show SCHEDULE", Short: "Show one schedule, by ID or name", Example: "  windlass schedule show mornings",
	}, (*client.Client).Schedule, printSchedule)
}

func newSchedulePause(conn *connection, streams Streams) *cobra.Command {
	return onNamed(conn, streams, &cobra.Command{
		Use: "pause SCHEDULE", Short: "Stop starting loads; running loads continue",
		Example: "  windlass schedule pause mornings",
	}, (*client.Client).PauseSchedule, printSchedule)
}

func newScheduleResume(conn *connection, streams Streams) *cobra.Command {
	return onNamed(conn, streams, &cobra.Command{
		Use: "resume SCHEDULE", Short: "Continue with the next fire time",
		Long:    "Continue with the next fire time. Fire times during the pause are skipped.",
		Example: "  windlass schedule resume mornings",
	}, (*client.Client).ResumeSchedule, printSchedule)
}

func newScheduleUpdate(conn *connection, streams Streams) *cobra.Command {
	var name, cron, every, zone, start, overlap, catchUp string
	cmd := &cobra.Command{
		Use: "update SCHEDULE", Short: "Change a schedule; it applies to later fire times",
		Example: "  windlass schedule update mornings --cron '30 5 * * *'",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			at, err := parseTime("start-at", start)
			if err != nil {
				return err
			}
			changed, err := api.UpdateSchedule(cmd.Context(), args[0], client.ScheduleChange{
				Name: set(cmd, "name", &name), Cron: set(cmd, "cron", &cron), Every: set(cmd, "every", &every),
				TimeZone: set(cmd, "time-zone", &zone), StartAt: at, Overlap: set(cmd, "overlap", &overlap),
				CatchUp: set(cmd, "catch-up", &catchUp),
			})
			if err != nil {
				return err
			}
			return printSchedule(conn, streams, &changed)
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "new name")
	timesFlags(cmd.Flags(), &cron, &every, &zone, &start, &overlap, &catchUp)
	cmd.MarkFlagsMutuallyExclusive("cron", "every")
	return cmd
}

// set returns a flag's value, or nil if the flag isn't given.
func set[T any](cmd *cobra.Command, flag string, value *T) *T {
	if !cmd.Flags().Changed(flag) {
		return nil
	}
	return value
}

func newScheduleRemove(conn *connection, streams Streams) *cobra.Command {
	return newRemove(conn, streams, &cobra.Command{
		Use: "remove SCHEDULE", Short: "Remove a schedule; running loads continue",
		Example: "  windlass schedule remove mornings",
	}, "schedule", (*client.Client).ScheduleImpact, (*client.Client).RemoveSchedule)
}

func newScheduleRun(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "run SCHEDULE", Short: "Start a load now, even if the schedule is paused",
		Example: "  windlass schedule run mornings",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			started, err := api.RunSchedule(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return printLoad(conn, streams, started)
		},
	}
}

func newScheduleRuns(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "runs SCHEDULE", Short: "List the results of the fire times, newest first",
		Example: "  windlass schedule runs mornings",
		Args:    cobra.ExactArgs(1),
		RunE: listing[client.ScheduleRun]{
			head: []string{"fire time", "state", "load", "why"},
			page: ofOne((*client.Client).ScheduleRuns),
			row: func(r *client.ScheduleRun) []string {
				return []string{r.FireAt.Format(time.RFC3339), r.State, r.Load, r.Reason}
			},
		}.run(conn, streams),
	}
}

func newScheduleNext(conn *connection, streams Streams) *cobra.Command {
	var zone, from string
	var count int
	cmd := &cobra.Command{
		Use: "next EXPRESSION", Short: "Print the next fire times of a cron expression",
		Example: "  windlass schedule next '0 6 * * 1-5' --time-zone Europe/Berlin",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			at, err := parseTime("from", from)
			if err != nil {
				return err
			}
			if at == nil {
				at = &time.Time{}
			}
			times, err := api.NextFireTimes(cmd.Context(), args[0], zone, *at, count)
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, times)
			}
			return printTimes(streams.Out, times, zone)
		},
	}
	cmd.Flags().StringVar(&zone, "time-zone", "", "IANA time zone (default UTC)")
	cmd.Flags().StringVar(&from, "from", "", "start time, such as 2026-01-31T06:00:00Z (default: now)")
	cmd.Flags().IntVar(&count, "count", 3, "number of fire times, at most 100")
	return cmd
}

// printTimes writes one time per line: in UTC, and in the time zone if this
// machine knows it.
func printTimes(w io.Writer, times []time.Time, zone string) error {
	location, err := time.LoadLocation(zone)
	for _, at := range times {
		line := at.UTC().Format(time.RFC3339)
		if err == nil && zone != "" {
			line += "  " + at.In(location).Format("Mon 2006-01-02 15:04 MST")
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

func printSchedule(conn *connection, streams Streams, s *client.Schedule) error {
	if conn.json {
		return printJSON(streams.Out, s)
	}
	_, err := fmt.Fprintf(streams.Out, "%s  %s\n  source    %s\n  dataset   %s\n  when      %s\n  next run  %s\n  last run  %s\n",
		s.ID, s.Name, s.Source, s.Dataset, when(s), nextRun(s), lastRun(s))
	return err
}
