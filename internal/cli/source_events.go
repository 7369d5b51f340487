package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newSourceEvents(conn *connection, streams Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use: "events", Short: "Load objects when they arrive", Args: cobra.NoArgs,
		Long: "Load objects when they arrive: an SQS queue receives the events of the source's bucket, and the\n" +
			"integration's role reads it. Schedules that listen to events start the loads:\n" +
			"windlass schedule create --on events. A list on a timer finds what events missed.",
	}
	cmd.AddCommand(newSourceEventsSet(conn, streams),
		onNamed(conn, streams, &cobra.Command{
			Use: "show SOURCE", Short: "Show the queue, its state and its counts",
			Example: "  windlass source events show prices",
		}, (*client.Client).SourceEvents, printSourceEvents),
		onNamed(conn, streams, &cobra.Command{
			Use: "pause SOURCE", Short: "Stop receiving events until you resume",
			Example: "  windlass source events pause prices",
		}, (*client.Client).PauseSourceEvents, printSourceEvents),
		onNamed(conn, streams, &cobra.Command{
			Use: "resume SOURCE", Short: "Receive events again and list the bucket",
			Example: "  windlass source events resume prices",
		}, (*client.Client).ResumeSourceEvents, printSourceEvents),
		newSourceEventsList(conn, streams), newSourceEventsSetup(conn, streams), newSourceEventsVerify(conn, streams),
		newSourceEventsObjects(conn, streams), newSourceEventsRemove(conn, streams))
	return cmd
}

func newSourceEventsSet(conn *connection, streams Streams) *cobra.Command {
	var spec client.SourceEventsSpec
	var window, every time.Duration
	cmd := &cobra.Command{
		Use: "set SOURCE", Short: "Set the queue that receives the bucket's events", Args: cobra.ExactArgs(1),
		Example: "  windlass source events set prices --queue arn:aws:sqs:eu-central-1:222222222222:acme-windlass\n" +
			"  windlass source events set prices --queue arn:aws:sqs:eu-central-1:222222222222:acme-windlass --window 1m",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("window") {
				seconds := int(window / time.Second)
				spec.WindowSeconds = &seconds
			}
			spec.ListEverySeconds = int(every / time.Second)
			set, err := api.SetSourceEvents(cmd.Context(), args[0], spec)
			if err != nil {
				return err
			}
			return printSourceEvents(conn, streams, &set)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&spec.Queue, "queue", "", "queue, by ARN or URL")
	flags.StringVar(&spec.Route, "route", "", "how events reach the queue: direct, sns or eventbridge (default direct)")
	flags.StringVar(&spec.KMSKeyARN, "kms-key", "", "ARN of the queue's KMS key, if it uses one")
	flags.StringVar(&spec.SenderARN, "sender", "", "ARN of the topic or the rule")
	flags.DurationVar(&window, "window", 0, "how long to collect objects before a load starts (default 30s)")
	flags.IntVar(&spec.MaxObjects, "max-objects", 0, "number of objects that starts a load immediately (default 1000)")
	flags.DurationVar(&every, "list-every", 0, "how often to list the bucket (default 1h)")
	_ = cmd.MarkFlagRequired("queue")
	return invalidIsUsage(cmd)
}

func printSourceEvents(conn *connection, streams Streams, e *client.SourceEvents) error {
	if conn.json {
		return printJSON(streams.Out, e)
	}
	rows := [][]string{
		{"queue", e.Queue},
		{"state", e.State},
		{"reason", e.Reason},
		{"next step", e.Hint},
		{"schedules", strconv.Itoa(e.Schedules)},
		{"last event", seenAt(e.LastEvent)},
		{"waiting", strconv.Itoa(e.Waiting)},
		{"loaded", strconv.FormatInt(e.Counts.Loaded, 10)},
		{"missed", fmt.Sprintf("%d in all lists", e.Counts.Missed)},
		{"events", eventCounts(&e.Counts)},
	}
	if e.LastList != nil {
		rows = append(rows, []string{"last list", describeList(e.LastList)})
	}
	if e.Confirm != nil {
		rows = append(rows, []string{"confirm", fmt.Sprintf("aws sns confirm-subscription --topic-arn %s --token %s",
			e.Confirm.Topic, e.Confirm.Token)})
	}
	for _, row := range rows {
		if row[1] != "" {
			_, _ = fmt.Fprintf(streams.Out, "%-10s  %s\n", row[0], row[1])
		}
	}
	return nil
}

// describeList describes the report of a list in one line.
func describeList(l *client.SourceEventsList) string {
	text := fmt.Sprintf("%s: %d matched, %d missed", seenAt(l.EndedAt), l.Matched, l.Missed)
	if l.Gone > 0 {
		text += fmt.Sprintf(", %d deleted", l.Gone)
	}
	if l.Held > 0 {
		text += fmt.Sprintf(" (rows of %d stay until --apply-deletes)", l.Held)
	}
	if !l.Complete {
		text += ", stopped early: " + l.Fault
	}
	return text
}

// eventCounts describes the outcomes of messages, without zero counts.
func eventCounts(c *client.SourceEventsCounts) string {
	parts := []string{fmt.Sprintf("%d messages", c.Messages)}
	for _, count := range []struct {
		n    int64
		what string
	}{
		{c.Malformed, "left in the queue"},
		{c.Duplicates, "duplicates"},
		{c.Stale, "out of date"},
		{c.Removed, "of missing objects"},
		{c.ReceiveErrors, "receive errors"},
	} {
		if count.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count.n, count.what))
		}
	}
	return strings.Join(parts, ", ")
}

func seenAt(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return at.Format(time.RFC3339)
}

func newSourceEventsObjects(conn *connection, streams Streams) *cobra.Command {
	var failed bool
	cmd := &cobra.Command{
		Use: "objects SOURCE", Short: "List the objects that wait to be loaded", Args: cobra.ExactArgs(1),
		Example: "  windlass source events objects prices --failed",
		RunE: listing[client.WaitingObject]{
			head: []string{"key", "action", "origin", "first seen", "attempts", "error"},
			page: ofOneIn(&failed, (*client.Client).WaitingObjects),
			row: func(o *client.WaitingObject) []string {
				return []string{o.Key, o.Action, o.Origin, seenAt(o.FirstSeen), strconv.Itoa(o.Attempts), o.Error}
			},
		}.run(conn, streams),
	}
	cmd.Flags().BoolVar(&failed, "failed", false, "only objects whose last attempt failed")
	return cmd
}

func newSourceEventsRemove(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "remove SOURCE", Short: "Stop receiving events for good; messages stay in the " +
			"queue", Args: cobra.ExactArgs(1),
		Example: "  windlass source events remove prices",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			return api.RemoveSourceEvents(cmd.Context(), args[0])
		},
	}
}
