package lint_test

import (
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/lint"
)

func ExampleLint() {
	document := `{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": ["s3:ListBucket", "s3:GetBucketLocation"],
    "Resource": "arn:aws:s3:::acme-data",
    "Condition": {"StringLike": {"s3:prefix": "reports/*"}}
  }]
}`
	for _, f := range lint.Lint(iam.Identity, []byte(document), lint.Options{}) {
		fault, fix, _ := strings.Cut(f.Message, ". ")
		fmt.Printf("%d:%d %s %s\n%s.\n%s\n", f.Line, f.Column, f.Severity, f.Code, fault, fix)
	}
	// Output:
	// 5:33 error condition-key-never-present
	// A request for s3:GetBucketLocation never carries s3:prefix, so this statement never allows it.
	// Move s3:GetBucketLocation to its own statement without the condition.
}
