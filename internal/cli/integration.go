package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/object"
)

func newIntegration(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{
		Use: "integration", Short: "Connect a customer's S3 buckets and verify the connection", Args: cobra.NoArgs,
		Long: "Connect a customer's S3 buckets and verify the connection.\n\n" +
			"An integration is a role in the customer's AWS account that Windlass may assume with\nan External ID, " +
			"and the locations that it opens. create reserves one and prints what\nthe customer pastes; update " +
			"sets the role's ARN; verify tests the role.",
	}
	conn.flags(cmd)
	cmd.AddCommand(
		newIntegrationCreate(&conn, streams), newIntegrationList(&conn, streams), newIntegrationShow(&conn, streams),
		newIntegrationSetup(&conn, streams), newIntegrationUpdate(&conn, streams), newIntegrationCheck(&conn, streams),
		newIntegrationVerify(&conn, streams),
		newIntegrationHistory(&conn, streams), newIntegrationReport(&conn, streams),
		newIntegrationRotate(&conn, streams), newIntegrationImpact(&conn, streams),
		newIntegrationRemove(&conn, streams),
		newIntegrationRestore(&conn, streams), newIntegrationTemplate(streams),
	)
	return cmd
}

// integrationFlags has the flags that create and update share.
type integrationFlags struct {
	name, access, role, region, endpoint, webhook string
	locations, keys                               []string
	pays, vending                                 bool
	session                                       time.Duration
}

func (f *integrationFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.name, "name", "", "name of the integration (default: the role's, or generated)")
	flags.StringArrayVar(&f.locations, "location", nil, "s3://BUCKET/PREFIX/ that it opens; may be repeated")
	flags.StringVar(&f.access, "access", "", "read or readwrite")
	flags.StringVar(&f.role, "role-arn", "", "the customer's role, such as arn:aws:iam::111122223333:role/NAME")
	flags.StringVar(&f.region, "region", "", "region of the buckets (default: detected)")
	flags.StringVar(&f.endpoint, "endpoint", "", "address of an S3-compatible service (default: AWS)")
	flags.BoolVar(&f.pays, "requester-pays", false, "agree to pay for requests")
	flags.StringArrayVar(&f.keys, "kms-key", nil, "ARN of a KMS key that the objects are encrypted with; may be repeated")
	flags.StringVar(&f.webhook, "webhook", "", "address to notify when the integration starts failing or recovers")
	flags.BoolVar(&f.vending, "vending", false, "let grants issue credentials: the trust policy then also allows Windlass's\nsource identities and session tags")
	flags.DurationVar(&f.session, "session", 0, "duration of a role session, 15m to 12h")
}

func (f *integrationFlags) parsed() ([]client.Location, error) {
	var out []client.Location
	for _, address := range f.locations {
		l, err := object.ParseLocation(address)
		if err != nil {
			return nil, usageError{err}
		}
		out = append(out, client.Location(l))
	}
	return out, nil
}

func newIntegrationCreate(conn *connection, streams Streams) *cobra.Command {
	var f integrationFlags
	cmd := &cobra.Command{
		Use:     "create",
		Short:   "Create an integration and print the documents to paste",
		Long:    "Create an integration, with --role-arn for an existing role, and print the External ID,\nthe principal and the documents to paste. Windlass generates the External ID; you can't\nchoose it.",
		Example: "  windlass integration create --name acme --location s3://acme-data/daily/\n  windlass integration create --role-arn arn:aws:iam::111122223333:role/reader",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			locations, err := f.parsed()
			if err != nil {
				return err
			}
			made, err := api.CreateIntegration(cmd.Context(), client.IntegrationSpec{
				Name: f.name, Locations: locations, Access: f.access, RoleARN: f.role, Region: f.region,
				Endpoint:      f.endpoint,
				RequesterPays: f.pays, KMSKeyARNs: f.keys, SessionSeconds: int(f.session / time.Second),
				WebhookURL: f.webhook, Vending: f.vending,
			})
			if err != nil {
				return err
			}
			return printIntegration(conn, streams, made)
		},
	}
	f.add(cmd)
	return cmd
}

