package explain_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/explain"
	"github.com/windlass-io/windlass/iam/reference"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func compile(t *testing.T, kind iam.Kind, document string) *iam.Compiled {
	t.Helper()
	policy, err := iam.Parse(kind, []byte(document))
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := iam.Compile(policy)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// guide is the permission policy in a storage integration guide.
const guide = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Objects",
      "Effect": "Allow",
      "Action": ["s3:PutObject", "s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObject", "s3:DeleteObjectVersion"],
      "Resource": "arn:aws:s3:::acme-data/raw/*"
    },
    {
      "Sid": "List",
      "Effect": "Allow",
      "Action": ["s3:ListBucket", "s3:GetBucketLocation"],
      "Resource": "arn:aws:s3:::acme-data",
      "Condition": {"StringLike": {"s3:prefix": ["raw/*"]}}
    }
  ]
}`

const trust = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:root"},
 "Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"cust-8f2a"}}}}`

const plainHTTP = `{"Version":"2012-10-17","Statement":[
 {"Sid":"TLS <only>","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",
  "Condition":{"Bool":{"aws:SecureTransport":"false"}}},
 {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"},"Action":"s3:GetObject",
  "Resource":"arn:aws:s3:::acme-data/*"}]}`

type scene struct {
	policies iam.Policies
	request  iam.Request
}

func session(account string) iam.Principal {
	return iam.Principal{
		Type: iam.RoleSession, ARN: "arn:aws:sts::" + account + ":assumed-role/app/s1",
		RoleARN: "arn:aws:iam::" + account + ":role/app", Account: account,
	}
}

func ask(caller iam.Principal, action, resource, owner string, keys ...string) iam.Request {
	r := iam.Request{Principal: caller, Action: action, Resource: resource, ResourceAccount: owner}
	for i := 0; i < len(keys); i += 2 {
		r.Context.Set(keys[i], keys[i+1])
	}
	return r
}

