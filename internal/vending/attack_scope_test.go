package vending_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
)

// TestAttackAsk asks for more than the grant gives.
func TestAttackAsk(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "CircleCI v2", nil)
	for _, good := range []vending.Request{
		{Prefix: "ci/app/"},
		{Prefix: "ci/app/deep"},
		{Actions: []grant.Action{grant.Read}},
		{Duration: 15 * time.Minute},
	} {
		s.vends(t, s.token(t, nil), good)
	}
	s.quiet(t)
	const outside, location = "outside the grant's prefixes", "location isn't valid"
	for name, c := range map[string]struct {
		ask    vending.Request
		reason string
	}{
		"the prefix above":           {vending.Request{Prefix: "ci/"}, outside},
		"a prefix beside":            {vending.Request{Prefix: "ci/other/"}, outside},
		"a prefix that begins alike": {vending.Request{Prefix: "ci/app-old/"}, outside},
		"the beginning of a segment": {vending.Request{Prefix: "ci/ap"}, outside},
		"another case":               {vending.Request{Prefix: "CI/app/"}, outside},
		"a way out":                  {vending.Request{Prefix: "ci/app/../other/"}, location},
		"a dot":                      {vending.Request{Prefix: "ci/app/./"}, location},
		"an empty segment":           {vending.Request{Prefix: "ci/app//"}, location},
		"a slash before":             {vending.Request{Prefix: "/ci/app/"}, location},
		"everything by a slash":      {vending.Request{Prefix: "/"}, location},
		"a star":                     {vending.Request{Prefix: "ci/app/*"}, location},
		"a question mark":            {vending.Request{Prefix: "ci/app/?/"}, location},
		"a variable":                 {vending.Request{Prefix: "ci/app/${aws:PrincipalTag/x}/"}, location},
		"an escaped star":            {vending.Request{Prefix: "ci/app/${*}/"}, location},
		"NUL":                        {vending.Request{Prefix: "ci/app/\x00/"}, location},
		"a line feed":                {vending.Request{Prefix: "ci/app/\n/"}, location},
		"a quote":                    {vending.Request{Prefix: "\"],\"Resource\":[\"*"}, location},
		"no Unicode":                 {vending.Request{Prefix: "ci/app/\xff/"}, location},
		"a letter in two parts":      {vending.Request{Prefix: "ci/app/e\u0301/"}, location},
		"too long":                   {vending.Request{Prefix: "ci/app/" + strings.Repeat("x", 600) + "/"}, location},
		"to write": {
			vending.Request{Actions: []grant.Action{grant.Read, grant.Write}},
			"doesn't allow the action",
		},
		"to delete": {
			vending.Request{Actions: []grant.Action{grant.Delete}},
			"doesn't allow the action",
		},
		"everything": {vending.Request{Actions: []grant.Action{"*"}}, "doesn't allow the action"},
		"an action of S3": {
			vending.Request{Actions: []grant.Action{"s3:GetObject"}},
			"doesn't allow the action",
		},
		"an action in capitals": {vending.Request{Actions: []grant.Action{"READ"}}, "doesn't allow the action"},
		"longer": {
			vending.Request{Duration: time.Hour + time.Second},
			"The grant allows 15 minutes",
		},
		"forever":                {vending.Request{Duration: 1 << 62}, "The grant allows 15 minutes"},
		"shorter than AWS gives": {vending.Request{Duration: time.Minute}, "The grant allows 15 minutes"},
		"for less than nothing":  {vending.Request{Duration: -time.Hour}, "The grant allows 15 minutes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.refuses(t, s.token(t, nil), c.ask, c.reason)
		})
	}
}

// TestAttackUser uses user IDs that are more than one segment of a prefix.
func TestAttackUser(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "GitHub Actions", func(d *grant.Draft) { d.Prefixes = []string{"ci/people/${user}/"} })
	if got := s.works(t); got.Prefixes[0] != "ci/people/1234567/" || !strings.HasPrefix(got.SourceIdentity,
		"windlass-u-1234567-") {
		t.Fatalf("vended %v to %s", got.Prefixes, got.SourceIdentity)
	}
	s.quiet(t)
	const reason = "can't be part of a prefix"
	for name, c := range map[string]struct {
		id     any
		reason string
	}{
		"two segments": {"1234567/../../private", "other users"}, "a way out": {"..", "other users"},
		"a dot": {".", "other users"}, "a star": {"*", "other users"},
		"a question mark": {"123456?", "other users"}, "a variable": {"${aws:username}", "other users"},
		"the variable itself": {"${user}", "other users"},
		"empty":               {"", "has no user"}, "none": {nil, "has no user"}, "a space": {" ", "other users"},
		"a line feed":    {"1\n", "other users"},
		"a slash behind": {"1234567/", "other users"}, "a backslash": {`1\2`, "other users"},
		"a letter that looks alike": {"\u0430", "other users"},
		"too long":                  {strings.Repeat("1", 200), "other users"}, "a quote": {`1","*`, "other users"},
		"NUL": {"1\x00", "other users"}, "a number": {1234567, "has no user"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := c.reason
			if want == "other users" {
				want = reason // whoever the grant is for, the prefix isn't valid
			}
			s.refuses(t, s.token(t, vendingtest.Claims{"actor_id": c.id}), vending.Request{}, want)
		})
	}
}

