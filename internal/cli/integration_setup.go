package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

func newIntegrationSetup(conn *connection, streams Streams) *cobra.Command {
	var format, document string
	cmd := onIntegration("setup", "Print what the customer pastes or runs", conn, streams,
		func(ctx context.Context, api *client.Client, name string) error {
			if document != "" {
				return printDocument(ctx, api, streams, name, document)
			}
			text, err := api.IntegrationSetup(ctx, name, format)
			if err != nil {
				return err
			}
			_, err = io.WriteString(streams.Out, text)
			return err
		})
	cmd.Example = "  windlass integration setup acme --format cli | sh\n  windlass integration setup acme --format terraform > windlass.tf"
	cmd.Flags().StringVar(&format, "format", "json", "json, cli, terraform, cloudformation or console (numbered steps)")
	cmd.Flags().StringVar(&document, "document", "", "print only one document as JSON: trust or permission")
	cmd.MarkFlagsMutuallyExclusive("format", "document")
	return cmd
}

// newIntegrationTemplate returns the command that prints the template that an
// operator publishes. It needs no server.
func newIntegrationTemplate(streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "template", Short: "Print the CloudFormation template for all integrations", Args: cobra.NoArgs,
		Long: "Print the CloudFormation template for all integrations. If you operate Windlass, publish it as " +
			"an\nS3 object that customers' accounts can read, and pass its address to serve as\n--template-url. " +
			"create and setup then print a link where a customer only has to confirm\nthe role. Publish it again " +
			"after an upgrade. For a single integration, see setup\n--format cloudformation.",
		Example: "  windlass integration template | aws s3 cp - s3://my-templates/windlass.yaml\n" +
			"  windlass serve --template-url https://my-templates.s3.eu-west-1.amazonaws.com/windlass.yaml",
		RunE: func(*cobra.Command, []string) error {
			text, err := aws.LaunchTemplate()
			if err != nil {
				return err
			}
			_, err = io.WriteString(streams.Out, text)
			return err
		},
	}
}

// printDocument prints one of the two documents, in the form that the aws
// command accepts.
func printDocument(ctx context.Context, api *client.Client, streams Streams, name, document string) error {
	found, err := api.Integration(ctx, name)
	if err != nil {
		return err
	}
	documents := map[string]json.RawMessage{}
	if found.Setup != nil {
		documents["trust"], documents["permission"] = found.Setup.TrustPolicy, found.Setup.PermissionPolicy
	}
	text := documents[document]
	switch {
	case document != "trust" && document != "permission":
		return usagef("--document must be trust or permission")
	case len(text) == 0:
		return usagef("integration %s has no %s policy yet; declare a location", found.Name, document)
	}
	_, err = fmt.Fprintln(streams.Out, indented(text))
	return err
}
