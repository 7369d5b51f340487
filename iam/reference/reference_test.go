package reference_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/iam/reference"
)

func TestWholeFileReads(t *testing.T) {
	t.Parallel()
	if got := reference.Version(); !strings.HasPrefix(got, "0.") {
		t.Errorf("Version() = %q", got)
	}
	types := []reference.Type{
		reference.String, reference.ARN, reference.Bool, reference.Numeric, reference.Date, reference.IPAddress,
	}
	levels := []reference.Level{
		reference.List, reference.Read, reference.Write, reference.Permissions, reference.Tagging,
	}
	actions := 0
	for _, prefix := range reference.Services() {
		s := reference.FindService(prefix)
		if s == nil || s.Name == "" {
			t.Fatalf("service %s has no section or name", prefix)
		}
		for _, k := range s.Keys {
			if !slices.Contains(types, k.Type) || !strings.Contains(k.Name, ":") {
				t.Errorf("%s: key %+v", prefix, k)
			}
		}
		for _, r := range s.ResourceTypes {
			if r.Name == "" || !strings.HasPrefix(r.ARN, "arn:") && r.ARN != "*" || !inside(r.Keys, len(s.Keys)) {
				t.Errorf("%s: resource type %+v", prefix, r)
			}
		}
		for _, a := range s.Actions {
			actions++
			if !slices.Contains(levels, a.Level) || !inside(a.Keys, len(s.Keys)) ||
				!inside(a.ResourceTypes, len(s.ResourceTypes)) {
				t.Errorf("%s: action %s %c %v %v", prefix, a.Name, a.Level, a.ResourceTypes, a.Keys)
			}
		}
	}
	if actions < 20_000 || len(reference.Services()) < 400 {
		t.Errorf("%d actions of %d services: the file is cut", actions, len(reference.Services()))
	}
}

func inside(places []int, n int) bool {
	return !slices.ContainsFunc(places, func(i int) bool { return i < 0 || i >= n })
}

func TestFindAction(t *testing.T) {
	t.Parallel()
	a := reference.FindAction("S3:getobject")
	if a == nil || a.String() != "s3:GetObject" || a.Level != reference.Read {
		t.Fatalf("s3:GetObject: %v", a)
	}
	var types []string
	for _, i := range a.ResourceTypes {
		types = append(types, a.Service.ResourceTypes[i].Name)
	}
	if !slices.Contains(types, "object") || slices.Contains(types, "bucket") {
		t.Errorf("s3:GetObject works on %v", types)
	}
	for _, none := range []string{"s3:GetObjekt", "s4:GetObject", "GetObject", "", ":", "global:x", "s3:Get*"} {
		if got := reference.FindAction(none); got != nil {
			t.Errorf("FindAction(%q) = %v", none, got)
		}
	}
}

func TestFindKey(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]reference.Key{
		"s3:prefix":             {Name: "s3:prefix", Type: reference.String},
		"S3:Max-Keys":           {Name: "s3:max-keys", Type: reference.Numeric},
		"aws:sourceip":          {Name: "aws:SourceIp", Type: reference.IPAddress, Global: true},
		"aws:PrincipalTag/team": {Name: "aws:PrincipalTag/*", Type: reference.String, Global: true},
		"aws:TagKeys": {
			Name: "aws:TagKeys", Type: reference.String, Multivalued: true,
			Global: true,
		},
		"aws:PrincipalOrgPaths": {
			Name: "aws:PrincipalOrgPaths", Type: reference.String, Multivalued: true,
			Global: true,
		},
		"s3:ExistingObjectTag/class":       {Name: "s3:ExistingObjectTag/*", Type: reference.String},
		"kms:EncryptionContext:aws:s3:arn": {Name: "kms:EncryptionContext:*", Type: reference.String},
		"sts:ExternalId":                   {Name: "sts:ExternalId", Type: reference.String},
		"saml:aud":                         {Name: "saml:aud", Type: reference.String},
		"token.actions.githubusercontent.com:repository_id": {
			Name: "token.actions.githubusercontent.com:repository_id",
			Type: reference.String,
		},
		"idp.example.com/realm:sub": {Name: "idp.example.com/realm:sub", Type: reference.String},
		"cognito-identity.amazonaws.com:amr": {
			Name: "cognito-identity.amazonaws.com:amr", Type: reference.String,
			Multivalued: true,
		},
		"oidc.circleci.com/org/o-1:oidc.circleci.com/project-id": {Name: "oidc.circleci.com/org/*:oidc.circleci.com/project-id", Type: reference.String},
	} {
		if got, ok := reference.FindKey(name); !ok || got != want {
			t.Errorf("FindKey(%q) = %+v, %v; want %+v", name, got, ok, want)
		}
	}
	for _, none := range []string{
		"s3:prefixx", "prefix", "aws:PrincipalTag", "aws:PrincipalTag/",
		"idp.example.com:event_name",
		"token.actions.githubusercontent.com:event_name", "", ":", "s3:",
	} {
		if got, ok := reference.FindKey(none); ok {
			t.Errorf("FindKey(%q) = %+v", none, got)
		}
	}
	for name, want := range map[string]bool{
		"aws:RequestTag": true, "aws:PrincipalTag/": true,
		"s3:ExistingObjectTag": true, "aws:PrincipalTag/x": false, "s3:prefix": false, "s3:x": false,
	} {
		if got := reference.NeedsName(name); got != want {
			t.Errorf("NeedsName(%q) = %v", name, got)
		}
	}
	if got := reference.Keys("s3"); !slices.Contains(got, "s3:prefix") || slices.Contains(got, "aws:TagKeys") {
		t.Errorf("Keys(s3) = %v", got)
	}
}

