package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newProvider(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{
		Use: "provider", Short: "Manage the OIDC issuers whose tokens can be exchanged", Args: cobra.NoArgs,
		Long: "A provider is an OIDC issuer, such as a CI service, whose tokens the workspace accepts.\nGrants decide what a token can do: see windlass grant --help.",
	}
	conn.flags(cmd)
	cmd.AddCommand(newProviderAdd(&conn, streams), newProviderList(&conn, streams), newProviderShow(&conn, streams),
		newProviderUpdate(&conn, streams), newProviderRemove(&conn, streams))
	return cmd
}

var providerKinds = []string{"circleci", "github", "gitlab", "buildkite", "terraform", "custom"}

func newProviderAdd(conn *connection, streams Streams) *cobra.Command {
	var spec client.ProviderSpec
	var age time.Duration
	var claims []string
	cmd := &cobra.Command{
		Use:   "add KIND",
		Short: "Accept tokens of circleci, github, gitlab, buildkite, terraform, or a custom issuer",
		Long: "Accept tokens of an issuer. Each kind has a preset: the issuer, the JWKS URL, the\nmeaning of its " +
			"claims, and how to recognize forks, pull requests and reruns with SSH.\n\n" +
			"--org is the organization's ID, not its name, which somebody else could take over: the\nUUID in " +
			"CircleCI and Buildkite, the owner's number in GitHub, the namespace's number in\nGitLab, the org-… ID " +
			"in HCP Terraform. Tokens of other organizations are then refused.\n\n" +
			"A token must have the provider's audience: the organization in CircleCI, elsewhere the\naddress of " +
			"this service.",
		Example: "  windlass provider add circleci --org 8f4d2b1e-0c6a-4f7e-9b35-1a2b3c4d5e6f\n" +
			"  windlass provider add github --org 65\n" +
			"  windlass provider add gitlab --issuer https://gitlab.example.com\n" +
			"  windlass provider add custom --name jenkins --issuer https://ci.example.com/oidc --jwks-url https://ci.example.com/oidc/jwks \\\n" +
			"      --claim job_id,role=project,unchanging",
		Args: cobra.ExactArgs(1), ValidArgs: providerKinds,
		RunE: func(cmd *cobra.Command, args []string) error {
			spec.Kind, spec.MaxAgeSeconds = args[0], int(age.Seconds())
			if !slices.Contains(providerKinds, spec.Kind) {
				return usagef("unknown kind of provider %q; the kinds are %s", spec.Kind,
					strings.Join(providerKinds, ", "))
			}
			for _, text := range claims {
				claim, err := parseClaim(text)
				if err != nil {
					return err
				}
				spec.Claims = append(spec.Claims, claim)
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			made, err := api.AddProvider(cmd.Context(), spec)
			if err != nil {
				return err
			}
			return conn.printProvider(streams, made, false)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&spec.Organization, "org", "", "the organization's ID")
	flags.StringVar(&spec.Name, "name", "", "name (default: the kind)")
	flags.StringVar(&spec.Issuer, "issuer", "", "issuer, exactly as in the tokens' iss (default: the kind's)")
	flags.StringVar(&spec.JWKSURL, "jwks-url", "", "JWKS URL of the issuer (default: the kind's)")
	flags.StringVar(&spec.Audience, "audience", "",
		"required audience (default: the organization for circleci, else this service's address)")
	flags.BoolVar(&spec.MultipleAudiences, "multiple-audiences", false, "accept tokens that have other audiences too")
	flags.StringSliceVar(&spec.Algorithms, "algorithm", nil, "signature algorithm; may be repeated (default: RS256)")
	flags.DurationVar(&age, "max-age", 0, "maximum age of a token (default: the kind's)")
	flags.StringArrayVar(&claims, "claim", nil, "a claim in addition to the preset, as NAME[,kind=…][,role=…][,unchanging]; may be repeated")
	return cmd
}

// parseClaim parses "job_id,kind=string,role=project,unchanging".
func parseClaim(text string) (client.Claim, error) {
	parts := strings.Split(text, ",")
	claim := client.Claim{Name: parts[0], Kind: "string"}
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "kind":
			claim.Kind = value
		case "role":
			claim.Role = value
		case "instead":
			claim.Instead = value
		case "from":
			claim.From = value
		case "form":
			claim.Form = value
		case "unchanging":
			claim.Unchanging = true
		default:
			return client.Claim{}, usagef("unknown part %q of a claim; use kind, role, unchanging, instead, from or form", name)
		}
	}
	return claim, nil
}

