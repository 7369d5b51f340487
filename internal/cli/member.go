package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newMember(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{
		Use:   "member",
		Short: "Manage members and how they sign in",
		Long: `Manage the members of the workspace and how they sign in to the console: with a
one-time link, a password or an OIDC identity.

Name a member by e-mail address or ID.`,
		Args: cobra.NoArgs,
	}
	conn.flags(cmd)
	cmd.AddCommand(newMemberList(&conn, streams), newMemberInvite(&conn, streams), newMemberLink(&conn, streams),
		newMemberRole(&conn, streams),
		newMemberPassword(&conn, streams), newMemberIdentity(&conn, streams), newMemberRemove(&conn, streams))
	return cmd
}

func newMemberList(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the members", Args: cobra.NoArgs,
		Example: "  windlass member list",
		RunE: listing[client.Member]{
			head: []string{"id", "e-mail", "role", "signs in by", "last"},
			page: ofAll((*client.Client).Members),
			row: func(m *client.Member) []string {
				return []string{m.ID, m.Email, m.Role, waysIn(*m), moment(m.SignedInAt, "never")}
			},
		}.run(conn, streams),
	}
}

// waysIn returns how a member signs in.
func waysIn(m client.Member) string {
	ways := []string{"link"}
	if m.Password {
		ways = append(ways, "password")
	}
	if m.Identity != nil {
		ways = append(ways, m.Identity.Issuer)
	}
	return strings.Join(ways, ", ")
}

func newMemberInvite(conn *connection, streams Streams) *cobra.Command {
	var role string
	cmd := &cobra.Command{
		Use:   "invite EMAIL",
		Short: "Add a member and print a link that signs them in once, within 72 hours",
		Long: "Add a member and print a link that signs them in once, within 72 hours. The link stops\nworking " +
			"if their role changes or they are removed. In the console, they set a password\nor connect an " +
			"identity under Your account.\n\nA role is viewer, editor, admin or owner, and at most your own.",
		Example: "  windlass member invite ann@example.com\n  windlass member invite bob@example.com --role admin",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			made, err := api.AddMember(cmd.Context(), client.MemberSpec{Email: args[0], Role: role})
			if err != nil {
				return err
			}
			return conn.showLink(streams, made.Invitation)
		},
	}
	cmd.Flags().StringVar(&role, "role", "editor", "viewer, editor, admin or owner")
	return cmd
}

func newMemberLink(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "link MEMBER",
		Short: "Print a link that signs a member in once, within 15 minutes",
		Long: "Print a link that signs a member in once, within 15 minutes. Anyone who has the link\ncan use " +
			"it, so send it privately.",
		Example: "  windlass member link ann@example.com",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			return conn.printLink(cmd, streams, api, args[0])
		},
	}
}

// printLink creates a sign-in link and prints its whole address.
func (c *connection) printLink(cmd *cobra.Command, streams Streams, api *client.Client, member string) error {
	link, err := api.CreateSignInLink(cmd.Context(), member)
	if err != nil {
		return err
	}
	return c.showLink(streams, link)
}

// showLink prints the whole address of a link.
func (c *connection) showLink(streams Streams, link client.SignInLink) error {
	address, err := c.address(streams)
	if err != nil {
		return err
	}
	link.Path = strings.TrimSuffix(address, "/") + link.Path
	if c.json {
		return printJSON(streams.Out, map[string]any{"url": link.Path, "expires_at": link.ExpiresAt})
	}
	_, err = fmt.Fprintln(streams.Out, link.Path)
	return err
}

func newMemberPassword(conn *connection, streams Streams) *cobra.Command {
	var none bool
	cmd := &cobra.Command{
		Use:     "password MEMBER",
		Short:   "Set a member's password from standard input",
		Long:    "Set a member's password from standard input: one line of 12 to 256 bytes. Their open\nsessions end.",
		Example: "  windlass member password ann@example.com < password.txt\n  windlass member password ann@example.com --none",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			password := ""
			if !none {
				line, err := bufio.NewReader(io.LimitReader(streams.In, 4096)).ReadString('\n')
				if password = strings.TrimRight(line, "\r\n"); password == "" {
					return usagef("no password on standard input: %w", err)
				}
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			return api.SetMemberPassword(cmd.Context(), args[0], password)
		},
	}
	cmd.Flags().BoolVar(&none, "none", false, "remove the password: the member signs in by link or identity")
	return cmd
}

func newMemberIdentity(conn *connection, streams Streams) *cobra.Command {
	var none bool
	cmd := &cobra.Command{
		Use:   "identity MEMBER --none",
		Short: "Remove the OIDC identity that signs a member in",
		Long: "Remove the OIDC identity that signs a member in; open sessions end. Members connect\ntheir own " +
			"identity under Your account in the console; nobody can do it for them.",
		Example: "  windlass member identity ann@example.com --none",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !none {
				return usagef("an identity is connected by its member, under Your account in the console; --none removes it")
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			return api.RemoveMemberIdentity(cmd.Context(), args[0])
		},
	}
	cmd.Flags().BoolVar(&none, "none", false, "remove the identity")
	return cmd
}

func newMemberRole(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "role MEMBER ROLE", Short: "Change a member's role to viewer, editor, admin or owner",
		Args: cobra.ExactArgs(2),
		Long: "Change a member's role to viewer, editor, admin or owner, at most your own. Their\nsessions end, " +
			"and their tokens can't do more than the new role.",
		Example: "  windlass member role ann@example.com admin",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			changed, err := api.SetMemberRole(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, changed)
			}
			_, err = fmt.Fprintf(streams.Out, "%s is now %s.\n", changed.Email, changed.Role)
			return err
		},
	}
}

func newMemberRemove(conn *connection, streams Streams) *cobra.Command {
	return newRemove(conn, streams, &cobra.Command{
		Use: "remove MEMBER", Short: "Remove a member, their sessions and tokens; the last owner stays",
		Example: "  windlass member remove ada@example.com",
	}, "member", (*client.Client).MemberImpact, (*client.Client).RemoveMember)
}
