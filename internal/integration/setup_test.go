package integration_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"gopkg.in/yaml.v3"

	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/setup/aws"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
	"github.com/windlass-io/windlass/internal/testkit/programtest"
)

// Every format has the partition, the keys, the requester-pays setting, the
// External ID and the permissions for vending, in its own syntax.
func TestEveryFormatReflectsTheIntegration(t *testing.T) {
	t.Parallel()
	for partition, tt := range map[string]struct{ suffix, console string }{
		"aws":        {"amazonaws.com", "https://console.aws.amazon.com/iam/"},
		"aws-cn":     {"amazonaws.com.cn", "https://console.amazonaws.cn/iam/"},
		"aws-us-gov": {"amazonaws.com", "https://console.amazonaws-us-gov.com/iam/"},
	} {
		t.Run(partition, func(t *testing.T) {
			t.Parallel()
			w := doctortest.Start(t, func(p *doctortest.Parts) {
				p.Assume.Principal = "arn:" + partition + ":iam::444455556666:role/windlass"
			})
			key := "arn:" + partition + ":kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"
			i := w.MustReserve(t, func(d *integration.Draft) {
				d.Access, d.Vending, d.RequesterPays, d.KMSKeyARNs = integration.ReadWrite, true, true, []string{key}
			})
			wants := []string{
				string(i.ExternalID), i.PrincipalARN, "arn:" + partition + ":s3:::" + doctortest.Bucket + "/" +
					doctortest.Prefix + "*", key,
				"s3.eu-west-1." + tt.suffix, "kms:GenerateDataKey", "s3:DeleteObject", "sts:TagSession", "windlass:*",
				"windlass-*",
				"Requester pays", "x-amz-request-payer: requester", "KMS: a key's own policy decides as well",
			}
			if partition != "aws" {
				wants = append(wants, "The account is one of the partition "+partition)
			}
			for _, format := range integration.Formats() {
				text := mustSetup(t, w, i, format)
				for _, want := range append(wants, map[bool]string{true: tt.console}[format == aws.Console]) {
					if !strings.Contains(strings.ReplaceAll(text, `\"`, `"`), want) {
						t.Errorf("%s lacks %s:\n%s", format, want, text)
					}
				}
				for _, other := range []string{"aws", "aws-cn", "aws-us-gov"} {
					if other != partition && strings.Contains(text, "arn:"+other+":") {
						t.Errorf("%s names the partition %s", format, other)
					}
				}
				mustParse(t, format, text)
			}
		})
	}
}

// A setup without special settings has no notes.
func TestNothingIsNotedOfAPlainIntegration(t *testing.T) {
	t.Parallel()
	w := doctortest.Start(t)
	i := w.MustReserve(t)
	for _, format := range integration.Formats() {
		text := mustSetup(t, w, i, format)
		if strings.Contains(text, "Before you begin") || strings.Contains(text, "# ") || strings.Contains(text,
			`"notes"`) {
			t.Errorf("%s has notes:\n%s", format, text)
		}
		mustParse(t, format, text)
	}
}

func mustSetup(t *testing.T, w *doctortest.World, i integration.Integration, format aws.Format) string {
	t.Helper()
	text, err := w.Integrations.Setup(t.Context(), w.Actor, doctortest.Workspace, i.ID, format)
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return text
}

// mustParse parses a document like the tool that it is for.
func mustParse(t *testing.T, format aws.Format, text string) {
	t.Helper()
	var out any
	switch format {
	case aws.JSON:
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			t.Errorf("JSON: %v", err)
		}
	case aws.CloudFormation:
		if err := yaml.Unmarshal([]byte(text), &out); err != nil {
			t.Errorf("CloudFormation: %v", err)
		}
	case aws.Terraform:
		if _, diagnostics := hclsyntax.ParseConfig([]byte(text), "main.tf", hcl.InitialPos); diagnostics.HasErrors() ||
			string(hclwrite.Format([]byte(text))) != text {
			t.Errorf("Terraform, or its fmt: %v", diagnostics)
		}
	case aws.CLI:
		shell := exec.CommandContext(t.Context(), "sh", "-n")
		shell.Stdin = strings.NewReader(text)
		if out, err := shell.CombinedOutput(); err != nil {
			t.Errorf("sh: %v: %s", err, out)
		}
	case aws.Console:
		if !strings.HasPrefix(text, "1. ") {
			t.Errorf("steps begin with %.20q", text)
		}
	}
}

