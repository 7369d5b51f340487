// Package ci writes the ready documents with which a CI gets at a
// bucket, in three ways:
//
//	brokered  the job's ID token is exchanged at Windlass
//	direct    the job's ID token is exchanged at AWS, for a role that trusts it
//	user      an IAM user whose access key the CI keeps: the weakest
//
// Every function is pure. What a document is made of is checked whole first:
// whatever is printed pins the audience and the job, by IDs where there are
// any, and no name or wildcard of a caller's gets into a policy, a script or a
// configuration unquoted.
package ci

import (
	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Way is how the job gets its credentials.
type Way string

// The ways, the best first.
const (
	Brokered Way = "brokered"
	Direct   Way = "direct"
	User     Way = "user"
)

// Ways lists the ways, the best first.
func Ways() []Way { return []Way{Brokered, Direct, User} }

// Order says what the documents are for. Which fields are needed depends on CI
// and way; [Fields] lists them.
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

// Job says which jobs are let in, in the words that all CIs share.
type Job struct {
	Organization   string // its name; Buildkite and HCP Terraform
	OrganizationID string // CircleCI, Buildkite: a UUID; GitHub: the owner's number; GitLab: namespace_id; HCP Terraform: org-…
	// Project is the repository, as in "acme/app" (GitHub, GitLab) or
	// "github.com/acme/app" (CircleCI); Buildkite's pipeline slug; HCP
	// Terraform's "project/workspace".
	Project     string
	ProjectID   string   // CircleCI, Buildkite: a UUID; GitHub, GitLab: a number; HCP Terraform: the workspace's ws-…
	Ref         string   // refs/heads/main, refs/tags/v1; not HCP Terraform
	Environment string   // GitHub alone, in place of Ref
	Users       []string // CircleCI alone: UUIDs of who may trigger the job; empty: any
}

// Guide is a way told from the first step to the last.
type Guide struct {
	CI      provider.Kind `json:"ci"`
	Way     Way           `json:"way"`
	Title   string        `json:"title"`
	Rank    int           `json:"rank"` // 1 is the best, 3 the weakest
	Verdict string        `json:"verdict"`
	Steps   []Step        `json:"steps"`
}

// Step is one thing to do.
type Step struct {
	Title     string     `json:"title"`
	Text      string     `json:"text,omitempty"` // sentences, paragraphs apart by an empty line
	Documents []Document `json:"documents,omitempty"`
}

// Document is a text that is ready to be used as it is.
type Document struct {
	Name     string `json:"name"`     // of a file, as in ".circleci/config.yml"
	Language string `json:"language"` // yaml, json, sh, hcl, ini
	Text     string `json:"text"`     // ends with a line end
}

// Write writes the guide of an order. Whatever is missing or wrong comes back
// at once, as a problem of code invalid with a finding for each field.
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
		err = problem.New(problem.Invalid, "There is no way %q.", string(order.Way)).WithHint("The ways are brokered, direct and user.")
	}
	return guide, err
}

func (g *Guide) add(title, text string, documents ...Document) {
	g.Steps = append(g.Steps, Step{Title: title, Text: text, Documents: documents})
}
