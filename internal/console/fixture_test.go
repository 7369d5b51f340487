package console

import (
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
)

// fixture is a page in one state: what to render, and the template's name
// within the page's file.
type fixture struct {
	name     string
	page     string
	template string
	data     any
}

var fixtureTime = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)

func shellOf(title, section string, crumbs ...crumb) shell {
	return shell{
		Title: title, Crumbs: crumbs, Nav: navigation(section, true),
		Account: account{Email: "ada@example.com", Workspace: "harbour"},
	}
}

func sourcesCrumbs(rest ...crumb) []crumb {
	return append([]crumb{{Name: "Sources"}, {"Credentials", "/sources/credentials"}}, rest...)
}

const (
	fixturePrincipal = "arn:aws:iam::210987654321:user/windlass"
	fixtureRole      = "arn:aws:iam::123456789012:role/windlass-sales-exports"
	fixtureExternal  = "9f1c4e7ab25d4386b0c1d2e3f4a5b6c7"
)

const fixturePermission = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "WindlassReadObjects",
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:GetObjectVersion"],
      "Resource": "arn:aws:s3:::harbour-exports/sales/*"
    },
    {
      "Sid": "WindlassListLocations",
      "Effect": "Allow",
      "Action": "s3:ListBucket",
      "Resource": "arn:aws:s3:::harbour-exports",
      "Condition": {
        "StringLike": {"s3:prefix": ["sales/*"]}
      }
    }
  ]
}`

const fixtureTrust = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "` + fixturePrincipal + `"},
      "Action": "sts:AssumeRole",
      "Condition": {
        "StringEquals": {"sts:ExternalId": "` + fixtureExternal + `"}
      }
    }
  ]
}`

func fixtureIntegration(state string) integrationView {
	i := integrationView{
		ID: "int_01kjq7m2r5x8v3n6p9t4w0y1za", Name: "Sales exports", State: state,
		ExternalID: fixtureExternal, PrincipalARN: fixturePrincipal, RoleARN: fixtureRole,
		Locations: []locationView{{"harbour-exports", "sales/"}},
		Access:    "read", Region: "eu-west-1",
		CreatedAt: fixtureTime.Add(-3 * 24 * time.Hour),
	}
	if state == "verified" {
		i.VerifiedAt = fixtureTime.Add(-2 * time.Minute)
	}
	if state == "reserved" {
		i.RoleARN = ""
	}
	if state == "removed" {
		i.RemovedAt, i.Reason = fixtureTime.Add(-5*time.Minute), "It was removed."
	}
	return i
}

func fixtureChecks() []checkView {
	ms := time.Millisecond
	return []checkView{
		{Code: "identity", Status: "pass", Detail: "AWS says " + fixturePrincipal + ".", Took: 41 * ms},
		{Code: "role-arn", Status: "pass", Detail: "Role windlass-sales-exports in account 123456789012."},
		{Code: "assume", Status: "pass", Detail: "A session of one hour was given.", Took: 112 * ms},
		{Code: "assume-without-id", Status: "pass", Detail: "Refused with 403 AccessDenied.", Took: 64 * ms},
		{Code: "assume-wrong-id", Status: "pass", Detail: "Refused with 403 AccessDenied.", Took: 58 * ms},
		{Code: "list", Status: "pass", Detail: "s3://harbour-exports/sales/ has objects.", Took: 87 * ms},
		{Code: "get", Status: "pass", Detail: "One byte of sales/2026/11/21.csv.gz was read.", Took: 52 * ms},
		{Code: "get-outside", Status: "pass", Detail: "Refused with 403 AccessDenied.", Took: 47 * ms},
		{Code: "put-refused", Status: "pass", Detail: "Refused with 403 AccessDenied.", Took: 49 * ms},
	}
}

