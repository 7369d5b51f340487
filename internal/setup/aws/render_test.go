package aws_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	"gopkg.in/yaml.v3"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

const (
	windlass = "arn:aws:iam::444455556666:user/windlass"
	first    = "b7f1c2d40a634c0b9a527b1e7f3a9c11"
	second   = "0c6e2b9d5f7a48d1b3c4e5f60718293a"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// documents returns a setup with everything that a format must handle.
func documents(t *testing.T) aws.Documents {
	t.Helper()
	permission, err := generate.PermissionPolicy(generate.Need{
		Access:   generate.ReadWrite,
		Versions: true,
		Locations: []generate.Location{
			{Bucket: "acme-data", Prefix: "reports/"},
			{Bucket: "acme-data", Prefix: `it's "100%{x}" \ über 日本/`},
			{Bucket: "other-data"},
		},
		KMSKeyARNs: []string{"arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"},
	})
	if err != nil {
		t.Fatal(err)
	}
	trust, err := generate.TrustPolicy(generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{first, second}})
	if err != nil {
		t.Fatal(err)
	}
	return aws.Documents{RoleName: "windlass-acme", Trust: trust, Permission: permission}
}

var formats = []aws.Format{aws.JSON, aws.Terraform, aws.CloudFormation, aws.CLI, aws.Console}

func render(t *testing.T, format aws.Format, d aws.Documents) string {
	t.Helper()
	text, err := aws.Render(format, d)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// golden compares a document with its golden file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	both := documents(t)
	alone := both
	alone.Trust = nil
	both.Partition, both.Notes = generate.GovCloud, []string{
		"The bucket is “requester pays”.", "Its key's policy must name the account.",
	}
	there := documents(t)
	there.RoleExists = true
	for _, format := range formats {
		for name, d := range map[string]aws.Documents{
			"role": both, "edit": there, "policy": alone,
			"store": atStore(t),
		} {
			if format == aws.CloudFormation && d.Endpoint != "" {
				continue
			}
			t.Run(string(format)+"-"+name, func(t *testing.T) {
				t.Parallel()
				golden(t, string(format)+"-"+name, render(t, format, d))
			})
		}
	}
}

var hclStart = hcl.InitialPos

