package s3api

import (
	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
)

// refuseAnonymous rejects operations that S3 never allows anonymous callers,
// whatever the policies and access control lists. The S3 User Guide documents
// it for multipart uploads
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions);
// the others were observed.
func refuseAnonymous(c *front.Call, operation string) error {
	if c.Caller.Type != iam.Anonymous {
		return nil
	}
	switch operation {
	case "ListBuckets":
		return s3error.AccessDenied("Access Denied")
	case "CreateBucket", "PutBucketAcl", "PutObjectAcl":
		return s3error.AccessDenied("Anonymous users cannot invoke this API. Please authenticate.")
	case "CopyObject":
		return s3error.AccessDenied("Anonymous users cannot copy objects. Please authenticate.")
	case "CreateMultipartUpload":
		return s3error.AccessDenied("Anonymous users cannot initiate multipart uploads. Please authenticate.")
	case "GetBucketOwnershipControls":
		return s3error.AccessDenied("s3:GetBucketOwnershipControls does not support Anonymous requests!")
	case "PutBucketOwnershipControls", "DeleteBucketOwnershipControls":
		return s3error.AccessDenied("s3:PutBucketOwnershipControls does not support Anonymous requests!")
	}
	return nil
}