// TestAttackPolicy vends every set of actions, and compares what the sandbox
// allows the credentials with the decisions of package iam for their session
// policy.
func TestAttackPolicy(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "CircleCI v2", func(d *grant.Draft) {
		d.Actions, d.Prefixes = grant.Actions(), []string{"ci/app/", "ci/with space/+&%'(ü)/"}
	})
	everything := mustCompile(t, iam.Identity, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	keys := []string{
		"ci/app/a.txt", "ci/app/new.txt", "ci/app/deep/er.txt", "ci/app", "ci/app-old/b.txt", "ci/APP/a.txt", "ci/",
		"private/salaries.csv", "ci/with space/+&%'(ü)/x", "ci/with space/x",
		"ci/other/ci/app/a.txt", "x/ci/app/a.txt", "ci/app*/a.txt", "ci/with space/+&%'(u)/x",
	}
	for bits := 1; bits < 16; bits++ {
		var actions []grant.Action
		for i, a := range grant.Actions() {
			if bits&(1<<i) > 0 {
				actions = append(actions, a)
			}
		}
		t.Run(fmt.Sprint(actions), func(t *testing.T) {
			t.Parallel()
			ask := vending.Request{Actions: actions}
			explained, err := s.Vending.Explain(t.Context(), s.Actor, vendingtest.Workspace, secretOf(s.token(t, nil)),
				ask)
			if err != nil || explained.Session == nil {
				t.Fatalf("explained: %+v %v", explained, err)
			}
			policies := &iam.Policies{
				Identity: []*iam.Compiled{everything},
				Session:  []*iam.Compiled{mustCompile(t, iam.Session, explained.Session.Policy)},
			}
			vended := s.vends(t, s.token(t, nil), ask)
			client := s.AWS.S3(aws.Credentials{
				AccessKeyID:     vended.Keys.AccessKeyID,
				SecretAccessKey: vended.Keys.SecretAccessKey.Reveal(), SessionToken: vended.Keys.SessionToken.Reveal(),
			},
				func(o *s3.Options) { o.RetryMaxAttempts = 1 })
			for _, key := range keys {
				key += fmt.Sprint(bits) // its own key, which exists until it is deleted
				s.AWS.MustPut(t, s.AWS.Customer.Keys, vendingtest.Bucket, key, "x")
				inside := strings.HasPrefix(key, "ci/app/") || strings.HasPrefix(key, "ci/with space/+&%'(ü)/")
				for _, c := range calls(client, key) {
					want := inside && slices.Contains(actions, c.action)
					if got := iam.Evaluate(policies, c.request(key)).Allowed(); got != want {
						t.Errorf("iam: %s of %q: %v", c.action, key, got)
					}
					if err := c.do(t); denied(err) == want {
						t.Errorf("the sandbox: %s of %q: %v", c.action, key, err)
					}
				}
			}
		})
	}
}

// TestAttackNarrowedIntegration uses a grant from before its integration was
// narrowed.
func TestAttackNarrowedIntegration(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*integration.Change)
		verify bool
		reason string
	}{
		"a location less": {func(c *integration.Change) {
			c.Locations = &[]object.Location{{Bucket: vendingtest.Bucket, Prefix: "daily/"}}
		}, true, "no longer covers the grant's location"},
		"only reading": {
			func(c *integration.Change) { read := integration.Read; c.Access = &read }, true,
			"is read-only now",
		},
		"not verified": {
			func(c *integration.Change) { read := integration.Read; c.Access = &read }, false,
			"isn't verified yet",
		},
		"not for vending": {func(c *integration.Change) { off := false; c.Vending = &off }, true, "Vending is off"},
		"disabled":        {func(c *integration.Change) { yes := true; c.Disabled = &yes }, false, "is disabled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stageOf(t, "CircleCI v2", func(d *grant.Draft) { d.Actions = grant.Actions() })
			s.works(t)
			var change integration.Change
			c.change(&change)
			if _, err := s.World.World.Integrations.Update(t.Context(), s.Actor, vendingtest.Workspace,
				s.Integration.ID, change); err != nil {
				t.Fatal(err)
			}
			if c.verify {
				s.Settle()
				s.MustVerify(t, s.Integration)
			}
			before := s.Carrier.Calls()
			s.refuses(t, s.token(t, nil), vending.Request{}, c.reason)
			if s.Carrier.Calls() != before {
				t.Error("AWS was asked")
			}
		})
	}
	t.Run("writing not verified", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v2", func(d *grant.Draft) { d.Actions = grant.Actions() })
		s.works(t)
		for _, mode := range []integration.Mode{integration.Read, integration.ReadWrite} {
			if _, err := s.World.World.Integrations.Update(t.Context(), s.Actor, vendingtest.Workspace,
				s.Integration.ID, integration.Change{Access: &mode}); err != nil {
				t.Fatal(err)
			}
			if mode == integration.Read {
				s.Settle()
				s.MustVerify(t, s.Integration)
			}
		}
		s.refuses(t, s.token(t, nil), vending.Request{}, "Writing is unverified")
	})
	t.Run("removed", func(t *testing.T) {
		t.Parallel()
		s := stageOf(t, "CircleCI v2", nil)
		s.works(t)
		if _, err := s.World.World.Integrations.Remove(t.Context(), s.Actor, vendingtest.Workspace, s.Integration.ID,
			impact.Waived()); err != nil {
			t.Fatal(err)
		}
		s.refuses(t, s.token(t, nil), vending.Request{}, "integration")
	})
}

// TestAttackLongPolicy uses prefixes that are too long for a session policy,
// and checks that vending is refused, and the policy never cut or widened.
func TestAttackLongPolicy(t *testing.T) {
	t.Parallel()
	s := stageOf(t, "CircleCI v2", func(d *grant.Draft) {
		for i := range 10 {
			d.Prefixes = append(d.Prefixes, fmt.Sprintf("ci/%d%s/", i, strings.Repeat("x", 200)))
		}
	})
	s.vends(t, s.token(t, nil), vending.Request{Prefix: s.grant.Prefixes[3]})
	s.refuses(t, s.token(t, nil), vending.Request{}, "AWS STS allows at most 2048")
}
