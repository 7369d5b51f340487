package ci

import (
	"errors"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/aws"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// cloudFormationHead begins every template of [aws.Render].
const cloudFormationHead = "AWSTemplateFormatVersion: \"2010-09-09\"\nResources:\n"

func (o *Order) direct(guide *Guide) error {
	guide.Title, guide.Rank = productName(o.CI)+": a role in your account that trusts the job's token", 2
	guide.Verdict = "Strong. No key is stored, and AWS itself exchanges the job's token. Only the role's trust " +
		"policy keeps others out, " +
		"so it pins the audience and the subject. Each job and prefix needs its own role, and only AWS CloudTrail " +
		"records who used it."
	trust, err := o.trust()
	if err != nil {
		return refused(err)
	}
	trustPolicy, err := generate.OIDCTrustPolicy(trust)
	if err != nil {
		return refused(err)
	}
	permission, err := o.permission()
	if err != nil {
		return refused(err)
	}
	f := o.fields()
	f.Trust = trust
	roles, err := f.roles(aws.Documents{RoleName: o.Name, Trust: trustPolicy, Permission: permission})
	if err != nil {
		return refused(err)
	}
	config, err := f.config()
	if err != nil {
		return err
	}
	guide.add("Create the OIDC provider and the role in your account",
		"Choose one of these. An account needs the provider only once: remove it if it already exists.", roles...)
	guide.add("Review the role's policies",
		"The trust policy defines who can use the role, and the permission policy what it can do. "+o.subjectText(),
		Document{"trust-policy.json", "json", withNewline(string(trustPolicy))},
		Document{"permission-policy.json", "json", withNewline(string(permission))})
	guide.add("Use it in the job", "The AWS SDKs and the AWS CLI exchange the token automatically.", config)
	return nil
}

// roles returns the role and its OIDC provider in each format that creates them.
func (f fields) roles(documents aws.Documents) ([]Document, error) {
	var out []Document
	for _, d := range []struct {
		format         aws.Format
		name, language string
	}{
		{aws.CLI, "role.sh", "sh"}, {aws.Terraform, "role.tf", "hcl"}, {aws.CloudFormation, "role.yaml", "yaml"},
	} {
		var err error
		if f.Rendered, err = aws.Render(d.format, documents); err != nil {
			return nil, err
		}
		if d.format == aws.CloudFormation {
			// the provider is one more resource of the same template
			f.Rendered = strings.TrimPrefix(f.Rendered, cloudFormationHead)
		}
		document, err := f.document(d.name, d.language, d.name)
		if err != nil {
			return nil, err
		}
		out = append(out, document)
	}
	return out, nil
}

// trust returns a trust that identifies the job by the subject of its CI.
func (o *Order) trust() (generate.OIDCTrust, error) {
	kind, short := "branch", strings.TrimPrefix(o.Job.Ref, "refs/heads/")
	if tag, ok := strings.CutPrefix(o.Job.Ref, "refs/tags/"); ok {
		kind, short = "tag", tag
	}
	first, second, _ := strings.Cut(o.Job.Project, "/")
	switch o.CI {
	case provider.CircleCI:
		return CircleCI{
			OrganizationID: o.Job.OrganizationID, ProjectID: o.Job.ProjectID, UserIDs: o.Job.Users,
			Origin: o.Job.Project, Ref: o.Job.Ref,
		}.Trust(o.Account)
	case provider.GitHub:
		return o.gitHubTrust(GitHub{Owner: first, Repository: second, Ref: o.Job.Ref, Environment: o.Job.Environment})
	case provider.GitLab:
		return GitLab{Project: o.Job.Project, RefType: kind, Ref: short, Audience: "sts.amazonaws.com"}.Trust(o.Account)
	case provider.Buildkite:
		return Buildkite{Organization: o.Job.Organization, Pipeline: o.Job.Project, Ref: o.Job.Ref}.Trust(o.Account)
	case provider.Terraform:
		return TerraformCloud{Organization: o.Job.Organization, Project: first, Workspace: second}.Trust(o.Account)
	case provider.Custom:
	}
	return generate.OIDCTrust{}, problem.New(problem.Invalid, "This CI has no trust policy.")
}

// gitHubTrust accepts both forms of the subject, the one with names and the
// one with IDs that newer repositories have. In both cases it also requires
// repository_id.
func (o *Order) gitHubTrust(named GitHub) (generate.OIDCTrust, error) {
	byName, err := named.Trust(o.Account)
	if err != nil {
		return generate.OIDCTrust{}, err
	}
	named.OwnerID, named.RepositoryID = o.Job.OrganizationID, o.Job.ProjectID
	trust, err := named.Trust(o.Account)
	trust.Subjects = append(trust.Subjects, byName.Subjects...)
	return trust, err
}

func (o *Order) subjectText() string {
	switch o.CI {
	case provider.CircleCI:
		return "The variable part of the subject, the user who triggered the job, is matched by its length: " +
			"a star would let a branch name imitate the rest."
	case provider.Buildkite:
		return "The commit is matched by its length, and any step is accepted."
	case provider.GitHub:
		return "The repository's ID is pinned along with its name, so that nobody who takes over the name gets access."
	case provider.GitLab, provider.Terraform:
		return "AWS has no condition keys for the IDs of this CI, so the subject consists of names. " +
			"If you delete or rename the project, change the role too."
	case provider.Custom:
	}
	return ""
}

// refused returns an input error as a problem with a finding.
func refused(err error) error {
	var input *generate.InputError
	if errors.As(err, &input) {
		return problem.New(problem.Invalid, "The documents can't be written: %s.", input.Error()).
			WithFindings(problem.Finding{Path: input.Field, Message: input.Reason})
	}
	return err
}

func withNewline(text string) string { return strings.TrimSuffix(text, "\n") + "\n" }
