package console

import (
	"time"

	"github.com/windlass-io/windlass/internal/integration/pasted"
	"github.com/windlass-io/windlass/internal/principal"
	"github.com/windlass-io/windlass/internal/problem"
)

// integrationsSamples returns the pages in each of their states.
func integrationsSamples() []fixture { return append(stateSamples(), laterSamples()...) }

func stateSamples() []fixture {
	rejected := viewProblem(problem.New(problem.Invalid, "The integration cannot be saved like this.").WithFindings(
		problem.Finding{Path: "role_arn", Message: "This is the ARN of a user, not of a role."},
		problem.Finding{
			Path:    "locations[0].prefix",
			Message: "The prefix sales has no slash at its end: sales/ is not sales-old/.",
		}))
	return []fixture{
		sampleOf("integration-new", "integration_new", &integrationNewPage{
			shell: shellOf("Add Integration", "/sources/credentials",
				sourcesCrumbs(crumb{Name: "Add Integration"})...),
			Form:  integrationForm{Locations: []locationView{{}}},
			Guide: fixtureGuide(5),
		}),
		sampleOf("integration-new-rejected", "integration_new", &integrationNewPage{
			shell: func() shell {
				s := shellOf("Add Integration", "/sources/credentials",
					sourcesCrumbs(crumb{Name: "Add Integration"})...)
				s.Problem = rejected
				return s
			}(), Form: integrationForm{
				RoleARN:   "arn:aws:iam::123456789012:user/ada",
				Locations: []locationView{{"harbour-exports", "sales"}, {"harbour-archive", ""}}, Region: "eu-west-1",
			},
			RoleARN: roleARNView{Error: "This is the ARN of a user, not of a role."}, Guide: fixtureGuide(5),
		}),
		sampleOf("integration-added", "integration_added", &integrationAddedPage{
			shell: shellOf("Add Integration", "/sources/credentials",
				sourcesCrumbs(crumb{Name: "Add Integration"})...), Integration: fixtureIntegration("unverified"),
			Documents: []codeBlock{{"trust", "Trust policy", "json", fixtureTrust}}, Guide: fixtureGuide(7),
		}),
		sampleOf("integration-edit", "integration_edit", &integrationEditPage{
			shell:       shellOf("Edit", "/sources/credentials", integrationCrumbs()...),
			Integration: fixtureIntegration("verified"),
			Form: integrationForm{
				RoleARN: fixtureRole, Name: "Sales exports",
				Locations: []locationView{{"harbour-exports", "sales/"}},
			},
			RoleARN: roleARNView{Account: "123456789012", Role: "windlass-sales-exports", Partition: "aws"},
			Stops:   []stopView{{"folder-open", "Sales exports", ""}, {"table-2", "SALES", ""}},
			Hanging: "1 source, 1 dataset",
		}),
		sampleOf("integration-reserved", "integration", samplePage("reserved", "")),
		sampleOf("integration-unverified", "integration", func() *integrationPage {
			p := samplePage("unverified", "")
			p.Setup = fixtureSteps()
			return p
		}()),
		sampleOf("integration-running", "integration", samplePage("unverified", "running")),
		sampleOf("integration-verified", "integration", func() *integrationPage {
			p := samplePage("verified", "verified")
			p.Verification.Checks = fixtureChecks()
			return p
		}()),
		sampleOf("integration-edited", "integration", func() *integrationPage {
			p := samplePage("unverified", "verified")
			p.Verification.Edited = true
			return p
		}()),
		sampleOf("integration-warning", "integration", samplePage("verified", "verified")),
		sampleOf("integration-failing", "integration", samplePage("failing", "failing")),
		sampleOf("integration-insecure", "integration", samplePage("insecure", "insecure")),
		sampleOf("integration-propagating", "integration", samplePage("propagating", "propagating")),
	}
}

// laterSamples returns the pages of an integration's later life, and of the
// service's own identity.
func laterSamples() []fixture {
	rotating, removed := samplePage("verified", "verified"), samplePage("removed", "verified")
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
	launching := samplePage("reserved", "")
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
		sampleOf("integration-launch", "integration", launching),
		sampleOf("integration-rotating", "integration", rotating),
		sampleOf("integration-removed", "integration", removed),
		sampleOf("integration-check", "integration_check", check(nil)),
		sampleOf("integration-check-insecure", "integration_check", check(insecure)),
		sampleOf("identity", "identity", &identityPage{shell: shellOf("Identity", "/identity"), Identity: who}),
		sampleOf("identity-warned", "identity", &identityPage{
			shell:    shellOf("Identity", "/identity"),
			Identity: poor,
		}),
	}
}

// integrationCrumbs returns the way to the page of the sample.
func integrationCrumbs() []crumb { return sourcesCrumbs(crumb{Name: "Sales exports"}) }

// samplePage returns the page of an integration in a state; run is the outcome
// of its last verification, empty if there was none.
func samplePage(state, run string) *integrationPage {
	p := &integrationPage{
		shell:       shellOf("Sales exports", "/sources/credentials", integrationCrumbs()...),
		Integration: fixtureIntegration(state), Setup: fixtureSetup(),
	}
	if run != "" {
		p.Verification = fixtureRun(run)
		p.Runs = []runView{
			{
				"ver_1", run, fixtureTime.Add(-2 * time.Minute),
				[]string{"An object in it can be read: Passed, was Failed"},
			},
			{"ver_2", "failing", fixtureTime.Add(-26 * time.Minute), nil},
			{"ver_3", "propagating", fixtureTime.Add(-40 * time.Minute), nil},
		}
	}
	return p
}
