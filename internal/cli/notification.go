package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/windlass-io/windlass/client"
)

func newNotification(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{
		Use: "notification", Short: "Notify people and programs when loads fail", Args: cobra.NoArgs,
		Long: "Send notifications of failed loads, schema drift, missed schedules and integrations that stop\n" +
			"working to a signed webhook, to Slack, or by e-mail.",
	}
	conn.flags(cmd)
	cmd.AddCommand(
		newNotificationCreate(&conn, streams),
		newNotificationList(&conn, streams),
		newNotificationShow(
			&conn,
			streams,
		),
		newNotificationUpdate(&conn, streams),
		newNotificationRemove(&conn, streams),
		newNotificationTest(&conn, streams),
		newNotificationRotate(&conn, streams),
		newNotificationDeliveries(&conn, streams),
		newNotificationRetry(&conn, streams),
	)
	return invalidIsUsage(cmd)
}

// notificationFlags adds the flags that create and update share.
func notificationFlags(flags *pflag.FlagSet, url *string, to, events, datasets *[]string) {
	flags.StringVar(url, "address", "", "URL of a webhook or of Slack")
	flags.StringSliceVar(to, "to", nil, "e-mail addresses, repeatable")
	flags.StringSliceVar(events, "event", nil, "events such as load.failed or load.*, repeatable "+
		"(default: failures, recoveries, drift, misses and integration.*)")
	flags.StringSliceVar(datasets, "dataset", nil, "only events of these datasets, repeatable")
}

func newNotificationCreate(conn *connection, streams Streams) *cobra.Command {
	var spec client.NotificationSpec
	var disabled bool
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Send notifications to a webhook, Slack or e-mail addresses",
		Long: "Send notifications to a webhook, Slack or e-mail addresses. The kind follows from the flags: --to " +
			"means\n" +
			"e-mail, --address a webhook; for Slack, Mattermost and Rocket.Chat add --kind slack.\n\n" +
			"A webhook's signing key is printed once. Verify the headers with a library of Standard Webhooks.",
		Example: "  windlass notification create --name ops --address https://example.com/hooks/windlass\n" +
			"  windlass notification create --kind slack --address https://hooks.slack.com/services/T0/B0/x \\\n" +
			"    --event 'load.*'\n" +
			"  windlass notification create --to ops@example.com --dataset orders",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			if spec.Kind == "" {
				spec.Kind = "webhook"
				if len(spec.To) > 0 {
					spec.Kind = "email"
				}
			}
			if disabled {
				enabled := false
				spec.Enabled = &enabled
			}
			made, err := api.CreateNotification(cmd.Context(), spec)
			if err != nil {
				return err
			}
			return printNotification(conn, streams, &made)
		},
	}
	cmd.Flags().StringVar(&spec.Name, "name", "", "name (default: generated)")
	cmd.Flags().StringVar(&spec.Kind, "kind", "", "webhook, slack or email (default: webhook, or email with --to)")
	notificationFlags(cmd.Flags(), &spec.URL, &spec.To, &spec.Events, &spec.Datasets)
	cmd.Flags().BoolVar(&disabled, "disabled", false, "send nothing until it is enabled")
	cmd.MarkFlagsMutuallyExclusive("address", "to")
	cmd.MarkFlagsOneRequired("address", "to")
	return cmd
}

func newNotificationList(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List notifications", Args: cobra.NoArgs,
		Example: "  windlass notification list",
		RunE: listing[client.Notification]{
			head: []string{"id", "name", "kind", "to", "events", "state"},
			page: ofAll((*client.Client).Notifications),
			row: func(n *client.Notification) []string {
				return []string{n.ID, n.Name, n.Kind, sentTo(n), strings.Join(n.Events, " "), notificationState(n)}
			},
		}.run(conn, streams),
	}
}

func sentTo(n *client.Notification) string {
	if len(n.To) > 0 {
		return strings.Join(n.To, " ")
	}
	return n.URL
}

func notificationState(n *client.Notification) string {
	switch {
	case !n.Enabled:
		return "disabled"
	case !n.FailingSince.IsZero():
		return "failing"
	default:
		return "enabled"
	}
}

func newNotificationShow(conn *connection, streams Streams) *cobra.Command {
	return onNamed(conn, streams, &cobra.Command{
		Use: "show NOTIFICATION", Short: "Show one notification, by ID or name",
		Example: "  windlass notification show ops",
	}, (*client.Client).Notification, printNotification)
}

func newNotificationRotate(conn *connection, streams Streams) *cobra.Command {
	var leaked bool
	cmd := onNamed(conn, streams, &cobra.Command{
		Use: "rotate NOTIFICATION", Short: "Create a new signing key of a webhook",
		Long: "Create a new signing key of a webhook and print it once. The old one also signs for 24 hours. With " +
			"--leaked, only the new one signs, and the time of the last rotation doesn't matter.",
		Example: "  windlass notification rotate ops\n  windlass notification rotate ops --leaked",
	}, func(api *client.Client, ctx context.Context, name string) (client.Notification, error) {
		return api.RotateNotification(ctx, name, leaked)
	}, printNotification)
	cmd.Flags().BoolVar(&leaked, "leaked", false, "the key leaked: earlier keys stop signing at once")
	return cmd
}

