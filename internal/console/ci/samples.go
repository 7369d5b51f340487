package ci

import (
	"time"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/setup/ci"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	head := func(title string) page.Frame { return sample.Frame(title, "/ci") }
	provided := []providerView{{
		"prv_1", "circleci", "CircleCI",
		"https://oidc.circleci.com/org/6f0c2f7e-3c0f-4f4e-9a9c-0d8b1d5a7c21", "6f0c2f7e-3c0f-4f4e-9a9c-0d8b1d5a7c21",
		"6f0c2f7e-3c0f-4f4e-9a9c-0d8b1d5a7c21", nil, sample.Time,
	}}
	granted := []grantView{{
		ID: "grt_1", Name: "app-main", ProviderName: "circleci", Integration: "Sales exports",
		Bucket: "harbour-exports", Prefixes: []string{"sales/ci/${user}/"},
		Actions: "list, read", Conditions: []string{"oidc.circleci.com/project-id=0f3a5d0e-1c2b-4a3d-8e9f-7a6b5c4d3e2f"}, Duration: time.Hour, Users: 2,
	}}
	exchanges := []view.Entry{
		{
			Time: sample.Time.Add(-time.Minute), Actor: "circleci user 1f2e3d4c", Address: "192.0.2.7",
			Resource: "app-main", Outcome: "done", Reason: "Credentials were issued.",
		},
		{
			Time: sample.Time.Add(-time.Hour), Actor: "", Address: "192.0.2.9", Resource: "", Outcome: "denied",
			Reason: "grant: no grant accepts it",
		},
	}
	options := []page.Option{{Value: "Sales exports", Name: "Sales exports"}}
	explained := &ciExplainPage{
		Frame: head("Explain a token"), Outcome: &tokenOutcome{
			false, "No grant accepts the token.",
			"See the result of each grant below.",
		},
		Checks: []tokenCheck{
			{"The token can be read", "pass", ""},
			{"Exactly one grant accepts it", "fail", "None of 1 does."},
			{"It hasn’t been exchanged yet", "skip", ""},
		},
		Token: []pair{
			{"Issuer", "https://oidc.circleci.com/org/6f0c2f7e-3c0f-4f4e-9a9c-0d8b1d5a7c21"},
			{"Subject", "org/6f0c/project/0f3a/user/1f2e"},
		},
		Verdicts: []grantVerdict{{
			"app-main", "another project", false,
			[]grantFinding{{"The project is a different one.", false}, {"It isn’t a fork.", true}},
		}},
		Session: &sessionView{[]pair{{"Role", sample.Role}}, sample.PermissionPolicy},
	}
	return append(setupSamples(head, options),
		sample.New("ci-access-empty", "ci/access", &ciAccessPage{Frame: head("CI access")}),
		sample.New("ci-access", "ci/access", &ciAccessPage{
			Frame: head("CI access"), Providers: provided,
			Grants: granted, Exchanges: exchanges,
		}),
		sample.New("ci-grant", "ci/grant", &ciGrantPage{
			Frame:     head("Add a grant"),
			Form:      grantForm{Actions: []string{"list", "read"}, Minutes: "60", Exchanges: "1"},
			Providers: []page.Option{{Value: "prv_1", Name: "circleci"}}, Integrations: options, Kind: "CircleCI",
			Claims: []claimView{{"oidc.circleci.com/project-id", "project, an ID that never changes"}},
		}),
		sample.New("ci-grant-members", "ci/grant", &ciGrantPage{
			Frame: head("Add a grant"), Form: grantForm{Forks: true},
			Providers: []page.Option{{Value: "members", Name: "Members who are signed in"}}, Integrations: options,
		}),
		sample.New("ci-revoke", "ci/revoke", &ciRevokePage{
			Frame: head("Revoke app-main"), Kind: "grant",
			ID: "grt_1", Name: "app-main", Summary: "1 grant stops.", Confirm: "app-main",
			Stops: []page.Stop{{Icon: "ticket", Name: "app-main", Text: "grant: issues no credentials any more"}},
		}),
		sample.New("ci-revoked", "ci/revoke", &ciRevokePage{
			Frame: head("Revoke app-main"), Kind: "grant",
			ID: "grt_1", Name: "app-main", Done: true,
			Roles: []endedRole{{
				sample.Role, true, "",
				[]page.Code{{ID: "p", Label: "Policy", Language: "json", Text: sample.PermissionPolicy}},
			}},
		}),
		sample.New("ci-explain-empty", "ci/explain", &ciExplainPage{Frame: head("Explain a token")}),
		sample.New("ci-explain", "ci/explain", explained),
		sample.New("ci-reach-empty", "ci/reach", &ciReachPage{Frame: sample.Frame("Who can reach it", "/reach")}),
		sample.New("ci-reach-nobody", "ci/reach", &ciReachPage{
			Frame:    sample.Frame("Who can reach it", "/reach"),
			Location: "s3://harbour-exports/", Asked: "s3://harbour-exports/",
		}),
		sample.New("ci-reach", "ci/reach", &ciReachPage{
			Frame:    sample.Frame("Who can reach it", "/reach"),
			Location: "s3://harbour-exports/ci/", Asked: "s3://harbour-exports/ci/", Ways: sampleReach(),
		}),
	)
}

