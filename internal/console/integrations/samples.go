package integrations

import (
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/integration/pasted"
	"github.com/windlass-io/windlass/internal/principal"
	"github.com/windlass-io/windlass/internal/problem"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page { return append(stateSamples(), laterSamples()...) }

func stateSamples() []sample.Page {
	rejected := page.ProblemOf(problem.New(problem.Invalid, "The integration isn’t valid.").WithFindings(
		problem.Finding{Path: "role_arn", Message: "This is the ARN of a user, not of a role."},
		problem.Finding{
			Path:    "locations[0].prefix",
			Message: "The prefix sales doesn’t end with a slash: sales/ isn’t sales-old/.",
		}))
	return []sample.Page{
		sample.New("integration-new", "integrations/new", &integrationNewPage{
			Frame: sample.Frame("Add Integration", "/sources/credentials",
				sample.SourcesCrumbs(page.Crumb{Name: "Add Integration"})...),
			Form:  integrationForm{Locations: []view.Location{{}}},
			Guide: sample.Guide(5),
		}),
		sample.New("integration-new-rejected", "integrations/new", &integrationNewPage{
			Frame: func() page.Frame {
				s := sample.Frame("Add Integration", "/sources/credentials",
					sample.SourcesCrumbs(page.Crumb{Name: "Add Integration"})...)
				s.Problem = rejected
				return s
			}(), Form: integrationForm{
				RoleARN: "arn:aws:iam::123456789012:user/ada",
				Locations: []view.Location{
					{Bucket: "harbour-exports", Prefix: "sales"},
					{Bucket: "harbour-archive", Prefix: ""},
				}, Region: "eu-west-1",
			},
			RoleARN: roleARNView{Error: "This is the ARN of a user, not of a role."}, Guide: sample.Guide(5),
		}),
		sample.New("integration-added", "integrations/added", &integrationAddedPage{
			Frame: sample.Frame("Add Integration", "/sources/credentials",
				sample.SourcesCrumbs(page.Crumb{Name: "Add Integration"})...),
			Integration: sample.Integration("unverified"),
			Documents:   []page.Code{{ID: "trust", Label: "Trust policy", Language: "json", Text: sample.TrustPolicy}},
			Guide:       sample.Guide(7),
		}),
		sample.New("integration-edit", "integrations/edit", &integrationEditPage{
			Frame:       sample.Frame("Edit", "/sources/credentials", integrationCrumbs()...),
			Integration: sample.Integration("verified"),
			Form: integrationForm{
				RoleARN: sample.Role, Name: "Sales exports",
				Locations: []view.Location{{Bucket: "harbour-exports", Prefix: "sales/"}},
			},
			RoleARN: roleARNView{Account: "123456789012", Role: "windlass-sales-exports", Partition: "aws"},
			Stops: []page.Stop{
				{Icon: "folder-open", Name: "Sales exports", Text: ""},
				{Icon: "table-2", Name: "SALES", Text: ""},
			},
			Hanging: "1 source, 1 dataset",
		}),
		sample.New("integration-reserved", "integrations/integration", samplePage("reserved", "")),
		sample.New("integration-unverified", "integrations/integration", func() *integrationPage {
			p := samplePage("unverified", "")
			p.Setup = sampleSetupSteps()
			return p
		}()),
		sample.New("integration-running", "integrations/integration", samplePage("unverified", "running")),
		sample.New("integration-verified", "integrations/integration", func() *integrationPage {
			p := samplePage("verified", "verified")
			p.Verification.Checks = sample.Checks()
			return p
		}()),
		sample.New("integration-edited", "integrations/integration", func() *integrationPage {
			p := samplePage("unverified", "verified")
			p.Verification.Edited = true
			return p
		}()),
		sample.New("integration-warning", "integrations/integration", samplePage("verified", "verified")),
		sample.New("integration-failing", "integrations/integration", samplePage("failing", "failing")),
		sample.New("integration-insecure", "integrations/integration", samplePage("insecure", "insecure")),
		sample.New("integration-propagating", "integrations/integration", samplePage("propagating", "propagating")),
	}
}

// laterSamples returns the pages of an integration's later life, and of the
// service's own identity.
func laterSamples() []sample.Page {
	rotating, removed := samplePage("verified", "verified"), samplePage("removed", "verified")
	rotating.Integration.NextID, rotating.Integration.Vending = "0c6e2b9d5f7a48d1b3c4e5f60718293a", true
	rotating.Changed = []page.Code{{
		ID: "changed-trust", Label: "Trust policy: changes", Language: "diff",
		Text: "@@ -9,3 +9,6 @@\n-          \"sts:ExternalId\": \"" + sample.ExternalID +
			"\"\n+          \"sts:ExternalId\": [\n+            \"" + sample.ExternalID +
			"\",\n+            \"0c6e2b9d5f7a48d1b3c4e5f60718293a\"\n+          ]\n",
	}}
	removed.Integration.RemovedAt = sample.Time.Add(-time.Hour)
	check := func(judged *judgedView) *integrationCheckPage {
		return &integrationCheckPage{
			Frame: sample.Frame("Check what I have", "/sources/credentials",
				sample.SourcesCrumbs(page.Crumb{Name: "Sales exports", Path: "/sources/integrations/int_1"},
					page.Crumb{Name: "Check what I have"})...),
			Integration: sample.Integration("reserved"),
			Form: pastedForm{
				Trust: sample.TrustPolicy, Permissions: []string{sample.PermissionPolicy, ""},
				Boundary: sample.PermissionPolicy, Owned: []ownedPolicy{
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
		Chip:     page.Chip{Tone: "bad", Icon: "shield-alert", Label: ""},
		Headline: "They let in callers that must be refused",
		Summary:  "Windlass never uses a role like this, whatever else it allows.",
		Findings: []pastedFinding{
			{pasted.Finding{
				Severity: pasted.Insecure, Document: pasted.TrustPolicy, Line: 4,
				Message: "The trust policy lets Windlass in without an External ID.",
				Why: "The External ID prevents another customer of Windlass from using this role. AWS calls " +
					"this the confused deputy problem.",
				Reason: "Statement 1 of the trust policy names the caller for sts:AssumeRole.",
			}},
			{pasted.Finding{
				Severity: pasted.Excess, Document: pasted.PermissionPolicy, Line: 9,
				Message: "The role may read every object of the bucket harbour-exports, but only " +
					"s3://harbour-exports/sales/ was declared.",
				Why: "Nobody can use Windlass to reach what its role can't.",
			}},
		},
		Questions: []pasted.Question{{
			Document: pasted.TrustPolicy, Asked: "assume the role without an External ID",
			Allowed: true,
		}, {
			Document: pasted.PermissionPolicy, Asked: "list s3://harbour-exports/sales/", Wanted: true,
			Allowed: true,
		}},
		Diffs: []page.Code{{
			ID: "judged-trust", Label: "Trust policy: changes from yours to the generated one", Language: "diff",
			Text: "-      \"Action\": \"sts:AssumeRole\"\n+      \"Action\": \"sts:AssumeRole\",\n",
		}},
	}
	who := principal.Report{
		CallerARN: "arn:aws:sts::210987654321:assumed-role/windlass/i-0abc",
		ARN:       "arn:aws:iam::210987654321:role/windlass", Account: "210987654321", Partition: "aws",
		Region:    "eu-west-1",
		Source:    principal.Source{Kind: principal.Instance, Detail: "The role of the EC2 instance."},
		ExpiresAt: sample.Time.Add(5 * time.Hour), FoundAt: sample.Time,
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
	launching.Integration.RoleARN, launching.Setup = "", sampleSetup()
	launching.Setup[0].Current, launching.Setup[3].Current = false, true
	launching.Setup[3].Launch = &launchView{"https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/create", false}
	launching.Setup[3].Notes = []string{
		"Requester pays: Windlass sends \"x-amz-request-payer: requester\" with each request, so the account that the role or user is in pays for the requests and the data.",
		"KMS: a key's own policy decides as well.",
	}
	launching.Setup[3].Parts = []page.Code{{
		ID: "setup-text", Label: "CloudFormation", Language: "yaml",
		Text: "AWSTemplateFormatVersion: \"2010-09-09\"\nResources:\n  Role:\n    Type: AWS::IAM::Role\n",
	}}
	launching.Setup[3].Download = "/sources/integrations/int_1/setup/cloudformation"
	return []sample.Page{
		sample.New("integration-launch", "integrations/integration", launching),
		sample.New("integration-rotating", "integrations/integration", rotating),
		sample.New("integration-removed", "integrations/integration", removed),
		sample.New("integration-check", "integrations/check", check(nil)),
		sample.New("integration-check-insecure", "integrations/check", check(insecure)),
		sample.New("identity", "integrations/identity", &identityPage{
			Frame:    sample.Frame("Identity", "/identity"),
			Identity: who,
		}),
		sample.New("identity-warned", "integrations/identity", &identityPage{
			Frame:    sample.Frame("Identity", "/identity"),
			Identity: poor,
		}),
	}
}

// integrationCrumbs returns the breadcrumbs of the sample's page.
func integrationCrumbs() []page.Crumb { return sample.SourcesCrumbs(page.Crumb{Name: "Sales exports"}) }

// samplePage returns the page of an integration in a state; run is the outcome
// of its last verification, empty if there was none.
func samplePage(state, run string) *integrationPage {
	p := &integrationPage{
		Frame:       sample.Frame("Sales exports", "/sources/credentials", integrationCrumbs()...),
		Integration: sample.Integration(state), Setup: sampleSetup(),
	}
	if run != "" {
		p.Verification = sample.Verification(run)
		p.Runs = []runView{
			{
				"ver_1", run, sample.Time.Add(-2 * time.Minute),
				[]string{"An object in it can be read: Passed, was Failed"},
			},
			{"ver_2", "failing", sample.Time.Add(-26 * time.Minute), nil},
			{"ver_3", "propagating", sample.Time.Add(-40 * time.Minute), nil},
		}
	}
	return p
}
