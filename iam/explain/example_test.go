package explain_test

import (
	"fmt"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/explain"
	"github.com/windlass-io/windlass/iam/reference"
)

// A policy that allows listing only under a prefix never allows
// s3:GetBucketLocation.
func ExampleExplain() {
	policy, err := iam.Parse(iam.Identity, []byte(`{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["s3:ListBucket", "s3:GetBucketLocation"],
    "Resource": "arn:aws:s3:::acme-data",
    "Condition": {"StringLike": {"s3:prefix": "reports/*"}}
  }
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	compiled, err := iam.Compile(policy)
	if err != nil {
		fmt.Println(err)
		return
	}
	request := iam.Request{
		Principal: iam.Principal{
			Type: iam.User, ARN: "arn:aws:iam::111122223333:user/ada", Account: "111122223333",
		},
		Action:          "s3:GetBucketLocation",
		Resource:        "arn:aws:s3:::acme-data",
		ResourceAccount: "111122223333",
	}
	policies := iam.Policies{Identity: []*iam.Compiled{compiled}}
	trace := explain.Explain(&policies, &request, explain.Options{Carries: reference.Carries})
	fmt.Println(trace.Headline())
	fmt.Println(trace.Fix)
	for _, policy := range trace.Policies {
		for _, statement := range policy.Statements {
			fmt.Printf("%s: %s\n", statement.Title(), statement.Says)
		}
	}
	// Output:
	// Implicitly denied
	// Move s3:GetBucketLocation out of statement 1 of identity policy 1 into one without the condition on s3:prefix.
	// statement 1 (Allow, line 3): This action never carries s3:prefix, so StringLike can never match.
}