func TestCarries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		action, key    string
		known, carries bool
	}{
		{"s3:ListBucket", "s3:prefix", true, true},
		{"s3:ListBucketVersions", "s3:delimiter", true, true},
		{"s3:getbucketlocation", "S3:PREFIX", true, false},
		{"s3:GetObject", "s3:prefix", true, false},
		{"s3:GetObject", "s3:max-keys", true, false},
		{"s3:GetObject", "aws:SourceIp", true, true},
		{"s3:GetObject", "aws:PrincipalTag/x", true, true},
		{"s3:GetObject", "aws:RequestTag/x", true, false},
		{"s3:GetObject", "s3:ExistingObjectTag/x", true, true},
		{"s3:GetObject", "kms:ViaService", true, false},
		{"kms:Decrypt", "kms:ViaService", true, true},
		{"s3:GetObject", "sts:ExternalId", true, false},
		{"sts:AssumeRole", "sts:ExternalId", true, true},
		{"sts:TagSession", "sts:ExternalId", true, true},
		{"sts:AssumeRoleWithWebIdentity", "sts:ExternalId", true, false},
		{"sts:AssumeRoleWithWebIdentity", "idp.example.com:sub", true, true},
		{"sts:AssumeRoleWithWebIdentity", "token.actions.githubusercontent.com:repository_id", true, true},
		{"s3:GetObject", "token.actions.githubusercontent.com:repository_id", true, false},
		{"s3:GetObject", "www.amazon.com:user_id", true, true},
		{"s3:GetObjekt", "s3:prefix", false, false},
		{"s3:GetObject", "s3:prefixx", false, false},
	} {
		if known, carries := reference.Carries(c.action, c.key); known != c.known || carries != c.carries {
			t.Errorf("Carries(%s, %s) = %v, %v; want %v, %v", c.action, c.key, known, carries, c.known, c.carries)
		}
	}
}

func TestExpand(t *testing.T) {
	t.Parallel()
	if got, want := reference.Expand("s3:GetObjectTag*"), []string{"s3:GetObjectTagging"}; !slices.Equal(got, want) {
		t.Errorf("Expand = %v", got)
	}
	if got := reference.Expand("s3:*"); len(got) < 150 {
		t.Errorf("s3:* covers %d actions", len(got))
	}
	if got := reference.Expand("*"); len(got) < 20_000 {
		t.Errorf("* covers %d actions", len(got))
	}
	if got, want := reference.Expand("S?:getobjectacl"), []string{"s3:GetObjectAcl"}; !slices.Equal(got, want) {
		t.Errorf("Expand = %v", got)
	}
	for _, none := range []string{"", "s3", "s3:", "x:*", "s3:Nope*"} {
		if got := reference.Expand(none); len(got) > 0 {
			t.Errorf("Expand(%q) = %v", none, got)
		}
	}
}

func TestOverlaps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, pattern string
		want          bool
	}{
		{"bucket", "*", true},
		{"bucket", "arn:aws:s3:::b", true},
		{"bucket", "arn:aws:s3:::b*", true},
		{"bucket", "arn:aws:s3:::b/*", false},
		{"bucket", "arn:aws:s3:::*/*", false},
		{"object", "arn:aws:s3:::b/*", true},
		{"object", "arn:aws:s3:::b", false},
		{"object", "arn:aws:s3:::b*", true},
		{"object", "arn:*", true},
		{"object", "arn:aws:sqs:*:*:q", false},
		{"accesspoint", "arn:aws:s3:eu-west-1:111122223333:accesspoint/a", true},
		{"accesspoint", "arn:aws:s3:::b/*", false},
	} {
		s := reference.FindService("s3")
		i := slices.IndexFunc(s.ResourceTypes, func(r reference.ResourceType) bool { return r.Name == c.kind })
		if got := s.ResourceTypes[i].Overlaps(c.pattern); got != c.want {
			t.Errorf("%s overlaps %s: %v", c.kind, c.pattern, got)
		}
	}
}

// A text that matches a pattern, used as a pattern itself, overlaps with it.
func TestOverlapsWhatMatches(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		form := rapid.StringMatching(`[ab*]{0,8}`).Draw(t, "form")
		name := rapid.StringMatching(`[ab]{0,8}`).Draw(t, "text")
		kind := reference.ResourceType{Name: "x", ARN: form}
		if got, want := kind.Overlaps(name), reference.Match(form, name); got != want {
			t.Fatalf("overlaps %v, matches %v", got, want)
		}
	})
}

func BenchmarkCarries(b *testing.B) {
	for b.Loop() {
		reference.Carries("s3:ListBucket", "s3:prefix")
	}
}
