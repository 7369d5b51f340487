package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newIdentity(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{
		Use: "identity", Short: "Show Windlass's own AWS principal", Args: cobra.NoArgs,
		Long: "Show Windlass's own AWS principal, which every customer's trust policy names.",
	}
	conn.flags(cmd)
	cmd.AddCommand(newIdentityShow(&conn, streams))
	return cmd
}

func newIdentityShow(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Show the service's AWS principal and its permissions",
		Long: "Show the service's AWS principal: the source of its credentials, its ARN, and its\npermissions as " +
			"far as Windlass can see them. It should be a role of the machine that\nallows sts:AssumeRole and " +
			"nothing else; the command warns about anything else.\n\n" +
			"Exit status: 0 without a warning, 1 with one.",
		Example: "  windlass identity show\n  windlass identity show --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			found, err := api.Identity(cmd.Context())
			if err != nil {
				return err
			}
			if conn.json {
				err = printJSON(streams.Out, found)
			} else {
				printIdentity(streams, found)
			}
			if err == nil && len(found.Warnings) > 0 {
				err = errNo
			}
			return err
		},
	}
}

func printIdentity(streams Streams, i client.Identity) {
	w, paint := streams.Out, paintFor(streams)
	line := func(name, value string) {
		if value != "" {
			_, _ = fmt.Fprintf(w, "%-12s %s\n", name, value)
		}
	}
	line("ARN", i.ARN)
	line("Principal", i.PrincipalARN)
	line("Account", i.Account)
	line("Partition", i.Partition)
	line("STS region", i.Region)
	line("From", i.Source.Detail)
	line("Expires", moment(i.ExpiresAt, ""))
	for _, r := range i.Rights {
		_, _ = fmt.Fprintf(w, "%s %-30s %s (%s)\n", paint.mark(rightStatus(r)), r.Action, r.Answer, r.By)
	}
	for _, warning := range i.Warnings {
		_, _ = fmt.Fprintf(w, "\n%s %s\n  Fix: %s\n", paint.mark("warn"), warning.Message, warning.Fix)
	}
}

// rightStatus returns whether a permission is as it should be, in a word.
func rightStatus(r client.IdentityRight) string {
	switch {
	case r.Answer == "unknown" || r.Action == "iam:SimulatePrincipalPolicy":
		return ""
	case r.Wanted == (r.Answer == "allowed"):
		return "pass"
	}
	return "warn"
}
