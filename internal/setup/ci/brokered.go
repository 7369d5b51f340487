package ci

import (
	_ "embed"
	"strings"

	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Script is the shell script that exchanges a job's ID token at Windlass without
// the windlass command. It needs sh and curl.
//
//go:embed credentials.sh
var Script string

// scriptPath is the script's path in the customer's repository.
const scriptPath = ".windlass/credentials.sh"

const (
	brokeredVerdict = "The strongest way. No key is stored anywhere, each job gets its own credentials for one " +
		"prefix, " +
		"the audit log records who got them, and revoking a grant takes effect at once."
	grantText = "The grant identifies the job by IDs, which nobody can take over the way they can a name. " +
		"Pull requests, forks and SSH reruns are denied unless a flag allows them."
	useText = "The script is short and only needs curl. If the windlass command is installed, use " +
		"\"windlass ci exec -- COMMAND\" instead: it keeps the keys out of the environment of later steps and " +
		"renews them."
	refusedText = "The job's output has no reason. An admin can find it in the workspace's audit log, or ask with " +
		"the job's token:"
)

func (o *Order) brokered(guide *Guide) error {
	guide.Title, guide.Rank = productName(o.CI)+": exchange the job's token at Windlass", 1
	guide.Verdict = brokeredVerdict
	f := o.fields()
	register, err := f.document("provider.sh", "sh", "provider.sh")
	if err != nil {
		return err
	}
	grant, err := f.document("grant.sh", "sh", "grant.sh")
	if err != nil {
		return err
	}
	configs, err := f.brokeredConfig()
	if err != nil {
		return err
	}
	explain, err := f.document("explain.sh", "sh", "explain.sh")
	if err != nil {
		return err
	}
	guide.add("Let Windlass trust the tokens of "+productName(o.CI), "Do this once for the workspace. "+o.issuerText(),
		register)
	guide.add("Grant the prefix to the job", grantText+o.planText(), grant)
	guide.add("Use it in the job", useText, configs...)
	guide.add("If access is denied", refusedText, explain)
	return nil
}

// brokeredConfig returns the script, and the CI's configuration that runs it.
func (f fields) brokeredConfig() ([]Document, error) {
	config, err := f.config()
	if err != nil {
		return nil, err
	}
	documents := []Document{{scriptPath, "sh", Script}, config}
	if f.CI != provider.Terraform {
		return documents, nil
	}
	ini, err := f.document(".windlass/aws.ini", "ini", "terraform-brokered.ini")
	return append(documents, ini), err
}

func productName(ci provider.Kind) string {
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
	return "your CI"
}

func (o *Order) issuerText() string {
	if o.CI == provider.CircleCI {
		return "CircleCI has one issuer for each organization."
	}
	return "Many organizations share this issuer, so the grant names yours."
}

// planText returns a warning about the plans that HCP Terraform runs for pull
// requests.
func (o *Order) planText() string {
	if o.CI == provider.Terraform {
		return "\n\nA speculative plan of a pull request has the same token as any other plan. " +
			"The grant allows plans, so don't give it more access than a plan should have."
	}
	return ""
}

// conditions returns the grant's conditions, which identify the job by IDs.
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
		if o.Job.Ref != "" { // the ref of a fork can have the same name
			is("oidc.circleci.com/vcs-origin", o.Job.Project)
		}
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
