package iam_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/iam"
)

func TestParsePrincipal(t *testing.T) {
	t.Parallel()
	tests := map[string]iam.Principal{
		"*": {Type: iam.Anonymous},
		"arn:aws:iam::111122223333:root": {
			Type: iam.Root, ARN: "arn:aws:iam::111122223333:root", Account: "111122223333",
		},
		"arn:aws:iam::111122223333:user/alice": {
			Type: iam.User, ARN: "arn:aws:iam::111122223333:user/alice", Account: "111122223333",
			UserName: "alice",
		},
		"arn:aws:iam::111122223333:user/a/b/alice": {
			Type: iam.User, ARN: "arn:aws:iam::111122223333:user/a/b/alice", Account: "111122223333", UserName: "alice",
		},
		"arn:aws-cn:sts::111122223333:assumed-role/app/s1": {
			Type:    iam.RoleSession,
			ARN:     "arn:aws-cn:sts::111122223333:assumed-role/app/s1",
			Account: "111122223333",
			RoleARN: "arn:aws-cn:iam::111122223333:role/app",
		},
		"arn:aws:sts::111122223333:federated-user/bob": {
			Type: iam.FederatedUser, ARN: "arn:aws:sts::111122223333:federated-user/bob",
			Account: "111122223333",
		},
		"arn:aws:iam::111122223333:oidc-provider/gitlab.com": {
			Type: iam.WebIdentity, Provider: "arn:aws:iam::111122223333:oidc-provider/gitlab.com",
		},
		"arn:aws:iam::111122223333:saml-provider/corp": {
			Type: iam.SAML, Provider: "arn:aws:iam::111122223333:saml-provider/corp",
		},
		"logging.s3.amazonaws.com": {Type: iam.Service, Service: "logging.s3.amazonaws.com"},
	}
	for text, want := range tests {
		got, err := iam.ParsePrincipal(text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", text, err, diff)
		}
	}
	for _, text := range []string{
		"", "alice", "111122223333", "arn:aws:iam::111122223333:role/app",
		"arn:aws:iam::1111:user/alice", "arn:aws:s3:::b", "arn:aws",
	} {
		if got, err := iam.ParsePrincipal(text); err == nil {
			t.Errorf("%q is taken for %+v", text, got)
		}
	}
}

