package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newReach(streams Streams) *cobra.Command {
	var conn connection
	var member string
	cmd := &cobra.Command{
		Use:   "reach [s3://BUCKET/PREFIX/]",
		Short: "List who can reach a location, or what a member can reach",
		Long: `List who can reach a location in a bucket, or what a member can reach, through
integrations, grants and access keys. The policy engine evaluates the policies
that AWS sees. What Windlass can't know is shown as unknown: what an access key
opens, and what a bucket's own policy adds.

Exit status: 0 somebody can reach it, 1 nobody can.`,
		Example: "  windlass reach s3://ci-artifacts/builds/\n  windlass reach --member ann@example.com",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == (member != "") {
				return usagef("specify a location such as s3://bucket/prefix/, or --member")
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			var ways []client.Way
			if member != "" {
				ways, err = api.MemberReaches(cmd.Context(), member)
			} else {
				ways, err = api.WhoReaches(cmd.Context(), args[0])
			}
			if err != nil {
				return err
			}
			return printWays(streams, ways, conn.json)
		},
	}
	conn.flags(cmd)
	cmd.Flags().StringVar(&member, "member", "", "member, by e-mail address or ID")
	return cmd
}

func printWays(streams Streams, ways []client.Way, asJSON bool) error {
	open := false
	rows := make([][]string, len(ways))
	for i, w := range ways {
		open = open || w.Open
		rows[i] = []string{
			whoOf(w), w.Kind + " " + w.Name, mayOf(w), first(w.Location, "anywhere its owner allows"),
			first(w.Closed, w.Note),
		}
	}
	var err error
	if asJSON {
		err = printJSON(streams.Out, ways)
	} else {
		err = printTable(streams.Out, []string{"who", "through", "may", "where", ""}, rows)
	}
	if err == nil && !open {
		err = errNo
	}
	return err
}

// whoOf describes who has access in a way.
func whoOf(w client.Way) string {
	switch w.Who {
	case "jobs":
		return "CI jobs that the grant accepts"
	case "jobs-of":
		return "CI jobs of user " + w.Subject
	case "member":
		return w.Subject
	case "all-members":
		return "every member"
	default:
		return "Windlass, for the workspace"
	}
}

// mayOf returns the allowed actions: "list read", "unknown", "nothing".
func mayOf(w client.Way) string {
	var may []string
	for _, action := range []string{"list", "read", "write", "delete"} {
		switch w.Actions[action] {
		case "yes":
			may = append(may, action)
		case "unknown":
			return "unknown"
		}
	}
	if !w.Open {
		return "nothing now"
	}
	return strings.Join(may, " ")
}
