package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newIntegrationRotate(conn *connection, streams Streams) *cobra.Command {
	var complete, abandon bool
	var confirmed confirmation
	cmd := onIntegration("rotate", "Rotate the External ID without downtime", conn, streams,
		func(ctx context.Context, api *client.Client, name string) error {
			rotate := api.StartRotation
			switch {
			case complete && abandon:
				return usagef("use either --complete or --abandon")
			case complete:
				rotate = func(ctx context.Context, name string) (edited client.Integration, err error) {
					err = confirmed.destroy(ctx, conn, streams, "Complete the rotation of "+name+"?",
						func(ctx context.Context) (client.Impact, error) { return api.RotationImpact(ctx, name) },
						func(ctx context.Context, confirm string) (err error) {
							edited, err = api.CompleteRotation(ctx, name, confirm)
							return err
						})
					return edited, err
				}
			case abandon:
				rotate = api.AbandonRotation
			}
			edited, err := rotate(ctx, name)
			if err != nil {
				return err
			}
			return printEdited(conn, streams, edited)
		})
	cmd.Long = "Rotate the External ID without downtime. The first run creates a new External ID and\nprints a " +
		"trust policy that accepts both: update the role with it. --complete switches to\nthe new one if the role " +
		"accepts it, and prints a trust policy with only the new one:\nupdate the role again."
	cmd.Example = "  windlass integration rotate acme\n  windlass integration rotate acme --complete\n  windlass integration rotate acme --complete --yes"
	cmd.Flags().BoolVar(&complete, "complete", false, "use the new External ID from now on")
	cmd.Flags().BoolVar(&abandon, "abandon", false, "discard the new External ID")
	confirmed.flags(cmd)
	return cmd
}

func newIntegrationRemove(conn *connection, streams Streams) *cobra.Command {
	act := func(api *client.Client, ctx context.Context, name, confirm string) error {
		found, err := api.Integration(ctx, name) // afterwards its ID alone names it
		if err == nil {
			err = api.RemoveIntegration(ctx, found.ID, confirm)
		}
		if err != nil || conn.json {
			return err
		}
		_, err = fmt.Fprintf(streams.Out, "Removed integration %s. You can restore it with its External ID for 24 "+
			"hours:\n  windlass integration restore %s\n", found.Name, found.ID)
		return err
	}
	return newRemove(conn, streams, &cobra.Command{
		Use: "remove INTEGRATION", Short: "Remove an integration; you can restore it for 24 hours",
		Long:    "Remove an integration. If something depends on it, the command lists what stops and asks\nfor confirmation. Running loads can continue for ten minutes. restore undoes the removal\nwithin 24 hours.",
		Example: "  windlass integration impact acme\n  windlass integration remove acme\n  windlass integration remove acme --yes",
	}, "integration", (*client.Client).IntegrationImpact, act)
}

func newIntegrationImpact(conn *connection, streams Streams) *cobra.Command {
	return onIntegration("impact", "List what stops without an integration, or when an edit breaks it", conn, streams,
		func(ctx context.Context, api *client.Client, name string) error {
			measured, err := api.IntegrationImpact(ctx, name)
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, measured)
			}
			if len(measured.Stops) == 0 {
				_, err = fmt.Fprintln(streams.Out, "Nothing needs it.")
				return err
			}
			rows := make([][]string, len(measured.Stops))
			for n, d := range measured.Stops {
				rows[n] = []string{d.Kind, d.ID, d.Name}
			}
			return printTable(streams.Out, []string{"kind", "id", "name"}, rows)
		})
}

func newIntegrationRestore(conn *connection, streams Streams) *cobra.Command {
	cmd := onIntegration("restore", "Undo a removal", conn, streams, func(ctx context.Context, api *client.Client,
		name string,
	) error {
		restored, err := api.RestoreIntegration(ctx, name)
		if err != nil {
			return err
		}
		return printIntegration(conn, streams, restored)
	})
	cmd.Long = "Undo a removal, by the integration's ID or name. A name means the integration of that\nname that " +
		"was removed last. Windlass verifies it again before using it. list --removed\nshows what you can restore."
	return cmd
}

// listRemoved prints what can be restored.
func listRemoved(ctx context.Context, conn *connection, streams Streams) error {
	api, err := conn.client(streams)
	if err != nil {
		return err
	}
	found, err := api.RemovedIntegrations(ctx)
	if err != nil {
		return err
	}
	if conn.json {
		return printJSON(streams.Out, found)
	}
	rows := make([][]string, len(found))
	for n, i := range found {
		rows[n] = []string{i.ID, i.Name, moment(i.RemovedAt, ""), i.Reason}
	}
	return printTable(streams.Out, []string{"id", "name", "removed", "reason"}, rows)
}