func TestAddGlobalKeys(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		request iam.Request
		want    map[string][]string
	}{
		"a user reads": {
			iam.Request{
				Principal: iam.Principal{
					Type: iam.User, ARN: "arn:aws:iam::1:user/alice", Account: "1", UserID: "AIDA1",
					UserName: "alice",
				},
				Action:          "S3:GetObject",
				ResourceAccount: "2",
			},
			map[string][]string{
				"aws:PrincipalArn":          {"arn:aws:iam::1:user/alice"},
				"aws:PrincipalAccount":      {"1"},
				"aws:PrincipalType":         {"User"},
				"aws:PrincipalIsAWSService": {"false"},
				"aws:userid":                {"AIDA1"},
				"aws:username":              {"alice"},
				"aws:ResourceAccount":       {"2"},
				"s3:ResourceAccount":        {"2"},
			},
		},
		"a session has its role's ARN and no name": {
			iam.Request{
				Principal: iam.Principal{
					Type: iam.RoleSession, ARN: "arn:aws:sts::1:assumed-role/app/s1",
					RoleARN: "arn:aws:iam::1:role/x/app", Account: "1", UserID: "AROA1:s1", UserName: "x",
				},
				Action: "sqs:SendMessage",
			},
			map[string][]string{
				"aws:PrincipalArn":          {"arn:aws:iam::1:role/x/app"},
				"aws:PrincipalAccount":      {"1"},
				"aws:PrincipalType":         {"AssumedRole"},
				"aws:PrincipalIsAWSService": {"false"},
				"aws:userid":                {"AROA1:s1"},
			},
		},
		"root": {
			iam.Request{
				Principal: iam.Principal{Type: iam.Root, ARN: "arn:aws:iam::1:root", Account: "1"},
				Action:    "sqs:SendMessage",
			},
			map[string][]string{
				"aws:PrincipalArn":          {"arn:aws:iam::1:root"},
				"aws:PrincipalAccount":      {"1"},
				"aws:PrincipalType":         {"Account"},
				"aws:PrincipalIsAWSService": {"false"},
				"aws:userid":                {"1"},
			},
		},
		"a service": {
			iam.Request{
				Principal: iam.Principal{Type: iam.Service, Service: "s3.amazonaws.com"}, Action: "sqs:SendMessage",
			},
			map[string][]string{
				"aws:PrincipalServiceName":  {"s3.amazonaws.com"},
				"aws:PrincipalIsAWSService": {"true"},
			},
		},
		"unsigned": {
			iam.Request{Action: "s3:GetObject"},
			map[string][]string{"aws:PrincipalType": {"Anonymous"}, "aws:userid": {"anonymous"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := test.request
			r.AddGlobalKeys()
			got := make(map[string][]string)
			for _, key := range r.Context.Keys() {
				got[key] = r.Context.Values(key)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	t.Run("keys that are set stay", func(t *testing.T) {
		t.Parallel()
		r := iam.Request{Principal: iam.Principal{Type: iam.User, Account: "1"}}
		r.Context.Set("AWS:principalaccount", "2")
		r.AddGlobalKeys()
		if got := r.Context.Values("aws:PrincipalAccount"); len(got) != 1 || got[0] != "2" {
			t.Errorf("got %q", got)
		}
	})
}

func TestContext(t *testing.T) {
	t.Parallel()
	var c iam.Context
	if c.Has("aws:x") || c.Values("aws:x") != nil {
		t.Error("a key is there that was never set")
	}
	c.Set("aws:PrincipalTag/Team", "red")
	c.Set("aws:empty")
	c.Set("AWS:principaltag/TEAM", "blue", "green")
	if diff := cmp.Diff([]string{"blue", "green"}, c.Values("aws:PrincipalTag/team")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"AWS:principaltag/TEAM", "aws:empty"}, c.Keys()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := c.Values("aws:empty"); !c.Has("aws:empty") || got == nil || len(got) != 0 {
		t.Errorf("an empty key has %v", got)
	}
	values := []string{"a", "b"}
	c.Set("aws:own", values...)
	values[0] = "changed"
	if got := c.Values("aws:own"); got[0] != "a" {
		t.Errorf("the context shares the caller's slice: %q", got)
	}
	c.Reset()
	if c.Has("aws:own") || len(c.Keys()) != 0 {
		t.Error("Reset left a key")
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, k := range iam.Kinds() {
		text, err := k.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var again iam.Kind
		if err := again.UnmarshalText(text); err != nil || again != k {
			t.Errorf("%s is read as %s: %v", text, again, err)
		}
	}
	var k iam.Kind
	if err := k.UnmarshalText([]byte("group")); err == nil {
		t.Error("scp is taken for a kind")
	}
	for p := iam.Anonymous; p <= iam.Service; p++ {
		if again, err := iam.ParsePrincipalType(p.String()); err != nil || again != p {
			t.Errorf("%s is read as %s: %v", p, again, err)
		}
	}
	if _, err := iam.ParsePrincipalType("robot"); err == nil {
		t.Error("robot is taken for a principal type")
	}
	for _, unknown := range []any{iam.Kind(99), iam.Effect(99), iam.PrincipalType(99), iam.NodeKind(99)} {
		if text := unknown.(interface{ String() string }).String(); text == "" {
			t.Errorf("%#v has no name", unknown)
		}
	}
}

// TestDecisionsNameWhatSettled checks the reason, policy and statement of
// decisions.
func TestDecisionsNameWhatSettled(t *testing.T) {
	t.Parallel()
	allow, deny := `{"Effect":"Allow","Action":"*","Resource":"*"}`, `{"Effect":"Deny","Action":"*","Resource":"*"}`
	other := `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`
	policy := func(kind iam.Kind, statements string) *iam.Compiled {
		return mustCompile(t, kind, []byte(`{"Statement":[`+statements+`]}`))
	}
	alice := iam.Principal{Type: iam.User, ARN: "arn:aws:iam::111122223333:user/alice", Account: "111122223333"}
	named := `{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*"}`
	tests := map[string]struct {
		policies iam.Policies
		owner    string
		want     iam.Decision
	}{
		"nothing": {
			iam.Policies{},
			"111122223333",
			iam.Decision{Reason: iam.NoAllow, Kind: iam.Identity, Policy: -1, Statement: -1},
		},
		"identity": {
			iam.Policies{Identity: []*iam.Compiled{policy(iam.Identity, other), policy(iam.Identity, other+","+allow)}},
			"111122223333",
			iam.Decision{Effect: iam.Allow, Reason: iam.IdentityGrants, Kind: iam.Identity, Policy: 1, Statement: 1},
		},
		"deny": {
			iam.Policies{Identity: []*iam.Compiled{policy(iam.Identity, allow), policy(iam.Identity, allow+","+deny)}},
			"111122223333",
			iam.Decision{
				Effect: iam.ExplicitDeny, Reason: iam.ExplicitlyDenied, Kind: iam.Identity, Policy: 1,
				Statement: 1,
			},
		},
		"boundary silent": {
			iam.Policies{Identity: []*iam.Compiled{policy(iam.Identity, allow)}, Boundary: policy(iam.Boundary, other)},
			"111122223333",
			iam.Decision{Reason: iam.BoundarySilent, Kind: iam.Boundary, Policy: -1, Statement: -1},
		},
		"session silent": {
			iam.Policies{
				Identity: []*iam.Compiled{policy(iam.Identity, allow)},
				Session:  []*iam.Compiled{policy(iam.Session, other)},
			},
			"111122223333",
			iam.Decision{Reason: iam.SessionSilent, Kind: iam.Session, Policy: 0, Statement: -1},
		},
		"sessions silent": {
			iam.Policies{
				Identity: []*iam.Compiled{policy(iam.Identity, allow)},
				Session:  []*iam.Compiled{policy(iam.Session, other), policy(iam.Session, other)},
			},
			"111122223333",
			iam.Decision{Reason: iam.SessionSilent, Kind: iam.Session, Policy: -1, Statement: -1},
		},
		"resource silent": {
			iam.Policies{Identity: []*iam.Compiled{policy(iam.Identity, allow)}},
			"444455556666",
			iam.Decision{Reason: iam.ResourceSilent, Kind: iam.Resource, Policy: -1, Statement: -1},
		},
		"identity silent": {
			iam.Policies{Resource: policy(iam.Resource, named)},
			"444455556666",
			iam.Decision{Reason: iam.IdentitySilent, Kind: iam.Identity, Policy: -1, Statement: -1},
		},
		"both sides": {
			iam.Policies{Identity: []*iam.Compiled{policy(iam.Identity, allow)}, Resource: policy(iam.Resource, named)},
			"444455556666",
			iam.Decision{
				Effect: iam.Allow, Reason: iam.ResourceAndIdentityGrant, Kind: iam.Resource, Policy: 0,
				Statement: 0,
			},
		},
		"nobody's account": {
			iam.Policies{Identity: []*iam.Compiled{policy(iam.Identity, allow)}},
			"",
			iam.Decision{Reason: iam.ResourceSilent, Kind: iam.Resource, Policy: -1, Statement: -1},
		},
		"a nil session policy denies": {
			iam.Policies{Identity: []*iam.Compiled{policy(iam.Identity, allow)}, Session: []*iam.Compiled{nil}},
			"111122223333",
			iam.Decision{Reason: iam.SessionSilent, Kind: iam.Session, Policy: 0, Statement: -1},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &iam.Request{
				Principal: alice, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k",
				ResourceAccount: test.owner,
			}
			got := iam.Evaluate(&test.policies, r)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if got.Allowed() != (got.Effect == iam.Allow) {
				t.Errorf("Allowed is %t", got.Allowed())
			}
		})
	}
	if d := iam.Evaluate(nil, &iam.Request{}); d.Allowed() {
		t.Errorf("no policies give %+v", d)
	}
}
