package aws

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/windlass-io/windlass/iam/generate"
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
	RoleName   string             // the role's name, or the policy's when there is no trust policy; empty: "windlass"
	Trust      []byte             // JSON; nil: no role is made, only a managed policy
	Permission []byte             // JSON; required
	Partition  generate.Partition // whose console the steps begin at; empty: aws
	// RoleExists says that the role is there already: the commands and the steps
	// then replace its documents. Terraform and CloudFormation do that by
	// themselves for a role that they made, and say so for another.
	RoleExists bool
	// Endpoint is the address of a store that is not AWS, in whose own words
	// the permission policy is given to a user with an access key. A store has
	// no role, so it takes no Trust; CloudFormation cannot reach it.
	Endpoint string
	// Notes are what a reader must know beside the policies: each a sentence or
	// two, on one line.
	Notes []string
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
	partition  generate.Partition
	exists     bool   // the role does
	endpoint   string // empty: AWS
	notes      []string
}

// Render writes the documents in a format, ending with a line end.
func Render(format Format, documents Documents) (string, error) {
	all, err := documents.trees()
	if err != nil {
		return "", err
	}
	if all.endpoint != "" {
		return all.store(format)
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
	return "", unknownFormat(format)
}

func unknownFormat(format Format) error {
	return invalid("format", string(format), "the formats are json, terraform, cloudformation, cli and console")
}

func (d Documents) trees() (trees, error) {
	out := trees{name: cmp.Or(d.RoleName, "windlass"), exists: d.RoleExists, endpoint: d.Endpoint, notes: d.Notes}
	var err error
	if out.partition, err = d.Partition.Normalize(); err != nil {
		return trees{}, err
	}
	if fault := d.fault(); fault != nil {
		return trees{}, fault
	}
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

// endpoint is an address that needs no quoting in any of the formats.
var endpoint = regexp.MustCompile(`^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$|^https?://\[[0-9A-Fa-f:]+\](:[0-9]{1,5})?$`)

// fault says what is wrong with what stands beside the policies.
func (d Documents) fault() error {
	if d.Endpoint != "" && !endpoint.MatchString(d.Endpoint) {
		return invalid("endpoint", d.Endpoint, "give a scheme, a host and a port, as in https://s3.example.com:9000")
	}
	if d.Endpoint != "" && d.Trust != nil {
		return invalid("trust", d.Endpoint, "a store that is not AWS has no role to trust anybody")
	}
	for i, note := range d.Notes {
		if strings.ContainsFunc(note, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return invalid(fmt.Sprintf("notes[%d]", i), note, "a note is one line of characters that print")
		}
	}
	return nil
}

// json writes the permission policy itself, or the documents by name.
func (t trees) json() string {
	if t.trust == nil && t.endpoint == "" && len(t.notes) == 0 {
		return t.permission.json("") + "\n"
	}
	all := tree{kind: objectTree}
	add := func(name string, value tree) { all.members = append(all.members, member{name, value}) }
	if t.endpoint != "" {
		add("endpoint", tree{text: t.endpoint})
	}
	if t.trust != nil {
		add("trust_policy", *t.trust)
	}
	add("permission_policy", *t.permission)
	if len(t.notes) > 0 {
		notes := tree{kind: arrayTree}
		for _, note := range t.notes {
			notes.items = append(notes.items, tree{text: note})
		}
		add("notes", notes)
	}
	return all.json("") + "\n"
}

// comments are the notes as comments of a shell, of HCL and of YAML, with an
// empty line behind them.
func (t trees) comments() string {
	var out strings.Builder
	for _, note := range t.notes {
		out.WriteString("# " + note + "\n")
	}
	if out.Len() > 0 {
		out.WriteString("\n")
	}
	return out.String()
}

// taken are comments for a format that makes what it does not know, when the
// role exists.
func (t trees) taken(lines ...string) string {
	if !t.exists || t.trust == nil {
		return ""
	}
	return "# " + strings.Join(lines, "\n# ") + "\n\n"
}
