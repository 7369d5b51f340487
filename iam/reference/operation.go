package reference

import "strings"

// operations maps operations of S3's API, in lower case, to the actions that
// they need, where the names differ. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html.
var operations = map[string]string{
	"listobjects": "s3:ListBucket", "listobjectsv2": "s3:ListBucket", "headbucket": "s3:ListBucket",
	"listobjectversions": "s3:ListBucketVersions", "listbuckets": "s3:ListAllMyBuckets",
	"headobject": "s3:GetObject", "selectobjectcontent": "s3:GetObject",
	"deleteobjects": "s3:DeleteObject", "copyobject": "s3:PutObject", "createmultipartupload": "s3:PutObject",
	"uploadpart": "s3:PutObject", "uploadpartcopy": "s3:PutObject", "completemultipartupload": "s3:PutObject",
	"postobject": "s3:PutObject", "listparts": "s3:ListMultipartUploadParts",
	"listmultipartuploads": "s3:ListBucketMultipartUploads",
	"getbucketencryption":  "s3:GetEncryptionConfiguration", "putbucketencryption": "s3:PutEncryptionConfiguration",
	"deletebucketencryption":             "s3:PutEncryptionConfiguration",
	"getbucketlifecycle":                 "s3:GetLifecycleConfiguration",
	"getbucketlifecycleconfiguration":    "s3:GetLifecycleConfiguration",
	"putbucketlifecycle":                 "s3:PutLifecycleConfiguration",
	"putbucketlifecycleconfiguration":    "s3:PutLifecycleConfiguration",
	"deletebucketlifecycle":              "s3:PutLifecycleConfiguration",
	"getbucketreplication":               "s3:GetReplicationConfiguration",
	"putbucketreplication":               "s3:PutReplicationConfiguration",
	"deletebucketreplication":            "s3:PutReplicationConfiguration",
	"getbuckettagging":                   "s3:GetBucketTagging",
	"deletebuckettagging":                "s3:PutBucketTagging",
	"getbucketcors":                      "s3:GetBucketCORS",
	"putbucketcors":                      "s3:PutBucketCORS",
	"deletebucketcors":                   "s3:PutBucketCORS",
	"getpublicaccessblock":               "s3:GetBucketPublicAccessBlock",
	"putpublicaccessblock":               "s3:PutBucketPublicAccessBlock",
	"deletepublicaccessblock":            "s3:PutBucketPublicAccessBlock",
	"getobjectlockconfiguration":         "s3:GetBucketObjectLockConfiguration",
	"putobjectlockconfiguration":         "s3:PutBucketObjectLockConfiguration",
	"getbucketnotificationconfiguration": "s3:GetBucketNotification",
	"putbucketnotificationconfiguration": "s3:PutBucketNotification",
	"getbucketaccelerateconfiguration":   "s3:GetAccelerateConfiguration",
	"putbucketaccelerateconfiguration":   "s3:PutAccelerateConfiguration",
	"getbucketrequestpayment":            "s3:GetBucketRequestPayment",
}

// ActionOf returns the action that a call of an API operation needs
// ("s3:ListBucket" for "s3:ListObjectsV2"), if the operation's name isn't an
// action. The names ignore case.
func ActionOf(operation string) (action string, ok bool) {
	prefix, name, _ := strings.Cut(operation, ":")
	if !strings.EqualFold(prefix, "s3") || FindAction(operation) != nil {
		return "", false
	}
	action, ok = operations[strings.ToLower(name)]
	return action, ok
}
