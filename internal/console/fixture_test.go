package console

import (
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/login"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/security"
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
			Diff:     " \"Condition\": {\n-  \"StringEquals\": {\"sts:ExternalId\": \"placeholder\"}\n+  \"StringEquals\": {\"sts:ExternalId\": \"" + fixtureExternal + "\"}\n }",
			Command:  "aws iam update-assume-role-policy \\\n  --role-name windlass-sales-exports \\\n  --policy-document file://trust-policy.json",
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

func fixtureLoads() []loadView {
	return []loadView{
		{
			ID: "load_01kjq7m2r5x8v3n6p9t4w0y1zc", State: "reading", Source: "Sales exports",
			SourcePath: "/sources/data/src_1", Dataset: "SALES", DatasetPath: "/datasets/SALES", Objects: 48, Done: 31,
			Rows: 1_204_511, Rejected: 3, Bytes: 611_000_000, BytesRead: 402_000_000,
			CreatedAt: fixtureTime.Add(-20 * time.Second), Took: 12 * time.Second,
		},
		{
			ID: "load_01kjq7m2r5x8v3n6p9t4w0y1zd", State: "loaded", Source: "Flights", Dataset: "FLIGHTS",
			DatasetPath: "/datasets/FLIGHTS", Objects: 3, Done: 3, Known: 2, Rows: 3_000_000, Bytes: 13_493_022,
			BytesRead: 13_493_022, CreatedAt: fixtureTime.Add(-time.Hour), Took: 4200 * time.Millisecond,
		},
		{
			ID: "load_01kjq7m2r5x8v3n6p9t4w0y1ze", State: "failed", Source: "Weather", Dataset: "WEATHER",
			CreatedAt: fixtureTime.Add(-3 * time.Hour), Took: 300 * time.Millisecond,
			Problem: &problemView{
				Message: "weather/2026-11-20.csv.gz ends in the middle of its gzip stream.",
				Hint:    "Upload it again whole, then load again: it counts as a new object.",
			},
		},
		{
			ID: "load_01kjq7m2r5x8v3n6p9t4w0y1zf", State: "cancelled", Source: "Sales exports", Dataset: "SALES",
			DatasetPath: "/datasets/SALES", CreatedAt: fixtureTime.Add(-26 * time.Hour),
		},
	}
}

func fixtureDataset() datasetView {
	return datasetView{
		ID: "ds_1", Name: "STOCKS", Title: "Daily closing prices", Rows: 560, Bytes: 48_219,
		CreatedAt: fixtureTime.Add(-9 * 24 * time.Hour), UpdatedAt: fixtureTime.Add(-time.Hour),
		Index: dataset.Index{
			Key: "symbol", Date: "date", Guessed: true, Unique: true,
			Reason: "“symbol” is the first text column and “date” the only date; together they tell every row of the sample apart.",
		},
		Columns: []columnView{
			{Name: "symbol", Type: "string", Part: "key", Required: true},
			{Name: "date", Type: "date", Format: "Jan 2 2006", Part: "date", Required: true},
			{Name: "price", Type: "number", AllowNull: true},
		},
	}
}

func fixtureHomeSteps(done int) []homeStep {
	steps := []homeStep{
		{Name: "Connect your bucket", Text: "Make an AWS integration: a role in your account that opens exactly the locations you declare.", Verb: "Create AWS integration", Path: "/sources/integrations/new"},
		{Name: "Name your data", Text: "Add a source: which objects, in which format. See a preview before anything is loaded.", Verb: "Add a source", Path: "/sources/data/new"},
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
	source := sourceView{
		ID: "src_1", Name: "Sales exports", Bucket: "harbour-exports", Pattern: "sales/**/*.csv.gz",
		Format: "csv", Exclude: []string{"**/_tmp/**"}, Through: "Sales exports",
		ThroughPath: "/sources/integrations/int_1", CreatedAt: fixtureTime.Add(-time.Hour),
		UpdatedAt: fixtureTime.Add(-time.Hour),
	}
	preview := &previewView{
		Sampled: "sales/2026/01/01.csv.gz", Index: "“region” is the first text column and “day” the only date.",
		Columns: []columnView{
			{Name: "region", Type: "string"},
			{Name: "day", Type: "date"},
			{Name: "units", Type: "integer"},
			{Name: "revenue", Type: "number"},
		},
		Rows: [][]string{
			{"north", "2026-01-01", "120", "4310.5"},
			{"south", "2026-01-01", "88", "2914"},
			{"east", "2026-01-01", "97", "3301.25"},
		},
		Objects: []objectView{
			{
				Key: "sales/2026/01/01.csv.gz", Size: 18_204, Modified: fixtureTime.Add(-300 * time.Hour),
				Outcome: "loaded", Rows: 365,
			},
			{Key: "sales/2026/01/02.csv.gz", Size: 17_611, Modified: fixtureTime.Add(-280 * time.Hour), Outcome: "new"},
			{
				Key: "sales/README.txt", Size: 611, Modified: fixtureTime.Add(-280 * time.Hour), Outcome: "not-matched",
				Reason: "README.txt is not *.csv.gz",
			},
		},
	}
	through := []option{{"int_1", "Sales exports (AWS integration)"}}
	doneLoad := fixtureLoads()[1]
	doneLoad.Rejected = 3
	doneLoad.Unread = []load.Problem{{
		Key:    "flights/broken.parquet",
		Reason: "The footer is missing: the file was cut off.",
	}}
	doneLoad.Notes = []string{"The column “delay” was read as number: 3 of the first 1,000 values have a fraction."}
	dark := shellOf("Home", "/")
	dark.Theme = "dark"
	return append(slices.Concat(memberFixtures(), tokenFixtures(), policyFixtures(), sandboxFixtures(), ciFixtures(),
		integrationFixtures(page)), []fixture{
		{"sign-in", "sign_in", "page", &signInPage{Title: "Sign in", Next: "/"}},
		{"sign-in-wrong", "sign_in", "page", &signInPage{
			Title: "Sign in", Email: "ada@example.com",
			Problem: viewProblem(problem.New(problem.Unauthenticated,
				"That e-mail address and password do not go together.")),
		}},
		{"sign-in-openid", "sign_in", "page", &signInPage{Title: "Sign in", Next: "/", OpenID: "Example ID"}},
		{"account", "account", "layout", &accountPage{
			shell: shellOf("Your account", "/account"),
			Email: "ada@example.com", Role: "owner", Password: true, OpenID: "Example ID",
			Identity: "248289761001 at https://id.example.com", Sessions: fixtureSessions(),
		}},
		{
			"identity-connect", "identity_connect", "layout",
			&identityConnectPage{
				shell: shellOf("Connect an identity", "/account", crumb{"Your account", "/account"},
					crumb{Name: "Connect an identity"}), OpenID: "Example ID", Issuer: "https://id.example.com",
				Subject: "248289761001", Connected: "7f3a at https://id.example.com",
			},
		},
		{"sign-in-again", "sign_in", "page", &signInPage{
			Title: "Sign in", Again: true, Workspace: "demo",
			Email: "ada@example.com", Next: "/account",
		}},
		{"security", "security", "layout", &securityPage{
			shell: shellOf("Security", "/security"),
			Kinds: security.Kinds(), Operator: true, Entries: fixtureSecurity(), Next: "/security?cursor=x",
		}},
		{"security-all", "security", "layout", &securityPage{
			shell: shellOf("Security", "/security"),
			Kinds: security.Kinds(), Operator: true, Filter: securityFilter{Kind: "signin.failed", Instance: true},
			Entries: fixtureSecurity(),
		}},
		{"security-empty", "security", "layout", &securityPage{
			shell: shellOf("Security", "/security"),
			Kinds: security.Kinds(),
		}},
		{"account-new", "account", "layout", &accountPage{
			shell: shellOf("Your account", "/account"),
			Email: "ada@example.com", Role: "user", OpenID: "Example ID", Fresh: true, Sessions: fixtureSessions()[:1],
			Created: &createdToken{"laptop", "mk_0123456789abcdef0123456789abcdef"},
		}},
		{"sign-in-link", "sign_in", "page", &signInPage{Title: "Sign in", Link: "link_abc"}},
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
					sourcesCrumbs(crumb{Name: "Add Integration"})...), Form: integrationForm{Locations: []locationView{{}}},
				Guide: fixtureGuide(5),
			},
		},
		{"integration-new-rejected", "integration_new", "layout", &integrationNewPage{
			shell: func() shell {
				s := shellOf("Add Integration", "/sources/credentials", sourcesCrumbs(crumb{Name: "Add Integration"})...)
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
				integrationCrumbs...), Question: "Remove the access key “legacy”?", Verb: "Remove access key", Action: "/x",
			Back: "/sources/credentials", Confirm: "legacy",
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
		{"sources-empty", "sources", "layout", &sourcesPage{shell: shellOf("Data sources", "/sources/data",
			crumb{Name: "Sources"})}},
		{"sources", "sources", "layout", &sourcesPage{shell: shellOf("Data sources", "/sources/data",
			crumb{Name: "Sources"}), Sources: []sourceView{source, source}, CanAdd: true}},
		{"source-new", "source_new", "layout", &sourceNewPage{
			shell: shellOf("Add a source", "/sources/data",
				crumb{Name: "Sources"}), Action: "/sources/data/new", Through: through,
			Form: sourceForm{Name: "DATA_SOURCE_7KQ2M9XPA"},
		}},
		{"source-edit", "source_new", "layout", &sourceNewPage{
			shell: shellOf("Edit", "/sources/data",
				crumb{Name: "Sources"}), Source: source, Action: "/sources/data/src_1/edit",
			Form: sourceForm{Name: "Sales", Pattern: "sales/**/*.csv.gz", Format: "csv", Exclude: "**/_tmp/**"},
		}},
		{
			"source-new-preview", "source", "layout",
			&sourcePage{shell: shellOf("Sales exports", "/sources/data", crumb{Name: "Sources"}), Source: source},
		},
		{"source-denied", "source", "layout", &sourcePage{
			shell: shellOf("Sales exports", "/sources/data",
				crumb{Name: "Sources"}), Source: source,
			Preview: &previewView{Problem: &problemView{Message: "The integration Sales exports is not verified, so nothing is read through it.", Hint: "Verify it first."}},
		}},
		{"source", "source", "layout", &sourcePage{
			shell: shellOf("Sales exports", "/sources/data",
				crumb{Name: "Sources"}, crumb{"Data sources", "/sources/data"}), Source: source, Preview: preview,
			Datasets: []option{{"ds_1", "SALES"}}, Form: loadForm{Dataset: "SALES"},
		}},
		{"datasets-empty", "datasets", "layout", &datasetsPage{shell: shellOf("Datasets", "/datasets")}},
		{"datasets", "datasets", "layout", &datasetsPage{
			shell:    shellOf("Datasets", "/datasets"),
			Datasets: []datasetView{fixtureDataset(), fixtureDataset()},
			Removed:  []datasetView{fixtureRemovedDataset()}, Next: "?cursor=x",
		}},
		{"dataset", "dataset", "layout", &datasetPage{
			shell: shellOf("STOCKS", "/datasets",
				crumb{"Datasets", "/datasets"}), Dataset: fixtureDataset(),
			RequestURL: "http://127.0.0.1:8080/v1/data/HARBOUR/STOCKS/AAPL?last=1&token=TOKEN",
			Curl:       "curl -H 'Authorization: Bearer TOKEN' \\\n  'http://127.0.0.1:8080/v1/data/HARBOUR/STOCKS/AAPL?last=1'", Run: requestRun{Key: "AAPL", Last: 2, Response: &responseView{Status: "200 OK", Rows: 2, Took: 840 * time.Microsecond, Text: "[\n  {\n    \"date\": \"2010-03-01\",\n    \"price\": 223.02,\n    \"symbol\": \"AAPL\"\n  }\n]"}}, Loads: fixtureLoads()[1:2],
		}},
		{"loads-empty", "loads", "layout", &loadsPage{shell: shellOf("Loads", "/loads")}},
		{"loads", "loads", "layout", &loadsPage{shell: shellOf("Loads", "/loads"), Loads: fixtureLoads()}},
		{"load-running", "load", "layout", &loadPage{
			shell: shellOf("Load", "/loads", crumb{"Loads", "/loads"}),
			Load:  fixtureLoads()[0],
		}},
		{"load-done", "load", "layout", &loadPage{
			shell: shellOf("Load", "/loads", crumb{"Loads", "/loads"}), Load: doneLoad,
			Rejects: []dataset.Rejected{{
				Object: "sales/2026/01/01.csv.gz", Line: 418, Column: "units", Value: "twelve",
				Reason: "“twelve” is no integer",
			}, {
				Object: "sales/2026/01/09.csv.gz", Line: 7,
				Reason: "the line has 5 fields, the header 4",
			}},
		}},
		{"load-queued", "load", "layout", &loadPage{
			shell: shellOf("Load", "/loads", crumb{"Loads", "/loads"}),
			Load: loadView{
				ID: "load_1", State: "queued", Source: "Sales exports", Dataset: "SALES",
				CreatedAt: fixtureTime,
			},
		}},
		{"load-failed", "load", "layout", &loadPage{
			shell: shellOf("Load", "/loads", crumb{"Loads", "/loads"}),
			Load:  fixtureLoads()[2],
		}},
		{"login", "login", "layout", &loginPage{shell: shellOf("Sign in a command", "/login")}},
		{"login-code", "login", "layout", &loginPage{
			shell: shellOf("Sign in a command", "/login"), Code: "BCDF-GHJK",
			Request: &login.Request{Name: "ada-laptop", Address: "203.0.113.7"},
		}},
		{"login-command", "login_command", "layout", &loginCommandPage{
			shell: shellOf("Sign in a command", "/login"),
			Ask:   login.Ask{Name: "ada-laptop", Redirect: "http://127.0.0.1:40123/callback"},
		}},
		{"login-command-bad", "login_command", "layout", &loginCommandPage{
			shell: shellOf("Sign in a command", "/login"), Bad: "The command sent no proof key.",
			Hint: "Run windlass login again.",
		}},
		{"login-approved", "login", "layout", &loginPage{
			shell: shellOf("Sign in a command", "/login"),
			Done:  "approved",
		}},
		{"login-denied", "login", "layout", &loginPage{shell: shellOf("Sign in a command", "/login"), Done: "denied"}},
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

func fixtureSessions() []browserView {
	return []browserView{
		{
			ID: "ses_1", Browser: "Firefox on Linux", Address: "203.0.113.7", BeganAt: fixtureTime.Add(-time.Hour),
			SeenAt: fixtureTime, Current: true,
		},
		{
			ID: "ses_2", Browser: "Safari on iPhone", Address: "2001:db8:85a3::8a2e:370:7334",
			BeganAt: fixtureTime.Add(-50 * time.Hour), SeenAt: fixtureTime.Add(-3 * time.Hour),
		},
	}
}

func fixtureSecurity() []securityView {
	entry := func(seq int64, kind security.Kind, address, subject, reason string, count int64) securityView {
		return viewSecurity(security.Entry{
			Seq: seq, Kind: kind, Address: address, Subject: subject, Workspace: "ws_01kjq7m2r5x8v3n6p9t4w0y1za",
			Reason: reason,
			Count:  count, First: fixtureTime.Add(-8 * time.Minute), Last: fixtureTime,
			RequestID: "req_01kjq7m2r5x8v3n6p9t4w0y1za",
		}, securityFilter{})
	}
	return []securityView{
		entry(41, security.SignInFailed, "203.0.113.7", "mem_01kjq7m2r5x8v3n6p9t4w0y1za", "The password is wrong.",
			1234),
		entry(40, security.TokenUnknown, "2001:db8:85a3:1::/64", "", "The token is unknown.", 1),
		entry(39, security.SignInLimited, security.Many, "", "Too many attempts failed.", 120_000),
		entry(38, security.SignInSucceeded, "198.51.100.9", "mem_01kjq7m2r5x8v3n6p9t4w0y1za", "The member signed in.",
			1),
		entry(37, security.RoleChanged, "", "mem_01kjq7m2r5x8v3n6p9t4w0y1za", "The role changed from editor to admin.",
			1),
	}
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

func fixtureRemovedDataset() datasetView {
	d := fixtureDataset()
	d.RemovedAt = fixtureTime
	return d
}