func newIntegrationUpdate(conn *connection, streams Streams) *cobra.Command {
	var f integrationFlags
	var disabled bool
	cmd := &cobra.Command{
		Use:     "update INTEGRATION",
		Short:   "Edit an integration and print the changes to its documents",
		Long:    "Edit an integration, by ID or name, and print the changes to the pasted documents.\n--location replaces all locations. The External ID stays the same.",
		Example: "  windlass integration update acme --role-arn arn:aws:iam::111122223333:role/reader\n  windlass integration update acme --location s3://acme-data/daily/ --location s3://acme-more/",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			change, err := f.change(cmd)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("disabled") {
				change.Disabled = &disabled
			}
			if change == (client.IntegrationChange{}) {
				return usagef("specify what to change, such as --role-arn; see %s --help", cmd.CommandPath())
			}
			edited, err := api.UpdateIntegration(cmd.Context(), args[0], change)
			if err != nil {
				return err
			}
			return printEdited(conn, streams, edited)
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&disabled, "disabled", false, "disable the integration; --disabled=false enables it")
	return cmd
}

// change returns the settings given on the command line.
func (f *integrationFlags) change(cmd *cobra.Command) (client.IntegrationChange, error) {
	var change client.IntegrationChange
	flags := cmd.Flags()
	text := func(name string, value *string, field **string) {
		if flags.Changed(name) {
			*field = value
		}
	}
	text("name", &f.name, &change.Name)
	text("access", &f.access, &change.Access)
	text("role-arn", &f.role, &change.RoleARN)
	text("region", &f.region, &change.Region)
	text("endpoint", &f.endpoint, &change.Endpoint)
	text("webhook", &f.webhook, &change.WebhookURL)
	if flags.Changed("requester-pays") {
		change.RequesterPays = &f.pays
	}
	if flags.Changed("vending") {
		change.Vending = &f.vending
	}
	if flags.Changed("kms-key") {
		change.KMSKeyARNs = &f.keys
	}
	if flags.Changed("session") {
		seconds := int(f.session / time.Second)
		change.SessionSeconds = &seconds
	}
	locations, err := f.parsed()
	if flags.Changed("location") {
		change.Locations = &locations
	}
	return change, err
}

func newIntegrationList(conn *connection, streams Streams) *cobra.Command {
	var removed bool
	cmd := &cobra.Command{
		Use: "list", Short: "List integrations", Args: cobra.NoArgs,
		Example: "  windlass integration list\n  windlass integration list --removed",
		RunE: func(cmd *cobra.Command, args []string) error {
			if removed {
				return listRemoved(cmd.Context(), conn, streams)
			}
			return integrations.run(conn, streams)(cmd, args)
		},
	}
	cmd.Flags().BoolVar(&removed, "removed", false, "list only removed ones that can be restored")
	return cmd
}

var integrations = listing[client.Integration]{
	head: []string{"id", "name", "state", "role", "locations", "access", "verified"},
	page: ofAll((*client.Client).Integrations),
	row: func(i *client.Integration) []string {
		return []string{
			i.ID, i.Name, i.State, i.RoleARN, addresses(i.Locations), i.Access, moment(i.VerifiedAt, "never"),
		}
	},
}

func newIntegrationShow(conn *connection, streams Streams) *cobra.Command {
	return onIntegration("show", "Show an integration, its External ID and its principal", conn, streams,
		func(ctx context.Context, api *client.Client, name string) error {
			found, err := api.Integration(ctx, name)
			if err != nil {
				return err
			}
			return printIntegration(conn, streams, found)
		})
}

