package iam_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/iam"
)

const fiveStatements = `{"Version":"2012-10-17","Statement":[
 {"Sid":"List","Effect":"Allow","Action":["s3:ListBucket","s3:ListBucketVersions"],
  "Resource":"arn:aws:s3:::data-bucket",
  "Condition":{"StringLike":{"s3:prefix":["reports/*","home/*"]}}},
 {"Sid":"Reports","Effect":"Allow","Action":["s3:GetObject","s3:GetObjectVersion"],
  "Resource":"arn:aws:s3:::data-bucket/reports/*",
  "Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},"StringEquals":{"aws:PrincipalTag/team":["red","blue"]}}},
 {"Sid":"Home","Effect":"Allow","Action":"s3:*Object","Resource":"arn:aws:s3:::data-bucket/home/*",
  "Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}},
 {"Sid":"NoPlainHTTP","Effect":"Deny","Action":"s3:*","Resource":"*",
  "Condition":{"Bool":{"aws:SecureTransport":"false"}}},
 {"Sid":"NoDeleteWithOldMFA","Effect":"Deny","Action":"s3:Delete*","Resource":"arn:aws:s3:::data-bucket/*",
  "Condition":{"NumericGreaterThan":{"aws:MultiFactorAuthAge":"3600"}}}
]}`

// fiveCalls returns requests that the five statements decide in different
// ways.
func fiveCalls() []*iam.Request {
	alice := iam.Principal{Type: iam.User, ARN: "arn:aws:iam::111122223333:user/alice", Account: "111122223333"}
	var requests []*iam.Request
	for _, c := range []struct{ action, resource, prefix, ip, secure, age string }{
		{"s3:ListBucket", "arn:aws:s3:::data-bucket", "reports/2024/", "203.0.113.9", "true", "60"},
		{"s3:GetObject", "arn:aws:s3:::data-bucket/reports/2024/q1.csv", "", "203.0.113.9", "true", "60"},
		{"s3:GetObject", "arn:aws:s3:::data-bucket/reports/2024/q1.csv", "", "198.51.100.1", "true", "60"},
		{"s3:PutObject", "arn:aws:s3:::data-bucket/home/alice/notes.txt", "", "198.51.100.1", "true", "60"},
		{"s3:PutObject", "arn:aws:s3:::data-bucket/home/alice/notes.txt", "", "203.0.113.9", "false", "60"},
		{"s3:DeleteObject", "arn:aws:s3:::data-bucket/home/alice/notes.txt", "", "203.0.113.9", "true", "7200"},
		{"s3:DeleteObject", "arn:aws:s3:::data-bucket/home/alice/notes.txt", "", "203.0.113.9", "true", "60"},
		{"s3:GetObject", "arn:aws:s3:::other-bucket/reports/q1.csv", "", "203.0.113.9", "true", "60"},
	} {
		r := &iam.Request{Principal: alice, Action: c.action, Resource: c.resource, ResourceAccount: "111122223333"}
		bindFive(r, c.prefix, c.ip, c.secure, c.age)
		requests = append(requests, r)
	}
	return requests
}

func bindFive(r *iam.Request, prefix, ip, secure, age string) {
	if prefix != "" {
		r.Context.Set("s3:prefix", prefix)
	}
	r.Context.Set("aws:PrincipalTag/team", "red")
	r.Context.Set("aws:SourceIp", ip)
	r.Context.Set("aws:SecureTransport", secure)
	r.Context.Set("aws:MultiFactorAuthAge", age)
}

func BenchmarkEvaluate(b *testing.B) {
	policies := &iam.Policies{Identity: []*iam.Compiled{mustCompile(b, iam.Identity, []byte(fiveStatements))}}
	requests := fiveCalls()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		iam.Evaluate(policies, requests[i%len(requests)])
	}
}

func BenchmarkBindAndEvaluate(b *testing.B) {
	policies := &iam.Policies{Identity: []*iam.Compiled{mustCompile(b, iam.Identity, []byte(fiveStatements))}}
	request := fiveCalls()[0]
	b.ReportAllocs()
	for b.Loop() {
		request.Context.Reset()
		bindFive(request, "reports/2024/", "203.0.113.9", "true", "60")
		iam.Evaluate(policies, request)
	}
}

func BenchmarkParseAndCompile(b *testing.B) {
	set := fiveStatements[strings.Index(fiveStatements, "[")+1 : strings.LastIndex(fiveStatements, "]")]
	statements := set
	for len(statements)+len(set) < 6000 {
		statements += "," + set
	}
	text := []byte(`{"Version":"2012-10-17","Statement":[` + statements + `]}`)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		mustCompile(b, iam.Identity, text)
	}
}