func scenes(t *testing.T) map[string]scene {
	t.Helper()
	identity := func(documents ...string) (list []*iam.Compiled) {
		for _, document := range documents {
			list = append(list, compile(t, iam.Identity, document))
		}
		return list
	}
	const bucket, own = "arn:aws:s3:::acme-data", "111122223333"
	anything := `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	reads := `{"Statement":{"Sid":"Reads","Effect":"Allow","Action":"s3:Get*","Resource":"*"}}`
	alice := iam.Principal{Type: iam.User, ARN: "arn:aws:iam::111122223333:user/alice", Account: own}
	role := "arn:aws:iam::111122223333:role/Integration"
	return map[string]scene{
		"allowed": {
			iam.Policies{Identity: identity(guide)}, ask(session(own), "s3:GetObject", bucket+"/raw/a.csv", own),
		},
		"never-carried": {
			iam.Policies{Identity: identity(guide)}, ask(session(own), "s3:GetBucketLocation", bucket, own),
		},
		"key-absent": {iam.Policies{Identity: identity(guide)}, ask(session(own), "s3:ListBucket", bucket, own)},
		"value-differs": {
			iam.Policies{Identity: identity(guide)},
			ask(session(own), "s3:ListBucket", bucket, own, "s3:prefix", "other/"),
		},
		"resource": {
			iam.Policies{Identity: identity(guide)}, ask(session(own), "s3:GetObject", bucket+"/Raw/a.csv", own),
		},
		"every-resource": {
			iam.Policies{
				Identity: identity(
					`{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::acme-data/raw/*"}}`),
			},
			ask(alice, "s3:ListAllMyBuckets", "*", own),
		},
		"nothing-near": {iam.Policies{Identity: identity(guide)}, ask(session(own), "s3:PutBucketPolicy", bucket, own)},
		"explicit-deny": {
			iam.Policies{Identity: identity(anything), Resource: compile(t, iam.Resource, plainHTTP)},
			ask(alice, "s3:GetObject", bucket+"/x", own, "aws:SecureTransport", "false"),
		},
		"another-account": {
			iam.Policies{Identity: identity(anything), Resource: compile(t, iam.Resource, plainHTTP)},
			ask(session("444455556666"), "s3:GetObject", bucket+"/x", own, "aws:SecureTransport", "true"),
		},
		"external-id": {
			iam.Policies{Identity: identity(anything), Trust: compile(t, iam.Trust, trust)},
			ask(session("999988887777"), "sts:AssumeRole", role, own),
		},
		"trust-delegates": {
			iam.Policies{Trust: compile(t, iam.Trust, trust)},
			ask(session("999988887777"), "sts:AssumeRole", role, own, "sts:ExternalId", "cust-8f2a"),
		},
		"session": {
			iam.Policies{Identity: identity(anything), Session: []*iam.Compiled{compile(t, iam.Session, reads)}},
			ask(session(own), "s3:PutObject", bucket+"/x", own),
		},
		"sessions": {
			iam.Policies{
				Identity: identity(anything),
				Session:  []*iam.Compiled{compile(t, iam.Session, reads), compile(t, iam.Session, guide)},
			},
			ask(session(own), "s3:PutBucketPolicy", bucket, own),
		},
		"boundary": {
			iam.Policies{Identity: identity(anything), Boundary: compile(t, iam.Boundary, reads)},
			ask(alice, "s3:PutObject", bucket+"/x", own),
		},
		"unsigned": {
			iam.Policies{Resource: compile(t, iam.Resource, plainHTTP)},
			ask(iam.Principal{}, "s3:GetObject", bucket+"/x", own),
		},
		"caller-identity": {iam.Policies{}, ask(alice, "sts:GetCallerIdentity", "*", own)},
		"variable": {
			iam.Policies{
				Identity: identity(
					`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*",` +
						`"Condition":{"StringLike":{"s3:prefix":"${aws:username}/*"}}}}`,
				),
			},
			ask(session(own), "s3:ListBucket", bucket, own, "s3:prefix", "alice/"),
		},
	}
}

// TestText compares explanations with golden files.
func TestText(t *testing.T) {
	t.Parallel()
	for name, s := range scenes(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name+".txt",
				explain.Explain(&s.policies, &s.request, explain.Options{Carries: reference.Carries}).Text())
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", file, diff)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	s := scenes(t)["never-carried"]
	text, err := json.MarshalIndent(
		explain.Explain(&s.policies, &s.request, explain.Options{Carries: reference.Carries}), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "never-carried.json", string(text)+"\n")
}

// TestHTML checks that text from policies is escaped.
func TestHTML(t *testing.T) {
	t.Parallel()
	s := scenes(t)["explicit-deny"]
	s.request.Context.Set("aws:x", "<script>alert(1)</script>")
	fragment, err := explain.Explain(&s.policies, &s.request, explain.Options{}).HTML()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "explicit-deny.html", string(fragment))
	if strings.Contains(string(fragment), "<script>") || strings.Contains(string(fragment), "<only>") {
		t.Errorf("text of the policy or request is not escaped:\n%s", fragment)
	}
}

// TestCauses checks that absent keys and keys that can never be present are
// distinguished, but only with a reference.
func TestCauses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		scene   string
		options explain.Options
		want    explain.Cause
	}{
		{"never-carried", explain.Options{Carries: reference.Carries}, explain.KeyNeverPresent},
		{"never-carried", explain.Options{}, explain.KeyAbsent},
		{"key-absent", explain.Options{Carries: reference.Carries}, explain.KeyAbsent},
		{"value-differs", explain.Options{Carries: reference.Carries}, explain.ValueDiffers},
	}
	for _, test := range tests {
		s := scenes(t)[test.scene]
		trace := explain.Explain(&s.policies, &s.request, test.options)
		got := trace.Policies[0].Statements[1]
		if got.Cause != test.want || got.Failed != explain.Condition || got.Key != "s3:prefix" ||
			got.Operator != "StringLike" {
			t.Errorf("%s: %+v, want %s", test.scene, got, test.want)
		}
	}
}

// TestTitles checks that every view shows a policy's name.
func TestTitles(t *testing.T) {
	t.Parallel()
	policies := iam.Policies{
		Identity: []*iam.Compiled{compile(t, iam.Identity, guide), compile(t, iam.Identity, guide)},
	}
	request := iam.Request{
		Principal: iam.Principal{Type: iam.User, ARN: "arn:aws:iam::111122223333:user/ada", Account: "111122223333"},
		Action:    "s3:GetObject", Resource: "arn:aws:s3:::acme-data/raw/a", ResourceAccount: "111122223333",
	}
	trace := explain.Explain(&policies, &request, explain.Options{Title: func(kind iam.Kind, index int) string {
		if kind == iam.Identity && index == 0 {
			return "reading <raw>"
		}
		return ""
	}})
	if want := `Statement 1 ("Objects") of identity policy 1 (reading <raw>) allows s3:GetObject`; !strings.HasPrefix(
		trace.Reason, want) {
		t.Errorf("the reason is %q, want %q…", trace.Reason, want)
	}
	if text := trace.Text(); !strings.Contains(text, "\nidentity policy 1 (reading <raw>)\n") ||
		!strings.Contains(text, "\nidentity policy 2\n") {
		t.Errorf("the text is\n%s", text)
	}
	if fragment, err := trace.HTML(); err != nil ||
		!strings.Contains(string(fragment), "<h3>identity policy 1 (reading &lt;raw&gt;)</h3>") {
		t.Errorf("the page is\n%s%v", fragment, err)
	}
}

// TestExplainAgrees checks over the engine's corpus that the explanation has
// the engine's decision and a sentence for each statement.
func TestExplainAgrees(t *testing.T) {
	t.Parallel()
	for id, s := range corpus(t) {
		want := iam.Evaluate(&s.policies, &s.request)
		trace := explain.Explain(&s.policies, &s.request, explain.Options{Carries: reference.Carries})
		if trace.Decision != want.Effect {
			t.Errorf("%s: explained as %s, decided as %s", id, trace.Decision, want.Effect)
		}
		if trace.Reason == "" || (trace.Fix == "") == (want.Effect != iam.Allow) {
			t.Errorf("%s: reason %q, fix %q for %s", id, trace.Reason, trace.Fix, want.Effect)
		}
		for _, p := range trace.Policies {
			for _, statement := range p.Statements {
				if statement.Says == "" || statement.Applies == (statement.Failed != "") {
					t.Errorf("%s: %+v", id, statement)
				}
			}
		}
		if text := trace.Text(); strings.Contains(text, "%!") {
			t.Errorf("%s: %s", id, text)
		}
	}
}

func corpus(t *testing.T) map[string]scene {
	t.Helper()
	text, err := os.ReadFile("../testdata/decisions.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			ID       string
			Policies struct {
				Identity, Session         []json.RawMessage
				Resource, Trust, Boundary json.RawMessage
			}
			Principal                         struct{ Type, ARN, Role, User, Account, Service, Provider string }
			Action, Resource, ResourceAccount string
			Context                           map[string]any
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	scenes := make(map[string]scene)
	for _, c := range file.Cases {
		var s scene
		for _, document := range c.Policies.Identity {
			s.policies.Identity = append(s.policies.Identity, compile(t, iam.Identity, string(document)))
		}
		for _, document := range c.Policies.Session {
			s.policies.Session = append(s.policies.Session, compile(t, iam.Session, string(document)))
		}
		if c.Policies.Resource != nil {
			s.policies.Resource = compile(t, iam.Resource, string(c.Policies.Resource))
		}
		if c.Policies.Trust != nil {
			s.policies.Trust = compile(t, iam.Trust, string(c.Policies.Trust))
		}
		if c.Policies.Boundary != nil {
			s.policies.Boundary = compile(t, iam.Boundary, string(c.Policies.Boundary))
		}
		kind, err := iam.ParsePrincipalType(c.Principal.Type)
		if err != nil {
			t.Fatal(err)
		}
		p := c.Principal
		s.request = ask(
			iam.Principal{
				Type: kind, ARN: p.ARN, RoleARN: p.Role, UserARN: p.User, Account: p.Account,
				Service: p.Service, Provider: p.Provider,
			},
			c.Action,
			c.Resource,
			c.ResourceAccount,
		)
		for key, value := range c.Context {
			switch v := value.(type) {
			case string:
				s.request.Context.Set(key, v)
			case []any:
				values := make([]string, len(v))
				for i := range v {
					values[i] = v[i].(string)
				}
				s.request.Context.Set(key, values...)
			}
		}
		scenes[c.ID] = s
	}
	return scenes
}
