package reference_test

import (
	"fmt"

	"github.com/windlass-io/windlass/iam/reference"
)

func ExampleCarries() {
	for _, action := range []string{"s3:ListBucket", "s3:GetBucketLocation"} {
		known, carries := reference.Carries(action, "s3:prefix")
		fmt.Println(action, known, carries)
	}
	// Output:
	// s3:ListBucket true true
	// s3:GetBucketLocation true false
}

func ExampleExpand() {
	fmt.Println(reference.Expand("s3:ListBucket*"))
	// Output:
	// [s3:ListBucket s3:ListBucketMultipartUploads s3:ListBucketVersions]
}
