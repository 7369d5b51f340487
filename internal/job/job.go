// Package job is what Windlass does inside a CI job. It detects the CI, gets
// the job's ID token in the way of that CI, and passes the credentials that the
// token was exchanged for to any program that uses AWS, unchanged:
//
//	Detect         which CI this is
//	Tokens.Token   its ID token
//	Keeper         credentials, renewed before they end
//	Endpoint       the container-credentials endpoint of the AWS SDKs, on loopback
//	Environment    what a command inherits, without other credentials
//	Command.Run    a command with all of it, its signals and its exit status
//
// A token or a key is never in an argument, a log line or an error.
package job

// CI is a kind of CI.
type CI string

// The kinds.
const (
	CircleCI  CI = "circleci"
	GitHub    CI = "github"
	GitLab    CI = "gitlab"
	Buildkite CI = "buildkite"
	Terraform CI = "terraform" // HCP Terraform, Terraform Enterprise
)

// Kinds lists the kinds, in the order in which they are looked for.
func Kinds() []CI { return []CI{CircleCI, GitHub, GitLab, Buildkite, Terraform} }

// Title returns the name of the CI.
func (c CI) Title() string {
	switch c {
	case CircleCI:
		return "CircleCI"
	case GitHub:
		return "GitHub Actions"
	case GitLab:
		return "GitLab CI/CD"
	case Buildkite:
		return "Buildkite"
	case Terraform:
		return "HCP Terraform"
	default:
		return "no CI that Windlass knows"
	}
}

// Detect returns the CI that the process runs in, according to the
// environment, or "" if it is unknown.
func Detect(getenv func(string) string) CI {
	for _, mark := range []struct {
		variable string
		ci       CI
	}{
		{"CIRCLECI", CircleCI},
		{"GITHUB_ACTIONS", GitHub},
		{"GITLAB_CI", GitLab},
		{"BUILDKITE", Buildkite},
	} {
		if getenv(mark.variable) == "true" {
			return mark.ci
		}
	}
	if getenv("TFC_RUN_ID") != "" || getenv("TFC_WORKLOAD_IDENTITY_TOKEN") != "" {
		return Terraform
	}
	return ""
}
