package s3api

// operations is S3's actions by name.
func operations() map[string]operation {
	table := map[string]operation{
		"ListBuckets":       (*call).listBuckets,
		"CreateBucket":      (*call).createBucket,
		"HeadBucket":        (*call).headBucket,
		"DeleteBucket":      (*call).deleteBucket,
		"GetBucketLocation": (*call).getBucketLocation,
		"Preflight":         (*call).preflight,

		"GetBucketPolicy":       (*call).getBucketPolicy,
		"PutBucketPolicy":       (*call).putBucketPolicy,
		"DeleteBucketPolicy":    (*call).deleteBucketPolicy,
		"GetBucketPolicyStatus": (*call).getBucketPolicyStatus,

		"GetPublicAccessBlock":          (*call).getPublicAccessBlock,
		"PutPublicAccessBlock":          (*call).putPublicAccessBlock,
		"DeletePublicAccessBlock":       (*call).deletePublicAccessBlock,
		"GetBucketOwnershipControls":    (*call).getBucketOwnershipControls,
		"PutBucketOwnershipControls":    (*call).putBucketOwnershipControls,
		"DeleteBucketOwnershipControls": (*call).deleteBucketOwnershipControls,
		"GetBucketAcl":                  (*call).getBucketACL,
		"PutBucketAcl":                  (*call).putBucketACL,
		"GetObjectAcl":                  (*call).getObjectACL,
		"PutObjectAcl":                  (*call).putObjectACL,

		"GetBucketVersioning":     (*call).getBucketVersioning,
		"PutBucketVersioning":     (*call).putBucketVersioning,
		"GetBucketEncryption":     (*call).getBucketEncryption,
		"PutBucketEncryption":     (*call).putBucketEncryption,
		"DeleteBucketEncryption":  (*call).deleteBucketEncryption,
		"GetBucketRequestPayment": (*call).getBucketRequestPayment,
		"PutBucketRequestPayment": (*call).putBucketRequestPayment,
		"GetBucketAbac":           (*call).getBucketABAC,
		"GetBucketTagging":        (*call).getBucketTagging,
		"PutBucketTagging":        (*call).putBucketTagging,
		"DeleteBucketTagging":     (*call).deleteBucketTagging,

		"GetObjectLockConfiguration": (*call).getObjectLockConfiguration,
		"PutObjectLockConfiguration": (*call).putObjectLockConfiguration,
		"GetObjectRetention":         (*call).getObjectRetention,
		"PutObjectRetention":         (*call).putObjectRetention,
		"GetObjectLegalHold":         (*call).getObjectLegalHold,
		"PutObjectLegalHold":         (*call).putObjectLegalHold,

		"ListObjects":        (*call).listObjects,
		"ListObjectsV2":      (*call).listObjectsV2,
		"ListObjectVersions": (*call).listObjectVersions,

		"PutObject":           (*call).putObject,
		"PostObject":          (*call).postObject,
		"CopyObject":          (*call).copyObject,
		"GetObject":           (*call).getObject,
		"HeadObject":          (*call).getObject,
		"GetObjectAttributes": (*call).getObjectAttributes,
		"DeleteObject":        (*call).deleteObject,
		"DeleteObjects":       (*call).deleteObjects,
		"RestoreObject":       (*call).restoreObject,
		"GetObjectTagging":    (*call).getObjectTagging,
		"PutObjectTagging":    (*call).putObjectTagging,
		"DeleteObjectTagging": (*call).deleteObjectTagging,

		"CreateMultipartUpload":   (*call).createMultipartUpload,
		"UploadPart":              (*call).uploadPart,
		"CompleteMultipartUpload": (*call).completeMultipartUpload,
		"AbortMultipartUpload":    (*call).abortMultipartUpload,
		"ListParts":               (*call).listParts,
		"ListMultipartUploads":    (*call).listMultipartUploads,
	}
	for _, k := range configurations() {
		k.register(table)
	}
	return table
}
