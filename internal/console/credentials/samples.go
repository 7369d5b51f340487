package credentials

import (
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/view"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page { return append(overviewSamples(), keySamples()...) }

func overviewSamples() []sample.Page {
	return []sample.Page{
		sample.New("credentials-new", "credentials/credentials", &credentialsPage{
			Frame: sample.Frame("Credentials", "/sources/credentials", page.Crumb{Name: "Sources"}),
			Guide: sample.Guide(1),
		}),
		sample.New("credentials", "credentials/credentials", &credentialsPage{
			Frame:        sample.Frame("Credentials", "/sources/credentials", page.Crumb{Name: "Sources"}),
			Integrations: []view.Integration{sample.Integration("unverified")}, Guide: sample.Guide(7),
			Keys: []keyView{{
				ID: "cred_1", Name: "CREDENTIAL_7KQ2M9XPA", AccessKeyID: "AKIA…X7QP",
				CreatedAt: sample.Time.Add(-50 * time.Hour),
			}, {
				ID: "cred_2", Name: "circleci", AccessKeyID: "AKIA…M2RT",
				CreatedAt: sample.Time.Add(-100 * 24 * time.Hour), Due: true,
			}},
		}),
		sample.New("credentials-reserved", "credentials/credentials", &credentialsPage{
			Frame:        sample.Frame("Credentials", "/sources/credentials", page.Crumb{Name: "Sources"}),
			Integrations: []view.Integration{sample.Integration("reserved")}, Guide: func() *view.Guide {
				g := sample.Guide(7)
				g.Reserved, g.Now = true, view.GuideMade
				return g
			}(),
		}),
		sample.New("credentials-several", "credentials/credentials", &credentialsPage{
			Frame: sample.Frame("Credentials", "/sources/credentials", page.Crumb{Name: "Sources"}),
			Integrations: []view.Integration{
				sample.Integration("verified"), sample.Integration("failing"),
				sample.Integration("reserved"),
			}, Removed: []view.Integration{sample.Integration("removed")},
		}),
		sample.New("credential-new", "credentials/new",
			&credentialNewPage{
				Frame: sample.Frame("Add access key", "/sources/credentials",
					sample.SourcesCrumbs(page.Crumb{Name: "Add access key"})...),
				Form: keyForm{Name: "CREDENTIAL_7KQ2M9XPA"},
			}),
	}
}

// keySamples returns an access key, before and after its verification.
func keySamples() []sample.Page {
	key := sample.Verification("verified")
	key.Credential, key.Integration = "cred_1", ""
	key.Checks = []view.Check{
		{
			Code:    "access-key",
			Status:  "warn",
			Detail:  "The key AKIA…X7QP is a long-term key: anyone who has it gets in until somebody deletes it.",
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
	keyPage := func(run *view.Verification) *credentialPage {
		return &credentialPage{
			Frame: sample.Frame("legacy", "/sources/credentials", sample.SourcesCrumbs(page.Crumb{Name: "legacy"})...),
			Key: keyView{
				ID: "cred_1", Name: "legacy", AccessKeyID: "AKIA…X7QP",
				CreatedAt: sample.Time.Add(-50 * time.Hour),
			},
			Form: keyVerifyForm{Bucket: "harbour-exports", Prefix: "sales/"}, Verification: run,
		}
	}
	return []sample.Page{
		sample.New("credential", "credentials/credential", keyPage(nil)),
		sample.New("credential-verified", "credentials/credential", keyPage(key)),
	}
}
