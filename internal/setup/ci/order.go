package ci

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/aws"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Field describes a field of an order for a form.
type Field struct {
	Name     string // as in a finding: "organization_id"
	Label    string
	Hint     string // where to find it
	Required bool
}

// The formats of a job's fields. None allows wildcards or quotes, and only HCP
// Terraform's names can have spaces.
var (
	uuid   = regexp.MustCompile(`^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	number = regexp.MustCompile(`^[0-9]{1,20}$`)
	slug   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$`)
	words  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_. -]{0,88}[A-Za-z0-9]/[A-Za-z0-9_-]{1,90}$`)
	path   = regexp.MustCompile(`^[A-Za-z0-9_.+#-]+(?:/[A-Za-z0-9_.+#-]+)+$`)
	origin = regexp.MustCompile(`^[a-z0-9.-]+/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$`)
	owner  = regexp.MustCompile(`^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$`)
	ref    = regexp.MustCompile(`^refs/(?:heads|tags)/[A-Za-z0-9_.@+#-]+(?:/[A-Za-z0-9_.@+#-]+)*$`)
	tfID   = regexp.MustCompile(`^(?:org|ws)-[A-Za-z0-9]{1,64}$`)
	digits = regexp.MustCompile(`^[0-9]{12}$`)
	name   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)
	region = regexp.MustCompile(`^[a-z]{2}(?:-[a-z]+)+-[0-9]$`)
)

// need is a field with its format.
type need struct {
	Field
	form  *regexp.Regexp
	value func(*Order) string
}

func organizationID(hint string, form *regexp.Regexp, required bool) need {
	return need{
		Field{"organization_id", "Organization ID", hint, required},
		form,
		func(o *Order) string { return o.Job.OrganizationID },
	}
}

func projectID(label, hint string, form *regexp.Regexp, required bool) need {
	return need{Field{"project_id", label, hint, required}, form, func(o *Order) string { return o.Job.ProjectID }}
}

func project(label, hint string, form *regexp.Regexp, required bool) need {
	return need{Field{"project", label, hint, required}, form, func(o *Order) string { return o.Job.Project }}
}

func organization(hint string, required bool) need {
	return need{
		Field{"organization", "Organization", hint, required},
		slug,
		func(o *Order) string { return o.Job.Organization },
	}
}

func branch(hint string, required bool) need {
	return need{Field{"ref", "Branch or tag", hint, required}, ref, func(o *Order) string { return o.Job.Ref }}
}

const refHint = "the whole ref, as in refs/heads/main"

// needs returns the fields of a job. Windlass identifies a job by IDs. AWS
// only has condition keys for the subject and few other claims, and the
// subject has names.
func needs(ci provider.Kind, way Way) []need {
	direct := way == Direct
	switch {
	case way == User:
		return nil
	case ci == provider.CircleCI:
		return []need{
			organizationID("Organization Settings › Overview", uuid, true),
			projectID("Project ID", "Project Settings › Overview", uuid, true),
			project("Repository", "with a ref, as in github.com/acme/app", origin, false),
			branch(refHint+"; empty: any", false),
		}
	case ci == provider.GitHub:
		return []need{
			project("Repository", "as in acme/app", owner, direct),
			projectID("Repository ID", "gh api repos/OWNER/NAME --jq .id", number, true),
			organizationID("gh api repos/OWNER/NAME --jq .owner.id", number, true),
			branch(refHint+"; or name an environment", false),
			{
				Field{"environment", "Environment", "a protected environment, in place of a ref", false},
				slug,
				func(o *Order) string { return o.Job.Environment },
			},
		}
	case ci == provider.GitLab:
		return []need{
			project("Project", "its whole path, as in group/app", path, direct),
			projectID("Project ID", "under the project's name, or in its menu", number, !direct),
			organizationID("namespace_id: the number of the group that the project is in", number, false),
			branch(refHint, true),
		}
	case ci == provider.Buildkite:
		return []need{
			organization("its slug, as in the address of its pages", direct),
			project("Pipeline", "its slug", slug, direct),
			organizationID("Settings › Organization › GraphQL API integration", uuid, !direct),
			projectID("Pipeline ID", "Pipeline Settings › GraphQL", uuid, !direct),
			branch(refHint, true),
		}
	case ci == provider.Terraform:
		return []need{
			organization("its name", direct),
			project("Project and workspace", "as in Default Project/prod", words, direct),
			organizationID("organization settings, org-…", tfID, !direct),
			projectID("Workspace ID", "workspace settings, ws-…", tfID, !direct),
		}
	}
	return nil
}

