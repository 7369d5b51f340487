package generate_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/iam/lint"
)

// FuzzLocation checks that every location is either rejected, or its policy
// allows exactly what is below the prefix.
func FuzzLocation(f *testing.F) {
	for _, seed := range [][2]string{
		{"acme-data", "reports/"},
		{"acme-data", ""},
		{"acme.data", "a b/ü/"},
		{"acme-data", "*/"},
		{"acme-data", "${aws:username}/"},
		{"acme-data", "{}/"},
		{"acme-data", `"\/`},
		{"acme*", "x/"},
		{"acme-data", "../"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, bucket, prefix string) {
		policy, err := generate.PermissionPolicy(
			generate.Need{Access: generate.ReadWrite, Locations: []generate.Location{{Bucket: bucket, Prefix: prefix}}})
		if err != nil {
			return
		}
		lintClean(t, iam.Identity, string(policy), lint.Options{})
		policies := &iam.Policies{Identity: compile(t, iam.Identity, string(policy))}
		gets := func(key string) bool {
			request := iam.Request{
				Principal: caller, Action: "s3:GetObject", Resource: "arn:aws:s3:::" + key,
				ResourceAccount: caller.Account,
			}
			return iam.Evaluate(policies, &request).Allowed()
		}
		if !gets(bucket + "/" + prefix + "x") {
			t.Errorf("a key below %q is refused\n%s", prefix, policy)
		}
		for _, beside := range []string{bucket + "x/" + prefix + "x", "x" + bucket + "/" + prefix + "x"} {
			if gets(beside) {
				t.Errorf("%q is allowed\n%s", beside, policy)
			}
		}
		if prefix == "" {
			return
		}
		bare := strings.TrimSuffix(prefix, "/")
		for _, beside := range []string{
			"/x", "/" + bare, "/" + bare + "x", "/" + bare + "-x/x", "/x" + prefix + "x",
			"/x/" + prefix + "x",
		} {
			if !strings.HasPrefix(beside[1:], prefix) && gets(bucket+beside) {
				t.Errorf("%q is allowed for %q\n%s", beside, prefix, policy)
			}
		}
	})
}
