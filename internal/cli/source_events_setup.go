package cli

import (
	"cmp"
	"io"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newSourceEventsSetup(conn *connection, streams Streams) *cobra.Command {
	var format, route string
	cmd := &cobra.Command{
		Use: "setup SOURCE", Short: "Print what to paste or run to set up the queue", Args: cobra.ExactArgs(1),
		Long: "Print what to paste or run to set up the queue of a source: the queue and its dead-letter queue, the\n" +
			"policies, the topic or the rule, and the bucket's notification, in the order that AWS requires.",
		Example: "  windlass source events setup prices --format cli | sh\n" +
			"  windlass source events setup prices --route sns --format terraform > events.tf",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			if conn.json {
				format = "json"
			}
			text, err := api.SourceEventsSetup(cmd.Context(), args[0], cmp.Or(format, "json"), route)
			if err != nil {
				return err
			}
			_, err = io.WriteString(streams.Out, text)
			return err
		},
	}
	cmd.Flags().StringVar(&format, "format", "", "json, cli, terraform, cloudformation or console (default json)")
	cmd.Flags().StringVar(&route, "route", "", "direct, sns or eventbridge (default the setting's)")
	return invalidIsUsage(cmd)
}

func newSourceEventsVerify(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "verify SOURCE", Short: "Check the queue with the role that reads it", Args: cobra.ExactArgs(1),
		Long: "Check the queue with the role that reads it. Messages that the check receives are recorded as " +
			"usual.\n\n" +
			"  ✓ pass  ! warning  ✗ fail  – not tested\n\nExit status: 0 no check failed, 1 a check failed.",
		Example: "  windlass source events verify prices",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			found, err := api.VerifySourceEvents(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if conn.json {
				err = printJSON(streams.Out, found)
			} else {
				printer := newCheckPrinter(streams)
				for _, c := range found.Checks {
					printer.print(client.Check{
						Code: c.Code, Detail: c.Detail, Status: c.Status, CauseCode: c.CauseCode, Fix: c.Fix,
					})
				}
			}
			if err == nil && found.State != "verified" {
				err = errNo
			}
			return err
		},
	}
}
