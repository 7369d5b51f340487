package ci_test

import (
	"encoding/json"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/iam/lint"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/ci"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

const (
	org     = "1a2b3c4d-0000-4000-8000-000000000001"
	project = "1a2b3c4d-0000-4000-8000-000000000002"
	user    = "1a2b3c4d-0000-4000-8000-000000000003"
)

// jobs returns one job for each CI.
func jobs() map[provider.Kind]ci.Job {
	return map[provider.Kind]ci.Job{
		provider.CircleCI: {
			OrganizationID: org, ProjectID: project, Project: "github.com/acme/app",
			Ref: "refs/heads/main", Users: []string{user},
		},
		provider.GitHub: {Project: "acme/app", ProjectID: "42", OrganizationID: "7", Ref: "refs/heads/main"},
		provider.GitLab: {Project: "acme/team/app", ProjectID: "42", OrganizationID: "7", Ref: "refs/heads/main"},
		provider.Buildkite: {
			Organization: "acme", Project: "app", OrganizationID: org, ProjectID: project,
			Ref: "refs/heads/main",
		},
		provider.Terraform: {
			Organization: "acme", Project: "Data Platform/prod", OrganizationID: "org-1A",
			ProjectID: "ws-2B",
		},
	}
}

func order(kind provider.Kind, way ci.Way) ci.Order {
	return ci.Order{
		CI:          kind,
		Way:         way,
		Server:      "https://windlass.example.com/",
		Workspace:   "main",
		Integration: "artifacts",
		Account:     "111122223333",
		Bucket:      "ci-artifacts",
		Prefix:      "bob's builds/",
		Access:      generate.ReadWrite,
		Job:         jobs()[kind],
	}
}

func write(t *testing.T, o ci.Order) ci.Guide {
	t.Helper()
	guide, err := ci.Write(o)
	if err != nil {
		t.Fatal(err, problem.From(err).Findings)
	}
	return guide
}

// find returns a guide's document by its name.
func find(t *testing.T, guide ci.Guide, name string) string {
	t.Helper()
	for _, step := range guide.Steps {
		for _, d := range step.Documents {
			if d.Name == name {
				return d.Text
			}
		}
	}
	t.Fatalf("there is no %s", name)
	return ""
}

// Every document is valid in its declared language.
func TestDocumentsParse(t *testing.T) {
	t.Parallel()
	for _, kind := range provider.Presets() {
		for rank, way := range ci.Ways() {
			t.Run(string(kind)+" "+string(way), func(t *testing.T) {
				t.Parallel()
				guide := write(t, order(kind, way))
				if guide.Rank != rank+1 || guide.Title == "" || guide.Verdict == "" || len(guide.Steps) < 3 {
					t.Errorf("the guide is %q, rank %d, %d steps", guide.Title, guide.Rank, len(guide.Steps))
				}
				for _, step := range guide.Steps {
					for _, d := range step.Documents {
						parses(t, d)
					}
				}
			})
		}
	}
}

func parses(t *testing.T, d ci.Document) {
	t.Helper()
	if !strings.HasSuffix(d.Text, "\n") || strings.Contains(d.Text, "%!") {
		t.Errorf("%s does not end well:\n%s", d.Name, d.Text)
	}
	var any any
	var err error
	switch d.Language {
	case "json":
		err = json.Unmarshal([]byte(d.Text), &any)
	case "yaml":
		err = yaml.Unmarshal([]byte(d.Text), &any)
	case "sh":
		command := exec.CommandContext(t.Context(), "sh", "-n")
		command.Stdin = strings.NewReader(d.Text)
		err = command.Run()
	case "hcl", "ini":
	default:
		t.Errorf("%s is in %q", d.Name, d.Language)
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", d.Name, err, d.Text)
	}
}

// Commands in a configuration survive YAML and shell quoting.
func TestCommandsSurviveQuoting(t *testing.T) {
	t.Parallel()
	var config struct {
		Build struct{ Script []string }
	}
	if err := yaml.Unmarshal([]byte(find(t, write(t, order(provider.GitLab, ci.Brokered)), ".gitlab-ci.yml")),
		&config); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-c",
		strings.Replace(config.Build.Script[1], "aws s3 cp", "printf '%s|'", 1)).
		Output()
	if err != nil || string(out) != "report.html|s3://ci-artifacts/bob's builds/|" {
		t.Errorf("the shell reads %s: %v", out, err)
	}
}

