package generate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/iam/reference"
)

// call is an action on a resource; for list calls, with a prefix.
type call struct {
	Resource string // after "arn:aws:s3:::"
	Prefix   string // the prefix of a list call; "-" for none
}

// calls covers the resources that a policy for s3://acme-data/reports/ must
// distinguish.
var calls = []call{
	{"acme-data", "-"},
	{"acme-data", ""},
	{"acme-data", "reports"},
	{"acme-data", "reports/"},
	{"acme-data", "reports/2026"},
	{"acme-data", "reports-old/"},
	{"acme-data", "Reports/"},
	{"acme-data", "other/"},
	{"acme-data/reports/2026.csv", "-"},
	{"acme-data/reports/deep/er.csv", "-"},
	{"acme-data/reports/", "-"},
	{"acme-data/reports", "-"},
	{"acme-data/reports-old/2026.csv", "-"},
	{"acme-data/Reports/2026.csv", "-"},
	{"acme-data/other/reports/2026.csv", "-"},
	{"acme-data/2026.csv", "-"},
	{"acme-data2", "reports/"},
	{"acme-data2/reports/2026.csv", "-"},
	{"other-data", "reports/"},
	{"other-data/reports/2026.csv", "-"},
}

var (
	listed   = []call{{"acme-data", "reports/"}, {"acme-data", "reports/2026"}}
	anywhere = []call{
		{"acme-data", "-"},
		{"acme-data", ""},
		{"acme-data", "reports"},
		{"acme-data", "reports/"},
		{"acme-data", "reports/2026"},
		{"acme-data", "reports-old/"},
		{"acme-data", "Reports/"},
		{"acme-data", "other/"},
	}
	inside = []call{
		{"acme-data/reports/2026.csv", "-"}, {"acme-data/reports/deep/er.csv", "-"}, {"acme-data/reports/", "-"},
	}
	whole = []call{
		{"acme-data/reports/2026.csv", "-"},
		{"acme-data/reports/deep/er.csv", "-"},
		{"acme-data/reports/", "-"},
		{"acme-data/reports", "-"},
		{"acme-data/reports-old/2026.csv", "-"},
		{"acme-data/Reports/2026.csv", "-"},
		{"acme-data/other/reports/2026.csv", "-"},
		{"acme-data/2026.csv", "-"},
	}
)

// The policy allows exactly the calls of the need. The test tries every S3
// action on every resource.
func TestPermissionPolicyIsMinimal(t *testing.T) {
	t.Parallel()
	reports := []generate.Location{{Bucket: "acme-data", Prefix: "reports/"}}
	for name, c := range map[string]struct {
		need generate.Need
		want map[string][]call // action → where it is allowed
	}{
		"read": {
			generate.Need{Access: generate.Read, Locations: reports},
			map[string][]call{"s3:ListBucket": listed, "s3:GetObject": inside},
		},
		"read versions": {
			generate.Need{Access: generate.Read, Versions: true, Locations: reports},
			map[string][]call{
				"s3:ListBucket": listed, "s3:ListBucketVersions": listed, "s3:GetObject": inside,
				"s3:GetObjectVersion": inside,
			},
		},
		"write": {
			generate.Need{Access: generate.Write, Locations: reports},
			map[string][]call{"s3:PutObject": inside, "s3:DeleteObject": inside, "s3:AbortMultipartUpload": inside},
		},
		"readwrite": {
			generate.Need{
				Access:    generate.ReadWrite,
				Locations: append(reports, generate.Location{Bucket: "acme-data", Prefix: "reports/deep/"}),
			},
			map[string][]call{
				"s3:ListBucket": listed, "s3:GetObject": inside, "s3:PutObject": inside,
				"s3:DeleteObject":         inside,
				"s3:AbortMultipartUpload": inside,
			},
		},
		"whole bucket": {
			generate.Need{Access: generate.Read, Locations: append(reports, generate.Location{Bucket: "acme-data"})},
			map[string][]call{"s3:ListBucket": anywhere, "s3:GetObject": whole},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policy, err := generate.PermissionPolicy(c.need)
			if err != nil {
				t.Fatal(err)
			}
			session, err := generate.SessionPolicy(c.need)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want,
				allowed(t, &iam.Policies{Identity: compile(t, iam.Identity, string(policy))})); diff != "" {
				t.Errorf("permission policy (-want +got)\n%s\n%s", diff, policy)
			}
			everything := compile(t, iam.Identity,
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
			if diff := cmp.Diff(c.want,
				allowed(t,
					&iam.Policies{Identity: everything, Session: compile(t, iam.Session, session)})); diff != "" {
				t.Errorf("session policy (-want +got)\n%s\n%s", diff, session)
			}
		})
	}
}

