package pasted_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/integration/pasted"
)

// A bucket's and a key's own policies count with the role's.
func TestPoliciesOfBucketsAndKeys(t *testing.T) {
	t.Parallel()
	const (
		decrypts  = `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"` + key + `"}`
		root      = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}`
		otherRoot = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:root"},"Action":"kms:*","Resource":"*"}`
		names     = `{"Effect":"Allow","Principal":{"AWS":"` + role +
			`"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/daily/*"}`
		tls        = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::acme-data","arn:aws:s3:::acme-data/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
		deniesGets = `{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/*"}`
		opensAll   = `{"Effect":"Allow","Principal":{"AWS":"` + role +
			`"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/*"}`
	)
	encrypted := func(w *pasted.Wanted) { w.KMSKeyARNs = []string{key} }
	for name, tt := range map[string]struct {
		role        []string
		bucket, key string
		change      func(*pasted.Wanted)
		want        []string
		in          pasted.Document
	}{
		"a bucket that demands TLS": {role: []string{lists, gets}, bucket: policy(tls), want: []string{}},
		"a data perimeter": {
			role: []string{lists, gets},
			bucket: policy(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::acme-data",` +
				`"arn:aws:s3:::acme-data/*"],"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-abcdefghij"},` +
				`"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}`),
			want: []string{"unknown list", "unknown list-below", "unknown get"}, in: pasted.BucketPolicy,
		},
		"a bucket for one role by its ID": {
			role: []string{lists, gets},
			bucket: policy(`{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/*",` +
				`"Condition":{"StringNotLike":{"aws:userid":["AROAEXAMPLEID:*","222222222222"]}}}`),
			want: []string{"unknown get"}, in: pasted.BucketPolicy,
		},
		"a perimeter and nothing that allows": {
			role: []string{lists},
			bucket: policy(`{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-data/*",` +
				`"Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}}}`),
			want: []string{"missing get"}, in: pasted.BucketPolicy,
		},
		"a bucket that refuses": {
			role: []string{lists, gets}, bucket: policy(tls, deniesGets),
			want: []string{"missing get"}, in: pasted.BucketPolicy,
		},
		"a bucket that gives what lacks": {role: []string{lists}, bucket: policy(names), want: []string{}},
		"a bucket that opens more": {
			role: []string{lists, gets}, bucket: policy(opensAll),
			want: []string{"excess get-outside"}, in: pasted.BucketPolicy,
		},
		"the policy of no bucket of ours": {
			role: []string{lists, gets}, bucket: "no JSON",
			want: []string{"unreadable unreadable"}, in: pasted.BucketPolicy,
		},
		"a key that leaves it to policies": {
			role: []string{lists, gets, decrypts}, key: policy(root),
			change: encrypted, want: []string{},
		},
		"a key of others": {
			role: []string{lists, gets, decrypts}, key: policy(otherRoot),
			change: encrypted, want: []string{"missing kms-decrypt"}, in: pasted.KeyPolicy,
		},
		"a key whose policy is not given": {
			role: []string{lists, gets, decrypts}, change: encrypted,
			want: []string{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := wanted()
			if tt.change != nil {
				tt.change(&w)
			}
			given := pasted.Documents{Permissions: [][]byte{[]byte(policy(tt.role...))}}
			if tt.bucket != "" {
				given.Buckets = map[string][]byte{"acme-data": []byte(tt.bucket)}
			}
			if tt.key != "" {
				given.Keys = map[string][]byte{key: []byte(tt.key)}
			}
			got := pasted.Judge(w, given)
			if diff := cmp.Diff(tt.want, codes(got)); diff != "" {
				t.Fatalf("(-want +got):\n%s\n%+v", diff, got.Findings)
			}
			if len(tt.want) > 0 && got.Findings[0].Document != tt.in {
				t.Errorf("it is said of the %s: %+v", got.Findings[0].Document, got.Findings[0])
			}
			holdWords(t, got, "")
		})
	}
}

// A right that is allowed within one account alone is reported.
func TestBucketOfAnotherAccount(t *testing.T) {
	t.Parallel()
	const statement = `{"Effect":"Allow","Principal":{"AWS":"` + role +
		`"},"Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::acme-data","arn:aws:s3:::acme-data/daily/*"],"Condition":{"StringLikeIfExists":{"s3:prefix":"daily/*"}}}`
	for document, noted := range map[string]bool{
		policy(statement): false,
		policy(strings.Replace(statement, role, "arn:aws:iam::111122223333:role/other", 1)): true,
	} {
		got := pasted.Judge(wanted(), pasted.Documents{
			Permissions: [][]byte{[]byte(policy(lists, gets))},
			Buckets:     map[string][]byte{"acme-data": []byte(document)},
		})
		if found := slices.ContainsFunc(got.Findings,
			func(f pasted.Finding) bool { return f.Code == "bucket-of-another-account" }); found != noted ||
			got.Verdict() != "" {
			t.Errorf("noted %t of %s: %+v", found, document, got.Findings)
		}
	}
}

// The printed bucket policy allows the role from any account.
func TestPrintedBucketPolicyFits(t *testing.T) {
	t.Parallel()
	w := wanted()
	document, err := generate.BucketPolicy("acme-data", role, generate.Need{Locations: w.Locations, Access: w.Access})
	if err != nil {
		t.Fatal(err)
	}
	got := pasted.Judge(w, pasted.Documents{
		Permissions: [][]byte{[]byte(policy(lists, gets))},
		Buckets:     map[string][]byte{"acme-data": document},
	})
	if len(codes(got)) > 0 || slices.ContainsFunc(got.Findings,
		func(f pasted.Finding) bool { return f.Code == "bucket-of-another-account" }) {
		t.Errorf("got %+v", got.Findings)
	}
}
