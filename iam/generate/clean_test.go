package generate_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/iam/lint"
)

func lintClean(t interface{ Errorf(string, ...any) }, kind iam.Kind, document string, options lint.Options) {
	for _, f := range lint.Lint(kind, []byte(document), options) {
		t.Errorf("a generated policy has %s %s at %s: %s\n%s", f.Severity, f.Code, f.Path, f.Message, document)
	}
}

// needs generates valid needs.
func needs(t *rapid.T) generate.Need {
	need := generate.Need{
		Partition: rapid.SampledFrom([]generate.Partition{"", generate.AWS, generate.China, generate.GovCloud}).
			Draw(t, "partition"),
		Access: rapid.SampledFrom([]generate.Access{generate.Read, generate.Write, generate.ReadWrite}).
			Draw(t, "access"),
	}
	need.Versions = need.Access != generate.Write && rapid.Bool().Draw(t, "versions")
	for range rapid.IntRange(1, 6).Draw(t, "locations") {
		location := generate.Location{
			Bucket: rapid.SampledFrom([]string{"acme-data", "other.data", "third-data"}).Draw(t, "bucket"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "segments") {
			location.Prefix += rapid.SampledFrom([]string{"a", "ab", "über", "a b", "x=1", "日本", `q"uo\te`, "{x}"}).
				Draw(t, "segment") +
				"/"
		}
		need.Locations = append(need.Locations, location)
	}
	return need
}

// Generated policies have no lint findings, and don't depend on the order of
// the locations.
func TestPoliciesAreCleanAndStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		need := needs(t)
		policy, err := generate.PermissionPolicy(need)
		if err != nil {
			t.Fatal(err)
		}
		lintClean(t, iam.Identity, string(policy), lint.Options{PrincipalKind: "role"})
		if session, err := generate.SessionPolicy(need); err == nil {
			lintClean(t, iam.Session, session, lint.Options{})
		}
		slices.Reverse(need.Locations)
		again, err := generate.PermissionPolicy(need)
		if err != nil || string(again) != string(policy) {
			t.Errorf("another order gives another policy: %v\n%s\n%s", err, policy, again)
		}
	})
}

func TestSessionPolicyFits(t *testing.T) {
	t.Parallel()
	need := generate.Need{Access: generate.ReadWrite}
	for i := range 60 {
		need.Locations = append(need.Locations,
			generate.Location{Bucket: "acme-data", Prefix: fmt.Sprintf("team-%03d/", i)})
		policy, err := generate.SessionPolicy(need)
		var size *generate.SizeError
		switch {
		case errors.As(err, &size):
			if size.Characters <= generate.MaxSessionPolicy || size.Locations != i+1 || i < 10 {
				t.Errorf("%d locations: %v", i+1, err)
			}
			return
		case err != nil:
			t.Fatal(err)
		case len(policy) > generate.MaxSessionPolicy:
			t.Fatalf("%d locations: %d characters", i+1, len(policy))
		}
	}
	t.Error("60 locations fit")
}

