package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newGrantRevoke(conn *connection, streams Streams) *cobra.Command {
	var spec client.RevocationSpec
	var confirmed confirmation
	cmd := &cobra.Command{
		Use:   "revoke [GRANT]",
		Short: "End a grant, a provider, an integration's vending or a user's access, and their sessions",
		Long: "No new credentials are issued. Issued ones stay valid until they expire. To end them at\nonce, the " +
			"owner of each role attaches the printed policy to it.\n\n" +
			"With --apply, Windlass attaches the policies. This needs roles that may call\niam:PutRolePolicy on " +
			"themselves. Windlass's setup documents never allow that, because\nanyone who can use such a role can " +
			"extend its permissions.",
		Example: "  windlass grant revoke deploy\n" +
			"  windlass grant revoke --user b7a6c5d4-e3f2-41a0-9b8c-7d6e5f4a3b2c --provider circleci\n" +
			"  windlass grant revoke --integration acme --apply",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				spec.Grant = args[0]
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			return confirmed.destroy(cmd.Context(), conn, streams, "Revoke "+revoked(spec)+"?",
				func(ctx context.Context) (client.Impact, error) { return api.RevocationImpact(ctx, spec) },
				func(ctx context.Context, confirm string) error {
					made, err := api.Revoke(ctx, spec, confirm)
					if err != nil {
						return err
					}
					if conn.json {
						return printJSON(streams.Out, made)
					}
					return printRevocation(streams, made)
				})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&spec.Provider, "provider", "", "end a provider; with --user, the user's provider, or members")
	flags.StringVar(&spec.Integration, "integration", "", "end vending from an integration; its loads continue")
	flags.StringVar(&spec.User, "user", "", "end a user's access, by their ID in the provider's tokens, or the member's")
	flags.BoolVar(&spec.Apply, "apply", false, "attach the policies to the roles that allow it")
	confirmed.flags(cmd)
	return cmd
}

// revoked describes the target of a revocation.
func revoked(spec client.RevocationSpec) string {
	switch {
	case spec.User != "":
		return "the user " + spec.User
	case spec.Provider != "":
		return "the provider " + spec.Provider
	case spec.Integration != "":
		return "vending through the integration " + spec.Integration
	default:
		return "the grant " + spec.Grant
	}
}

func printRevocation(streams Streams, r client.Revocation) error {
	_, _ = fmt.Fprintf(streams.Out, "%s  %s %s is revoked\n", r.ID, r.Kind, r.Subject)
	for _, d := range r.Documents {
		switch {
		case d.Applied:
			_, _ = fmt.Fprintf(streams.Out, "\nLive sessions of %s were ended by the policy %s.\n", d.RoleARN,
				d.PolicyName)
		default:
			if d.Detail != "" {
				warn(streams.Err, []string{d.Detail})
			}
			_, _ = fmt.Fprintf(streams.Out, "\nTo end live sessions of %s, its owner runs:\n\n%s\n", d.RoleARN,
				d.Command)
		}
	}
	return nil
}

func newGrantRevocations(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "revocations", Short: "List what is revoked", Args: cobra.NoArgs,
		Example: "  windlass grant revocations",
		RunE: listing[client.Revocation]{
			head: []string{"id", "kind", "subject", "provider", "revoked"},
			page: ofAll((*client.Client).Revocations),
			row: func(r *client.Revocation) []string {
				return []string{r.ID, r.Kind, r.Subject, r.Provider, moment(r.CreatedAt, "")}
			},
		}.run(conn, streams),
	}
}

func newGrantReinstate(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "reinstate REVOCATION", Short: "Lift the revocation of a user or an integration; grants and providers " +
			"stay revoked",
		Args:    cobra.ExactArgs(1),
		Example: "  windlass grant reinstate rev_06h06hqhb6gtcr3q3jgb1g7ptm",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			return api.UndoRevocation(cmd.Context(), args[0])
		},
	}
}
