package doctor_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/doctor/doctortest"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

// cause is one way in which a setup is broken.
type cause struct {
	options []doctortest.Option
	draft   func(*integration.Draft)
	// connect makes the role; nil: with the printed documents.
	connect func(*patient)
	// ail breaks what is connected.
	ail func(*patient)
	// what must come of it: the check, its status (default fail), the cause.
	check  doctor.Code
	status doctor.Status
	cause  doctor.CauseCode
	says   string // a part of the cause's sentence
	state  doctor.State
	// mend does what the fix says where it is no command.
	mend func(*patient, *doctor.Fix)
}

// patient is an integration that is not well.
type patient struct {
	*testing.T
	*doctortest.World
	i         integration.Integration
	documents doctor.Documents // pasted
}

const (
	otherPrincipal = "arn:aws:iam::111111111111:user/somebody"
	otherID        = "ffffffffffffffffffffffffffffffff"
)

// customerRole is the role for the matcher of a fault.
const customerRole = "*:role/" + doctortest.RoleName

// trust is a trust policy of one statement.
func trust(principal, condition string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"` + condition + `}]}`
}

func equals(id string) string {
	return `,"Condition":{"StringEquals":{"sts:ExternalId":"` + id + `"}}`
}

// trusted makes the role with another trust policy than the printed one.
func trusted(text func(p *patient) string, pasted bool) func(*patient) {
	return func(p *patient) {
		documents, err := p.i.Documents()
		if err != nil {
			p.Fatal(err)
		}
		p.role(text(p), string(documents.Permission))
		if pasted {
			p.documents.Trust = json.RawMessage(text(p))
		}
	}
}

// permitted makes the role with another permission policy than the printed
// one; with none when it is empty.
func permitted(text string, pasted bool) func(*patient) {
	return func(p *patient) {
		documents, err := p.i.Documents()
		if err != nil {
			p.Fatal(err)
		}
		if text == "" {
			p.role(string(documents.Trust))
			return
		}
		p.role(string(documents.Trust), text)
		if pasted {
			p.documents.Permission = json.RawMessage(text)
		}
	}
}

func (p *patient) role(trust string, policies ...string) {
	p.Helper()
	p.i = p.MustGiveRole(p.T, p.i, p.AWS.MustRole(p.T, p.AWS.Customer, doctortest.RoleName, trust, policies...))
}

func (p *patient) update(change integration.Change) {
	p.Helper()
	edited, err := p.Integrations.Update(p.Context(), p.Actor, p.i.Workspace, p.i.ID, change)
	if err != nil {
		p.Fatal(err)
	}
	p.i = edited.Integration
}

func (p *patient) bucketPolicy(document string) {
	p.Helper()
	_, err := p.AWS.S3(p.AWS.Customer.Keys).PutBucketPolicy(p.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String(doctortest.Bucket), Policy: &document})
	if err != nil {
		p.Fatal(err)
	}
}

// instead answers the calls to one API in AWS's place.
func instead(pick func(*http.Request) bool, status int, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		if !pick(r) {
			return nil, nil //nolint:nilnil // nothing: AWS is asked
		}
		return &http.Response{
			StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, Body: io.NopCloser(strings.NewReader(body)),
			Header: http.Header{"Content-Type": {"text/xml"}, "X-Amz-Request-Id": {"REQ"}, "X-Amzn-Requestid": {"REQ"}},
		}, nil
	}
}

// toSTS says whether a request is one to STS: it is the only API that is
// called with POST here.
func toSTS(r *http.Request) bool { return r.Method == http.MethodPost }

func toS3(r *http.Request) bool { return r.Method != http.MethodPost }

func stsError(code, message string) string {
	return "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + message + "</Message></Error><RequestId>REQ</RequestId></ErrorResponse>"
}

