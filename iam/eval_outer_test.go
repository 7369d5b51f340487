package iam_test

import (
	"fmt"
	"testing"

	"github.com/windlass-io/windlass/iam"
)

// outerPolicies are the policies of an organization and of a VPC endpoint, as
// statements.
type outerPolicies struct {
	scp      [][]string
	rcp      []string
	endpoint string
}

const (
	allowAll    = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	allowS3     = `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`
	denyRegion  = `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}}`
	perimeter   = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}`
	passBucket  = `{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}`
	passAccount = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"*","Resource":"*"}`
)

// Policies of organizations and VPC endpoints limit what other policies grant.
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html.
func TestOuterPolicies(t *testing.T) {
	t.Parallel()
	user := iam.Principal{Type: iam.User, ARN: "arn:aws:iam::111122223333:user/alice", Account: "111122223333"}
	root := iam.Principal{Type: iam.Root, ARN: "arn:aws:iam::111122223333:root", Account: "111122223333"}
	linked := iam.Principal{
		Type: iam.RoleSession, Account: "111122223333",
		ARN:     "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/s",
		RoleARN: "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
	}
	logging := iam.Principal{Type: iam.Service, Service: "logging.s3.amazonaws.com"}
	tests := map[string]struct {
		outer  outerPolicies
		who    iam.Principal
		action string // default: s3:GetObject
		keys   map[string]string
		want   iam.Effect
		reason iam.Reason
		kind   iam.Kind
		policy int
	}{
		"no organization": {who: user, want: iam.Allow, reason: iam.IdentityGrants},
		"every level allows": {
			outer: outerPolicies{scp: [][]string{{allowAll}, {allowAll, allowS3}, {allowS3}}}, who: user,
			want: iam.Allow, reason: iam.IdentityGrants,
		},
		"one level doesn't allow": {
			outer: outerPolicies{
				scp: [][]string{{allowAll}, {`{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`}, {allowAll}},
			},
			who: user, reason: iam.ServiceControlSilent, kind: iam.ServiceControl, policy: -1,
		},
		"a level without policies": {
			outer: outerPolicies{scp: [][]string{{allowAll}, {}}}, who: user,
			reason: iam.ServiceControlSilent, kind: iam.ServiceControl, policy: -1,
		},
		"a Deny on the third level": {
			outer: outerPolicies{scp: [][]string{{allowAll}, {allowAll}, {allowAll, denyRegion}}}, who: user,
			keys: map[string]string{"aws:RequestedRegion": "us-east-1"},
			want: iam.ExplicitDeny, reason: iam.ExplicitlyDenied, kind: iam.ServiceControl, policy: 3,
		},
		"a Deny that doesn't apply": {
			outer: outerPolicies{scp: [][]string{{allowAll}, {allowAll, denyRegion}}}, who: user,
			keys: map[string]string{"aws:RequestedRegion": "eu-west-1"}, want: iam.Allow, reason: iam.IdentityGrants,
		},
		"root users are limited": {
			outer: outerPolicies{scp: [][]string{{`{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`}}}, who: root,
			reason: iam.ServiceControlSilent, kind: iam.ServiceControl, policy: -1,
		},
		"a root user's bucket policy too": {
			outer: outerPolicies{
				scp: [][]string{{`{"Effect":"Deny","Action":"s3:PutBucketPolicy","Resource":"*"}`, allowAll}},
			},
			action: "s3:PutBucketPolicy", who: root,
			want: iam.ExplicitDeny, reason: iam.ExplicitlyDenied, kind: iam.ServiceControl, policy: 0,
		},
		"GetCallerIdentity can't be denied": {
			outer:  outerPolicies{scp: [][]string{{`{"Effect":"Deny","Action":"*","Resource":"*"}`}}},
			action: "sts:GetCallerIdentity", who: user, want: iam.Allow, reason: iam.NoPermissionNeeded, policy: -1,
		},
		"service-linked roles aren't limited": {
			outer: outerPolicies{
				scp: [][]string{{`{"Effect":"Deny","Action":"*","Resource":"*"}`}},
				rcp: []string{`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`},
			}, who: linked, want: iam.Allow, reason: iam.IdentityGrants,
		},
		"a resource control policy denies other organizations": {
			outer: outerPolicies{
				rcp: []string{perimeter},
			}, who: user, keys: map[string]string{"aws:PrincipalOrgID": "o-2"},
			want: iam.ExplicitDeny, reason: iam.ExplicitlyDenied, kind: iam.ResourceControl,
		},
		"and lets its own pass": {
			outer: outerPolicies{
				rcp: []string{perimeter},
			}, who: user, keys: map[string]string{"aws:PrincipalOrgID": "o-1"},
			want: iam.Allow, reason: iam.IdentityGrants,
		},
		"it limits services": {
			outer: outerPolicies{
				rcp: []string{`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`},
			}, who: logging,
			want: iam.ExplicitDeny, reason: iam.ExplicitlyDenied, kind: iam.ResourceControl,
		},
		"service control policies don't": {
			outer: outerPolicies{scp: [][]string{{`{"Effect":"Deny","Action":"*","Resource":"*"}`}}}, who: logging,
			want: iam.Allow, reason: iam.ResourceGrants, kind: iam.Resource,
		},
		"the endpoint lets it pass": {
			outer: outerPolicies{endpoint: passBucket}, who: user, want: iam.Allow, reason: iam.IdentityGrants,
		},
		"the endpoint doesn't": {
			outer: outerPolicies{endpoint: passBucket}, who: user, action: "kms:Decrypt",
			reason: iam.EndpointSilent, kind: iam.Endpoint, policy: -1,
		},
		"an endpoint for an account is for its root user": {
			outer: outerPolicies{
				endpoint: passAccount,
			}, who: user, reason: iam.EndpointSilent, kind: iam.Endpoint, policy: -1,
		},
		"who passes": {
			outer: outerPolicies{
				endpoint: passAccount,
			}, who: root, want: iam.Allow, reason: iam.IdentityGrants,
		},
	}
	identity := []*iam.Compiled{outer(t, iam.Identity, allowAll)}
	resource := outer(
		t,
		iam.Resource,
		`{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:*","Resource":"arn:aws:s3:::b/*"}`,
	)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policies := iam.Policies{Identity: identity, Resource: resource}
			for _, level := range test.outer.scp {
				var compiled []*iam.Compiled
				for _, statement := range level {
					compiled = append(compiled, outer(t, iam.ServiceControl, statement))
				}
				policies.ServiceControl = append(policies.ServiceControl, compiled)
			}
			for _, statement := range test.outer.rcp {
				policies.ResourceControl = append(policies.ResourceControl, outer(t, iam.ResourceControl, statement))
			}
			if test.outer.endpoint != "" {
				policies.Endpoint = outer(t, iam.Endpoint, test.outer.endpoint)
			}
			request := iam.Request{
				Principal: test.who, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k",
				ResourceAccount: "111122223333",
			}
			switch test.action {
			case "":
			case "s3:PutBucketPolicy":
				request.Action, request.Resource = test.action, "arn:aws:s3:::b"
			default:
				request.Action, request.Resource = test.action, "*"
			}
			for key, value := range test.keys {
				request.Context.Set(key, value)
			}
			d := iam.Evaluate(&policies, &request)
			if d.Effect != test.want || d.Reason != test.reason || d.Kind != test.kind || d.Policy != test.policy {
				t.Errorf(
					"decision %+v, want %s, reason %d, by policy %d of kind %s",
					d,
					test.want,
					test.reason,
					test.policy,
					test.kind,
				)
			}
			if observed := iam.Observe(&policies, &request, discard{}); observed != d {
				t.Errorf("Observe decides %+v, and Evaluate %+v", observed, d)
			}
		})
	}
}

type discard struct{}

func (discard) Statement(iam.Kind, int, *iam.Compiled, int, iam.Match) {}

// outer compiles a policy of one statement.
func outer(t *testing.T, kind iam.Kind, statement string) *iam.Compiled {
	t.Helper()
	return mustCompile(t, kind, fmt.Appendf(nil, `{"Version":"2012-10-17","Statement":[%s]}`, statement))
}
