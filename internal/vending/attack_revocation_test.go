package vending_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
)

// reach reports whether vended credentials still read their object.
func reach(t *testing.T, s *stage, v vending.Vended) error {
	t.Helper()
	client := s.AWS.S3(aws.Credentials{
		AccessKeyID:     v.Keys.AccessKeyID,
		SecretAccessKey: v.Keys.SecretAccessKey.Reveal(), SessionToken: v.Keys.SessionToken.Reveal(),
	},
		func(o *s3.Options) { o.RetryMaxAttempts = 1 })
	out, err := client.GetObject(t.Context(), &s3.GetObjectInput{
		Bucket: aws.String(vendingtest.Bucket),
		Key:    aws.String("ci/app/a.txt"),
	})
	if err == nil {
		_ = out.Body.Close()
	}
	return err
}

// TestAttackRevocation uses what was revoked: no new credentials, and with the
// printed policy on the role no old ones either. Those of others live on.
func TestAttackRevocation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		target func(*stage) vending.Target
		reason string
		// whose credentials stay valid
		otherGrant, otherUser bool
	}{
		"a grant": {
			func(s *stage) vending.Target { return vending.Target{Grant: s.grant.ID} },
			"doesn't match the grant", true, false,
		},
		"a grant by name": {
			func(s *stage) vending.Target { return vending.Target{Grant: "app"} },
			"doesn't match the grant", true, false,
		},
		"a provider": {
			func(s *stage) vending.Target { return vending.Target{Provider: s.provider.Name} },
			"No provider has the issuer", false, false,
		},
		"an integration": {
			func(s *stage) vending.Target { return vending.Target{Integration: s.Integration.Name} },
			"integration is revoked", false, false,
		},
		"a user": {func(s *stage) vending.Target {
			return vending.Target{User: vendingtest.CircleUser, Provider: s.provider.ID}
		}, "user is revoked", false, true},
		"a user, of a provider by name": {func(s *stage) vending.Target {
			return vending.Target{User: vendingtest.CircleUser, Provider: s.provider.Name}
		}, "user is revoked", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stageOf(t, "CircleCI v1", nil)
			job := grant.Condition{
				Claim: "oidc.circleci.com/vcs-ref", Operator: grant.Equals,
				Values: []string{"refs/heads/other"},
			}
			s.MustGrant(t, grant.Draft{
				Name: "other", Provider: s.provider.ID,
				Conditions: []grant.Condition{presets()["CircleCI v1"].condition, job},
			})
			app := vending.Request{Grant: "app"}
			mine := s.vends(t, s.token(t, nil), app)
			otherGrant := s.vends(t, s.token(t, vendingtest.Claims{"oidc.circleci.com/vcs-ref": "refs/heads/other"}),
				vending.Request{Grant: "other"})
			otherUser := s.vends(t, s.token(t, vendingtest.Claims{"sub": "org/" + vendingtest.CircleOrg + "/project/" +
				vendingtest.CircleProject + "/user/00000000-0000-4000-8000-000000000000"}), app)
			if err := reach(t, s, mine); err != nil {
				t.Fatalf("the baseline: %v", err)
			}
			_, documents, err := s.Vending.Revoke(t.Context(), s.Actor, vendingtest.Workspace, c.target(s),
				impact.Waived())
			if err != nil || len(documents) != 1 || documents[0].Applied ||
				documents[0].RoleARN != string(s.Integration.RoleARN) {
				t.Fatalf("revoked: %+v %v", documents, err)
			}
			before := s.Carrier.Calls()
			ask := vending.Request{}
			if strings.HasPrefix(c.reason, "integration") || strings.HasPrefix(c.reason, "user") {
				ask = app
			}
			s.refuses(t, s.token(t, nil), ask, c.reason)
			if s.Carrier.Calls() != before {
				t.Error("AWS was asked")
			}
			if err := reach(t, s, mine); err != nil {
				t.Fatalf("live credentials ended before anything was put on the role: %v", err)
			}
			s.MustPolicy(t, documents[0].PolicyName, string(documents[0].Policy))
			if !denied(reach(t, s, mine)) {
				t.Error("live credentials of what was revoked still work")
			}
			if got := reach(t, s, otherGrant) == nil; got != c.otherGrant {
				t.Errorf("another grant's credentials work: %v", got)
			}
			if got := reach(t, s, otherUser) == nil; got != c.otherUser {
				t.Errorf("another user's credentials work: %v", got)
			}
		})
	}
	t.Run("applied, where the role allows it", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		vended := s.works(t)
		_, documents, err := s.Vending.Revoke(t.Context(), s.Actor, vendingtest.Workspace,
			vending.Target{User: vendingtest.CircleUser, Provider: s.provider.ID, Apply: true}, impact.Waived())
		if err != nil || documents[0].Applied || !strings.Contains(documents[0].Detail,
			"isn't allowed to attach the policy to itself (AccessDenied") {
			t.Fatalf("not allowed: %+v %v", documents, err)
		}
		s.MustPolicy(t, "self", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:PutRolePolicy","Resource":"`+string(s.Integration.RoleARN)+`"}}`)
		_, documents, err = s.Vending.Revoke(t.Context(), s.Actor, vendingtest.Workspace,
			vending.Target{User: vendingtest.CircleUser, Provider: s.provider.ID, Apply: true}, impact.Waived())
		if err != nil || !documents[0].Applied || !denied(reach(t, s, vended)) {
			t.Fatalf("allowed: %+v %v", documents, err)
		}
		if _, err := s.AWS.IAM(s.AWS.Customer.Keys).GetRolePolicy(t.Context(),
			&iam.GetRolePolicyInput{
				RoleName:   aws.String(doctortest.RoleName),
				PolicyName: &documents[0].PolicyName,
			}); err != nil {
			t.Error(err)
		}
	})
	t.Run("while AWS is asked", func(t *testing.T) {
		t.Parallel()
		roles := &watched{}
		s := stageOf(t, "CircleCI v1", nil, watch(roles))
		s.works(t)
		roles.then = func() {
			if _, err := s.Grants.Revoke(t.Context(), s.Actor, vendingtest.Workspace, s.grant.ID,
				impact.Waived()); err != nil {
				t.Error(err)
			}
		}
		s.refuses(t, s.token(t, nil), vending.Request{}, "while the role was assumed")
	})
	t.Run("disabled while AWS is asked", func(t *testing.T) {
		t.Parallel()
		roles := &watched{}
		s := stageOf(t, "CircleCI v1", nil, watch(roles))
		s.works(t)
		roles.then = func() {
			yes := true
			if _, err := s.World.World.Integrations.Update(t.Context(), s.Actor, vendingtest.Workspace,
				s.Integration.ID, integration.Change{Disabled: &yes}); err != nil {
				t.Error(err)
			}
		}
		s.refuses(t, s.token(t, nil), vending.Request{}, "integration was changed while the role was assumed")
	})
	t.Run("undone", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		user := vending.Target{User: vendingtest.CircleUser, Provider: s.provider.ID}
		made, _, err := s.Vending.Revoke(t.Context(), s.Actor, vendingtest.Workspace, user, impact.Waived())
		if err != nil {
			t.Fatal(err)
		}
		s.refuses(t, s.token(t, nil), vending.Request{}, "user is revoked")
		if err := s.Vending.Undo(t.Context(), s.OtherActor, vendingtest.Other, made.ID); !problem.Is(err,
			problem.NotFound) {
			t.Errorf("another workspace: got %v", err)
		}
		s.refuses(t, s.token(t, nil), vending.Request{}, "user is revoked")
		if err := s.Vending.Undo(t.Context(), s.Actor, vendingtest.Workspace, made.ID); err != nil {
			t.Fatal(err)
		}
		s.works(t)
		ended, _, err := s.Vending.Revoke(t.Context(), s.Actor, vendingtest.Workspace,
			vending.Target{Grant: s.grant.ID}, impact.Waived())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Vending.Undo(t.Context(), s.Actor, vendingtest.Workspace, ended.ID); !problem.Is(err,
			problem.NotFound) {
			t.Errorf("a grant's revocation is undone: %v", err)
		}
		if _, _, err := s.Grants.Replace(t.Context(), s.Actor, vendingtest.Workspace, s.grant.ID,
			grant.Draft{}); !problem.Is(err, problem.Conflict) {
			t.Errorf("a revoked grant is changed: %v", err)
		}
		s.refuses(t, s.token(t, nil), vending.Request{}, "There are no grants")
	})
	t.Run("a grant's end", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", func(d *grant.Draft) { d.NotAfter = time.Now().Add(time.Hour) })
		if got := s.works(t); time.Until(got.Keys.Expires) > time.Hour {
			t.Errorf("credentials outlive their grant: %s", got.Keys.Expires)
		}
		s.Advance(50 * time.Minute)
		s.refuses(t, s.token(t, nil), vending.Request{}, "expires in less than 15 minutes")
		s.Advance(10 * time.Minute)
		s.refuses(t, s.token(t, nil), vending.Request{}, "has expired")
	})
	t.Run("nothing, or too much, is named", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v1", nil)
		for _, target := range []vending.Target{
			{},
			{User: "x"},
			{Grant: "app", Provider: "circleci"},
			{Grant: "app", Integration: "acme"},
			{User: "../x", Provider: s.provider.ID},
		} {
			if _, _, err := s.Vending.Revoke(t.Context(), s.Actor, vendingtest.Workspace, target,
				impact.Waived()); !problem.Is(err, problem.Invalid) {
				t.Errorf("%+v: got %v", target, err)
			}
		}
	})
}
