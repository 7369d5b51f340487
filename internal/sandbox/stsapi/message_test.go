package stsapi_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// TestDecodeAuthorizationMessage decodes the message of a denial.
func TestDecodeAuthorizationMessage(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	user, arn := server.MustUser(
		t,
		server.Customer,
		"ada",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:ListUsers","Resource":"*"}]}`,
	)
	if err := awstest.Err(
		server.IAM(user).ListUsers(t.Context(), &iam.ListUsersInput{}),
	); awstest.Code(
		err,
	) != "AccessDenied" {
		t.Fatal(err)
	}
	message := server.Sandbox.Decisions(1)[0].Message
	if err := awstest.Err(
		server.STS(user).
			DecodeAuthorizationMessage(t.Context(), &sts.DecodeAuthorizationMessageInput{EncodedMessage: &message}),
	); awstest.Code(
		err,
	) != "AccessDenied" {
		t.Errorf("without the permission: %v", err)
	}
	out, err := server.STS(server.Customer.Keys).
		DecodeAuthorizationMessage(t.Context(), &sts.DecodeAuthorizationMessageInput{EncodedMessage: &message})
	if err != nil {
		t.Fatal(err)
	}
	var decoded struct {
		Allowed, ExplicitDeny bool
		Context               struct {
			Principal struct{ ARN string }
			Action    string
		}
	}
	if err := json.Unmarshal([]byte(*out.DecodedMessage), &decoded); err != nil {
		t.Fatal(err)
	}
	if decoded.Allowed || !decoded.ExplicitDeny || decoded.Context.Principal.ARN != arn ||
		decoded.Context.Action != "iam:ListUsers" {
		t.Errorf("the message says %s", *out.DecodedMessage)
	}
	tampered := message[:len(message)-2] + "AA"
	if err := awstest.Err(
		server.STS(server.Customer.Keys).
			DecodeAuthorizationMessage(t.Context(), &sts.DecodeAuthorizationMessageInput{EncodedMessage: &tampered}),
	); awstest.Code(
		err,
	) != "InvalidAuthorizationMessageException" {
		t.Errorf("a message that was changed: %v", err)
	}
}