// Grants identify a job by its IDs, and don't allow what is denied by default.
func TestGrantsPinIDs(t *testing.T) {
	t.Parallel()
	for kind, want := range map[provider.Kind][]string{
		provider.CircleCI: {
			"--where oidc.circleci.com/project-id=" + project,
			"--where oidc.circleci.com/vcs-origin=github.com/acme/app",
			"--where oidc.circleci.com/vcs-ref=refs/heads/main", "--user " + user,
		},
		provider.GitHub:    {"--where repository_id=42", "--where ref=refs/heads/main"},
		provider.GitLab:    {"--where project_id=42", "--where ref_type=branch", "--where ref=main"},
		provider.Buildkite: {"--where pipeline_id=" + project, "--where build_branch=main"},
		provider.Terraform: {"--where terraform_workspace_id=ws-2B"},
	} {
		guide := write(t, order(kind, ci.Brokered))
		grant := find(t, guide, "grant.sh")
		for _, text := range append(want, "--allow list,read,write", "--bucket ci-artifacts") {
			if !strings.Contains(grant, text) {
				t.Errorf("%s: the grant does not say %s\n%s", kind, text, grant)
			}
		}
		if strings.Contains(grant, "*") || strings.Contains(grant, "--allow-forks") ||
			strings.Contains(strings.Replace(grant, "vcs-origin=github.com/acme/app", "", 1), "acme") {
			t.Errorf("%s: the grant lets in more than it should\n%s", kind, grant)
		}
		if provider := find(t, guide, "provider.sh"); !strings.Contains(provider,
			"--org "+jobs()[kind].OrganizationID) {
			t.Errorf("%s: the provider names no organization\n%s", kind, provider)
		}
	}
}

func TestPoliciesAreLintedClean(t *testing.T) {
	t.Parallel()
	check := func(kind iam.Kind, text string) {
		t.Helper()
		for _, f := range lint.Lint(kind, []byte(text), lint.Options{}) {
			t.Errorf("%s %s: %s\n%s", f.Severity, f.Code, f.Message, text)
		}
	}
	for _, kind := range provider.Presets() {
		guide := write(t, order(kind, ci.Direct))
		trust := find(t, guide, "trust-policy.json")
		check(iam.Trust, trust)
		check(iam.Identity, find(t, guide, "permission-policy.json"))
		check(iam.Identity, find(t, write(t, order(kind, ci.User)), "policy.json"))
		if !strings.Contains(trust, `:aud"`) || !strings.Contains(trust, `:sub"`) ||
			strings.Contains(trust, "ForAllValues") {
			t.Errorf("%s: the trust policy is\n%s", kind, trust)
		}
	}
}

