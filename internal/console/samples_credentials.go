package console

import (
	"time"
)

// credentialsSamples returns the pages in each of their states.
func credentialsSamples() []fixture { return append(overviewSamples(), keySamples()...) }

func overviewSamples() []fixture {
	return []fixture{
		sampleOf("credentials-new", "credentials", &credentialsPage{
			shell: shellOf("Credentials", "/sources/credentials", crumb{Name: "Sources"}),
			Guide: fixtureGuide(1),
		}),
		sampleOf("credentials", "credentials", &credentialsPage{
			shell:        shellOf("Credentials", "/sources/credentials", crumb{Name: "Sources"}),
			Integrations: []integrationView{fixtureIntegration("unverified")}, Guide: fixtureGuide(7),
			Keys: []keyView{{
				ID: "cred_1", Name: "CREDENTIAL_7KQ2M9XPA", AccessKeyID: "AKIA…X7QP",
				CreatedAt: fixtureTime.Add(-50 * time.Hour),
			}, {
				ID: "cred_2", Name: "circleci", AccessKeyID: "AKIA…M2RT",
				CreatedAt: fixtureTime.Add(-100 * 24 * time.Hour), Due: true,
			}},
		}),
		sampleOf("credentials-reserved", "credentials", &credentialsPage{
			shell:        shellOf("Credentials", "/sources/credentials", crumb{Name: "Sources"}),
			Integrations: []integrationView{fixtureIntegration("reserved")}, Guide: func() *guideView {
				g := fixtureGuide(7)
				g.Reserved, g.Now = true, guideMade
				return g
			}(),
		}),
		sampleOf("credentials-several", "credentials", &credentialsPage{
			shell: shellOf("Credentials", "/sources/credentials", crumb{Name: "Sources"}),
			Integrations: []integrationView{
				fixtureIntegration("verified"), fixtureIntegration("failing"),
				fixtureIntegration("reserved"),
			}, Removed: []integrationView{fixtureIntegration("removed")},
		}),
		sampleOf("credential-new", "credential_new", &credentialNewPage{shell: shellOf("Add access key", "/sources/credentials",
			sourcesCrumbs(crumb{Name: "Add access key"})...), Form: keyForm{Name: "CREDENTIAL_7KQ2M9XPA"}}),
	}
}

// keySamples returns an access key, before and after its verification.
func keySamples() []fixture {
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
	return []fixture{
		sampleOf("credential", "credential", keyPage(nil)),
		sampleOf("credential-verified", "credential", keyPage(key)),
	}
}
