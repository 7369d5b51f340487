package iamapi_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
)

// form returns the form of an action. pairs are parameters, each followed by
// its value.
func form(action string, pairs ...string) string {
	values := url.Values{"Action": {action}, "Version": {"2010-05-08"}}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

const (
	allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	trustAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"222222222222"},` +
		`"Action":"sts:AssumeRole"}]}`
)

func TestUsersAndGroups(t *testing.T) {
	t.Parallel()
	box, keys := awstest.OpenBox(t)
	awstest.Run(t, box, keys, "iam", []awstest.Step{
		{Name: "unknown action", Body: form("CreateUnicorn"), Status: 400, Has: []string{"InvalidAction"}},
		{Name: "no name", Body: form("CreateUser"), Status: 400, Has: []string{"ValidationError"}},
		{
			Name:   "a name that isn't one",
			Body:   form("CreateUser", "UserName", "a/b"),
			Status: 400,
			Has:    []string{"ValidationError"},
		},
		{
			Name: "create",
			Body: form(
				"CreateUser",
				"UserName",
				"ada",
				"Path",
				"/staff/",
				"Tags.member.1.Key",
				"team",
				"Tags.member.1.Value",
				"data",
			),
			Has: []string{"arn:aws:iam::222222222222:user/staff/ada"},
		},
		{
			Name:   "create again, in another case",
			Body:   form("CreateUser", "UserName", "ADA"),
			Status: 409,
			Has:    []string{"EntityAlreadyExists"},
		},
		{Name: "get", Body: form("GetUser", "UserName", "ada"), Has: []string{"<Key>team</Key>"}},
		{Name: "get another", Body: form("GetUser", "UserName", "bob"), Status: 404, Has: []string{"NoSuchEntity"}},
		{
			Name: "list by path",
			Body: form("ListUsers", "PathPrefix", "/staff/"),
			Has:  []string{"<UserName>ada</UserName>"},
		},
		{
			Name: "list by another path",
			Body: form("ListUsers", "PathPrefix", "/other/"),
			Not:  []string{"<UserName>ada</UserName>"},
		},
		{
			Name: "key",
			Body: form("CreateAccessKey", "UserName", "ada"),
			Has:  []string{"<SecretAccessKey>", "<Status>Active</Status>"},
		},
		{Name: "second key", Body: form("CreateAccessKey", "UserName", "ada")},
		{
			Name:   "third key",
			Body:   form("CreateAccessKey", "UserName", "ada"),
			Status: 409,
			Has:    []string{"LimitExceeded"},
		},
		{Name: "group", Body: form("CreateGroup", "GroupName", "staff")},
		{Name: "join", Body: form("AddUserToGroup", "GroupName", "staff", "UserName", "ada")},
		{
			Name: "groups of the user",
			Body: form("ListGroupsForUser", "UserName", "ada"),
			Has:  []string{"<GroupName>staff</GroupName>"},
		},
		{
			Name:   "delete a user with keys",
			Body:   form("DeleteUser", "UserName", "ada"),
			Status: 409,
			Has:    []string{"DeleteConflict"},
		},
		{
			Name:   "delete a group with members",
			Body:   form("DeleteGroup", "GroupName", "staff"),
			Status: 409,
			Has:    []string{"DeleteConflict"},
		},
	})
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	box, keys := awstest.OpenBox(t)
	const arn = "arn:aws:iam::222222222222:policy/edge"
	steps := []awstest.Step{
		{
			Name:   "malformed",
			Body:   form("CreatePolicy", "PolicyName", "edge", "PolicyDocument", "{}"),
			Status: 400,
			Has:    []string{"MalformedPolicyDocument"},
		},
		{
			Name: "create",
			Body: form("CreatePolicy", "PolicyName", "edge", "PolicyDocument", allowAll),
			Has:  []string{arn, "<DefaultVersionId>v1</DefaultVersionId>"},
		},
		{
			Name: "second version",
			Body: form("CreatePolicyVersion", "PolicyArn", arn, "PolicyDocument", allowAll, "SetAsDefault", "true"),
		},
		{
			Name: "its default",
			Body: form("GetPolicy", "PolicyArn", arn),
			Has:  []string{"<DefaultVersionId>v2</DefaultVersionId>"},
		},
		{
			Name:   "delete the default",
			Body:   form("DeletePolicyVersion", "PolicyArn", arn, "VersionId", "v2"),
			Status: 409,
			Has:    []string{"DeleteConflict"},
		},
		{
			Name: "role",
			Body: form("CreateRole", "RoleName", "loader", "AssumeRolePolicyDocument", trustAll),
			Has:  []string{"role/loader"},
		},
		{
			Name:   "a trust policy with a resource",
			Body:   form("CreateRole", "RoleName", "other", "AssumeRolePolicyDocument", allowAll),
			Status: 400,
			Has:    []string{"MalformedPolicyDocument"},
		},
		{Name: "attach", Body: form("AttachRolePolicy", "RoleName", "loader", "PolicyArn", arn)},
		{Name: "attached", Body: form("ListAttachedRolePolicies", "RoleName", "loader"), Has: []string{arn}},
		{
			Name:   "attach what isn't there",
			Body:   form("AttachRolePolicy", "RoleName", "loader", "PolicyArn", arn+"s"),
			Status: 404,
			Has:    []string{"NoSuchEntity"},
		},
		{
			Name:   "delete an attached policy",
			Body:   form("DeletePolicy", "PolicyArn", arn),
			Status: 409,
			Has:    []string{"DeleteConflict"},
		},
		{
			Name: "inline",
			Body: form("PutRolePolicy", "RoleName", "loader", "PolicyName", "p", "PolicyDocument", allowAll),
		},
		{
			Name: "read inline",
			Body: form("GetRolePolicy", "RoleName", "loader", "PolicyName", "p"),
			Has:  []string{url.QueryEscape(`"Effect"`)},
		},
		{
			Name: "too large",
			Body: form(
				"PutRolePolicy",
				"RoleName",
				"loader",
				"PolicyName",
				"q",
				"PolicyDocument",
				strings.Replace(allowAll, `"*"`, `["s3:`+strings.Repeat("a", 10300)+`"]`, 1),
			),
			Status: 409,
			Has:    []string{"LimitExceeded"},
		},
		{
			Name: "simulate, allowed",
			Body: form(
				"SimulatePrincipalPolicy",
				"PolicySourceArn",
				"arn:aws:iam::222222222222:role/loader",
				"ActionNames.member.1",
				"s3:GetObject",
			),
			Has: []string{"<EvalDecision>allowed</EvalDecision>"},
		},
		{Name: "boundary", Body: form("PutRolePermissionsBoundary", "RoleName", "loader", "PermissionsBoundary", arn)},
		{
			Name: "read the boundary",
			Body: form("GetRole", "RoleName", "loader"),
			Has:  []string{"<PermissionsBoundaryArn>" + arn},
		},
		{Name: "instance profile", Body: form("CreateInstanceProfile", "InstanceProfileName", "host")},
		{
			Name: "a role in it",
			Body: form("AddRoleToInstanceProfile", "InstanceProfileName", "host", "RoleName", "loader"),
		},
		{
			Name:   "another role in it",
			Body:   form("AddRoleToInstanceProfile", "InstanceProfileName", "host", "RoleName", "loader"),
			Status: 409,
			Has:    []string{"LimitExceeded"},
		},
	}
	awstest.Run(t, box, keys, "iam", steps)
}

func TestProvidersAndAccount(t *testing.T) {
	t.Parallel()
	box, keys := awstest.OpenBox(t)
	const arn = "arn:aws:iam::222222222222:oidc-provider/ci.example.com"
	awstest.Run(t, box, keys, "iam", []awstest.Step{
		{
			Name:   "a URL that isn't HTTPS",
			Body:   form("CreateOpenIDConnectProvider", "Url", "http://ci.example.com"),
			Status: 400,
		},
		{
			Name: "create",
			Body: form(
				"CreateOpenIDConnectProvider",
				"Url",
				"https://ci.example.com",
				"ClientIDList.member.1",
				"windlass",
			),
			Has: []string{arn},
		},
		{
			Name:   "again",
			Body:   form("CreateOpenIDConnectProvider", "Url", "https://ci.example.com"),
			Status: 409,
			Has:    []string{"EntityAlreadyExists"},
		},
		{
			Name: "client ID",
			Body: form("AddClientIDToOpenIDConnectProvider", "OpenIDConnectProviderArn", arn, "ClientID", "other"),
		},
		{
			Name: "get",
			Body: form("GetOpenIDConnectProvider", "OpenIDConnectProviderArn", arn),
			Has:  []string{"windlass", "other"},
		},
		{Name: "alias", Body: form("CreateAccountAlias", "AccountAlias", "acme")},
		{Name: "aliases", Body: form("ListAccountAliases"), Has: []string{"<member>acme</member>"}},
		{Name: "summary", Body: form("GetAccountSummary"), Has: []string{"<key>Providers</key>"}},
		{Name: "no MFA devices", Body: form("ListVirtualMFADevices"), Has: []string{"VirtualMFADevices"}},
		{Name: "details", Body: form("GetAccountAuthorizationDetails"), Has: []string{"UserDetailList"}},
		{Name: "a malformed marker", Body: form("ListUsers", "Marker", "!"), Status: 400},
	})
}