// A store that isn't AWS has no roles, so the documents are for the user of
// an access key, with the store's own terms.
func TestDocumentsForAStore(t *testing.T) {
	t.Parallel()
	for endpoint, elsewhere := range map[string]bool{
		"https://s3.example.com:9000": true, "https://amazonaws.com.example.com": true,
		"https://evilamazonaws.com":                               true,
		"https://bucket.vpce-1-a.s3.eu-west-1.vpce.amazonaws.com": false,
		"https://s3.cn-north-1.amazonaws.com.cn":                  false,
		"https://s3-fips.us-gov-west-1.amazonaws.com":             false,
	} {
		w := doctortest.Start(t)
		i := w.MustReserve(t, func(d *integration.Draft) {
			d.Endpoint, d.RequesterPays = endpoint, true
			d.KMSKeyARNs = []string{"arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"}
		})
		for _, format := range integration.Formats() {
			text, err := w.Integrations.Setup(t.Context(), w.Actor, doctortest.Workspace, i.ID, format)
			if elsewhere && format == aws.CloudFormation {
				if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), "not AWS") {
					t.Errorf("%s of %s: got %v", format, endpoint, err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			mustParse(t, format, text)
			if got := !strings.Contains(text, string(i.ExternalID)); got != elsewhere {
				t.Errorf("%s of %s: without a role is %t", format, endpoint, got)
			}
			if !elsewhere {
				continue
			}
			for _, want := range []string{endpoint, "Requester pays", "is not AWS", doctortest.Bucket} {
				if !strings.Contains(text, want) {
					t.Errorf("%s of %s lacks %s:\n%s", format, endpoint, want, text)
				}
			}
			if strings.Contains(text, "kms:") {
				t.Errorf("%s of %s names AWS's keys", format, endpoint)
			}
		}
		if beside := w.Integrations.Beside(&i); (beside.LaunchURL == "") != elsewhere || beside.Elsewhere != elsewhere {
			t.Errorf("%s: got %+v", endpoint, beside)
		}
	}
}

func TestLaunch(t *testing.T) {
	t.Parallel()
	const template = "https://b.s3.eu-west-1.amazonaws.com/windlass.yaml"
	w := doctortest.Start(t, func(p *doctortest.Parts) { p.Integration.TemplateURL = template })
	plain := doctortest.Start(t)
	i := w.MustReserve(t)
	none := w.MustReserve(t, func(d *integration.Draft) { d.Name, d.Locations = "none", nil })
	given := w.MustGiveRole(t, w.MustReserve(t, func(d *integration.Draft) { d.Name = "given" }), aRole)
	for name, tt := range map[string]struct {
		world  *doctortest.World
		i      integration.Integration
		has    string
		filled bool
	}{
		"published":     {w, i, "param_ExternalIds=" + string(i.ExternalID), true},
		"not published": {plain, plain.MustReserve(t), "#/stacks/create", false},
		"no location":   {w, none, "", false},
		"there is one":  {w, given, "", false},
	} {
		beside := tt.world.Integrations.Beside(&tt.i)
		if !strings.Contains(beside.LaunchURL, tt.has) || (beside.LaunchURL == "") != (tt.has == "") ||
			beside.Filled != tt.filled {
			t.Errorf("%s: got %+v", name, beside)
		}
	}
}

// The script for the aws command creates a role that can be verified; the
// script for a store creates a user whose key can be.
func TestScriptsWorkAsPrinted(t *testing.T) {
	t.Parallel()
	programtest.Need(t, "aws")
	t.Run("role", func(t *testing.T) {
		t.Parallel()
		w := doctortest.Start(t)
		i := w.MustReserve(t, func(d *integration.Draft) { d.RequesterPays = true })
		arn := strings.Fields(runScript(t, w, mustSetup(t, w, i, aws.CLI)))
		i = w.MustGiveRole(t, i, arn[len(arn)-1])
		if v := w.MustVerify(t, i); v.State != doctor.Verified {
			t.Errorf("got %s: %s", v.State, v.Reason)
		}

		// the role exists now, so the script replaces what an edit and a rotation
		// change
		locations := append(slices.Clone(i.Locations), object.Location{Bucket: doctortest.Bucket, Prefix: "weekly/"})
		if _, err := w.Integrations.Update(t.Context(), w.Actor, doctortest.Workspace, i.ID,
			integration.Change{Locations: &locations}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Integrations.Rotate(t.Context(), w.Actor, doctortest.Workspace, i.ID); err != nil {
			t.Fatal(err)
		}
		runScript(t, w, mustSetup(t, w, i, aws.CLI))
		if _, err := w.Integrations.CompleteRotation(t.Context(), w.Actor, doctortest.Workspace, i.ID,
			impact.Waived()); err != nil {
			t.Fatal(err)
		}
		runScript(t, w, mustSetup(t, w, i, aws.CLI))
		if v := w.MustVerify(t, w.MustGet(t, i)); v.State != doctor.Verified {
			t.Errorf("after an edit and a rotation: got %s: %s", v.State, v.Reason)
		}
	})
	t.Run("store", func(t *testing.T) {
		t.Parallel()
		w := doctortest.Start(t)
		elsewhere := strings.Replace(w.AWS.URL, "127.0.0.1", "localhost", 1) // another name of the same: a store
		i := w.MustReserve(t, func(d *integration.Draft) { d.Endpoint = elsewhere })
		pair := strings.Fields(runScript(t, w, mustSetup(t, w, i, aws.CLI)))
		if len(pair) != 2 {
			t.Fatalf("printed %q, want an access key and its secret", pair)
		}
		key, err := w.Credentials.Add(t.Context(), w.Actor, doctortest.Workspace,
			credential.Draft{AccessKeyID: pair[0], SecretAccessKey: secret.New(pair[1]), Endpoint: elsewhere})
		if err != nil {
			t.Fatal(err)
		}
		v, err := w.Doctor.VerifyCredential(t.Context(), w.Actor, doctortest.Workspace, key.ID,
			doctor.KeyOrder{Locations: i.Locations, Access: i.Access}, nil)
		if err != nil || v.State != doctor.Verified {
			t.Errorf("got %s: %s, %v", v.State, v.Reason, err)
		}
	})
}

// runScript runs a printed script as the customer, and returns its output.
func runScript(t *testing.T, w *doctortest.World, script string) string {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "sh", "-eu")
	shell.Stdin = strings.NewReader(script)
	keys := w.AWS.Customer.Keys
	var warnings strings.Builder
	shell.Stderr = &warnings
	shell.Env = slices.Concat(os.Environ(), []string{
		"AWS_ENDPOINT_URL=" + w.AWS.URL, "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID=" +
			keys.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + keys.SecretAccessKey,
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_PAGER=",
	})
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("the script: %v\n%s\n%s", err, warnings.String(), script)
	}
	return string(out)
}
