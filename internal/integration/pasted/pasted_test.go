package pasted_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/integration/pasted"
)

const (
	us    = "arn:aws:iam::444455556666:user/windlass"
	role  = "arn:aws:iam::111122223333:role/reader"
	ourID = "b7f1c2d40a634c0b9a527b1e7f3a9c11"
	next  = "0c6e2b9d5f7a48d1b3c4e5f60718293a"
	key   = "arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"
)

func wanted(changes ...func(*pasted.Wanted)) pasted.Wanted {
	w := pasted.Wanted{
		Partition: "aws", PrincipalARN: us, ExternalIDs: []string{ourID}, RoleARN: role,
		Locations: []generate.Location{{Bucket: "acme-data", Prefix: "daily/"}}, Access: generate.Read,
	}
	for _, change := range changes {
		change(&w)
	}
	return w
}

// codes formats a judgement in a line for each finding that is no advice.
func codes(j pasted.Judgement) []string {
	out := []string{}
	for _, f := range j.Findings {
		if f.Severity != pasted.Advice {
			out = append(out, string(f.Severity)+" "+f.Code)
		}
	}
	return out
}

func trust(principal, condition string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal +
		`"},"Action":"sts:AssumeRole"` + condition + `}]}`
}

func equals(id string) string {
	return `,"Condition":{"StringEquals":{"sts:ExternalId":"` + id + `"}}`
}