func s3Error(code, message string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>` + code + "</Code><Message>" + message + "</Message><RequestId>REQ</RequestId></Error>"
}

// failing answers for one API until the fault is mended.
func failing(pick func(*http.Request) bool, status int, body string) func(*patient) {
	return func(p *patient) { p.Carrier.Fail(instead(pick, status, body)) } //nolint:bodyclose // who carries the call closes the body
}

// broken breaks AWS until it is mended.
func broken(f fault.Fault) func(*patient) { return func(p *patient) { p.AWS.MustFault(p.T, f) } }

// recovered is what somebody else mends.
func recovered(p *patient, _ *doctor.Fix) {
	p.Carrier.Fail(nil)
	p.AWS.Sandbox.Faults().Clear()
}

const (
	listStatement = `{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-data","Condition":{"StringLike":{"s3:prefix":"daily/*"}}}`
	getStatement  = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/daily/*"}`
)

func policy(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

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
		connect: trusted(func(p *patient) string { return trust("arn:aws:iam::"+p.AWS.Customer.ID+":root", equals("0000")) }, true),
		check:   doctor.CodeAssume, cause: doctor.CauseTrustPlaceholder, says: `"0000"`,
	},
	"trust: refused, and nothing pasted": {
		connect: trusted(func(p *patient) string { return trust(p.Principal, equals(otherID)) }, false),
		check:   doctor.CodeAssume, cause: doctor.CauseTrustRefuses, says: "Either there is no role",
	},
	"trust: an explicit deny": {
		connect: trusted(func(p *patient) string {
			return policy(`{"Effect":"Allow","Principal":{"AWS":"`+p.Principal+`"},"Action":"sts:AssumeRole"`+equals(string(p.i.ExternalID))+`}`,
				`{"Effect":"Deny","Principal":{"AWS":"`+p.Principal+`"},"Action":"sts:AssumeRole"}`)
		}, true),
		check: doctor.CodeAssume, cause: doctor.CauseTrustDeny, says: "Deny statement",
	},
	"trust: another condition": {
		connect: trusted(func(p *patient) string {
			return trust(p.Principal, `,"Condition":{"StringEquals":{"sts:ExternalId":"`+string(p.i.ExternalID)+`"},"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)
		}, true),
		check: doctor.CodeAssume, cause: doctor.CauseTrustCondition, says: "aws:MultiFactorAuthPresent",
	},
	"trust: another action": {
		connect: trusted(func(p *patient) string {
			return strings.Replace(trust(p.Principal, equals(string(p.i.ExternalID))), "sts:AssumeRole", "sts:TagSession", 1)
		}, true),
		check: doctor.CodeAssume, cause: doctor.CauseTrustAction, says: "sts:AssumeRole",
	},
	"trust: no condition": {
		connect: trusted(func(p *patient) string { return trust(p.Principal, "") }, false),
		check:   doctor.CodeAssumeWithoutID, cause: doctor.CauseTrustMissingID, state: doctor.Insecure,
	},
	"trust: a second statement without a condition": {
		connect: trusted(func(p *patient) string {
			return policy(`{"Effect":"Allow","Principal":{"AWS":"`+p.Principal+`"},"Action":"sts:AssumeRole"`+equals(string(p.i.ExternalID))+`}`,
				`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::`+p.AWS.Service.ID+`:root"},"Action":"sts:AssumeRole"}`)
		}, false),
		check: doctor.CodeAssumeWithoutID, cause: doctor.CauseTrustMissingID, state: doctor.Insecure,
	},
	"trust: an optional External ID": {
		connect: trusted(func(p *patient) string {
			return trust(p.Principal, `,"Condition":{"StringEqualsIfExists":{"sts:ExternalId":"`+string(p.i.ExternalID)+`"}}`)
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
		mend: func(p *patient, _ *doctor.Fix) { p.i = p.MustConnect(p.T, p.i) },
	},
	"role: in another account": {
		connect: func(p *patient) {
			p.MustConnect(p.T, p.i)
			p.i = p.MustGiveRole(p.T, p.i, "arn:aws:iam::"+p.AWS.Service.ID+":role/"+doctortest.RoleName)
		},
		check: doctor.CodeAssume, cause: doctor.CauseRoleOtherAccount, says: "Windlass's own",
		mend: func(p *patient, _ *doctor.Fix) {
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
	"trust: it lets no session bear a name": {
		draft: func(d *integration.Draft) { d.Vending = true },
		ail: func(p *patient) {
			p.AWS.MustTrust(p.T, p.AWS.Customer, doctortest.RoleName, trust(p.Principal, equals(string(p.i.ExternalID))))
		},
		check: doctor.CodeVend, cause: doctor.CauseTrustVending, says: "sts:TagSession",
	},
	"trust: it lets a session bear any name": {
		draft: func(d *integration.Draft) { d.Vending = true },
		ail: func(p *patient) {
			p.AWS.MustTrust(p.T, p.AWS.Customer, doctortest.RoleName, strings.Replace(trust(p.Principal, equals(string(p.i.ExternalID))), `"sts:AssumeRole"`, `["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]`, 1))
		},
		check: doctor.CodeVend, status: doctor.Warn, cause: doctor.CauseTrustAnyName, state: doctor.Verified,
	},

	// Ours, or the way to AWS.
	"STS: throttled": {
		ail:   broken(fault.Fault{Kind: fault.Throttle, Match: fault.Match{Service: "sts"}}),
		check: doctor.CodeIdentity, cause: doctor.CauseThrottled, mend: recovered,
	},
	"STS: switched off in the region": {
		ail:   broken(fault.Fault{Kind: fault.RegionDisabled, Match: fault.Match{Region: "us-east-1"}}),
		check: doctor.CodeIdentity, cause: doctor.CauseSTSRegion, mend: recovered,
	},
	"ours: the credentials do not work": {
		ail: func(p *patient) { p.setKey("Inactive") }, check: doctor.CodeIdentity, cause: doctor.CauseOwnKeys,
		mend: func(p *patient, _ *doctor.Fix) { p.setKey("Active") },
	},

	// What is open.
	"location: none is declared": {
		draft: func(d *integration.Draft) { d.Locations = nil },
		check: doctor.CodeRegion, cause: doctor.CauseNoLocation,
		mend: func(p *patient, _ *doctor.Fix) {
			p.update(integration.Change{Locations: &[]object.Location{{Bucket: doctortest.Bucket, Prefix: doctortest.Prefix}}})
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
		mend: func(p *patient, _ *doctor.Fix) {
			p.AWS.MustPut(p.T, p.AWS.Customer.Keys, doctortest.Bucket, "dialy/1", "1")
		},
	},
	"bucket: it does not exist": {
		draft: func(d *integration.Draft) { d.Locations[0].Bucket = "acme-dta" },
		check: doctor.CodeRegion, cause: doctor.CauseBucketMissing, says: "no bucket named acme-dta",
		mend: func(p *patient, _ *doctor.Fix) { p.AWS.MustBucket(p.T, p.AWS.Customer.Keys, "acme-dta") },
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
		connect: permitted("", false), check: doctor.CodeList, cause: doctor.CauseNoPermission, says: "none is attached",
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
		check:   doctor.CodeList, cause: doctor.CauseBucketARN, says: "Objects are granted",
	},
	"permissions: the second seed's": {
		connect: permitted(policy(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::acme-data/*"}`), false),
		check:   doctor.CodeList, cause: doctor.CauseBucketARN, says: "Objects are granted",
	},
	"permissions: objects without /*": {
		connect: permitted(policy(listStatement, strings.Replace(getStatement, "daily/*", "daily", 1)), true),
		check:   doctor.CodeGet, cause: doctor.CauseObjectARN, says: "lacks its end",
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
		check:   doctor.CodeList, cause: doctor.CausePrefixSlash, says: "begins with a slash",
	},
	"permissions: objects with a leading slash": {
		connect: permitted(policy(listStatement, strings.Replace(getStatement, "/daily/*", "//daily/*", 1)), true),
		check:   doctor.CodeGet, cause: doctor.CausePrefixSlash, says: "a slash too many",
	},
	"permissions: the first seed's GetBucketLocation": {
		connect: permitted(policy(strings.Replace(listStatement, `"s3:ListBucket"`, `["s3:ListBucket","s3:GetBucketLocation"]`, 1), getStatement), true),
		check:   doctor.CodeRegion, status: doctor.Warn, cause: doctor.CauseLocationKey, says: "never carry", state: doctor.Verified,
	},
	"permissions: a deny of their own": {
		connect: permitted(policy(listStatement, getStatement, `{"Effect":"Deny","Action":"s3:ListBucket","Resource":"*"}`), false),
		check:   doctor.CodeList, cause: doctor.CauseIdentityDeny, says: "role's own policies",
	},
	"permissions: a boundary": {
		ail: func(p *patient) {
			p.documents.Boundary = json.RawMessage(policy(`{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`))
			p.boundary(string(p.documents.Boundary))
		},
		check: doctor.CodeList, cause: doctor.CauseBoundary, says: "permissions boundary",
		mend: func(p *patient, fix *doctor.Fix) { p.boundary(string(fix.Document)) },
	},
	"permissions: a deny in the bucket policy": {
		ail: func(p *patient) {
			document := policy(`{"Sid":"Team","Effect":"Allow","Principal":{"AWS":"`+p.AWS.Customer.ID+`"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/*"}`,
				`{"Sid":"OnlyTeam","Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/*","Condition":{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::`+p.AWS.Customer.ID+`:role/team"}}}`)
			p.bucketPolicy(document)
			p.documents.Bucket = json.RawMessage(document)
		},
		check: doctor.CodeGet, cause: doctor.CauseBucketPolicyDeny, says: "bucket policy",
	},
	// AWS's own words: the sandbox has no organizations.
	"permissions: a policy of the organization": {
		ail:   failing(toS3, 403, s3Error("AccessDenied", "User: arn:aws:sts::222222222222:assumed-role/reader/s is not authorized to perform: s3:ListBucket on resource: &quot;arn:aws:s3:::acme-data&quot; with an explicit deny in a service control policy")),
		check: doctor.CodeList, cause: doctor.CauseControlPolicy, says: "service control policy", mend: recovered,
	},
	"permissions: writing is not granted": {
		draft:   func(d *integration.Draft) { d.Access = integration.ReadWrite },
		connect: permitted(policy(listStatement, getStatement), false),
		check:   doctor.CodePut, cause: doctor.CauseNoPermission, says: "write and delete",
	},
	"permissions: deleting is not granted": {
		draft:   func(d *integration.Draft) { d.Access = integration.ReadWrite },
		connect: permitted(policy(listStatement, getStatement, strings.Replace(getStatement, "GetObject", "PutObject", 1)), false),
		check:   doctor.CodeDelete, cause: doctor.CauseNoPermission, says: "write and delete",
	},
	"too much: the whole bucket is listed": {
		connect: permitted(policy(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-data"}`, getStatement), false),
		check:   doctor.CodeListOutside, status: doctor.Warn, cause: doctor.CauseTooMuchList, state: doctor.Verified,
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
		connect: permitted(policy(`{"Effect":"Allow","Action":["s3:ListBucket","s3:GetObject"],"Resource":"*"}`), false),
		check:   doctor.CodeGetOutside, cause: doctor.CauseTooMuchGet,
	},
	"too much: it can be written": {
		connect: permitted(policy(listStatement, strings.Replace(getStatement, `"s3:GetObject"`, `["s3:GetObject","s3:PutObject","s3:DeleteObject"]`, 1)), false),
		check:   doctor.CodePutRefused, status: doctor.Warn, cause: doctor.CauseTooMuchPut, state: doctor.Verified,
	},
	"too much: it can be written and not deleted": {
		connect: permitted(policy(listStatement, strings.Replace(getStatement, `"s3:GetObject"`, `["s3:GetObject","s3:PutObject"]`, 1)), false),
		check:   doctor.CodePutRefused, cause: doctor.CauseLeftBehind,
		mend: func(p *patient, fix *doctor.Fix) {
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
		mend: func(p *patient, _ *doctor.Fix) { p.putObject("daily/new.csv", types.StorageClassStandard) },
	},
	"S3: throttled": {
		ail:   broken(fault.Fault{Kind: fault.Throttle, Match: fault.Match{Service: "s3", Principal: customerRole}}),
		check: doctor.CodeRegion, cause: doctor.CauseThrottled, mend: recovered,
	},
	"S3: requester pays": {
		draft: func(d *integration.Draft) { d.Locations[0].Bucket = "partner-data" },
		ail: func(p *patient) {
			keys := p.AWS.Service.Keys
			p.AWS.MustBucket(p.T, keys, "partner-data")
			p.AWS.MustPut(p.T, keys, "partner-data", "daily/1", "1")
			open := policy(`{"Effect":"Allow","Principal":{"AWS":"` + string(p.i.RoleARN) + `"},"Action":["s3:ListBucket","s3:GetObject"],"Resource":["arn:aws:s3:::partner-data","arn:aws:s3:::partner-data/*"]}`)
			client := p.AWS.S3(keys)
			if _, err := client.PutBucketPolicy(p.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String("partner-data"), Policy: &open}); err != nil {
				p.Fatal(err)
			}
			_, err := client.PutBucketRequestPayment(p.Context(), &s3.PutBucketRequestPaymentInput{
				Bucket: aws.String("partner-data"), RequestPaymentConfiguration: &types.RequestPaymentConfiguration{Payer: types.PayerRequester},
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
		mend: func(p *patient, fix *doctor.Fix) {
			p.apply(fix)
			recovered(p, fix)
		},
	},
	"object: all of them archived": {
		ail:   broken(fault.Fault{Kind: fault.Archived, Match: fault.Match{Key: doctortest.Prefix + "*"}}),
		check: doctor.CodeGet, cause: doctor.CauseArchived, mend: recovered,
	},
}

// asks says whether a request's form has a text. The body is put back.
func asks(r *http.Request, text string) bool {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return bytes.Contains(body, []byte(text))
}

func (p *patient) setKey(status string) {
	p.Helper()
	_, err := p.AWS.IAM(p.AWS.Service.Keys).UpdateAccessKey(p.Context(), &iam.UpdateAccessKeyInput{
		UserName: aws.String("windlass"), AccessKeyId: &p.Keys.AccessKeyID, Status: iamtypes.StatusType(status),
	})
	if err != nil {
		p.Fatal(err)
	}
}

func (p *patient) putObject(key string, class types.StorageClass) {
	p.Helper()
	_, err := p.AWS.S3(p.AWS.Customer.Keys).PutObject(p.Context(), &s3.PutObjectInput{
		Bucket: aws.String(doctortest.Bucket), Key: &key, Body: strings.NewReader("a\n"), StorageClass: class,
	})
	if err != nil {
		p.Fatal(err)
	}
}

func (p *patient) removeObject(key string) {
	p.Helper()
	if _, err := p.AWS.S3(p.AWS.Customer.Keys).DeleteObject(p.Context(), &s3.DeleteObjectInput{Bucket: aws.String(doctortest.Bucket), Key: &key}); err != nil {
		p.Fatal(err)
	}
}

// boundary makes this the boundary of the customer's role.
func (p *patient) boundary(document string) {
	p.Helper()
	client, role := p.AWS.IAM(p.AWS.Customer.Keys), aws.String(doctortest.RoleName)
	made, err := client.CreatePolicy(p.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("edge-" + strconv.Itoa(len(document))), PolicyDocument: &document})
	if err != nil {
		p.Fatal(err)
	}
	if _, err := client.PutRolePermissionsBoundary(p.Context(), &iam.PutRolePermissionsBoundaryInput{RoleName: role, PermissionsBoundary: made.Policy.Arn}); err != nil {
		p.Fatal(err)
	}
}

// seal puts the customer's object anew, under a KMS key that only the account's
// own policies open.
func (p *patient) seal() {
	p.Helper()
	p.putSealed(p.AWS.MustKey(p.T, p.AWS.Customer, ""))
}

// putSealed puts the customer's object anew, under a KMS key.
func (p *patient) putSealed(key string) {
	p.Helper()
	_, err := p.AWS.S3(p.AWS.Customer.Keys).PutObject(p.Context(), &s3.PutObjectInput{
		Bucket: aws.String(doctortest.Bucket), Key: aws.String(doctortest.Prefix + "prices.csv"), Body: strings.NewReader("a\n"),
		ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: &key,
	})
	if err != nil {
		p.Fatal(err)
	}
}

// mustHaveNoMarker says whether what the probes wrote is gone.
func (p *patient) mustHaveNoMarker(gone bool) {
	p.Helper()
	list, err := p.AWS.S3(p.AWS.Customer.Keys).ListObjectsV2(p.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(doctortest.Bucket), Prefix: aws.String("daily/.windlass/")})
	if err != nil {
		p.Fatal(err)
	}
	if (len(list.Contents) == 0) != gone {
		p.Errorf("there are %d objects of probes", len(list.Contents))
	}
}

// apply does what a fix says, as its reader would: it runs the command.
func (p *patient) apply(fix *doctor.Fix) {
	p.Helper()
	if fix.Where == doctor.OurSetting {
		p.patch(fix.Document)
		return
	}
	args := p.words(fix.Command)
	option := func(name string) string {
		for n := range args[:len(args)-1] {
			if args[n] == name {
				return args[n+1]
			}
		}
		p.Fatalf("the command %v has no %s", args, name)
		return ""
	}
	switch strings.Join(args[:3], " ") {
	case "aws iam update-assume-role-policy":
		p.AWS.MustTrust(p.T, p.AWS.Customer, option("--role-name"), option("--policy-document"))
	case "aws iam put-role-policy":
		p.onlyPolicy(option("--policy-name"), option("--policy-document"))
	case "aws s3api put-bucket-policy":
		keys := p.AWS.Customer.Keys
		if option("--bucket") == "partner-data" {
			keys = p.AWS.Service.Keys
		}
		_, err := p.AWS.S3(keys).PutBucketPolicy(p.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String(option("--bucket")), Policy: aws.String(option("--policy"))})
		if err != nil {
			p.Fatal(err)
		}
	default:
		p.Fatalf("no way to run %v", args)
	}
}

// patch edits the integration as the fix's document says.
func (p *patient) patch(document json.RawMessage) {
	p.Helper()
	var change struct {
		Region         *string `json:"region"`
		RequesterPays  *bool   `json:"requester_pays"`
		SessionSeconds *int    `json:"session_seconds"`
		Endpoint       *string `json:"endpoint"`
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&change); err != nil {
		p.Fatalf("the fix is no edit: %v: %s", err, document)
	}
	edit := integration.Change{Region: change.Region, RequesterPays: change.RequesterPays, Endpoint: change.Endpoint}
	if change.SessionSeconds != nil {
		length := time.Duration(*change.SessionSeconds) * time.Second
		edit.SessionLength = &length
	}
	p.update(edit)
}

// onlyPolicy puts a policy on the role in place of what it has.
func (p *patient) onlyPolicy(name, document string) {
	p.Helper()
	client, role := p.AWS.IAM(p.AWS.Customer.Keys), aws.String(doctortest.RoleName)
	listed, err := client.ListRolePolicies(p.Context(), &iam.ListRolePoliciesInput{RoleName: role})
	if err != nil {
		p.Fatal(err)
	}
	for _, old := range listed.PolicyNames {
		if _, err := client.DeleteRolePolicy(p.Context(), &iam.DeleteRolePolicyInput{RoleName: role, PolicyName: &old}); err != nil {
			p.Fatal(err)
		}
	}
	p.MustPolicy(p.T, name, document)
}

// words reads a command line as a shell does.
func (p *patient) words(command string) []string {
	p.Helper()
	out, err := exec.CommandContext(p.Context(), "sh", "-c", `aws() { printf 'aws\0'; for a; do printf '%s\0' "$a"; done; }; `+command).Output()
	if err != nil {
		p.Fatalf("a shell does not read %s: %v", command, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

func TestCause(t *testing.T) {
	t.Parallel()
	for name, tt := range causes {
		t.Run(name, tt.prove)
	}
}

// prove breaks a setup, has it verified, does what the fix says, and has it
// verified again.
func (tt cause) prove(t *testing.T) {
	t.Parallel()
	p := &patient{T: t, World: doctortest.Start(t, tt.options...)}
	drafts := []func(*integration.Draft){}
	if tt.draft != nil {
		drafts = append(drafts, tt.draft)
	}
	p.i = p.MustReserve(t, drafts...)
	if tt.connect == nil {
		p.i = p.MustConnect(t, p.i)
	} else {
		tt.connect(p)
	}
	p.Settle()
	if tt.ail != nil {
		tt.ail(p)
	}
	v := p.MustVerify(t, p.i, p.documents)
	tt.judge(p, v)
	check := v.Check(tt.check)
	if check == nil || check.Fix == nil || t.Failed() {
		t.FailNow()
	}
	if tt.mend == nil {
		p.apply(check.Fix)
	} else {
		tt.mend(p, check.Fix)
	}
	p.Settle()
	v = p.MustVerify(t, p.i)
	if v.State != doctor.Verified {
		t.Errorf("mended by %q, it is\n%s", check.Fix.Text, told(v))
	}
	if c := v.Check(tt.check); c.Status != doctor.Pass && tt.cause != doctor.CauseLeftBehind {
		t.Errorf("mended by %q, the check is %s: %s\n%s", check.Fix.Text, c.Status, c.Detail, told(v))
	}
}

// judge holds a verification to what must come of a cause.
func (tt cause) judge(p *patient, v doctor.Verification) {
	p.Helper()
	wantState, wantStatus := tt.state, tt.status
	if wantState == "" {
		wantState = doctor.Failing
	}
	if wantStatus == "" {
		wantStatus = doctor.Fail
	}
	check := v.Check(tt.check)
	if v.State != wantState || check == nil || check.Status != wantStatus || check.CauseCode != tt.cause || !strings.Contains(check.Cause, tt.says) {
		p.Errorf("want %s with %s %s for %s that says %q, got\n%s", wantState, tt.check, wantStatus, tt.cause, tt.says, told(v))
	}
	if v.Calls() > doctor.MaxCalls {
		p.Errorf("%d calls were made", v.Calls())
	}
	if got := p.MustGet(p.T, p.i); string(got.State) != string(wantState) {
		p.Errorf("the integration is %s, want %s", got.State, wantState)
	}
	if tt.cause != doctor.CauseLeftBehind && tt.check != doctor.CodeDelete {
		p.mustHaveNoMarker(true)
	}
}