func TestBucketPolicyIsMinimal(t *testing.T) {
	t.Parallel()
	policy, err := generate.BucketPolicy("acme-data", caller.ARN,
		generate.Need{Access: generate.Read, Locations: []generate.Location{{Bucket: "acme-data", Prefix: "reports/"}}})
	if err != nil {
		t.Fatal(err)
	}
	policies := &iam.Policies{Resource: compile(t, iam.Resource, string(policy))[0]}
	want := map[string][]call{"s3:ListBucket": listed, "s3:GetObject": inside}
	if diff := cmp.Diff(want, allowed(t, policies)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	stranger := caller
	stranger.ARN, stranger.UserID, stranger.UserName = "arn:aws:iam::111122223333:user"+
		"/stranger", "AIDASTRANGER", "stranger"
	if got := allowedTo(t, policies, stranger); len(got) > 0 {
		t.Errorf("another user of the account is allowed %v", got)
	}
}

var caller = iam.Principal{
	Type: iam.User, ARN: "arn:aws:iam::111122223333:user/load", Account: "111122223333", UserID: "AIDALOAD",
	UserName: "load",
}

func allowed(t *testing.T, policies *iam.Policies) map[string][]call {
	t.Helper()
	return allowedTo(t, policies, caller)
}

func allowedTo(t *testing.T, policies *iam.Policies, principal iam.Principal) map[string][]call {
	t.Helper()
	actions := reference.Expand("s3:*")
	if len(actions) < 150 {
		t.Fatalf("the reference has %d actions of S3", len(actions))
	}
	out := map[string][]call{}
	for _, action := range actions {
		for _, c := range calls {
			request := iam.Request{
				Principal:       principal,
				Action:          action,
				Resource:        "arn:aws:s3:::" + c.Resource,
				ResourceAccount: "111122223333",
			}
			request.Context.Set("aws:SecureTransport", "true")
			if c.Prefix != "-" {
				request.Context.Set("s3:prefix", c.Prefix)
			}
			if iam.Evaluate(policies, &request).Allowed() && (c.Prefix == "-" || carriesPrefix(action)) {
				out[action] = append(out[action], c)
			}
		}
	}
	return out
}

// carriesPrefix reports whether the action can be a call that sends a prefix.
func carriesPrefix(action string) bool {
	_, carries := reference.Carries(action, "s3:prefix")
	return carries
}

func compile(t *testing.T, kind iam.Kind, document string) []*iam.Compiled {
	t.Helper()
	policy, err := iam.Parse(kind, []byte(document))
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	compiled, err := iam.Compile(policy)
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	return []*iam.Compiled{compiled}
}

// A prefix of one bucket doesn't allow the same prefix in another bucket.
func TestPrefixesStayWithTheirBucket(t *testing.T) {
	t.Parallel()
	policy, err := generate.PermissionPolicy(generate.Need{Access: generate.Read, Locations: []generate.Location{
		{Bucket: "acme-data", Prefix: "reports/"},
		{Bucket: "other-data", Prefix: "in/"},
		{Bucket: "third-data", Prefix: "reports/"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	policies := &iam.Policies{Identity: compile(t, iam.Identity, string(policy))}
	for _, c := range []struct {
		bucket, prefix string
		want           bool
	}{
		{"acme-data", "reports/", true},
		{"third-data", "reports/", true},
		{"other-data", "in/", true},
		{"acme-data", "in/", false},
		{"other-data", "reports/", false},
		{"third-data", "in/", false},
	} {
		request := iam.Request{
			Principal: caller, Action: "s3:ListBucket", Resource: "arn:aws:s3:::" + c.bucket,
			ResourceAccount: "111122223333",
		}
		request.Context.Set("s3:prefix", c.prefix)
		if got := iam.Evaluate(policies, &request).Allowed(); got != c.want {
			t.Errorf("listing %s in %s: %v", c.prefix, c.bucket, got)
		}
	}
	if n := strings.Count(string(policy), "s3:ListBucket"); n != 2 {
		t.Errorf("%d statements list, where two do:\n%s", n, policy)
	}
}

// A key can only be used through S3 in its own Region.
func TestKeys(t *testing.T) {
	t.Parallel()
	const key = "arn:aws-cn:kms:cn-north-1:111122223333:key/12345678-1234-1234-1234-123456789012"
	for access, want := range map[generate.Access][]string{
		generate.Read:      {"kms:Decrypt"},
		generate.ReadWrite: {"kms:Decrypt", "kms:GenerateDataKey"},
	} {
		policy, err := generate.PermissionPolicy(generate.Need{
			Partition:  generate.China,
			Access:     access,
			KMSKeyARNs: []string{key, key},
			Locations:  []generate.Location{{Bucket: "acme-data"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		policies := &iam.Policies{
			Identity: compile(t, iam.Identity, string(policy)),
			Resource: compile(t, iam.Resource, string(iam.DefaultKeyPolicy("aws-cn", "111122223333")))[0],
		}
		var got []string
		for _, action := range reference.Expand("kms:*") {
			request := iam.Request{
				Principal: iam.Principal{
					Type: iam.User, ARN: "arn:aws-cn:iam::111122223333:user/load", Account: "111122223333",
					UserName: "load",
				},
				Action:          action,
				Resource:        key,
				ResourceAccount: "111122223333",
			}
			if iam.Evaluate(policies, &request).Allowed() {
				t.Errorf("%s: %s is allowed outside S3", access, action)
			}
			request.Context.Set("kms:ViaService", "s3.cn-north-1.amazonaws.com.cn")
			if iam.Evaluate(policies, &request).Allowed() {
				got = append(got, action)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", access, diff)
		}
	}
}

func ExamplePermissionPolicy() {
	policy, err := generate.PermissionPolicy(generate.Need{
		Access:    generate.Read,
		Locations: []generate.Location{{Bucket: "acme-data", Prefix: "reports/"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(policy))
	// Output:
	// {
	//   "Version": "2012-10-17",
	//   "Statement": [
	//     {
	//       "Sid": "ListLocations",
	//       "Effect": "Allow",
	//       "Action": "s3:ListBucket",
	//       "Resource": "arn:aws:s3:::acme-data",
	//       "Condition": {
	//         "StringLike": {
	//           "s3:prefix": "reports/*"
	//         }
	//       }
	//     },
	//     {
	//       "Sid": "ReadObjects",
	//       "Effect": "Allow",
	//       "Action": "s3:GetObject",
	//       "Resource": "arn:aws:s3:::acme-data/reports/*"
	//     }
	//   ]
	// }
}
