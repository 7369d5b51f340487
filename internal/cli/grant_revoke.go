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
		Long: "From now on no credentials are given. Those that were given live on until their end, which\nthe printed policies bring about at once: the owner of each role puts them on it.\n\n" +
			"--apply has Windlass put them there. That works where the role may do iam:PutRolePolicy on\nitself, which no document of Windlass's gives it: whoever can use the role could then give\nit more.",
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
	flags.StringVar(&spec.Provider, "provider", "", "end a provider; with --user, whose user it is, or members")
	flags.StringVar(&spec.Integration, "integration", "", "end vending from an integration; what it loads goes on")
	flags.StringVar(&spec.User, "user", "", "end a user's access, by their ID in the provider's tokens, or the member's")
	flags.BoolVar(&spec.Apply, "apply", false, "put the policies on the roles, where a role may do that to itself")
	confirmed.flags(cmd)
	return cmd
}

// revoked names what a revocation is about.
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
		Use: "revocations", Short: "List who and what gets no credentials any more", Args: cobra.NoArgs,
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
		Use: "reinstate REVOCATION", Short: "Let a user or an integration in again; grants and providers stay revoked",
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
