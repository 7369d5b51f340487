package permissions_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
)

func policy(statement string) string {
	return `{"Version":"2012-10-17","Statement":[` + statement + `]}`
}

func TestBucketPolicies(t *testing.T) {
	t.Parallel()
	const valid = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"s3:GetObject",` +
		`"Resource":"arn:aws:s3:::fuzzed/*"}`
	box, keys := awstest.OpenBox(t)
	refuse := func(name, from, to, message string) awstest.Step {
		body := policy(strings.Replace(valid, from, to, 1))
		return awstest.Step{
			Name:   name,
			Method: "PUT",
			Target: "/fuzzed?policy",
			Body:   body,
			Status: 400,
			Has:    []string{"MalformedPolicy", message},
		}
	}
	awstest.Run(t, box, keys, "s3", []awstest.Step{
		{Name: "no policy", Target: "/fuzzed?policy", Status: 404, Has: []string{"NoSuchBucketPolicy"}},
		{
			Name:   "no JSON",
			Method: "PUT",
			Target: "/fuzzed?policy",
			Body:   "<Policy/>",
			Status: 400,
			Has:    []string{"MalformedPolicy"},
		},
		refuse("another bucket", "arn:aws:s3:::fuzzed/*", "arn:aws:s3:::other/*", "Policy has invalid resource"),
		refuse("unknown action", "s3:GetObject", "s3:GetNothing", "Policy has invalid action"),
		refuse("another service", "s3:GetObject", "iam:GetUser", "Policy has invalid action"),
		refuse("an account that isn't there", "111111111111:root", "999999999999:root", "Invalid principal in policy"),
		refuse("an empty principal", `{"AWS":"arn:aws:iam::111111111111:root"}`, `{}`, "Invalid principal in policy"),
		refuse(
			"an action on a resource that it isn't for",
			"s3:GetObject",
			"s3:ListBucket",
			"Action does not apply to any resource",
		),
		refuse(
			"an unknown condition key",
			`"Resource"`,
			`"Condition":{"StringEquals":{"aws:Nothing":"x"}},"Resource"`,
			"invalid condition key",
		),
		refuse(
			"a key that the action doesn't carry",
			`"Resource"`,
			`"Condition":{"StringEquals":{"s3:prefix":"x"}},"Resource"`,
			"Conditions do not apply",
		),
		refuse(
			"an operator in another case",
			`"Resource"`,
			`"Condition":{"stringequals":{"aws:SourceIp":"x"}},"Resource"`,
			"Invalid Condition type",
		),
		refuse(
			"no address",
			`"Resource"`,
			`"Condition":{"IpAddress":{"aws:SourceIp":"x"}},"Resource"`,
			"Invalid IP address",
		),
		{Name: "valid", Method: "PUT", Target: "/fuzzed?policy", Body: policy(valid), Status: 204},
		{Name: "read it", Target: "/fuzzed?policy", Has: []string{"111111111111"}},
		{Name: "its status", Target: "/fuzzed?policyStatus", Has: []string{"<IsPublic>false</IsPublic>"}},
		{
			Name:   "public, which is blocked",
			Method: "PUT",
			Target: "/fuzzed?policy",
			Body:   policy(strings.Replace(valid, `{"AWS":"arn:aws:iam::111111111111:root"}`, `"*"`, 1)),
			Status: 403,
			Has:    []string{"BlockPublicPolicy"},
		},
		{Name: "delete it", Method: "DELETE", Target: "/fuzzed?policy", Status: 204},
	})
}

func TestAccessControl(t *testing.T) {
	t.Parallel()
	box, keys := awstest.OpenBox(t)
	owner := func(name string) string {
		return `<OwnershipControls><Rule><ObjectOwnership>` + name + `</ObjectOwnership></Rule></OwnershipControls>`
	}
	public := map[string]string{"X-Amz-Acl": "public-read"}
	awstest.Run(t, box, keys, "s3", []awstest.Step{
		{
			Name:   "lists are off",
			Method: "PUT",
			Target: "/fuzzed?acl",
			Header: public,
			Status: 400,
			Has:    []string{"AccessControlListNotSupported"},
		},
		{
			Name:   "ownership that isn't one",
			Method: "PUT",
			Target: "/fuzzed?ownershipControls",
			Body:   owner("Everybody"),
			Status: 400,
			Has:    []string{"MalformedXML"},
		},
		{Name: "lists on", Method: "PUT", Target: "/fuzzed?ownershipControls", Body: owner("ObjectWriter")},
		{Name: "read ownership", Target: "/fuzzed?ownershipControls", Has: []string{"ObjectWriter"}},
		{
			Name:   "public lists are blocked",
			Method: "PUT",
			Target: "/fuzzed?acl",
			Header: public,
			Status: 403,
			Has:    []string{"BlockPublicAcls"},
		},
		{
			Name:   "read the block",
			Target: "/fuzzed?publicAccessBlock",
			Has:    []string{"<BlockPublicAcls>true</BlockPublicAcls>"},
		},
		{Name: "unblock", Method: "DELETE", Target: "/fuzzed?publicAccessBlock", Status: 204},
		{
			Name:   "no block",
			Target: "/fuzzed?publicAccessBlock",
			Status: 404,
			Has:    []string{"NoSuchPublicAccessBlockConfiguration"},
		},
		{Name: "public", Method: "PUT", Target: "/fuzzed?acl", Header: public},
		{
			Name:   "read the list",
			Target: "/fuzzed?acl",
			Has:    []string{"groups/global/AllUsers", "<Permission>READ</Permission>"},
		},
		{
			Name:   "an unknown name",
			Method: "PUT",
			Target: "/fuzzed?acl",
			Header: map[string]string{"X-Amz-Acl": "everybody"},
			Status: 400,
			Has:    []string{"InvalidArgument"},
		},
		{
			Name:   "an unknown group",
			Method: "PUT",
			Target: "/fuzzed?acl",
			Header: map[string]string{"X-Amz-Grant-Read": `uri="http://example.com"`},
			Status: 400,
			Has:    []string{"Invalid group uri"},
		},
		{
			Name:   "neither header nor document",
			Method: "PUT",
			Target: "/fuzzed?acl",
			Status: 400,
			Has:    []string{"MissingSecurityHeader"},
		},
		{
			Name:   "both",
			Method: "PUT",
			Target: "/fuzzed?acl",
			Header: public,
			Body:   "<AccessControlPolicy/>",
			Status: 400,
			Has:    []string{"UnexpectedContent"},
		},
		{Name: "an object's list", Method: "PUT", Target: "/fuzzed/k", Header: public, Body: "x"},
		{Name: "read the object's list", Target: "/fuzzed/k?acl", Has: []string{"groups/global/AllUsers"}},
		{
			Name:   "lists off while the bucket has one",
			Method: "PUT",
			Target: "/fuzzed?ownershipControls",
			Body:   owner("BucketOwnerEnforced"),
			Status: 400,
			Has:    []string{"InvalidBucketAclWithObjectOwnership"},
		},
	})
}
