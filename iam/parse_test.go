package iam_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/iam"
)

const wellFormed = `{
  "Version": "2012-10-17",
  "Id": "Loads",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Principal": {"AWS": ["111122223333", "arn:aws:iam::444455556666:root"], "Service": "s3.amazonaws.com"},
      "Action": "s3:GetObject",
      "Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::c/\u00e9\ud83d\ude00\/*"],
      "Condition": {"NumericLessThan": {"s3:max-keys": 10}, "Bool": {"aws:SecureTransport": true}}
    },
    {"Effect": "Deny", "NotPrincipal": "*", "NotAction": ["s3:*"], "NotResource": "*"}
  ]
}`

func TestParseKeepsPlaces(t *testing.T) {
	t.Parallel()
	got, err := iam.Parse(iam.Resource, []byte(wellFormed))
	if err != nil {
		t.Fatal(err)
	}
	first := got.Statements[0]
	for name, test := range map[string]struct {
		got        iam.Position
		at, before string // the position, and the text at it
	}{
		"version":            {got.Version.Position, "2:14", `"2012-10-17"`},
		"id":                 {got.ID.Position, "3:9", `"Loads"`},
		"statement":          {first.Position, "5:5", "{\n"},
		"sid":                {first.Sid.Position, "6:14", `"Read"`},
		"effect":             {first.Effect.Position, "7:17", `"Allow"`},
		"principal":          {first.Principal.Position, "8:20", `{"AWS"`},
		"principal type":     {first.Principal.Entries[0].Type.Position, "8:21", `"AWS"`},
		"second principal":   {first.Principal.Entries[0].Values.Values[1].Position, "8:45", `"arn:aws:iam::4`},
		"action":             {first.Action.Values[0].Position, "9:17", `"s3:GetObject"`},
		"second resource":    {first.Resource.Values[1].Position, "10:40", `"arn:aws:s3:::c/`},
		"operator":           {first.Conditions[0].Operator.Position, "11:21", `"NumericLessThan"`},
		"key":                {first.Conditions[0].Key.Position, "11:41", `"s3:max-keys"`},
		"value":              {first.Conditions[0].Values.Values[0].Position, "11:56", "10}"},
		"second operator":    {first.Conditions[1].Operator.Position, "11:61", `"Bool"`},
		"second statement":   {got.Statements[1].Position, "13:5", `{"Effect"`},
		"absent has no line": {got.Statements[1].Sid.Position, "-", "{\n"},
	} {
		if test.got.String() != test.at || !strings.HasPrefix(wellFormed[test.got.Offset:], test.before) {
			t.Errorf("%s: at %s (%.20q), want %s (%q)", name, test.got, wellFormed[test.got.Offset:], test.at,
				test.before)
		}
	}
	if want := "arn:aws:s3:::c/é😀/*"; first.Resource.Values[1].Value != want {
		t.Errorf("resource %q, want %q", first.Resource.Values[1].Value, want)
	}
	const printed = `{"Version":"2012-10-17","Id":"Loads","Statement":[{"Sid":"Read","Effect":"Allow",` +
		`"Principal":{"AWS":["111122223333","arn:aws:iam::444455556666:root"],"Service":"s3.amazonaws.com"},` +
		`"Action":"s3:GetObject",` +
		`"Resource":["arn:aws:s3:::b/*","arn:aws:s3:::c/é😀/*"],"Condition":{"NumericLessThan":{"s3:max-keys":"10"},` +
		`"Bool":{"aws:SecureTransport":"true"}}},` +
		`{"Effect":"Deny","NotPrincipal":"*","NotAction":"s3:*","NotResource":"*"}]}`
	if diff := cmp.Diff(printed, got.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// findings returns the findings as "code line:column path".
func findings(err error) []string {
	var parse *iam.ParseError
	var compile *iam.CompileError
	var list []iam.Finding
	switch {
	case errors.As(err, &parse):
		list = parse.Findings
	case errors.As(err, &compile):
		list = compile.Findings
	}
	var lines []string
	for _, f := range list {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Code, f.Position, f.Path)))
	}
	return lines
}

