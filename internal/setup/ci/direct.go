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
	guide.Verdict = "Strong. No key is stored; AWS itself exchanges the job's token. The role's trust policy is all that keeps others out, " +
		"so it pins the audience and the subject; there is one role for each job and prefix, and nobody but AWS's own trail says who used it."
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
	guide.add("Make the OIDC provider and the role in your account",
		"One of these does it all. The provider is made once for an account; leave it out when it is there.", roles...)
	guide.add("What the role says",
		"The trust policy says who, the permission policy what. "+o.subjectText(),
		Document{"trust-policy.json", "json", ended(string(trustPolicy))},
		Document{"permission-policy.json", "json", ended(string(permission))})
	guide.add("Use it in the job", "The AWS SDKs and the aws command exchange the token by themselves.", config)
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

// trust pins the job in the subject that its CI writes.
func (o *Order) trust() (generate.OIDCTrust, error) {
	kind, short := "branch", strings.TrimPrefix(o.Job.Ref, "refs/heads/")
	if tag, ok := strings.CutPrefix(o.Job.Ref, "refs/tags/"); ok {
		kind, short = "tag", tag
	}
	first, second, _ := strings.Cut(o.Job.Project, "/")
	switch o.CI {
	case provider.CircleCI:
		return CircleCI{OrganizationID: o.Job.OrganizationID, ProjectID: o.Job.ProjectID, UserIDs: o.Job.Users, Origin: o.Job.Project, Ref: o.Job.Ref}.Trust(o.Account)
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
	return generate.OIDCTrust{}, problem.New(problem.Invalid, "There is no trust policy for this CI.")
}

// gitHubTrust lets both forms of the subject in, the one of names and the one
// with IDs that newer repositories have: repository_id is pinned beside either.
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
		return "What varies in the subject, the user who triggered the job, is matched by its length: a star would let a branch's name slide over the rest."
	case provider.Buildkite:
		return "The commit is matched by its length, and the step is any."
	case provider.GitHub:
		return "The repository's number is pinned beside its name, so that whoever takes the name over is not let in."
	case provider.GitLab, provider.Terraform:
		return "AWS has no condition key for the numbers of this CI, so the subject is made of names: who deletes or renames the project, or lets its name go, must change the role too."
	case provider.Custom:
	}
	return ""
}

// refused tells a person what a generator did not take.
func refused(err error) error {
	var input *generate.InputError
	if errors.As(err, &input) {
		return problem.New(problem.Invalid, "The documents cannot be written: %s.", input.Error()).WithFindings(problem.Finding{Path: input.Field, Message: input.Reason})
	}
	return err
}

func ended(text string) string { return strings.TrimSuffix(text, "\n") + "\n" }
