package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

func newGrant(streams Streams) *cobra.Command {
	var conn connection
	cmd := &cobra.Command{
		Use: "grant", Short: "Let CI jobs and people get short-lived credentials to a prefix", Args: cobra.NoArgs,
		Long: "A grant defines which tokens of a provider can be exchanged for credentials, for which\nprefixes of " +
			"an integration's bucket, and for which actions. Everything else is refused.",
	}
	conn.flags(cmd)
	cmd.AddCommand(newGrantCreate(&conn, streams), newGrantReplace(&conn, streams), newGrantList(&conn, streams),
		newGrantShow(&conn, streams),
		newGrantRevoke(&conn, streams), newGrantRevocations(&conn, streams), newGrantReinstate(&conn, streams))
	return cmd
}

// grantFlags has the flags that define a grant.
type grantFlags struct {
	spec                   client.GrantSpec
	where, refs            []string
	projects, orgs         []string
	lasts, expires, starts time.Duration
	file                   string
}

func newGrantCreate(conn *connection, streams Streams) *cobra.Command {
	var f grantFlags
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Create a grant",
		Long: "Create a grant. Every condition must match:\n\n" +
			"  --project ID           the provider's claim that names the project, repository or workspace\n" +
			"  --where CLAIM=VALUE    a claim has the value; repeat it for one claim to allow several values\n" +
			"  --ref 'refs/heads/*'   the branch or tag; a star stays within a segment\n\n" +
			"Match on IDs, which windlass provider show marks as unchanging: somebody else can take\nover a " +
			"released name. Forks, reruns with SSH and pull requests are refused by default.\n\n" +
			"A prefix may contain ${user} as a segment: each user then has their own prefix. With\n--provider " +
			"members, the grant applies to members of this workspace, named by --user.",
		Example: "  windlass grant create --name deploy --provider circleci --project 2c9e7d10-5b8a-4e3f-a1d2-6f7e8d9c0b1a \\\n" +
			"      --ref refs/heads/main --integration acme --prefix releases/ --allow list,read,write\n" +
			"  windlass grant create --name scratch --provider github --where repository_id=74 --integration acme --prefix 'scratch/${user}/'\n" +
			"  windlass grant create --name desks --provider members --user '*' --integration acme --prefix 'people/${user}/'\n" +
			"  windlass grant create --file grant.json",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			spec, err := f.read(cmd, api, streams)
			if err != nil {
				return err
			}
			made, err := api.CreateGrant(cmd.Context(), spec)
			if err != nil {
				return err
			}
			return conn.printGrant(streams, made)
		},
	}
	f.flags(cmd)
	return cmd
}

func (f *grantFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.file, "file", "", "read the grant as JSON from a file, or - for standard input")
	flags.StringVar(&f.spec.Name, "name", "", "name")
	flags.StringVar(&f.spec.Provider, "provider", "", "provider, by ID or name; members for people who sign in")
	flags.StringArrayVar(&f.projects, "project", nil, "ID of a project; may be repeated")
	flags.StringArrayVar(&f.orgs, "org", nil, "ID of an organization; may be repeated")
	flags.StringArrayVar(&f.refs, "ref", nil, "branch or tag, or a pattern; may be repeated")
	flags.StringArrayVar(&f.where, "where", nil, "condition CLAIM=VALUE, or CLAIM~PATTERN for a branch or tag; may "+
		"be repeated")
	flags.StringVar(&f.spec.Integration, "integration", "", "integration, by ID or name")
	flags.StringVar(&f.spec.Bucket, "bucket", "", "bucket (default: the integration's)")
	flags.StringArrayVar(&f.spec.Prefixes, "prefix", nil, "prefix; may be repeated (default: the integration's)")
	flags.StringSliceVar(&f.spec.Actions, "allow", nil, "list, read, write, delete (default: list,read)")
	flags.DurationVar(&f.lasts, "max-duration", time.Hour, "maximum lifetime of the credentials")
	flags.IntVar(&f.spec.Exchanges, "exchanges", 1, "number of times one token can be exchanged")
	flags.DurationVar(&f.starts, "starts", 0, "time until the grant starts (default: 0s)")
	flags.DurationVar(&f.expires, "expires", 0, "when the grant ends, from now (default: when it is revoked)")
	flags.BoolVar(&f.spec.AllowForks, "allow-forks", false, "allow jobs of forks")
	flags.BoolVar(&f.spec.AllowSSHReruns, "allow-ssh-reruns", false, "allow jobs that were rerun with SSH")
	flags.BoolVar(&f.spec.AllowPullRequests, "allow-pull-requests", false,
		"allow jobs of pull requests, and plans of HCP Terraform")
	flags.StringArrayVar(&f.spec.Users, "user", nil,
		"ID of an allowed user; may be repeated (default: any; for members, none)")
	flags.StringSliceVar(&f.spec.Tags, "tag", nil,
		"claim that becomes a session tag, most important first; may be repeated")
}

