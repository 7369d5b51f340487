package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/object"
)

func newCredentialVerify(conn *connection, streams Streams) *cobra.Command {
	var locations []string
	var order client.KeyOrder
	var last bool
	cmd := &cobra.Command{
		Use:   "verify CREDENTIAL",
		Short: "Verify what an access key can access, by ID or name",
		Long: "Verify that an access key opens the locations and nothing else. Each check is a real\ncall to AWS or to the key's S3-compatible service.\n\n" +
			"  ✓ pass  ! warning  ✗ fail  – not tested\n\nExit status: 0 verified, 1 not verified.",
		Example: "  windlass credential verify legacy --location s3://acme-data/daily/\n  windlass credential verify legacy --last",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			for _, address := range locations {
				l, err := object.ParseLocation(address)
				if err != nil {
					return usageError{err}
				}
				order.Locations = append(order.Locations, client.Location(l))
			}
			var v client.Verification
			switch {
			case last:
				v, err = api.CredentialVerification(cmd.Context(), args[0])
			case len(order.Locations) == 0:
				return usagef("specify what the key should open: --location s3://BUCKET/PREFIX/")
			default:
				v, err = api.VerifyCredential(cmd.Context(), args[0], order)
			}
			if err != nil {
				return err
			}
			return printKeyVerification(conn, streams, v)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&locations, "location", nil, "s3://BUCKET/PREFIX/ that the key should open; may be repeated")
	flags.StringVar(&order.Access, "access", "", "read (default) or readwrite")
	flags.BoolVar(&last, "last", false, "show the last verification instead of running one")
	cmd.MarkFlagsMutuallyExclusive("last", "location")
	cmd.MarkFlagsMutuallyExclusive("last", "access")
	return cmd
}

func printKeyVerification(conn *connection, streams Streams, v client.Verification) error {
	if conn.json {
		if err := printJSON(streams.Out, v); err != nil {
			return err
		}
	} else {
		printer := newCheckPrinter(streams)
		for _, c := range v.Checks {
			printer.print(c)
		}
		_, _ = fmt.Fprintf(streams.Out, "\n%s\n", printer.paint.verdict(v))
	}
	if v.State != "verified" {
		return errNo
	}
	return nil
}