func TestParseFindings(t *testing.T) {
	t.Parallel()
	allow := `"Effect":"Allow","Action":"s3:*","Resource":"*"`
	tests := []struct {
		name, document string
		kind           iam.Kind
		want           []string
	}{
		{"empty", "", iam.Identity, []string{"json-syntax-error 1:1"}},
		{"words", "hello", iam.Identity, []string{"json-syntax-error 1:1"}},
		{"cut off", `{"Version":"2012-10-17"`, iam.Identity, []string{"json-syntax-error 1:24"}},
		{"line comment", "{\n// note\n\"Statement\":{" + allow + "}}", iam.Identity, []string{"json-syntax-error 2:1"}},
		{
			"block comment", "{\"Statement\":/* a\nb */{" + allow + "}}", iam.Identity,
			[]string{"json-syntax-error 1:14"},
		},
		{"comment in a string", `{"Statement":{"Sid":"//a/*",` + allow + `}}`, iam.Identity, nil},
		{
			"trailing comma in an object", `{"Statement":{` + allow + `,}}`, iam.Identity,
			[]string{"json-syntax-error 1:62"},
		},
		{
			"trailing comma in an array", `{"Statement":[{` + allow + `},]}`, iam.Identity,
			[]string{"json-syntax-error 1:64"},
		},
		{"two commas", `{"Statement":{` + allow + `,,}}`, iam.Identity, []string{"json-syntax-error 1:63"}},
		{"no comma", `{"Version":"2012-10-17" "Statement":[]}`, iam.Identity, []string{"json-syntax-error 1:25"}},
		{
			"words before", "s3 policy {\n\"Statement\":{" + allow + "}}", iam.Identity,
			[]string{"json-syntax-error 1:1"},
		},
		{"words after", `{"Statement":{` + allow + `}} and more`, iam.Identity, []string{"json-syntax-error 1:65"}},
		{"single quotes", `{'Statement':[]}`, iam.Identity, []string{"json-syntax-error 1:2"}},
		{"an unquoted name", `{Statement:[]}`, iam.Identity, []string{"json-syntax-error 1:2"}},
		{"no colon", `{"Statement" []}`, iam.Identity, []string{"json-syntax-error 1:14"}},
		{"a bad escape", `{"Id":"a\x"}`, iam.Identity, []string{"json-syntax-error 1:9"}},
		{"half a character", `{"Id":"\ud800"}`, iam.Identity, []string{"json-syntax-error 1:8"}},
		{"a control character", "{\"Id\":\"a\tb\"}", iam.Identity, []string{"json-syntax-error 1:9"}},
		{"not UTF-8", "{\"Id\":\"\xff\"}", iam.Identity, []string{"json-syntax-error 1:8"}},
		{"no closing quote", `{"Id":"abc`, iam.Identity, []string{"json-syntax-error 1:7"}},
		{"a number with a leading zero", `{"Id":01}`, iam.Identity, []string{"json-syntax-error 1:8"}},
		{"an array", `[]`, iam.Identity, []string{"data-type-mismatch 1:1"}},
		{"no statement", `{"Version":"2012-10-17"}`, iam.Identity, []string{"missing-statement 1:1"}},
		{"an empty statement list", `{"Statement":[]}`, iam.Identity, []string{"empty-statement 1:14 Statement"}},
		{
			"a statement of the wrong type", `{"Statement":"x"}`, iam.Identity,
			[]string{"data-type-mismatch 1:14 Statement"},
		},
		{
			"an unknown version", `{"Version":"2020-01-01","Statement":{` + allow + `}}`, iam.Identity,
			[]string{"invalid-version 1:12 Version"},
		},
		{
			"a version of the wrong type", `{"Version":2012,"Statement":{` + allow + `}}`, iam.Identity,
			[]string{"data-type-mismatch 1:12 Version"},
		},
		{
			"an effect in lower case", `{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}`, iam.Identity,
			[]string{"invalid-effect 1:24 Statement.Effect"},
		},
		{
			"an empty statement",
			`{"Statement":[{}]}`,
			iam.Identity,
			[]string{
				"missing-effect 1:15 Statement[0]", "missing-action 1:15 Statement[0]",
				"missing-resource 1:15 Statement[0]",
			},
		},
		{
			"an empty bucket statement",
			`{"Statement":[{}]}`,
			iam.Resource,
			[]string{
				"missing-effect 1:15 Statement[0]", "missing-action 1:15 Statement[0]",
				"missing-resource 1:15 Statement[0]", "missing-principal 1:15 Statement[0]",
			},
		},
		{
			"an empty trust statement",
			`{"Statement":[{}]}`,
			iam.Trust,
			[]string{
				"missing-effect 1:15 Statement[0]", "missing-action 1:15 Statement[0]",
				"missing-principal 1:15 Statement[0]",
			},
		},
		{
			"a duplicate member", `{"Statement":{"Effect":"Deny",` + allow + `}}`, iam.Identity,
			[]string{"duplicate-json-key 1:31 Statement"},
		},
		{
			"a duplicate key of a condition",
			`{"Statement":{` + allow + `,"Condition":{"Bool":{"aws:a":"true","aws:a":"false"}}}}`, iam.Identity,
			[]string{"duplicate-json-key 1:99 Statement.Condition.Bool"},
		},
		{
			"an unknown element", `{"Declaration":1,"Statement":{"Conditions":{},` + allow + `}}`, iam.Identity,
			[]string{"invalid-policy-element 1:2 Declaration", "invalid-policy-element 1:31 Statement.Conditions"},
		},
		{
			"both action and not action", `{"Statement":{"NotAction":"s3:*",` + allow + `}}`, iam.Identity,
			[]string{"unsupported-element-combination 1:15 Statement"},
		},
		{
			"a principal in an identity policy", `{"Statement":{"Principal":"*",` + allow + `}}`, iam.Identity,
			[]string{"unsupported-principal 1:15 Statement.Principal"},
		},
		{
			"a principal in a session policy", `{"Statement":{"NotPrincipal":"*",` + allow + `}}`, iam.Session,
			[]string{"unsupported-principal 1:15 Statement.NotPrincipal"},
		},
		{
			"a resource in a trust policy", `{"Statement":{"Principal":"*",` + allow + `}}`, iam.Trust,
			[]string{"trust-has-resource 1:64 Statement.Resource"},
		},
		{
			"a principal without type", `{"Statement":{"Principal":"111122223333",` + allow + `}}`, iam.Resource,
			[]string{"invalid-principal-format 1:27 Statement.Principal"},
		},
		{
			"an unknown principal type", `{"Statement":{"Principal":{"Aws":"111122223333"},` + allow + `}}`,
			iam.Resource,
			[]string{"invalid-principal-key 1:28 Statement.Principal.Aws"},
		},
		{
			"a principal that is a number", `{"Statement":{"Principal":{"AWS":111122223333},` + allow + `}}`,
			iam.Resource,
			[]string{"data-type-mismatch 1:34 Statement.Principal.AWS"},
		},
		{
			"an action that is a number", `{"Statement":{"Effect":"Allow","Action":["s3:*",1],"Resource":null}}`,
			iam.Identity,
			[]string{"data-type-mismatch 1:49 Statement.Action", "data-type-mismatch 1:63 Statement.Resource"},
		},
		{
			"a condition of the wrong types",
			`{"Statement":{` + allow + `,"Condition":{"Bool":"x","Null":{"aws:a":{},"aws:b":[null]}}}}`,
			iam.Identity,
			[]string{
				"data-type-mismatch 1:83 Statement.Condition.Bool",
				"data-type-mismatch 1:103 Statement.Condition.Null.aws:a",
				"data-type-mismatch 1:115 Statement.Condition.Null.aws:b",
			},
		},
		{
			"everything at once, in order",
			"// x\n{\"Version\":1,\"Statement\":[{\"Effect\":\"no\",\"Action\":2,}]}",
			iam.Identity,
			[]string{
				"json-syntax-error 1:1", "data-type-mismatch 2:12 Version", "missing-resource 2:27 Statement[0]",
				"invalid-effect 2:37 Statement[0].Effect", "data-type-mismatch 2:51 Statement[0].Action",
				"json-syntax-error 2:52",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			policy, err := iam.Parse(test.kind, []byte(test.document))
			if diff := cmp.Diff(test.want, findings(err)); diff != "" {
				t.Errorf("%s\n(-want +got)\n%s", test.document, diff)
			}
			if (policy == nil) != (err != nil) {
				t.Errorf("policy %v beside error %v", policy, err)
			}
		})
	}
}

