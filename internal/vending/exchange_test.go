package vending_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// preset is one of the CI services with its provider, a condition that a grant
// on it has, and its token.
type preset struct {
	provider  provider.Draft
	condition grant.Condition
	claims    func(time.Time) vendingtest.Claims
	identity  string // how the source identity begins
}

func presets() map[string]preset {
	circle := preset{
		provider.Draft{Kind: provider.CircleCI, Organization: vendingtest.CircleOrg},
		grant.Condition{
			Claim: "oidc.circleci.com/project-id", Operator: grant.Equals,
			Values: []string{vendingtest.CircleProject},
		},
		func(now time.Time) vendingtest.Claims { return vendingtest.CircleCI(now, false) },
		"windlass-u-" + vendingtest.CircleUser,
	}
	v2 := circle
	v2.claims = func(now time.Time) vendingtest.Claims { return vendingtest.CircleCI(now, true) }
	return map[string]preset{
		"CircleCI v1": circle,
		"CircleCI v2": v2,
		"GitHub Actions": {
			provider.Draft{Kind: provider.GitHub, Organization: "65"},
			grant.Condition{Claim: "repository_id", Operator: grant.Equals, Values: []string{"74"}},
			vendingtest.GitHub, "windlass-u-1234567-",
		},
		"GitLab": {
			provider.Draft{Kind: provider.GitLab},
			grant.Condition{Claim: "project_id", Operator: grant.OneOf, Values: []string{"19", "20"}},
			vendingtest.GitLab, "windlass-u-1-",
		},
		"Buildkite": {
			provider.Draft{Kind: provider.Buildkite},
			grant.Condition{
				Claim: "pipeline_id", Operator: grant.Equals,
				Values: []string{"018499b0-aaaa-4bbb-8ccc-ddddeeeeffff"},
			},
			vendingtest.Buildkite, "windlass-p-018499b0-aaaa",
		},
		"HCP Terraform": {
			provider.Draft{Kind: provider.Terraform},
			grant.Condition{
				Claim: "terraform_workspace_id", Operator: grant.Equals,
				Values: []string{"ws-mbsd5E3Ktt5Rg2Xm"},
			},
			vendingtest.Terraform, "windlass-p-ws-mbsd5E3Ktt5Rg2Xm-",
		},
	}
}

// A job of each service gets credentials that can read its prefix and nothing
// else.
func TestEachService(t *testing.T) {
	t.Parallel()
	for name, p := range presets() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := vendingtest.Start(t)
			made := w.MustProvider(t, p.provider)
			g := w.MustGrant(t, grant.Draft{Provider: made.ID, Conditions: []grant.Condition{p.condition}})
			answer := w.Exchange(t, w.Issuer.Sign(t, p.claims(w.Now())), "")
			if answer.Status != http.StatusOK || answer.Header.Get("Cache-Control") != "no-store" {
				t.Fatalf("the exchange answers %d: %s\n%s", answer.Status, answer.Body, reasons(t, w))
			}
			c := answer.Credentials
			if c.Grant != g.ID || c.Prefix != "ci/app/" || len(c.SourceIdentity) < len(p.identity) ||
				c.SourceIdentity[:len(p.identity)] != p.identity {
				t.Errorf("got %s", answer.Body)
			}
			reads(t, w, c)
		})
	}
}

// reads checks with the SDK what credentials for ci/app/ can read.
func reads(t *testing.T, w *vendingtest.World, c api.CICredentials) {
	t.Helper()
	client := w.S3(c)
	for key, open := range map[string]bool{
		"ci/app/a.txt": true, "ci/app-old/b.txt": false, "ci/other/c.txt": false,
		"private/salaries.csv": false, "daily/prices.csv": false,
	} {
		out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(vendingtest.Bucket), Key: &key})
		if err == nil {
			_ = out.Body.Close()
		}
		if (err == nil) != open {
			t.Errorf("getting %s: %v", key, err)
		}
	}
	for prefix, open := range map[string]bool{"ci/app/": true, "ci/app": false, "ci/": false, "": false} {
		if _, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{
			Bucket: aws.String(vendingtest.Bucket),
			Prefix: &prefix,
		}); (err == nil) != open {
			t.Errorf("listing %q: %v", prefix, err)
		}
	}
}

// reasons returns why exchanges were refused, for the message of a failed test.
func reasons(t *testing.T, w *vendingtest.World) []string {
	t.Helper()
	var out []string
	for _, workspace := range []string{vendingtest.Workspace, ""} {
		for _, e := range w.Entries(t, workspace, "grant.use") {
			out = append(out, string(e.Outcome)+": "+e.Reason)
		}
	}
	return out
}
