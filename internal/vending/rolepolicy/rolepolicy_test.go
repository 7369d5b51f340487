package rolepolicy_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/vending/rolepolicy"
	"github.com/windlass-io/windlass/sandboxtest"
)

const denyAll = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`

func TestPutRolePolicy(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	may, _ := server.MustUser(t, server.Customer, "may",
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:PutRolePolicy","Resource":"*"}}`)
	mayNot, principal := server.MustUser(t, server.Customer, "may-not")
	server.MustRole(t, server.Customer, "reader", `{"Version":"2012-10-17","Statement":{"Effect":"Allow",`+
		`"Principal":{"AWS":"`+principal+`"},"Action":"sts:AssumeRole"}}`)
	writer := rolepolicy.New(rolepolicy.Config{Region: server.Region, Endpoint: server.URL})

	for name, tt := range map[string]struct {
		keys         aws.Credentials
		role, policy string
		code         string // of the failure; empty: it works
	}{
		"allowed":          {may, "reader", denyAll, ""},
		"denied":           {mayNot, "reader", denyAll, "AccessDenied"},
		"no such role":     {may, "writer", denyAll, "NoSuchEntity"},
		"malformed policy": {may, "reader", "{", "MalformedPolicyDocument"},
	} {
		keys := object.Keys{
			AccessKeyID: tt.keys.AccessKeyID, SecretAccessKey: secret.New(tt.keys.SecretAccessKey),
			SessionToken: secret.New(tt.keys.SessionToken),
		}
		err := writer.PutRolePolicy(t.Context(), keys, tt.role, "ended", tt.policy)
		var failure *object.Failure
		switch {
		case tt.code == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case tt.code != "" && (!errors.As(err, &failure) || failure.Code != tt.code || failure.Resource != tt.role):
			t.Errorf("%s: got %v, want %s", name, err, tt.code)
		}
	}

	got, err := server.IAM(server.Customer.Keys).GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{
		RoleName: aws.String("reader"), PolicyName: aws.String("ended"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := url.QueryUnescape(*got.PolicyDocument); err != nil || !strings.Contains(text, `"Deny"`) {
		t.Errorf("the role's policy is %s", text)
	}
}
