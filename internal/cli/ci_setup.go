package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/setup/ci"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

func newCISetup(streams Streams) *cobra.Command {
	var order ci.Order
	var location, way, access, only string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "setup circleci|github|gitlab|buildkite|terraform",
		Short: "Print ready-to-use documents for CI access to a bucket",
		Long: `Print ready-to-use documents for CI access to a bucket. This needs no server.

  brokered  Windlass exchanges the job's ID token: no key, one grant for each job,
            revoked at once, audited by person and job
  direct    AWS exchanges the job's ID token for a role in your account whose
            trust policy requires the audience and the job: no key
  user      the CI stores an access key of an IAM user: the weakest

Missing values are listed together, with where to find them. Use IDs: wildcards,
and names that somebody else could take over, are refused where an ID exists.`,
		Example: `  windlass ci setup circleci --way brokered --url https://windlass.example.com --integration artifacts \
    --location s3://ci-artifacts/builds/ --organization-id 1a2b… --project-id 3c4d… --ref refs/heads/main
  windlass ci setup github --way direct --account 111122223333 --location s3://ci-artifacts/builds/ \
    --project acme/app --project-id 42 --organization-id 7 --ref refs/heads/main --document role.sh
  windlass ci setup gitlab --way user --location s3://ci-artifacts/builds/`,
		Args: cobra.ExactArgs(1), ValidArgs: []string{"circleci", "github", "gitlab", "buildkite", "terraform"},
		RunE: func(_ *cobra.Command, args []string) error {
			order.CI, order.Way, order.Access = provider.Kind(args[0]), ci.Way(way), generate.Access(access)
			order.Server = first(order.Server, streams.Getenv("WINDLASS_URL"))
			order.Workspace = first(order.Workspace, streams.Getenv("WINDLASS_WORKSPACE"), "main")
			place, ok := strings.CutPrefix(location, "s3://")
			if !ok {
				return usagef("--location must be an address such as s3://ci-artifacts/builds/")
			}
			order.Bucket, order.Prefix, _ = strings.Cut(place, "/")
			guide, err := ci.Write(order)
			if err != nil {
				return err
			}
			return printGuide(streams.Out, guide, only, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&way, "way", string(ci.Brokered), "brokered, direct or user")
	flags.StringVar(&location, "location", "", "location the job can access, such as s3://ci-artifacts/builds/")
	flags.StringVar(&access, "access", string(generate.Read), "read, write or readwrite")
	flags.StringVar(&order.Name, "name", "", "name of the grant, role or user (default ci-CI)")
	flags.StringVar(&order.Region, "region", "us-east-1", "region of the bucket")
	flags.StringVar(&order.Server, "url", "", "brokered: address of the Windlass server (WINDLASS_URL)")
	flags.StringVarP(&order.Workspace, "workspace", "w", "", "brokered: workspace (WINDLASS_WORKSPACE; default main)")
	flags.StringVar(&order.Integration, "integration", "", "brokered: the AWS integration for the location")
	flags.StringVar(&order.Account, "account", "", "direct: the AWS account of the role, 12 digits")
	flags.StringVar(&order.Job.Organization, "organization", "", "organization's name: Buildkite, HCP Terraform")
	flags.StringVar(&order.Job.OrganizationID, "organization-id", "",
		"organization's ID; GitHub: the owner's number; GitLab: namespace_id")
	flags.StringVar(&order.Job.Project, "project", "",
		"repository, project or pipeline by name; HCP Terraform: PROJECT/WORKSPACE")
	flags.StringVar(&order.Job.ProjectID, "project-id", "", "its ID; HCP Terraform: the workspace's")
	flags.StringVar(&order.Job.Ref, "ref", "", "branch or tag, such as refs/heads/main")
	flags.StringVar(&order.Job.Environment, "environment", "", "GitHub: protected environment, instead of a ref")
	flags.StringArrayVar(&order.Job.Users, "user", nil,
		"CircleCI: ID of a user who may trigger the job; may be repeated")
	flags.StringVar(&only, "document", "", "print only this document, such as grant.sh")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	_ = cmd.MarkFlagRequired("location")
	return cmd
}

func printGuide(w io.Writer, guide ci.Guide, only string, asJSON bool) error {
	if asJSON {
		return printJSON(w, guide)
	}
	var names []string
	for _, step := range guide.Steps {
		for _, d := range step.Documents {
			names = append(names, d.Name)
			if d.Name == only {
				_, err := io.WriteString(w, d.Text)
				return err
			}
		}
	}
	if only != "" {
		return usagef("unknown document %q; the documents are %s", only, strings.Join(names, ", "))
	}
	_, _ = fmt.Fprintf(w, "%s\n\n%s\n", guide.Title, guide.Verdict)
	for i, step := range guide.Steps {
		_, _ = fmt.Fprintf(w, "\n%d. %s\n", i+1, step.Title)
		if step.Text != "" {
			_, _ = fmt.Fprintf(w, "\n%s\n", step.Text)
		}
		for _, d := range step.Documents {
			_, _ = fmt.Fprintf(w, "\n--- %s\n%s", d.Name, d.Text)
		}
	}
	return nil
}
