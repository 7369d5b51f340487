package aws

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/windlass-io/windlass/iam/generate"
)

// Format is the format of documents.
type Format string

// The formats.
const (
	JSON           Format = "json"           // the policy itself, or all documents by name
	Terraform      Format = "terraform"      // HCL for the AWS provider
	CloudFormation Format = "cloudformation" // a YAML template
	CLI            Format = "cli"            // AWS CLI commands for a POSIX shell
	Console        Format = "console"        // numbered steps in the AWS console
)

// Documents belong together: a permission policy and, for a role, its trust
// policy.
type Documents struct {
	RoleName   string             // the role's name, or the policy's without a trust policy; empty: "windlass"
	Trust      []byte             // JSON; nil: a managed policy without a role
	Permission []byte             // JSON; required
	Partition  generate.Partition // whose console the steps use; empty: aws
	// RoleExists makes the commands and the steps replace the documents of an
	// existing role. Terraform and CloudFormation do that automatically for a
	// role that they created; a comment says so for any other role.
	RoleExists bool
	// Endpoint is the address of a store that isn't AWS. The permission policy
	// is then for a user with an access key. A store has no role, so Trust must
	// be nil, and CloudFormation can't reach it.
	Endpoint string
	// Notes has what a reader must know in addition to the policies, each in a
	// sentence or two on one line.
	Notes []string
}

// policyName is the name of the role's inline policy.
const policyName = "windlass-access"

var (
	// roleName is AWS's format of role names.
	roleName = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
	// endpoint matches addresses that need no quotes in any format.
	endpoint = regexp.MustCompile(
		`^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$|^https?://\[[0-9A-Fa-f:]+\](:[0-9]{1,5})?$`)
)

// Render returns the documents in a format. The text ends with a newline. The
// error for invalid documents is a [*generate.InputError].
func Render(format Format, documents Documents) (string, error) {
	p, err := documents.page()
	if err != nil {
		return "", err
	}
	switch format {
	case JSON:
		return p.json(), nil
	case Terraform:
		return p.terraform(), nil
	case CloudFormation:
		if p.Endpoint != "" {
			return "", invalid("format", string(format),
				"CloudFormation can't create anything in %s, which is not AWS; use cli, terraform or console",
				p.Endpoint)
		}
		return execute(p.kind("role.yaml", "role.yaml", "policy.yaml", ""), p)
	case CLI:
		return execute(p.kind("role.sh", "role.sh", "policy.sh", "store.sh"), p)
	case Console:
		return execute(p.kind("role.md", "edit.md", "role.md", "store.md"), p)
	}
	return "", invalid("format", string(format), "the formats are json, terraform, cloudformation, cli and console")
}

// kind returns the template for a new role, an existing role, a policy without
// a role, or a store.
func (p *page) kind(role, edit, policy, store string) string {
	switch {
	case p.Endpoint != "":
		return store
	case p.Trust == nil:
		return policy
	case p.Exists:
		return edit
	}
	return role
}

// page validates the documents and parses them.
func (d Documents) page() (*page, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	out := page{
		Name:      cmp.Or(d.RoleName, "windlass"),
		Exists:    d.RoleExists,
		Endpoint:  d.Endpoint,
		Notes:     d.Notes,
		partition: d.Partition,
	}
	permission, err := parseTree(d.Permission)
	if err != nil {
		return nil, fmt.Errorf("reading the permission policy: %w", err)
	}
	out.Permission = &permission
	if d.Trust == nil {
		return &out, nil
	}
	trust, err := parseTree(d.Trust)
	if err != nil {
		return nil, fmt.Errorf("reading the trust policy: %w", err)
	}
	out.Trust = &trust
	return &out, nil
}

// check validates everything apart from the policies.
func (d Documents) check() error {
	if _, err := d.Partition.Normalize(); err != nil {
		return err
	}
	if d.Endpoint != "" && !endpoint.MatchString(d.Endpoint) {
		return invalid("endpoint", d.Endpoint, "use a scheme, a host and a port, as in https://s3.example.com:9000")
	}
	if d.Endpoint != "" && d.Trust != nil {
		return invalid("trust", d.Endpoint, "a store that isn't AWS has no roles")
	}
	for i, note := range d.Notes {
		if strings.ContainsFunc(note, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return invalid(fmt.Sprintf("notes[%d]", i), note, "a note must be one line of printable characters")
		}
	}
	if d.RoleName != "" && !roleName.MatchString(d.RoleName) {
		return invalid("role_name", d.RoleName, "a role's name has 1 to 64 letters, digits and +=,.@_-")
	}
	return nil
}

// json returns the permission policy itself, or the documents by name.
func (p *page) json() string {
	if p.Trust == nil && p.Endpoint == "" && len(p.Notes) == 0 {
		return p.Permission.JSON("") + "\n"
	}
	all := tree{kind: objectTree}
	add := func(name string, value tree) { all.members = append(all.members, member{name, value}) }
	if p.Endpoint != "" {
		add("endpoint", tree{text: p.Endpoint})
	}
	if p.Trust != nil {
		add("trust_policy", *p.Trust)
	}
	add("permission_policy", *p.Permission)
	if len(p.Notes) > 0 {
		notes := tree{kind: arrayTree}
		for _, note := range p.Notes {
			notes.items = append(notes.items, tree{text: note})
		}
		add("notes", notes)
	}
	return all.JSON("") + "\n"
}
