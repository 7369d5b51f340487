package doctor_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

const (
	listsDaily = `{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-data","Condition":{"StringLike":{"s3:prefix":"daily/*"}}}`
	getsDaily  = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/daily/*"}`
	putsDaily  = `{"Effect":"Allow","Action":["s3:PutObject","s3:DeleteObject"],"Resource":"arn:aws:s3:::acme-data/daily/*"}`
)

// keyHolder has an access key of a user in the customer's account.
type keyHolder struct {
	*doctortest.World
	*testing.T
	key credential.Credential
}

func hold(t *testing.T, document string, changes ...func(*credential.Draft)) *keyHolder {
	t.Helper()
	h := &keyHolder{World: doctortest.Start(t), T: t}
	keys, _ := h.AWS.MustUser(t, h.AWS.Customer, "legacy", document)
	draft := credential.Draft{
		Name: "legacy", AccessKeyID: keys.AccessKeyID,
		SecretAccessKey: secret.New(keys.SecretAccessKey),
	}
	for _, change := range changes {
		change(&draft)
	}
	var err error
	if h.key, err = h.Credentials.Add(t.Context(), h.Actor, doctortest.Workspace, draft); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *keyHolder) verify(order doctor.KeyOrder) doctor.Verification {
	h.Helper()
	if order.Locations == nil {
		order.Locations = []object.Location{{Bucket: doctortest.Bucket, Prefix: doctortest.Prefix}}
	}
	before := h.Carrier.Calls()
	v, err := h.Doctor.VerifyCredential(h.Context(), h.Actor, doctortest.Workspace, h.key.ID, order, nil)
	if err != nil {
		h.Fatal(err)
	}
	if calls := h.Carrier.Calls() - before; v.Calls() > doctor.MaxCalls || calls < v.Calls() {
		h.Errorf("%d calls were made, %d are shown", calls, v.Calls())
	}
	if strings.Contains(describe(v), "role") && !strings.Contains(describe(v), "With a role") {
		h.Errorf("a key's verification speaks of a role:\n%s", describe(v))
	}
	return v
}

func TestVerifyAccessKey(t *testing.T) {
	t.Parallel()
	for mode, want := range map[integration.Mode][]string{
		integration.Read: {
			"access-key warn", "region pass", "list pass", "list-outside pass", "get pass",
			"get-outside pass", "put-refused pass", "requester-pays pass",
		},
		integration.ReadWrite: {
			"access-key warn", "region pass", "list pass", "list-outside pass", "get pass",
			"get-outside pass", "put pass", "delete pass", "requester-pays pass",
		},
	} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			document := policy(listsDaily, getsDaily)
			if mode == integration.ReadWrite {
				document = policy(listsDaily, getsDaily, putsDaily)
			}
			h := hold(t, document)
			v := h.verify(doctor.KeyOrder{Access: mode})
			if diff := cmp.Diff(want, statuses(v)); diff != "" || v.State != doctor.Verified {
				t.Fatalf("(-want +got):\n%s\n%s", diff, describe(v))
			}
			nudge := v.Check(doctor.CodeAccessKey)
			if nudge.CauseCode != doctor.CauseLongTermKey ||
				nudge.Fix.Command != "windlass integration create --name legacy --location s3://acme-data/daily/" {
				t.Errorf("the nudge is %+v with %+v", nudge, nudge.Fix)
			}
			last, err := h.Doctor.LastOfCredential(t.Context(), h.Actor, doctortest.Workspace, "legacy")
			if diff := cmp.Diff(statuses(v), statuses(last)); err != nil || diff != "" || last.ID != v.ID ||
				last.State != doctor.Verified {
				t.Errorf("kept: %v\n%s", err, diff)
			}
			if strings.Contains(describe(v), h.key.Name+"/") {
				t.Error("the report has the secret")
			}
		})
	}
}

// TestCauseOfAccessKey checks that each problem of a key is reported, and
// that its fix works.
func TestCauseOfAccessKey(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		document string
		draft    func(*credential.Draft)
		order    doctor.KeyOrder
		check    doctor.Code
		status   doctor.Status // default fail
		cause    doctor.CauseCode
		says     string
		noRepair bool // fixed by someone else
	}{
		"no policy": {
			document: policy(`{"Effect":"Allow","Action":"ec2:DescribeInstances","Resource":"*"}`),
			check:    doctor.CodeList, cause: doctor.CauseNoPermission, says: "No policy of the key's user",
		},
		"no objects": {document: policy(listsDaily), check: doctor.CodeGet, cause: doctor.CauseObjectARN},
		"no listing": {document: policy(getsDaily), check: doctor.CodeList, cause: doctor.CauseBucketARN},
		"a prefix's slash": {
			document: policy(strings.Replace(listsDaily, "daily/*", "daily", 1), getsDaily),
			check:    doctor.CodeList, cause: doctor.CausePrefixNoSlash,
		},
		"the whole bucket": {document: policy(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-data"}`, getsDaily), check: doctor.CodeListOutside, status: doctor.Warn, cause: doctor.CauseTooMuchList, says: "policy of the key's user"},
		"objects outside": {
			document: policy(listsDaily, strings.Replace(getsDaily, "daily/*", "*", 1)),
			check:    doctor.CodeGetOutside, cause: doctor.CauseTooMuchGet,
		},
		"writing": {
			document: policy(listsDaily, getsDaily, putsDaily), check: doctor.CodePutRefused,
			status: doctor.Warn, cause: doctor.CauseTooMuchPut,
		},
		"no writing": {
			document: policy(listsDaily, getsDaily),
			order:    doctor.KeyOrder{Access: integration.ReadWrite}, check: doctor.CodePut,
			cause: doctor.CauseNoPermission,
		},
		"a wrong secret": {
			document: policy(listsDaily),
			draft:    func(d *credential.Draft) { d.SecretAccessKey = secret.New("wrongwrongwrongwrong") },
			check:    doctor.CodeRegion, cause: doctor.CauseAccessKey, says: "secret access key is wrong", noRepair: true,
		},
		"an unknown key": {
			document: policy(listsDaily),
			draft:    func(d *credential.Draft) { d.AccessKeyID = "AKIAIOSFODNN7EXAMPLE" }, check: doctor.CodeRegion,
			cause: doctor.CauseAccessKey, says: "mistyped", noRepair: true,
		},
		"no such bucket": {
			document: policy(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`),
			order:    doctor.KeyOrder{Locations: []object.Location{{Bucket: "acme-gone"}}}, check: doctor.CodeRegion,
			cause: doctor.CauseBucketMissing, noRepair: true,
		},
		"another region": {
			document: policy(listsDaily, getsDaily),
			draft:    func(d *credential.Draft) { d.Region = "eu-west-3" }, check: doctor.CodeRegion,
			cause: doctor.CauseBucketRegion, noRepair: true,
		},
		"an empty location": {
			document: policy(strings.Replace(listsDaily, "daily", "later", 1), getsDaily),
			order:    doctor.KeyOrder{Locations: []object.Location{{Bucket: doctortest.Bucket, Prefix: "later"}}},
			check:    doctor.CodeList, status: doctor.Warn, cause: doctor.CauseEmpty, noRepair: true,
		},
		"an explicit refusal": {
			document: policy(listsDaily, getsDaily,
				`{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}`), check: doctor.CodeGet,
			cause: doctor.CauseIdentityDeny,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var drafts []func(*credential.Draft)
			if tt.draft != nil {
				drafts = append(drafts, tt.draft)
			}
			h := hold(t, tt.document, drafts...)
			v := h.verify(tt.order)
			check, status := v.Check(tt.check), tt.status
			if status == "" {
				status = doctor.Fail
			}
			if check == nil || check.Status != status || check.CauseCode != tt.cause || !strings.Contains(check.Cause,
				tt.says) || (v.State == doctor.Verified) != (status == doctor.Warn) {
				t.Fatalf("want %s %s for %s that says %q, got\n%s", tt.check, status, tt.cause, tt.says, describe(v))
			}
			if check.Fix == nil || tt.noRepair {
				return
			}
			h.put(check.Fix.Document)
			v = h.verify(tt.order)
			if c := v.Check(tt.check); v.State != doctor.Verified || c.Status != doctor.Pass {
				t.Errorf("fixed by %q, it is\n%s", check.Fix.Text, describe(v))
			}
			if !strings.HasPrefix(check.Fix.Command, "aws iam put-user-policy --user-name USER ") {
				t.Errorf("the command is %s", check.Fix.Command)
			}
		})
	}
}

// put replaces the user's policy.
func (h *keyHolder) put(document json.RawMessage) {
	h.Helper()
	client, user := h.AWS.IAM(h.AWS.Customer.Keys), aws.String("legacy")
	listed, err := client.ListUserPolicies(h.Context(), &iam.ListUserPoliciesInput{UserName: user})
	if err != nil {
		h.Fatal(err)
	}
	for _, name := range listed.PolicyNames {
		if _, err := client.DeleteUserPolicy(h.Context(),
			&iam.DeleteUserPolicyInput{UserName: user, PolicyName: &name}); err != nil {
			h.Fatal(err)
		}
	}
	_, err = client.PutUserPolicy(h.Context(), &iam.PutUserPolicyInput{
		UserName: user, PolicyName: aws.String("fixed"),
		PolicyDocument: aws.String(string(document)),
	})
	if err != nil {
		h.Fatal(err)
	}
}

func TestAccessKeyOrdersThatAreRefused(t *testing.T) {
	t.Parallel()
	h := hold(t, policy(listsDaily))
	for name, order := range map[string]doctor.KeyOrder{
		"nothing":         {},
		"too many":        {Locations: make([]object.Location, integration.MaxLocations+1)},
		"no bucket":       {Locations: []object.Location{{Bucket: "A"}}},
		"a wildcard":      {Locations: []object.Location{{Bucket: "acme-data", Prefix: "*"}}},
		"another access":  {Locations: []object.Location{{Bucket: "acme-data"}}, Access: "admin"},
		"out of a prefix": {Locations: []object.Location{{Bucket: "acme-data", Prefix: "a/../b"}}},
	} {
		if _, err := h.Doctor.VerifyCredential(t.Context(), h.Actor, doctortest.Workspace, h.key.ID, order,
			nil); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	order := doctor.KeyOrder{Locations: []object.Location{{Bucket: doctortest.Bucket, Prefix: doctortest.Prefix}}}
	stranger := h.OtherWorkspace(t, "ws_2")
	before := h.Carrier.Calls()
	for _, workspace := range []string{"ws_2", doctortest.Workspace} {
		if _, err := h.Doctor.VerifyCredential(t.Context(), stranger, workspace, h.key.ID, order, nil); !problem.Is(err,
			problem.NotFound) {
			t.Errorf("another workspace's key, in %s: %v", workspace, err)
		}
		if _, err := h.Doctor.LastOfCredential(t.Context(), stranger, workspace, h.key.ID); !problem.Is(err,
			problem.NotFound) {
			t.Errorf("its verification, in %s: %v", workspace, err)
		}
	}
	if h.Carrier.Calls() != before {
		t.Error("AWS was asked with another's key")
	}
	if _, err := h.Doctor.LastOfCredential(t.Context(), h.Actor, doctortest.Workspace, h.key.ID); !problem.Is(err,
		problem.NotFound) || !strings.Contains(problem.From(err).Message, "never been verified") {
		t.Errorf("never been verified: %v", err)
	}
}
