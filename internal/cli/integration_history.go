package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newIntegrationHistory(conn *connection, streams Streams) *cobra.Command {
	cmd := onIntegration("history", "List an integration's verifications, and what changed from one to the next", conn,
		streams, func(ctx context.Context, api *client.Client, name string) error {
			found, err := api.Verifications(ctx, name, client.PageOptions{})
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, found.Items)
			}
			if len(found.Items) == 0 {
				_, err = fmt.Fprintf(streams.Out, "Never verified. Run: windlass integration verify %s\n", name)
				return err
			}
			return printHistory(streams, found.Items)
		})
	cmd.Long = "List an integration's verifications, newest first. Below each are the checks whose\nresult differs " +
		"from the previous one."
	return cmd
}

// printHistory prints a table, and after each row what changed.
func printHistory(streams Streams, found []client.Verification) error {
	rows := make([][]string, len(found))
	for n, v := range found {
		rows[n] = []string{v.ID, moment(v.StartedAt, ""), v.State, v.Trigger, v.By, v.Reason}
	}
	var table bytes.Buffer
	if err := printTable(&table, []string{"id", "began", "state", "why it ran", "by", "reason"}, rows); err != nil {
		return err
	}
	head, rest, _ := strings.Cut(table.String(), "\n")
	_, err := fmt.Fprintln(streams.Out, head)
	for _, v := range found {
		var row string
		row, rest, _ = strings.Cut(rest, "\n")
		if err == nil {
			_, err = fmt.Fprintf(streams.Out, "%s\n%s", row, changed(v.Changes))
		}
	}
	return err
}

// changed returns one line for each kind of change of checks.
func changed(changes []client.CheckChange) string {
	var ways []string
	codes := map[string][]string{}
	for _, c := range changes {
		way := c.Was + " → " + c.Is
		if codes[way] == nil {
			ways = append(ways, way)
		}
		codes[way] = append(codes[way], c.Code)
	}
	var out strings.Builder
	for _, way := range ways {
		fmt.Fprintf(&out, "  %s: %s\n", way, strings.Join(codes[way], ", "))
	}
	return out.String()
}