// Needs that could widen or break a policy are rejected, and the error names
// the field.
func TestNeedsThatAreRefused(t *testing.T) {
	t.Parallel()
	good := generate.Need{
		Access: generate.Read, Locations: []generate.Location{{Bucket: "acme-data", Prefix: "reports/"}},
	}
	at := func(bucket, prefix string) generate.Need {
		need := good
		need.Locations = []generate.Location{good.Locations[0], {Bucket: bucket, Prefix: prefix}}
		return need
	}
	cases := map[string]struct {
		need  generate.Need
		field string
	}{
		"no access":      {generate.Need{Locations: good.Locations}, "access"},
		"unknown access": {generate.Need{Access: "admin", Locations: good.Locations}, "access"},
		"no location":    {generate.Need{Access: generate.Read}, "locations"},
		"partition": {
			generate.Need{Partition: "aws*", Access: generate.Read, Locations: good.Locations},
			"partition",
		},
		"versions written": {
			generate.Need{Access: generate.Write, Versions: true, Locations: good.Locations}, "versions",
		},
		"key by alias": {
			generate.Need{
				Access: generate.Read, Locations: good.Locations,
				KMSKeyARNs: []string{"arn:aws:kms:eu-west-1:111122223333:alias/x"},
			},
			"kms_key_arns[0]",
		},
		"every key": {
			generate.Need{
				Access: generate.Read, Locations: good.Locations,
				KMSKeyARNs: []string{"arn:aws:kms:eu-west-1:111122223333:key/*"},
			},
			"kms_key_arns[0]",
		},
		"key elsewhere": {
			generate.Need{
				Partition: generate.China, Access: generate.Read, Locations: good.Locations,
				KMSKeyARNs: []string{"arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"},
			},
			"kms_key_arns[0]",
		},
	}
	for _, bucket := range []string{
		"", "*", "acme*", "acme-?", "ACME", "a", "acme_data", "acme..data", "acme-.data",
		"192.168.0.1", "xn--acme", "acme-s3alias", "acme--x-s3", "acme-data/x", "${aws:username}", "acme\ndata",
		strings.Repeat("a", 64), "arn:aws:s3:::acme",
	} {
		cases["bucket "+bucket] = struct {
			need  generate.Need
			field string
		}{at(bucket, "reports/"), "locations[1].bucket"}
	}
	for _, prefix := range []string{
		"*", "reports", "/reports/", "reports//x/", "reports/*/", "reports/?/",
		"${aws:username}/", "$x/", "a/../b/", "./", "reports\x00/", "reports\n/", "\u202ereports/", "\xff/", "\u2028/",
		strings.Repeat("a", 1100) + "/", "/",
	} {
		cases["prefix "+prefix] = struct {
			need  generate.Need
			field string
		}{at("acme-data", prefix), "locations[1].prefix"}
	}
	for name, c := range cases {
		for form, generated := range map[string]func(generate.Need) error{
			"permission": func(n generate.Need) error { _, err := generate.PermissionPolicy(n); return err },
			"session":    func(n generate.Need) error { _, err := generate.SessionPolicy(n); return err },
		} {
			var input *generate.InputError
			if err := generated(c.need); !errors.As(err, &input) || input.Field != c.field {
				t.Errorf("%s, %s: got %v; want an error of %s", name, form, err, c.field)
			}
		}
	}
	if _, err := generate.PermissionPolicy(good); err != nil {
		t.Error(err)
	}
}

func TestBucketPoliciesThatAreRefused(t *testing.T) {
	t.Parallel()
	const role = "arn:aws:iam::444455556666:role/integrator"
	good := generate.Need{
		Access: generate.Read, Locations: []generate.Location{{Bucket: "acme-data", Prefix: "reports/"}},
	}
	withKey := good
	withKey.KMSKeyARNs = []string{"arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"}
	for name, c := range map[string]struct {
		bucket, principal string
		need              generate.Need
		field             string
	}{
		"everyone":           {"acme-data", "*", good, "principal_arn"},
		"some users":         {"acme-data", "arn:aws:iam::444455556666:user/*", good, "principal_arn"},
		"a session":          {"acme-data", "arn:aws:sts::444455556666:assumed-role/r/s", good, "principal_arn"},
		"another partition":  {"acme-data", "arn:aws-cn:iam::444455556666:role/r", good, "principal_arn"},
		"another bucket":     {"other-data", role, good, "locations"},
		"a key":              {"acme-data", role, withKey, "kms_key_arns"},
		"nothing to be done": {"acme-data", role, generate.Need{Locations: good.Locations}, "access"},
	} {
		var input *generate.InputError
		if _, err := generate.BucketPolicy(c.bucket, c.principal, c.need); !errors.As(err, &input) ||
			input.Field != c.field {
			t.Errorf("%s: got %v; want an error of %s", name, err, c.field)
		}
	}
	policy, err := generate.BucketPolicy("acme-data", role, good)
	if err != nil {
		t.Fatal(err)
	}
	lintClean(t, iam.Resource, string(policy), lint.Options{BucketName: "acme-data"})
}

func TestNestedLocationsAreOne(t *testing.T) {
	t.Parallel()
	one, err := generate.PermissionPolicy(
		generate.Need{Access: generate.Read, Locations: []generate.Location{{Bucket: "acme-data", Prefix: "reports/"}}})
	if err != nil {
		t.Fatal(err)
	}
	three, err := generate.PermissionPolicy(generate.Need{Access: generate.Read, Locations: []generate.Location{
		{Bucket: "acme-data", Prefix: "reports/2026/"},
		{Bucket: "acme-data", Prefix: "reports/"},
		{Bucket: "acme-data", Prefix: "reports/"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(one), string(three)); diff != "" {
		t.Errorf("(-one +three)\n%s", diff)
	}
}
