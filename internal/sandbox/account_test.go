package sandbox_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/internal/sandbox"
	"github.com/windlass-io/windlass/internal/sandbox/awstest"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/sandboxtest"
)

// TestAddedAccounts adds an account and an access key to a running sandbox.
// Neither can use an existing ID.
func TestAddedAccounts(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	whoIs := func(id, key string) string {
		t.Helper()
		out, err := server.STS(aws.Credentials{AccessKeyID: id, SecretAccessKey: key}).
			GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		if err != nil {
			t.Fatal(err)
		}
		return *out.Arn
	}
	made, err := server.Sandbox.AddAccount(sandbox.AccountSpec{ID: "333333333333", Name: "third"})
	if err != nil {
		t.Fatal(err)
	}
	if got := whoIs(made.RootAccessKeyID, made.RootSecretAccessKey.Reveal()); got != "arn:aws:iam::333333333333:root" {
		t.Errorf("the new root is %s", got)
	}
	if all := server.Sandbox.Accounts(); len(all) != 3 || all[2].ID != made.ID {
		t.Errorf("the accounts are %+v", all)
	}
	server.MustUser(t, server.Customer, "fixed")
	if err := server.Sandbox.AddAccessKey(
		server.Customer.ID,
		"fixed",
		"fixed-key",
		secret.New("fixed-secret"),
	); err != nil {
		t.Fatal(err)
	}
	if got := whoIs("fixed-key", "fixed-secret"); got != "arn:aws:iam::222222222222:user/fixed" {
		t.Errorf("the fixed key is of %s", got)
	}
	for name, err := range map[string]error{
		"an account that is there": awstest.Err(server.Sandbox.AddAccount(sandbox.AccountSpec{
			ID:   "333333333333",
			Name: "again",
		})),
		"an account without a number": awstest.Err(server.Sandbox.AddAccount(sandbox.AccountSpec{
			ID:   "3",
			Name: "short",
		})),
		"an account without a name": awstest.Err(server.Sandbox.AddAccount(sandbox.AccountSpec{ID: "444444444444"})),
		"an account with another's key": awstest.Err(server.Sandbox.AddAccount(sandbox.AccountSpec{
			ID: "444444444444", Name: "thief",
			RootAccessKeyID: "fixed-key",
		})),
		"a key that is somebody's": server.Sandbox.AddAccessKey(server.Customer.ID, "fixed", made.RootAccessKeyID,
			secret.New("x")),
		"a key of a user that is not there": server.Sandbox.AddAccessKey(server.Customer.ID, "nobody", "another",
			secret.New("x")),
		"a key without a secret": server.Sandbox.AddAccessKey(server.Customer.ID, "fixed", "another", secret.String{}),
	} {
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if all := server.Sandbox.Accounts(); len(all) != 3 {
		t.Errorf("after refusals the accounts are %+v", all)
	}
}
