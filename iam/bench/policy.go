// Command bench measures the policy engine against others on one set of five
// statements with conditions, and prints how many times faster it is. It is a
// module of its own, so that the others are no dependencies of the engine.
package main

// document is the set in AWS's language.
const document = `{"Version":"2012-10-17","Statement":[
 {"Sid":"List","Effect":"Allow","Action":["s3:ListBucket","s3:ListBucketVersions"],"Resource":"arn:aws:s3:::data-bucket",
  "Condition":{"StringLike":{"s3:prefix":["reports/*","home/*"]}}},
 {"Sid":"Reports","Effect":"Allow","Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":"arn:aws:s3:::data-bucket/reports/*",
  "Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"StringEquals":{"aws:PrincipalTag/team":["red","blue"]}}},
 {"Sid":"Home","Effect":"Allow","Action":"s3:*Object","Resource":"arn:aws:s3:::data-bucket/home/*",
  "Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}},
 {"Sid":"NoPlainHTTP","Effect":"Deny","Action":"s3:*","Resource":"*",
  "Condition":{"Bool":{"aws:SecureTransport":"false"}}},
 {"Sid":"NoDeleteWithOldMFA","Effect":"Deny","Action":"s3:Delete*","Resource":"arn:aws:s3:::data-bucket/*",
  "Condition":{"NumericGreaterThan":{"aws:MultiFactorAuthAge":"3600"}}}
]}`

// translated is the set in Cedar, by hand.
const translated = `
@id("List")
permit (principal, action in [Action::"ListBucket", Action::"ListBucketVersions"], resource == Bucket::"data-bucket")
when { context has prefix && (context.prefix like "reports/*" || context.prefix like "home/*") };

@id("Reports")
permit (principal, action in [Action::"GetObject", Action::"GetObjectVersion"], resource)
when { resource.arn like "arn:aws:s3:::data-bucket/reports/*" && context.sourceIp.isInRange(ip("203.0.113.0/24")) && ["red", "blue"].contains(principal.team) };

@id("Home")
permit (principal, action in [Action::"GetObject", Action::"PutObject", Action::"DeleteObject"], resource)
when { resource.arn like "arn:aws:s3:::data-bucket/home/*" && principal.team == "red" };

@id("NoPlainHTTP")
forbid (principal, action, resource)
when { context.secureTransport == false };

@id("NoDeleteWithOldMFA")
forbid (principal, action in [Action::"DeleteObject", Action::"DeleteObjectVersion"], resource)
when { resource.arn like "arn:aws:s3:::data-bucket/*" && context has mfaAge && context.mfaAge > 3600 };
`

// call is one request, in no engine's terms.
type call struct {
	action, resource string
	bucket           bool
	prefix           string
	sourceIP         string
	secure           bool
	mfaAge           int64
	allowed          bool
}

// calls are decided in turn: some by the first statements, some by the last,
// some by none.
var calls = [8]call{
	{action: "ListBucket", resource: "arn:aws:s3:::data-bucket", bucket: true, prefix: "reports/2024/", sourceIP: "203.0.113.9", secure: true, mfaAge: 60, allowed: true},
	{action: "GetObject", resource: "arn:aws:s3:::data-bucket/reports/2024/q1.csv", sourceIP: "203.0.113.9", secure: true, mfaAge: 60, allowed: true},
	{action: "GetObject", resource: "arn:aws:s3:::data-bucket/reports/2024/q1.csv", sourceIP: "198.51.100.1", secure: true, mfaAge: 60},
	{action: "PutObject", resource: "arn:aws:s3:::data-bucket/home/alice/notes.txt", sourceIP: "198.51.100.1", secure: true, mfaAge: 60, allowed: true},
	{action: "PutObject", resource: "arn:aws:s3:::data-bucket/home/alice/notes.txt", sourceIP: "203.0.113.9", mfaAge: 60},
	{action: "DeleteObject", resource: "arn:aws:s3:::data-bucket/home/alice/notes.txt", sourceIP: "203.0.113.9", secure: true, mfaAge: 7200},
	{action: "DeleteObject", resource: "arn:aws:s3:::data-bucket/home/alice/notes.txt", sourceIP: "203.0.113.9", secure: true, mfaAge: 60, allowed: true},
	{action: "GetObject", resource: "arn:aws:s3:::other-bucket/reports/q1.csv", sourceIP: "203.0.113.9", secure: true, mfaAge: 60},
}
