package generate_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/iam/lint"
)

// For every set of actions, the session can do exactly what the scope allows.
// The test tries every S3 action on every resource.
func TestScopePolicyIsMinimal(t *testing.T) {
	t.Parallel()
	everything := compile(t, iam.Identity,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	for bits := 1; bits < 16; bits++ {
		scope := generate.Scope{
			Locations: []generate.Location{
				{Bucket: "acme-data", Prefix: "reports/"}, {Bucket: "acme-data", Prefix: "reports/deep/"},
			},
			List:   bits&1 > 0,
			Read:   bits&2 > 0,
			Write:  bits&4 > 0,
			Delete: bits&8 > 0,
		}
		t.Run(fmt.Sprintf("%04b", bits), func(t *testing.T) {
			t.Parallel()
			policy, err := generate.ScopePolicy(scope)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string][]call{}
			for action, c := range map[string]struct {
				on bool
				at []call
			}{
				"s3:ListBucket": {scope.List, listed}, "s3:GetObject": {scope.Read, inside},
				"s3:PutObject":            {scope.Write, inside},
				"s3:AbortMultipartUpload": {scope.Write, inside}, "s3:DeleteObject": {scope.Delete, inside},
			} {
				if c.on {
					want[action] = c.at
				}
			}
			if diff := cmp.Diff(want,
				allowed(t, &iam.Policies{Identity: everything, Session: compile(t, iam.Session, policy)})); diff != "" {
				t.Errorf("(-want +got)\n%s\n%s", diff, policy)
			}
			for _, f := range lint.Lint(iam.Session, []byte(policy), lint.Options{}) {
				t.Errorf("the linter says %s", f.Message)
			}
		})
	}
}

// An invalid scope is rejected, never widened.
func TestScopePolicyRefuses(t *testing.T) {
	t.Parallel()
	reports := []generate.Location{{Bucket: "acme-data", Prefix: "reports/"}}
	var long []generate.Location
	for i := range 10 {
		long = append(long,
			generate.Location{Bucket: "acme-data", Prefix: fmt.Sprintf("%d%s/", i, strings.Repeat("x", 300))})
	}
	for name, scope := range map[string]generate.Scope{
		"no action":   {Locations: reports},
		"no location": {Read: true},
		"a wildcard":  {Read: true, Locations: []generate.Location{{Bucket: "acme-data", Prefix: "*/"}}},
		"a variable":  {Read: true, Locations: []generate.Location{{Bucket: "acme-data", Prefix: "${aws:username}/"}}},
		"no boundary": {Read: true, Locations: []generate.Location{{Bucket: "acme-data", Prefix: "reports"}}},
		"a partition": {Read: true, Partition: "aws-moon", Locations: reports},
		"an alias": {
			Read: true, Locations: reports,
			KMSKeyARNs: []string{"arn:aws:kms:eu-west-1:111122223333:alias/x"},
		},
	} {
		var input *generate.InputError
		if policy, err := generate.ScopePolicy(scope); !errors.As(err, &input) {
			t.Errorf("%s gives %q, %v", name, policy, err)
		}
	}
	var size *generate.SizeError
	if policy, err := generate.ScopePolicy(
		generate.Scope{List: true, Read: true, Locations: long}); !errors.As(err, &size) ||
		policy != "" {
		t.Errorf("ten long locations give %d characters, %v", len(policy), err)
	}
}

// The policy denies everything to the selected sessions and nothing to others.
func TestRevocationPolicy(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	everything := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	for name, c := range map[string]struct {
		revocation generate.Revocation
		issued     time.Time
		identity   string
		grant      string
		allowed    bool
	}{
		"before": {generate.Revocation{Before: at}, at.Add(-time.Second), "", "", false},
		"after":  {generate.Revocation{Before: at}, at, "", "", true},
		"the user's": {
			generate.Revocation{Before: at, SourceIdentity: "windlass-u-1"},
			at.Add(-time.Hour),
			"windlass-u-1", "", false,
		},
		"another's": {
			generate.Revocation{Before: at, SourceIdentity: "windlass-u-1"},
			at.Add(-time.Hour),
			"windlass-u-12", "", true,
		},
		"nobody's": {
			generate.Revocation{Before: at, SourceIdentity: "windlass-u-1"},
			at.Add(-time.Hour), "",
			"", true,
		},
		"the grant's": {
			generate.Revocation{Before: at, Tags: map[string]string{"windlass:grant": "grt_1"}},
			at.Add(-time.Hour), "", "grt_1", false,
		},
		"another grant's": {
			generate.Revocation{Before: at, Tags: map[string]string{"windlass:grant": "grt_1"}},
			at.Add(-time.Hour), "", "grt_2", true,
		},
		"the user's later": {
			generate.Revocation{Before: at, SourceIdentity: "windlass-u-1"},
			at.Add(time.Hour),
			"windlass-u-1", "", true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policy, err := generate.RevocationPolicy(c.revocation)
			if err != nil {
				t.Fatal(err)
			}
			request := iam.Request{
				Principal: caller, Action: "s3:GetObject", Resource: "arn:aws:s3:::acme-data/x",
				ResourceAccount: "111122223333",
			}
			request.Context.Set("aws:TokenIssueTime", c.issued.Format(time.RFC3339))
			if c.identity != "" {
				request.Context.Set("aws:SourceIdentity", c.identity)
			}
			if c.grant != "" {
				request.Context.Set("aws:PrincipalTag/windlass:grant", c.grant)
			}
			policies := &iam.Policies{
				Identity: append(compile(t, iam.Identity, everything), compile(t, iam.Identity, string(policy))...),
			}
			if got := iam.Evaluate(policies, &request).Allowed(); got != c.allowed {
				t.Errorf("allowed: %v\n%s", got, policy)
			}
		})
	}
	for name, revocation := range map[string]generate.Revocation{
		"no time": {SourceIdentity: "x1"}, "a wildcard": {Before: at, SourceIdentity: "windlass-*"},
		"a variable": {Before: at, Tags: map[string]string{"a": "${x}"}},
	} {
		if policy, err := generate.RevocationPolicy(revocation); err == nil {
			t.Errorf("%s gives %s", name, policy)
		}
	}
}
