package sandboxtest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/sandboxtest"
)

// A role can only be assumed with its External ID.
func ExampleServer_MustRole() {
	var t *testing.T // the argument of the test

	testAssume(t)
}

func testAssume(t *testing.T) {
	server := sandboxtest.Start(t)
	keys, user := server.MustUser(
		t,
		server.Service,
		"windlass",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`,
	)
	role := server.MustRole(
		t,
		server.Customer,
		"reader",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+user+
			`"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"8f14e45f"}}}]}`,
	)
	server.MustAssume(t, keys, role, "8f14e45f")
	_, err := server.STS(keys).
		AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("test")})
	if err == nil {
		t.Error("it is let in without the External ID")
	}
}
