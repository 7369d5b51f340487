package grants_test

import (
	"testing"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/grants"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

func TestIsPublic(t *testing.T) {
	t.Parallel()
	const everyone = `"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"`
	for name, test := range map[string]struct {
		statement string
		want      bool
	}{
		"everyone": {everyone, true},
		"one account": {`"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"s3:*",` +
			`"Resource":"*"`, false},
		"a denial": {`"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"`, false},
		"all but one": {`"Effect":"Allow","NotPrincipal":{"AWS":"111111111111"},"Action":"s3:*",` +
			`"Resource":"*"`, true},
		"of one account": {
			everyone + `,"Condition":{"StringEquals":{"aws:PrincipalAccount":"111111111111"}}`,
			false,
		},
		"of any account": {everyone + `,"Condition":{"StringLike":{"aws:PrincipalAccount":"*"}}`, true},
		"if it has an account": {everyone +
			`,"Condition":{"StringEqualsIfExists":{"aws:PrincipalAccount":"111111111111"}}`, true},
		"from an office":         {everyone + `,"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, false},
		"from half the internet": {everyone + `,"Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}`, true},
		"by user agent":          {everyone + `,"Condition":{"StringEquals":{"aws:UserAgent":"acme"}}`, true},
	} {
		policy, err := iam.Parse(iam.Resource, []byte(`{"Version":"2012-10-17","Statement":[{`+test.statement+`}]}`))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := grants.IsPublic(policy); got != test.want {
			t.Errorf("%s: public is %t", name, got)
		}
	}
}

func TestWithACL(t *testing.T) {
	t.Parallel()
	const owner, other = "111111111111", "222222222222"
	store := s3store.New(s3store.Memory{}, nil)
	everyone := s3store.Grant{Group: "AllUsers", Permission: "READ"}
	for name, test := range map[string]struct {
		settings   s3store.Settings
		object     *s3store.Version
		action     string
		statements int
		owner      string
	}{
		"lists are off": {s3store.Settings{
			Ownership: grants.OwnerEnforced,
			ACL:       &s3store.ACL{Grants: []s3store.Grant{everyone}},
		}, nil, "s3:ListBucket", 0, owner},
		"the bucket's list": {s3store.Settings{ACL: &s3store.ACL{Grants: []s3store.Grant{
			everyone,
			{Account: owner, Permission: "FULL_CONTROL"},
		}}}, nil, "s3:ListBucket", 1, owner},
		"public is ignored": {s3store.Settings{
			ACL:         &s3store.ACL{Grants: []s3store.Grant{everyone}},
			PublicBlock: &s3store.PublicBlock{IgnorePublicAcls: true},
		}, nil, "s3:ListBucket", 0, owner},
		"the object's list": {
			s3store.Settings{},
			&s3store.Version{ACL: &s3store.ACL{Grants: []s3store.Grant{
				everyone,
				{Account: other, Permission: "READ_ACP"},
			}}}, "s3:GetObject", 2, owner,
		},
		"another's object": {s3store.Settings{}, &s3store.Version{Owner: other}, "s3:GetObject", 0, other},
		"no object, no list": {
			s3store.Settings{ACL: &s3store.ACL{Grants: []s3store.Grant{everyone}}},
			nil,
			"s3:GetObject", 0, owner,
		},
	} {
		bucket, err := store.CreateBucket(name, owner, "us-east-1", time.Time{}, &test.settings)
		if err != nil {
			t.Fatal(err)
		}
		policy, account := grants.WithACL(test.action, bucket, test.object, nil)
		statements := 0
		if policy != nil {
			statements = len(policy.Policy().Statements)
		}
		if statements != test.statements || account != test.owner {
			t.Errorf("%s: %d statements of %s, want %d of %s", name, statements, account, test.statements, test.owner)
		}
	}
}
