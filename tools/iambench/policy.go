// Command iambench compares the policy engine with others on one set of five
// statements with conditions, and prints how many times faster it is. It is a
// separate module, so that the engine doesn't depend on the others.
package main

// document is the set in AWS's policy language: least privilege, with each
// action named.
const document = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "ListUnderPrefixes",
      "Effect": "Allow",
      "Action": ["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"],
      "Resource": ["arn:aws:s3:::data-bucket", "arn:aws:s3:::data-bucket-archive"],
      "Condition": {
        "StringLike": {"s3:prefix": ["reports/*", "exports/*", "home/*"]},
        "NumericLessThanEquals": {"s3:max-keys": "1000"}
      }
    },
    {
      "Sid": "ReadReports",
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging", "s3:GetObjectVersionTagging",
        "s3:GetObjectAttributes"],
      "Resource": ["arn:aws:s3:::data-bucket/reports/*", "arn:aws:s3:::data-bucket/exports/*",
        "arn:aws:s3:::data-bucket-archive/*"],
      "Condition": {
        "IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/24"]},
        "StringEquals": {"aws:PrincipalTag/team": ["green", "red", "blue"]}
      }
    },
    {
      "Sid": "OwnFolder",
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject",
        "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
      "Resource": "arn:aws:s3:::data-bucket/home/*",
      "Condition": {
        "StringEquals": {"aws:PrincipalTag/team": "red"}
      }
    },
    {
      "Sid": "DenyPlainHTTP",
      "Effect": "Deny",
      "Action": "s3:*",
      "Resource": "*",
      "Condition": {
        "Bool": {"aws:SecureTransport": "false"}
      }
    },
    {
      "Sid": "DenyDeletionWithOldMFA",
      "Effect": "Deny",
      "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutLifecycleConfiguration"],
      "Resource": ["arn:aws:s3:::data-bucket", "arn:aws:s3:::data-bucket/*"],
      "Condition": {
        "NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}
      }
    }
  ]
}`

// translated is the set in Cedar, translated by hand.
const translated = `
@id("ListUnderPrefixes")
permit (principal, action in [Action::"ListBucket", Action::"ListBucketVersions",
  Action::"ListBucketMultipartUploads"], resource)
when {
  (resource.arn == "arn:aws:s3:::data-bucket" || resource.arn == "arn:aws:s3:::data-bucket-archive") &&
  context has prefix && (context.prefix like "reports/*" || context.prefix like "exports/*" ||
    context.prefix like "home/*") &&
  context has maxKeys && context.maxKeys <= 1000
};

@id("ReadReports")
permit (principal, action in [Action::"GetObject", Action::"GetObjectVersion", Action::"GetObjectTagging",
  Action::"GetObjectVersionTagging", Action::"GetObjectAttributes"], resource)
when {
  (resource.arn like "arn:aws:s3:::data-bucket/reports/*" ||
    resource.arn like "arn:aws:s3:::data-bucket/exports/*" ||
    resource.arn like "arn:aws:s3:::data-bucket-archive/*") &&
  (context.sourceIp.isInRange(ip("192.0.2.0/24")) || context.sourceIp.isInRange(ip("203.0.113.0/24"))) &&
  ["green", "red", "blue"].contains(principal.team)
};

@id("OwnFolder")
permit (principal, action in [Action::"GetObject", Action::"GetObjectVersion", Action::"PutObject",
  Action::"DeleteObject", Action::"AbortMultipartUpload", Action::"ListMultipartUploadParts"], resource)
when { resource.arn like "arn:aws:s3:::data-bucket/home/*" && principal.team == "red" };

@id("DenyPlainHTTP")
forbid (principal, action, resource)
when { context.secureTransport == false };

@id("DenyDeletionWithOldMFA")
forbid (principal, action in [Action::"DeleteObject", Action::"DeleteObjectVersion",
  Action::"PutLifecycleConfiguration"], resource)
when {
  (resource.arn == "arn:aws:s3:::data-bucket" || resource.arn like "arn:aws:s3:::data-bucket/*") &&
  context has mfaAge && context.mfaAge > 3600
};
`

// call is one request, independent of the engine.
type call struct {
	action, resource string
	bucket           bool
	prefix           string
	sourceIP         string
	secure           bool
	mfaAge           int64
	allowed          bool
}

// calls are decided in rotation: some by the first statements, some by the
// last, some by none.
var calls = [8]call{
	{
		action: "ListBucket", resource: "arn:aws:s3:::data-bucket", bucket: true, prefix: "reports/2024/",
		sourceIP: "203.0.113.9", secure: true, mfaAge: 60, allowed: true,
	},
	{
		action: "GetObject", resource: "arn:aws:s3:::data-bucket/reports/2024/q1.csv", sourceIP: "203.0.113.9",
		secure: true, mfaAge: 60, allowed: true,
	},
	{
		action: "GetObject", resource: "arn:aws:s3:::data-bucket/reports/2024/q1.csv", sourceIP: "198.51.100.1",
		secure: true, mfaAge: 60,
	},
	{
		action: "PutObject", resource: "arn:aws:s3:::data-bucket/home/alice/notes.txt", sourceIP: "198.51.100.1",
		secure: true, mfaAge: 60, allowed: true,
	},
	{
		action: "PutObject", resource: "arn:aws:s3:::data-bucket/home/alice/notes.txt", sourceIP: "203.0.113.9",
		mfaAge: 60,
	},
	{
		action: "DeleteObject", resource: "arn:aws:s3:::data-bucket/home/alice/notes.txt", sourceIP: "203.0.113.9",
		secure: true, mfaAge: 7200,
	},
	{
		action: "DeleteObject", resource: "arn:aws:s3:::data-bucket/home/alice/notes.txt", sourceIP: "203.0.113.9",
		secure: true, mfaAge: 60, allowed: true,
	},
	{
		action: "GetObject", resource: "arn:aws:s3:::other-bucket/reports/q1.csv", sourceIP: "203.0.113.9",
		secure: true, mfaAge: 60,
	},
}