func newNotificationUpdate(conn *connection, streams Streams) *cobra.Command {
	var name, url string
	var to, events, datasets []string
	var enabled, disabled bool
	cmd := &cobra.Command{
		Use: "update NOTIFICATION", Short: "Change a notification",
		Example: "  windlass notification update ops --event load.failed --event 'integration.*'\n" +
			"  windlass notification update ops --enable",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			change := client.NotificationChange{
				Name: set(cmd, "name", &name), URL: set(cmd, "address", &url), To: set(cmd, "to", &to),
				Events: set(cmd, "event", &events), Datasets: set(cmd, "dataset", &datasets),
			}
			if enabled || disabled {
				change.Enabled = &enabled
			}
			changed, err := api.UpdateNotification(cmd.Context(), args[0], change)
			if err != nil {
				return err
			}
			return printNotification(conn, streams, &changed)
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "new name")
	notificationFlags(cmd.Flags(), &url, &to, &events, &datasets)
	cmd.Flags().BoolVar(&enabled, "enable", false, "send notifications again")
	cmd.Flags().BoolVar(&disabled, "disable", false, "send no notifications")
	cmd.MarkFlagsMutuallyExclusive("enable", "disable")
	cmd.MarkFlagsMutuallyExclusive("address", "to")
	return cmd
}

func newNotificationRemove(conn *connection, streams Streams) *cobra.Command {
	return newRemove(conn, streams, &cobra.Command{
		Use: "remove NOTIFICATION", Short: "Remove a notification and its deliveries",
		Example: "  windlass notification remove ops",
	}, "notification", (*client.Client).NotificationImpact, (*client.Client).RemoveNotification)
}

func newNotificationTest(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "test NOTIFICATION", Short: "Send a test now; the exit status is 1 if it fails",
		Example: "  windlass notification test ops",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			sent, err := api.TestNotification(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := printDelivery(conn, streams, sent); err != nil {
				return err
			}
			if sent.State != "sent" {
				return errNo
			}
			return nil
		},
	}
}

func newNotificationDeliveries(conn *connection, streams Streams) *cobra.Command {
	var state string
	cmd := &cobra.Command{
		Use: "deliveries NOTIFICATION", Short: "List deliveries of the last 30 days, newest first",
		Example: "  windlass notification deliveries ops --state failed",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			all, err := client.Every(func(o client.PageOptions) (client.Page[client.NotificationDelivery], error) {
				return api.NotificationDeliveries(cmd.Context(), args[0], o)
			})
			if err != nil {
				return err
			}
			found := []client.NotificationDelivery{}
			for i := range all {
				if state == "" || all[i].State == state {
					found = append(found, all[i])
				}
			}
			if conn.json {
				return printJSON(streams.Out, found)
			}
			rows := make([][]string, len(found))
			for i := range found {
				d := &found[i]
				rows[i] = []string{
					d.ID, d.CreatedAt.Format(time.RFC3339), d.Type, d.State, fmt.Sprint(d.Attempts), d.Title, d.Error,
				}
			}
			return printTable(streams.Out, []string{"id", "at", "event", "state", "attempts", "title", "error"}, rows)
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "only deliveries in this state: waiting, sent, failed or left_out")
	return cmd
}

func newNotificationRetry(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "retry NOTIFICATION DELIVERY", Short: "Retry a failed or waiting delivery",
		Example: "  windlass notification retry ops dlv_01jd3v0000000000000000000a",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			retried, err := api.RetryNotificationDelivery(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return printDelivery(conn, streams, retried)
		},
	}
}

func printNotification(conn *connection, streams Streams, n *client.Notification) error {
	if conn.json {
		return printJSON(streams.Out, n)
	}
	datasets := "all"
	if len(n.Datasets) > 0 {
		datasets = strings.Join(n.Datasets, " ")
	}
	text := fmt.Sprintf(
		"%s  %s\n  kind      %s\n  to        %s\n  events    %s\n  datasets  %s\n  state     %s\n",
		n.ID,
		n.Name,
		n.Kind,
		sentTo(n),
		strings.Join(n.Events, " "),
		datasets,
		notificationState(n),
	)
	if n.DisabledReason != "" {
		text += "  because   " + n.DisabledReason + "\n"
	}
	if n.Secret != "" {
		text += "  secret    " + n.Secret + "\n            It isn't shown again.\n"
	}
	_, err := fmt.Fprint(streams.Out, text)
	return err
}

func printDelivery(conn *connection, streams Streams, d client.NotificationDelivery) error {
	if conn.json {
		return printJSON(streams.Out, d)
	}
	text := fmt.Sprintf("%s  %s\n  event     %s\n  attempts  %d\n", d.ID, d.State, d.Type, d.Attempts)
	if d.Status != 0 {
		text += fmt.Sprintf("  status    %d\n", d.Status)
	}
	if d.Error != "" {
		text += "  error     " + d.Error + "\n"
	}
	_, err := fmt.Fprint(streams.Out, text)
	return err
}
