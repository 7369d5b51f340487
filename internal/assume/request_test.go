package assume_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/problem"
)

func TestParseRoleARN(t *testing.T) {
	t.Parallel()
	type parts struct{ Partition, Account, Path, Name string }
	for text, want := range map[string]parts{
		"arn:aws:iam::111122223333:role/Reader":                {"aws", "111122223333", "/", "Reader"},
		"arn:aws-cn:iam::111122223333:role/a/b/Reader":         {"aws-cn", "111122223333", "/a/b/", "Reader"},
		"arn:aws-us-gov:iam::000000000001:role/R_1+=,.@-":      {"aws-us-gov", "000000000001", "/", "R_1+=,.@-"},
		"arn:aws:iam::111122223333:role/aws-service-role/x/Re": {"aws", "111122223333", "/aws-service-role/x/", "Re"},
	} {
		r, err := assume.ParseRoleARN(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, parts{r.Partition(), r.Account(), r.Path(), r.Name()}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestParseRoleARNRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                       "missing",
		"Reader":                                 "isn't an ARN",
		"arn:aws:iam::111122223333":              "isn't an ARN",
		" arn:aws:iam::111122223333:role/Reader": "white space",
		"arn:aws:iam::111122223333:role/Reader\n":                   "white space",
		"arn:aws:iam::111122223333:role/*":                          "wildcard",
		"arn:aws:iam::*:role/Reader":                                "wildcard",
		"arn:aws:iam::111122223333:role/${aws:username}":            "wildcard",
		"arn:aws:sts::111122223333:assumed-role/Reader/me":          "session",
		"arn:aws:s3:::acme":                                         `service "s3"`,
		"arn:aws:iam:us-east-1:111122223333:role/Reader":            "region",
		"arn:aws:iam::11112222333:role/Reader":                      "12 digits",
		"arn:aws:iam::11112222333a:role/Reader":                     "12 digits",
		"arn:aws:iam::111122223333:user/Ann":                        `"user"`,
		"arn:aws:iam::111122223333:root":                            `"root"`,
		"arn:aws:iam::111122223333:role/":                           "isn't the ARN of a role",
		"arn:aws:iam::111122223333:role//Reader":                    "isn't the ARN of a role",
		"arn:aws:iam::111122223333:role/Re ader":                    "isn't the ARN of a role",
		"arn:aws:iam::111122223333:role/Réader":                     "isn't the ARN of a role",
		"arn:aws:iam::111122223333:role/" + strings.Repeat("r", 65): "isn't the ARN of a role",
		"arn:aws:iam::111122223333:role/" + strings.Repeat("p", 520) +
			"/Reader": "path in the role ARN has 522 characters",
		"arn:aws:iam::111122223333:role/" + strings.Repeat("p/", 1100) + "/Reader":   "at most 2048",
		"arn:moon:iam::111122223333:role/Reader":                                     "isn't the ARN of a role",
		"ARN:aws:iam::111122223333:role/Reader":                                      "isn't an ARN",
		"arn:aws:iam::111122223333:role/Reader:extra":                                "isn't the ARN of a role",
		"arn:aws:iam::111122223333:instance-profile/Reader":                          `"instance-profile"`,
		"arn:aws:iam::111122223333:role/Reader,arn:aws:iam::111122223333:role/Other": "isn't the ARN of a role",
		"arn:aws:iam::111122223333:role/with:colon/Reader":                           "isn't the ARN of a role",
	} {
		got, err := assume.ParseRoleARN(text)
		if !problem.Is(err, problem.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %q and %v, want a problem that says %q", text, got, err, want)
		}
	}
}

func FuzzParseRoleARN(f *testing.F) {
	f.Add("arn:aws:iam::111122223333:role/path/Reader")
	f.Add("arn:aws:sts::111122223333:assumed-role/Reader/me")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := assume.ParseRoleARN(text)
		if err != nil {
			return
		}
		if again := "arn:" + r.Partition() + ":iam::" + r.Account() + ":role" + r.Path() + r.Name(); again != text {
			t.Fatalf("%q has the parts of %q", text, again)
		}
		if strings.ContainsAny(text, "*?$ \n") {
			t.Fatalf("%q is taken for a role", text)
		}
	})
}

func TestNewExternalID(t *testing.T) {
	t.Parallel()
	id, err := assume.NewExternalID(bytes.NewReader(
		[]byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\xff")))
	if err != nil || id != "000102030405060708090a0b0c0d0eff" {
		t.Errorf("got %q and %v", id, err)
	}
	if _, err := assume.NewExternalID(bytes.NewReader([]byte("short"))); err == nil {
		t.Error("15 bytes too few made an External ID")
	}
	for _, bad := range []assume.ExternalID{
		"", "tenant-1", "000102030405060708090A0B0C0D0EFF",
		"000102030405060708090a0b0c0d0ef*", "000102030405060708090a0b0c0d0eff00",
	} {
		if bad.Check() == nil {
			t.Errorf("%q passes for an External ID of ours", bad)
		}
	}
}

func TestRequestIsHeldToSTS(t *testing.T) {
	t.Parallel()
	s := newSTS(t, granted)
	c := s.caller(atNoon)
	for path, change := range map[string]func(*assume.Request){
		"role_arn":        func(r *assume.Request) { r.RoleARN = "arn:aws:iam::222222222222:user/ann" },
		"external_id":     func(r *assume.Request) { r.ExternalID = "chosen" },
		"integration":     func(r *assume.Request) { r.Integration = "" },
		"purpose":         func(r *assume.Request) { r.Purpose = "" },
		"session_name":    func(r *assume.Request) { r.SessionName = "white space" },
		"duration":        func(r *assume.Request) { r.Duration = time.Minute },
		"policy":          func(r *assume.Request) { r.Policy = `{"a":"` + strings.Repeat("x", 2048) + `"}` },
		"source_identity": func(r *assume.Request) { r.SourceIdentity = "aws:root" },
		"tags":            func(r *assume.Request) { r.Tags = map[string]string{"aws:x": "y"} },
	} {
		r := request()
		change(&r)
		_, err := c.Assume(t.Context(), r)
		if findings := problem.From(err).Findings; len(findings) != 1 || findings[0].Path != path {
			t.Errorf("%s: got %v with %+v, want one finding there", path, err, findings)
		}
	}
	if got := len(s.calls()); got != 0 {
		t.Errorf("AWS was asked %d times for what it would not understand", got)
	}
}

func TestSessionName(t *testing.T) {
	t.Parallel()
	for want, parts := range map[string][]string{
		"windlass-load-int_1": {"load", "int_1"},
		"windlass-a-b":        {"a b"},
		"windlass-ci-caf-x":   {"ci", "café/x"},
	} {
		if got := assume.SessionName(parts...); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := assume.SessionName(strings.Repeat("x", 99)); len(got) != 64 {
		t.Errorf("got %d characters, want 64", len(got))
	}
}