// places returns the fields that describe what the job can access.
func places(way Way) []need {
	account := need{
		Field{"account", "AWS account", "12 digits", way == Direct}, digits, func(o *Order) string { return o.Account },
	}
	called := need{
		Field{"name", "Name", "of the grant, role or user", true}, name, func(o *Order) string { return o.Name },
	}
	where := need{Field{"region", "Region", "of the bucket", true}, region, func(o *Order) string { return o.Region }}
	if way == Brokered {
		return []need{
			{
				Field{"integration", "AWS integration", "its name", true},
				name,
				func(o *Order) string { return o.Integration },
			},
			{Field{"workspace", "Workspace", "", true}, name, func(o *Order) string { return o.Workspace }},
			called,
			where,
		}
	}
	return []need{account, called, where}
}

// Fields returns the fields of an order for a CI and a way, besides bucket,
// prefix and access.
func Fields(ci provider.Kind, way Way) []Field {
	var out []Field
	for _, n := range append(places(way), needs(ci, way)...) {
		out = append(out, n.Field)
	}
	return out
}

func (o Order) filled() Order {
	o.Server = strings.TrimSuffix(o.Server, "/")
	o.Access = cmp.Or(o.Access, generate.Read)
	o.Region = cmp.Or(o.Region, "us-east-1")
	o.Name = cmp.Or(o.Name, "ci-"+string(o.CI))
	return o
}

func (o *Order) check() error {
	var findings []problem.Finding
	add := func(path, format string, args ...any) {
		findings = append(findings, problem.Finding{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	if !slices.Contains(provider.Presets(), o.CI) {
		add("ci", "Unknown CI. Use circleci, github, gitlab, buildkite or terraform.")
	}
	for _, n := range append(places(o.Way), needs(o.CI, o.Way)...) {
		value := n.value(o)
		switch {
		case value == "" && n.Required:
			add(n.Name, "%s is missing: %s.", n.Label, cmp.Or(n.Hint, "enter a name"))
		case value != "" && !n.form.MatchString(value):
			add(n.Name, "%s %q has the wrong format: %s.", n.Label, clip.To(value, 80),
				cmp.Or(n.Hint, "a name"))
		}
	}
	if o.Access != generate.Read && o.Access != generate.Write && o.Access != generate.ReadWrite {
		add("access", "Unknown access. Use read, write or readwrite.")
	}
	o.checkPlace(add)
	o.checkJob(add)
	if len(findings) > 0 {
		return problem.New(problem.Invalid, "The documents can't be written yet: %s", findings[0].Message).
			WithFindings(findings...)
	}
	return nil
}

func (o *Order) checkPlace(add func(path, format string, args ...any)) {
	location, err := object.NewLocation(o.Bucket, o.Prefix)
	var refused *problem.Error
	if errors.As(err, &refused) {
		for _, finding := range refused.Findings {
			add(finding.Path, "%s", finding.Message)
		}
	}
	o.Bucket, o.Prefix = location.Bucket, location.Prefix
	if u, err := url.Parse(o.Server); o.Way == Brokered &&
		(err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
			strings.ContainsAny(o.Server, `"'$\ <>`)) {
		add("server", "The server's address is invalid. Use the form https://windlass.example.com.")
	}
}

func (o *Order) checkJob(add func(path, format string, args ...any)) {
	if o.Way == User {
		return
	}
	if o.CI == provider.GitHub && (o.Job.Ref == "") == (o.Job.Environment == "") {
		add("ref", "Name either a ref or an environment. A whole repository would allow every branch.")
	}
	if o.CI == provider.CircleCI && o.Way == Direct && (o.Job.Project == "") != (o.Job.Ref == "") {
		add("ref", "Name both a ref and its repository, or neither.")
	}
	for i, user := range o.Job.Users {
		if o.CI != provider.CircleCI || !uuid.MatchString(user) {
			add(fmt.Sprintf("users[%d]", i), "Users must be UUIDs, and only CircleCI supports them.")
		}
	}
}

// location returns the location that the job can access.
func (o *Order) location() generate.Location {
	return generate.Location{Bucket: o.Bucket, Prefix: o.Prefix}
}

func (o *Order) permission() ([]byte, error) {
	return generate.PermissionPolicy(generate.Need{Locations: []generate.Location{o.location()}, Access: o.Access})
}

// actions returns the access as a grant's actions.
func (o *Order) actions() string {
	switch o.Access {
	case generate.Write:
		return "write"
	case generate.ReadWrite:
		return "list,read,write"
	default:
		return "list,read"
	}
}

// sample returns an example command that needs the credentials.
func (o *Order) sample() string {
	place := o.location().String()
	if o.Access == generate.Read {
		return "aws s3 ls " + aws.ShellQuote(place)
	}
	return "aws s3 cp report.html " + aws.ShellQuote(place)
}
