package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newToken(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{Use: "token", Short: "Make and revoke API tokens", Args: cobra.NoArgs}
	conn.flags(cmd)
	cmd.AddCommand(newTokenCreate(&conn, streams), newTokenList(&conn, streams), newTokenRevoke(&conn, streams), newTokenWhoami(&conn, streams))
	return cmd
}

func newTokenCreate(conn *connection, streams Streams) *cobra.Command {
	var name, member string
	var datasets []string
	var lasts time.Duration
	cmd := &cobra.Command{
		Use:     "create",
		Short:   "Make a token; it is printed once",
		Long:    "Make a token; it is printed once.\n\nWithout --dataset it is a secret token, which may do everything in the workspace.\nWith --dataset it is a publishable one, which may read those datasets and no more.\nWith --member it is a personal one, which acts in that member's name: it may what\nthey may, and vends credentials for them. It lasts 90 days at most.",
		Example: "  windlass token create --name site --dataset prices\n  windlass token create --name laptop --member ann@example.com\n  windlass token create --name ops --expires 720h",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			spec := client.TokenSpec{Kind: "secret", Name: name}
			for _, dataset := range datasets {
				spec.Kind = "publishable"
				spec.Scopes = append(spec.Scopes, client.TokenScope{Action: "data.read", Dataset: dataset})
			}
			if member != "" {
				spec.Kind, spec.Member = "personal", member
			}
			if lasts > 0 {
				spec.ExpiresAt = streams.Now().Add(lasts)
			}
			made, err := api.CreateToken(cmd.Context(), spec)
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, made)
			}
			_, err = fmt.Fprintln(streams.Out, made.Text)
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&name, "name", "", "what the token is for")
	flags.StringArrayVar(&datasets, "dataset", nil, "dataset that the token may read, or '*'; may be repeated")
	flags.StringVar(&member, "member", "", "member in whose name the token acts, by ID or e-mail address")
	flags.DurationVar(&lasts, "expires", 0, "how long it lasts, as in 720h (default: until revoked)")
	_ = cmd.MarkFlagRequired("name")
	cmd.MarkFlagsMutuallyExclusive("dataset", "member")
	return cmd
}

func newTokenList(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the tokens that are not revoked", Args: cobra.NoArgs,
		Example: "  windlass token list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			found, err := client.Every(func(o client.PageOptions) (client.Page[client.Token], error) {
				return api.Tokens(cmd.Context(), o)
			})
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, found)
			}
			rows := make([][]string, len(found))
			for i, t := range found {
				rows[i] = []string{t.ID, t.Name, t.Kind, "…" + t.Tail, scopesOf(t), moment(t.ExpiresAt, "never"), moment(t.UsedAt, "never")}
			}
			return printTable(streams.Out, []string{"id", "name", "kind", "token", "reads", "expires", "used"}, rows)
		},
	}
}

func scopesOf(t client.Token) string {
	if t.Kind == "secret" {
		return "everything"
	}
	if t.Kind == "personal" {
		return "as " + t.Member
	}
	names := make([]string, len(t.Scopes))
	for i, scope := range t.Scopes {
		names[i] = scope.Dataset
	}
	return strings.Join(names, " ")
}

func newTokenRevoke(conn *connection, streams Streams) *cobra.Command {
	return newRemove(conn, streams, &cobra.Command{
		Use: "revoke TOKEN", Short: "End a token, by its ID", Example: "  windlass token revoke tok_06h06hqhb6gtcr3q3jgb1g7ptm",
	}, "token", (*client.Client).TokenImpact, (*client.Client).RevokeToken)
}

func newTokenWhoami(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "whoami", Short: "Tell who the token in use belongs to", Args: cobra.NoArgs,
		Example: "  windlass token whoami",
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			found, err := api.Whoami(cmd.Context())
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, found)
			}
			_, err = fmt.Fprintf(streams.Out, "%s token %s (%s) of workspace %s\n", found.Kind, found.ID, found.Name, found.Workspace)
			return err
		},
	}
}

// moment tells a time, or what stands for none.
func moment(t time.Time, none string) string {
	if t.IsZero() {
		return none
	}
	return t.UTC().Format(time.RFC3339)
}