func fixtureRun(state string) *verificationView {
	v := &verificationView{
		ID: "ver_01kjq7m2r5x8v3n6p9t4w0y1zb", Integration: "int_01kjq7m2r5x8v3n6p9t4w0y1za",
		State: state, StartedAt: fixtureTime.Add(-2 * time.Minute), Took: 510 * time.Millisecond,
		Checks: fixtureChecks(),
	}
	switch state {
	case "running":
		v.StartedAt = fixtureTime.Add(-time.Second)
		v.Checks[4] = checkView{Code: "assume-wrong-id", Status: "running"}
		for i := 5; i < len(v.Checks); i++ {
			v.Checks[i] = checkView{Code: v.Checks[i].Code, Status: "waiting"}
		}
	case "failing":
		v.Checks[2] = checkView{
			Code: "assume", Status: "fail", Took: 96 * time.Millisecond,
			Detail:   "AWS refused AssumeRole on the role windlass-sales-exports, though Windlass gave the External ID.",
			Cause:    "The trust policy still has the placeholder External ID that the role was made with.",
			Fix:      "In the role’s trust policy, replace the value of sts:ExternalId with the one of this integration.",
			Name:     "Trust policy",
			Document: fixtureTrust,
			Diff: " \"Condition\": {\n-  \"StringEquals\": {\"sts:ExternalId\": \"placeholder\"}\n" +
				"+  \"StringEquals\": {\"sts:ExternalId\": \"" + fixtureExternal + "\"}\n }",
			Command: "aws iam update-assume-role-policy \\\n  --role-name windlass-sales-exports \\\n  --policy-document file://trust-policy.json",
			Calls: []callView{{
				"sts:AssumeRole", fixtureRole, "403 AccessDenied",
				"7c1f0e52-9a34-4a53-8d25-2f4a1b7f6d01",
			}},
		}
		for i := 3; i < len(v.Checks); i++ {
			v.Checks[i] = checkView{Code: v.Checks[i].Code, Status: "skip", WaitsFor: "assume"}
		}
	case "insecure":
		v.Checks[3] = checkView{
			Code: "assume-without-id", Status: "fail", Took: 71 * time.Millisecond,
			Detail:   "The role let Windlass in without any External ID.",
			Cause:    "The trust policy has no condition, so whoever names this role in another service may use it as yours.",
			Fix:      "Add the condition on sts:ExternalId to the statement that trusts " + fixturePrincipal + ".",
			Name:     "Trust policy",
			Document: fixtureTrust,
			Calls:    []callView{{"sts:AssumeRole", fixtureRole, "200", "1b7f6d01-9a34-4a53-8d25-7c1f0e522f4a"}},
		}
	case "verified":
		v.Checks[5] = checkView{
			Code: "list", Status: "warn", Took: 87 * time.Millisecond,
			Detail: "s3://harbour-exports/sales/ can be listed, and is empty.",
			Cause:  "Nothing was written there yet, or the prefix is another one.",
			Fix:    "Compare the prefix with the bucket’s contents; capital letters count.",
		}
	}
	return v
}

func fixtureSetup() []setupDocument {
	return []setupDocument{
		{
			Format: "json", Name: "JSON", Current: true, Download: "/sources/integrations/int_1/setup/json",
			Parts: []codeBlock{
				{"trust", "Trust policy", "json", fixtureTrust},
				{"permission", "Permission policy", "json", fixturePermission},
			},
		},
		{Format: "cli", Name: "AWS CLI"},
		{Format: "terraform", Name: "Terraform"},
		{Format: "cloudformation", Name: "CloudFormation"},
		{Format: "console", Name: "AWS console"},
	}
}

func fixtureSteps() []setupDocument {
	tabs := fixtureSetup()
	tabs[0].Current, tabs[4].Current = false, true
	tabs[4].Steps = setupSteps("1. Open the **IAM** service.\n2. Replace what stands in the editor with this policy:\n\n   ```json\n   {\n     \"Version\": \"2012-10-17\"\n   }\n   ```\n\n3. Enter the name `windlass-x` & choose **Create**.\n")
	return tabs
}

func fixtureGuide(now int) *guideView {
	g := &guideView{Now: now, PermissionPolicy: fixturePermission}
	if now > 5 {
		g.TrustPolicy = fixtureTrust
	}
	return g
}

func fixtureHomeSteps(done int) []homeStep {
	steps := []homeStep{
		{
			Name: "Connect your bucket",
			Text: "Make an AWS integration: a role in your account that opens exactly the locations you declare.",
			Verb: "Create AWS integration",
			Path: "/sources/integrations/new",
		},
		{
			Name: "Name your data",
			Text: "Add a source: which objects, in which format. See a preview before anything is loaded.",
			Verb: "Add a source",
			Path: "/sources/data/new",
		},
		{
			Name: "Load it", Text: "Each object once; bad rows are set aside with their reason.", Verb: "Load now",
			Path: "/sources/data",
		},
		{
			Name: "Read it from an app", Text: "Make a token and try the example request.", Verb: "Create a token",
			Path: "/tokens",
		},
	}
	for i := range steps {
		switch {
		case i < done:
			steps[i].State = "done"
		case i == done:
			steps[i].State = "now"
		default:
			steps[i].State = "later"
		}
	}
	return steps
}

