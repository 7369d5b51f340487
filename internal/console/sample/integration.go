package sample

import (
	"time"

	"github.com/windlass-io/windlass/internal/console/view"
)

// The principal of the service, and the role and the External ID of the sample.
const (
	Principal  = "arn:aws:iam::210987654321:user/windlass"
	Role       = "arn:aws:iam::123456789012:role/windlass-sales-exports"
	ExternalID = "9f1c4e7ab25d4386b0c1d2e3f4a5b6c7"
)

// PermissionPolicy is the permission policy of the sample's role.
const PermissionPolicy = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "WindlassReadObjects",
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:GetObjectVersion"],
      "Resource": "arn:aws:s3:::harbour-exports/sales/*"
    },
    {
      "Sid": "WindlassListLocations",
      "Effect": "Allow",
      "Action": "s3:ListBucket",
      "Resource": "arn:aws:s3:::harbour-exports",
      "Condition": {
        "StringLike": {"s3:prefix": ["sales/*"]}
      }
    }
  ]
}`

// TrustPolicy is the trust policy of the sample's role.
const TrustPolicy = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "` + Principal + `"},
      "Action": "sts:AssumeRole",
      "Condition": {
        "StringEquals": {"sts:ExternalId": "` + ExternalID + `"}
      }
    }
  ]
}`

// Integration returns an integration in a state.
func Integration(state string) view.Integration {
	i := view.Integration{
		ID: "int_01kjq7m2r5x8v3n6p9t4w0y1za", Name: "Sales exports", State: state,
		ExternalID: ExternalID, PrincipalARN: Principal, RoleARN: Role,
		Locations: []view.Location{{Bucket: "harbour-exports", Prefix: "sales/"}},
		Access:    "read", Region: "eu-west-1",
		CreatedAt: Time.Add(-3 * 24 * time.Hour),
	}
	if state == "verified" {
		i.VerifiedAt = Time.Add(-2 * time.Minute)
	}
	if state == "reserved" {
		i.RoleARN = ""
	}
	if state == "removed" {
		i.RemovedAt, i.Reason = Time.Add(-5*time.Minute), "It was removed."
	}
	return i
}

// Checks returns the checks of a verification without findings.
func Checks() []view.Check {
	ms := time.Millisecond
	return []view.Check{
		{Code: "identity", Status: "pass", Detail: "AWS says " + Principal + ".", Took: 41 * ms},
		{Code: "role-arn", Status: "pass", Detail: "Role windlass-sales-exports in account 123456789012."},
		{Code: "assume", Status: "pass", Detail: "AWS returned a session of one hour.", Took: 112 * ms},
		{Code: "assume-without-id", Status: "pass", Detail: "Refused with 403 AccessDenied.", Took: 64 * ms},
		{Code: "assume-wrong-id", Status: "pass", Detail: "Refused with 403 AccessDenied.", Took: 58 * ms},
		{Code: "list", Status: "pass", Detail: "s3://harbour-exports/sales/ has objects.", Took: 87 * ms},
		{Code: "get", Status: "pass", Detail: "One byte of sales/2026/11/21.csv.gz was read.", Took: 52 * ms},
		{Code: "get-outside", Status: "pass", Detail: "Refused with 403 AccessDenied.", Took: 47 * ms},
		{Code: "put-refused", Status: "pass", Detail: "Refused with 403 AccessDenied.", Took: 49 * ms},
	}
}

// Verification returns a verification with an outcome; "running" is one in progress.
func Verification(state string) *view.Verification {
	v := &view.Verification{
		ID: "ver_01kjq7m2r5x8v3n6p9t4w0y1zb", Integration: "int_01kjq7m2r5x8v3n6p9t4w0y1za",
		State: state, StartedAt: Time.Add(-2 * time.Minute), Took: 510 * time.Millisecond,
		Checks: Checks(),
	}
	switch state {
	case "running":
		v.StartedAt = Time.Add(-time.Second)
		v.Checks[4] = view.Check{Code: "assume-wrong-id", Status: "running"}
		for i := 5; i < len(v.Checks); i++ {
			v.Checks[i] = view.Check{Code: v.Checks[i].Code, Status: "waiting"}
		}
	case "failing":
		v.Checks[2] = view.Check{
			Code: "assume", Status: "fail", Took: 96 * time.Millisecond,
			Detail: "AWS refused AssumeRole on the role windlass-sales-exports, although Windlass sent the " +
				"External ID.",
			Cause:    "The trust policy still has the placeholder External ID that the role was created with.",
			Fix:      "In the role’s trust policy, replace the value of sts:ExternalId with the one of this integration.",
			Name:     "Trust policy",
			Document: TrustPolicy,
			Diff: " \"Condition\": {\n-  \"StringEquals\": {\"sts:ExternalId\": \"placeholder\"}\n" +
				"+  \"StringEquals\": {\"sts:ExternalId\": \"" + ExternalID + "\"}\n }",
			Command: "aws iam update-assume-role-policy \\\n  --role-name windlass-sales-exports \\\n  --policy-document file://trust-policy.json",
			Calls: []view.Call{{
				Action: "sts:AssumeRole", Resource: Role, Answer: "403 AccessDenied",
				RequestID: "7c1f0e52-9a34-4a53-8d25-2f4a1b7f6d01",
			}},
		}
		for i := 3; i < len(v.Checks); i++ {
			v.Checks[i] = view.Check{Code: v.Checks[i].Code, Status: "skip", WaitsFor: "assume"}
		}
	case "insecure":
		v.Checks[3] = view.Check{
			Code: "assume-without-id", Status: "fail", Took: 71 * time.Millisecond,
			Detail: "Windlass could assume the role without an External ID.",
			Cause: "The trust policy has no condition, so anyone who enters this role in another service can " +
				"use it.",
			Fix:      "Add the condition on sts:ExternalId to the statement that trusts " + Principal + ".",
			Name:     "Trust policy",
			Document: TrustPolicy,
			Calls: []view.Call{{
				Action: "sts:AssumeRole", Resource: Role, Answer: "200",
				RequestID: "1b7f6d01-9a34-4a53-8d25-7c1f0e522f4a",
			}},
		}
	case "verified":
		v.Checks[5] = view.Check{
			Code: "list", Status: "warn", Took: 87 * time.Millisecond,
			Detail: "s3://harbour-exports/sales/ can be listed, but is empty.",
			Cause:  "Nothing has been written there yet, or the prefix is wrong.",
			Fix:    "Compare the prefix with the bucket’s contents; capital letters count.",
		}
	}
	return v
}

// Guide returns the guide at a step.
func Guide(now int) *view.Guide {
	g := &view.Guide{Now: now, PermissionPolicy: PermissionPolicy}
	if now > 5 {
		g.TrustPolicy = TrustPolicy
	}
	return g
}
