package generate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/iam/lint"
)

const (
	windlass = "arn:aws:iam::444455556666:user/windlass"
	first    = "b7f1c2d40a634c0b9a527b1e7f3a9c11"
	second   = "0c6e2b9d5f7a48d1b3c4e5f60718293a"
)

func TestTrustPolicy(t *testing.T) {
	t.Parallel()
	for name, ids := range map[string][]string{"one": {first}, "two": {first, second}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policy, err := generate.TrustPolicy(generate.Trust{PrincipalARN: windlass, ExternalIDs: ids})
			if err != nil {
				t.Fatal(err)
			}
			lintClean(t, iam.Trust, string(policy), lint.Options{Account: "111122223333"})
			trust := compile(t, iam.Trust, string(policy))[0]
			for _, c := range []struct {
				who  string
				id   string // "-": none sent
				want bool
			}{
				{windlass, first, true},
				{windlass, second, len(ids) == 2},
				{windlass, "-", false},
				{windlass, "", false},
				{windlass, first + "x", false},
				{windlass, "*", false},
				{windlass, strings.ToUpper(first), false},
				{"arn:aws:iam::444455556666:user/other", first, false},
				{"arn:aws:iam::777788889999:user/windlass", first, false},
			} {
				if got := assumes(t, trust, c.who, c.id); got != c.want {
					t.Errorf("%s with %q: %v", c.who, c.id, got)
				}
			}
		})
	}
}