// onIntegration returns a command whose argument is an integration.
func onIntegration(name, short string, conn *connection, streams Streams,
	run func(context.Context, *client.Client, string) error,
) *cobra.Command {
	return &cobra.Command{
		Use: name + " INTEGRATION", Short: short, Args: cobra.ExactArgs(1),
		Example: "  windlass integration " + name + " acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			return run(cmd.Context(), api, args[0])
		},
	}
}

func addresses(locations []client.Location) string {
	out := make([]string, len(locations))
	for n, l := range locations {
		out[n] = l.String()
	}
	return strings.Join(out, " ")
}

func printIntegration(conn *connection, streams Streams, i client.Integration) error {
	if conn.json {
		return printJSON(streams.Out, i)
	}
	w := streams.Out
	line := func(name, value string) {
		if value != "" {
			_, _ = fmt.Fprintf(w, "%-17s %s\n", name, value)
		}
	}
	line("Integration", i.ID+" "+i.Name)
	line("State", i.State)
	line("", i.Reason)
	for _, p := range i.Parts {
		if p.Part != "read" {
			line("  "+p.Part, strings.TrimSuffix(p.State+": "+p.Reason, ": "))
		}
	}
	line("External ID", i.ExternalID)
	line("Next External ID", i.NextExternalID)
	line("User ARN", i.PrincipalARN)
	line("Role ARN", i.RoleARN)
	line("Locations", addresses(i.Locations))
	line("Access", i.Access)
	line("Verified", moment(i.VerifiedAt, ""))
	line("Reserved until", moment(i.ExpiresAt, ""))
	if i.State == "removed" {
		line("Removed", moment(i.RemovedAt, ""))
		line("", "You can restore it for 24 hours: windlass integration restore "+i.ID)
		return nil
	}
	if i.Setup != nil {
		line("CloudFormation", i.Setup.LaunchURL)
		if strings.HasSuffix(i.Setup.LaunchURL, "#/stacks/create") {
			line("", "upload there: windlass integration setup "+i.ID+" --format cloudformation")
		}
		for _, note := range i.Setup.Notes {
			_, _ = fmt.Fprintf(w, "\n%s\n", note)
		}
		_, _ = fmt.Fprintf(w, "\nTrust policy of the role %s:\n%s\n", i.Setup.RoleName, indented(i.Setup.TrustPolicy))
		if i.Setup.PermissionPolicy != nil {
			_, _ = fmt.Fprintf(w, "\nPermission policy:\n%s\n", indented(i.Setup.PermissionPolicy))
		}
	}
	if next := nextStep(i); next != "" {
		_, _ = fmt.Fprintf(w, "\n%s\n", next)
	}
	return nil
}

// nextStep returns the next step, with its command.
func nextStep(i client.Integration) string {
	command := "windlass integration "
	switch {
	case len(i.Locations) == 0:
		return "Next, declare what it opens:  " + command + "update " + i.ID + " --location s3://BUCKET/PREFIX/"
	case i.RoleARN == "":
		return "Next, create the role and set its ARN:  " + command + "update " + i.ID + " --role-arn ARN"
	case i.State == "disabled":
		return "It is disabled. To enable it:  " + command + "update " + i.ID + " --disabled=false"
	case i.State != "verified":
		return "Next, verify it:  " + command + "verify " + i.ID
	}
	return ""
}

// printEdited prints how an edit changed documents that were pasted.
func printEdited(conn *connection, streams Streams, i client.Integration) error {
	if conn.json {
		return printJSON(streams.Out, i)
	}
	if i.Diff == nil {
		return printIntegration(conn, streams, i)
	}
	_, err := fmt.Fprintf(streams.Out, "Integration %s is %s. Change on the role %s:\n%s%s\nComplete documents: "+
		"windlass integration setup %s\n",
		i.ID, i.State, i.Setup.RoleName, i.Diff.TrustPolicy, i.Diff.PermissionPolicy, i.ID)
	if err == nil && i.NextExternalID != "" {
		_, err = fmt.Fprintf(streams.Out, "After you update the role:  windlass integration rotate %s "+
			"--complete\n", i.ID)
	}
	return err
}
