package doctor_test

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

var causes = map[string]cause{
	// Who gets in.
	"trust: another principal": {
		connect: func(p *patient) {
			p.AWS.MustUser(p.T, p.AWS.Service, "somebody")
			trusted(func(p *patient) string { return trust(otherPrincipal, equals(string(p.i.ExternalID))) }, true)(p)
		},
		check: doctor.CodeAssume, cause: doctor.CauseTrustPrincipal, says: otherPrincipal,
	},
	"trust: another External ID": {
		connect: trusted(func(p *patient) string { return trust(p.Principal, equals(otherID)) }, true),
		check:   doctor.CodeAssume, cause: doctor.CauseTrustExternalID, says: otherID,
	},
	"trust: as the role was made": {
		connect: trusted(func(p *patient) string {
			return trust("arn:aws:iam::"+p.AWS.Customer.ID+":root",
				equals("0000"))
		}, true),
		check: doctor.CodeAssume, cause: doctor.CauseTrustPlaceholder, says: `"0000"`,
	},
	"trust: refused, and nothing pasted": {
		connect: trusted(func(p *patient) string { return trust(p.Principal, equals(otherID)) }, false),
		check:   doctor.CodeAssume, cause: doctor.CauseTrustRefuses, says: "Either there is no role",
	},
	"trust: an explicit deny": {
		connect: trusted(func(p *patient) string {
			return policy(`{"Effect":"Allow","Principal":{"AWS":"`+p.Principal+`"},"Action":"sts:AssumeRole"`+
				equals(string(p.i.ExternalID))+`}`,
				`{"Effect":"Deny","Principal":{"AWS":"`+p.Principal+`"},"Action":"sts:AssumeRole"}`)
		}, true),
		check: doctor.CodeAssume, cause: doctor.CauseTrustDeny, says: "Deny statement",
	},
	"trust: another condition": {
		connect: trusted(func(p *patient) string {
			return trust(p.Principal, `,"Condition":{"StringEquals":{"sts:ExternalId":"`+string(p.i.ExternalID)+
				`"},"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)
		}, true),
		check: doctor.CodeAssume, cause: doctor.CauseTrustCondition, says: "aws:MultiFactorAuthPresent",
	},
	"trust: another action": {
		connect: trusted(func(p *patient) string {
			return strings.Replace(trust(p.Principal, equals(string(p.i.ExternalID))), "sts:AssumeRole",
				"sts:TagSession", 1)
		}, true),
		check: doctor.CodeAssume, cause: doctor.CauseTrustAction, says: "sts:AssumeRole",
	},
	"trust: no condition": {
		connect: trusted(func(p *patient) string { return trust(p.Principal, "") }, false),
		check:   doctor.CodeAssumeWithoutID, cause: doctor.CauseTrustMissingID, state: doctor.Insecure,
	},
	"trust: a second statement without a condition": {
		connect: trusted(func(p *patient) string {
			return policy(`{"Effect":"Allow","Principal":{"AWS":"`+p.Principal+`"},"Action":"sts:AssumeRole"`+
				equals(string(p.i.ExternalID))+`}`,
				`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::`+p.AWS.Service.ID+
					`:root"},"Action":"sts:AssumeRole"}`)
		}, false),
		check: doctor.CodeAssumeWithoutID, cause: doctor.CauseTrustMissingID, state: doctor.Insecure,
	},
	"trust: an optional External ID": {
		connect: trusted(func(p *patient) string {
			return trust(p.Principal, `,"Condition":{"StringEqualsIfExists":{"sts:ExternalId":"`+string(p.i.ExternalID)+
				`"}}`)
		}, false),
		check: doctor.CodeAssumeWithoutID, cause: doctor.CauseTrustOptionalID, says: "IfExists", state: doctor.Insecure,
	},
	"trust: any External ID": {
		connect: trusted(func(p *patient) string {
			return trust(p.Principal, `,"Condition":{"StringLike":{"sts:ExternalId":"*"}}`)
		}, false),
		check: doctor.CodeAssumeWrongID, cause: doctor.CauseTrustAnyID, says: "StringLike", state: doctor.Insecure,
	},
	"role: it does not exist": {
		connect: func(p *patient) {
			documents, err := p.i.Documents()
			if err != nil {
				p.Fatal(err)
			}
			p.documents.Trust = documents.Trust
			p.i = p.MustGiveRole(p.T, p.i, "arn:aws:iam::"+p.AWS.Customer.ID+":role/raeder")
		},
		check: doctor.CodeAssume, cause: doctor.CauseRoleMissing, says: "there is no role raeder",
		repair: func(p *patient, _ *doctor.Fix) { p.i = p.MustConnect(p.T, p.i) },
	},
	"role: in another account": {
		connect: func(p *patient) {
			p.MustConnect(p.T, p.i)
			p.i = p.MustGiveRole(p.T, p.i, "arn:aws:iam::"+p.AWS.Service.ID+":role/"+doctortest.RoleName)
		},
		check: doctor.CodeAssume, cause: doctor.CauseRoleOtherAccount, says: "Windlass's own",
		repair: func(p *patient, _ *doctor.Fix) {
			p.i = p.MustGiveRole(p.T, p.i, "arn:aws:iam::"+p.AWS.Customer.ID+":role/"+doctortest.RoleName)
		},
	},
	"role: a session longer than its maximum": {
		draft: func(d *integration.Draft) { d.SessionLength = 2 * time.Hour },
		check: doctor.CodeAssume, cause: doctor.CauseSessionTooLong, says: "longer than the role's maximum",
	},
	"role: it does not take the next External ID": {
		ail: func(p *patient) {
			if _, err := p.Integrations.Rotate(p.Context(), p.Actor, p.i.Workspace, p.i.ID); err != nil {
				p.Fatal(err)
			}
		},
		check: doctor.CodeAssume, status: doctor.Warn, cause: doctor.CauseTrustNextID, state: doctor.Verified,
	},
	"role: it still takes the old External ID": {
		ail: func(p *patient) {
			started, err := p.Integrations.Rotate(p.Context(), p.Actor, p.i.Workspace, p.i.ID)
			if err != nil {
				p.Fatal(err)
			}
			documents, err := started.Integration.Documents()
			if err != nil {
				p.Fatal(err)
			}
			p.AWS.MustTrust(p.T, p.AWS.Customer, doctortest.RoleName, string(documents.Trust))
			done, err := p.Integrations.CompleteRotation(p.Context(), p.Actor, p.i.Workspace, p.i.ID, impact.Waived())
			if err != nil {
				p.Fatal(err)
			}
			p.i = done.Integration
			p.documents.Trust = documents.Trust
		},
		check: doctor.CodeAssumeOldID, status: doctor.Warn, cause: doctor.CauseTrustOldID, state: doctor.Verified,
	},
	"trust: it lets no session bear a name": {
		draft: func(d *integration.Draft) { d.Vending = true },
		ail: func(p *patient) {
			p.AWS.MustTrust(p.T, p.AWS.Customer, doctortest.RoleName,
				trust(p.Principal, equals(string(p.i.ExternalID))))
		},
		check: doctor.CodeVend, cause: doctor.CauseTrustVending, says: "sts:TagSession",
	},
	"trust: it lets a session bear any name": {
		draft: func(d *integration.Draft) { d.Vending = true },
		ail: func(p *patient) {
			p.AWS.MustTrust(p.T, p.AWS.Customer, doctortest.RoleName,
				strings.Replace(trust(p.Principal, equals(string(p.i.ExternalID))), `"sts:AssumeRole"`,
					`["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]`, 1))
		},
		check: doctor.CodeVend, status: doctor.Warn, cause: doctor.CauseTrustAnyName, state: doctor.Verified,
	},

	// Causes in Windlass or on its way to AWS.
	"STS: throttled": {
		ail:   broken(fault.Fault{Kind: fault.Throttle, Match: fault.Match{Service: "sts"}}),
		check: doctor.CodeIdentity, cause: doctor.CauseThrottled, repair: recovered,
	},
	"STS: switched off in the region": {
		ail:   broken(fault.Fault{Kind: fault.RegionDisabled, Match: fault.Match{Region: "us-east-1"}}),
		check: doctor.CodeIdentity, cause: doctor.CauseSTSRegion, repair: recovered,
	},
	"ours: the credentials do not work": {
		ail: func(p *patient) { p.setKey("Inactive") }, check: doctor.CodeIdentity, cause: doctor.CauseOwnKeys,
		repair: func(p *patient, _ *doctor.Fix) { p.setKey("Active") },
	},

	// What is open.
	"location: none is declared": {
		draft: func(d *integration.Draft) { d.Locations = nil },
		check: doctor.CodeRegion, cause: doctor.CauseNoLocation,
		repair: func(p *patient, _ *doctor.Fix) {
			p.update(integration.Change{Locations: &[]object.Location{{
				Bucket: doctortest.Bucket,
				Prefix: doctortest.Prefix,
			}}})
			documents, err := p.i.Documents()
			if err != nil {
				p.Fatal(err)
			}
			p.MustPolicy(p.T, "windlass-access", string(documents.Permission))
		},
	},
	"location: it is empty": {
		draft: func(d *integration.Draft) { d.Locations[0].Prefix = "dialy/" },
		check: doctor.CodeList, status: doctor.Warn, cause: doctor.CauseEmpty, state: doctor.Verified,
		repair: func(p *patient, _ *doctor.Fix) {
			p.AWS.MustPut(p.T, p.AWS.Customer.Keys, doctortest.Bucket, "dialy/1", "1")
		},
	},
	"bucket: it does not exist": {
		draft: func(d *integration.Draft) { d.Locations[0].Bucket = "acme-dta" },
		check: doctor.CodeRegion, cause: doctor.CauseBucketMissing, says: "no bucket named acme-dta",
		repair: func(p *patient, _ *doctor.Fix) { p.AWS.MustBucket(p.T, p.AWS.Customer.Keys, "acme-dta") },
	},
	"bucket: in another region": {
		draft: func(d *integration.Draft) { d.Region = "eu-west-1" },
		check: doctor.CodeRegion, cause: doctor.CauseBucketRegion, says: "not the bucket's",
	},
	"bucket: in another account": {
		draft: func(d *integration.Draft) { d.Locations[0].Bucket = "partner-data" },
		ail: func(p *patient) {
			p.AWS.MustBucket(p.T, p.AWS.Service.Keys, "partner-data")
			p.AWS.MustPut(p.T, p.AWS.Service.Keys, "partner-data", "daily/1", "1")
		},
		check: doctor.CodeList, cause: doctor.CauseBucketAccount, says: "belongs to another account",
	},
	"permissions: none": {
		connect: permitted("", false), check: doctor.CodeList, cause: doctor.CauseNoPermission,
		says: "none is attached",
	},
	"permissions: for another bucket": {
		connect: permitted(strings.ReplaceAll(policy(listStatement, getStatement), "acme-data", "acme-old"), true),
		check:   doctor.CodeList, cause: doctor.CauseNoPermission, says: "for the bucket acme-old",
	},
	"permissions: listing on the objects": {
		connect: permitted(policy(strings.Replace(listStatement, "acme-data", "acme-data/*", 1), getStatement), true),
		check:   doctor.CodeList, cause: doctor.CauseBucketARN, says: "an action on the bucket itself",
	},
	"permissions: no listing, nothing pasted": {
		connect: permitted(policy(getStatement), false),
		check:   doctor.CodeList, cause: doctor.CauseBucketARN, says: "The objects are allowed",
	},
	"permissions: the second seed's": {
		connect: permitted(policy(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::acme-data/*"}`), false),
		check:   doctor.CodeList, cause: doctor.CauseBucketARN, says: "The objects are allowed",
	},
	"permissions: objects without /*": {
		connect: permitted(policy(listStatement, strings.Replace(getStatement, "daily/*", "daily", 1)), true),
		check:   doctor.CodeGet, cause: doctor.CauseObjectARN, says: "is incomplete",
	},
	"permissions: no objects, nothing pasted": {
		connect: permitted(policy(listStatement), false),
		check:   doctor.CodeGet, cause: doctor.CauseObjectARN, says: "with the final /*",
	},
	"permissions: prefix without its slash": {
		connect: permitted(policy(strings.Replace(listStatement, `"daily/*"`, `"daily"`, 1), getStatement), false),
		check:   doctor.CodeList, cause: doctor.CausePrefixNoSlash, says: "final slash",
	},
	"permissions: prefix without its slash, pasted": {
		connect: permitted(policy(strings.Replace(listStatement, `"daily/*"`, `"daily"`, 1), getStatement), true),
		check:   doctor.CodeList, cause: doctor.CausePrefixNoSlash, says: "final slash",
	},
	"permissions: prefix with a leading slash": {
		connect: permitted(policy(strings.Replace(listStatement, `"daily/*"`, `"/daily/*"`, 1), getStatement), false),
		check:   doctor.CodeList, cause: doctor.CausePrefixSlash, says: "starts with a slash",
	},
	"permissions: objects with a leading slash": {
		connect: permitted(policy(listStatement, strings.Replace(getStatement, "/daily/*", "//daily/*", 1)), true),
		check:   doctor.CodeGet, cause: doctor.CausePrefixSlash, says: "an extra slash",
	},
	"permissions: the first seed's GetBucketLocation": {
		connect: permitted(policy(strings.Replace(listStatement, `"s3:ListBucket"`,
			`["s3:ListBucket","s3:GetBucketLocation"]`, 1), getStatement), true),
		check: doctor.CodeRegion, status: doctor.Warn, cause: doctor.CauseLocationKey, says: "don't have",
		state: doctor.Verified,
	},
	"permissions: a deny of their own": {
		connect: permitted(policy(listStatement, getStatement,
			`{"Effect":"Deny","Action":"s3:ListBucket","Resource":"*"}`), false),
		check: doctor.CodeList, cause: doctor.CauseIdentityDeny, says: "policies of the role",
	},
	"permissions: a boundary": {
		ail: func(p *patient) {
			p.documents.Boundary = json.RawMessage(policy(`{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`))
			p.boundary(string(p.documents.Boundary))
		},
		check: doctor.CodeList, cause: doctor.CauseBoundary, says: "permissions boundary",
		repair: func(p *patient, fix *doctor.Fix) { p.boundary(string(fix.Document)) },
	},
	"permissions: a deny in the bucket policy": {
		ail: func(p *patient) {
			document := policy(`{"Sid":"Team","Effect":"Allow","Principal":{"AWS":"`+p.AWS.Customer.ID+
				`"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/*"}`,
				`{"Sid":"OnlyTeam","Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/*","Condition":{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::`+p.AWS.Customer.ID+`:role/team"}}}`)
			p.bucketPolicy(document)
			p.documents.Bucket = json.RawMessage(document)
		},
		check: doctor.CodeGet, cause: doctor.CauseBucketPolicyDeny, says: "bucket policy",
	},
	"permissions: a service control policy": {
		ail: func(p *patient) {
			p.limit(orgtypes.PolicyTypeServiceControlPolicy,
				`{"Effect":"Deny","Action":"s3:ListBucket","Resource":"*",`+
					`"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/`+doctortest.RoleName+`"}}}`)
		},
		check: doctor.CodeList, cause: doctor.CauseControlPolicy, says: "service control policy",
		repair: (*patient).unlimit,
	},
	"permissions: a resource control policy": {
		ail: func(p *patient) {
			p.limit(orgtypes.PolicyTypeResourceControlPolicy,
				`{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*"}`)
		},
		check: doctor.CodeGet, cause: doctor.CauseControlPolicy, says: "resource control policy",
		repair: (*patient).unlimit,
	},
	"permissions: writing is not granted": {
		draft:   func(d *integration.Draft) { d.Access = integration.ReadWrite },
		connect: permitted(policy(listStatement, getStatement), false),
		check:   doctor.CodePut, cause: doctor.CauseNoPermission, says: "write and delete",
	},
	"permissions: deleting is not granted": {
		draft: func(d *integration.Draft) { d.Access = integration.ReadWrite },
		connect: permitted(policy(listStatement, getStatement, strings.Replace(getStatement, "GetObject", "PutObject",
			1)), false),
		check: doctor.CodeDelete, cause: doctor.CauseNoPermission, says: "write and delete",
	},
	"too much: the whole bucket is listed": {
		connect: permitted(policy(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-data"}`,
			getStatement), false),
		check: doctor.CodeListOutside, status: doctor.Warn, cause: doctor.CauseTooMuchList, state: doctor.Verified,
	},
	"too much: a neighbour is listed": {
		connect: permitted(policy(strings.Replace(listStatement, "daily/*", "daily*", 1), getStatement), false),
		check:   doctor.CodeListOutside, status: doctor.Warn, cause: doctor.CauseTooMuchList, state: doctor.Verified,
	},
	"too much: the whole bucket is read": {
		connect: permitted(policy(listStatement, strings.Replace(getStatement, "daily/*", "*", 1)), false),
		check:   doctor.CodeGetOutside, cause: doctor.CauseTooMuchGet,
	},
	"too much: a neighbour is read": {
		connect: permitted(policy(listStatement, strings.Replace(getStatement, "daily/*", "daily*", 1)), false),
		check:   doctor.CodeGetOutside, cause: doctor.CauseTooMuchGet,
	},
	"too much: all is listed and read": {
		connect: permitted(policy(`{"Effect":"Allow","Action":["s3:ListBucket","s3:GetObject"],"Resource":"*"}`),
			false),
		check: doctor.CodeGetOutside, cause: doctor.CauseTooMuchGet,
	},
	"too much: it can be written": {
		connect: permitted(policy(listStatement, strings.Replace(getStatement, `"s3:GetObject"`,
			`["s3:GetObject","s3:PutObject","s3:DeleteObject"]`, 1)), false),
		check: doctor.CodePutRefused, status: doctor.Warn, cause: doctor.CauseTooMuchPut, state: doctor.Verified,
	},
	"too much: it can be written and not deleted": {
		connect: permitted(policy(listStatement, strings.Replace(getStatement, `"s3:GetObject"`,
			`["s3:GetObject","s3:PutObject"]`, 1)), false),
		check: doctor.CodePutRefused, cause: doctor.CauseLeftBehind,
		repair: func(p *patient, fix *doctor.Fix) {
			if !strings.HasPrefix(fix.Command, "aws s3 rm s3://acme-data/daily/.windlass/") {
				p.Errorf("the fix is %s", fix.Command)
			}
			p.mustHaveNoMarker(false)
			p.MustPolicy(p.T, "policy-1", policy(listStatement, getStatement))
		},
	},
	"object: archived": {
		ail: func(p *patient) {
			p.removeObject("daily/prices.csv")
			p.putObject("daily/old.csv", types.StorageClassGlacier)
		},
		check: doctor.CodeGet, cause: doctor.CauseArchived, says: "GLACIER",
		repair: func(p *patient, _ *doctor.Fix) { p.putObject("daily/new.csv", types.StorageClassStandard) },
	},
	"S3: throttled": {
		ail:   broken(fault.Fault{Kind: fault.Throttle, Match: fault.Match{Service: "s3", Principal: customerRole}}),
		check: doctor.CodeRegion, cause: doctor.CauseThrottled, repair: recovered,
	},
	"S3: requester pays": {
		draft: func(d *integration.Draft) { d.Locations[0].Bucket = "partner-data" },
		ail: func(p *patient) {
			keys := p.AWS.Service.Keys
			p.AWS.MustBucket(p.T, keys, "partner-data")
			p.AWS.MustPut(p.T, keys, "partner-data", "daily/1", "1")
			open := policy(`{"Effect":"Allow","Principal":{"AWS":"` + string(p.i.RoleARN) +
				`"},"Action":["s3:ListBucket","s3:GetObject"],"Resource":["arn:aws:s3:::partner-data","arn:aws:s3:::partner-data/*"]}`)
			client := p.AWS.S3(keys)
			if _, err := client.PutBucketPolicy(p.Context(),
				&s3.PutBucketPolicyInput{Bucket: aws.String("partner-data"), Policy: &open}); err != nil {
				p.Fatal(err)
			}
			_, err := client.PutBucketRequestPayment(p.Context(), &s3.PutBucketRequestPaymentInput{
				Bucket:                      aws.String("partner-data"),
				RequestPaymentConfiguration: &types.RequestPaymentConfiguration{Payer: types.PayerRequester},
			})
			if err != nil {
				p.Fatal(err)
			}
		},
		check: doctor.CodeRequesterPays, cause: doctor.CauseRequesterPays, says: "pays",
	},
	"S3: a KMS key that may not be used": {
		ail:   (*patient).seal,
		check: doctor.CodeGet, cause: doctor.CauseKMS, says: "arn:aws:kms:us-east-1:222222222222:key/",
	},
	"S3: a KMS key whose own policy refuses": {
		ail: func(p *patient) {
			p.seal()
			p.AWS.MustFault(p.T, fault.Fault{Kind: fault.KMSDenied, Match: fault.Match{Principal: customerRole}})
		},
		check: doctor.CodeGet, cause: doctor.CauseKMS,
		repair: func(p *patient, fix *doctor.Fix) {
			p.apply(fix)
			recovered(p, fix)
		},
	},
	"object: all of them archived": {
		ail:   broken(fault.Fault{Kind: fault.Archived, Match: fault.Match{Key: doctortest.Prefix + "*"}}),
		check: doctor.CodeGet, cause: doctor.CauseArchived, repair: recovered,
	},
}