func read(t *testing.T, folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func value(t *testing.T, document []byte) any {
	t.Helper()
	var out any
	if err := json.Unmarshal(document, &out); err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	return out
}

// Terraform evaluates to the original documents.
func TestTerraformMeansTheSame(t *testing.T) {
	t.Parallel()
	d := documents(t)
	file, diagnostics := hclsyntax.ParseConfig([]byte(render(t, aws.Terraform, d)), "main.tf", hclStart)
	if diagnostics.HasErrors() {
		t.Fatal(diagnostics)
	}
	got := map[string]any{}
	for _, block := range file.Body.(*hclsyntax.Body).Blocks {
		for name, attribute := range block.Body.Attributes {
			if name != "policy" && name != "assume_role_policy" {
				continue
			}
			result, diagnostics := attribute.Expr.Value(&hcl.EvalContext{
				Functions: map[string]function.Function{"jsonencode": stdlib.JSONEncodeFunc},
				Variables: map[string]cty.Value{},
			})
			if diagnostics.HasErrors() {
				t.Fatal(diagnostics)
			}
			got[name] = value(t, []byte(result.AsString()))
		}
	}
	want := map[string]any{"policy": value(t, d.Permission), "assume_role_policy": value(t, d.Trust)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// CloudFormation evaluates to the original documents.
func TestCloudFormationMeansTheSame(t *testing.T) {
	t.Parallel()
	d := documents(t)
	var template struct {
		Resources struct {
			Role struct {
				Properties struct {
					AssumeRolePolicyDocument any `yaml:"AssumeRolePolicyDocument"`
					Policies                 []struct {
						PolicyDocument any `yaml:"PolicyDocument"`
					} `yaml:"Policies"`
				} `yaml:"Properties"`
			} `yaml:"Role"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(render(t, aws.CloudFormation, d)), &template); err != nil {
		t.Fatal(err)
	}
	role := template.Resources.Role.Properties
	if diff := cmp.Diff(value(t, d.Trust), role.AssumeRolePolicyDocument); diff != "" {
		t.Errorf("trust policy (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(value(t, d.Permission), role.Policies[0].PolicyDocument); diff != "" {
		t.Errorf("permission policy (-want +got)\n%s", diff)
	}
}

// A shell evaluates to the original documents.
func TestCommandsMeanTheSame(t *testing.T) {
	t.Parallel()
	d := documents(t)
	const stub = `aws() { while [ $# -gt 0 ]; do case $1 in --policy-document|--assume-role-policy-document) printf ` +
		`'%s\n\036\n' "$2";; esac; shift; done; }` + "\n"
	shell := exec.CommandContext(t.Context(), "sh", "-eu")
	shell.Stdin = strings.NewReader(stub + render(t, aws.CLI, d))
	out, err := shell.Output()
	if err != nil {
		t.Fatal(err)
	}
	printed := strings.Split(string(out), "\036\n")
	if len(printed) != 3 {
		t.Fatalf("%d documents in %q", len(printed)-1, out)
	}
	for i, want := range [][]byte{d.Trust, d.Permission} {
		if diff := cmp.Diff(value(t, want), value(t, []byte(printed[i]))); diff != "" {
			t.Errorf("document %d (-want +got)\n%s", i, diff)
		}
	}
}

func TestDocumentsThatAreRefused(t *testing.T) {
	t.Parallel()
	good := documents(t)
	for name, change := range map[string]func(*aws.Documents){
		"role name":     func(d *aws.Documents) { d.RoleName = "x; rm -rf /" },
		"long name":     func(d *aws.Documents) { d.RoleName = strings.Repeat("x", 65) },
		"no permission": func(d *aws.Documents) { d.Permission = nil },
		"an array":      func(d *aws.Documents) { d.Permission = []byte("[]") },
		"two documents": func(d *aws.Documents) { d.Trust = []byte("{}{}") },
		"deep": func(d *aws.Documents) {
			d.Trust = []byte(strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100))
		},
		"a note over lines": func(d *aws.Documents) { d.Notes = []string{"one\nrm -rf /"} },
		"a partition":       func(d *aws.Documents) { d.Partition = "aws-moon" },
		"a shell command":   func(d *aws.Documents) { d.Trust, d.Endpoint = nil, "https://s3.example.com;reboot" },
		"a path":            func(d *aws.Documents) { d.Trust, d.Endpoint = nil, "https://s3.example.com/$HOME" },
		"a role in a store": func(d *aws.Documents) { d.Endpoint = "https://s3.example.com" },
		"cut":               func(d *aws.Documents) { d.Permission = d.Permission[:50] },
	} {
		bad := good
		change(&bad)
		if text, err := aws.Render(aws.Terraform, bad); err == nil {
			t.Errorf("%s: %s", name, text)
		}
	}
	var input *generate.InputError
	if _, err := aws.Render("pulumi", good); !errors.As(err, &input) {
		t.Errorf("an unknown format: %v", err)
	}
}

// Every key of a template is a string for a YAML parser: a bare Null is not.
func TestCloudFormationKeysAreStrings(t *testing.T) {
	t.Parallel()
	d := documents(t)
	trust, err := generate.TrustPolicy(generate.Trust{
		PrincipalARN: windlass, ExternalIDs: []string{first, second}, Vending: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Trust = trust
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(render(t, aws.CloudFormation, d)), &root); err != nil {
		t.Fatal(err)
	}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for i, child := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 0 && child.Tag != "!!str" {
				t.Errorf("line %d: the key %q is %s, not a string", child.Line, child.Value, child.Tag)
			}
			walk(child)
		}
	}
	walk(&root)
}