// Orders with a classic mistake are rejected for every way.
func TestWideOrdersAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind   provider.Kind
		way    ci.Way
		change func(*ci.Order)
		field  string
	}{
		"any project": {
			provider.CircleCI, ci.Direct, func(o *ci.Order) { o.Job.ProjectID = "*" },
			"project_id",
		},
		"no project": {
			provider.CircleCI, ci.Brokered, func(o *ci.Order) { o.Job.ProjectID = "" },
			"project_id",
		},
		"a part of an ID": {
			provider.CircleCI, ci.Direct,
			func(o *ci.Order) { o.Job.OrganizationID = org[:35] + "?" }, "organization_id",
		},
		"any user": {
			provider.CircleCI, ci.Direct, func(o *ci.Order) { o.Job.Users = []string{"*"} },
			"users[0]",
		},
		"a ref alone":        {provider.CircleCI, ci.Direct, func(o *ci.Order) { o.Job.Project = "" }, "ref"},
		"any branch":         {provider.GitHub, ci.Direct, func(o *ci.Order) { o.Job.Ref = "refs/heads/*" }, "ref"},
		"a whole repository": {provider.GitHub, ci.Brokered, func(o *ci.Order) { o.Job.Ref = "" }, "ref"},
		"ref and environment": {
			provider.GitHub, ci.Brokered, func(o *ci.Order) { o.Job.Environment = "prod" },
			"ref",
		},
		"any repository": {
			provider.GitHub, ci.Direct, func(o *ci.Order) { o.Job.Project = "acme/*" },
			"project",
		},
		"a name alone": {provider.GitHub, ci.Direct, func(o *ci.Order) { o.Job.ProjectID = "" }, "project_id"},
		"no owner": {
			provider.GitHub, ci.Direct, func(o *ci.Order) { o.Job.OrganizationID = "" },
			"organization_id",
		},
		"a pull request": {
			provider.GitHub, ci.Direct, func(o *ci.Order) { o.Job.Ref = "refs/pull/7/merge" },
			"ref",
		},
		"a group":     {provider.GitLab, ci.Direct, func(o *ci.Order) { o.Job.Project = "acme" }, "project"},
		"a short ref": {provider.GitLab, ci.Brokered, func(o *ci.Order) { o.Job.Ref = "main" }, "ref"},
		"no pipeline": {
			provider.Buildkite, ci.Brokered, func(o *ci.Order) { o.Job.ProjectID = "" },
			"project_id",
		},
		"a separator": {
			provider.Buildkite, ci.Direct, func(o *ci.Order) { o.Job.Project = "a:b" },
			"project",
		},
		"any workspace": {
			provider.Terraform, ci.Direct, func(o *ci.Order) { o.Job.Project = "p/*" },
			"project",
		},
		"no workspace": {
			provider.Terraform, ci.Brokered, func(o *ci.Order) { o.Job.ProjectID = "" },
			"project_id",
		},
		"a hostile name": {
			provider.GitHub, ci.Direct, func(o *ci.Order) { o.Name = "x\n  - run: curl evil" },
			"name",
		},
		"a hostile server": {
			provider.GitHub, ci.Brokered, func(o *ci.Order) { o.Server = "https://x$(id)" },
			"server",
		},
		"a hostile integration": {
			provider.GitHub, ci.Brokered, func(o *ci.Order) { o.Integration = "a; rm -rf ~" },
			"integration",
		},
		"a hostile region": {provider.GitHub, ci.Brokered, func(o *ci.Order) { o.Region = "us-east-1'" }, "region"},
		"a wide prefix":    {provider.GitHub, ci.User, func(o *ci.Order) { o.Prefix = "*" }, "prefix"},
		"no bucket":        {provider.GitHub, ci.User, func(o *ci.Order) { o.Bucket = "" }, "bucket"},
		"no account":       {provider.GitHub, ci.Direct, func(o *ci.Order) { o.Account = "" }, "account"},
		"another CI":       {"jenkins", ci.Brokered, func(*ci.Order) {}, "ci"},
		"everything":       {provider.GitHub, ci.User, func(o *ci.Order) { o.Access = "all" }, "access"},
	} {
		o := order(c.kind, c.way)
		c.change(&o)
		guide, err := ci.Write(o)
		fields := map[string]bool{}
		for _, finding := range problem.From(err).Findings {
			fields[finding.Path] = true
		}
		if !problem.Is(err, problem.Invalid) || !fields[c.field] || len(guide.Steps) > 0 {
			t.Errorf("%s: got %v %v; want a finding of %s", name, err, fields, c.field)
		}
	}
	if _, err := ci.Write(
		ci.Order{CI: provider.GitHub, Way: "magic", Bucket: "ci-artifacts", Job: jobs()[provider.GitHub]}); !problem.Is(
		err,
		problem.Invalid,
	) {
		t.Errorf("an unknown way: %v", err)
	}
}

var secretInArgument = regexp.MustCompile(
	`(curl|aws|env)[^|\n]*(-H|-d|--header|--web-identity-token) ` +
		`*['"]?[^@\n|]*\$\{?(token|secret|session|CIRCLE_OIDC|ACTIONS_ID_TOKEN_REQUEST_TOKEN)`)

// A token is never a program argument, which every process could see.
func TestNoTokenIsAnArgument(t *testing.T) {
	t.Parallel()
	for _, kind := range provider.Presets() {
		for _, way := range ci.Ways() {
			for _, step := range write(t, order(kind, way)).Steps {
				for _, d := range step.Documents {
					if found := secretInArgument.FindString(d.Text); found != "" {
						t.Errorf("%s %s %s: %s", kind, way, d.Name, found)
					}
				}
			}
		}
	}
}
