package ci

import (
	_ "embed"
	"strings"

	"github.com/windlass-io/windlass/internal/setup/aws"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Script is the shell script that exchanges a job's ID token at Windlass where
// there is no windlass command: for sh and curl.
//
//go:embed credentials.sh
var Script string

// scriptPath is where the script stands in the customer's repository.
const scriptPath = ".windlass/credentials.sh"

func (o *Order) brokered(guide *Guide) {
	guide.Title, guide.Rank = titleOf(o.CI)+": exchange the job's token at Windlass", 1
	guide.Verdict = "The strongest. No key is stored anywhere, each job gets credentials of its own for one prefix, " +
		"the audit says who got them, and a grant ends at once when it is revoked."
	guide.add("Let Windlass believe the tokens of "+titleOf(o.CI),
		"Once for the workspace. "+o.issuerText(), Document{"provider.sh", "sh", o.providerCommand()})
	guide.add("Grant the prefix to the job",
		"The grant names the job by IDs, which nobody can take over as they can a name. Pull requests, forks and reruns over SSH are shut out unless a flag lets them in."+o.grantText(),
		Document{"grant.sh", "sh", "# The integration's role must let a session bear the job's name: print what to add with\n#   windlass integration update " + o.Integration + " --vending\n" + o.grantCommand()})
	guide.add("Use it in the job",
		"The script is short and needs curl alone. Where the windlass command is on the path, use "+
			"\"windlass ci exec -- COMMAND\" in its place: it leaves no key in the environment of later steps, and renews it.",
		append([]Document{{scriptPath, "sh", Script}}, o.brokeredConfig()...)...)
	guide.add("When it is refused",
		"A job is told no reason. The workspace's audit has it, and an admin can ask with the token in hand:",
		Document{"explain.sh", "sh", "windlass ci explain --url " + aws.ShellQuote(o.Server) + " --token-file job.jwt --grant " + aws.ShellQuote(o.Name) + "\n"})
}

func titleOf(ci provider.Kind) string {
	switch ci {
	case provider.CircleCI:
		return "CircleCI"
	case provider.GitHub:
		return "GitHub Actions"
	case provider.GitLab:
		return "GitLab"
	case provider.Buildkite:
		return "Buildkite"
	case provider.Terraform:
		return "HCP Terraform"
	case provider.Custom:
	}
	return "The CI"
}

func (o *Order) issuerText() string {
	if o.CI == provider.CircleCI {
		return "CircleCI has an issuer for each organization."
	}
	return "Many organizations share this issuer, so the grant names yours."
}

func (o *Order) providerCommand() string {
	args := []string{"windlass provider add " + string(o.CI)}
	if o.Job.OrganizationID != "" {
		args = append(args, "--org "+aws.ShellQuote(o.Job.OrganizationID))
	}
	return strings.Join(args, " ") + "\n"
}

// grantText is what is particular to a CI's grants.
func (o *Order) grantText() string {
	if o.CI == provider.Terraform {
		return "\n\nA speculative plan of a pull request has the same token as any plan. The grant lets plans in, so give it no more than a plan may do."
	}
	return ""
}

func (o *Order) grantCommand() string {
	args := []string{
		"windlass grant create --name " + aws.ShellQuote(o.Name), "--provider " + string(o.CI),
		"--integration " + aws.ShellQuote(o.Integration), "--bucket " + aws.ShellQuote(o.Bucket),
	}
	if o.Prefix != "" {
		args = append(args, "--prefix "+aws.ShellQuote(o.Prefix))
	}
	args = append(args, "--allow "+o.actions())
	for _, condition := range o.conditions() {
		args = append(args, "--where "+aws.ShellQuote(condition))
	}
	for _, user := range o.Job.Users {
		args = append(args, "--user "+user)
	}
	if o.CI == provider.Terraform {
		args = append(args, "--allow-pull-requests")
	}
	return strings.Join(args, " \\\n  ") + "\n"
}

// conditions pin the job, by IDs.
func (o *Order) conditions() []string {
	kind, short := "branch", strings.TrimPrefix(o.Job.Ref, "refs/heads/")
	if tag, ok := strings.CutPrefix(o.Job.Ref, "refs/tags/"); ok {
		kind, short = "tag", tag
	}
	var out []string
	is := func(claim, value string) {
		if value != "" {
			out = append(out, claim+"="+value)
		}
	}
	switch o.CI {
	case provider.CircleCI:
		is("oidc.circleci.com/project-id", o.Job.ProjectID)
		is("oidc.circleci.com/vcs-ref", o.Job.Ref)
	case provider.GitHub:
		is("repository_id", o.Job.ProjectID)
		is("ref", o.Job.Ref)
		is("environment", o.Job.Environment)
	case provider.GitLab:
		is("project_id", o.Job.ProjectID)
		is("ref_type", kind)
		is("ref", short)
	case provider.Buildkite:
		is("pipeline_id", o.Job.ProjectID)
		is("build_"+kind, short)
	case provider.Terraform:
		is("terraform_workspace_id", o.Job.ProjectID)
	case provider.Custom:
	}
	return out
}