// read returns the grant of the flags, or of the file.
func (f *grantFlags) read(cmd *cobra.Command, api *client.Client, streams Streams) (client.GrantSpec, error) {
	if f.file != "" {
		return readGrant(f.file, streams)
	}
	if missing := f.missing(); len(missing) > 0 {
		return client.GrantSpec{}, usagef("missing %s; see windlass grant create --help", strings.Join(missing, ", "))
	}
	f.spec.MaxDurationSeconds = int(f.lasts.Seconds())
	if f.starts > 0 {
		f.spec.NotBefore = streams.Now().Add(f.starts)
	}
	if f.expires > 0 {
		f.spec.NotAfter = streams.Now().Add(f.expires)
	}
	if err := f.conditions(cmd, api); err != nil {
		return client.GrantSpec{}, err
	}
	return f.spec, nil
}

// missing returns the required flags without a value.
func (f *grantFlags) missing() []string {
	var out []string
	for _, flag := range []struct{ name, value string }{
		{"--name", f.spec.Name}, {"--provider", f.spec.Provider}, {"--integration", f.spec.Integration},
	} {
		if flag.value == "" {
			out = append(out, flag.name)
		}
	}
	return out
}

// conditions returns the grant's conditions. --project, --org and --ref apply
// to the provider's claims with these roles.
func (f *grantFlags) conditions(cmd *cobra.Command, api *client.Client) error {
	for _, text := range f.where {
		at := strings.IndexAny(text, "=~")
		if at <= 0 {
			return usagef("invalid condition %q: use CLAIM=VALUE or CLAIM~PATTERN", text)
		}
		f.add(text[:at], text[at+1:], text[at] == '~')
	}
	if len(f.projects)+len(f.orgs)+len(f.refs) == 0 {
		return nil
	}
	provider, err := api.Provider(cmd.Context(), f.spec.Provider)
	if err != nil {
		return err
	}
	for _, condition := range []struct {
		flag, role string
		values     []string
		glob       bool
	}{{"project", "project", f.projects, false}, {"org", "organization", f.orgs, false}, {"ref", "ref", f.refs, true}} {
		if len(condition.values) == 0 {
			continue
		}
		claim := claimOf(provider, condition.role)
		if claim == "" {
			return usagef("the provider %s has no claim for --%s; use --where", provider.Name, condition.flag)
		}
		for _, value := range condition.values {
			f.add(claim, value, condition.glob)
		}
	}
	return nil
}

func claimOf(p client.Provider, role string) string {
	for _, c := range p.Claims {
		if c.Role == role && (c.Unchanging || role == "ref") {
			return c.Name
		}
	}
	return ""
}

// add adds a condition, or a value to the one that the claim has.
func (f *grantFlags) add(claim, value string, glob bool) {
	for i := range f.spec.Conditions {
		c := &f.spec.Conditions[i]
		if c.Claim == claim && (c.Operator == "glob") == glob {
			c.Values = append(c.Values, value)
			if !glob {
				c.Operator = "one_of"
			}
			return
		}
	}
	operator := "equals"
	if glob {
		operator = "glob"
	}
	f.spec.Conditions = append(f.spec.Conditions, client.GrantCondition{
		Claim: claim, Operator: operator,
		Values: []string{value},
	})
}

