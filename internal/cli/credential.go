package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newCredential(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{Use: "credential", Short: "Manage access keys for buckets without a role", Args: cobra.NoArgs}
	conn.flags(cmd)
	cmd.AddCommand(newCredentialAdd(&conn, streams), newCredentialList(&conn, streams),
		newCredentialVerify(&conn, streams), newCredentialRemove(&conn, streams))
	return cmd
}

func newCredentialAdd(conn *connection, streams Streams) *cobra.Command {
	var spec client.CredentialSpec
	cmd := &cobra.Command{
		Use:   "add",
		Short: "Add an access key; the secret is read from standard input",
		Long: "Add an access key. The secret is read as one line from standard input, never from\na flag, " +
			"because every process of the machine can see a command line.\n\nAn integration is safer: with a role, " +
			"there is no key to lose.",
		Example: "  windlass credential add --access-key-id AKIA… < secret-file",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			line, err := bufio.NewReader(io.LimitReader(streams.In, 1024)).ReadString('\n')
			if err != nil && line == "" {
				return usagef("no secret access key on standard input")
			}
			spec.SecretAccessKey = strings.TrimSpace(line)
			made, err := api.AddCredential(cmd.Context(), spec)
			if err != nil {
				return err
			}
			if conn.json {
				return printJSON(streams.Out, made)
			}
			_, err = fmt.Fprintf(streams.Out, "%s  %s  %s\n  %s\n", made.ID, made.Name, made.AccessKeyID, made.Hint)
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&spec.Name, "name", "", "name (default: generated)")
	flags.StringVar(&spec.AccessKeyID, "access-key-id", "", "access key ID")
	flags.StringVar(&spec.Region, "region", "", "region of the buckets (default: detected)")
	flags.StringVar(&spec.Endpoint, "endpoint", "", "address of an S3-compatible service (default: AWS)")
	_ = cmd.MarkFlagRequired("access-key-id")
	return cmd
}

func newCredentialList(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List access keys, without their secrets", Args: cobra.NoArgs,
		Example: "  windlass credential list",
		RunE: listing[client.Credential]{
			head: []string{"id", "name", "access key id", "service", "age", "replace"},
			page: ofAll((*client.Client).Credentials),
			row: func(c *client.Credential) []string {
				return []string{
					c.ID, c.Name, c.AccessKeyID, first(c.Endpoint, "AWS"),
					ageOf(streams.Now().Sub(c.CreatedAt)), rotationOf(streams.Now(), c.RotateBy),
				}
			},
		}.run(conn, streams),
	}
}

func newCredentialRemove(conn *connection, streams Streams) *cobra.Command {
	return newRemove(conn, streams, &cobra.Command{
		Use: "remove CREDENTIAL", Short: "Remove an access key, by ID or name; its sources stop loading",
		Example: "  windlass credential remove legacy",
	}, "access key", (*client.Client).CredentialImpact, (*client.Client).RemoveCredential)
}

// ageOf formats an age in days.
func ageOf(age time.Duration) string { return fmt.Sprintf("%d days", int(age/(24*time.Hour))) }

// rotationOf describes when a key must be replaced.
func rotationOf(now, by time.Time) string {
	if left := by.Sub(now); left > 0 {
		return "by " + by.UTC().Format(time.DateOnly)
	}
	return "now (was due on " + by.UTC().Format(time.DateOnly)
}
