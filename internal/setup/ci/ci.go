// Package ci writes the documents that give a CI job access to a bucket, in
// three ways:
//
//	brokered  the job exchanges its ID token at Windlass
//	direct    the job exchanges its ID token at AWS, for a role that trusts it
//	user      the CI stores the access key of an IAM user: the weakest
//
// Every function is pure. [Write] validates the whole order first. Each document
// restricts the audience and the job, by IDs if there are any, and quotes every
// name that comes from a caller.
package ci

import (
	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Way is the way in which the job gets its credentials.
type Way string

// The ways, best first.
const (
	Brokered Way = "brokered"
	Direct   Way = "direct"
	User     Way = "user"
)

// Ways returns the ways, best first.
func Ways() []Way { return []Way{Brokered, Direct, User} }

// Order describes the documents to write. Which fields are required depends on
// the CI and the way; [Fields] lists them.
type Order struct {
	CI          provider.Kind // one of provider.Presets
	Way         Way
	Server      string          // address of Windlass, https://…; brokered
	Workspace   string          // brokered
	Integration string          // name or ID; brokered
	Account     string          // 12 digits; direct, user
	Bucket      string          // every way
	Prefix      string          // empty: the whole bucket
	Access      generate.Access // default read
	Region      string          // default us-east-1
	Name        string          // of the grant, role or user; default ci-<CI>
	Job         Job
}

// Job identifies the jobs that get access, in terms that all CIs share.
type Job struct {
	Organization string // its name; Buildkite and HCP Terraform
	// CircleCI, Buildkite: a UUID; GitHub: the owner's number; GitLab:
	// namespace_id; HCP Terraform: org-…
	OrganizationID string
	// Project is the repository, as in "acme/app" (GitHub, GitLab) or
	// "github.com/acme/app" (CircleCI); Buildkite's pipeline slug; HCP
	// Terraform's "project/workspace".
	Project     string
	ProjectID   string   // CircleCI, Buildkite: a UUID; GitHub, GitLab: a number; HCP Terraform: the workspace's ws-…
	Ref         string   // refs/heads/main, refs/tags/v1; not HCP Terraform
	Environment string   // GitHub only, instead of Ref
	Users       []string // CircleCI only: UUIDs of the users who may trigger the job; empty: any
}

// Guide has the steps of one way.
type Guide struct {
	CI      provider.Kind `json:"ci"`
	Way     Way           `json:"way"`
	Title   string        `json:"title"`
	Rank    int           `json:"rank"` // 1 is the best, 3 the weakest
	Verdict string        `json:"verdict"`
	Steps   []Step        `json:"steps"`
}

// Step is one step of a guide.
type Step struct {
	Title     string     `json:"title"`
	Text      string     `json:"text,omitempty"` // paragraphs, separated by an empty line
	Documents []Document `json:"documents,omitempty"`
}

// Document is a file to use as it is.
type Document struct {
	Name     string `json:"name"`     // of a file, as in ".circleci/config.yml"
	Language string `json:"language"` // yaml, json, sh, hcl, ini
	Text     string `json:"text"`     // ends with a newline
}

// Write returns the guide for an order. If fields are missing or invalid, the
// error is a problem with code invalid with a finding for each of them.
func Write(order Order) (Guide, error) {
	order = order.filled()
	if err := order.check(); err != nil {
		return Guide{}, err
	}
	guide := Guide{CI: order.CI, Way: order.Way}
	var err error
	switch order.Way {
	case Direct:
		err = order.direct(&guide)
	case User:
		err = order.user(&guide)
	case Brokered:
		err = order.brokered(&guide)
	default:
		err = problem.New(problem.Invalid, "Unknown way %q.", string(order.Way)).
			WithHint("Use brokered, direct or user.")
	}
	return guide, err
}

func (g *Guide) add(title, text string, documents ...Document) {
	g.Steps = append(g.Steps, Step{Title: title, Text: text, Documents: documents})
}
