package s3api

import "github.com/windlass-io/windlass/iam"

// refuseAnonymous refuses what S3 does for nobody without a name, whatever
// policies and access control lists allow. The S3 User Guide has it of
// multipart uploads
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions);
// the others have been seen.
func (c *call) refuseAnonymous(operation string) error {
	if c.Caller.Type != iam.Anonymous {
		return nil
	}
	switch operation {
	case "ListBuckets":
		return accessDenied("Access Denied")
	case "CreateBucket", "PutBucketAcl", "PutObjectAcl":
		return accessDenied("Anonymous users cannot invoke this API. Please authenticate.")
	case "CopyObject":
		return accessDenied("Anonymous users cannot copy objects. Please authenticate.")
	case "CreateMultipartUpload":
		return accessDenied("Anonymous users cannot initiate multipart uploads. Please authenticate.")
	case "GetBucketOwnershipControls":
		return accessDenied("s3:GetBucketOwnershipControls does not support Anonymous requests!")
	case "PutBucketOwnershipControls", "DeleteBucketOwnershipControls":
		return accessDenied("s3:PutBucketOwnershipControls does not support Anonymous requests!")
	}
	return nil
}