func newProviderList(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List providers", Args: cobra.NoArgs,
		Example: "  windlass provider list",
		RunE: listing[client.Provider]{
			head: []string{"id", "name", "kind", "issuer", "audience", "organization"},
			page: ofAll((*client.Client).Providers),
			row: func(p *client.Provider) []string {
				return []string{p.ID, p.Name, p.Kind, p.Issuer, p.Audience, first(p.Organization, "any")}
			},
		}.run(conn, streams),
	}
}

func newProviderShow(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "show PROVIDER", Short: "Show a provider and the claims that grants can match", Args: cobra.ExactArgs(1),
		Example: "  windlass provider show circleci",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			found, err := api.Provider(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return conn.printProvider(streams, found, true)
		},
	}
}

func newProviderUpdate(conn *connection, streams Streams) *cobra.Command {
	var name, keys, audience string
	var algorithms []string
	var age time.Duration
	var multiple bool
	cmd := &cobra.Command{
		Use: "update PROVIDER", Short: "Change a provider, except its kind and issuer", Args: cobra.ExactArgs(1),
		Example: "  windlass provider update circleci --max-age 5h",
		RunE: func(cmd *cobra.Command, args []string) error {
			var change client.ProviderChange
			set := func(flag string, into **string, value *string) {
				if cmd.Flags().Changed(flag) {
					*into = value
				}
			}
			set("name", &change.Name, &name)
			set("jwks-url", &change.JWKSURL, &keys)
			set("audience", &change.Audience, &audience)
			if cmd.Flags().Changed("multiple-audiences") {
				change.MultipleAudiences = &multiple
			}
			if cmd.Flags().Changed("algorithm") {
				change.Algorithms = &algorithms
			}
			if cmd.Flags().Changed("max-age") {
				seconds := int(age.Seconds())
				change.MaxAgeSeconds = &seconds
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			changed, err := api.UpdateProvider(cmd.Context(), args[0], change)
			if err != nil {
				return err
			}
			return conn.printProvider(streams, changed, false)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&name, "name", "", "name")
	flags.StringVar(&keys, "jwks-url", "", "JWKS URL of the issuer")
	flags.StringVar(&audience, "audience", "", "required audience")
	flags.BoolVar(&multiple, "multiple-audiences", false, "accept tokens that have other audiences too")
	flags.StringSliceVar(&algorithms, "algorithm", nil, "signature algorithm; may be repeated")
	flags.DurationVar(&age, "max-age", 0, "maximum age of a token")
	return cmd
}

func newProviderRemove(conn *connection, streams Streams) *cobra.Command {
	return newRemove(conn, streams, &cobra.Command{
		Use: "remove PROVIDER", Short: "Stop accepting tokens of a provider",
		Example: "  windlass provider remove circleci",
		Long:    "Stop accepting tokens of a provider. Issued credentials are valid until they expire; windlass\ngrant revoke --provider prints the policy that ends them.",
	}, "provider", (*client.Client).ProviderImpact, (*client.Client).RemoveProvider)
}

func (c *connection) printProvider(streams Streams, p client.Provider, claims bool) error {
	if c.json {
		return printJSON(streams.Out, p)
	}
	shared := "no"
	if p.Shared {
		shared = "yes: grants name an organization or project by its ID"
	}
	rows := [][2]string{
		{"ID", p.ID},
		{"Name", p.Name},
		{"Kind", p.Kind},
		{"Issuer", p.Issuer},
		{"Keys", p.JWKSURL},
		{"Audience", audienceOf(p)},
		{"Organization", first(p.Organization, "any")},
		{"Shared issuer", shared},
		{"Algorithms", strings.Join(p.Algorithms, ", ")},
		{"Taken for", (time.Duration(p.MaxAgeSeconds) * time.Second).String()},
	}
	for _, row := range rows {
		_, _ = fmt.Fprintf(streams.Out, "%-14s  %s\n", row[0], row[1])
	}
	warn(streams.Err, p.Warnings)
	if !claims {
		return nil
	}
	_, _ = fmt.Fprintln(streams.Out)
	table := make([][]string, len(p.Claims))
	for i, c := range p.Claims {
		stays := ""
		if c.Unchanging {
			stays = "yes"
		} else if c.Instead != "" {
			stays = "no: match on " + c.Instead
		}
		table[i] = []string{c.Name, c.Kind, first(c.Role, "-"), stays}
	}
	return printTable(streams.Out, []string{"claim", "kind", "tells", "unchanging"}, table)
}

// audienceOf returns the audience of a provider's tokens.
func audienceOf(p client.Provider) string {
	if p.MultipleAudiences {
		return p.Audience + ", others too"
	}
	return p.Audience
}

// warn prints warnings.
func warn(w io.Writer, warnings []string) {
	for _, text := range warnings {
		_, _ = fmt.Fprintf(w, "warning: %s\n", text)
	}
}
