package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// TestIdentityIsWarnedOf checks that the built service, started with a key in
// its environment, warns about the AWS principal that it runs as.
func TestIdentityIsWarnedOf(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		actions []string // of the user's policy; none: the account's root
		want    []string
		says    string
	}{
		"a long-lived key": {
			[]string{"sts:AssumeRole"},
			[]string{"long-term-key"},
			"long-term access key",
		},
		"a key that may do more": {
			[]string{"sts:AssumeRole", "s3:ListAllMyBuckets"},
			[]string{"too-much", "long-term-key"},
			"s3:ListAllMyBuckets",
		},
		"a key that may ask about users": {
			[]string{"sts:AssumeRole", "iam:ListUsers"},
			[]string{"too-much", "long-term-key"},
			"iam:ListUsers",
		},
		"the root user": {nil, []string{"root"}, "root user"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rehearsed := rehearse(t)
			keys := rehearsed.accounts["service"]
			if tt.actions != nil {
				keys = rehearsed.user(t, keys, tt.actions)
			}
			s := serve(t, t.TempDir(), rehearsed, keys)
			found, err := s.Identity(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var codes []string
			var output strings.Builder
			for _, w := range found.Warnings {
				codes = append(codes, w.Code)
				output.WriteString(w.Message + " " + w.Fix + "\n")
			}
			if !slices.Equal(codes, tt.want) || !strings.Contains(output.String(), tt.says) {
				t.Errorf("warnings %v that say\n%s\nwant %v that say %q", codes, output.String(), tt.want, tt.says)
			}
		})
	}
}

// user creates a user in an account that may do these actions, and returns its key.
func (r rehearsal) user(t *testing.T, root account, actions []string) account {
	t.Helper()
	client := iam.NewFromConfig(awsConfig(r.endpoint, "us-east-1", root.AccessKeyID, root.SecretAccessKey))
	name := aws.String("windlass")
	if _, err := client.CreateUser(t.Context(), &iam.CreateUserInput{UserName: name}); err != nil {
		t.Fatal(err)
	}
	_, err := client.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{
		UserName: name, PolicyName: aws.String("all"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["` +
			strings.Join(actions, `","`) + `"],"Resource":"*"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	key, err := client.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: name})
	if err != nil {
		t.Fatal(err)
	}
	return account{
		ID: root.ID, Name: "windlass", AccessKeyID: *key.AccessKey.AccessKeyId,
		SecretAccessKey: *key.AccessKey.SecretAccessKey,
	}
}