func fixtures() []fixture {
	integrationCrumbs := sourcesCrumbs(crumb{Name: "Sales exports"})
	page := func(state, run string) *integrationPage {
		p := &integrationPage{
			shell:       shellOf("Sales exports", "/sources/credentials", integrationCrumbs...),
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
	rejected := &problemView{Message: "The integration cannot be saved like this.", fields: map[string]string{
		"role_arn":            "This is the ARN of a user, not of a role.",
		"locations[0].prefix": "The prefix sales has no slash at its end: sales/ is not sales-old/.",
	}}
	dark := shellOf("Home", "/")
	dark.Theme = "dark"
	return append(slices.Concat(memberFixtures(), tokenFixtures(), policyFixtures(), sandboxFixtures(), ciFixtures(),
		integrationFixtures(page), signInFixtures(), dataFixtures()), []fixture{
		{"error", "error", "page", &errorPage{
			Title: "Not found", Status: 404, Message: "There is no such page.",
			Hint:      "It may have been removed, or belong to another workspace.",
			RequestID: "req_01kjq7m2r5x8v3n6p9t4w0y1za",
		}},
		{"home-new", "home", "layout", &homePage{shell: shellOf("Home", "/"), Steps: fixtureHomeSteps(0)}},
		{"home-half", "home", "layout", &homePage{shell: dark, Steps: fixtureHomeSteps(2), Loads: fixtureLoads()[2:]}},
		{"home", "home", "layout", &homePage{
			shell: shellOf("Home", "/"), Steps: fixtureHomeSteps(4), Loads: fixtureLoads(),
			Figures: []homeFigure{
				{"table-2", "Datasets", "14", "5.2 M rows", "/datasets"},
				{"shield-check", "Integrations", "1", "verified", "/sources/credentials"},
				{"folder-open", "Sources", "12", "all loading", "/sources/data"},
				{"fingerprint", "API tokens", "3", "1 secret", "/tokens"},
			},
			Attention: []attention{{
				"bad", "shield-alert", "Archive fails its verification.",
				"The role no longer lets Windlass in with the External ID.", "See what to change",
				"/sources/integrations/int_1",
			}},
		}},
		{
			"credentials-new", "credentials", "layout",
			&credentialsPage{
				shell: shellOf("Credentials", "/sources/credentials", crumb{Name: "Sources"}),
				Guide: fixtureGuide(1),
			},
		},
		{"credentials", "credentials", "layout", &credentialsPage{
			shell:        shellOf("Credentials", "/sources/credentials", crumb{Name: "Sources"}),
			Integrations: []integrationView{fixtureIntegration("unverified")}, Guide: fixtureGuide(7),
			Keys: []keyView{{
				ID: "cred_1", Name: "CREDENTIAL_7KQ2M9XPA", AccessKeyID: "AKIA…X7QP",
				CreatedAt: fixtureTime.Add(-50 * time.Hour),
			}, {
				ID: "cred_2", Name: "circleci", AccessKeyID: "AKIA…M2RT",
				CreatedAt: fixtureTime.Add(-100 * 24 * time.Hour), Due: true,
			}},
		}},
		{
			"credentials-reserved", "credentials", "layout",
			&credentialsPage{
				shell:        shellOf("Credentials", "/sources/credentials", crumb{Name: "Sources"}),
				Integrations: []integrationView{fixtureIntegration("reserved")}, Guide: func() *guideView {
					g := fixtureGuide(7)
					g.Reserved, g.Now = true, guideMade
					return g
				}(),
			},
		},
		{
			"credentials-several", "credentials", "layout",
			&credentialsPage{
				shell: shellOf("Credentials", "/sources/credentials", crumb{Name: "Sources"}),
				Integrations: []integrationView{
					fixtureIntegration("verified"), fixtureIntegration("failing"),
					fixtureIntegration("reserved"),
				}, Removed: []integrationView{fixtureIntegration("removed")},
			},
		},
		{
			"credential-new", "credential_new", "layout",
			&credentialNewPage{shell: shellOf("Add access key", "/sources/credentials",
				sourcesCrumbs(crumb{Name: "Add access key"})...), Form: keyForm{Name: "CREDENTIAL_7KQ2M9XPA"}},
		},
		{
			"integration-new", "integration_new", "layout",
			&integrationNewPage{
				shell: shellOf("Add Integration", "/sources/credentials",
					sourcesCrumbs(crumb{Name: "Add Integration"})...),
				Form:  integrationForm{Locations: []locationView{{}}},
				Guide: fixtureGuide(5),
			},
		},
		{"integration-new-rejected", "integration_new", "layout", &integrationNewPage{
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
		}},
		{
			"integration-added", "integration_added", "layout",
			&integrationAddedPage{
				shell: shellOf("Add Integration", "/sources/credentials",
					sourcesCrumbs(crumb{Name: "Add Integration"})...), Integration: fixtureIntegration("unverified"),
				Documents: []codeBlock{{"trust", "Trust policy", "json", fixtureTrust}}, Guide: fixtureGuide(7),
			},
		},
		{
			"integration-edit", "integration_edit", "layout",
			&integrationEditPage{
				shell:       shellOf("Edit", "/sources/credentials", integrationCrumbs...),
				Integration: fixtureIntegration("verified"),
				Form: integrationForm{
					RoleARN: fixtureRole, Name: "Sales exports",
					Locations: []locationView{{"harbour-exports", "sales/"}},
				},
				RoleARN: roleARNView{Account: "123456789012", Role: "windlass-sales-exports", Partition: "aws"},
				Stops:   []stopView{{"folder-open", "Sales exports", ""}, {"table-2", "SALES", ""}},
				Hanging: "1 source, 1 dataset",
			},
		},
		{"integration-reserved", "integration", "layout", page("reserved", "")},
		{"integration-unverified", "integration", "layout", func() *integrationPage {
			p := page("unverified", "")
			p.Setup = fixtureSteps()
			return p
		}()},
		{"integration-running", "integration", "layout", page("unverified", "running")},
		{"integration-verified", "integration", "layout", func() *integrationPage {
			p := page("verified", "verified")
			p.Verification.Checks = fixtureChecks()
			return p
		}()},
		{"integration-edited", "integration", "layout", func() *integrationPage {
			p := page("unverified", "verified")
			p.Verification.Edited = true
			return p
		}()},
		{"integration-warning", "integration", "layout", page("verified", "verified")},
		{"integration-failing", "integration", "layout", page("failing", "failing")},
		{"integration-insecure", "integration", "layout", page("insecure", "insecure")},
		{"integration-propagating", "integration", "layout", page("propagating", "propagating")},
		{"remove", "remove", "layout", &removePage{
			shell: shellOf("Remove AWS integration", "/sources/credentials",
				integrationCrumbs...), Question: "Remove the AWS integration Sales exports?",
			Verb: "Remove AWS integration", Action: "/x", Back: "/sources/credentials",
			Summary: "1 source and 1 dataset stop.", Confirm: "Sales exports",
			Stops: []stopView{
				{"folder-open", "Sales exports", "source: can’t load any more"},
				{"table-2", "SALES", "dataset: keeps its rows, gets no new ones"},
			},
			Keeps: "Rows that are loaded stay. For 24 hours the removal can be undone.",
		}},
		{"remove-unused", "remove", "layout", &removePage{
			shell: shellOf("Remove access key", "/sources/credentials",
				integrationCrumbs...), Question: "Remove the access key “legacy”?", Verb: "Remove access key",
			Action: "/x",
			Back:   "/sources/credentials", Confirm: "legacy",
			Keeps: "This can’t be undone. The key itself lives on in AWS until you delete it there.",
		}},
		{"remove-dataset", "remove", "layout", fixtureDatasetRemoval("", nil)},
		{
			"remove-dataset-mistyped", "remove", "layout",
			fixtureDatasetRemoval("STOCK", confirmProblem(
				&impact.UnconfirmedError{
					Problem: problem.New(problem.Conflict, "x"),
					Impact:  impact.Impact{Confirm: "STOCKS"},
				}, "STOCK")),
		},
		{"remove-token", "remove", "layout", &removePage{
			shell: shellOf("Revoke dashboard", "/tokens",
				crumb{"API tokens", "/tokens"}), Question: "Revoke the token “dashboard”?", Verb: "Revoke token",
			Icon: "ban", Action: "/x", Back: "/tokens", Summary: "1 token stops.", Confirm: "dashboard",
			Stops: viewStops([]impact.Stop{{Kind: "token", ID: "tok_1", Name: "dashboard", LastUsed: fixtureTime}}),
			Keeps: "Apps that use it get 401 at once. This can’t be undone.",
		}},
		{"rotation-complete", "remove", "layout", &removePage{
			shell: shellOf("Use the new External ID",
				"/sources/credentials", integrationCrumbs...), Question: "Use the new External ID of “Sales exports”?",
			Verb: "Use the new External ID", Icon: "check", Action: "/x", Back: "/x", Summary: "1 External ID stops.",
			Confirm: "Sales exports", Stops: viewStops([]impact.Stop{{
				Kind: "external_id",
				Name: "0123456789abcdef0123456789abcdef",
			}}),
			Keeps: "First Windlass checks that the role accepts the new External ID. If it doesn’t, nothing changes.",
		}},
		{"refused", "refused", "layout", &refusedPage{
			shell: shellOf("Forbidden", ""), Status: 403, Message: "You can't do this: member.create is not allowed.",
			Hint: "Your role is editor. An admin may do this for members with a lower role, an owner for everybody.",
			Ask:  []string{"ada@example.com"}, RequestID: "req_01kjq7m2r5x8v3n6p9t4w0y1za",
		}},
		{"tokens-empty", "tokens", "layout", &tokensPage{shell: shellOf("API tokens", "/tokens")}},
		{"audit-empty", "audit", "layout", &auditPage{
			shell:  shellOf("Audit log", "/audit"),
			Filter: auditFilter{Actor: "nobody"},
		}},
		{"audit-broken", "audit", "layout", &auditPage{
			shell: shellOf("Audit log", "/audit"),
			Chain: viewChain(audit.Report{
				Entries: 41, Head: audit.Head{Seq: 41, Hash: strings.Repeat("9f86d081", 8)},
				Break: &audit.Break{Seq: 42, Reason: "Its hash is not that of its content."},
			}),
		}},
		{"audit", "audit", "layout", &auditPage{
			shell: shellOf("Audit log", "/audit"),
			Chain: viewChain(audit.Report{Entries: 3, Head: audit.Head{Seq: 3, Hash: strings.Repeat("9f86d081", 8)}}),
			Kinds: []string{"integration"}, Actions: []string{"integration.create", "integration.verify"},
			Next: "?cursor=x", Entries: []entryView{
				{
					Time: fixtureTime, Actor: "ada@example.com", ActorPath: "?actor=mem_1", Kind: "member",
					Address: "127.0.0.1", Action: "integration.verify", Resource: "int_01kjq7m2r5x8v3n6p9t4w0y1za",
					ResourcePath: "?resource=int_1", Outcome: "allowed",
					Reason: "A member of the role owner may do it.", Seq: 3,
					RequestID:     "req_01kjq7m2r5x8v3n6p9t4w0y1zb",
					AWSRequestIDs: []string{"7c2f9a52-0a34-4a63-9d25-2f4a2e7fb001"},
				},
				{
					Time: fixtureTime.Add(-time.Minute), Actor: "dashboard", ActorPath: "?actor=tok_1",
					Kind:    "publishable",
					Address: "127.0.0.1", Action: "data.write", Resource: "dataset", Outcome: "denied",
					Reason: "A publishable token does what its scopes name.",
				},
				{
					Time: fixtureTime.Add(-time.Hour), Actor: "doctor", Kind: "system", Action: "integration.verify",
					Resource: "int_01kjq7m2r5x8v3n6p9t4w0y1za", Outcome: "done", Reason: "It was good and is failing.",
				},
			},
		}},
	}...)
}

func fixtureDatasetRemoval(typed string, rejection *problemView) *removePage {
	stops := []impact.Stop{
		{Kind: "token", ID: "tok_1", Name: "dashboard", LastUsed: fixtureTime},
		{Kind: "token", ID: "tok_2", Name: "site"},
		{Kind: "load", ID: "load_1", Name: "STOCKS"},
	}
	p := &removePage{
		shell:    shellOf("Delete STOCKS", "/datasets", crumb{"Datasets", "/datasets"}),
		Question: "Delete the dataset “STOCKS”?", Verb: "Delete dataset",
		Action: "/x", Back: "/datasets", Summary: "2 tokens and 1 load stop, and 1,200 rows are deleted.",
		Confirm: "STOCKS", Type: true, Typed: typed, Stops: viewStops(stops),
		Keeps: "Objects in your bucket stay, and for 24 hours you can restore the dataset with its rows.",
	}
	p.Problem = rejection
	return p
}
