package s3api

import (
	"github.com/windlass-io/windlass/internal/sandbox/s3api/buckets"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/encryption"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/listing"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/multipart"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/notification"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/objectlock"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/objects"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/permissions"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/tagging"
)

// operations returns S3's actions by name.
func operations() map[string]front.Operation {
	table := map[string]front.Operation{
		"ListBuckets":       buckets.ListBuckets,
		"CreateBucket":      buckets.CreateBucket,
		"HeadBucket":        buckets.HeadBucket,
		"DeleteBucket":      buckets.DeleteBucket,
		"GetBucketLocation": buckets.GetBucketLocation,
		"Preflight":         buckets.Preflight,

		"GetBucketPolicy":       permissions.GetBucketPolicy,
		"PutBucketPolicy":       permissions.PutBucketPolicy,
		"DeleteBucketPolicy":    permissions.DeleteBucketPolicy,
		"GetBucketPolicyStatus": permissions.GetBucketPolicyStatus,

		"GetPublicAccessBlock":          permissions.GetPublicAccessBlock,
		"PutPublicAccessBlock":          permissions.PutPublicAccessBlock,
		"DeletePublicAccessBlock":       permissions.DeletePublicAccessBlock,
		"GetBucketOwnershipControls":    permissions.GetBucketOwnershipControls,
		"PutBucketOwnershipControls":    permissions.PutBucketOwnershipControls,
		"DeleteBucketOwnershipControls": permissions.DeleteBucketOwnershipControls,
		"GetBucketAcl":                  permissions.GetBucketACL,
		"PutBucketAcl":                  permissions.PutBucketACL,
		"GetObjectAcl":                  permissions.GetObjectACL,
		"PutObjectAcl":                  permissions.PutObjectACL,

		"GetBucketVersioning":     buckets.GetBucketVersioning,
		"PutBucketVersioning":     buckets.PutBucketVersioning,
		"GetBucketEncryption":     encryption.GetBucketEncryption,
		"PutBucketEncryption":     encryption.PutBucketEncryption,
		"DeleteBucketEncryption":  encryption.DeleteBucketEncryption,
		"GetBucketRequestPayment": buckets.GetBucketRequestPayment,
		"PutBucketRequestPayment": buckets.PutBucketRequestPayment,
		"GetBucketAbac":           buckets.GetBucketABAC,
		"GetBucketTagging":        tagging.GetBucketTagging,
		"PutBucketTagging":        tagging.PutBucketTagging,
		"DeleteBucketTagging":     tagging.DeleteBucketTagging,

		"GetObjectLockConfiguration": objectlock.GetObjectLockConfiguration,
		"PutObjectLockConfiguration": objectlock.PutObjectLockConfiguration,
		"GetObjectRetention":         objectlock.GetObjectRetention,
		"PutObjectRetention":         objectlock.PutObjectRetention,
		"GetObjectLegalHold":         objectlock.GetObjectLegalHold,
		"PutObjectLegalHold":         objectlock.PutObjectLegalHold,

		"GetBucketNotification": notification.GetBucketNotification,
		"PutBucketNotification": notification.PutBucketNotification,

		"ListObjects":        listing.ListObjects,
		"ListObjectsV2":      listing.ListObjectsV2,
		"ListObjectVersions": listing.ListObjectVersions,

		"PutObject":           objects.PutObject,
		"PostObject":          nil, // see [Routed.Serve]
		"CopyObject":          objects.CopyObject,
		"GetObject":           objects.GetObject,
		"HeadObject":          objects.GetObject,
		"GetObjectAttributes": objects.GetObjectAttributes,
		"DeleteObject":        objects.DeleteObject,
		"DeleteObjects":       objects.DeleteObjects,
		"RestoreObject":       objects.RestoreObject,
		"GetObjectTagging":    tagging.GetObjectTagging,
		"PutObjectTagging":    tagging.PutObjectTagging,
		"DeleteObjectTagging": tagging.DeleteObjectTagging,

		"CreateMultipartUpload":   multipart.CreateMultipartUpload,
		"UploadPart":              multipart.UploadPart,
		"CompleteMultipartUpload": multipart.CompleteMultipartUpload,
		"AbortMultipartUpload":    multipart.AbortMultipartUpload,
		"ListParts":               multipart.ListParts,
		"ListMultipartUploads":    multipart.ListMultipartUploads,
	}
	for _, k := range buckets.Configurations() {
		k.Register(table)
	}
	return table
}