// TestHostileDocuments checks that huge, deep and malformed documents are
// rejected with a short error.
func TestHostileDocuments(t *testing.T) {
	t.Parallel()
	const ten = 10 << 20
	for name, document := range map[string]string{
		"10 MB of spaces":         strings.Repeat(" ", ten),
		"10 MB of braces":         strings.Repeat("{", ten),
		"10 MB of one string":     `{"Id":"` + strings.Repeat("a", ten) + `"}`,
		"a million brackets":      strings.Repeat("[", 1<<20),
		"a million open objects":  strings.Repeat(`{"a":`, 1<<17),
		"1 MB of comments":        strings.Repeat("/**/", 1<<18-1),
		"1 MB of line comments":   strings.Repeat("//\n", 1<<18),
		"1 MB of trailing commas": `{"Statement":[` + strings.Repeat("[[],],", 1<<16) + `]}`,
		"many unknown members":    `{` + strings.Repeat(`"a":1,`, 1<<16) + `"b":1}`,
		"many duplicate operators": `{"Statement":{"Condition":{` + strings.Repeat(`"Bool":{"aws:a":"true"},`, 1<<15) +
			`"Null":{}}}}`,
		"a long name": `{"` + strings.Repeat("é", 1<<18) + `":1}`,
		"long names above": `{"Statement":{"Condition":{"` + strings.Repeat("x", 1<<18) + `":{"` +
			strings.Repeat("y", 1<<18) + `":{}}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := iam.Parse(iam.Identity, []byte(document))
			if err == nil {
				t.Fatal("it was taken for a policy")
			}
			if len(err.Error()) > 20_000 || len(findings(err)) > 1000 {
				t.Errorf("an error of %d bytes with %d findings", len(err.Error()), len(findings(err)))
			}
		})
	}
}

// TestHostilePatterns checks that no pattern makes matching slow.
func TestHostilePatterns(t *testing.T) {
	t.Parallel()
	policy := fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:%[1]sb",`+
			`"Resource":"arn:aws:s3:::%[1]sb","Condition":{"StringLike":{"aws:x":"%[1]sb"}}}}`,
		strings.Repeat("a*", 500),
	)
	compiled := mustCompile(t, iam.Identity, []byte(policy))
	long := strings.Repeat("a", 20_000)
	r := &iam.Request{
		Principal: iam.Principal{Type: iam.User, Account: "111122223333"}, Action: "s3:" + long,
		Resource: "arn:aws:s3:::" + long, ResourceAccount: "111122223333",
	}
	r.Context.Set("aws:x", long)
	if d := iam.Evaluate(&iam.Policies{Identity: []*iam.Compiled{compiled}}, r); d.Effect != iam.ImplicitDeny {
		t.Errorf("got %v", d)
	}
}

