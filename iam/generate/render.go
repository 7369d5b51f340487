package generate

import (
	"fmt"
	"regexp"
)

// Format is how documents are written out.
type Format string

// The formats.
const (
	JSON           Format = "json"           // the policy itself, or both by name
	Terraform      Format = "terraform"      // HCL for the AWS provider
	CloudFormation Format = "cloudformation" // a YAML template
	CLI            Format = "cli"            // AWS CLI commands for a POSIX shell
	Console        Format = "console"        // numbered steps in the AWS console
)

// Documents are what is written out together: a permission policy, and the
// trust policy of the role that it belongs to when there is one.
type Documents struct {
	RoleName   string // the role's name, or the policy's when there is no trust policy; empty: "windlass"
	Trust      []byte // JSON; nil: no role is made, only a managed policy
	Permission []byte // JSON; required
}

// roleName is what AWS takes as a role's name.
var roleName = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)

// policyName is the name of the role's inline policy.
const policyName = "windlass-access"

// trees are the documents with their members in order.
type trees struct {
	name       string
	trust      *tree // nil: none
	permission *tree
}

// Render writes the documents in a format, ending with a line end.
func Render(format Format, documents Documents) (string, error) {
	all, err := documents.trees()
	if err != nil {
		return "", err
	}
	switch format {
	case JSON:
		return all.json(), nil
	case Terraform:
		return all.terraform(), nil
	case CloudFormation:
		return all.cloudFormation(), nil
	case CLI:
		return all.cli(), nil
	case Console:
		return all.console(), nil
	}
	return "", invalid("format", string(format), "the formats are json, terraform, cloudformation, cli and console")
}

func (d Documents) trees() (trees, error) {
	out := trees{name: or(d.RoleName, "windlass")}
	if !roleName.MatchString(out.name) {
		return trees{}, invalid("role_name", out.name, "a role's name has 1 to 64 letters, digits and +=,.@_-")
	}
	permission, err := parseTree(d.Permission)
	if err != nil {
		return trees{}, fmt.Errorf("reading the permission policy: %w", err)
	}
	out.permission = &permission
	if d.Trust != nil {
		trust, err := parseTree(d.Trust)
		if err != nil {
			return trees{}, fmt.Errorf("reading the trust policy: %w", err)
		}
		out.trust = &trust
	}
	return out, nil
}

// json writes the permission policy itself, or both documents by name.
func (t trees) json() string {
	if t.trust == nil {
		return t.permission.json("") + "\n"
	}
	both := tree{kind: objectTree, members: []member{{"trust_policy", *t.trust}, {"permission_policy", *t.permission}}}
	return both.json("") + "\n"
}