// readGrant reads a grant as JSON; an unknown member is an error.
func readGrant(name string, streams Streams) (client.GrantSpec, error) {
	in := streams.In
	if name != "-" {
		file, err := os.Open(name) //nolint:gosec // G304: the file that the command line names
		if err != nil {
			return client.GrantSpec{}, usageError{err}
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	var found client.Grant // as show --json prints it
	decoder := json.NewDecoder(io.LimitReader(in, 1<<20))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&found); err != nil {
		return client.GrantSpec{}, usagef("reading the grant: %w", err)
	}
	return found.GrantSpec, nil
}

func newGrantReplace(conn *connection, streams Streams) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "replace GRANT", Short: "Replace a grant's definition, except its provider", Args: cobra.ExactArgs(1),
		Example: "  windlass grant show deploy --json > grant.json\n  windlass grant replace deploy --file grant.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			spec, err := readGrant(file, streams)
			if err != nil {
				return err
			}
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			changed, err := api.ReplaceGrant(cmd.Context(), args[0], spec)
			if err != nil {
				return err
			}
			return conn.printGrant(streams, changed)
		},
	}
	cmd.Flags().StringVar(&file, "file", "-", "the grant as JSON; - for standard input")
	return cmd
}

func newGrantList(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the active grants", Args: cobra.NoArgs,
		Example: "  windlass grant list",
		RunE: listing[client.Grant]{
			head: []string{"id", "name", "provider", "opens", "for", "ends"},
			page: ofAll((*client.Client).Grants),
			row: func(g *client.Grant) []string {
				return []string{
					g.ID, g.Name, g.Provider, strings.Join(places(*g), " "), strings.Join(g.Actions, ","),
					moment(g.NotAfter, "never"),
				}
			},
		}.run(conn, streams),
	}
}

func newGrantShow(conn *connection, streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "show GRANT", Short: "Show a grant, by ID or name", Args: cobra.ExactArgs(1),
		Example: "  windlass grant show builds",
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := conn.client(streams)
			if err != nil {
				return err
			}
			found, err := api.Grant(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return conn.printGrant(streams, found)
		},
	}
}

func places(g client.Grant) []string {
	out := make([]string, len(g.Prefixes))
	for i, prefix := range g.Prefixes {
		out[i] = "s3://" + g.Bucket + "/" + prefix
	}
	return out
}

func (c *connection) printGrant(streams Streams, g client.Grant) error {
	if c.json {
		return printJSON(streams.Out, g)
	}
	row := func(head, text string) { _, _ = fmt.Fprintf(streams.Out, "%-14s  %s\n", head, text) }
	row("ID", g.ID)
	row("Name", g.Name)
	row("Provider", g.Provider)
	for _, condition := range g.Conditions {
		row("Lets in", fmt.Sprintf("%s %s %s", condition.Claim, condition.Operator,
			strings.Join(condition.Values, ", ")))
	}
	if len(g.Users) > 0 {
		row("Users", strings.Join(g.Users, ", "))
	}
	row("Kept out", keptOut(g))
	row("Integration", g.Integration)
	for _, place := range places(g) {
		row("Opens", place)
	}
	row("For", strings.Join(g.Actions, ", "))
	row("Lasts", (time.Duration(g.MaxDurationSeconds) * time.Second).String())
	row("Exchanges", fmt.Sprintf("%d of one token", g.Exchanges))
	row("Ends", moment(g.NotAfter, "when it is revoked"))
	if !g.RevokedAt.IsZero() {
		row("Revoked", moment(g.RevokedAt, ""))
	}
	warn(streams.Err, g.Warnings)
	return nil
}

func keptOut(g client.Grant) string {
	var out []string
	for what, in := range map[string]bool{
		"forks": g.AllowForks, "pull requests": g.AllowPullRequests,
		"reruns with SSH": g.AllowSSHReruns,
	} {
		if !in {
			out = append(out, what)
		}
	}
	if len(out) == 0 {
		return "nothing"
	}
	slices.Sort(out)
	text := strings.Join(out, ", ")
	if i := slices.Index(out, "forks"); i >= 0 && refWithoutRepository(g) {
		text += " (forks only as pull requests: no condition names the repository)"
	}
	return text
}

// refWithoutRepository reports whether a grant for CircleCI names no repository,
// so that a branch of a fork can look like one of the original.
func refWithoutRepository(g client.Grant) bool {
	circle, origin := false, false
	for _, c := range g.Conditions {
		circle = circle || strings.HasPrefix(c.Claim, "oidc.circleci.com/")
		origin = origin || c.Claim == "oidc.circleci.com/vcs-origin" || c.Claim == "sub"
	}
	return circle && !origin
}