func TestParseDocumentKeepsEverything(t *testing.T) {
	t.Parallel()
	root, err := iam.ParseDocument([]byte(`{"b":[1,true,null,"x"],"a":{},"b":-1.5e+3,}`))
	if diff := cmp.Diff([]string{"json-syntax-error 1:42"}, findings(err)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if root == nil {
		t.Fatal("no tree beside an error that can be read past")
	}
	var names []string
	for _, m := range root.Members {
		names = append(names, fmt.Sprintf("%s %s %s %d", m.Name, m.Position, m.Value.Kind, m.Value.End))
	}
	want := []string{"b 1:2 array 22", "a 1:24 object 29", "b 1:31 number 41"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
	var texts []string
	for _, e := range root.Members[0].Value.Elements {
		texts = append(texts, e.Kind.String()+" "+e.Text)
	}
	if want := []string{"number 1", "boolean true", "null null", "string x"}; !slices.Equal(texts, want) {
		t.Errorf("got %q, want %q", texts, want)
	}
	if m := root.Member("b"); m == nil || m.Value.Kind != iam.ArrayNode || root.Member("B") != nil {
		t.Errorf("Member gives %v", m)
	}
}

func TestFromDocumentGoesOn(t *testing.T) {
	t.Parallel()
	root, err := iam.ParseDocument([]byte(`{"Version":"x","Statement":[{"Effect":"Allow","Action":"s3:*"},7]}`))
	if err != nil {
		t.Fatal(err)
	}
	policy, found := iam.FromDocument(iam.Identity, root)
	if len(found) != 3 || policy.Version.Value != "x" || len(policy.Statements) != 2 ||
		policy.Statements[0].Action.Values[0].Value != "s3:*" {
		t.Errorf("policy %+v with %v", policy, found)
	}
}

func TestPrintRefusesWhatNoDocumentHolds(t *testing.T) {
	t.Parallel()
	policy, err := iam.Parse(iam.Identity,
		[]byte(`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:a":"true"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := &policy.Statements[0]
	s.Conditions = append(s.Conditions, s.Conditions[0])
	if text, err := policy.MarshalJSON(); err == nil {
		t.Errorf("printed %s", text)
	}
}

// TestMessagesKeepCharacters checks that messages don't quote a part of a
// character.
func TestMessagesKeepCharacters(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		strings.Repeat("é", 30):                                `found "` + strings.Repeat("é", 12) + `"`,
		"x" + strings.Repeat("é", 30):                          `found "x` + strings.Repeat("é", 11) + `"`,
		`{"Statement":[],"` + strings.Repeat("日", 40) + `":1}`: `unknown element "` + strings.Repeat("日", 26) + `…"`,
	} {
		_, err := iam.Parse(iam.Identity, []byte(document))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