func assumes(t *testing.T, trust *iam.Compiled, arn, id string) bool {
	t.Helper()
	account := strings.Split(arn, ":")[4]
	request := iam.Request{
		Principal: iam.Principal{
			Type: iam.User, ARN: arn, Account: account, UserName: arn[strings.LastIndex(arn, "/")+1:],
		},
		Action:          "sts:AssumeRole",
		Resource:        "arn:aws:iam::111122223333:role/windlass",
		ResourceAccount: "111122223333",
	}
	if id != "-" {
		request.Context.Set("sts:ExternalId", id)
	}
	mayAssume := compile(t, iam.Identity,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`)
	return iam.Evaluate(&iam.Policies{Identity: mayAssume, Trust: trust}, &request).Allowed()
}

func TestTrustsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trust generate.Trust
		field string
	}{
		"no External ID": {generate.Trust{PrincipalARN: windlass}, "external_ids"},
		"three of them": {
			generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{"aa", "bb", "cc"}},
			"external_ids",
		},
		"an empty one": {generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{""}}, "external_ids[0]"},
		"a wildcard": {
			generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{first, "abc*"}},
			"external_ids[1]",
		},
		"a variable": {
			generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{"${aws:username}"}},
			"external_ids[0]",
		},
		"a long one": {
			generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{strings.Repeat("a", 1225)}},
			"external_ids[0]",
		},
		"everyone": {generate.Trust{PrincipalARN: "*", ExternalIDs: []string{first}}, "principal_arn"},
		"an account's ID": {
			generate.Trust{PrincipalARN: "444455556666", ExternalIDs: []string{first}},
			"principal_arn",
		},
		"a role's session": {generate.Trust{
			PrincipalARN: "arn:aws:sts::444455556666:assumed-role/r/s",
			ExternalIDs:  []string{first},
		}, "principal_arn"},
		"a wildcard in path": {generate.Trust{
			PrincipalARN: "arn:aws:iam::444455556666:role/*/r",
			ExternalIDs:  []string{first},
		}, "principal_arn"},
		"another partition": {generate.Trust{
			Partition: generate.GovCloud, PrincipalARN: windlass,
			ExternalIDs: []string{first},
		}, "principal_arn"},
	} {
		var input *generate.InputError
		if _, err := generate.TrustPolicy(c.trust); !errors.As(err, &input) || input.Field != c.field {
			t.Errorf("%s: got %v; want an error of %s", name, err, c.field)
		}
	}
}

func TestOIDCTrustsThatAreRefused(t *testing.T) {
	t.Parallel()
	good := generate.OIDCTrust{
		Account: "111122223333", Issuer: "https://idp.example.com/realm", Audience: "x",
		Subjects: []string{"org/a/project/b"},
	}
	if _, err := generate.OIDCTrustPolicy(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*generate.OIDCTrust){
		"account":              func(o *generate.OIDCTrust) { o.Account = "1" },
		"http":                 func(o *generate.OIDCTrust) { o.Issuer = "http://idp.example.com" },
		"a query":              func(o *generate.OIDCTrust) { o.Issuer += "?x" },
		"no audience":          func(o *generate.OIDCTrust) { o.Audience = "" },
		"any audience":         func(o *generate.OIDCTrust) { o.Audience = "*" },
		"no subject":           func(o *generate.OIDCTrust) { o.Subjects = nil },
		"any subject":          func(o *generate.OIDCTrust) { o.Subjects = []string{"*"} },
		"any repository":       func(o *generate.OIDCTrust) { o.Subjects = []string{"repo:*"} },
		"a part of an owner":   func(o *generate.OIDCTrust) { o.Subjects = []string{"repo:acme*"} },
		"every project of one": func(o *generate.OIDCTrust) { o.Subjects = []string{"org/*/project/b"} },
		"a variable":           func(o *generate.OIDCTrust) { o.Subjects = []string{"org/a/${aws:username}"} },
		"any claim":            func(o *generate.OIDCTrust) { o.Claims = map[string][]string{"repository_id": {"*"}} },
		"a claim's name":       func(o *generate.OIDCTrust) { o.Claims = map[string][]string{"a b": {"x"}} },
	} {
		bad := good
		change(&bad)
		var input *generate.InputError
		if _, err := generate.OIDCTrustPolicy(bad); !errors.As(err, &input) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A trust policy for vending allows source identities and tags with Windlass's
// prefixes, and no others. It still requires the External ID.
func TestTrustPolicyForVending(t *testing.T) {
	t.Parallel()
	policy, err := generate.TrustPolicy(
		generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{first}, Vending: true})
	if err != nil {
		t.Fatal(err)
	}
	lintClean(t, iam.Trust, string(policy), lint.Options{Account: "111122223333"})
	trust := compile(t, iam.Trust, string(policy))[0]
	if assumes(t, trust, windlass, "-") || assumes(t, trust, windlass, second) || !assumes(t, trust, windlass, first) {
		t.Error("the External ID does not guard it")
	}
	plain, err := generate.TrustPolicy(generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{first}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		action, key string
		values      []string
		want        bool
	}{
		{"sts:SetSourceIdentity", "sts:SourceIdentity", []string{"windlass-circleci-42"}, true},
		{"sts:SetSourceIdentity", "sts:SourceIdentity", []string{"alice"}, false},
		{"sts:SetSourceIdentity", "sts:SourceIdentity", []string{"Windlass-42"}, false},
		{"sts:TagSession", "aws:TagKeys", []string{"windlass:grant", "windlass:user"}, true},
		{"sts:TagSession", "aws:TagKeys", []string{"windlass:grant", "team"}, false},
	} {
		request := iam.Request{
			Principal: iam.Principal{Type: iam.User, ARN: windlass, Account: "444455556666", UserName: "windlass"},
			Action:    c.action, Resource: "arn:aws:iam::111122223333:role/windlass", ResourceAccount: "111122223333",
		}
		request.Context.Set("sts:ExternalId", first)
		request.Context.Set(c.key, c.values...)
		may := compile(t, iam.Identity,
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"}]}`)
		if got := iam.Evaluate(&iam.Policies{Identity: may, Trust: trust}, &request).Allowed(); got != c.want {
			t.Errorf("%s %v: %v", c.action, c.values, got)
		}
		if iam.Evaluate(&iam.Policies{Identity: may, Trust: compile(t, iam.Trust, string(plain))[0]}, &request).
			Allowed() {
			t.Errorf("%s %v without vending", c.action, c.values)
		}
	}
}
