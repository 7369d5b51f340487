package stsapi_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
)

// form returns the form of an action. pairs are parameters, each followed by
// its value.
func form(action string, pairs ...string) string {
	values := url.Values{"Action": {action}, "Version": {"2011-06-15"}}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

func TestSessions(t *testing.T) {
	t.Parallel()
	box, keys := awstest.OpenBox(t)
	const role = "arn:aws:iam::222222222222:role/none"
	awstest.Run(t, box, keys, "sts", []awstest.Step{
		{Name: "who", Body: form("GetCallerIdentity"), Has: []string{"arn:aws:iam::222222222222:root"}},
		{Name: "unknown action", Body: form("AssumeUnicorn"), Status: 400, Has: []string{"InvalidAction"}},
		{
			Name:   "the root can't assume roles",
			Body:   form("AssumeRole", "RoleArn", role, "RoleSessionName", "s1"),
			Status: 403,
			Has:    []string{"AccessDenied"},
		},
		{
			Name:   "no session name",
			Body:   form("AssumeRole", "RoleArn", role),
			Status: 400,
			Has:    []string{"ValidationError"},
		},
		{
			Name:   "a short session",
			Body:   form("AssumeRole", "RoleArn", role, "RoleSessionName", "s1", "DurationSeconds", "9"),
			Status: 400,
			Has:    []string{"ValidationError"},
		},
		{
			Name:   "a malformed session policy",
			Body:   form("AssumeRole", "RoleArn", role, "RoleSessionName", "s1", "Policy", "{}"),
			Status: 400,
			Has:    []string{"MalformedPolicyDocument"},
		},
		{
			Name:   "a long session policy",
			Body:   form("AssumeRole", "RoleArn", role, "RoleSessionName", "s1", "Policy", strings.Repeat("x", 2049)),
			Status: 400,
			Has:    []string{"ValidationError"},
		},
		{
			Name: "a tag twice",
			Body: form(
				"AssumeRole",
				"RoleArn",
				role,
				"RoleSessionName",
				"s1",
				"Tags.member.1.Key",
				"a",
				"Tags.member.2.Key",
				"A",
			),
			Status: 400,
			Has:    []string{"InvalidParameterValue"},
		},
		{
			Name: "session of the root",
			Body: form("GetSessionToken", "DurationSeconds", "900"),
			Has:  []string{"<SessionToken>"},
		},
		{Name: "federated", Body: form("GetFederationToken", "Name", "ada"), Has: []string{"federated-user/ada"}},
		{
			Name: "a key's account",
			Body: form("GetAccessKeyInfo", "AccessKeyId", keys.AccessKeyID),
			Has:  []string{"222222222222"},
		},
		{
			Name:   "a message that isn't one",
			Body:   form("DecodeAuthorizationMessage", "EncodedMessage", "x"),
			Status: 400,
			Has:    []string{"InvalidAuthorizationMessageException"},
		},
	})
}
