package doctor_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

// apply applies a fix as its reader would: it runs the command.
func (p *patient) apply(fix *doctor.Fix) {
	p.Helper()
	if fix.Where == doctor.OurSetting {
		p.patch(fix.Document)
		return
	}
	args := p.words(fix.Command)
	option := func(name string) string {
		for n := range args[:len(args)-1] {
			if args[n] == name {
				return args[n+1]
			}
		}
		p.Fatalf("the command %v has no %s", args, name)
		return ""
	}
	switch strings.Join(args[:3], " ") {
	case "aws iam update-assume-role-policy":
		p.AWS.MustTrust(p.T, p.AWS.Customer, option("--role-name"), option("--policy-document"))
	case "aws iam put-role-policy":
		p.onlyPolicy(option("--policy-name"), option("--policy-document"))
	case "aws s3api put-bucket-policy":
		keys := p.AWS.Customer.Keys
		if option("--bucket") == "partner-data" {
			keys = p.AWS.Service.Keys
		}
		_, err := p.AWS.S3(keys).PutBucketPolicy(p.Context(),
			&s3.PutBucketPolicyInput{Bucket: aws.String(option("--bucket")), Policy: aws.String(option("--policy"))})
		if err != nil {
			p.Fatal(err)
		}
	default:
		p.Fatalf("no way to run %v", args)
	}
}

// patch edits the integration with the fix's document.
func (p *patient) patch(document json.RawMessage) {
	p.Helper()
	var change struct {
		Region         *string `json:"region"`
		RequesterPays  *bool   `json:"requester_pays"`
		SessionSeconds *int    `json:"session_seconds"`
		Endpoint       *string `json:"endpoint"`
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&change); err != nil {
		p.Fatalf("the fix is no edit: %v: %s", err, document)
	}
	edit := integration.Change{Region: change.Region, RequesterPays: change.RequesterPays, Endpoint: change.Endpoint}
	if change.SessionSeconds != nil {
		length := time.Duration(*change.SessionSeconds) * time.Second
		edit.SessionLength = &length
	}
	p.update(edit)
}

// onlyPolicy replaces all policies of the role with one.
func (p *patient) onlyPolicy(name, document string) {
	p.Helper()
	client, role := p.AWS.IAM(p.AWS.Customer.Keys), aws.String(doctortest.RoleName)
	listed, err := client.ListRolePolicies(p.Context(), &iam.ListRolePoliciesInput{RoleName: role})
	if err != nil {
		p.Fatal(err)
	}
	for _, old := range listed.PolicyNames {
		if _, err := client.DeleteRolePolicy(p.Context(),
			&iam.DeleteRolePolicyInput{RoleName: role, PolicyName: &old}); err != nil {
			p.Fatal(err)
		}
	}
	p.MustPolicy(p.T, name, document)
}

// words splits a command line like a shell.
func (p *patient) words(command string) []string {
	p.Helper()
	out, err := exec.CommandContext(p.Context(), "sh", "-c",
		`aws() { printf 'aws\0'; for a; do printf '%s\0' "$a"; done; }; `+command).Output()
	if err != nil {
		p.Fatalf("a shell does not read %s: %v", command, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}
