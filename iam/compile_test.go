package iam_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/iam"
)

func compileErrors(t *testing.T, statement string) []string {
	t.Helper()
	policy, err := iam.Parse(iam.Identity,
		[]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow",`+statement+`}}`))
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := iam.Compile(policy)
	if (compiled == nil) != (err != nil) {
		t.Errorf("compiled %v beside error %v", compiled, err)
	}
	return findings(err)
}

func TestCompileNamesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	const action, resource = `"Action":"s3:*"`, `"Resource":"*"`
	condition := func(text string) string { return action + "," + resource + `,"Condition":{` + text + "}" }
	tests := map[string]struct {
		statement string
		want      []string
	}{
		"an action without a service": {
			`"Action":["s3:*","GetObject"],` + resource, []string{"invalid-action-format 1:72 Statement[0].Action"},
		},
		"an action with a variable": {
			`"Action":"s3:${aws:x}",` + resource, []string{"variable-unsupported-in-element 1:64 Statement[0].Action"},
		},
		"a resource that is no ARN": {
			action + `,"NotResource":"bucket/*"`, []string{"invalid-arn 1:85 Statement[0].NotResource"},
		},
		"an unknown operator": {
			condition(`"StringIs":{"aws:x":"y"}`), []string{"unknown-operator 1:99 Statement[0].Condition"},
		},
		"an unknown prefix": {
			condition(`"ForSome:StringEquals":{"aws:x":"y"}`), []string{"unknown-operator 1:99 Statement[0].Condition"},
		},
		"a suffix alone": {
			condition(`"IfExists":{"aws:x":"y"}`), []string{"unknown-operator 1:99 Statement[0].Condition"},
		},
		"Null with IfExists": {
			condition(`"NullIfExists":{"aws:x":"true"}`), []string{"null-with-ifexists 1:99 Statement[0].Condition"},
		},
		"a key without prefix": {
			condition(`"StringEquals":{"prefix":"y"}`),
			[]string{"invalid-condition-key-format 1:115 Statement[0].Condition.StringEquals.prefix"},
		},
		"an invalid number": {
			condition(`"NumericEquals":{"aws:x":["1","ten"]}`),
			[]string{"invalid-number 1:129 Statement[0].Condition.NumericEquals.aws:x"},
		},
		"an invalid date": {
			condition(`"DateLessThan":{"aws:x":"tomorrow"}`),
			[]string{"invalid-date 1:123 Statement[0].Condition.DateLessThan.aws:x"},
		},
		"an invalid boolean": {
			condition(`"Bool":{"aws:x":"yes"}`), []string{"invalid-boolean 1:115 Statement[0].Condition.Bool.aws:x"},
		},
		"an invalid Null": {
			condition(`"Null":{"aws:x":"absent"}`), []string{"invalid-boolean 1:115 Statement[0].Condition.Null.aws:x"},
		},
		"invalid binary": {
			condition(`"BinaryEquals":{"aws:x":"?"}`),
			[]string{"invalid-binary 1:123 Statement[0].Condition.BinaryEquals.aws:x"},
		},
		"an invalid address": {
			condition(`"IpAddress":{"aws:x":"10.0.0.0/33"}`),
			[]string{"invalid-ip-address 1:120 Statement[0].Condition.IpAddress.aws:x"},
		},
		"a variable in a number": {
			condition(`"NumericEquals":{"aws:x":"${aws:y}"}`),
			[]string{"variable-in-operator 1:124 Statement[0].Condition.NumericEquals.aws:x"},
		},
		"a variable in Null": {
			condition(`"Null":{"aws:x":"${aws:y}"}`),
			[]string{"variable-in-operator 1:115 Statement[0].Condition.Null.aws:x"},
		},
		"an open variable": {
			action + `,"Resource":"arn:aws:s3:::b/${aws:x"`,
			[]string{"variable-missing-brace 1:82 Statement[0].Resource"},
		},
		"a variable inside another": {
			action + `,"Resource":"arn:aws:s3:::b/${aws:${x}}"`,
			[]string{"variable-missing-brace 1:82 Statement[0].Resource"},
		},
		"an empty variable": {
			action + `,"Resource":"arn:aws:s3:::b/${}"`, []string{"variable-empty 1:82 Statement[0].Resource"},
		},
		"a default without quotes": {
			action + `,"Resource":"arn:aws:s3:::b/${aws:x, y}"`,
			[]string{"variable-missing-quote 1:82 Statement[0].Resource"},
		},
		"a default without end": {
			action + `,"Resource":"arn:aws:s3:::b/${aws:x, 'y}"`,
			[]string{"variable-missing-quote 1:82 Statement[0].Resource"},
		},
		"more after a default": {
			action + `,"Resource":"arn:aws:s3:::b/${aws:x, 'y' z}"`,
			[]string{"variable-missing-brace 1:82 Statement[0].Resource"},
		},
		"a space in a variable": {
			action + `,"Resource":"arn:aws:s3:::b/${ aws:x }"`, []string{"variable-space 1:82 Statement[0].Resource"},
		},
		"several at once": {
			condition(`"StringIs":{"aws:x":"y"},"Bool":{"aws:x":["1","2"]}`),
			[]string{
				"unknown-operator 1:99 Statement[0].Condition",
				"invalid-boolean 1:141 Statement[0].Condition.Bool.aws:x",
				"invalid-boolean 1:145 Statement[0].Condition.Bool.aws:x",
			},
		},
		"operators in any case": {
			condition(`"stringlike":{"aws:x":"y"},"FORANYVALUE:stringEqualsIFEXISTS":{"aws:x":"y"}`), nil,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, compileErrors(t, test.statement)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestVariablesAreTextBefore2012 checks that malformed variables are plain
// text in older versions.
func TestVariablesAreTextBefore2012(t *testing.T) {
	t.Parallel()
	mustCompile(t, iam.Identity,
		[]byte(`{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${"}}`))
}

func TestParseOperator(t *testing.T) {
	t.Parallel()
	tests := map[string]iam.Operator{
		"StringEquals":                         {Name: "StringEquals"},
		"StringNotLikeIfExists":                {Name: "StringNotLike", IfExists: true, Negated: true},
		"ForAllValues:NotIpAddress":            {Name: "NotIpAddress", ForAll: true, Negated: true},
		"foranyvalue:stringequalsifexists":     {Name: "StringEquals", ForAny: true, IfExists: true},
		"ForAnyValue:NumericGreaterThanEquals": {Name: "NumericGreaterThanEquals", ForAny: true},
	}
	for name, want := range tests {
		if got, ok := iam.ParseOperator(name); !ok || got != want {
			t.Errorf("%s: got %+v %t, want %+v", name, got, ok, want)
		}
	}
	for _, name := range []string{
		"", "IfExists", "ForAnyValue:", "String",
		"ForAllValues:ForAnyValue:Bool", "StringEqualsIfExistsIfExists",
	} {
		if got, ok := iam.ParseOperator(name); ok {
			t.Errorf("%q is taken for %+v", name, got)
		}
	}
}

func TestErrorTextsAreBounded(t *testing.T) {
	t.Parallel()
	values := strings.Repeat(`"x",`, 3000) + `"x"`
	policy, err := iam.Parse(
		iam.Identity,
		[]byte(
			`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:x":[`+values+`]}}}}`),
	)
	if err != nil {
		t.Fatal(err)
	}
	_, err = iam.Compile(policy)
	if len(findings(err)) != 1000 || !strings.HasSuffix(err.Error(), "; and 990 more") {
		t.Errorf("%d findings: %.200s", len(findings(err)), err)
	}
}