func TestTrust(t *testing.T) {
	t.Parallel()
	both := func(w *pasted.Wanted) { w.ExternalIDs = append(w.ExternalIDs, next) }
	for name, tt := range map[string]struct {
		document string
		change   func(*pasted.Wanted)
		want     []string
		says     string
	}{
		"as printed": {document: trust(us, equals(ourID)), want: []string{}},
		"another External ID": {
			document: trust(us, equals("theirs")), want: []string{"missing assume"},
			says: `requires the External ID "theirs"`,
		},
		"another principal": {
			document: trust("arn:aws:iam::444455556666:user/old", equals(ourID)),
			want:     []string{"missing assume"}, says: "names the principal arn:aws:iam::444455556666:user/old",
		},
		"the placeholder": {
			document: trust("arn:aws:iam::111122223333:root", equals("0000")),
			want:     []string{"missing assume"}, says: `the principal arn:aws:iam::111122223333:root and the External ID "0000"`,
		},
		"another action": {document: strings.Replace(trust(us, equals(ourID)), "sts:AssumeRole",
			"sts:TagSession", 1), want: []string{"missing assume"}, says: "has the action sts:AssumeRole"},
		"no condition": {
			document: trust(us, ""), want: []string{"insecure assume-without-id"},
			says: "without an External ID",
		},
		"an optional External ID": {document: trust(us, `,"Condition":{"StringEqualsIfExists":{"sts:ExternalId":"`+
			ourID+`"}}`), want: []string{"insecure assume-without-id"}},
		"any External ID": {
			document: trust(us, `,"Condition":{"StringLike":{"sts:ExternalId":"*"}}`),
			want:     []string{"insecure assume-wrong-id"}, says: "any External ID",
		},
		"everyone": {
			document: trust("*", equals(ourID)),
			want:     []string{"insecure assume-stranger", "excess assume-neighbour"},
		},
		"the whole account": {
			document: trust("444455556666", equals(ourID)),
			want:     []string{"excess assume-neighbour"}, says: "whole account",
		},
		"an address": {
			document: trust(us, `,"Condition":{"StringEquals":{"sts:ExternalId":"`+ourID+
				`"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`), want: []string{"unknown assume"},
			says: "aws:SourceIp",
		},
		"one more External ID": {
			document: trust(us, `,"Condition":{"StringEquals":{"sts:ExternalId":["`+ourID+`","theirs"]}}`),
			want:     []string{"excess assume-other-id"}, says: "theirs",
		},
		"one more account": {
			document: strings.Replace(trust(us, equals(ourID)), `"`+us+`"`, `["`+us+`","777788889999"]`, 1),
			want:     []string{"excess assume-other"}, says: "777788889999",
		},
		"a principal that was deleted": {
			document: trust("AIDAJQABLZS4A3QDU576Q", equals(ourID)),
			want:     []string{"missing assume"}, says: "deleted",
		},
		"the organization": {
			document: strings.Replace(trust(us, equals(ourID)), "]}",
				`,{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Condition":{"StringNotEquals":`+
					`{"aws:PrincipalOrgID":"o-abcdefghij"}}}]}`, 1), want: []string{"unknown assume"},
			says: "aws:PrincipalOrgID",
		},
		"a Deny": {document: strings.Replace(trust(us, equals(ourID)), "]}",
			`,{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]}`, 1), want: []string{"missing assume"}},
		"not the next one": {
			document: trust(us, equals(ourID)), change: both,
			want: []string{"missing assume-next"},
		},
		"both": {document: trust(us, `,"Condition":{"StringEquals":{"sts:ExternalId":["`+ourID+`","`+
			next+`"]}}`), change: both, want: []string{}},
		"no names": {
			document: trust(us, equals(ourID)),
			change:   func(w *pasted.Wanted) { w.Vending = true },
			want:     []string{"missing vend-identity", "missing vend-tag"},
		},
		"any name": {
			document: strings.Replace(trust(us, equals(ourID)), `"sts:AssumeRole"`,
				`["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]`, 1),
			change: func(w *pasted.Wanted) { w.Vending = true },
			want:   []string{"excess vend-any-identity", "excess vend-any-tag"},
		},
		"no JSON": {document: "arn:aws:iam::111122223333:role/reader", want: []string{"unreadable unreadable"}},
		"another policy": {
			document: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`,
			want:     []string{"unreadable unreadable"},
		},
		"no role yet": {
			document: trust(us, equals(ourID)), change: func(w *pasted.Wanted) { w.RoleARN = "" },
			want: []string{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := wanted()
			if tt.change != nil {
				tt.change(&w)
			}
			got := pasted.Judge(w, pasted.Documents{Trust: []byte(tt.document)})
			if diff := cmp.Diff(tt.want, codes(got)); diff != "" {
				t.Errorf("(-want +got):\n%s\n%+v", diff, got.Findings)
			}
			holdWords(t, got, tt.says)
		})
	}
}

// holdWords checks that findings say what differs and why it matters, and that
// the message contains a text.
func holdWords(t *testing.T, j pasted.Judgement, says string) {
	t.Helper()
	for _, f := range j.Findings {
		if f.Message == "" || f.Document == "" || f.Why == "" && f.Severity != pasted.Advice &&
			f.Severity != pasted.Unreadable {
			t.Errorf("a finding that does not say why it matters: %+v", f)
		}
	}
	if says != "" && (len(j.Findings) == 0 || !slices.ContainsFunc(j.Findings,
		func(f pasted.Finding) bool { return strings.Contains(f.Message+f.Why, says) })) {
		t.Errorf("no finding says %q: %+v", says, j.Findings)
	}
}

func policy(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

const (
	lists = `{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-data","Condition":{"StringLike":{"s3:prefix":"daily/*"}}}`
	gets  = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/daily/*"}`
)

func TestPermissions(t *testing.T) {
	t.Parallel()
	write := func(w *pasted.Wanted) { w.Access = generate.ReadWrite }
	encrypted := func(w *pasted.Wanted) { w.KMSKeyARNs = []string{key} }
	for name, tt := range map[string]struct {
		documents []string
		change    func(*pasted.Wanted)
		want      []string
		says      string
	}{
		"as printed":      {documents: []string{policy(lists, gets)}, want: []string{}},
		"in two policies": {documents: []string{policy(lists), policy(gets)}, want: []string{}},
		"no listing": {
			documents: []string{policy(gets)},
			want:      []string{"missing list", "missing list-below"},
		},
		"listing on objects": {documents: []string{policy(strings.Replace(lists, "acme-data", "acme-data/*", 1),
			gets)}, want: []string{"missing list", "missing list-below"}, says: "the bucket itself"},
		"a prefix without its slash": {
			documents: []string{policy(strings.Replace(lists, "daily/*", "daily", 1), gets)},
			want:      []string{"missing list", "missing list-below"}, says: `Use "daily/*"`,
		},
		"a prefix with a slash": {documents: []string{policy(strings.Replace(lists, "daily/*", "/daily/*", 1),
			gets)}, want: []string{"missing list", "missing list-below"}, says: "begins with a slash"},
		"a prefix that is too wide": {documents: []string{policy(strings.Replace(lists, "daily/*", "daily*", 1),
			gets)}, want: []string{"excess list-beside"}, says: "final slash"},
		"objects without their star": {documents: []string{policy(lists,
			strings.Replace(gets, "daily/*", "daily/", 1))}, want: []string{"missing get"}, says: "must end in a star"},
		"objects that are too wide": {documents: []string{policy(lists,
			strings.Replace(gets, "daily/*", "daily*", 1))}, want: []string{"excess get-beside"}},
		"the whole bucket": {
			documents: []string{policy(lists, strings.Replace(gets, "daily/*", "*", 1))},
			want:      []string{"excess get-outside"},
		},
		"another bucket": {documents: []string{policy(strings.ReplaceAll(lists+","+gets, "acme-data",
			"acme-dat"))}, want: []string{"missing list", "missing list-below", "missing get"}},
		"all of S3": {documents: []string{policy(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)}, want: []string{
			"excess putobject", "excess list-root", "excess get-outside", "excess get-other-bucket",
			"excess list-other-bucket", "excess list-buckets", "excess bucket-policy",
		}},
		"everything": {
			documents: []string{policy(`{"Effect":"Allow","Action":"*","Resource":"*"}`)},
			want:      []string{"excess putobject", "excess list-root", "excess get-outside", "excess administer"},
		},
		"writing": {
			documents: []string{policy(lists, gets)}, change: write,
			want: []string{"missing putobject", "missing deleteobject", "missing abortmultipartupload"},
		},
		"the key": {
			documents: []string{policy(lists, gets)}, change: encrypted,
			want: []string{"missing kms-decrypt"},
		},
		"every key": {
			documents: []string{policy(lists, gets,
				`{"Effect":"Allow","Action":"kms:*","Resource":"*"}`)}, change: encrypted,
			want: []string{"excess kms-other"},
		},
		"a Deny": {documents: []string{policy(lists, gets,
			`{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}`)}, want: []string{"missing get"}},
		"TLS demanded": {
			documents: []string{policy(lists, gets,
				`{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`)},
			want: []string{},
		},
		"a network": {
			documents: []string{policy(lists,
				strings.Replace(gets, `}`, `,"Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}}`, 1))},
			want: []string{"unknown get"}, says: "aws:SourceVpc",
		},
		"the seed's own": {documents: []string{policy(
			`{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject","s3:GetObjectVersion","s3:DeleteObject","s3:DeleteObjectVersion"],"Resource":"arn:aws:s3:::acme-data/daily/*"}`, `{"Effect":"Allow","Action":["s3:ListBucket","s3:GetBucketLocation"],"Resource":"arn:aws:s3:::acme-data","Condition":{"StringLike":{"s3:prefix":["daily/*"]}}}`)}, want: []string{"excess putobject"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := wanted()
			if tt.change != nil {
				tt.change(&w)
			}
			var documents pasted.Documents
			for _, text := range tt.documents {
				documents.Permissions = append(documents.Permissions, []byte(text))
			}
			got := pasted.Judge(w, documents)
			if diff := cmp.Diff(tt.want, codes(got)); diff != "" {
				t.Errorf("(-want +got):\n%s\n%+v", diff, got.Findings)
			}
			holdWords(t, got, tt.says)
		})
	}
}

// A boundary that allows nothing removes the access that the policies give.
func TestBoundary(t *testing.T) {
	t.Parallel()
	got := pasted.Judge(wanted(), pasted.Documents{
		Permissions: [][]byte{[]byte(policy(lists, gets))},
		Boundary:    []byte(policy(lists)),
	})
	if diff := cmp.Diff([]string{"missing get"}, codes(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The generator's policy for a need fits the need, in every partition.
func TestPrintedDocumentsFit(t *testing.T) {
	t.Parallel()
	for _, partition := range []generate.Partition{generate.AWS, generate.China, generate.GovCloud} {
		for _, access := range []generate.Access{generate.Read, generate.ReadWrite} {
			w := wanted(func(w *pasted.Wanted) {
				w.Partition, w.Access, w.Vending, w.ExternalIDs = string(partition), access, true, []string{ourID, next}
				w.PrincipalARN = strings.Replace(us, "aws", string(partition), 1)
				w.RoleARN = strings.Replace(role, "aws", string(partition), 1)
				w.KMSKeyARNs = []string{strings.Replace(key, "aws", string(partition), 1)}
				w.Locations = append(w.Locations, generate.Location{Bucket: "whole"})
			})
			trust, err := generate.TrustPolicy(generate.Trust{
				Partition: partition, PrincipalARN: w.PrincipalARN,
				ExternalIDs: w.ExternalIDs, Vending: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			permission, err := generate.PermissionPolicy(generate.Need{
				Partition: partition, Locations: w.Locations,
				Access: access, KMSKeyARNs: w.KMSKeyARNs,
			})
			if err != nil {
				t.Fatal(err)
			}
			got := pasted.Judge(w, pasted.Documents{Trust: trust, Permissions: [][]byte{permission}})
			if got.Verdict() != "" || len(got.Findings) != 0 || len(got.Questions) < 20 {
				t.Errorf("%s %s: %d questions, %+v", partition, access, len(got.Questions), got.Findings)
			}
		}
	}
}

func TestUnwrap(t *testing.T) {
	t.Parallel()
	document := trust(us, equals(ourID))
	quoted, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"plain":              "\n" + document + "\n",
		"get-role":           `{"Role":{"RoleName":"reader","AssumeRolePolicyDocument":` + document + `}}`,
		"get-role-policy":    `{"RoleName":"reader","PolicyName":"x","PolicyDocument":` + document + `}`,
		"get-policy-version": `{"PolicyVersion":{"Document":` + document + `,"VersionId":"v1"}}`,
		"get-bucket-policy":  `{"Policy":` + string(quoted) + `}`,
		"IAM's own":          "%7B" + strings.ReplaceAll(document[1:], `"`, "%22"),
	} {
		if got := string(pasted.Unwrap([]byte(text))); got != document {
			t.Errorf("%s: got %s", name, got)
		}
	}
	for _, text := range []string{"", "x", "[]", `{"Role":{}}`, `{"a":1}`} {
		if got := string(pasted.Unwrap([]byte(text))); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// FuzzJudge checks that there is a result for any pasted text.
func FuzzJudge(f *testing.F) {
	f.Add(trust(us, equals(ourID)), policy(lists, gets))
	f.Add(`{"Role":{"AssumeRolePolicyDocument":"%7B"}}`, "{}")
	f.Fuzz(func(t *testing.T, trust, permission string) {
		got := pasted.Judge(wanted(), pasted.Documents{
			Trust:       pasted.Unwrap([]byte(trust)),
			Permissions: [][]byte{pasted.Unwrap([]byte(permission))},
		})
		if len(got.Questions) == 0 && len(got.Findings) == 0 {
			t.Errorf("nothing was asked and nothing found")
		}
	})
}
