package console

import (
	"time"

	"github.com/windlass-io/windlass/internal/integration/pasted"
	"github.com/windlass-io/windlass/internal/principal"
)

// integrationFixtures are the pages of an integration's later life, of the
// service's identity and of an access key's verification.
func integrationFixtures(page func(state, run string) *integrationPage) []fixture {
	rotating, removed := page("verified", "verified"), page("removed", "verified")
	rotating.Integration.NextID, rotating.Integration.Vending = "0c6e2b9d5f7a48d1b3c4e5f60718293a", true
	rotating.Changed = []codeBlock{{
		"changed-trust", "Trust policy: the change", "diff",
		"@@ -9,3 +9,6 @@\n-          \"sts:ExternalId\": \"" + fixtureExternal +
			"\"\n+          \"sts:ExternalId\": [\n+            \"" + fixtureExternal +
			"\",\n+            \"0c6e2b9d5f7a48d1b3c4e5f60718293a\"\n+          ]\n",
	}}
	removed.Integration.RemovedAt = fixtureTime.Add(-time.Hour)
	check := func(judged *judgedView) *integrationCheckPage {
		return &integrationCheckPage{
			shell: shellOf("Check what I have", "/sources/credentials",
				sourcesCrumbs(crumb{"Sales exports", "/sources/integrations/int_1"},
					crumb{Name: "Check what I have"})...),
			Integration: fixtureIntegration("reserved"),
			Form: pastedForm{
				Trust: fixtureTrust, Permissions: []string{fixturePermission, ""},
				Boundary: fixturePermission, Owned: []ownedPolicy{
					{"bucket-policy-0", "harbour-exports", false, ""},
					{
						"key-policy-0", "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012",
						true, "",
					},
				},
			}, Judged: judged,
		}
	}
	insecure := &judgedView{
		Chip: chip{"bad", "shield-alert", ""}, Headline: "They let in somebody who must not get in",
		Summary: "A role like this is never used, whatever else it allows.",
		Findings: []pastedFinding{
			{pasted.Finding{
				Severity: pasted.Insecure, Document: pasted.TrustPolicy, Line: 4,
				Message: "The trust policy lets Windlass in without an External ID.",
				Why:     "The External ID is what keeps another customer of Windlass from naming this role: AWS calls it the confused deputy.",
				Reason:  "Statement 1 of the trust policy names the caller for sts:AssumeRole.",
			}},
			{pasted.Finding{
				Severity: pasted.Excess, Document: pasted.PermissionPolicy, Line: 9,
				Message: "The role may read every object of the bucket harbour-exports, and s3://harbour-exports/sales/ was declared.",
				Why:     "What Windlass cannot reach, nobody can reach through Windlass.",
			}},
		},
		Questions: []pasted.Question{{
			Document: pasted.TrustPolicy, Asked: "assume the role without an External ID",
			Allowed: true,
		}, {
			Document: pasted.PermissionPolicy, Asked: "list s3://harbour-exports/sales/", Wanted: true,
			Allowed: true,
		}},
		Diffs: []codeBlock{{
			"judged-trust", "Trust policy: from yours to the printed one", "diff",
			"-      \"Action\": \"sts:AssumeRole\"\n+      \"Action\": \"sts:AssumeRole\",\n",
		}},
	}
	key := fixtureRun("verified")
	key.Credential, key.Integration = "cred_1", ""
	key.Checks = []checkView{
		{
			Code:    "access-key",
			Status:  "warn",
			Detail:  "The key AKIA…X7QP is a long-term key: whoever has it gets in until somebody takes it away.",
			Cause:   "A role leaves no key to be lost: Windlass assumes it with an External ID, for an hour at a time.",
			Fix:     "Make an integration for these locations, give it to the sources that use this key, and remove the key.",
			Command: "windlass integration create --name legacy --location s3://harbour-exports/sales/",
		},
		{
			Code: "region", Status: "pass", Detail: "The bucket harbour-exports is in eu-west-1.",
			Took: 61 * time.Millisecond,
		},
		{Code: "list", Status: "pass", Detail: "1 location was listed."},
		{
			Code:   "list-outside",
			Status: "pass",
			Detail: "AWS refused to list the bucket's root and a neighbour of the prefix.",
			Took:   88 * time.Millisecond,
		},
		{Code: "get", Status: "pass", Detail: "1 object was read.", Took: 52 * time.Millisecond},
		{
			Code:   "get-outside",
			Status: "pass",
			Detail: "AWS refused to read outside the declared locations, without s3:GetObject.",
			Took:   47 * time.Millisecond,
		},
		{Code: "put-refused", Status: "pass", Detail: "AWS refused to write.", Took: 49 * time.Millisecond},
	}
	keyPage := func(run *verificationView) *credentialPage {
		return &credentialPage{
			shell: shellOf("legacy", "/sources/credentials", sourcesCrumbs(crumb{Name: "legacy"})...),
			Key: keyView{
				ID: "cred_1", Name: "legacy", AccessKeyID: "AKIA…X7QP",
				CreatedAt: fixtureTime.Add(-50 * time.Hour),
			},
			Form: keyVerifyForm{Bucket: "harbour-exports", Prefix: "sales/"}, Verification: run,
		}
	}
	who := principal.Report{
		CallerARN: "arn:aws:sts::210987654321:assumed-role/windlass/i-0abc",
		ARN:       "arn:aws:iam::210987654321:role/windlass", Account: "210987654321", Partition: "aws",
		Region:    "eu-west-1",
		Source:    principal.Source{Kind: principal.Instance, Detail: "The role of the EC2 instance."},
		ExpiresAt: fixtureTime.Add(5 * time.Hour), FoundAt: fixtureTime,
		Rights: []principal.Right{
			{Action: "s3:ListAllMyBuckets", Answer: principal.Refused, By: principal.Tried},
			{Action: "iam:ListUsers", Answer: principal.Refused, By: principal.Tried},
			{Action: "sts:AssumeRole", Answer: principal.Allowed, By: principal.Simulated, Wanted: true},
		},
	}
	poor := who
	poor.LongTerm, poor.ExpiresAt, poor.Source = true, time.Time{}, principal.Source{
		Kind:   principal.Environment,
		Detail: "An access key in the environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
	}
	poor.Rights = []principal.Right{
		{Action: "s3:ListAllMyBuckets", Answer: principal.Allowed, By: principal.Tried},
		{Action: "iam:ListUsers", Answer: principal.Unsure, By: principal.Tried},
	}
	poor.Warnings = []principal.Warning{
		{
			Code:    "too-much",
			Message: "Windlass may do more than it needs: s3:ListAllMyBuckets.",
			Fix:     "Take every policy from its principal but one that allows sts:AssumeRole.",
		},
		{
			Code:    "long-term-key",
			Message: "Windlass signs with a long-term access key: whoever copies it is Windlass until somebody takes it away.",
			Fix:     "Run Windlass where it has a role.",
		},
	}
	launching := page("reserved", "")
	launching.Integration.RoleARN, launching.Setup = "", fixtureSetup()
	launching.Setup[0].Current, launching.Setup[3].Current = false, true
	launching.Setup[3].Launch = &launchView{"https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/create", false}
	launching.Setup[3].Notes = []string{
		"Requester pays: Windlass sends \"x-amz-request-payer: requester\" with each request, so the account that the role or user is in pays for the requests and the data.",
		"KMS: a key's own policy decides as well.",
	}
	launching.Setup[3].Parts = []codeBlock{{
		"setup-text", "CloudFormation", "yaml",
		"AWSTemplateFormatVersion: \"2010-09-09\"\nResources:\n  Role:\n    Type: AWS::IAM::Role\n",
	}}
	launching.Setup[3].Download = "/sources/integrations/int_1/setup/cloudformation"
	return []fixture{
		{"integration-launch", "integration", "layout", launching},
		{"integration-rotating", "integration", "layout", rotating},
		{"integration-removed", "integration", "layout", removed},
		{"integration-check", "integration_check", "layout", check(nil)},
		{"integration-check-insecure", "integration_check", "layout", check(insecure)},
		{"credential", "credential", "layout", keyPage(nil)},
		{"credential-verified", "credential", "layout", keyPage(key)},
		{"identity", "identity", "layout", &identityPage{shell: shellOf("Identity", "/identity"), Identity: who}},
		{"identity-warned", "identity", "layout", &identityPage{
			shell:    shellOf("Identity", "/identity"),
			Identity: poor,
		}},
	}
}
