package policycase_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/cli/policycase"
)

func evaluate(t *testing.T, input string) string {
	t.Helper()
	var out strings.Builder
	if err := policycase.Evaluate(strings.NewReader(input), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const (
	allows = `{"identity":[{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}]}`
	denies = `{"identity":[{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}]}`
	alice  = `{"type":"user","arn":"arn:aws:iam::111122223333:user/alice","account":"111122223333"}`
)

// oneCase is a case as JSON; more is members to add, each with a comma before.
func oneCase(id, policies, more string) string {
	quoted, err := json.Marshal(id)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(
		`{"id":%s,"policies":%s,"principal":%s,"action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resourceAccount":"111122223333"%s}`,
		quoted, policies, alice, more)
}

func TestEvaluate(t *testing.T) {
	t.Parallel()
	a, b := oneCase("a", allows, ""), oneCase("b", denies, "")
	want := `{"id":"a","decision":"allow"}` + "\n" + `{"id":"b","decision":"explicitDeny"}` + "\n"
	tests := map[string]struct{ input, want string }{
		"a list":                   {`{"format":"iam-cases/1","cases":[` + a + "," + b + `],"more":1}`, want},
		"a list, spaced":           {" {\n \"cases\" : [\n" + a + "\n,\n" + b + "\n]\n}\n", want},
		"one per line":             {a + "\n" + b + "\n", want},
		"one per line, unfinished": {a + "\n" + b, want},
		"one after another":        {a + b, want},
		"one alone":                {a, `{"id":"a","decision":"allow"}` + "\n"},
		"nothing":                  {"", ""},
		"an empty list":            {`{"cases":[]}`, ""},
		"members it does not know": {
			oneCase("a", allows, `,"expected":"allow","features":["x",{"y":[1]}],"z":null`),
			`{"id":"a","decision":"allow"}` + "\n",
		},
		"a line that is not JSON": {
			"nonsense\n" + a + "\n",
			`{"id":"","error":"at byte 0: expected an object"}` + "\n" + `{"id":"a","decision":"allow"}` + "\n",
		},
		"an ID with every character": {
			oneCase("a\"\\\n\x01é", allows, ""), `{"id":"a\"\\\u000a\u0001é","decision":"allow"}` + "\n",
		},
		"policies that are not known": {
			oneCase("a", `{"group":[]}`, ""), `{"id":"a","error":"at byte 29: unknown policy kind \"group\""}` + "\n",
		},
		"null for no policy": {
			oneCase("a", `{"identity":null,"resource":null}`, ""), `{"id":"a","decision":"implicitDeny"}` + "\n",
		},
		"no policies": {
			strings.Replace(a, `"policies":`+allows+",", "", 1), `{"id":"a","decision":"implicitDeny"}` + "\n",
		},
		"one policy without a list": {
			oneCase("a", `{"identity":{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}}`, ""),
			`{"id":"a","decision":"allow"}` + "\n",
		},
		"a bad policy": {
			oneCase("a", `{"identity":[{"Statement":[]}]}`, ""),
			`{"id":"a","error":"identity policy 1: policy: 1:14: Statement: the Statement list is empty"}` + "\n",
		},
		"an unknown operator": {
			oneCase("a",
				`{"boundary":{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"aws:x":"y"}}}}}`,
				""),
			`{"id":"a","error":"boundary policy can't be evaluated: 1:73: Statement[0].Condition: unknown condition operator \"StringIs\""}` + "\n",
		},
		"no action": {
			strings.Replace(a, `"action":"s3:GetObject",`, "", 1), `{"id":"a","error":"the case has no action"}` + "\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, evaluate(t, test.input)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestEvaluateContext(t *testing.T) {
	t.Parallel()
	policy := func(condition string) string {
		return `{"identity":[{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":` + condition +
			`}}]}`
	}
	tests := map[string]struct{ condition, context, want string }{
		"a string":         {`{"StringEquals":{"aws:x":"é\n"}}`, `{"aws:x":"é\n"}`, "allow"},
		"a number":         {`{"NumericEquals":{"aws:x":"10"}}`, `{"aws:x":10}`, "allow"},
		"a boolean":        {`{"Bool":{"aws:x":"true"}}`, `{"aws:x":true}`, "allow"},
		"a list":           {`{"ForAllValues:StringEquals":{"aws:x":["a","1"]}}`, `{"aws:x":["a",1]}`, "allow"},
		"an empty list":    {`{"ForAnyValue:StringLike":{"aws:x":"*"}}`, `{"aws:x":[]}`, "implicitDeny"},
		"null is absent":   {`{"Null":{"aws:x":"true"}}`, `{"aws:x":null}`, "allow"},
		"a key's case":     {`{"StringEquals":{"AWS:X":"a"}}`, `{"aws:x":"a"}`, "allow"},
		"a key's escape":   {`{"StringEquals":{"aws:x":"a"}}`, `{"aws:\u0078":"a"}`, "allow"},
		"no derived key":   {`{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}`, `{}`, "implicitDeny"},
		"an escaped value": {`{"StringEquals":{"aws:x":"a\"b"}}`, `{"aws:x":"a\u0022b"}`, "allow"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := evaluate(t, oneCase("a", policy(test.condition), `,"context":`+test.context))
			if want := fmt.Sprintf("{\"id\":\"a\",\"decision\":%q}\n", test.want); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestEvaluatePrincipals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ principal, want string }{
		"a type from the ARN": {`{"arn":"arn:aws:iam::111122223333:user/alice"}`, `"decision":"allow"`},
		"an account from the ARN": {
			`{"type":"user","arn":"arn:aws:iam::111122223333:user/alice"}`, `"decision":"allow"`,
		},
		"another account":     {`{"arn":"arn:aws:iam::444455556666:user/alice"}`, `"decision":"implicitDeny"`},
		"root without an ARN": {`{"type":"root","account":"111122223333"}`, `"decision":"allow"`},
		"anonymous":           {`{"type":"anonymous"}`, `"decision":"implicitDeny"`},
		"another word for a type": {
			`{"type":"account","arn":"arn:aws:iam::111122223333:root","account":"111122223333"}`, `"decision":"allow"`,
		},
		"a type of no kind": {
			`{"type":"robot"}`,
			`"error":"unknown principal type \"robot\"; use user, role-session, root, federated-user, web-identity, saml, service or anonymous"`,
		},
		"a service without name": {`{"type":"service"}`, `"error":"a principal of type \"service\" needs \"service\""`},
		"a token without issuer": {
			`{"type":"web-identity"}`, `"error":"a principal of type \"web-identity\" needs \"provider\""`,
		},
		"a user without account": {`{"type":"user"}`, `"error":"a principal of type \"user\" needs \"account\""`},
		"nobody": {
			`{}`,
			`"error":"the principal has no type: principal \"\" is neither an ARN nor a service such as s3.amazonaws.com"`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := evaluate(t, strings.Replace(oneCase("a", allows, ""), alice, test.principal, 1))
			if want := `{"id":"a",` + test.want + "}\n"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestEvaluateBrokenStreams(t *testing.T) {
	t.Parallel()
	a := oneCase("a", allows, "")
	boom := errors.New("boom")
	tests := map[string]struct {
		in   io.Reader
		want error
	}{
		"a list cut off":            {strings.NewReader(`{"cases":[` + a + ","), io.ErrUnexpectedEOF},
		"a case cut off":            {strings.NewReader(`{"cases":[` + a[:len(a)-9]), io.ErrUnexpectedEOF},
		"a list that is not closed": {strings.NewReader(`{"cases":[` + a), io.ErrUnexpectedEOF},
		"a read that fails":         {io.MultiReader(strings.NewReader(a+"\n"), iotest.ErrReader(boom)), boom},
		"a case without end":        {io.MultiReader(strings.NewReader(`{"id":"`), endless{}), policycase.ErrTooLarge},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := policycase.Evaluate(test.in, io.Discard); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
	t.Run("a write that fails", func(t *testing.T) {
		t.Parallel()
		many := strings.NewReader(strings.Repeat(a+"\n", 2000))
		if err := policycase.Evaluate(many, failing{boom}); !errors.Is(err, boom) {
			t.Errorf("got %v, want %v", err, boom)
		}
	})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestEvaluateOrder reads bytes one at a time and checks the order of many
// results.
func TestEvaluateOrder(t *testing.T) {
	t.Parallel()
	var in bytes.Buffer
	const count = 3000
	for i := range count {
		policies := allows
		if i%3 == 0 {
			policies = denies
		}
		in.WriteString(oneCase(fmt.Sprint(i), policies, "") + "\n")
	}
	var out bytes.Buffer
	if err := policycase.Evaluate(iotest.HalfReader(&in), &out); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(&out)
	n := 0
	for ; lines.Scan(); n++ {
		want := `"allow"}`
		if n%3 == 0 {
			want = `"explicitDeny"}`
		}
		if line := lines.Text(); !strings.HasPrefix(line, fmt.Sprintf(`{"id":"%d",`, n)) ||
			!strings.HasSuffix(line, want) {
			t.Fatalf("line %d is %s", n, line)
		}
	}
	if n != count {
		t.Errorf("%d lines for %d cases", n, count)
	}
}

// TestEvaluateCorpus runs the policy engine's own corpus through the command's
// form.
func TestEvaluateCorpus(t *testing.T) {
	t.Parallel()
	file, err := os.Open("../../../iam/testdata/decisions.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	var out bytes.Buffer
	if err := policycase.Evaluate(file, &out); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	var corpus struct {
		Cases []struct{ ID, Expected string }
	}
	if err := json.Unmarshal(text, &corpus); err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for _, c := range corpus.Cases {
		fmt.Fprintf(&want, "{\"id\":%q,\"decision\":%q}\n", c.ID, c.Expected)
	}
	if diff := cmp.Diff(want.String(), out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	text, err := os.ReadFile("../../../iam/testdata/decisions.json")
	if err != nil {
		b.Fatal(err)
	}
	var corpus struct{ Cases []json.RawMessage }
	if err := json.Unmarshal(text, &corpus); err != nil {
		b.Fatal(err)
	}
	var lines bytes.Buffer
	for range 20 {
		for _, c := range corpus.Cases {
			lines.Write(c)
			lines.WriteByte('\n')
		}
	}
	count := 20 * len(corpus.Cases)
	for b.Loop() {
		if err := policycase.Evaluate(bytes.NewReader(lines.Bytes()), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(count*b.N)/b.Elapsed().Seconds(), "cases/s")
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(oneCase("a", allows, `,"context":{"aws:x":["a",1,true,null]}`)))
	f.Add([]byte(`{"principal":{"type":"user"},"policies":{"session":[[]]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := policycase.Parse(text)
		if c == nil {
			t.Fatal("no case")
		}
		if err != nil {
			return
		}
		var compiler policycase.Compiler
		first, err := compiler.Policies(c)
		again, errAgain := compiler.Policies(c)
		if (err == nil) != (errAgain == nil) || err == nil && len(first.Identity) != len(again.Identity) {
			t.Errorf("the same case compiles once to %v, once to %v", err, errAgain)
		}
	})
}
