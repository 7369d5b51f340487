package aws_test

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// atStore returns the documents of a user of a store that isn't AWS.
func atStore(t *testing.T) aws.Documents {
	t.Helper()
	permission, err := generate.PermissionPolicy(generate.Need{
		Access: generate.ReadWrite,
		Locations: []generate.Location{
			{Bucket: "acme-data", Prefix: "reports/"},
			{Bucket: "acme-data", Prefix: `it's "100%{x}" \ über 日本/`},
			{Bucket: "other-data"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return aws.Documents{
		RoleName: "windlass-acme", Permission: permission, Endpoint: "https://s3.example.com:9000",
		Notes: []string{"The store is not AWS."},
	}
}

// The Terraform output is formatted like that of terraform fmt.
func TestTerraformIsFormatted(t *testing.T) {
	t.Parallel()
	noted := documents(t)
	noted.Notes = []string{"A note with ${x} and %{y}.", "Another."}
	alone := documents(t)
	alone.Trust = nil
	for name, d := range map[string]aws.Documents{"role": noted, "policy": alone, "store": atStore(t)} {
		text := render(t, aws.Terraform, d)
		if diff := cmp.Diff(string(hclwrite.Format([]byte(text))), text); diff != "" {
			t.Errorf("%s: terraform fmt would change it (-fmt +printed)\n%s", name, diff)
		}
		if _, diagnostics := hclwrite.ParseConfig([]byte(text), "main.tf", hclStart); diagnostics.HasErrors() {
			t.Errorf("%s: %v", name, diagnostics)
		}
	}
}

// The script adds the policy to the store with either tool, and prints the
// key.
func TestStoreScriptMeansTheSame(t *testing.T) {
	t.Parallel()
	d := atStore(t)
	for name, tt := range map[string]struct {
		stub, arguments, prints string
		calls                   []string
	}{
		"aws": {
			stub: `aws() { echo "$1 $2 $3 $4" >>calls; case $4 in create-access-key) printf 'AKIA\thush\n';; create-user) echo '{"User":{}}';; esac
				while [ $# -gt 0 ]; do case $1 in --policy-document) printf '%s' "$2" >policy;; esac; shift; done; }`,
			prints: "AKIA\thush\n",
			calls: []string{
				"--endpoint-url https://s3.example.com:9000 iam create-user",
				"--endpoint-url https://s3.example.com:9000 iam put-user-policy",
				"--endpoint-url https://s3.example.com:9000 iam create-access-key",
			},
		},
		"minio": {
			stub: `mc() { echo "$@" >>calls; case "$2 $3" in "policy create") cat >policy;; "user add") cat ` +
				`>user;; esac; echo done; }`,
			arguments: "minio play",
			calls: []string{
				"admin policy create play windlass-acme /dev/stdin", "admin user add play",
				"admin policy attach play windlass-acme --user windlass-acme",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			shell := exec.CommandContext(t.Context(), "sh", append([]string{"-s"}, strings.Fields(tt.arguments)...)...)
			shell.Dir, shell.Stdin = folder, strings.NewReader(tt.stub+"\n"+render(t, aws.CLI, d))
			out, err := shell.Output()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(value(t, d.Permission), value(t, []byte(read(t, folder, "policy")))); diff != "" {
				t.Errorf("policy (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.calls,
				strings.Split(strings.TrimSpace(read(t, folder, "calls")), "\n")); diff != "" {
				t.Errorf("calls (-want +got)\n%s", diff)
			}
			if tt.prints == "" {
				tt.prints = strings.ReplaceAll(read(t, folder, "user"), "\n", "\t")
				tt.prints = strings.TrimSuffix(tt.prints, "\t") + "\n"
			}
			if string(out) != tt.prints || len(strings.TrimSpace(tt.prints)) < 9 {
				t.Errorf("printed %q, want the key alone: %q", out, tt.prints)
			}
		})
	}
}

// CloudFormation can't be used with a store, and the error says so.
func TestNoTemplateForAStore(t *testing.T) {
	t.Parallel()
	_, err := aws.Render(aws.CloudFormation, atStore(t))
	var input *generate.InputError
	if !errors.As(err, &input) || input.Field != "format" ||
		!strings.Contains(input.Reason, "https://s3.example.com:9000") {
		t.Errorf("got %v", err)
	}
}
