package object_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

func TestNewLocationGivesTheOneSpelling(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ bucket, prefix, want string }{
		"the whole bucket":          {"acme-data", "", "s3://acme-data/"},
		"a prefix":                  {"acme-data", "daily/", "s3://acme-data/daily/"},
		"a prefix without its end":  {"acme-data", "daily", "s3://acme-data/daily/"},
		"a deep prefix":             {"acme.data.1", "a/b c/d=1/", "s3://acme.data.1/a/b c/d=1/"},
		"dots that are no segments": {"acme-data", "v1.2/..x/.hidden/", "s3://acme-data/v1.2/..x/.hidden/"},
		"letters beyond ASCII":      {"acme-data", "données/日/", "s3://acme-data/données/日/"},
		"three characters":          {"a-1", "", "s3://a-1/"},
		"longest bucket":            {strings.Repeat("a", 63), "", "s3://" + strings.Repeat("a", 63) + "/"},
		"longest prefix":            {"acme", strings.Repeat("p", 511), "s3://acme/" + strings.Repeat("p", 511) + "/"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := object.NewLocation(tt.bucket, tt.prefix)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestNewLocationRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ bucket, prefix, path, want string }{
		"no bucket":               {"", "", "bucket", "missing"},
		"short bucket":            {"ab", "", "bucket", "3 to 63"},
		"long bucket":             {strings.Repeat("a", 64), "", "bucket", "3 to 63"},
		"upper case":              {"Acme", "", "bucket", `'A'`},
		"underscore":              {"ac_me", "", "bucket", `'_'`},
		"slash in the bucket":     {"acme/x", "", "bucket", `'/'`},
		"star in the bucket":      {"acme*", "", "bucket", `'*'`},
		"percent in the bucket":   {"acme%2f", "", "bucket", `'%'`},
		"full-width letter":       {"ａcme", "", "bucket", `'ａ'`},
		"line feed in the bucket": {"acme\n", "", "bucket", `'\n'`},
		"begins with a dash":      {"-acme", "", "bucket", "begin and end"},
		"ends with a dot":         {"acme.", "", "bucket", "begin and end"},
		"two dots":                {"ac..me", "", "bucket", "next to a dot"},
		"a dot and a dash":        {"ac.-me", "", "bucket", "next to a dot"},
		"an IP address":           {"192.168.0.1", "", "bucket", "IP address"},
		"an ARN":                  {"arn:aws:s3:::acme", "", "bucket", "is an ARN"},
		"an access point alias":   {"acme-s3alias", "", "bucket", "AWS reserves"},
		"a reserved start":        {"xn--acme", "", "bucket", "AWS reserves"},
		"leading slash":           {"acme", "/daily/", "prefix", "begins with"},
		"only a slash":            {"acme", "/", "prefix", "begins with"},
		"empty segment":           {"acme", "a//b/", "prefix", "empty segment"},
		"two slashes at the end":  {"acme", "a//", "prefix", "empty segment"},
		"one dot":                 {"acme", "a/./b/", "prefix", "segment"},
		"two dots up":             {"acme", "a/../b/", "prefix", "segment"},
		"two dots at the start":   {"acme", "../", "prefix", "segment"},
		"two dots at the end":     {"acme", "a/..", "prefix", "segment"},
		"star":                    {"acme", "a*/", "prefix", "wildcard"},
		"question mark":           {"acme", "a?/", "prefix", "wildcard"},
		"dollar":                  {"acme", "a$/", "prefix", "variable"},
		"policy variable":         {"acme", "${aws:username}/", "prefix", "variable"},
		"null byte":               {"acme", "a\x00/", "prefix", "U+0000"},
		"line feed":               {"acme", "a\n/", "prefix", "U+000A"},
		"zero-width space":        {"acme", "a\u200b/", "prefix", "U+200B"},
		"right-to-left override":  {"acme", "a\u202eb/", "prefix", "U+202E"},
		"no-break space":          {"acme", "a\u00a0b/", "prefix", "U+00A0"},
		"not UTF-8":               {"acme", "a\xff/", "prefix", "UTF-8"},
		"decomposed":              {"acme", "donne\u0301es/", "prefix", "normalization form C"},
		"too long":                {"acme", strings.Repeat("p", 512), "prefix", "513 bytes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := object.NewLocation(tt.bucket, tt.prefix)
			if !problem.Is(err, problem.Invalid) {
				t.Fatalf("got %v, want a problem with code invalid", err)
			}
			findings := problem.From(err).Findings
			if len(findings) != 1 || findings[0].Path != tt.path || !strings.Contains(findings[0].Message, tt.want) {
				t.Errorf("got %+v, want one finding at %s that says %q", findings, tt.path, tt.want)
			}
		})
	}
}

func TestNewLocationTellsAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := object.NewLocation("A", "/x")
	if got := len(problem.From(err).Findings); got != 2 {
		t.Errorf("got %d findings, want 2: %v", got, err)
	}
}

func TestParseLocation(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]object.Location{
		"s3://acme":          {Bucket: "acme"},
		"s3://acme/":         {Bucket: "acme"},
		"s3://acme/a/b":      {Bucket: "acme", Prefix: "a/b/"},
		"s3://acme/a%2e%2e/": {Bucket: "acme", Prefix: "a%2e%2e/"},
	} {
		got, err := object.ParseLocation(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
	}
	for _, address := range []string{
		"", "acme/a/", "S3://acme/", "s3:/acme/", "https://acme.s3.amazonaws.com/a/",
		"s3://", "s3:///a/", "s3://acme//a/", "s3://user@acme/", "s3://acme:9000/",
	} {
		if got, err := object.ParseLocation(address); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: got %v and %v, want a problem with code invalid", address, got, err)
		}
	}
}

func TestLocationFromJSONObeysTheGrammar(t *testing.T) {
	t.Parallel()
	var got object.Location
	if err := json.Unmarshal([]byte(`{"bucket":"acme","prefix":"a"}`), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(object.Location{Bucket: "acme", Prefix: "a/"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := json.Unmarshal([]byte(`{"bucket":"acme","prefix":"../"}`), &got); !problem.Is(err, problem.Invalid) {
		t.Errorf("got %v, want a problem with code invalid", err)
	}
}

func TestContains(t *testing.T) {
	t.Parallel()
	location := object.Location{Bucket: "acme", Prefix: "pre/"}
	for key, want := range map[string]bool{
		"pre/": true, "pre/a": true, "pre/a/b..c": true, "pre//a": true,
		"pre": false, "prefix/a": false, "Pre/a": false, "/pre/a": false, "": false,
		"pre/../a": false, "pre/./a": false, "pre/..": false, "pre%2fa": false,
	} {
		if got := location.Contains("acme", key); got != want {
			t.Errorf("Contains(%q) = %v, want %v", key, got, want)
		}
	}
	if location.Contains("acme2", "pre/a") {
		t.Error("a key of another bucket lies in the location")
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	outer := object.Location{Bucket: "acme", Prefix: "a/"}
	for other, want := range map[object.Location]bool{
		{Bucket: "acme", Prefix: "a/"}: true, {Bucket: "acme", Prefix: "a/b/"}: true,
		{Bucket: "acme"}: false, {Bucket: "acme", Prefix: "ab/"}: false, {Bucket: "acme2", Prefix: "a/b/"}: false,
	} {
		if got := outer.Covers(other); got != want {
			t.Errorf("Covers(%s) = %v, want %v", other, got, want)
		}
	}
}

// FuzzParseLocation checks that an accepted text follows the grammar, and
// parses again to the same location.
func FuzzParseLocation(f *testing.F) {
	for _, seed := range []string{
		"s3://acme/a/b", "s3://acme", "s3://a..b/", "s3://acme/../", "s3://acme/e\u0301/",
		"s3://acme/${x}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		got, err := object.ParseLocation(address)
		if err != nil {
			if !problem.Is(err, problem.Invalid) {
				t.Fatalf("%q: %v is not a problem with code invalid", address, err)
			}
			return
		}
		again, err := object.ParseLocation(got.String())
		if err != nil || again != got {
			t.Fatalf("%q became %q, which reads as %q, %v", address, got, again, err)
		}
		p := got.Prefix
		if p != "" && !strings.HasSuffix(p, "/") || strings.HasPrefix(p, "/") || strings.Contains(p, "//") ||
			strings.ContainsAny(p, "*?$\x00\n") || !utf8.ValidString(p) || !norm.NFC.IsNormalString(p) ||
			len(p) > object.MaxPrefixBytes {
			t.Fatalf("%q gave the prefix %q", address, p)
		}
		if strings.ContainsAny(got.Bucket, "/*?$%:@ABC") || len(got.Bucket) < 3 || len(got.Bucket) > 63 {
			t.Fatalf("%q gave the bucket %q", address, got.Bucket)
		}
	})
}