// setupSamples returns samples of the page: without input, and with the
// documents of each of the three ways.
func setupSamples(head func(string) page.Frame, options []page.Option) []sample.Page {
	page := func(order ci.Order) *ciSetupPage {
		p := &ciSetupPage{
			Frame: head("CI access"), CI: string(order.CI), Way: string(order.Way), Ways: wayChoices(order.Way),
			Integrations: options,
			Form: ciForm{
				Bucket: order.Bucket, Prefix: order.Prefix, Access: string(order.Access),
				Integration: order.Integration,
			},
		}
		for _, o := range ciNames {
			p.CIs = append(p.CIs, ciChoice{o.Value, o.Name, o.Value == p.CI})
		}
		for _, f := range ci.Fields(order.CI, order.Way) {
			if f.Name != "integration" && f.Name != "workspace" {
				p.Fields = append(p.Fields, ciField{Field: f, Usual: usualOf(f.Name, order.CI)})
			}
		}
		guide, err := ci.Write(order)
		if p.Problem = page.ProblemOf(err); err == nil {
			p.Guide = viewGuide(guide)
		}
		return p
	}
	order := ci.Order{
		CI: provider.CircleCI, Way: ci.Brokered, Server: "https://windlass.example.com",
		Workspace: "harbour", Access: generate.Read,
	}
	whole := order
	whole.Integration, whole.Bucket, whole.Prefix, whole.Account = "sales-exports", "harbour-exports", "ci/",
		"123456789012"
	whole.Job = ci.Job{
		OrganizationID: "6f0c2f7e-3c0f-4f4e-9a9c-0d8b1d5a7c21",
		ProjectID:      "0f3a5d0e-1c2b-4a3d-8e9f-7a6b5c4d3e2f",
	}
	direct, user := whole, whole
	direct.Way, user.Way = ci.Direct, ci.User
	return []sample.Page{
		sample.New("ci-empty", "ci/setup", page(order)),
		sample.New("ci-brokered", "ci/setup", page(whole)),
		sample.New("ci-direct", "ci/setup", page(direct)),
		sample.New("ci-user", "ci/setup", page(user)),
	}
}

func sampleReach() []reachView {
	actions := func(list, read, write string) []reachAction {
		return []reachAction{{"list", list}, {"read", read}, {"write", write}, {"delete", "no"}}
	}
	return []reachView{
		{
			Who: "Windlass", Sub: "loads it; members and tokens can read the loaded rows",
			Through: "the integration Sales exports", Address: "s3://harbour-exports/ci/",
			Actions: actions("yes", "yes", "no"), Open: true,
		},
		{
			Who: "CI jobs of 1f2e3d4c-5b6a-4789-90ab-cdef01234567", Sub: "that this user triggered",
			Through: "the grant app-main", Address: "s3://harbour-exports/ci/app/", Part: true,
			Actions: actions("yes", "yes", "yes"), Open: true,
		},
		{
			Who: "Every member", Through: "the grant people", Address: "s3://harbour-exports/ci/",
			Actions: actions("no", "no", "no"), Closed: "The integration is failing.",
		},
		{
			Who: "Anyone who has the key", Through: "the access key CREDENTIAL_7KQ2M9XPA",
			Address: "s3://harbour-exports/ci/", Actions: actions("unknown", "unknown", "unknown"), Open: true,
			Note: "Only the key’s owner knows what it can do.",
		},
	}
}
